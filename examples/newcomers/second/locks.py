"""Locks: the doors of the house."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, skill


@skill(
    examples=[
        "lock the [front door](door=front)",
        "lock the [back door](door=back) please",
        "lock up the [garage](door=garage)",
        "bolt the [front](door=front) door",
        "lock the [shed](door=shed)",
        "make sure the [garage door](door=garage) is locked",
        "can you lock the [back](door=back) door",
        "lock up",
        "lock the doors",
        "put the lock on the [shed](door=shed)",
    ]
)
def lock_door(_context: Context, *, door: Literal["front", "back", "garage", "shed"] | None = None) -> str:
    """Lock a door of the house, or all of them."""
    return f"The {door} door is locked." if door else "All doors are locked."
