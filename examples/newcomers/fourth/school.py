"""School: who does not come."""

from __future__ import annotations

from assistant.skill import Context, Day, skill


@skill(
    examples=[
        "tell the school that [oliver](child) is ill",
        "report [mia](child) absent [tomorrow](day)",
        "[jack](child) won't be in class on [thursday](day)",
        "let the school know [hannah](child) is staying home [today](day)",
        "call in sick for [leo](child)",
        "please excuse [amira](child) from school on [monday](day)",
        "[ruby](child) can't go to school",
        "send the school a message that [theo](child) is missing lessons [next friday](day)",
        "[tomorrow](day) [freya](child) isn't going to school",
        "inform the teacher that [sam](child) is off sick",
    ]
)
def report_absence(_context: Context, *, child: str, day: Day | None = None) -> str:
    """Tell the school that a child is not coming."""
    when = f" on {day.date:%A}" if day else " today"
    return f"I have told the school that {child} is not coming{when}."
