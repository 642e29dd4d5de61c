"""Which alarms or reminders a sentence means, beyond the time that its call holds. No skill lives here."""

from __future__ import annotations

import datetime as dt
import re

from assistant.readers import Unreadable, read
from assistant.skill import Ask, Context, SkillError

_ALL = re.compile(r"\b(?:all|alarms|reminders|(?:every|each)(?: single)? (?:one|alarm|reminder))\b")
_BOTH = re.compile(r"\bboth\b")
_BUT = re.compile(r"\b(?:except|apart from|but|other than)\b")
_REMINDER = re.compile(r"\bremind(?:er|ers|ing)?\b")
_MOVE = re.compile(r"\b(?:change|move|shift|push|reschedule|postpone|put back|bring forward)\b")
_ABOUT = re.compile(r"\b(?:about|to|that|for) (.+)")
_DAY = re.compile(
    r"\b(?:(?:the )?day after tomorrow|today|tonight|tomorrow"
    r"|(?:every |this |next )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|week-?days?|week-?ends?))\b"
)


def means_reminder(context: Context) -> bool:
    """Whether "reminder" was said, and "alarm" was not."""
    said = context.said.casefold()
    return bool(_REMINDER.search(said)) and "alarm" not in said


def means_move(context: Context) -> bool:
    """Whether an alarm that there is shall ring at another time."""
    said = context.said.casefold()
    return bool(_MOVE.search(said)) and "alarm" in said


def means_every(context: Context, there: int) -> bool:
    """Whether "all" was said, or "both" where there are two.

    Raises:
        SkillError: all but some were said, which nobody can undo when it is misunderstood.
    """
    said = context.said.casefold()
    both = bool(_BOTH.search(said))
    if (both and there != 2) or not (both or _ALL.search(said)):
        return False
    if _BUT.search(said):
        raise SkillError("I can't cancel all but some; say which one to cancel.")
    return True


def about(context: Context) -> str:
    """What a reminder is about ("the vet" of "cancel my reminder about the vet"); "" where that was not said."""
    found = _ABOUT.search(context.said.casefold().rstrip(" .!?"))
    return "" if found is None or _DAY.fullmatch(found[1]) else found[1]


def day_said(context: Context) -> dt.date | None:
    """The day in the sentence, or the `Repeating` ones; None where none was said. Raises Ask: it cannot be read."""
    found = _DAY.search(context.said.casefold())
    if found is None:
        return None
    words = re.sub(r"^(week-?(?:day|end))$", r"\1s", found[0])
    try:
        day = read("date", words, now=context.now, household=context.household)
    except Unreadable as error:
        raise Ask("Which alarm? Say its time.", "time") from error
    assert isinstance(day, dt.date)  # noqa: S101 - what the reader of dates returns
    return day
