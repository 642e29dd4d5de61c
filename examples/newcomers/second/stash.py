"""Stash: remembers where things were put away."""

from __future__ import annotations

from assistant.skill import Context, skill


@skill(
    examples=[
        "i put [the passports](item) in [the top drawer](place)",
        "[the spare key](item) is under [the flower pot](place)",
        "remember [the drill](item) is in [the basement](place)",
        "i left [the christmas lights](item) in [the attic](place)",
        "[the tent](item) went into [the garage](place)",
        "i stored [the winter coats](item) in [the hall closet](place)",
        "keep in mind [the batteries](item) are in [the kitchen cupboard](place)",
        "i am putting [the tax papers](item) in [the blue folder](place)",
        "we keep [the candles](item) in [the sideboard](place)",
        "[my sunglasses](item) are in [the glove box](place)",
    ]
)
def store_item(_context: Context, *, item: str, place: str) -> str:
    """Remember in which place a thing was put away."""
    return f"I will remember where {item} went: {place}."
