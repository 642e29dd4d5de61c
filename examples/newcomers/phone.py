"""A phone finder: rings the phone that nobody can find."""

from __future__ import annotations

from assistant.skill import Context, skill


@skill(
    examples=[
        "where is my phone",
        "find my phone",
        "ring my phone please",
        "i can't find my phone",
        "i lost my mobile again",
        "make my phone ring",
        "help me find my cell phone",
        "can you call my phone so i can hear it",
        "have you seen my phone",
        "let my phone make some noise",
    ]
)
def find_phone(_context: Context) -> str:
    """Ring the phone so that it can be found."""
    return "Your phone is ringing."
