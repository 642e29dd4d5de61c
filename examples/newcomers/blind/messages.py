"""Short messages to people of the address book."""

from __future__ import annotations

from assistant.skill import Context, skill


@skill(
    examples=[
        "text [anna](person) that [i will be late](message)",
        "send [dad](person) a message saying [dinner is ready](message)",
        "tell [tom](person) [we are on our way](message)",
        "message [my boss](person) [i am sick today](message)",
        "write to [julia](person) [happy birthday](message)",
        "let [mom](person) know [the train is delayed](message)",
        "can you text [peter](person) [call me back](message)",
        "send a text to [grandma](person) saying [thank you for the cake](message)",
        "text my [sister](person) [where are you](message)",
        "please tell [ben](person) that [the key is under the mat](message)",
    ]
)
def send_text(_context: Context, *, person: str, message: str) -> str:
    """Send a text message to somebody."""
    return f"I wrote {person}: {message}."
