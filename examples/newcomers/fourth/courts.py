"""The sports club: courts."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, When, skill


@skill(
    examples=[
        "book me a court",
        "get us a [tennis](sport) court for [saturday at ten](start)",
        "reserve a court for [tomorrow evening](start)",
        "i want to play [squash](sport) on [wednesday](start)",
        "is there a [badminton](sport) court free [tonight](start)",
        "book a [squash](sport) court please",
        "we'd like to hit some [shuttlecocks](sport=badminton) on [sunday afternoon](start)",
        "can you find us a court at [half past six](start)",
        "[friday at noon](start) i need a court for [tennis](sport)",
        "reserve one of the [grass](sport=tennis) courts at the club",
    ]
)
def book_court(
    _context: Context, *, sport: Literal["tennis", "squash", "badminton"] | None = None, start: When | None = None
) -> str:
    """Book a court at the sports club."""
    at = f" for {start:%A at %H:%M}" if start else ""
    return f"A {sport or 'free'} court is booked{at}."
