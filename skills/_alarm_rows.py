"""Alarms and reminders as they lie in the household's database. No skill lives here."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from assistant.readers import say_date, say_time, say_weekdays
from assistant.skill import Context

WAITING, RINGING = "waiting", "ringing"
_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS alarms (
        id INTEGER PRIMARY KEY,
        due_at REAL NOT NULL,
        clock TEXT NOT NULL,
        weekdays TEXT NOT NULL,
        state TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS reminders (
        id INTEGER PRIMARY KEY,
        due_at REAL NOT NULL,
        what TEXT NOT NULL
    ) STRICT
    """,
)
# due_at: seconds since 1970, UTC. clock: the time of day as said. weekdays: "" or digits, Monday is 0. An alarm that
# comes again is one waiting row; each ringing of it is a row of its own.


@dataclass(frozen=True, slots=True)
class Alarm:
    """A row of the table."""

    id: int
    due_at: float
    clock: str
    weekdays: str
    state: str

    @property
    def time(self) -> dt.time:
        """The time of day it rings."""
        return dt.time.fromisoformat(self.clock)

    def label(self, context: Context) -> str:
        """How it is spoken of: "7 AM tomorrow", "7 AM every weekday"."""
        time = say_time(self.time, context.household.twelve_hour)
        if self.weekdays:
            return f"{time} {say_weekdays(frozenset(map(int, self.weekdays)))}"
        return f"{time} {say_date(wall(self.due_at, context).date(), context.now)}"


@contextmanager
def opened(context: Context) -> Iterator[sqlite3.Connection]:
    """The household's database, with the tables of alarms and reminders."""
    with context.database() as db:
        for table in _TABLES:
            db.execute(table)
        yield db


def alarms_of(db: sqlite3.Connection, state: str) -> list[Alarm]:
    """The alarms that are waiting or ringing, the next first."""
    return [Alarm(*row) for row in db.execute("SELECT * FROM alarms WHERE state = ? ORDER BY due_at, id", (state,))]


def wall(timestamp: float, context: Context) -> dt.datetime:
    """The household's wall clock at a moment, in seconds since 1970."""
    return dt.datetime.fromtimestamp(timestamp, context.now.tzinfo)


def next_moment(time: dt.time, weekdays: frozenset[int], now: dt.datetime) -> dt.datetime:
    """The first moment after `now` that the clock shows this on one of these weekdays (Monday is 0)."""
    for days in range(9):
        day = now.date() + dt.timedelta(days=days)
        moment = dt.datetime.combine(day, time, now.tzinfo)
        if day.weekday() in weekdays and moment.timestamp() > now.timestamp():
            return moment
    raise ValueError("no weekday was given")
