"""Headlines from RSS and Atom feeds of the household's choice."""

from __future__ import annotations

from assistant.skill import Context, SkillError, skill


@skill(
    examples=[
        "what's the news",
        "what's in the news today",
        "read me the headlines",
        "news",
        "give me the latest news about [football](topic)",
        "any news on [climate change](topic)",
        "tell me the [sports](topic) news",
        "[technology](topic) news please",
        "what's happening in the world",
        "what is going on in [brazil](topic)",
        "is there anything new about [the election](topic)",
        "top stories",
        "could you read today's top headlines to me",
        "what are the headlines in [business](topic)",
        "did anything happen in [politics](topic) this morning",
        "i want to hear some [science](topic) news",
        "catch me up on the news",
        "what do the papers say about [electric cars](topic)",
        "latest on [the space station](topic)",
        "news about [apple](topic)",
        "what happened with [the stock market](topic) today",
        "brief me",
        "please tell me what's new in [medicine](topic)",
        "show me the headlines from [the bbc](topic)",
    ]
)
def news(context: Context, *, topic: str | None = None) -> str:
    """Read the latest headlines, of everything or about one topic."""
    raise SkillError("The news is not ready yet.")
