"""Bins: when each is emptied."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, skill


@skill(
    examples=[
        "when is the next bin collection",
        "which day do they pick up the [paper](bin)",
        "when does the [glass](bin) bin get emptied",
        "is the [garden](bin) waste going out this week",
        "what day do the bins go out",
        "when do they come for the [cardboard](bin=paper)",
        "tell me when the [general](bin) waste is collected",
        "do i have to put the [bottles](bin=glass) out tonight",
        "how long until the [black](bin=general) bin is emptied",
        "when will they take the [grass clippings](bin=garden)",
    ]
)
def bin_day(_context: Context, *, bin: Literal["glass", "paper", "garden", "general"] | None = None) -> str:
    """Say when a bin is emptied next."""
    return f"The {bin or 'next'} bin goes out on Tuesday."
