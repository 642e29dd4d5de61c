"""A bus timetable: when the next bus leaves."""

from __future__ import annotations

from assistant.skill import Context, Number, Time, skill


@skill(
    examples=[
        "when is the next bus",
        "when does the next bus to [the airport](to) leave",
        "when is the next [forty two](line) bus",
        "bus to [main street](to) please",
        "how long until the [12](line) bus comes",
        "is there a bus to [the hospital](to) after [eight](after)",
        "next bus from [city hall](stop) to [the university](to)",
        "what time does bus [seven](line) leave from [king street](stop)",
        "bus times from [the station](stop)",
        "did i miss the bus to [the zoo](to)",
    ]
)
def next_bus(
    _context: Context,
    *,
    line: Number | None = None,
    stop: str | None = None,
    to: str | None = None,
    after: Time | None = None,
) -> str:
    """Say when the next bus leaves."""
    asked = [f"bus {line:g}" if line else "bus", f"from {stop}" if stop else "", f"to {to}" if to else ""]
    when = f"at {after:%H:%M}" if after else "in nine minutes"
    return f"The next {' '.join(part for part in asked if part)} leaves {when}."
