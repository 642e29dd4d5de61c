"""Values -> words for answers, in forms that the readers read back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def say_list(items: Sequence[str], last: str = "and") -> str:
    """Join items as people do: "tea, pasta and eggs"."""
    return f"{', '.join(items[:-1])} {last} {items[-1]}" if len(items) > 1 else "".join(items)


def say_duration(length: dt.timedelta) -> str:
    """A length of time to the second: "1 hour and 30 minutes", "90 seconds" as "1 minute and 30 seconds"."""
    left = max(0, round(length.total_seconds()))
    parts = []
    for unit, seconds in _UNITS:
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count} {unit}{'' if count == 1 else 's'}")
    return say_list(parts) or "0 seconds"


def say_time(time: dt.time, twelve_hour: bool = True) -> str:
    """A time of day to the minute: "7:30 AM", "7 PM", "noon"; without `twelve_hour` "19:00"."""
    if not twelve_hour:
        return f"{time.hour}:{time.minute:02d}"
    if time.minute == 0 and time.hour in (0, 12):
        return "noon" if time.hour else "midnight"
    minutes = f":{time.minute:02d}" if time.minute else ""
    return f"{(time.hour + 11) % 12 + 1}{minutes} {'AM' if time.hour < 12 else 'PM'}"


def say_full_date(date: dt.date, now: dt.date) -> str:
    """A day by its name and number: "Friday, December 25", with the year where it is another than now's."""
    year = f", {date.year}" if date.year != now.year else ""
    return f"{_WEEKDAYS[date.weekday()]}, {_MONTHS[date.month - 1]} {date.day}{year}"


def say_date(date: dt.date, now: dt.date) -> str:
    """A day as seen from now: "today", "tomorrow", "Friday" within the week, else "Friday, December 25".

    Args:
        now: a date, or a datetime in the household's time zone.
    """
    today = now.date() if isinstance(now, dt.datetime) else now
    days = (date - today).days
    near = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    if days in near:
        return near[days]
    return _WEEKDAYS[date.weekday()] if 1 < days < 7 else say_full_date(date, today)


def say_weekdays(weekdays: frozenset[int]) -> str:
    """The days of something that comes again: "every weekday", "every Monday and Thursday"."""
    named = {frozenset(range(7)): "every day", frozenset(range(5)): "every weekday"}
    names = [_WEEKDAYS[day] for day in sorted(weekdays)]
    return named.get(weekdays) or f"every {say_list(names)}"


def say_number(value: float) -> str:
    """A number as it is spoken: "35", "0.333", "1,200,000", "1.2 times 10 to the 21".

    Three decimals, or up to six where the number ends there ("0.3125"); small ones keep three digits that count.
    """
    if value != value or value in (float("inf"), float("-inf")):
        return "too big to say"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if not 1e-4 <= abs(value) < 1e15:
        mantissa, _, exponent = f"{value:.3g}".partition("e")
        return f"{mantissa} times 10 to the {int(exponent or 0)}"
    ends = abs(value - round(value, 6)) <= min(abs(value) * 1e-12, 1e-9)
    decimals = min(6 if ends else 3, max(1, 15 - len(str(int(abs(value))))))  # a float holds fifteen digits
    while decimals < 7 and abs(value) < 10 ** (2 - decimals):
        decimals += 1
    return f"{value:,.{decimals}f}".rstrip("0").rstrip(".")
