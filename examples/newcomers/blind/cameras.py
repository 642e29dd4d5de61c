"""Cameras around the house, shown on the screen."""

from __future__ import annotations

from assistant.skill import Context, skill


@skill(
    examples=[
        "show me the [front door](place) camera",
        "who is at [the gate](place)",
        "camera in [the garage](place)",
        "let me see [the driveway](place)",
        "put the [nursery](place) camera on the screen",
        "what is going on in [the backyard](place)",
        "is anybody in [the garden](place)",
        "pull up the camera of [the porch](place)",
        "i want to look at [the baby's room](place)",
        "check the [kitchen](place) camera please",
    ]
)
def show_camera(_context: Context, *, place: str) -> str:
    """Show what a camera sees."""
    return f"This is {place}."
