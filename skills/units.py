"""Conversion between units of measure; never of money."""

from __future__ import annotations

from assistant.skill import Context, Number, SkillError, skill


@skill(
    examples=[
        "convert [ten](amount) [miles](unit) to [kilometers](to)",
        "how many [ounces](to) are in a [cup](unit)",
        "what's [70](amount) degrees [fahrenheit](unit) in [celsius](to)",
        "how many [grams](to) is [two and a half](amount) [pounds](unit)",
        "[five](amount) [feet](unit) in [meters](to)",
        "how many [minutes](to) are there in a [week](unit)",
        "what is [100](amount) [miles per hour](unit) in [kilometers per hour](to)",
        "please convert [three](amount) [tablespoons](unit) into [milliliters](to)",
        "how much is [10](amount) [kg](unit) in [pounds](to)",
        "change [six](amount) [inches](unit) to [centimeters](to)",
        "how many [teaspoons](to) go into a [tablespoon](unit)",
        "could you tell me how many [liters](to) [four](amount) [gallons](unit) are",
        "how many [feet](to) in a [mile](unit)",
        "what would [one point five](amount) [liters](unit) be in [cups](to)",
        "i have [500](amount) [milliliters](unit) how many [fluid ounces](to) is that",
        "turn [twelve](amount) [stone](unit) into [kilos](to)",
        "how do you convert [acres](unit) to [square meters](to)",
        "[180](amount) [celsius](unit) in [fahrenheit](to)",
        "what is [a hundred](amount) [yards](unit) in [metres](to)",
        "how many [megabytes](to) are in [2](amount) [gigabytes](unit)",
        "how far is [26.2](amount) [miles](unit) in [km](to)",
        "[half](amount) a [pound](unit) in [grams](to)",
        "what's [minus forty](amount) degrees [fahrenheit](unit) in degrees [celsius](to)",
        "how many [seconds](to) are in [three](amount) [hours](unit)",
        "how many [euros](to) is [twenty](amount) [dollars](unit)",
    ]
)
def convert(context: Context, *, amount: Number | None = None, unit: str, to: str) -> str:
    """Convert an amount from one unit of measure to another."""
    raise SkillError("I can't do that yet.")
