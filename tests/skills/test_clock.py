"""The clock: here, in other places, and on other days."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from servers import OpenMeteo

from assistant.skill import Context, Household, SkillError
from skills import clock
from skills._zones import _tables, zone_of
from skills.clock import tell_date, tell_time

Say = Callable[..., str]
Make = Callable[..., Context]


@pytest.fixture
def maps(context: Context) -> Iterator[OpenMeteo]:
    with OpenMeteo(context.now.date()) as running:
        yield running


@pytest.fixture
def house(make_context: Make, maps: OpenMeteo) -> Context:
    return make_context(settings={"geocoding_url": f"{maps.url}/v1/search"})


def test_here(context: Context, make_context: Make, say: Say) -> None:
    """The time is told on the clock that the household reads."""
    assert say(tell_time, context) == "It is noon."
    assert say(tell_time, make_context(household=Household(twelve_hour=False))) == "It is 12:00."
    assert say(tell_time, make_context(now=context.now.replace(hour=15, minute=7))) == "It is 3:07 PM."


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("tokyo", "It is 8 PM in Tokyo, 8 hours ahead of here."),
        ("here and tokyo", "It is 8 PM in Tokyo, 8 hours ahead of here."),
        ("Tokyo and here", "It is 8 PM in Tokyo, 8 hours ahead of here."),
        ("new york city", "It is 6 AM in New York City, 6 hours behind here."),
        ("sydney australia", "It is 10 PM in Sydney Australia, 10 hours ahead of here."),
        ("berlin", "It is noon in Berlin, the same as here."),
        ("the uk", "It is 11 AM in the UK, 1 hour behind here."),
        ("brazil", "It is 8 AM in Brazil, 4 hours behind here."),
        ("são paulo", "It is 8 AM in São Paulo, 4 hours behind here."),
        ("kathmandu", "It is 4:45 PM in Kathmandu, 4 hours and 45 minutes ahead of here."),
        ("east coast", "It is 6 AM on the East Coast, 6 hours behind here."),
        ("pacific time", "It is 3 AM Pacific Time, 9 hours behind here."),
        ("utc", "It is 11 AM UTC, 1 hour behind here."),
        ("auckland", "It is midnight tomorrow in Auckland, 12 hours ahead of here."),
        ("las vegas, nv", "It is 3 AM in Las Vegas, Nv, 9 hours behind here."),
    ],
)
def test_elsewhere(context: Context, say: Say, place: str, said: str) -> None:
    """Cities, countries and zones are known without a network, and how far they are ahead or behind is told."""
    assert say(tell_time, context, place=place) == said


def test_every_zone_is_real() -> None:
    """Every name in the tables leads to a zone that exists."""
    names, _ = _tables()
    assert len(names) > 700
    assert all(zone_of(name) is not None for name in names)


def test_asks_the_map(house: Context, maps: OpenMeteo, say: Say) -> None:
    """A town that the tables do not know, or know in another country, is looked up on the map, its region included."""
    assert say(tell_time, house, place="paris texas") == "It is 5 AM in Paris Texas, 7 hours behind here."
    asked = [request.query["name"] for request in maps.seen]
    assert asked == ["paris texas", "paris"]


def test_unknown_place(house: Context, say: Say) -> None:
    """A place that is nowhere is a plain sentence."""
    with pytest.raises(SkillError, match="I don't know where atlantis is"):
        say(tell_time, house, place="atlantis")


@pytest.mark.parametrize("fault", [503, "garbage", "drop", "slow"])
def test_map_faults(
    house: Context, maps: OpenMeteo, say: Say, fault: str | int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A map service that fails, lies or hangs costs a sentence, and no more time than the limit, which is below 5 s."""
    assert clock.LIMIT_S < 5
    monkeypatch.setattr(clock, "LIMIT_S", 0.5)
    maps.fail(fault)
    started = time.monotonic()
    with pytest.raises(SkillError, match=r"map service|Map service"):
        say(tell_time, house, place="atlantis")
    assert time.monotonic() - started < 2.5


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (None, "Today is Monday, March 2, 2026."),
        ("today", "Today is Monday, March 2, 2026."),
        ("tomorrow", "Tuesday, March 3 is tomorrow."),
        ("yesterday", "Sunday, March 1 was yesterday."),
        ("next friday", "Friday, March 13 is in 11 days."),
        ("christmas", "Friday, December 25 is in 298 days."),
        ("july 4th 1976", "Sunday, July 4, 1976 was 18,138 days ago."),
        ("in two weeks", "Monday, March 16 is in 14 days."),
    ],
)
def test_date(context: Context, say: Say, day: str | None, said: str) -> None:
    """A date is told with its weekday, and how far away it is."""
    assert say(tell_date, context, **({} if day is None else {"day": day})) == said
