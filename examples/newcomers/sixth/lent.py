"""What was lent."""

from __future__ import annotations

from assistant.skill import Context, Day, skill


@skill(
    examples=[
        "i lent the [ladder](thing) to [paul](person)",
        "[anna](person) borrowed my [tent](thing) until [sunday](back)",
        "remember that [mister becker](person) has our [drill](thing)",
        "i've given my [sister](person) the [blue suitcase](thing) she returns it on [the tenth of june](back)",
        "write down that i lent [tom](person) my [bicycle pump](thing)",
        "the [wheelbarrow](thing) went to the [neighbours](person) and comes back [tomorrow](back)",
        "lend the [sewing machine](thing) to my [mother](person) until [next friday](back)",
        "[kevin](person) took the [chess book](thing) with him on loan",
        "note a loan of the [pasta maker](thing) to [sophie](person) due back on [saturday](back)",
        "our [cool box](thing) is with my [uncle](person) till [wednesday](back)",
    ]
)
def lend_item(_context: Context, *, thing: str, person: str, back: Day | None = None) -> str:
    """Remember what was lent to whom and by which day it should come back."""
    until = f" until {back.date:%A}" if back else ""
    return f"{person.capitalize()} has the {thing}{until}."
