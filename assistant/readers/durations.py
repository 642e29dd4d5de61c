"""Lengths of time: "an hour and a half", "ninety seconds", "1 h 20 min", "three quarters of an hour"."""

from __future__ import annotations

import datetime as dt
import re
from fractions import Fraction

from assistant.readers import english, others
from assistant.readers.numbers import take_fraction, take_number
from assistant.readers.words import Unreadable, Words

_LONGEST_S = 100 * 366 * 86400
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d))?")
_NEXT_SMALLER = {3600: 60, 60: 1}
_TAIL = english.MORE | {"longer", "long", "later", "please"}


def read_duration(words: Words) -> dt.timedelta:
    """Read a length of time.

    Raises:
        Unreadable: none was said, or its unit is missing ("ten"), or it could be two things ("2:30").
    """
    words.skip(english.FILLERS | {"for", "in", "by", "after", "of"})
    words.take("an", "a") if words.peek(1) in english.MORE else None  # "an extra five minutes"
    seconds = take_seconds(words)
    if not words.take_phrase("or so"):
        words.skip(_TAIL)
    if seconds is None or not words.done:
        raise words.refuse("a length of time")
    return as_timedelta(seconds)


def as_timedelta(seconds: Fraction) -> dt.timedelta:
    """Seconds as a timedelta. Raises Unreadable when they are more than a hundred years."""
    if seconds > _LONGEST_S:
        raise Unreadable("That is longer than I can count.")
    return dt.timedelta(microseconds=round(seconds * 1_000_000))


def take_seconds(words: Words) -> Fraction | None:
    """Step over a length of time; None (and no step) if there is none."""
    start = words.at
    clock = _take_clock(words)
    if clock is not None:
        return clock
    total, units = Fraction(0), set[int]()
    while True:
        before = words.at
        if units:
            words.take(others.AND.get(words.language, "and"))
        part = _take_part(words)
        if part is None or part[1] in units:
            words.at = before
            break
        total += part[0] * part[1]
        units.add(part[1])
        total += _take_bare(words, part[1])
    if not units:
        words.at = start
        return None
    return total


def _take_clock(words: Words) -> Fraction | None:
    """`2:30 minutes`, `1:20 hours`, `1:05:00`."""
    match = _CLOCK.fullmatch(words.peek())
    if match is None:
        return None
    first, second, third = int(match[1]), int(match[2]), match[3]
    if third is not None:
        words.at += 1
        words.take("hours", "hour", "h")
        return Fraction(first * 3600 + second * 60 + int(third))
    unit = english.SECONDS.get(words.peek(1), 0)
    if unit not in _NEXT_SMALLER:
        return None
    words.at += 2
    return Fraction(first * unit + second * _NEXT_SMALLER[unit])


def _take_part(words: Words) -> tuple[Fraction, int] | None:
    """One amount and its unit in seconds."""
    start = words.at
    words.skip(english.MORE)
    amount = take_number(words)
    if amount is None and words.take_in(others.ONE.get(words.language, ())):
        amount = Fraction(1)
    if amount is None and words.at > start:  # "another minute"
        amount = Fraction(1)
    if amount is None or amount < 0:
        words.at = start
        return None
    words.skip(english.MORE)
    words.take("-")
    words.take("of")
    words.take("a", "an")
    table = others.SECONDS.get(words.language, english.SECONDS)
    unit = words.take_in(table)
    if not unit:
        words.at = start
        return None
    return amount + _take_trailing_fraction(words), table[unit]


def _take_trailing_fraction(words: Words) -> Fraction:
    """The half of "an hour and a half", unless it has a unit of its own ("an hour and half a minute")."""
    start = words.at
    if words.take("and"):
        part = take_fraction(words)
        follows = words.peek()
        if part is not None and follows not in english.SECONDS and follows not in ("a", "an", "of"):
            return part
    words.at = start
    return Fraction(0)


def _take_bare(words: Words, unit: int) -> int:
    """The twenty of "one hour twenty" or of "1 h 20", in seconds; 0 if what follows has its own unit."""
    if unit not in _NEXT_SMALLER:
        return 0
    start = words.at
    words.take("and")
    number = take_number(words)
    if number is not None and words.done and number.denominator == 1 and 0 < number < 60:
        return int(number) * _NEXT_SMALLER[unit]
    words.at = start
    return 0
