"""A restaurant's book: a table for so many people."""

from __future__ import annotations

from assistant.skill import Context, Date, Number, Time, skill


@skill(
    examples=[
        "book a table for [two](people)",
        "reserve a table for [four](people) [tomorrow](day)",
        "get us a table for [six](people) on [friday](day) at [eight](at)",
        "i need a table for [three](people) at [half past seven](at)",
        "we want to eat out [tonight](day) with [five](people) people",
        "make a reservation for [two](people) people at [seven pm](at)",
        "table for [eight](people) on [saturday](day) please",
        "can you book dinner for [four](people) [next sunday](day)",
        "a reservation for [ten](people) at [noon](at) on [monday](day)",
        "please reserve [two](people) seats for [tomorrow](day) at [six](at)",
    ]
)
def book_table(_context: Context, *, people: Number, day: Date | None = None, at: Time | None = None) -> str:
    """Reserve a table in the restaurant."""
    when = f" on {day:%A}" if day else ""
    return f"A table for {people:g}{when}{f' at {at:%H:%M}' if at else ''}."
