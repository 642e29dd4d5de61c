"""Readers of days and moments: what people say for them, in relation to now; and several arguments together."""

from __future__ import annotations

import datetime as dt
import pickle
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assistant.readers import Unreadable, read, read_arguments
from assistant.skill import Date, Household, PartOfDay, Repeating, Time, skill

PARIS = ZoneInfo("Europe/Paris")
NOW = dt.datetime(2026, 3, 4, 14, 10, 5, tzinfo=PARIS)
"""A Wednesday afternoon."""

DATES = {
    "today": "2026-03-04",
    "tomorrow": "2026-03-05",
    "tomorrow's": "2026-03-05",
    "the day after tomorrow": "2026-03-06",
    "yesterday": "2026-03-03",
    "wednesday": "2026-03-04",
    "friday": "2026-03-06",
    "this friday": "2026-03-06",
    "next friday": "2026-03-13",
    "friday next week": "2026-03-13",
    "next tuesday": "2026-03-10",
    "last friday": "2026-02-27",
    "a week on friday": "2026-03-13",
    "this weekend": "2026-03-07",
    "next weekend": "2026-03-14",
    "the third of may": "2026-05-03",
    "may 3rd": "2026-05-03",
    "may three": "2026-05-03",
    "may the third": "2026-05-03",
    "twenty second april": "2026-04-22",
    "march one": "2027-03-01",
    "december twenty fifth": "2026-12-25",
    "december 3rd twenty twenty seven": "2027-12-03",
    "tenth of march two thousand seventeen": "2017-03-10",
    "september 1, 2039": "2039-09-01",
    "mar. 4th, 2030": "2030-03-04",
    "on the 5th": "2026-03-05",
    "the thirty first": "2026-03-31",
    "the first of next month": "2026-04-01",
    "february 29th": "2028-02-29",
    "in two weeks": "2026-03-18",
    "373 days from now": "2027-03-12",
    "a week from tomorrow": "2026-03-12",
    "in a month": "2026-04-04",
    "three days ago": "2026-03-01",
    "in five hours": "2026-03-04",
    "christmas": "2026-12-25",
    "new year's eve": "2026-12-31",
    "christmas eve this year": "2026-12-24",
    "christmas eve next year": "2027-12-24",
    "easter": "2026-04-05",
    "thanksgiving": "2026-11-26",
    "memorial day": "2026-05-25",
    "father's day": "2026-06-21",
    "mlk day": "2027-01-18",
    "a week today": "2026-03-11",
    "two weeks tomorrow": "2026-03-19",
    "tomorrow week": "2026-03-12",
    "friday week": "2026-03-13",
    "friday march 13th": "2026-03-13",
    "friday the 13th": "2026-03-13",
    "friday, december 25": "2026-12-25",
    "the end of the month": "2026-03-31",
    "the last friday of the month": "2026-03-27",
    "2026-12-25": "2026-12-25",
    "25/12/2027": "2027-12-25",
    "12/25": "2026-12-25",
    "tomorrow morning": "2026-03-05",
    "friday evening": "2026-03-06",
    "in the morning": "2026-03-05",
    "tonight": "2026-03-04",
    "this afternoon's": "2026-03-04",
    "next morning": "2026-03-05",
    "tomorrow mornings": "2026-03-05",
    "this week-end": "2026-03-07",
}
NO_DATES = [
    "next week",
    "september",
    "february 30th",
    "friday march 12th",
    "the fortieth",
    "nine",
    "in a few days",
    "in 99999999 years",
    "the 31st of next month",
    "whenever",
    "",
]

