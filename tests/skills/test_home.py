"""The home skills against a stand-in of Home Assistant's REST API on the loopback address."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from servers import HomeAssistantServer, Thing

from assistant.skill import Ask, ConfigError, Context, SkillError
from skills import _home_assistant as rest
from skills import home as module
from skills.home import dim, set_color, set_temperature, switch

Make = Callable[..., Context]


def _light(name: str, area: str = "", **more: Any) -> Thing:
    attributes = {"supported_color_modes": ["color_temp", "hs"], "brightness": None, **more.pop("attributes", {})}
    plain = f"{area}_{name}".lower().replace(" ", "_").replace("'", "")
    return Thing(f"light.{plain}", name, area, attributes=attributes, **more)


def _things() -> list[Thing]:
    return [
        _light("Ceiling Light", "Kitchen"),
        _light("Counter", "Kitchen"),
        _light("Lamp", "Living Room"),
        _light("Reading Lamp", "Living Room", attributes={"supported_color_modes": ["brightness"]}),
        _light("Lamp", "Bedroom", state="on", attributes={"brightness": 128}),
        _light("Porch Light", attributes={"supported_color_modes": ["onoff"]}),
        Thing("switch.coffee", "Coffee Machine", "Kitchen"),
        Thing("switch.freezer", "Freezer Plug", "Kitchen", "on"),
        Thing("switch.garage", "Garage Door", "Garage"),
        Thing("fan.ceiling", "Ceiling Fan", "Bedroom"),
        Thing("media_player.tv", "TV", "Living Room", "on"),
        Thing("lock.front", "Front Door", "Hall", "locked"),
        Thing("cover.garage", "Garage Gate", "Garage", "closed"),
        Thing("alarm_control_panel.house", "House Alarm", "", "armed_away"),
        Thing("climate.living", "Thermostat", "Living Room", "heat", {"min_temp": 7, "max_temp": 30}),
        Thing("climate.bedroom", "Radiator", "Bedroom", "off", {"min_temp": 7, "max_temp": 30}),
        Thing("sensor.outside", "Outside Temperature", "", "7.5"),
    ]


@pytest.fixture
def service() -> Iterator[HomeAssistantServer]:
    with HomeAssistantServer(_things()) as running:
        yield running


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "FOLLOW_S", 0.4)
    monkeypatch.setattr(rest, "LIMIT_S", 0.8)
    monkeypatch.delenv("HARK_HOME_TOKEN", raising=False)


@pytest.fixture
def settings(service: HomeAssistantServer) -> dict[str, Any]:
    return {**module.SETTINGS, "address": service.url, "token": service.TOKEN}


@pytest.fixture
def house(make_context: Make, settings: dict[str, Any]) -> Context:
    return make_context(settings=settings)


@pytest.mark.parametrize(
    ("words", "entity", "said"),
    [
        ("coffee machine", "switch.coffee", "The Coffee Machine is on."),
        ("coffee machines", "switch.coffee", "The Coffee Machine is on."),
        ("the coffe machine", "switch.coffee", "The Coffee Machine is on."),
        ("counter", "light.kitchen_counter", "The Counter is on."),
        ("kitchen counter", "light.kitchen_counter", "The Counter is on."),
        ("living room lamp", "light.living_room_lamp", "The Lamp is on."),
        ("lamp in the living room", "light.living_room_lamp", "The Lamp is on."),
        ("porch light", "light._porch_light", "The Porch Light is on."),
        ("ceiling fan", "fan.ceiling", "The Ceiling Fan is on."),
        ("bedroom fan", "fan.ceiling", "The Ceiling Fan is on."),
        ("radiator", "climate.bedroom", "The Radiator is on."),
        ("reading lamp", "light.living_room_reading_lamp", "The Reading Lamp is on."),
    ],
)
def test_switch_on_one(house: Context, service: HomeAssistantServer, words: str, entity: str, said: str) -> None:
    """The one device that is meant is switched, and no other is touched."""
    assert switch(house, device=words, state="on") == said
    assert service.things[entity].state in ("on", "heat")
    assert [body["entity_id"] for _, body in service.calls()] == [[entity]]


@pytest.mark.parametrize(
    "said",
    [
        "turn off the counter in twenty minutes",
        "counter off for half an hour please",
        "turn off the counter in 20 min",
        "turn off the counter in 2h",
        "turn off the counter at ten",
        "turn off the counter at ten pm",
        "turn off the counter at 10 p.m.",
        "turn off the counter at 22:00",
        "turn off the counter at half past seven",
        "turn off the counter at ten o'clock",
        "turn off the counter at midnight",
        "at sunset turn off the counter",
        "counter off tomorrow",
        "turn off the counter tonight",
        "turn off the counter on friday",
        "turn off the counter every evening",
        "leave the counter off until seven",
        "turn off the counter when i leave",
        "turn off the counter after dinner",
        "turn off the counter later",
    ],
)
def test_nothing_is_switched_later(
    make_context: Make, settings: dict[str, Any], service: HomeAssistantServer, said: str
) -> None:
    """What is wanted at another time is refused, and not done at once."""
    with pytest.raises(SkillError, match="only do that at once"):
        switch(make_context(settings=settings, said=said), device="counter", state="off")
    assert service.calls() == []


@pytest.mark.parametrize(
    "said",
    [
        "turn on the counter in the kitchen",
        "turn on the counter at once",
        "i am cold turn on the counter",
        "turn on the counter when you can",
        "see you later turn on the counter",
        "turn on the counter after all",
        "counter on at ten percent",
        "turn on the counter at one end of the kitchen",
        "in the kitchen turn the counter up to min",
    ],
)
def test_now_is_now(make_context: Make, settings: dict[str, Any], service: HomeAssistantServer, said: str) -> None:
    """Words that only look like another time do not keep a device from being switched."""
    assert switch(make_context(settings=settings, said=said), device="counter", state="on") == "The Counter is on."


def test_a_time_in_a_name(make_context: Make, settings: dict[str, Any], service: HomeAssistantServer) -> None:
    """A device that is called after a time is switched, and not at another time."""
    service.things["automation.sunset"] = Thing("automation.sunset", "Lights at Sunset", "", "off")
    now = make_context(settings=settings, said="Turn on lights at sunset")
    assert switch(now, device="lights at sunset", state="on") == "The Lights at Sunset is on."
    with pytest.raises(SkillError, match="only do that at once"):
        later = make_context(settings=settings, said="turn off the lights at sunset tomorrow")
        switch(later, device="lights at sunset", state="off")


def test_numbers_are_no_times(make_context: Make, settings: dict[str, Any], service: HomeAssistantServer) -> None:
    """What takes a number may be "at ten"; a clock time is still refused, the one thermostat's too."""
    settings["room"] = "living room"
    ten = make_context(settings=settings, said="put the counter at ten")
    assert dim(ten, device="counter", level=10) == "The Counter is at 10 percent."
    twenty = make_context(settings=settings, said="put the thermostat at twenty")
    assert set_temperature(twenty, degrees=20) == "The Thermostat is set to 20 degrees."
    done = len(service.calls())
    with pytest.raises(SkillError, match="only do that at once"):
        dim(make_context(settings=settings, said="dim the counter to 30 at ten pm"), device="counter", level=30)
    with pytest.raises(SkillError, match="only do that at once"):
        set_temperature(make_context(settings=settings, said="set the heating to 22 tomorrow"), degrees=22)
    with pytest.raises(SkillError, match="only do that at once"):
        set_color(make_context(settings=settings, said="bedroom lamp red at nine"), device="bedroom lamp", color="red")
    assert len(service.calls()) == done


