"""Calls: ring somebody up over the house phone."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, skill


@skill(
    examples=[
        "call [grandma](person)",
        "ring [uncle pete](person)",
        "phone [the dentist](person)",
        "call [sarah](person) on her [mobile](line=mobile)",
        "give [dad](person) a call at [work](line=work)",
        "dial [doctor miller](person)",
        "i want to talk to [my sister](person) on the phone",
        "call [tom](person) at [home](line=home)",
        "phone [the plumber](person) please",
        "ring up [mrs jensen](person) on her [cell](line=mobile)",
    ]
)
def call_person(_context: Context, *, person: str, line: Literal["mobile", "home", "work"] | None = None) -> str:
    """Make a phone call to somebody, on a certain line if said."""
    return f"Calling {person} on the {line} line." if line else f"Calling {person}."