MOMENTS = {
    "first thing tomorrow": "2026-03-05T09:00",
    "monday first thing": "2026-03-09T09:00",
    "first thing on monday morning": "2026-03-09T09:00",
    "first thing tomorrow at seven": "2026-03-05T07:00",
    "six": "2026-03-04T18:00",
    "one": "2026-03-05T01:00",
    "six am": "2026-03-05T06:00",
    "15:00": "2026-03-04T15:00",
    "noon": "2026-03-05T12:00",
    "tomorrow at noon": "2026-03-05T12:00",
    "noon tomorrow": "2026-03-05T12:00",
    "next friday at noon": "2026-03-13T12:00",
    "nine tomorrow morning": "2026-03-05T09:00",
    "tomorrow morning at nine": "2026-03-05T09:00",
    "tomorrow at seven in the evening": "2026-03-05T19:00",
    "friday evening": "2026-03-06T19:00",
    "half past six on friday evening": "2026-03-06T18:30",
    "friday night at eleven": "2026-03-06T23:00",
    "friday evening at twelve": "2026-03-07T00:00",
    "today at midnight": "2026-03-05T00:00",
    "new year's eve at midnight": "2027-01-01T00:00",
    "three this afternoon": "2026-03-04T15:00",
    "friday week at noon": "2026-03-13T12:00",
    "tonight": "2026-03-04T20:00",
    "eight tonight": "2026-03-04T20:00",
    "tonight at one": "2026-03-05T01:00",
    "tomorrow": "2026-03-05T09:00",
    "in two weeks": "2026-03-18T09:00",
    "in twenty minutes": "2026-03-04T14:30:05",
    "in an hour and a half": "2026-03-04T15:40:05",
    "the fifth at four pm": "2026-03-05T16:00",
    "may 3rd at 3:30 pm": "2026-05-03T15:30",
    "9 am on the 3rd of july": "2026-07-03T09:00",
    "today at five": "2026-03-04T17:00",
    "wednesday nine am": "2026-03-11T09:00",
    "monday at ten": "2026-03-09T10:00",
    "tomorrow at three": "2026-03-05T15:00",
    "friday at half past two": "2026-03-06T14:30",
    "tomorrow at three in the morning": "2026-03-05T03:00",
    "tomorrow at 05:30": "2026-03-05T05:30",
    "tomorrow at six": "2026-03-05T06:00",
}
NO_MOMENTS = [
    "today",
    "this morning",
    "this morning at nine",
    "two this afternoon",
    "yesterday at noon",
    "every day at nine",
    "next week",
    "thirty minutes before that",
    "purple",
    "",
]

TABLES = [("date", DATES, NO_DATES), ("when", MOMENTS, NO_MOMENTS)]


def get(kind: str, words: str, now: dt.datetime = NOW, **household: Any) -> Any:
    return read(kind, words, now=now, household=Household(**household))


def as_value(kind: str, written: str) -> dt.date:
    """A table's right side as the reader's value."""
    if kind == "date":
        return dt.date.fromisoformat(written)
    return dt.datetime.fromisoformat(written).replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    ("kind", "words", "value"), [(kind, words, value) for kind, table, _ in TABLES for words, value in table.items()]
)
def test_reads(kind: str, words: str, value: Any) -> None:
    """What people say for a value reads as that value, capitals or not."""
    assert get(kind, words) == as_value(kind, value)
    assert get(kind, words.upper()) == as_value(kind, value)


@pytest.mark.parametrize(("kind", "words"), [(kind, words) for kind, _, refused in TABLES for words in refused])
def test_refuses(kind: str, words: str) -> None:
    """What is no such value, or could be two, is refused with a sentence."""
    with pytest.raises(Unreadable, match=r"[.?]$"):
        get(kind, words)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ("tomorrow", PartOfDay(dt.date(2026, 3, 5))),
        ("tomorrow evening", PartOfDay(dt.date(2026, 3, 5), 18, 22, "evening")),
        ("tonight", PartOfDay(dt.date(2026, 3, 4), 18, 24, "night")),
        ("friday morning", PartOfDay(dt.date(2026, 3, 6), 6, 12, "morning")),
        ("tomorrow at 3 pm", PartOfDay(dt.date(2026, 3, 5), 15, 16, "at 3 PM")),
        ("in two hours", PartOfDay(dt.date(2026, 3, 4), 16, 17, "at 4 PM")),
        ("right now", PartOfDay(dt.date(2026, 3, 4))),
        ("this weekend", PartOfDay(dt.date(2026, 3, 7), days=2)),
        ("this week", PartOfDay(dt.date(2026, 3, 4), days=5)),
        ("next week", PartOfDay(dt.date(2026, 3, 9), days=7)),
        ("the next few days", PartOfDay(dt.date(2026, 3, 4), days=3)),
        ("the next three days", PartOfDay(dt.date(2026, 3, 4), days=3)),
        ("saturday and sunday", PartOfDay(dt.date(2026, 3, 7), days=2)),
        ("friday saturday and sunday", PartOfDay(dt.date(2026, 3, 6), days=3)),
        ("today and tomorrow", PartOfDay(dt.date(2026, 3, 4), days=2)),
        ("today or tomorrow", PartOfDay(dt.date(2026, 3, 4), days=2)),
        ("monday to friday", PartOfDay(dt.date(2026, 3, 9), days=5)),
        ("sunday and monday", PartOfDay(dt.date(2026, 3, 8), days=2)),
    ],
)
def test_day(words: str, part: PartOfDay) -> None:
    """A day for the weather may be a part of one, or several in a row."""
    assert get("day", words) == part


