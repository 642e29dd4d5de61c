"""Mattress: when it was last flipped."""

from __future__ import annotations

from assistant.skill import Context, skill


@skill(
    examples=[
        "i flipped the mattress",
        "note that the mattress was flipped",
        "i flipped the mattress in the [guest room](bed)",
        "mattress flipped today",
        "the [bunk bed](bed) mattress has been flipped",
        "write down that i rotated the mattress",
        "we turned the mattress over in the [kids room](bed)",
        "flipped the mattress on the [big bed](bed)",
        "log a mattress flip",
        "log a mattress flip for the [sofa bed](bed)",
    ]
)
def log_mattress_flip(_context: Context, *, bed: str | None = None) -> str:
    """Note that the mattress was flipped, of one bed if said."""
    of = f" of the {bed}" if bed else ""
    return f"Noted, the mattress{of} was flipped today."
