"""Several days in a row: "this week", "the next three days", "saturday and sunday", "monday to wednesday"."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from assistant.readers import english
from assistant.readers.dates import Today, take_named, take_weekday
from assistant.readers.numbers import take_number
from assistant.readers.words import Words


def take_several_days(words: Words, today: Today) -> tuple[dt.date, int] | None:
    """Step over "this week", "the next three days", "saturday and sunday"; the first day, and how many."""
    start = words.at
    row = _take_row(words, today)
    if row is not None:
        return row
    words.skip(english.PREPOSITIONS | {"over", "during", "the", "all", "whole", "rest", "of"})
    which = words.take("this", "next", "coming", "following")
    words.skip(("whole", "coming"))
    number = take_number(words) or (Fraction(3) if words.take("few") else None)
    unit = words.take("week", "week's", "weeks", "days")
    count = int(number or 1) * (1 if unit == "days" else 7)
    if not unit or (unit == "days" and number is None) or not 1 <= count <= 31:
        words.at = start
        return None
    if unit.startswith("week") and number is None:
        monday = today.date - dt.timedelta(days=today.date.weekday())
        if which in ("next", "following"):
            return monday + dt.timedelta(weeks=1), 7
        return today.date, 7 - today.date.weekday() if which != "coming" else 7
    return today.date, count


def _take_row(words: Words, today: Today) -> tuple[dt.date, int] | None:
    """ "today and tomorrow", "friday saturday and sunday", "monday to wednesday": days that follow one another."""
    start = words.at
    words.skip(english.PREPOSITIONS)
    first = last = take_named(words, today) or take_weekday(words, today)
    while last is not None:
        before = words.at
        joined = words.take("and", "or", "to", "through", "till", "until")
        day = take_named(words, today) or take_weekday(words, today)
        if day is None:
            words.at = before
            break
        day += dt.timedelta(weeks=1 if day <= last else 0)
        if joined in ("", "and", "or") and (day - last).days != 1:
            break
        last = day
    if first is None or last is None or last == first:
        words.at = start
        return None
    return first, (last - first).days + 1
