"""Arithmetic, exactly as it was said."""

from __future__ import annotations

from assistant.skill import Context, Expression, SkillError, skill


@skill(
    examples=[
        "what's [five times seven](expression)",
        "what is [12 + 30](expression)",
        "calculate [fifteen percent of two hundred](expression)",
        "how much is [144 divided by 12](expression)",
        "what's the [square root of eighty one](expression)",
        "[two plus two](expression)",
        "work out [one hundred and twenty minus thirty five](expression)",
        "could you tell me what [three point five times four](expression) is",
        "what do you get if you [add five and seven](expression)",
        "what's [half of ninety](expression)",
        "[9 x 8](expression) please",
        "please compute [two to the power of ten](expression)",
        "what is the [sum of twelve and thirty](expression)",
        "i need [1000 / 8](expression)",
        "what does [seven minus minus two](expression) equal",
        "do you know what [a third of sixty](expression) is",
        "help me with [17 times 23](expression)",
        "what is [6 squared](expression)",
        "how much is [a hundred divided by three](expression)",
        "what's the [difference between fifty and eighteen](expression)",
        "[multiply eleven by twelve](expression)",
        "what's [20% of 45](expression)",
        "what is the [product of six and nine](expression)",
        "tell me [five factorial](expression)",
        "what's [a half plus a quarter](expression)",
        "can you [divide forty by five](expression) for me",
        "how much would [eighteen percent of 64.50](expression) be",
    ]
)
def calculate(context: Context, *, expression: Expression) -> str:
    """Work out an arithmetic expression."""
    raise SkillError("I can't do that yet.")
