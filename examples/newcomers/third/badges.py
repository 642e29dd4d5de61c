"""Badges: name badges from the little printer at the reception."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, skill


@skill(
    examples=[
        "print a badge for [anna keller](person)",
        "make a [visitor](role=visitor) badge for [john price](person)",
        "badge for [maria lopez](person) from [north star bank](company)",
        "print a [speaker](role=speaker) badge for [doctor singh](person) from [city hospital](company)",
        "i need a name badge for [peter](person) [contractor](role=contractor)",
        "[guest](role=visitor) badge for [sofia wolf](person) of [bright foods](company) please",
        "new [staff](role=staff) badge for [omar](person)",
        "name tag for [helen brown](person) from [oak and sons](company) as [speaker](role=speaker)",
        "print [tim baker](person) a [worker](role=contractor) badge for [miller roofing](company)",
        "print a badge saying [julia](person) [team](role=staff)",
    ]
)
def print_badge(
    _context: Context,
    *,
    person: str,
    company: str | None = None,
    role: Literal["visitor", "speaker", "staff", "contractor"] | None = None,
) -> str:
    """Print a name badge for a person, with the company and the role if said."""
    of = f" of {company}" if company else ""
    return f"I am printing a {role or 'plain'} badge for {person}{of}."