@pytest.mark.parametrize(
    ("words", "hour"), [("this morning at nine", 9), ("tonight at eight", 20), ("today at 1 pm", 13)]
)
def test_an_hour_of_today_is_one_after_it_has_gone_by(words: str, hour: int) -> None:
    """The weather of this morning may be asked for in the evening."""
    found = get("day", words, NOW.replace(hour=21))
    assert (found.date, found.start, found.end) == (NOW.date(), hour, hour + 1)


@pytest.mark.parametrize(
    ("kind", "words"), [("day", "monday and thursday"), ("day", "mondays"), ("date", "monday and friday")]
)
def test_asks_which_day(kind: str, words: str) -> None:
    """Days apart are no days in a row, and two weekdays may be meant once or every week: it is asked."""
    with pytest.raises(Unreadable, match="more than one day; say which day"):
        get(kind, words)


@pytest.mark.parametrize("words", ["february 30", "april 31st", "the 30th of february", "february 29th 2027"])
def test_no_such_day(words: str) -> None:
    """A day that its month does not have is refused as that, not as several days."""
    with pytest.raises(Unreadable, match="There is no such day as"):
        get("date", words)


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("the last friday of the month", "2026-11-27"),
        ("the last friday of this month", "2026-10-30"),
        ("the last friday of october", "2027-10-29"),
        ("the last day of the month", "2026-10-31"),
    ],
)
def test_after_the_last_friday(words: str, day: str) -> None:
    """Once a month's last friday has gone by, that of the next month comes, or the one of this month is meant."""
    halloween = dt.datetime(2026, 10, 31, 10, 20, tzinfo=PARIS)
    assert get("date", words, now=halloween) == dt.date.fromisoformat(day)


@pytest.mark.parametrize(
    ("now", "words", "refusal"),
    [
        ("15:30", "this afternoon", "At what time"),
        ("09:30", "this morning", "At what time"),
        ("20:30", "tonight", "At what time"),
        ("20:30", "this afternoon", "gone by"),
        ("20:30", "tonight at eight", "gone by"),
        ("23:50", "eleven tonight", "gone by"),
    ],
)
def test_a_part_of_today(now: str, words: str, refusal: str) -> None:
    """A part of today never becomes tomorrow's: its hour is asked for until it is over."""
    with pytest.raises(Unreadable, match=refusal):
        get("when", words, now=dt.datetime.combine(NOW, dt.time.fromisoformat(now), PARIS))


def test_tonight_after_midnight() -> None:
    """Said at half past midnight, "tonight at one" is in half an hour, and "eleven tonight" in the evening."""
    midnight = dt.datetime(2026, 3, 4, 0, 30, tzinfo=PARIS)
    assert get("when", "tonight at one", now=midnight) == midnight.replace(hour=1, minute=0)
    assert get("when", "eleven tonight", now=midnight) == midnight.replace(hour=23, minute=0)


