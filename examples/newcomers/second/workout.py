"""Workout: a training diary."""

from __future__ import annotations

from typing import Literal

from assistant.readers import say_duration
from assistant.skill import Context, Duration, Number, skill


@skill(
    examples=[
        "log a [thirty minute](duration) [run](sport=running)",
        "i [ran](sport=running) [five](kilometers) kilometers",
        "i went [swimming](sport=swimming) for [an hour](duration)",
        "i [cycled](sport=cycling) [twenty](kilometers) kilometers in [fifty minutes](duration)",
        "add a [bike ride](sport=cycling) of [ten](kilometers) kilometers",
        "record [forty five minutes](duration) of [yoga](sport=yoga)",
        "just finished my [yoga](sport=yoga)",
        "i [swam](sport=swimming) [two](kilometers) kilometers today",
        "put down [one hour](duration) on the [bike](sport=cycling)",
        "log my [run](sport=running)",
    ]
)
def log_workout(
    _context: Context,
    *,
    sport: Literal["running", "swimming", "cycling", "yoga"],
    duration: Duration | None = None,
    kilometers: Number | None = None,
) -> str:
    """Write a workout into the training diary: the sport, how long, how far."""
    far = f", {kilometers:g} kilometers" if kilometers is not None else ""
    long = f", {say_duration(duration)}" if duration is not None else ""
    return f"Logged {sport}{far}{long}."
