"""The robot mower."""

from __future__ import annotations

from assistant.readers import say_duration
from assistant.skill import Context, Duration, skill


@skill(
    examples=[
        "mow the lawn",
        "cut the grass for [forty minutes](length)",
        "send the mower out",
        "let the mower run for [an hour](length)",
        "the grass is too long again",
        "give the lawn [half an hour](length) of mowing",
        "could you start the robot mower please",
        "i want the lawn mown for [two hours](length)",
        "get the mower going for another [fifteen minutes](length)",
        "time to trim the lawn",
    ]
)
def mow_lawn(_context: Context, *, length: Duration | None = None) -> str:
    """Send the robot mower out to cut the grass."""
    return f"The mower is out for {say_duration(length)}." if length else "The mower is out."
