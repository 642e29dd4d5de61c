"""The types that a skill's arguments may have, beside Python's own, and the reader that each is read by.

`assistant.skill` hands them on: a plugin imports them from there.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any


@dataclass(frozen=True, slots=True)
class Kind:
    """Marks an annotated type with the reader that turns words into its value."""

    name: str


@dataclass(frozen=True, slots=True)
class PartOfDay:
    """A day, or a part of one ("tomorrow evening"). `start` and `end` are hours 0..24 of `date`."""

    date: dt.date
    start: int = 0
    end: int = 24
    name: str = ""
    """The part as said: "morning", "afternoon", "evening", "night"; "" for the whole day."""
    days: int = 1
    """More than 1 where several whole days were said ("this weekend", "next week"): `date` is the first of them."""


class Repeating(dt.date):
    """The first of the days that "every weekday" or "mondays" means: a date for every skill that knows no more."""

    weekdays: frozenset[int] = frozenset()
    """Monday is 0."""

    @classmethod
    def on(cls, first: dt.date, weekdays: frozenset[int]) -> Repeating:
        """Every one of these weekdays, from `first` on."""
        day = cls(first.year, first.month, first.day)
        day.weekdays = weekdays
        return day

    def __reduce__(self) -> tuple[Any, ...]:
        return Repeating.on, (dt.date(self.year, self.month, self.day), self.weekdays)


Duration = Annotated[dt.timedelta, Kind("duration")]
Number = Annotated[float, Kind("number")]
Time = Annotated[dt.time, Kind("time")]
Date = Annotated[dt.date, Kind("date")]
Day = Annotated[PartOfDay, Kind("day")]
When = Annotated[dt.datetime, Kind("when")]
Expression = Annotated[str, Kind("expression")]
