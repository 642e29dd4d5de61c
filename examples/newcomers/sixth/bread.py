"""The bread machine."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, Time, skill


@skill(
    examples=[
        "bake a [white](loaf) loaf for [seven in the morning](ready)",
        "start the bread machine",
        "make a [wholemeal](loaf) bread",
        "i'd like fresh bread at [half past eight](ready)",
        "bake us a [sweet](loaf) loaf please",
        "have a [brown](loaf=wholemeal) loaf ready by [six](ready)",
        "set the bread maker to [wholemeal](loaf) and be done at [noon](ready)",
        "bread machine on the [brioche](loaf=sweet) programme",
        "the bread should be finished by [quarter past five](ready)",
        "put a loaf of [white](loaf) bread on",
    ]
)
def bake_bread(
    _context: Context, *, loaf: Literal["white", "wholemeal", "sweet"] | None = None, ready: Time | None = None
) -> str:
    """Start the bread machine with a programme, so that the loaf is done at a given time."""
    at = f", done at {ready:%H:%M}" if ready else ""
    return f"A {loaf or 'white'} loaf is on its way{at}."
