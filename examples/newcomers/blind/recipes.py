"""A cookbook: a recipe for a dish, that is done in so many minutes."""

from __future__ import annotations

from assistant.skill import Context, Number, skill


@skill(
    examples=[
        "find me a recipe for [lasagna](dish)",
        "how do i make [pancakes](dish)",
        "what do i need for [apple pie](dish)",
        "show me a [chicken soup](dish) recipe",
        "i want to cook [thai curry](dish) tonight",
        "[potato salad](dish) recipe please",
        "look up how to bake [banana bread](dish)",
        "is there a quick recipe for [ramen](dish) that takes [twenty](minutes) minutes",
        "read me the recipe for [chili](dish)",
        "a recipe for [risotto](dish) in under [forty](minutes) minutes",
    ]
)
def find_recipe(_context: Context, *, dish: str, minutes: Number | None = None) -> str:
    """Find a recipe for a dish."""
    return f"Here is a recipe for {dish}{f' in {minutes:g} minutes' if minutes else ''}."
