"""Alarms at a time of day, and reminders of something to do."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Sequence, Sized

from assistant.readers import say_date, say_list, say_time
from assistant.skill import (
    Announcement,
    Ask,
    Context,
    Date,
    Repeating,
    SkillError,
    Time,
    When,
    due,
    on_stop,
    skill,
)
from skills import _alarm_words
from skills._alarm_rows import RINGING, WAITING, Alarm, alarms_of, next_moment, opened, wall
from skills._names import matches

LATE_S = 90
"""Later than this, the program was not running when it was time."""
RINGS_S = 1800
"""An alarm that nobody stopped counts as ringing for this long."""


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
    moved = _moved(context) if _alarm_words.means_move(context) else None
    if moved is not None and day is None and moved.weekdays:
        day = Repeating.on(context.now.date(), frozenset(map(int, moved.weekdays)))
    weekdays = day.weekdays if isinstance(day, Repeating) else frozenset[int]()
    if day is None or weekdays:
        moment = next_moment(time, weekdays or frozenset(range(7)), context.now)
    else:
        moment = dt.datetime.combine(day, time, context.now.tzinfo)
        if moment.timestamp() <= context.now.timestamp():
            gone = f"{say_time(time, context.household.twelve_hour)} {say_date(day, context.now)}"
            raise SkillError(f"{gone[0].upper()}{gone[1:]} has gone by already.")
    alarm = Alarm(0, moment.timestamp(), time.isoformat(), "".join(map(str, sorted(weekdays))), WAITING)
    with opened(context) as db:
        same = [a for a in alarms_of(db, WAITING) if (a.due_at, a.weekdays) == (alarm.due_at, alarm.weekdays)]
        if not same:
            db.execute(
                "INSERT INTO alarms (due_at, clock, weekdays, state) VALUES (?, ?, ?, ?)",
                (alarm.due_at, alarm.clock, alarm.weekdays, alarm.state),
            )
        if moved is not None and moved.id not in [a.id for a in same]:
            db.execute("DELETE FROM alarms WHERE id = ?", (moved.id,))
            return f"Your alarm is moved from {moved.label(context)} to {alarm.label(context)}."
    already = "already " if same else ""
    return f"Your alarm is {already}set for {alarm.label(context)}."


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
    if _alarm_words.means_reminder(context):
        return _forget_reminders(context, time)
    day = _alarm_words.day_said(context)
    with opened(context) as db:
        ringing, waiting = alarms_of(db, RINGING), alarms_of(db, WAITING)
        every = _alarm_words.means_every(context, len(waiting))
        of_now = (time is None or not _at(waiting, time)) and day in (None, context.now.date())
        if ringing and (of_now if not every else not waiting):
            db.execute("DELETE FROM alarms WHERE state = ?", (RINGING,))
            context.stop()
            return "The alarm is off."
        found = waiting if time is None else _at(waiting, time)
        found = found if day is None else _on(found, day, context)
        if not found:
            raise SkillError(_none_of(waiting, context))
        if len(found) > 1 and not every:
            raise _which(found, context)
        over = ringing if every else []
        db.executemany("DELETE FROM alarms WHERE id = ?", [(alarm.id,) for alarm in [*found, *over]])
    if over:
        context.stop()
    if len(found) > 1:
        return f"I cancelled {_count(found, 'alarm')}: {say_list([alarm.label(context) for alarm in found])}."
    return f"The alarm for {found[0].label(context)} is cancelled."


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
    with opened(context) as db:
        alarms = [alarm.label(context) for alarm in alarms_of(db, WAITING)]
        rows = db.execute("SELECT due_at, what FROM reminders ORDER BY due_at, id").fetchall()
    reminders = [f"{_turned(what)} {_say_moment(wall(due_at, context), context)}" for due_at, what in rows]
    if not alarms and not reminders:
        return "No alarm is set, and no reminder."
    parts = []
    if alarms:
        parts.append(f"You have {_count(alarms, 'alarm')}: {say_list(alarms)}.")
    if reminders:
        parts.append(f"You have {_count(reminders, 'reminder')}: {say_list(reminders)}.")
    return " ".join(parts)


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
    if when is None:
        raise Ask(f"When shall I remind you: {_turned(what)}?", "when")
    if when.timestamp() <= context.now.timestamp():
        raise SkillError("That moment has gone by already.")
    with opened(context) as db:
        db.execute("INSERT INTO reminders (due_at, what) VALUES (?, ?)", (when.timestamp(), what))
    return f"I will remind you {_say_moment(wall(when.timestamp(), context), context)}: {_turned(what)}."


@due
def ring_alarms(context: Context) -> list[Announcement]:
    """Announce alarms and reminders whose time has come, each exactly once, even if two programs ask at once."""
    now = context.now.timestamp()
    with opened(context) as db:
        db.execute("DELETE FROM alarms WHERE state = ? AND due_at < ?", (RINGING, now - RINGS_S))
        alarms = [alarm for alarm in alarms_of(db, WAITING) if alarm.due_at <= now]
        for alarm in alarms:
            _ring(db, alarm, context)
        reminders = db.execute("DELETE FROM reminders WHERE due_at <= ? RETURNING due_at, what", (now,)).fetchall()
    announcements = [_announce_alarm(alarm, context) for alarm in alarms]
    return announcements + [_announce_reminder(due_at, what, context) for due_at, what in sorted(reminders)]


@on_stop
def silence_alarms(context: Context) -> None:
    """Forget the alarms that are ringing; those that come again keep waiting."""
    with opened(context) as db:
        db.execute("DELETE FROM alarms WHERE state = ?", (RINGING,))


def _ring(db: sqlite3.Connection, alarm: Alarm, context: Context) -> None:
    """Note that an alarm rings now; one that comes again waits for its next day."""
    if not alarm.weekdays:
        db.execute("UPDATE alarms SET state = ? WHERE id = ?", (RINGING, alarm.id))
        return
    following = next_moment(alarm.time, frozenset(map(int, alarm.weekdays)), context.now)
    db.execute("UPDATE alarms SET due_at = ? WHERE id = ?", (following.timestamp(), alarm.id))
    db.execute(
        "INSERT INTO alarms (due_at, clock, weekdays, state) VALUES (?, ?, ?, ?)",
        (alarm.due_at, alarm.clock, "", RINGING),
    )


def _announce_alarm(alarm: Alarm, context: Context) -> Announcement:
    moment = wall(alarm.due_at, context)
    time = say_time(moment.time(), context.household.twelve_hour)
    if context.now.timestamp() - alarm.due_at <= LATE_S:
        return Announcement(f"It is {time}. This is your alarm.", ring=True)
    return Announcement(f"While I was off, your alarm was due {_say_moment(moment, context)}.")


def _announce_reminder(due_at: float, what: str, context: Context) -> Announcement:
    if context.now.timestamp() - due_at <= LATE_S:
        return Announcement(f"A reminder: {_turned(what)}.")
    moment = _say_moment(wall(due_at, context), context)
    return Announcement(f"While I was off, this reminder was due {moment}: {_turned(what)}.")


def _at(alarms: Sequence[Alarm], time: dt.time) -> list[Alarm]:
    """The alarms at this time; if there are none, those at the same time of the other half of the day."""
    other = time.replace(hour=(time.hour + 12) % 24)
    return [alarm for alarm in alarms if alarm.time == time] or [alarm for alarm in alarms if alarm.time == other]


def _on(alarms: Sequence[Alarm], day: dt.date, context: Context) -> list[Alarm]:
    """The alarms of a day. Raises SkillError where one that comes again would only be left out that day."""
    if isinstance(day, Repeating):
        again = [alarm for alarm in alarms if set(alarm.weekdays) & set(map(str, day.weekdays))]
        return again or [alarm for alarm in alarms if wall(alarm.due_at, context).weekday() in day.weekdays]
    once = [alarm for alarm in alarms if not alarm.weekdays and wall(alarm.due_at, context).date() == day]
    again = [alarm for alarm in alarms if str(day.weekday()) in alarm.weekdays]
    if again and not once:
        raise SkillError(
            f"The alarm for {again[0].label(context)} cannot be left out once; say its time, and I cancel it for good."
        )
    return once


def _which(found: Sequence[Alarm], context: Context) -> Exception:
    """What asks for the time; where that is the same for all, the sentence that says how to tell them apart."""
    labels = [alarm.label(context) for alarm in found]
    if len({alarm.clock for alarm in found}) > 1:
        return Ask(f"Which alarm: {say_list(labels, 'or')}?", "time")
    return SkillError(f"There are {len(found)} of them: {say_list(labels)}. Say the day, too, or cancel all alarms.")


def _moved(context: Context) -> Alarm | None:
    """The alarm that shall ring at another time; None where there is none. Raises SkillError: it may be several."""
    with opened(context) as db:
        waiting = alarms_of(db, WAITING)
    if len(waiting) > 1:
        labels = say_list([alarm.label(context) for alarm in waiting])
        raise SkillError(f"You have {_count(waiting, 'alarm')}: {labels}. Cancel the one you mean, and set a new one.")
    return waiting[0] if waiting else None


def _forget_reminders(context: Context, time: dt.time | None) -> str:
    """Take off the reminders that are meant. Raises SkillError: there is none, or it may be several."""
    day, topic = _alarm_words.day_said(context), _alarm_words.about(context)
    with opened(context) as db:
        rows = db.execute("SELECT id, due_at, what FROM reminders ORDER BY due_at, id").fetchall()
        every = _alarm_words.means_every(context, len(rows))
        there = [(id_, wall(due_at, context), what) for id_, due_at, what in rows]
        found = [row for row in there if day is None or row[1].date() == day]
        found = [row for row in found if time is None or row[1].time() == time]
        if topic and time is None:
            whats = [what for _, _, what in found]
            meant = matches(topic, whats) or matches(_turned(topic), list(map(_turned, whats)))
            found = [found[index] for index in meant]
        told = [f"{_turned(what)} {_say_moment(moment, context)}" for _, moment, what in found or there]
        if not found:
            raise SkillError(
                f"There is no such reminder; there is {say_list(told)}." if told else "No reminder is set."
            )
        if len(found) > 1 and not every:
            raise SkillError(f"There are {_count(found, 'reminder')}: {say_list(told)}. Say what it is about.")
        db.executemany("DELETE FROM reminders WHERE id = ?", [(id_,) for id_, _, _ in found])
    if len(found) > 1:
        return f"I cancelled {_count(found, 'reminder')}: {say_list(told)}."
    return f"The reminder is cancelled: {told[0]}."


def _none_of(waiting: Sequence[Alarm], context: Context) -> str:
    if not waiting:
        return "No alarm is set."
    return f"There is no such alarm; there is {say_list([alarm.label(context) for alarm in waiting])}."


def _say_moment(moment: dt.datetime, context: Context) -> str:
    day = say_date(moment.date(), context.now)
    return f"{day} at {say_time(moment.time(), context.household.twelve_hour)}"


def _count(items: Sized, what: str) -> str:
    return f"{len(items)} {what}{'' if len(items) == 1 else 's'}"


_TURNED = {
    "i": "you",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "i'm": "you're",
    "i've": "you've",
    "i'll": "you'll",
    "i'd": "you'd",
    "i am": "you are",
    "am i": "are you",
}
_TURNING = re.compile(r"\bi am\b|(?<!\d )\bam i\b|[\w']+", re.IGNORECASE)
"""Beside "i" alone is "am" a verb: "the train at 7 am"."""


def _turned(what: str) -> str:
    """What the household said of itself, said back to it: "take my pills" -> "take your pills"."""
    return _TURNING.sub(lambda word: _TURNED.get(word[0].lower(), word[0]), what)
