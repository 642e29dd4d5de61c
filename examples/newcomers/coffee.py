"""A coffee machine: one drink at a time, brewed now or later."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, Duration, skill


@skill(
    examples=[
        "make me a [cappuccino](drink)",
        "brew [two espressos](drink) please",
        "i would like a [large](size=large) [latte](drink)",
        "can you make a [small](size=small) [black coffee](drink)",
        "start a [flat white](drink) in [twenty minutes](wait)",
        "have a [double espresso](drink) ready in [half an hour](wait)",
        "coffee machine give me an [americano](drink)",
        "brew a [medium](size=medium) [mocha](drink) in [five minutes](wait)",
        "i need an [espresso](drink)",
        "get the [cocoa](drink) going",
    ]
)
def make_coffee(
    _context: Context,
    *,
    drink: str,
    size: Literal["small", "medium", "large"] = "medium",
    wait: Duration | None = None,
) -> str:
    """Brew a drink with the coffee machine."""
    when = f" in {wait.total_seconds() / 60:g} minutes" if wait else ""
    return f"One {size} {drink}{when}."
