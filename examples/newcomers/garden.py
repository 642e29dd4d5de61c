"""Garden sprinklers: one part of the garden or all of it, now or later."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, Duration, Time, skill


@skill(
    examples=[
        "water the garden",
        "water [the lawn](part=lawn) for [ten minutes](duration)",
        "turn the sprinkler on [the flowers](part=flowers) for [a quarter of an hour](duration)",
        "sprinkle [the vegetables](part=vegetables) at [six](at)",
        "give [the flower beds](part=flowers) some water",
        "the [tomatoes](part=vegetables) need water",
        "start the sprinklers at [half past five](at)",
        "run the sprinklers for [twenty minutes](duration)",
        "please water [the grass](part=lawn) at [nine pm](at) for [half an hour](duration)",
        "the garden is dry",
    ]
)
def water_garden(
    _context: Context,
    *,
    part: Literal["all", "lawn", "flowers", "vegetables"] = "all",
    duration: Duration | None = None,
    at: Time | None = None,
) -> str:
    """Water the garden with the sprinklers."""
    when = f" at {at:%H:%M}" if at else ""
    return f"Watering {part}{f' for {duration.total_seconds() / 60:g} minutes' if duration else ''}{when}."
