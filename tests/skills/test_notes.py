"""Notes: kept as said, read newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from assistant.skill import Context
from skills.notes import READ_ALOUD, add_note, read_notes

Say = Callable[..., str]
Make = Callable[..., Context]


def test_none(context: Context, say: Say) -> None:
    """Without notes, that is what is said."""
    assert say(read_notes, context) == "You have no notes."


def test_read(context: Context, make_context: Make, say: Say) -> None:
    """A note is kept word for word, and read with its day, the newest first."""
    assert say(add_note, context, text="the key is under the mat") == "Noted: the key is under the mat."
    assert say(read_notes, context) == "You have 1 note. Today: the key is under the mat."
    tomorrow = make_context(now=context.now + dt.timedelta(days=1))
    say(add_note, tomorrow, text="Robert'); DROP TABLE notes;--")
    assert say(read_notes, tomorrow) == (
        "You have 2 notes. Today: Robert'); DROP TABLE notes;--. Yesterday: the key is under the mat."
    )


def test_many(context: Context, say: Say) -> None:
    """Of many notes the newest are read, and the number of the others is told."""
    for number in range(READ_ALOUD + 3):
        say(add_note, context, text=f"thing {number}")
    said = say(read_notes, context)
    assert said.startswith(f"You have {READ_ALOUD + 3} notes. Today: thing {READ_ALOUD + 2}.")
    assert said.endswith("And 3 older ones.")
    assert "thing 2." not in said
