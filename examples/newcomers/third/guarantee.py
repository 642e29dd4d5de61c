"""Guarantee: how long the things of the house are covered."""

from __future__ import annotations

from assistant.skill import Context, Number, skill


@skill(
    examples=[
        "the [toaster](thing) has [two](years) years of warranty",
        "save a [three](years) year warranty for the [drill](thing)",
        "warranty on the [dishwasher](thing) is [five](years) years",
        "note that the [kettle](thing) is under warranty for [one](years) year",
        "add the [hair dryer](thing) to the warranties",
        "the [new sofa](thing) comes with [ten](years) years guarantee",
        "we got [four](years) years of guarantee on the [laptop](thing)",
        "put the [lawn mower](thing) on the warranty list for [six](years) years",
        "register the warranty of the [tv](thing)",
        "guarantee for the [coffee grinder](thing) [two](years) years",
    ]
)
def add_guarantee(_context: Context, *, thing: str, years: Number = 2) -> str:
    """Save for how many years something that was bought is under guarantee, two if not said."""
    return f"The {thing} is covered for {years:g} {'year' if years == 1 else 'years'} from today."
