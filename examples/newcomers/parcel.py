"""Parcels: where the things are that were ordered."""

from __future__ import annotations

from assistant.skill import Context, skill


@skill(
    examples=[
        "where is my parcel",
        "track my package from [amazon](shop)",
        "has the [ikea](shop) delivery arrived",
        "when will my order come",
        "is there any news about the package from [the book store](shop)",
        "when does the parcel from [zalando](shop) get here",
        "check on my delivery",
        "did [decathlon](shop) send my order yet",
        "what is the status of my [ebay](shop) order",
        "is my package on its way",
    ]
)
def track_parcel(_context: Context, *, shop: str | None = None) -> str:
    """Say where an ordered parcel is."""
    return f"The parcel{f' from {shop}' if shop else ''} comes tomorrow."
