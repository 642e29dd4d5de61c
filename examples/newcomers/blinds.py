"""Blinds and shutters: up, down, or half way."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, skill


@skill(
    examples=[
        "[open](position=open) the blinds",
        "[close](position=closed) the blinds in [the bedroom](room)",
        "[pull down](position=closed) the shutters please",
        "blinds [up](position=open) in [the kitchen](room)",
        "put the [office](room) blinds [half way](position=half)",
        "[raise](position=open) the blinds",
        "i want the [living room](room) shutters [shut](position=closed)",
        "[let some light in](position=open)",
        "lower the shutters [halfway](position=half)",
        "could you [let down](position=closed) the blinds in [the nursery](room)",
    ]
)
def move_blinds(_context: Context, *, position: Literal["open", "closed", "half"], room: str | None = None) -> str:
    """Open or close the blinds."""
    where = f" in {room}" if room else ""
    return f"The blinds{where} are {'half way' if position == 'half' else position}."
