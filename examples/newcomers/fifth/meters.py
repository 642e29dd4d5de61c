"""Meters: their readings."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, Number, skill


@skill(
    examples=[
        "the [gas](meter) meter says [four thousand two hundred and six](reading)",
        "log [eight hundred and twelve](reading) for the [water](meter) meter",
        "[electricity](meter) reading [thirty one thousand and forty](reading)",
        "write down a [gas](meter) reading of [five thousand and nineteen](reading)",
        "the [power](meter=electricity) meter is at [twenty two thousand six hundred](reading)",
        "record [nine hundred and three](reading) on the [water](meter) meter",
        "i've just read the [electric](meter=electricity) meter and it shows [seventeen thousand and five](reading)",
        "meter reading for [water](meter) is [one thousand one hundred and fifty](reading)",
        "please save [six thousand three hundred and eighty](reading) as today's [gas](meter) reading",
        "[forty thousand and seventy two](reading) units on the [electricity](meter) meter",
    ]
)
def log_meter(_context: Context, *, meter: Literal["gas", "electricity", "water"], reading: Number) -> str:
    """Write down the reading of one of the meters of the house."""
    return f"Written down: {meter} {reading:g}."
