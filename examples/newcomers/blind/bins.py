"""The bins: when which one is emptied."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, skill


@skill(
    examples=[
        "when do the bins go out",
        "which bin is it this week",
        "when is the [paper](kind=paper) collected",
        "is it [recycling](kind=recycling) tomorrow",
        "do i have to put the [rubbish](kind=rubbish) out tonight",
        "what day is the [garden waste](kind=garden) picked up",
        "bin day",
        "when does the garbage truck come",
        "next [glass](kind=glass) collection please",
        "when do they empty the [green](kind=garden) bin",
    ]
)
def bin_day(
    _context: Context, *, kind: Literal["any", "rubbish", "paper", "recycling", "glass", "garden"] = "any"
) -> str:
    """Say when the bins are collected."""
    return f"The {'bins are' if kind == 'any' else kind + ' bin is'} collected on Thursday."
