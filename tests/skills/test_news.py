"""The news skill against RSS and Atom feeds on the loopback address."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers import Feeds, Story

from assistant.skill import ConfigError, Context, SkillError
from skills import news as module
from skills.news import news

Make = Callable[..., Context]


def _at(hour: int) -> dt.datetime:
    return dt.datetime(2026, 3, 2, hour, tzinfo=dt.UTC)


@pytest.fixture
def feeds() -> Iterator[Feeds]:
    with Feeds() as running:
        running.stories = {
            "/one.xml": [
                Story("Rain floods the harbour", "The quay is <b>closed</b>.", at=_at(8)),
                Story("Elections set for June", "Voters choose a parliament.", "politics", at=_at(11)),
            ],
            "/two.atom": [
                Story("Elections are set for June", "The date was announced.", at=_at(10)),
                Story("A comet passes &amp; shines", "Seen from the observatory.", "science", at=_at(9)),
            ],
            "/sport.xml": [Story("Rovers win the cup", at=_at(7))],
        }
        yield running


@pytest.fixture
def house(feeds: Feeds, make_context: Make) -> Context:
    return make_context(
        settings={
            **module.SETTINGS,
            "feeds": {"One": f"{feeds.url}/one.xml", "Two": f"{feeds.url}/two.atom"},
            "topics": {"sports": f"{feeds.url}/sport.xml"},
        }
    )


def test_headlines(house: Context) -> None:
    """RSS and Atom are read together, newest first, and what two feeds tell is told once."""
    assert news(house) == (
        "Here is the news. One: Elections set for June. Two: A comet passes & shines. One: Rain floods the harbour."
    )


def test_count(house: Context, make_context: Make) -> None:
    """The household says how many headlines it wants."""
    assert (
        news(make_context(settings={**house.settings, "count": 1})) == "Here is the news. One: Elections set for June."
    )


@pytest.mark.parametrize("topic", ["sport", "sports", "the latest sports news"])
def test_topic_with_a_feed_of_its_own(house: Context, feeds: Feeds, topic: str) -> None:
    """A topic that has a feed is read from it alone."""
    assert news(house, topic=topic) == f"News about {topic}. Sports: Rovers win the cup."
    assert [seen.path for seen in feeds.seen] == ["/sport.xml"]


def test_source_as_topic(house: Context, feeds: Feeds) -> None:
    """The name of a feed asks for that feed."""
    assert "Rain floods" in news(house, topic="one")
    assert [seen.path for seen in feeds.seen] == ["/one.xml"]


@pytest.mark.parametrize("topic", ["the election", "comet", "the observatory", "parliament"])
def test_topic_is_looked_for(house: Context, topic: str) -> None:
    """Any other topic is looked for in titles, summaries and tags."""
    said = news(house, topic=topic)
    assert ("comet" in said) == (topic in ("comet", "the observatory"))
    assert "harbour" not in said


def test_unknown_topic(house: Context) -> None:
    """A topic nobody writes about is said to be missing; other news is not put in its place."""
    with pytest.raises(SkillError, match="no news about quidditch"):
        news(house, topic="quidditch")


def test_one_feed_is_down(house: Context, feeds: Feeds) -> None:
    """A feed that is down costs its own headlines only."""
    feeds.broken = {"/one.xml"}
    assert news(house) == "Here is the news. Two: Elections are set for June. Two: A comet passes & shines."


def test_malformed_address(house: Context, make_context: Make) -> None:
    """An address that cannot be one costs its own headlines only."""
    odd = {"Odd": "http://[half", "Label": f"http://{'x' * 300}.invalid/", **house.settings["feeds"]}
    assert "Elections" in news(make_context(settings={**house.settings, "feeds": odd}))


@pytest.mark.parametrize(
    ("fault", "words"),
    [(500, "None of the news feeds"), ("garbage", "None of the news feeds"), ("drop", "is there a network")],
)
def test_faults(house: Context, feeds: Feeds, fault: str | int, words: str) -> None:
    """When no feed can be read, that is said."""
    feeds.fail(fault)
    with pytest.raises(SkillError, match=words):
        news(house)


def test_slow_feeds(house: Context, feeds: Feeds, monkeypatch: pytest.MonkeyPatch) -> None:
    """Feeds that hang are given up together, not one after another."""
    monkeypatch.setattr(module, "LIMIT_S", 0.5)
    feeds.fail("slow")
    begun = time.monotonic()
    with pytest.raises(SkillError, match="did not answer in time"):
        news(house)
    assert time.monotonic() - begun < 1.5


def test_feed_that_names_a_file(house: Context, feeds: Feeds, tmp_path: Path) -> None:
    """A feed's body is never taken for the name of a file to open."""
    feeds.stories = {}
    secret = tmp_path / "secret.xml"
    secret.write_text("<rss version='2.0'><channel><item><title>Leaked</title></item></channel></rss>")
    feeds.raw = str(secret).encode()
    with pytest.raises(SkillError, match="None of the news feeds"):
        news(house)


def test_wrong_settings(make_context: Make) -> None:
    """Feeds that are no table are a setting to fix, with the way to write it."""
    with pytest.raises(ConfigError, match=r"skills\.news\.feeds must be a table"):
        news(make_context(settings={**module.SETTINGS, "feeds": ["http://x"]}))


def test_no_feeds(make_context: Make) -> None:
    """A household without feeds is told where to add some."""
    with pytest.raises(SkillError, match="no news feeds"):
        news(make_context(settings={**module.SETTINGS, "feeds": {}}))
