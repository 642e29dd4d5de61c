"""Short notes, kept until the household deletes them."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from assistant.readers import say_date
from assistant.skill import Context, skill

READ_ALOUD = 10
"""Nobody listens to more; the number of the rest is said."""

_TABLE = """
CREATE TABLE IF NOT EXISTS notes (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    text TEXT NOT NULL
) STRICT
"""
# at: seconds since 1970, UTC.


@contextmanager
def _open(context: Context) -> Iterator[sqlite3.Connection]:
    with context.database() as db:
        db.execute(_TABLE)
        yield db


@skill(
    examples=[
        "take a note [the key is under the mat](text)",
        "make a note that [anna prefers oat milk](text)",
        "note [buy new filters for the vacuum](text)",
        "write down [the wifi password is on the fridge](text)",
        "please note that [the meter reads 4512](text)",
        "remember that [i parked on level three](text)",
        "add a note saying [call the plumber about the leak](text)",
        "jot down [great idea for the garden fence](text)",
        "can you write this down [flight leaves from gate twelve](text)",
        "new note [dinner with the neighbours was lovely](text)",
        "i want to note [the tyre pressure is two point four](text)",
        "save a note [leo's shoe size is 34](text)",
        "put down in my notes that [the boiler was serviced in march](text)",
        "keep in mind that [the spare bulbs are in the hallway cupboard](text)",
        "could you remember [my locker number is 208](text)",
        "note to self [never buy that coffee again](text)",
    ]
)
def add_note(context: Context, *, text: str) -> str:
    """Write down a note."""
    with _open(context) as db:
        db.execute("INSERT INTO notes (at, text) VALUES (?, ?)", (context.now.timestamp(), text))
    return f"Noted: {text}."


@skill(
    examples=[
        "read my notes",
        "what are my notes",
        "read me my notes please",
        "what did i ask you to note",
        "show me my notes",
        "do i have any notes",
        "what did i write down",
        "tell me what's in my notes",
        "go through my notes with me",
        "could you read out the notes i made",
        "what did i tell you to remember",
        "list my notes",
        "open my notes",
    ]
)
def read_notes(context: Context) -> str:
    """Read the notes aloud, the newest first."""
    with _open(context) as db:
        (count,) = db.execute("SELECT count(*) FROM notes").fetchone()
        rows = db.execute("SELECT at, text FROM notes ORDER BY id DESC LIMIT ?", (READ_ALOUD,)).fetchall()
    if not rows:
        return "You have no notes."
    said = [f"{_say_day(at, context)}: {text}." for at, text in rows]
    more = f" And {count - len(rows)} older ones." if count > len(rows) else ""
    return f"You have {count} note{'' if count == 1 else 's'}. {' '.join(said)}{more}"


def _say_day(at: float, context: Context) -> str:
    day = say_date(dt.datetime.fromtimestamp(at, context.now.tzinfo).date(), context.now)
    return f"{day[0].upper()}{day[1:]}"
