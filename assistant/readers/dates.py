"""Days: "tomorrow", "next tuesday", "the third of may", "in two weeks", "christmas", "friday evening", "every weekday".

A date without a year is the next one, today included. "This friday" is the next friday there is; "next friday" is the
one of next week, and weeks begin on monday.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from dateutil.relativedelta import relativedelta

from assistant.readers import english
from assistant.readers.calendar import is_no_day, take_calendar_date
from assistant.readers.durations import as_timedelta, take_seconds
from assistant.readers.holidays import take_holiday
from assistant.readers.numbers import take_number
from assistant.readers.times import take_in
from assistant.readers.words import Unreadable, Words

_SEVERAL = english.PERIODS | set(english.MONTHS)
_CONTINUES = ("of", "in", "on", "during", "at")


@dataclass(frozen=True, slots=True)
class Found:
    """A day as said; `part` is the name of a part of it or "", `weekdays` those of "every weekday"."""

    date: dt.date
    part: str = ""
    weekdays: frozenset[int] = frozenset()
    tonight: bool = False
    next_week_too: bool = False
    """Said as a weekday alone: where today's time has gone by, the same day of next week is meant."""
    eve: bool = False
    """Said as the eve of a day: its midnight is the one that ends it."""


@dataclass(frozen=True, slots=True)
class Today:
    """What a day is counted from."""

    now: dt.datetime
    month_first: bool = False
    """Whether 3/4 is the fourth of March."""

    @property
    def date(self) -> dt.date:
        """The date of now, where the household lives."""
        return self.now.date()


def take_date(words: Words, today: Today) -> Found | None:
    """Step over a day, and a part of it if one is said; None (and no step) if there is none."""
    start = words.at
    words.skip(english.PREPOSITIONS | english.FILLERS)
    early = words.take_phrase("first thing")
    words.skip(english.PREPOSITIONS if early else ())
    repeated = _take_repeating(words, today)
    if repeated is not None:
        return repeated
    alone = _take_part_alone(words, today)
    if alone is not None:
        return alone
    leading = _take_leading_part(words)
    before = words.at
    for take in _WAYS:
        day = take(words, today)
        if day is not None:
            said = words.tokens[before : words.at]
            weekday_alone = len(said) == 1 and _weekday_of(said[0]) is not None
            part = leading or take_part(words)
            if early or words.take_phrase("first thing"):
                part = part or take_part(words) or "morning"
            tonight = part == "night" and day == today.date
            return Found(day, part, tonight=tonight, next_week_too=weekday_alone, eve="eve" in said)
    words.at = start
    return None


def take_part(words: Words) -> str:
    """Step over "morning", "in the evening", "at night"; the part's name or ""."""
    start = words.at
    if words.take("in", "at", "during", "around"):
        words.take("the")
    part = _take_part_name(words)
    if part is None:
        words.at = start
    return part.name if part is not None else ""


def _take_part_name(words: Words) -> english.Part | None:
    """Step over "morning", "mornings" or "morning's"."""
    for word in (words.peek(), words.peek().removesuffix("'s"), words.peek().removesuffix("s")):
        if word in english.PARTS:
            words.at += 1
            return english.PARTS[word]
    return None


def refuse_date(words: Words) -> Unreadable:
    """The sentence for words that are no single day."""
    if is_no_day(words):
        return Unreadable(f'There is no such day as "{words.said}"; say which day.')
    weekdays = {english.WEEKDAYS[word] for word in words.tokens if word in english.WEEKDAYS}
    period = len(words.tokens) <= 3 and any(word.rstrip("s") in _SEVERAL for word in words.tokens)
    if period or len(weekdays) > 1:
        return Unreadable(f'"{words.said}" is more than one day; say which day.')
    return words.refuse("a day")


# --- parts of a day and days that come again --------------------------------------------------------------------------


