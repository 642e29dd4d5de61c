"""Cuttings: what is growing roots on the window sill."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, skill


@skill(
    examples=[
        "i took a cutting of the [fig](plant)",
        "i put a [rosemary](plant) cutting in [water](medium=water)",
        "new [geranium](plant) cutting in [soil](medium=soil)",
        "note a cutting of [lavender](plant) in [sand](medium=sand)",
        "rooting [monstera](plant) in a [glass](medium=water)",
        "cutting from the [fuchsia](plant) is in [potting soil](medium=soil) now",
        "log a [hydrangea](plant) cutting",
        "i stuck a [willow](plant) twig in [moss](medium=moss)",
        "[begonia](plant) cutting goes in [sphagnum](medium=moss)",
        "started a [money tree](plant) cutting in [grit](medium=sand)",
    ]
)
def log_cutting(
    _context: Context,
    *,
    plant: str,
    medium: Literal["water", "soil", "sand", "moss"] | None = None,
) -> str:
    """Note that a cutting of a plant was taken and what it is rooting in."""
    where = f" in {medium}" if medium else ""
    return f"I noted the {plant} cutting{where}."
