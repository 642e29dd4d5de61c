"""Cooking: what stands in for an ingredient."""

from __future__ import annotations

from assistant.skill import Context, skill


@skill(
    examples=[
        "what can i use instead of [buttermilk](ingredient)",
        "i've run out of [eggs](ingredient) what else would work",
        "give me a substitute for [baking powder](ingredient)",
        "is there anything i can put in place of the [sour cream](ingredient)",
        "what's a good replacement for [fish sauce](ingredient)",
        "we have no [cornflour](ingredient) what do i take instead",
        "swap out the [brown sugar](ingredient)",
        "how do i replace [white wine](ingredient) in a recipe",
        "i can't eat [butter](ingredient) so what could i cook with",
        "find me an alternative to [fresh thyme](ingredient) please",
    ]
)
def swap_ingredient(_context: Context, *, ingredient: str) -> str:
    """Say what can be used in place of an ingredient."""
    return f"I have no idea yet what could replace {ingredient}."