def _take_part_alone(words: Words, today: Today) -> Found | None:
    """ "tonight", "this evening", "in the morning": a part of today, or of tomorrow where today's is over."""
    start = words.at
    if words.take("tonight", "tonight's", "tonights"):
        return Found(today.date, "night", tonight=True)
    if words.take_phrase("later today"):
        return Found(today.date)
    for part_of_yesterday in ("night", "evening"):
        if words.take_phrase(f"last {part_of_yesterday}"):
            return Found(today.date - dt.timedelta(days=1), part_of_yesterday)
    this = words.take("this")
    following = not this and bool(words.take("next"))
    if not (this or following):
        words.take("in", "at", "during")
        words.take("the")
    part = _take_part_name(words)
    if part is None or words.peek() in _CONTINUES:
        words.at = start
        return None
    over = following or (
        not this and (part.end <= today.now.hour or (part.name == "morning" and today.now.hour >= part.start))
    )
    day = today.date + dt.timedelta(days=int(over))
    return Found(day, part.name, tonight=part.name == "night" and not over)


def _take_leading_part(words: Words) -> str:
    """The morning of "the morning of the fifth"."""
    start = words.at
    words.take("the")
    name = words.take_in(english.PARTS)
    if name and words.take("of", "on"):
        return english.PARTS[name].name
    words.at = start
    return ""


_A_ROUTINE = 3
"""So many weekdays in one breath ("monday wednesday and friday") are those of every week."""
_EVERY_DAY = frozenset(range(7))
_WEEKDAYS = frozenset(range(5))
_WEEKEND = frozenset((5, 6))


def _take_repeating(words: Words, today: Today) -> Found | None:
    """ "every day", "weekdays", "every monday and thursday", "mondays", "monday to friday"."""
    start = words.at
    every = bool(words.take("every", "each"))
    weekdays, part = _take_repeated_days(words, every)
    if not weekdays:
        words.at = start
        return None
    part = part or take_part(words)
    first = next(d for d in range(7) if (today.date.weekday() + d) % 7 in weekdays)
    return Found(today.date + dt.timedelta(days=first), part, weekdays)


def _take_repeated_days(words: Words, every: bool) -> tuple[frozenset[int], str]:
    if words.take("daily", "everyday") or (every and words.take("day", "single")):
        words.take("day")
        return _EVERY_DAY, ""
    if every and words.peek() in english.PARTS:
        return _EVERY_DAY, english.PARTS[words.take_in(english.PARTS)].name
    if words.take("weekdays") or words.take_phrase("week days"):
        return _WEEKDAYS, ""
    if every and any(words.take_phrase(day) for day in ("weekday", "workday", "week day", "working day")):
        return _WEEKDAYS, ""
    if words.take("weekends") or (every and words.take("weekend")):
        return _WEEKEND, ""
    return _take_repeated_names(words, every), ""


def _take_repeated_names(words: Words, every: bool) -> frozenset[int]:
    """ "mondays and thursdays"; without "every", one must be plural, or they make a range, or there are three."""
    names = list[int]()
    plural = every
    while True:
        words.take("and") if names else None
        word = words.peek()
        singular = word.removesuffix("s") if word not in english.WEEKDAYS else word
        if singular not in english.WEEKDAYS:
            break
        plural |= word != singular
        words.at += 1
        names.append(english.WEEKDAYS[singular])
        if len(names) == 1 and words.peek() in ("to", "through") and words.peek(1) in english.WEEKDAYS:
            last = english.WEEKDAYS[words.peek(1)]
            words.at += 2
            return frozenset((names[0] + step) % 7 for step in range((last - names[0]) % 7 + 1))
    return frozenset(names) if plural or len(set(names)) >= _A_ROUTINE else frozenset()


# --- single days ------------------------------------------------------------------------------------------------------


def take_named(words: Words, today: Today) -> dt.date | None:
    """ "today", "tomorrow", "the day after tomorrow", "yesterday"."""
    words.take("the") if words.peek(1) == "day" else None
    for phrase, days in _NAMED_DAYS:
        if words.take_phrase(phrase):
            return today.date + dt.timedelta(days=days)
    return None


_NAMED_DAYS = (
    ("day after tomorrow", 2),
    ("day before yesterday", -2),
    ("today week", 7),
    ("today", 0),
    ("today's", 0),
    ("todays", 0),
    ("right now", 0),
    ("now", 0),
    ("tomorrow week", 8),
    ("tomorrow", 1),
    ("tomorrow's", 1),
    ("tomorrows", 1),
    ("tmrw", 1),
    ("yesterday", -1),
    ("yesterday's", -1),
    ("yesterdays", -1),
)


def _weekday_of(word: str) -> int | None:
    return english.WEEKDAYS.get(word.removesuffix("'s"))


