"""Words -> values: the model points at words, a reader turns them into a duration, a number, a time, a day ...

A reader never guesses and never falls back on a default: what it cannot read is `Unreadable`, with a sentence for the
speaker. English is complete; what other languages have is in `others`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from assistant.readers.dates import Today
from assistant.readers.durations import read_duration
from assistant.readers.expressions import read_expression
from assistant.readers.moments import part_of_date, read_date, read_day, read_when
from assistant.readers.numbers import read_level, read_number
from assistant.readers.past import read_past
from assistant.readers.saying import (
    say_date,
    say_duration,
    say_full_date,
    say_list,
    say_number,
    say_time,
    say_weekdays,
)
from assistant.readers.times import read_time
from assistant.readers.words import Unreadable, Unsettled, Words
from assistant.skill import Argument, Household, Skill

__all__ = [
    "Unreadable",
    "Unsettled",
    "read",
    "read_arguments",
    "say_date",
    "say_duration",
    "say_full_date",
    "say_list",
    "say_number",
    "say_time",
    "say_weekdays",
]

_READERS: Mapping[str, Callable[[Words, Today], Any]] = {
    "duration": lambda words, _: read_duration(words),
    "level": lambda words, _: read_level(words),
    "time": lambda words, today: read_time(words, today.now),
    "date": read_date,
    "day": read_day,
    "when": read_when,
    "past": read_past,
    "expression": lambda words, _: read_expression(words),
}
_FLAGS = {"yes": True, "no": False}
_QUESTIONS = {
    "duration": "For how long?",
    "number": "How much?",
    "level": "To which level?",
    "time": "At what time?",
    "date": "On which day?",
    "day": "For when?",
    "when": "When?",
    "past": "When was it?",
    "expression": "What shall I calculate?",
}
"""What is asked for a kind of argument that was not said; for other kinds it is named."""


def read(kind: str, words: str, *, now: datetime, household: Household) -> Any:
    """Turn words into the value of a kind.

    Args:
        kind: text, duration, number, level (a number of 0 to 100), time, date, day, when, past (a when that has
            gone by), expression, choice or flag.
        words: as they stand in the transcript, or the choice picked.
        now: the household's wall clock, with its time zone.
    Returns:
        str, timedelta, float, time, date (or `Repeating`), PartOfDay, aware datetime, an expression in symbols, bool.
    Raises:
        Unreadable: the words are no such value; the message is one sentence for the speaker.
    """
    if kind in ("text", "choice"):
        return _read_text(words)
    if kind == "flag":
        if words not in _FLAGS:
            raise Unreadable(f'I could not understand "{words}" as yes or no.')
        return _FLAGS[words]
    try:
        if kind == "number":
            return read_number(Words(words, household.language), household.units)
        return _READERS[kind](Words(words, household.language), _today(now, household))
    except (OverflowError, ValueError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable("That is further than I can count.") from error


def read_arguments(skill: Skill, words: Mapping[str, str], *, now: datetime, household: Household) -> dict[str, Any]:
    """Turn the words of each argument into the values that the skill's function takes.

    A part of the day said with a date counts for the time beside it: "seven" with "tomorrow evening" is 19:00. A date
    said with a time is the one on which that time comes: "one" with "friday night" is saturday's, and a weekday whose
    time has gone by today ("friday", "seven", on a friday noon) is that of next week.

    Raises:
        Unreadable: an argument cannot be read, is missing or unknown; `.argument` names it.
    """
    values = dict[str, Any]()
    for name in words:
        if all(name != argument.name for argument in skill.arguments):
            raise _about(name, Unreadable(f"{skill.name} takes no {name}."))
    for argument in skill.arguments:
        try:
            if argument.name in words:
                values[argument.name] = _read_argument(skill, argument, words, now, household)
            elif argument.required:
                raise Unreadable(_QUESTIONS.get(argument.reader) or f"Which {argument.name.replace('_', ' ')}?")
        except Unreadable as error:
            raise _about(argument.name, error) from None
    times = [values[a.name] for a in skill.arguments if a.kind == "time" and a.name in values]
    for argument in _dates(skill, words) if times else ():
        said = Words(words[argument.name], household.language)
        values[argument.name] = read_date(said, _today(now, household), times[0])
    return values


def _about(name: str, error: Unreadable) -> Unreadable:
    error.argument = name
    return error


def _today(now: datetime, household: Household) -> Today:
    return Today(now, month_first=household.units == "imperial")


def _read_text(words: str) -> str:
    text = " ".join(words.split())
    if not text:
        raise Unreadable("I heard nothing there that I can use.")
    return text


def _read_argument(
    skill: Skill, argument: Argument, words: Mapping[str, str], now: datetime, household: Household
) -> Any:
    said = words[argument.name]
    if argument.choices and said not in argument.choices:
        raise Unreadable(f'"{said}" is not one of {say_list(argument.choices, "or")}.')
    if argument.kind == "time":
        part = _part_said(skill, words, now, household)
        if part:
            return read_time(Words(said, household.language), now, part)
    kind = "level" if argument.kind == "number" and argument.name == "level" else argument.reader
    value = read(kind, said, now=now, household=household)
    if argument.whole:
        if value != int(value):
            raise Unreadable("I need a whole number there.")
        return int(value)
    return value


def _dates(skill: Skill, words: Mapping[str, str]) -> list[Argument]:
    return [argument for argument in skill.arguments if argument.kind == "date" and argument.name in words]


def _part_said(skill: Skill, words: Mapping[str, str], now: datetime, household: Household) -> str:
    for argument in _dates(skill, words):
        return part_of_date(Words(words[argument.name], household.language), _today(now, household))
    return ""