@pytest.mark.parametrize(
    ("words", "count", "said"),
    [
        ("kitchen lights", 2, "The Ceiling Light and the Counter are on."),
        ("lights in the kitchen", 2, "The Ceiling Light and the Counter are on."),
        ("kitchen", 2, "The Ceiling Light and the Counter are on."),
        ("all the lights", 5, "All 6 are on."),
        ("lights", 5, "All 6 are on."),
    ],
)
def test_switch_on_many(house: Context, service: HomeAssistantServer, words: str, count: int, said: str) -> None:
    """A plural, or a bare room, means all its lights; those that are on already are left alone."""
    assert switch(house, device=words, state="on") == said
    ((_, body),) = service.calls()
    assert len(body["entity_id"]) == count and all(entity.startswith("light.") for entity in body["entity_id"])


def test_lights_mean_this_room(make_context: Make, settings: dict[str, Any], service: HomeAssistantServer) -> None:
    """Where the household has said in which room the device stands, its lights are meant."""
    here = make_context(settings={**settings, "room": "kitchen"})
    assert switch(here, device="lights", state="on") == "The Ceiling Light and the Counter are on."
    assert switch(here, device="bedroom lamp", state="off") == "The Lamp is off."


def test_everything_spares_plugs(house: Context, service: HomeAssistantServer) -> None:
    """Everything means lights, fans and players: behind a plug may be the freezer."""
    service.things["light.kitchen_counter"].state = "on"
    switch(house, device="everything in the kitchen", state="off")
    assert service.things["switch.freezer"].state == "on"
    assert service.things["light.kitchen_counter"].state == "off"


def test_already_so(house: Context, service: HomeAssistantServer) -> None:
    """What is already so is said to be, and nothing is called."""
    assert switch(house, device="tv", state="on") == "The TV is already on."
    assert not service.calls()


