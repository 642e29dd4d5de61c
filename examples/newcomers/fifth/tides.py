"""The sea: high and low water."""

from __future__ import annotations

from assistant.skill import Context, Day, skill


@skill(
    examples=[
        "when is high tide",
        "when is high tide [tomorrow](day)",
        "what time is low water on [saturday](day)",
        "tell me the tides for [today](day)",
        "tide times please",
        "is the tide coming in or going out",
        "how are the tides on [the third of june](day)",
        "[next sunday](day) when will the tide be out",
        "when does the sea come up to the wall",
        "at what time is the water lowest [the day after tomorrow](day)",
    ]
)
def tide_times(_context: Context, *, day: Day | None = None) -> str:
    """Tell when high and low water are at the local beach."""
    when = f" on {day.date:%A}" if day else ""
    return f"High water{when} is at 6:40 and 19:05, low water at 0:30 and 12:50."