def take_weekday(words: Words, today: Today) -> dt.date | None:
    """ "friday", "this friday", "next friday", "last friday", "friday next week", "friday week", "a week on friday"."""
    start = words.at
    weeks = 1 if words.take_phrase("a week on") or words.take_phrase("a week from") else 0
    words.take("the")
    which = words.take("this", "next", "last", "coming")
    words.take("coming") if which == "this" else None
    index = _weekday_of(words.peek())
    if index is None:
        words.at = start
        return None
    words.at += 1
    ahead = (index - today.date.weekday()) % 7
    monday = today.date - dt.timedelta(days=today.date.weekday())
    if which == "next" or words.take_phrase("next week") or words.take_phrase("of next week"):
        return monday + dt.timedelta(weeks=1 + weeks, days=index)
    if which == "last":
        return today.date - dt.timedelta(days=(today.date.weekday() - index - 1) % 7 + 1)
    weeks += bool(not which and words.take("week"))
    return today.date + dt.timedelta(days=ahead, weeks=weeks)


def _take_weekend(words: Words, today: Today) -> dt.date | None:
    """The weekend's saturday; on a sunday "this weekend" is that sunday."""
    start = words.at
    which = words.take("this", "the", "next", "coming")
    words.take("coming")
    if not words.take("weekend", "weekend's") and not words.take_phrase("week end"):
        words.at = start
        return None
    weekday = today.date.weekday()
    if which == "next":
        return today.date + dt.timedelta(days=7 - weekday + 5)
    return today.date + dt.timedelta(days=0 if weekday >= 5 else 5 - weekday)


def _take_holiday(words: Words, today: Today) -> dt.date | None:
    return take_holiday(words, today.date)


def _take_relative(words: Words, today: Today) -> dt.date | None:
    """ "in two weeks", "ten days from now", "three days ago", "a week from tomorrow", "a week today", "in an hour"."""
    start = words.at
    inside = take_in(words)
    words.skip(english.FILLERS)
    span = _take_calendar_span(words)
    seconds = take_seconds(words) if span is None else None
    if span is None and seconds is None:
        words.at = start
        return None
    back = bool(words.take("ago"))
    origin: dt.date | None = today.date
    if not back and (words.take("from", "after") or (span is not None and words.peek() in ("today", "tomorrow"))):
        if not words.take("now"):
            anchor = take_date(words, today)
            origin = anchor.date if anchor is not None else None
    elif not (back or inside or words.take("later") or (start == 0 and words.done and words.language == "en")):
        origin = None
    if origin is None:
        words.at = start
        return None
    if span is not None:
        return origin - span if back else origin + span
    delta = as_timedelta(seconds or Fraction(0))
    return (today.now - delta if back else today.now + delta).date()


def _take_calendar_span(words: Words) -> relativedelta | None:
    """ "two weeks", "a month and three days": whole days, weeks, months, years."""
    start = words.at
    counts = dict[str, int]()
    while True:
        before = words.at
        words.take("and") if counts else None
        number = take_number(words)
        amount = 1 if number is None and words.take("a", "an", "one") else number
        unit = english.CALENDAR_UNITS.get(words.peek())
        if amount is None or unit is None or unit in counts or amount != int(amount) or not 0 <= amount < 10_000_000:
            words.at = before
            break
        words.at += 1
        words.take("'s", "time")
        counts[unit] = int(amount)
    if not counts or words.peek() in english.SECONDS:
        words.at = start
        return None
    return relativedelta(
        days=counts.get("days", 0),
        weeks=counts.get("weeks", 0),
        months=counts.get("months", 0),
        years=counts.get("years", 0),
    )


def _take_calendar(words: Words, today: Today) -> dt.date | None:
    """A day of the calendar; its weekday may stand before it ("friday october 23rd"), but no other."""
    start = words.at
    weekday = _weekday_of(words.peek())
    words.at += weekday is not None
    day = take_calendar_date(words, today.date, month_first=today.month_first)
    if day is None or weekday not in (None, day.weekday()):
        words.at = start
        return None
    return day


_WAYS: tuple[Callable[[Words, Today], dt.date | None], ...] = (
    take_named,
    _take_calendar,
    _take_relative,
    take_weekday,
    _take_weekend,
    _take_holiday,
)
