"""Bulbs: which light bulb goes into which lamp."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, skill


@skill(
    examples=[
        "the [desk lamp](lamp) takes a [small screw](fitting=small_screw) bulb",
        "the [hall light](lamp) needs a [big screw](fitting=large_screw) bulb",
        "note that the [bathroom mirror](lamp) has [pin](fitting=pin) bulbs",
        "remember the bulb for the [porch lamp](lamp) is [large screw](fitting=large_screw)",
        "the bulb in the [bedside lamp](lamp) is a [bayonet](fitting=bayonet)",
        "save [bayonet](fitting=bayonet) as the bulb type for the [pantry](lamp)",
        "the [chandelier](lamp) uses [thin screw](fitting=small_screw) bulbs",
        "bulb type for the [cooker hood](lamp) is [two pin](fitting=pin)",
        "write down [small screw](fitting=small_screw) for the [piano lamp](lamp) bulb",
        "the [reading lamp](lamp) wants a bulb with a [big screw](fitting=large_screw)",
    ]
)
def note_bulb_type(
    _context: Context,
    *,
    lamp: str,
    fitting: Literal["small_screw", "large_screw", "pin", "bayonet"],
) -> str:
    """Note which kind of bulb fits into a lamp."""
    return f"The {lamp} takes a bulb with a {fitting.replace('_', ' ')} fitting."
