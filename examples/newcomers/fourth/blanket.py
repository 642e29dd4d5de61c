"""The electric blanket."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, Number, skill


@skill(
    examples=[
        "warm up the bed",
        "turn on the electric blanket on the [left](side) side",
        "set the blanket to level [three](level)",
        "heat the [right](side) side of the bed at level [two](level)",
        "put the [left](side) half of the blanket on [five](level)",
        "i'd like the blanket on for [both](side) sides",
        "preheat the [whole](side=both) bed to level [four](level)",
        "switch the heated blanket on please",
        "blanket on [one](level) for the [right hand](side=right) side",
        "my feet are freezing get the blanket up to [six](level)",
    ]
)
def heat_blanket(
    _context: Context, *, side: Literal["left", "right", "both"] | None = None, level: Number | None = None
) -> str:
    """Warm the electric blanket on one or both sides of the bed."""
    at = f" at level {level:g}" if level is not None else ""
    return f"Warming {side or 'both'}{at}."