@pytest.mark.parametrize("words", ["front door", "garage gate", "garage door", "house alarm", "the front door"])
@pytest.mark.parametrize("state", ["on", "off"])
def test_locks_are_never_switched(
    house: Context, service: HomeAssistantServer, words: str, state: Literal["on", "off"]
) -> None:
    """Locks, doors, gates and alarms are never switched by voice, be they locks or plain relays."""
    with pytest.raises(SkillError, match="never switch locks"):
        switch(house, device=words, state=state)
    assert not service.calls()


@pytest.mark.parametrize("words", ["lamp", "light", "kitchen light"])
def test_ambiguous(house: Context, service: HomeAssistantServer, words: str) -> None:
    """Several that fit make a question with their names, and nothing is switched."""
    with pytest.raises(Ask, match=r"^Which (one|light|lamp): .+ or .+\?$"):
        switch(house, device=words, state="on")
    assert not service.calls()


@pytest.mark.parametrize("words", ["submarine", "", "the", "🐟", "x" * 5000])
def test_unknown_device(house: Context, service: HomeAssistantServer, words: str) -> None:
    """A device nobody has becomes a question."""
    with pytest.raises(Ask):
        switch(house, device=words, state="on")
    assert not service.calls()


def test_not_switchable(house: Context) -> None:
    """A sensor cannot be switched, and that is said."""
    with pytest.raises(SkillError, match="cannot do that"):
        switch(house, device="outside temperature", state="on")


def test_never_done_when_not_done(house: Context, service: HomeAssistantServer) -> None:
    """A device that accepts the call and keeps its state is not called done."""
    service.things["switch.coffee"].stuck = True
    with pytest.raises(SkillError, match="The Coffee Machine did not do it"):
        switch(house, device="coffee machine", state="on")


def test_some_did_not(house: Context, service: HomeAssistantServer) -> None:
    """Of several, those that did not follow are named."""
    service.things["light.kitchen_counter"].stuck = True
    with pytest.raises(SkillError, match=r"The Counter did not do it.* The other one did"):
        switch(house, device="kitchen lights", state="on")


def test_without_contact(house: Context, service: HomeAssistantServer) -> None:
    """A device that Home Assistant has lost is said to be lost."""
    service.things["switch.coffee"].state = "unavailable"
    with pytest.raises(SkillError, match="no contact with the Coffee Machine"):
        switch(house, device="coffee machine", state="on")


def test_without_areas(house: Context, service: HomeAssistantServer) -> None:
    """A token that may not render templates still reaches devices by name."""
    service.admin = False
    assert switch(house, device="coffee machine", state="on") == "The Coffee Machine is on."


def test_kind_instead_of_name(make_context: Make, settings: dict[str, Any], service: HomeAssistantServer) -> None:
    """Without areas, "kitchen light" is still the one light whose name begins with the kitchen."""
    service.admin = False
    service.things = {thing.id: thing for thing in (_light("Kitchen Ceiling"), _light("Study Ceiling"))}
    house = make_context(settings=settings)
    assert switch(house, device="kitchen light", state="on") == "The Kitchen Ceiling is on."
    with pytest.raises(Ask, match="Kitchen Ceiling or Study Ceiling"):
        switch(house, device="ceiling lamp", state="on")


def test_dim_to_a_level(house: Context, service: HomeAssistantServer) -> None:
    """A level in percent is reached and read back."""
    assert dim(house, device="counter", level=30) == "The Counter is at 30 percent."
    assert service.things["light.kitchen_counter"].attributes["brightness"] == 76
    assert dim(house, device="counter", level=0) == "The Counter is at 0 percent."
    assert service.things["light.kitchen_counter"].state == "off"


def test_dim_by_steps(house: Context, service: HomeAssistantServer) -> None:
    """Brighter and darker go by the household's step from what is; bare dim is darker, and stops short of off."""
    assert dim(house, device="bedroom lamp", direction="up") == "The Lamp is at 70 percent."
    assert dim(house, device="bedroom lamp") == "The Lamp is at 50 percent."
    for _ in range(4):
        said = dim(house, device="bedroom lamp", direction="down")
    assert said == "The Lamp is at 1 percent."


def test_dim_refusals(house: Context, service: HomeAssistantServer) -> None:
    """What cannot be dimmed, is off, or a level that is none: each is said, and nothing is called."""
    with pytest.raises(SkillError, match="cannot be dimmed"):
        dim(house, device="porch light", level=10)
    with pytest.raises(SkillError, match="The Counter is off"):
        dim(house, device="counter", direction="down")
    with pytest.raises(SkillError, match="0 to 100"):
        dim(house, device="counter", level=140)
    with pytest.raises(SkillError, match="cannot do that"):
        dim(house, device="coffee machine", level=10)
    assert not service.calls()


