"""The oven."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, Number, skill


@skill(
    examples=[
        "preheat the oven to [one hundred and eighty](degrees) degrees",
        "heat the oven to [two hundred](degrees) with the [fan](mode)",
        "oven on at [two hundred and twenty](degrees)",
        "set the [grill](mode) to [two hundred and forty](degrees) degrees",
        "get the oven to [one hundred and sixty](degrees) on [conventional](mode)",
        "[one hundred and ninety](degrees) degrees in the oven please",
        "i need the oven hot at [two hundred and thirty](degrees)",
        "warm up the oven to [one fifty](degrees) with [hot air](mode=fan)",
        "use [top and bottom heat](mode=conventional) and bring the oven to [one hundred and seventy five](degrees)",
        "start the oven at [two hundred and fifty](degrees) degrees for [broiling](mode=grill)",
    ]
)
def preheat_oven(
    _context: Context, *, degrees: Number, mode: Literal["fan", "grill", "conventional"] | None = None
) -> str:
    """Heat the oven to a temperature in degrees."""
    way = f" on {mode}" if mode else ""
    return f"The oven heats to {degrees:g} degrees{way}."
