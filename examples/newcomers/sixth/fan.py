"""The fan."""

from __future__ import annotations

from typing import Literal

from assistant.readers import say_duration
from assistant.skill import Context, Duration, skill


@skill(
    examples=[
        "turn on the fan",
        "run the fan on [high](speed) for [twenty minutes](length)",
        "fan on [low](speed) please",
        "let the fan run for [an hour](length)",
        "put the fan on [full blast](speed=high)",
        "[half an hour](length) of fan at [medium](speed) speed",
        "it's stuffy in here start the fan",
        "fan for [two hours](length) on the [lowest](speed=low) setting",
        "set the fan to [medium](speed)",
        "switch the fan on [gently](speed=low) for [forty five minutes](length)",
    ]
)
def run_fan(
    _context: Context, *, speed: Literal["low", "medium", "high"] | None = None, length: Duration | None = None
) -> str:
    """Switch on the fan at a speed, for some time."""
    how_long = f" for {say_duration(length)}" if length else ""
    return f"The fan runs at {speed or 'medium'} speed{how_long}."