@pytest.mark.parametrize(
    ("words", "first", "weekdays"),
    [
        ("every weekday", "2026-03-04", {0, 1, 2, 3, 4}),
        ("monday to friday", "2026-03-04", {0, 1, 2, 3, 4}),
        ("every day", "2026-03-04", {0, 1, 2, 3, 4, 5, 6}),
        ("mondays", "2026-03-09", {0}),
        ("every monday and thursday", "2026-03-05", {0, 3}),
        ("weekends", "2026-03-07", {5, 6}),
        ("monday, wednesday and friday", "2026-03-04", {0, 2, 4}),
    ],
)
def test_repeating(words: str, first: str, weekdays: set[int]) -> None:
    """Days that come again are a date with weekdays, and stay so through pickling."""
    day = get("date", words)
    again = pickle.loads(pickle.dumps(day))  # noqa: S301 - our own bytes
    assert isinstance(again, Repeating)
    assert (again, again.weekdays) == (dt.date.fromisoformat(first), weekdays)


def test_month_order() -> None:
    """3/4 is in April where the house measures in metres, and in March where it measures in feet."""
    assert get("date", "3/4").month == 4
    assert get("date", "3/4", units="imperial").month == 3


def test_summer_time() -> None:
    """A moment that the change to summer time skips is what the clock shows then; spans count real time."""
    assert get("when", "march 29 at 2:30 am").hour == 3
    before = dt.datetime(2026, 3, 29, 1, 30, tzinfo=PARIS)
    assert get("when", "in an hour", now=before) == dt.datetime(2026, 3, 29, 3, 30, tzinfo=PARIS)


@skill(examples=["[seven](time)", "[seven](time) [tomorrow](day)"])
def ring(context: Any, *, time: Time, day: Date | None = None) -> str:
    """Ring."""
    return f"{context}{time}{day}"


RING = ring.__skill__  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"time": "seven"}, ["07:00:00"]),
        ({"time": "seven", "day": "tomorrow evening"}, ["19:00:00", "2026-03-05"]),
        ({"time": "eight thirty", "day": "tonight"}, ["20:30:00", "2026-03-04"]),
        ({"time": "noon", "day": "wednesday"}, ["12:00:00", "2026-03-11"]),
        ({"time": "three pm", "day": "wednesday"}, ["15:00:00", "2026-03-04"]),
        ({"time": "noon", "day": "today"}, ["12:00:00", "2026-03-04"]),
        ({"time": "midnight", "day": "today"}, ["00:00:00", "2026-03-05"]),
        ({"time": "midnight", "day": "tonight"}, ["00:00:00", "2026-03-05"]),
        ({"time": "half past twelve", "day": "tonight"}, ["00:30:00", "2026-03-05"]),
        ({"time": "1 am", "day": "friday night"}, ["01:00:00", "2026-03-07"]),
        ({"time": "1 am", "day": "friday"}, ["01:00:00", "2026-03-06"]),
        ({"time": "1 am", "day": "wednesday night"}, ["01:00:00", "2026-03-05"]),
        ({"time": "9 am", "day": "wednesday march 4th"}, ["09:00:00", "2026-03-04"]),
        ({"time": "midnight", "day": "christmas eve"}, ["00:00:00", "2026-12-25"]),
    ],
)
def test_time_and_day_together(words: dict[str, str], expected: list[str]) -> None:
    """A part of the day said with the date counts for the time; a weekday gone by today is next week's."""
    values = read_arguments(RING, words, now=NOW, household=Household())
    assert [value.isoformat() for value in values.values()] == expected


def test_repeating_after_midnight() -> None:
    """One o'clock of every friday night is every saturday's; every monday's midnight stays monday's."""
    for time, words, weekday in (("one", "every friday night", 5), ("midnight", "every wednesday", 2)):
        day = read_arguments(RING, {"time": time, "day": words}, now=NOW, household=Household())["day"]
        assert (day.weekday(), day.weekdays) == (weekday, {weekday})


@pytest.mark.parametrize(
    ("words", "argument"),
    [({}, "time"), ({"time": "purple"}, "time"), ({"time": "six", "day": "soonish"}, "day"), ({"x": "y"}, "x")],
)
def test_arguments_name_the_fault(words: dict[str, str], argument: str) -> None:
    """The argument that is missing, unknown or unreadable is named."""
    with pytest.raises(Unreadable) as fault:
        read_arguments(RING, words, now=NOW, household=Household())
    assert fault.value.argument == argument
