"""The phone that nobody can find."""

from __future__ import annotations

from assistant.skill import Context, skill


@skill(
    examples=[
        "where is my phone",
        "find my phone",
        "i can't find my phone anywhere",
        "make my mobile ring",
        "help me look for my phone please",
        "i've lost my phone again",
        "ring my phone so i can hear it",
        "have you seen my mobile",
        "let my phone make a noise",
        "my phone must be somewhere in the house",
    ]
)
def find_phone(_context: Context) -> str:
    """Make my mislaid phone ring loudly until somebody picks it up."""
    return "It rings."
