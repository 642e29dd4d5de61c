"""Days of the calendar: "the third of may", "may 3rd 2027", "the fifth", "12/25", "2026-12-25"."""

from __future__ import annotations

import datetime as dt
import re

from dateutil.relativedelta import relativedelta

from assistant.readers import english
from assistant.readers.numbers import take_cardinal, take_ordinal
from assistant.readers.words import Words

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})?")
_CENTURIES = (18, 19, 20, 21)


def take_calendar_date(words: Words, today: dt.date, *, month_first: bool) -> dt.date | None:
    """Step over a day of the calendar; None (and no step) if there is none, or if no calendar has it (may 40th)."""
    start = words.at
    day = (
        _take_iso(words)
        or _take_slashes(words, today, month_first)
        or _take_month_first(words, today)
        or _take_day_first(words, today)
        or _take_edge_of_month(words, today)
    )
    if day is None:
        words.at = start
    return day


def is_no_day(words: Words) -> bool:
    """Whether a month was said with a day that it does not have ("february 30th", "the 31st of june")."""
    words.at = 0
    words.skip(english.PREPOSITIONS)
    month = _take_month(words)
    day = _take_day(words)
    if month is None:
        words.take("of")
        month = _take_month(words)
    if month is None or day is None or day > 99:  # "may two thousand" is a year
        return False
    leap = 2000
    return _date(_take_year(words) or leap, month, day) is None


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except (OverflowError, ValueError):
        return None


def _next(today: dt.date, month: int, day: int) -> dt.date | None:
    """The next such day, today included; the 29th of February may be years ahead."""
    for year in range(today.year, today.year + 9):
        found = _date(year, month, day)
        if found is not None and found >= today:
            return found
    return None


def _take_iso(words: Words) -> dt.date | None:
    match = _ISO.fullmatch(words.peek())
    found = _date(int(match[1]), int(match[2]), int(match[3])) if match else None
    if found is not None:
        words.at += 1
    return found


def _take_slashes(words: Words, today: dt.date, month_first: bool) -> dt.date | None:
    """12/25, 25/12/2026, 25.12.2026; where both orders are possible the household's own counts."""
    start = words.at
    dotted = _DOTTED.fullmatch(words.peek())
    if dotted is not None:
        words.at += 1
        first, second, year = int(dotted[1]), int(dotted[2]), dotted[3] or ""
        month_first = False
    elif words.peek(1) in ("/", "-") and words.peek().isdigit() and words.peek(2).isdigit():
        first, second, sign = int(words.peek()[:4]), int(words.peek(2)[:4]), words.peek(1)
        words.at += 3
        year = words.peek(1) if words.peek() == sign and words.peek(1).isdigit() else ""
        words.at += 2 if year else 0
    else:
        return None
    day, month = (second, first) if (month_first and first <= 12) or second > 12 else (first, second)
    found = _next(today, month, day) if not year else None
    if len(year) in (2, 4):
        found = _date(int(year) + (2000 if len(year) == 2 else 0), month, day)
    if found is None:
        words.at = start
    return found


def _take_day(words: Words) -> int | None:
    """A day of the month: "third", "3rd", "3", "twenty two"; or a number that no month reaches."""
    words.take("the")
    day = take_ordinal(words)
    if day is None and words.peek().isascii() and words.peek().isdigit() and len(words.peek()) <= 2:
        day = int(words.peek())
        words.at += 1
    if day is None:
        day = take_cardinal(words)
    return day


def _take_year(words: Words) -> int | None:
    """ "2027", "twenty twenty seven", "nineteen ninety", "two thousand and seventeen"."""
    start = words.at
    words.take("in")
    if re.fullmatch(r"[12]\d{3}", words.peek()):
        words.at += 1
        return int(words.tokens[words.at - 1])
    first = take_cardinal(words)
    if first is not None and 1800 <= first < 2200:
        return first
    if first in _CENTURIES:
        second = take_cardinal(words)
        if second is not None and 10 <= second <= 99:
            return first * 100 + second
    words.at = start
    return None


def _take_month(words: Words) -> int | None:
    return english.MONTHS.get(words.take_in(english.MONTHS))


def _with_year(words: Words, today: dt.date, month: int, day: int) -> dt.date | None:
    before = words.at
    year = _take_year(words)
    if year is not None:
        return _date(year, month, day)
    words.at = before
    words.take_phrase("this year")
    found = _next(today, month, day)
    if found is not None and words.take_phrase("next year"):
        return _date(today.year + 1, month, day)
    return found


def _take_month_first(words: Words, today: dt.date) -> dt.date | None:
    """ "may 3rd", "may the third", "december twenty fifth 2027"."""
    start = words.at
    month = _take_month(words)
    day = _take_day(words) if month is not None else None
    found = _with_year(words, today, month, day) if month is not None and day is not None else None
    if found is None:
        words.at = start
    return found


def _take_day_first(words: Words, today: dt.date) -> dt.date | None:
    """ "the third of may", "3 may", "the fifth", "the first of next month"."""
    start = words.at
    article = words.peek() == "the"
    ordinal = _take_the_ordinal(words)
    day = ordinal if ordinal is not None else _take_day(words)
    if day is None or not 1 <= day <= 31:
        words.at = start
        return None
    words.take("day")
    words.take("of")
    month = _take_month(words)
    if month is not None:
        found = _with_year(words, today, month, day)
    elif words.take_phrase("next month"):
        first = (today.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        found = _date(first.year, first.month, day)
    elif ordinal is not None or article:
        words.take_phrase("this month") or words.take_phrase("the month")
        found = _next_of_month(today, day)
    else:
        found = None
    if found is None:
        words.at = start
    return found


def _take_the_ordinal(words: Words) -> int | None:
    """Step over "the fifth" or "fifth"; None if there is none."""
    start = words.at
    words.take("the")
    ordinal = take_ordinal(words)
    if ordinal is None:
        words.at = start
    return ordinal


def _next_of_month(today: dt.date, day: int) -> dt.date | None:
    """The next day with this number; a month that is too short is passed over."""
    year, month = today.year, today.month
    for _ in range(4):
        found = _date(year, month, day)
        if found is not None and found >= today:
            return found
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return None


def _take_edge_of_month(words: Words, today: dt.date) -> dt.date | None:
    """ "the end of the month", "the last day of march", "the last friday of the month"."""
    start = words.at
    words.take("the")
    if not words.take("end", "last"):
        words.at = start
        return None
    weekday = english.WEEKDAYS.get(words.take_in(english.WEEKDAYS))
    words.take("day") if weekday is None else None
    if not words.take("of", "in"):
        words.at = start
        return None
    month = _take_month(words)
    this_month = month is None and words.take_phrase("this month")
    if month is None and not (this_month or words.take_phrase("the month")):
        words.at = start
        return None
    again = relativedelta(months=1) if month is None else relativedelta(years=1)
    month_end = today.replace(month=month or today.month, day=1) + relativedelta(day=31)
    for last in (month_end, month_end + again + relativedelta(day=31)):
        if weekday is not None:
            last -= dt.timedelta(days=(last.weekday() - weekday) % 7)
        if last >= today or this_month:
            return last
    return None
