"""The time and the date, here and elsewhere."""

from __future__ import annotations

from assistant.skill import Context, Date, SkillError, skill


@skill(
    examples=[
        "what time is it",
        "what's the time",
        "what's the time please",
        "tell me the time",
        "do you have the time",
        "could you tell me what time it is right now",
        "how late is it",
        "hey what time do you have",
        "is it noon yet",
        "current time please",
        "time",
        "what time is it in [tokyo](place)",
        "what's the time in [new york city](place) right now",
        "tell me the current time in [sydney australia](place)",
        "[london](place) time please",
        "what is [berlin](place)'s local time",
        "do you know what time it is over in [los angeles](place)",
        "if i call my sister in [brazil](place) now what time is it there",
        "can you tell me what time zone [denver](place) is in",
        "what's the time difference to [hong kong](place)",
        "how late is it in [paris](place) at the moment",
        "what time is it on the [east coast](place)",
        "give me the time in [pacific time](place)",
    ]
)
def tell_time(context: Context, *, place: str | None = None) -> str:
    """Say what time it is, here or in another place."""
    raise SkillError("I can't do that yet.")


@skill(
    examples=[
        "what's the date",
        "what day is it",
        "what's today's date",
        "what is the date today please",
        "tell me the date",
        "which day of the week is it",
        "could you tell me what the date is",
        "i forgot what day it is today",
        "what month are we in",
        "what year is it",
        "what's the date [tomorrow](day)",
        "what day was [yesterday](day)",
        "what's the date [next friday](day)",
        "what day of the week is [december twenty fifth](day)",
        "what day does [christmas](day) fall on this year",
        "which weekday is [the third of may](day)",
        "tell me the date for [next tuesday](day) please",
        "what will the date be [in two weeks](day)",
        "what day of the week was [july 4th 1976](day)",
        "on what day does [the twelfth of june](day) fall",
        "is [the 21st](day) a saturday",
        "how long until [new year's eve](day)",
        "how many days till [halloween](day)",
        "[the day after tomorrow](day) is what date",
    ]
)
def tell_date(context: Context, *, day: Date | None = None) -> str:
    """Say the date and the weekday, of today or of another day."""
    raise SkillError("I can't do that yet.")
