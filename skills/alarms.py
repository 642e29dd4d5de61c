"""Alarms at a time of day, and reminders of something to do."""

from __future__ import annotations

from assistant.skill import Context, Date, SkillError, Time, When, skill


@skill(
    examples=[
        "set an alarm for [seven am](time)",
        "wake me up at [six thirty](time)",
        "wake me at [half past seven](time) [tomorrow](day)",
        "alarm at [7:15](time)",
        "set my alarm for [quarter to six](time)",
        "please set an alarm for [6 a.m.](time) [tomorrow morning](day)",
        "i need to get up at [five](time) on [monday](day)",
        "can you wake me up [tomorrow](day) at [eight](time)",
        "set an alarm for [noon](time)",
        "put an alarm on for [ten at night](time)",
        "[friday](day) alarm for [4 pm](time)",
        "make sure i'm up by [six forty five](time)",
        "i want an alarm [next tuesday](day) at [nine o'clock](time)",
        "alarm [eight thirty pm](time) [tonight](day)",
        "get me out of bed at [7](time)",
        "could you set an alarm for [twenty past five](time) please",
        "wake me up at [seven](time) [every weekday](day)",
        "set an alarm for [8 am](time) [every saturday](day)",
        "i have a flight wake me [the day after tomorrow](day) at [3:45 am](time)",
        "set an alarm for [midnight](time)",
        "schedule an alarm on [december third](day) for [11 a.m.](time)",
        "ring me at [two in the afternoon](time)",
        "new alarm [06:00](time)",
        "[seven o'clock](time) alarm please",
    ]
)
def set_alarm(context: Context, *, time: Time, day: Date | None = None) -> str:
    """Ring at a time of day, on a day or the next time it comes round."""
    raise SkillError("I can't do that yet.")


@skill(
    examples=[
        "cancel my alarm",
        "delete the alarm",
        "cancel the [seven am](time) alarm",
        "turn off the alarm for [six thirty](time)",
        "remove my [half past eight](time) alarm please",
        "i don't need the alarm anymore",
        "please cancel tomorrow's alarm",
        "get rid of the alarm at [5:45](time)",
        "switch off my morning alarm",
        "forget the [nine o'clock](time) alarm",
        "kill the [7 pm](time) alarm",
        "no alarm tomorrow please",
        "could you clear my alarm for [quarter past six](time)",
        "disable the alarm",
        "don't wake me up tomorrow",
        "drop the [noon](time) alarm",
    ]
)
def cancel_alarm(context: Context, *, time: Time | None = None) -> str:
    """Take an alarm off again."""
    raise SkillError("I can't do that yet.")


@skill(
    examples=[
        "what alarms do i have",
        "list my alarms",
        "when is my alarm set for",
        "do i have any alarms",
        "show me my alarms please",
        "what time is my alarm",
        "is my alarm on",
        "tell me which alarms are set",
        "are any alarms set for tomorrow",
        "read out my alarms",
        "did you set the alarm",
        "when are you waking me up",
        "check my alarm settings",
        "alarm status",
        "what reminders do i have",
        "list my reminders",
        "when does my next alarm go off",
    ]
)
def list_alarms(context: Context) -> str:
    """Say which alarms and reminders are set."""
    raise SkillError("I can't do that yet.")


@skill(
    examples=[
        "remind me to [call mum](what) at [six](when)",
        "remind me to [take out the trash](what)",
        "remind me [tomorrow](when) to [water the plants](what)",
        "[in twenty minutes](when) remind me to [check the oven](what)",
        "set a reminder to [pay the rent](what) on [friday](when)",
        "remind me about [the dentist](what) at [half past two](when)",
        "please remind me to [buy flowers](what) [next friday at noon](when)",
        "don't let me forget to [feed the cat](what) [tonight](when)",
        "make a reminder for [the meeting with sam](what) [tomorrow at 9 am](when)",
        "can you remind me that [the car needs petrol](what) [tomorrow morning](when)",
        "i need a reminder to [take my pills](what) at [eight pm](when)",
        "reminder [pick up the kids](what) at [3:15](when)",
        "remind me on [monday at ten](when) to [send the report](what)",
        "remind me to [lock the back door](what)",
        "tell me to [stretch](what) [in an hour](when)",
        "remind me [this weekend](when) to [clean the gutters](what)",
        "would you remind me [the day after tomorrow](when) about [my library books](what)",
        "remind me to [book a table](what) [in two weeks](when)",
        "set a reminder for [grandma's birthday](what) on [may 3rd](when)",
        "nudge me about [the washing machine](what) [in half an hour](when)",
        "remind me on [the fifth at four pm](when) to [renew my passport](what)",
        "remember to tell me [friday evening](when) that [the game is on](what)",
    ]
)
def remind(context: Context, *, what: str, when: When | None = None) -> str:
    """Say something to the household at a later time."""
    raise SkillError("I can't do that yet.")
