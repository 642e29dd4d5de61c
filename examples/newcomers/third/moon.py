"""Moon: how full it is."""

from __future__ import annotations

from assistant.skill import Context, Day, skill


@skill(
    examples=[
        "what does the moon look like",
        "what phase is the moon in",
        "moon phase for [friday](day)",
        "is the moon full [tomorrow](day)",
        "how full is the moon [tonight](day)",
        "tell me the moon phase",
        "is the moon waxing or waning",
        "what's the moon phase on [saturday](day)",
        "how much of the moon can we see [next monday](day)",
        "is it a full moon",
    ]
)
def moon_phase(_context: Context, *, day: Day | None = None) -> str:
    """Tell the phase of the moon, today or on a day."""
    when = f" on {day.date:%A}" if day else ""
    return f"The moon{when} is a waxing crescent."
