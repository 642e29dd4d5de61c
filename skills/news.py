"""Headlines from RSS and Atom feeds of the household's choice."""

from __future__ import annotations

import html
import io
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.skill import ConfigError, Context, SkillError, skill
from skills._web import Answer, Request, UnreachableError, fetch_all, unreachable

SETTINGS: dict[str, Any] = {
    "feeds": {
        "BBC": "https://feeds.bbci.co.uk/news/rss.xml",
        "NPR": "https://feeds.npr.org/1001/rss.xml",
        "The Guardian": "https://www.theguardian.com/world/rss",
        "Deutsche Welle": "https://rss.dw.com/rdf/rss-en-all",
    },
    "topics": {
        "world": "https://feeds.bbci.co.uk/news/world/rss.xml",
        "business": "https://feeds.bbci.co.uk/news/business/rss.xml",
        "politics": "https://feeds.bbci.co.uk/news/politics/rss.xml",
        "health": "https://feeds.bbci.co.uk/news/health/rss.xml",
        "science": "https://feeds.bbci.co.uk/news/science_and_environment/rss.xml",
        "technology": "https://feeds.bbci.co.uk/news/technology/rss.xml",
        "entertainment": "https://feeds.bbci.co.uk/news/entertainment_and_arts/rss.xml",
        "sports": "https://feeds.bbci.co.uk/sport/rss.xml",
    },
    "count": 5,
}

LIMIT_S = 4.5
SAME = 80
"""Two headlines that are alike by this much of 100 (rapidfuzz, word order ignored) tell the same story."""
HEADLINE_CHARACTERS = 200
_SMALL_WORDS = frozenset(
    (
        "a",
        "about",
        "an",
        "and",
        "at",
        "for",
        "from",
        "in",
        "latest",
        "my",
        "news",
        "of",
        "on",
        "or",
        "some",
        "the",
        "to",
    )
)


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
    feeds, filtered = _choose_feeds(context, topic)
    headlines = _headlines(feeds)
    if filtered and topic:
        headlines = [headline for headline in headlines if _is_about(headline, topic)]
    chosen = _distinct(headlines, int(context.settings["count"]))
    if not chosen:
        raise SkillError(f"I found no news about {topic}." if topic else "The feeds hold no news.")
    lead = f"News about {topic}." if topic else "Here is the news."
    return " ".join([lead, *(f"{headline.source}: {headline.title}" for headline in chosen)])


@dataclass(frozen=True, slots=True)
class Headline:
    """One story of a feed."""

    source: str
    title: str
    text: str
    """Title, summary and tags, for finding a topic."""
    at: float
    """Seconds since 1970; 0 where the feed does not say."""


def _choose_feeds(context: Context, topic: str | None) -> tuple[Mapping[str, str], bool]:
    """The feeds to read, and whether the stories must still be looked through for the topic."""
    feeds, topics = context.settings["feeds"], context.settings["topics"]
    for name, table in (("feeds", feeds), ("topics", topics)):
        if not isinstance(table, Mapping) or not all(isinstance(url, str) for url in table.values()):
            raise ConfigError(f'skills.news.{name} must be a table of names and addresses: NPR = "https://..."')
    if not topic:
        if not feeds:
            raise SkillError("I have no news feeds; add some under skills.news.feeds in the settings.")
        return feeds, False
    wanted = set(_words(topic))
    for table in (topics, feeds):
        for name, url in table.items():
            if wanted and wanted == set(_words(name)):
                return {name.capitalize() if table is topics else name: url}, False
    return {**feeds, **{name.capitalize(): url for name, url in topics.items()}}, True


def _words(text: str) -> list[str]:
    """The words that carry meaning, without a plural's s: `the latest sports news` -> sport."""
    words = re.findall(r"\w+", text.casefold())
    return [word.removesuffix("s") if len(word) > 3 else word for word in words if word not in _SMALL_WORDS]


def _headlines(feeds: Mapping[str, str]) -> list[Headline]:
    """The stories of all feeds that answered, newest first. Raises SkillError when none did."""
    answers = fetch_all([Request(url) for url in feeds.values()], LIMIT_S)
    found: list[Headline] = []
    failures: list[UnreachableError] = []
    readable = 0
    for name, answer in zip(feeds, answers, strict=True):
        if isinstance(answer, UnreachableError):
            failures.append(answer)
        elif answer.status < 400:
            stories = list(_read_feed(name, answer))
            readable += bool(stories)
            found += stories
    if not readable and len(failures) == len(feeds):
        raise unreachable("the news", failures[0]) from failures[0]
    if not readable:
        raise SkillError("None of the news feeds answered with news; look at skills.news.feeds in the settings.")
    return sorted(found, key=lambda headline: -headline.at)


def _read_feed(name: str, answer: Answer) -> Iterator[Headline]:
    import feedparser

    # as a stream: bytes alone would be taken for the name of a file
    for entry in feedparser.parse(io.BytesIO(answer.body)).entries:
        title = _plain(entry.get("title", ""))[:HEADLINE_CHARACTERS].strip()
        if not title:
            continue
        tags = " ".join(str(tag.get("term", "")) for tag in entry.get("tags", []))
        published = entry.get("published_parsed") or entry.get("updated_parsed")
        ended = title if title[-1] in ".?!" else f"{title}."
        yield Headline(
            name, ended, f"{title} {_plain(entry.get('summary', ''))} {tags}", _seconds(published) if published else 0.0
        )


def _seconds(published: time.struct_time) -> float:
    try:
        return time.mktime(published)
    except (OverflowError, ValueError):
        return 0.0


def _plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def _is_about(headline: Headline, topic: str) -> bool:
    """Whether every word of the topic begins a word of the story: `election` finds "elections"."""
    present = _words(headline.text)
    wanted = _words(topic)
    return bool(wanted) and all(any(word.startswith(want) for word in present) for want in wanted)


def _distinct(headlines: Sequence[Headline], count: int) -> list[Headline]:
    """The first `count` that do not repeat one another."""
    from rapidfuzz import fuzz

    chosen: list[Headline] = []
    for headline in headlines:
        if len(chosen) >= count:
            break
        if all(fuzz.token_sort_ratio(headline.title.lower(), other.title.lower()) < SAME for other in chosen):
            chosen.append(headline)
    return chosen
