"""Tyres: what the car says of their pressure."""

from __future__ import annotations

from assistant.skill import Context, skill


@skill(
    examples=[
        "how are my tyres doing",
        "check the tyre pressure",
        "do the tyres need air",
        "is the car low on air",
        "what's the pressure in the tyres",
        "tell me if any of the tyres is flat",
        "please read out the tyre pressures",
        "are all four tyres okay",
        "have i got a soft tyre",
        "should i pump up the wheels before i drive",
    ]
)
def check_tyres(_context: Context) -> str:
    """Read out the pressure of the car's tyres."""
    return "All four tyres are at 2.4 bar."
