"""Prices of fuel."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, skill


@skill(
    examples=[
        "how much is [petrol](fuel) right now",
        "where can i fill up cheaply",
        "what does [diesel](fuel) cost today",
        "find the cheapest filling station around here",
        "which station has the best price for [unleaded](fuel=petrol)",
        "is there anywhere nearby that sells cheap [gas](fuel)",
        "what are the fuel prices like",
        "who has the cheapest [diesel](fuel)",
        "price of [autogas](fuel=gas) please",
        "i need to refuel where is it cheapest",
    ]
)
def fuel_price(_context: Context, *, fuel: Literal["petrol", "diesel", "gas"] | None = None) -> str:
    """Say where fuel is cheapest nearby and what it costs there."""
    return f"{(fuel or 'petrol').capitalize()} is cheapest at the ring road: 1.69."
