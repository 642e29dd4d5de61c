"""Birds of the garden."""

from __future__ import annotations

from assistant.skill import Context, Number, skill


@skill(
    examples=[
        "i just saw a [robin](bird)",
        "log [three](count) [blackbirds](bird)",
        "there are [two](count) [magpies](bird) on the fence",
        "add a [great tit](bird) to the bird log",
        "bird log [five](count) [house sparrows](bird)",
        "there's a [green woodpecker](bird) in the garden write it down",
        "i spotted [four](count) [long tailed tits](bird) this morning",
        "put the [kestrel](bird) into my bird diary",
        "record a sighting of [twelve](count) [starlings](bird)",
        "new bird for the log a [goldfinch](bird)",
    ]
)
def log_bird(_context: Context, *, bird: str, count: Number | None = None) -> str:
    """Write a bird that was seen in the garden into the bird log."""
    return f"Written down: {count or 1:g} {bird}."
