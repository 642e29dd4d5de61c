"""A robot vacuum: cleans a room, now or later, and goes home."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, Time, skill


@skill(
    examples=[
        "vacuum [the living room](room)",
        "start the vacuum in [the kitchen](room)",
        "clean [the bedroom](room) at [ten am](at)",
        "send the robot to [the hallway](room)",
        "do a [quick](mode=quick) clean of [the office](room)",
        "[the bathroom](room) floor is dirty",
        "hoover [the stairs](room) please",
        "give [the den](room) a [deep](mode=deep) clean",
        "can the robot do [the dining room](room) at [half past two](at)",
        "mop [the kitchen](room)",
    ]
)
def clean_room(
    _context: Context, *, room: str, mode: Literal["quick", "normal", "deep"] = "normal", at: Time | None = None
) -> str:
    """Have the robot vacuum clean a room."""
    when = f" at {at:%H:%M}" if at else ""
    return f"A {mode} clean of {room}{when}."
