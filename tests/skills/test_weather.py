"""The weather skill against a stand-in of Open-Meteo on the loopback address."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator

import pytest
from servers import OpenMeteo

from assistant.skill import Ask, Context, Household, PartOfDay, SkillError
from skills import weather as module
from skills.weather import weather

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
Make = Callable[..., Context]


@pytest.fixture
def service() -> Iterator[OpenMeteo]:
    with OpenMeteo(NOON.date()) as running:
        yield running


@pytest.fixture
def at(service: OpenMeteo, make_context: Make) -> Callable[[Household], Context]:
    settings = {
        **module.SETTINGS,
        "forecast_url": f"{service.url}/v1/forecast",
        "geocoding_url": f"{service.url}/v1/search",
    }
    return lambda household: make_context(now=NOON, settings=settings, household=household)


@pytest.fixture
def home(at: Callable[[Household], Context]) -> Context:
    return at(Household(place="Paris"))


def test_now_at_home(home: Context, service: OpenMeteo) -> None:
    """Without a place and a day, the household's own place now."""
    said = weather(home)
    assert said == (
        "In Paris it is 12 degrees, feeling like 8, with an overcast sky and wind of 18 kilometers per hour. "
        "The chance of rain today is 80 percent."
    )
    assert service.seen[-1].query["latitude"] == "48.85341"


def test_imperial_household(at: Callable[[Household], Context], service: OpenMeteo) -> None:
    """An imperial household gets Fahrenheit and miles, asked of the service rather than calculated."""
    said = weather(at(Household(place="Paris", units="imperial")))
    assert "54 degrees" in said and "miles per hour" in said
    assert service.seen[-1].query["wind_speed_unit"] == "mph"


def test_a_day(home: Context, service: OpenMeteo) -> None:
    """A whole day is told from the daily figures of that one date."""
    said = weather(home, place="new york", day=PartOfDay(dt.date(2026, 3, 3)))
    assert said == (
        "Tomorrow in New York: light rain, 0 to 23 degrees, wind of 33 kilometers per hour. "
        "The chance of rain is 80 percent."
    )
    assert service.seen[-1].query["start_date"] == service.seen[-1].query["end_date"] == "2026-03-03"


def test_a_part_of_a_day(home: Context) -> None:
    """A part of a day is told from its hours alone: the stand-in's morning is dry, its evening wet."""
    morning = weather(home, day=PartOfDay(dt.date(2026, 3, 3), 6, 12, "morning"))
    evening = weather(home, day=PartOfDay(dt.date(2026, 3, 2), 18, 22, "evening"))
    assert morning.startswith("Tomorrow morning in Paris: mostly clear sky, 6 to 11 degrees")
    assert morning.endswith("The chance of rain is 0 percent.")
    assert evening.startswith("This evening in Paris: light rain, 18 to 21 degrees")


def test_days_in_a_row(home: Context, service: OpenMeteo) -> None:
    """Several days are told one by one, as far as the forecast reaches."""
    assert weather(home, day=PartOfDay(dt.date(2026, 3, 7), days=2)) == (
        "In Paris. Saturday: light rain, 0 to 23 degrees. Sunday: light rain, 0 to 23 degrees."
    )
    said = weather(home, day=PartOfDay(dt.date(2026, 3, 16), days=7))
    assert said.count("light rain") == 2 and service.seen[-1].query["end_date"] == "2026-03-17"
    this_week = weather(home, day=PartOfDay(dt.date(2026, 2, 27), days=7))
    assert this_week.startswith("In Paris. Today: ") and this_week.count("light rain") == 4


def test_tonight(home: Context) -> None:
    """The night of today is called tonight."""
    assert weather(home, day=PartOfDay(NOON.date(), 18, 24, "night")).startswith("Tonight in Paris")


def test_no_chance_of_rain_given(home: Context, service: OpenMeteo) -> None:
    """Where the service knows no chance of rain, none is said."""
    service.rain_percent = None
    assert "chance" not in weather(home)


@pytest.mark.parametrize(
    ("place", "longitude"), [("paris", "2.3488"), ("paris texas", "-95.55551"), ("Paris, Texas", "-95.55551")]
)
def test_region(home: Context, service: OpenMeteo, place: str, longitude: str) -> None:
    """A region after the town picks among towns of one name."""
    weather(home, place=place)
    assert service.seen[-1].query["longitude"] == longitude


def test_unknown_place_asks(home: Context) -> None:
    """A place nobody knows becomes a question, not a guess."""
    with pytest.raises(Ask, match="Xanadu Prime"):
        weather(home, place="Xanadu Prime")


def test_no_home_place_asks(at: Callable[[Household], Context], service: OpenMeteo) -> None:
    """A household that has not said where it is, is asked; nothing is sent."""
    with pytest.raises(Ask, match="which place"):
        weather(at(Household()))
    assert not service.seen


@pytest.mark.parametrize(("days", "words"), [(16, "16 days ahead"), (-1, "from today on")])
def test_out_of_reach(home: Context, service: OpenMeteo, days: int, words: str) -> None:
    """Days before today and beyond the forecast are refused honestly, without asking the service."""
    with pytest.raises(SkillError, match=words):
        weather(home, day=PartOfDay(NOON.date() + dt.timedelta(days=days)))
    assert not service.seen


def test_last_day_of_the_forecast(home: Context) -> None:
    """The sixteenth day is still told."""
    assert "23 degrees" in weather(home, day=PartOfDay(NOON.date() + dt.timedelta(days=15)))


@pytest.mark.parametrize(
    ("fault", "words"),
    [(503, "has a fault .error 503."), (400, "has a fault"), (429, "too often"), ("garbage", "cannot read"),
     ("drop", "is there a network"), ("loop", "is there a network"), ("huge", "is there a network")],
)  # fmt: skip
def test_faults(home: Context, service: OpenMeteo, fault: str | int, words: str) -> None:
    """Whatever the service does wrong becomes one sentence that says so."""
    service.fail(fault)
    with pytest.raises(SkillError, match=words):
        weather(home)


@pytest.mark.parametrize("fault", ["slow", "drip"])
def test_slowness(home: Context, service: OpenMeteo, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that hangs, or sends a byte now and then for ever, is given up within the limit."""
    monkeypatch.setattr(module, "LIMIT_S", 0.5)
    service.fail(fault)
    begun = time.monotonic()
    with pytest.raises(SkillError, match="did not answer in time"):
        weather(home)
    assert time.monotonic() - begun < 1.5


def test_limit_leaves_time_to_speak() -> None:
    """The whole skill's limit is below the five seconds that a house without a network may wait."""
    assert module.LIMIT_S < 5


def test_name_resolution_that_hangs(home: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that never answers costs no more than the limit either."""
    import socket
    import threading

    over = threading.Event()
    monkeypatch.setattr(module, "LIMIT_S", 0.4)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(20) and [])
    begun = time.monotonic()
    try:
        with pytest.raises(SkillError, match="did not answer in time"):
            weather(home)
        assert time.monotonic() - begun < 1.5
    finally:
        over.set()


def test_wrong_shape(home: Context, service: OpenMeteo) -> None:
    """JSON of another shape is as unreadable as no JSON."""
    service.places = [{"name": "Paris"}]
    with pytest.raises(SkillError, match="cannot read"):
        weather(home)
