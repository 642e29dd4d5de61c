"""Tea: how long it draws, and a call when it is ready.

The pot is kept in the household's database, so it outlives a restart.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from assistant.readers import say_duration
from assistant.skill import Announcement, Context, Duration, SkillError, due, skill

SETTINGS = {"default_minutes": 4}
"""`default_minutes`: for a tea that is not in the list below."""

LONGEST = dt.timedelta(hours=12)
"""Cold brew takes a night; more than this was misheard."""
MINUTES = {"black": 4, "green": 2, "white": 3, "oolong": 3, "herbal": 6, "peppermint": 6, "chamomile": 5, "rooibos": 6}

_TABLE = (
    "CREATE TABLE IF NOT EXISTS tea_pots (id INTEGER PRIMARY KEY, tea TEXT NOT NULL, ready_at REAL NOT NULL) STRICT"
)
# ready_at: seconds since 1970, UTC.


@contextmanager
def _open(context: Context) -> Iterator[sqlite3.Connection]:
    with context.database() as db:
        db.execute(_TABLE)
        yield db


@skill(
    examples=[
        "steep a pot of [green](tea) tea",
        "steep the [oolong](tea) for [three minutes](duration)",
        "brew some [peppermint](tea) tea",
        "let the [black](tea) tea draw for [five minutes](duration)",
        "steep my tea for [two and a half minutes](duration)",
        "steep the tea",
    ]
)
def steep_tea(context: Context, *, tea: str | None = None, duration: Duration | None = None) -> str:
    """Start a pot of tea and call when it is ready."""
    kind = _kind(tea or "")
    minutes = MINUTES.get(kind, context.settings["default_minutes"])
    length = duration if duration is not None else dt.timedelta(minutes=minutes)
    if not dt.timedelta(0) < length <= LONGEST:
        raise SkillError(f"Tea draws for {say_duration(LONGEST)} at most.")
    with _open(context) as db:
        ready_at = (context.now + length).timestamp()
        db.execute("INSERT INTO tea_pots (tea, ready_at) VALUES (?, ?)", (kind, ready_at))
    return f"Your {_named(kind)} will be ready in {say_duration(length)}."


@skill(
    examples=[
        "is my tea ready",
        "is the tea done yet",
        "how much longer does the tea need",
        "how long until my tea is ready",
    ]
)
def check_tea(context: Context) -> str:
    """Say how long the tea still has to draw."""
    with _open(context) as db:
        row = db.execute("SELECT tea, ready_at FROM tea_pots ORDER BY ready_at LIMIT 1").fetchone()
    if row is None:
        return "No tea is drawing."
    kind, ready_at = row
    return f"Your {_named(kind)} needs {say_duration(dt.timedelta(seconds=ready_at - context.now.timestamp()))} more."


@due
def call_for_tea(context: Context) -> list[Announcement]:
    """Hark asks this every second: each pot that is ready is announced once, even after a restart."""
    now = context.now.timestamp()
    with _open(context) as db:
        rows = db.execute("DELETE FROM tea_pots WHERE ready_at <= ? RETURNING tea", (now,)).fetchall()
    return [Announcement(f"Your {_named(kind)} is ready.", ring=True) for (kind,) in rows]


def _kind(words: str) -> str:
    """The kind of tea in the words pointed at, which may hold more than was meant: "my green tea" is "green"."""
    return " ".join(word for word in words.split() if word not in {"a", "my", "of", "pot", "some", "tea", "the"})


def _named(kind: str) -> str:
    return f"{kind} tea" if kind else "tea"
