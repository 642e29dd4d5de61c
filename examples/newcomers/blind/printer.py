"""A printer: a document, so many copies, in color or not."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, Number, skill


@skill(
    examples=[
        "print [the shopping list](document)",
        "print [two](copies) copies of [my ticket](document)",
        "can you print [the boarding pass](document) in [color](ink=color)",
        "make a printout of [the recipe](document)",
        "i need [the contract](document) on paper",
        "print [the invoice](document) [three](copies) times",
        "send [the report](document) to the printer",
        "[five](copies) [black and white](ink=black) copies of [the worksheet](document) please",
        "run off [ten](copies) copies of [the flyer](document)",
        "print out [the map](document) in [black](ink=black)",
    ]
)
def print_document(
    _context: Context, *, document: str, copies: Number = 1, ink: Literal["black", "color"] = "black"
) -> str:
    """Print a document."""
    return f"Printing {document}, {copies:g} times in {ink}."
