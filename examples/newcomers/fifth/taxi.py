"""Taxis."""

from __future__ import annotations

from assistant.skill import Context, Number, When, skill


@skill(
    examples=[
        "book a taxi to the [airport](destination)",
        "get me a cab to the [train station](destination) at [half past seven](pickup)",
        "i need a taxi to the [town hall](destination) for [four](passengers) people",
        "order a taxi for [three](passengers) to the [opera house](destination) [tonight at seven](pickup)",
        "[tomorrow at six in the morning](pickup) i need a cab to the [ferry terminal](destination)",
        "call a taxi that takes me to [saint mary's hospital](destination)",
        "could you get a taxi for [friday at noon](pickup) to [aunt helen's house](destination)",
        "there are [five](passengers) of us going to the [stadium](destination) please book a taxi",
        "have a cab pick me up at [quarter to nine](pickup) and drive me to my [office](destination)",
        "taxi to [twelve mill lane](destination) on [sunday at ten](pickup) with [two](passengers) passengers",
    ]
)
def book_taxi(
    _context: Context, *, destination: str, pickup: When | None = None, passengers: Number | None = None
) -> str:
    """Order a taxi to the house that drives to a place."""
    at = f" at {pickup:%A, %H:%M}" if pickup else ""
    people = f" for {passengers:g}" if passengers is not None else ""
    return f"A taxi{people} to {destination} is ordered{at}."
