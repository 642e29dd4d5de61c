"""Framing: the orders of the picture framing shop."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, Day, skill


@skill(
    examples=[
        "frame [the wedding photo](picture) in [oak](frame=oak)",
        "frame [the map](picture) in [black](frame=black) by [friday](ready)",
        "new framing order [the landscape](picture) [gold](frame=gold) for [tuesday](ready)",
        "put [the diploma](picture) in a [white](frame=white) frame",
        "framing job for [a poster](picture)",
        "take an order to frame [the charcoal portrait](picture) in [gilt](frame=gold)",
        "[the football shirt](picture) gets a [black](frame=black) frame by [next monday](ready)",
        "frame [two postcards](picture) by [thursday](ready)",
        "order a [wooden](frame=oak) frame for [the watercolour](picture) ready [tomorrow](ready)",
        "frame [the family tree](picture) in [white](frame=white) for [saturday](ready)",
    ]
)
def order_frame(
    _context: Context,
    *,
    picture: str,
    frame: Literal["oak", "black", "white", "gold"] | None = None,
    ready: Day | None = None,
) -> str:
    """Take the order to frame a picture, in a kind of frame and by a day if said."""
    by = f", ready on {ready.date:%A}" if ready else ""
    return f"Order taken: {picture} in {frame or 'a plain frame'}{by}."
