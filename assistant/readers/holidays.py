"""Holidays by name: "christmas", "new year's eve", "easter monday", "thanksgiving next year"."""

from __future__ import annotations

import datetime as dt

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from assistant.readers import english
from assistant.readers.words import Words


def take_holiday(words: Words, today: dt.date) -> dt.date | None:
    """Step over the name of a holiday; the next such day, today included, or None (and no step)."""
    start = words.at
    words.take("next", "this")
    for length in (4, 3, 2, 1):
        window = words.tokens[words.at : words.at + length]
        name = " ".join(window).replace("'", "")
        if len(window) < length or _holiday(name, today.year) is None:
            continue
        words.at += length
        if words.take_phrase("next year"):
            return _holiday(name, today.year + 1)
        words.take_phrase("this year")
        years = (today.year, today.year + 1)
        return next(day for year in years if (day := _holiday(name, year)) and day >= today)
    words.at = start
    return None


def _holiday(name: str, year: int) -> dt.date | None:
    """The holiday of a year; None for a name that is none."""
    if name in english.FIXED_HOLIDAYS:
        return dt.date(year, *english.FIXED_HOLIDAYS[name])
    if name in english.EASTER_HOLIDAYS:
        return easter(year) + dt.timedelta(days=english.EASTER_HOLIDAYS[name])
    if name in english.WEEKDAY_HOLIDAYS:
        month, weekday = english.WEEKDAY_HOLIDAYS[name]
        edge = dt.date(year, month, 1) if weekday.n > 0 else dt.date(year, month, 1) + relativedelta(day=31)
        return edge + relativedelta(weekday=weekday)
    return None
