"""Readers on everything: every number, every length of time, and text that means nothing."""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.readers import Unreadable, read, say_date, say_duration, say_full_date, say_number, say_time
from assistant.skill import Household

NOW = dt.datetime(2026, 3, 4, 14, 10, 5, tzinfo=ZoneInfo("Europe/Paris"))
KINDS = ("duration", "number", "level", "time", "date", "day", "when", "expression", "text", "flag")

_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = (
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
)  # fmt: skip


def spell(number: int, joined: bool) -> str:
    """A number below a million in English words; `joined` puts "and" after the hundreds."""
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens - 2] + (f" {_SMALL[ones]}" if ones else "")
    size, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    above, below = divmod(number, size)
    link = " and " if joined and 0 < below < 100 else " "
    return f"{spell(above, joined)} {name}" + (f"{link}{spell(below, joined)}" if below else "")


def get(kind: str, words: str) -> object:
    return read(kind, words, now=NOW, household=Household())


@given(st.integers(0, 999_999), st.booleans())
@settings(max_examples=250, deadline=None)
def test_spelled_numbers(number: int, joined: bool) -> None:
    """Every number below a million that is spelled out reads back, with "and" or without."""
    assert get("number", spell(number, joined)) == number
    assert get("number", f"minus {spell(number, joined)}") == -number


@given(st.integers(0, 999_999), st.integers(1, 99))
@settings(max_examples=100, deadline=None)
def test_spelled_decimals(number: int, hundredths: int) -> None:
    """Digits after "point" read one by one."""
    digits = f"{hundredths:02d}"
    words = f"{spell(number, True)} point {' '.join(_SMALL[int(digit)] for digit in digits)}"
    assert get("number", words) == float(f"{number}.{digits}")


@given(st.integers(1, 90 * 86400))
@settings(max_examples=200, deadline=None)
def test_durations_round_trip(seconds: int) -> None:
    """A length of time that is said reads back to the second."""
    length = dt.timedelta(seconds=seconds)
    assert get("duration", say_duration(length)) == length


@given(st.integers(0, 1439), st.booleans())
@settings(max_examples=200, deadline=None)
def test_times_round_trip(minutes: int, twelve_hour: bool) -> None:
    """A time of day that is said reads back to the minute, on either clock."""
    moment = dt.time(minutes // 60, minutes % 60)
    assert get("time", say_time(moment, twelve_hour)) == moment


@given(st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)))
@settings(max_examples=200, deadline=None)
def test_dates_round_trip(day: dt.date) -> None:
    """A date that is said in full reads back; its weekday need not be repeated."""
    said = say_full_date(day, dt.date(1999, 1, 1)).partition(", ")[2]
    assert get("date", said) == day


@given(st.integers(-1, 6))
def test_near_dates_round_trip(days: int) -> None:
    """Yesterday, today, tomorrow and the coming weekdays read back."""
    day = NOW.date() + dt.timedelta(days=days)
    assert get("date", say_date(day, NOW)) == day


@given(st.integers(-(10**14), 10**14), st.integers(0, 3))
@settings(max_examples=200, deadline=None)
def test_numbers_round_trip(digits: int, places: int) -> None:
    """A number of up to three decimals that is said reads back."""
    value = digits / 10**places
    if abs(value) < 10**11:
        assert get("number", say_number(value)) == pytest.approx(value, rel=1e-12)


_WORDS = (
    "a", "an", "one", "seven", "twenty", "hundred", "half", "past", "to", "quarter", "at", "in", "on", "the", "of",
    "and", "minus", "point", "percent", "plus", "times", "by", "am", "pm", "next", "last", "this", "every", "week",
    "day", "month", "may", "march", "friday", "tomorrow", "noon", "night", "ago", "from", "now", "hours", "minutes",
    "second", "third", "5", "7:30", "1/2", "-", "(", ")", "x", "/", ",", "12/25", "3rd", "99999999999999999999",
    "o'clock", "oh", "thousand",
)  # fmt: skip


@given(st.one_of(st.text(max_size=400), st.lists(st.sampled_from(_WORDS), max_size=40).map(" ".join)))
@settings(max_examples=250, deadline=None)
def test_random_text(text: str) -> None:
    """Whatever is said, a reader gives a value or refuses: no other error."""
    for kind in KINDS:
        try:
            get(kind, text)
        except Unreadable as refusal:
            assert str(refusal)


@pytest.mark.parametrize(
    "text",
    [
        "twenty " * 1429,
        "(" * 10_000,
        "1" * 10_000,
        "minus " * 1667,
        "a" * 10_000,
        "💥" * 10_000,
        "half of " * 37,
        "the sum of " * 25,
        "add " * 60,
        "may 3 " * 45,
        "(-" * 149,
    ],
)
def test_long_text_is_quick(text: str) -> None:
    """Ten thousand characters are refused, or read as text, in far less than a second."""
    started = time.process_time()
    for kind in KINDS:
        if kind == "text":
            assert get(kind, text) == " ".join(text.split())
            continue
        with pytest.raises(Unreadable):
            get(kind, text)
    assert time.process_time() - started < 2
