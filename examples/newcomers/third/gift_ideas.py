"""Gift ideas: what people would like to get."""

from __future__ import annotations

from assistant.skill import Context, skill


@skill(
    examples=[
        "gift idea for [mum](person) [a silk scarf](idea)",
        "[tom](person) would like [a drone](idea)",
        "add [hiking socks](idea) to [grandpa](person)'s gift ideas",
        "note [a cookbook](idea) as a present for [lisa](person)",
        "put [wireless headphones](idea) on the gift list for [ben](person)",
        "i could give [anna](person) [a pottery course](idea)",
        "[aunt rose](person) wants [a new teapot](idea)",
        "save a present idea for [dad](person) [garden gloves](idea)",
        "write down [concert tickets](idea) as a gift for [my sister](person)",
        "new gift idea [a puzzle](idea) for [oskar](person)",
    ]
)
def note_gift_idea(_context: Context, *, person: str, idea: str) -> str:
    """Note what somebody could be given as a present."""
    return f"I noted {idea} for {person}."
