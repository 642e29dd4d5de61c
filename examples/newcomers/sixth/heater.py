"""The parking heater."""

from __future__ import annotations

from assistant.skill import Context, When, skill


@skill(
    examples=[
        "warm up the car",
        "preheat the car for [half past seven](departure)",
        "i'm leaving at [eight](departure) so heat the car",
        "start the parking heater",
        "the car should be warm by [six tomorrow morning](departure)",
        "turn on the heating in the car please",
        "have the car warm for me on [monday at seven](departure)",
        "defrost the car",
        "get the car nice and warm for [quarter to nine](departure)",
        "it's freezing warm the car up now",
    ]
)
def warm_car(_context: Context, *, departure: When | None = None) -> str:
    """Warm up the car with its parking heater, at once or for a given departure."""
    at = f" for {departure:%A, %H:%M}" if departure else " now"
    return f"The car is warmed up{at}."
