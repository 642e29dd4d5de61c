"""Announcements, aloud in the house."""

from __future__ import annotations

from assistant.skill import Context, skill


@skill(
    examples=[
        "announce that [dinner is ready](message)",
        "announce in the [study](room) that [dinner is ready](message)",
        "tell everyone [we are leaving in five minutes](message)",
        "tell the [attic](room) that [the bathroom is free](message)",
        "say [good night](message) in the [children's room](room)",
        "let the whole house know that [grandma has arrived](message)",
        "broadcast [somebody please come and help me](message)",
        "call out to the [workshop](room) [your tea is getting cold](message)",
        "make an announcement [shoes off at the door](message)",
        "in the [living room](room) announce [the film is about to start](message)",
    ]
)
def announce(_context: Context, *, message: str, room: str | None = None) -> str:
    """Speak a message aloud in one room or in all of the house."""
    return f"Said in {room or 'every room'}: {message}."