def test_dim_is_verified(house: Context, service: HomeAssistantServer) -> None:
    """A lamp that stays as bright as it was is found out."""
    service.things["light.bedroom_lamp"].stuck = True
    with pytest.raises(SkillError, match="The Lamp did not do it"):
        dim(house, device="bedroom lamp", level=10)


@pytest.mark.parametrize(
    ("color", "sent"),
    [
        ("blue", {"hs_color": [240, 100]}),
        ("Light Blue", {"hs_color": [240, 55]}),
        ("dark red", {"hs_color": [0, 100]}),
        ("warm white", {"color_temp_kelvin": 2700}),
    ],
)
def test_color(house: Context, service: HomeAssistantServer, color: str, sent: dict[str, Any]) -> None:
    """Colors are sent as hue and saturation, whites as a temperature."""
    assert set_color(house, device="bedroom lamp", color=color) == f"The Lamp is {color}."
    ((_, body),) = service.calls()
    assert body == {"entity_id": ["light.bedroom_lamp"], **sent}


def test_color_refusals(house: Context, service: HomeAssistantServer) -> None:
    """An unknown color is asked about, a white lamp stays white, and a lamp that does not follow is found out."""
    with pytest.raises(Ask, match="color octarine"):
        set_color(house, device="bedroom lamp", color="octarine")
    with pytest.raises(SkillError, match="cannot have the color red"):
        set_color(house, device="reading lamp", color="red")
    assert not service.calls()
    service.things["light.bedroom_lamp"].stuck = True
    with pytest.raises(SkillError, match="did not do it"):
        set_color(house, device="bedroom lamp", color="red")


def test_temperature(house: Context, service: HomeAssistantServer) -> None:
    """The room's heating is set; that it is switched off is not kept secret."""
    assert set_temperature(house, degrees=21.5, room="living room") == "The Thermostat is set to 21.5 degrees."
    said = set_temperature(house, degrees=18, room="bedroom")
    assert said == "The Radiator is set to 18 degrees. It is switched off, though."
    assert service.things["climate.living"].attributes["temperature"] == 21.5


def test_temperature_refusals(make_context: Make, settings: dict[str, Any], service: HomeAssistantServer) -> None:
    """Two thermostats make a question unless one is in this room; degrees it cannot take are refused."""
    with pytest.raises(Ask, match="Thermostat or Radiator"):
        set_temperature(make_context(settings=settings), degrees=20)
    here = make_context(settings={**settings, "room": "Bedroom"})
    assert set_temperature(here, degrees=20).startswith("The Radiator is set")
    with pytest.raises(SkillError, match="takes 7 to 30 degrees"):
        set_temperature(here, degrees=72)


def test_token_from_the_environment(
    make_context: Make, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The token may come from an environment variable, so that none stands in a file."""
    monkeypatch.setenv("HARK_HOME_TOKEN", HomeAssistantServer.TOKEN)
    house = make_context(settings={**settings, "token": ""})
    assert switch(house, device="coffee machine", state="on") == "The Coffee Machine is on."


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"address": ""}, "not connected to Home Assistant yet"),
        ({"token": ""}, "no token.*HARK_HOME_TOKEN"),
        ({"token": "wrong"}, "does not accept my token"),
        ({"address": "http://127.0.0.1:9"}, "cannot reach Home Assistant"),
    ],
)
def test_not_set_up(make_context: Make, settings: dict[str, Any], change: dict[str, str], words: str) -> None:
    """What is missing or wrong in the settings is said with what to do."""
    with pytest.raises(SkillError, match=words):
        switch(make_context(settings={**settings, **change}), device="tv", state="off")


def test_address_without_a_scheme(make_context: Make, settings: dict[str, Any]) -> None:
    """An address without http is a setting to fix."""
    with pytest.raises(ConfigError, match="must begin with http"):
        switch(make_context(settings={**settings, "address": "homeassistant.local"}), device="tv", state="off")


@pytest.mark.parametrize(
    ("fault", "words"),
    [(500, "has a fault .error 500"), (404, "There is no /api/states"), ("garbage", "is not Home Assistant"),
     ("drop", "cannot reach"), ("slow", "did not answer in time"), ("drip", "did not answer in time")],
)  # fmt: skip
def test_faults(house: Context, service: HomeAssistantServer, fault: str | int, words: str) -> None:
    """Whatever Home Assistant does wrong becomes one sentence, in time."""
    service.fail(fault)
    begun = time.monotonic()
    with pytest.raises(SkillError, match=words):
        switch(house, device="tv", state="off")
    assert time.monotonic() - begun < 2


def test_another_server(house: Context, service: HomeAssistantServer) -> None:
    """A server that answers JSON of another shape is not taken for Home Assistant."""
    service.things = {"x": Thing("", "", attributes={})}
    service._row = lambda thing: {"hello": "world"}  # type: ignore[method-assign]
    with pytest.raises(SkillError, match="cannot read"):
        switch(house, device="tv", state="off")
