"""The doorbell: silent for a while."""

from __future__ import annotations

from assistant.readers import say_duration
from assistant.skill import Context, Duration, skill


@skill(
    examples=[
        "mute the doorbell",
        "mute the doorbell for [two hours](length)",
        "silence the doorbell please",
        "for the next [forty five minutes](length) keep the doorbell quiet",
        "no doorbell for [an hour and a half](length) the baby is asleep",
        "turn off the doorbell",
        "don't let the doorbell ring for [half an hour](length)",
        "stop the doorbell from ringing",
        "i don't want to hear the bell at the front door",
        "give me [ninety minutes](length) without the doorbell",
    ]
)
def mute_doorbell(_context: Context, *, length: Duration | None = None) -> str:
    """Silence the doorbell for some time or until it is switched on again."""
    how_long = f" for {say_duration(length)}" if length else " until you say so"
    return f"The doorbell is silent{how_long}."
