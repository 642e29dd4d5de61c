"""Lights, plugs and heating through Home Assistant; nothing is called done before Home Assistant reports it.

Locks, doors, alarms and stoves are never switched by voice.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from assistant.readers import say_number
from assistant.skill import Ask, ConfigError, Context, Number, SkillError, names, skill
from skills import _colors
from skills._devices import Wanted, find, listed_names, the_only
from skills._home_assistant import Entity, HomeAssistant

SETTINGS: dict[str, Any] = {"address": "", "token": "", "token_variable": "HARK_HOME_TOKEN", "room": "", "step": 20}
"""`address`: `http://homeassistant.local:8123`; `token`: a long-lived access token, or name the environment variable
that holds it; `room`: where this device stands; `step`: percent of brightness for "brighter"."""

SWITCHABLE = (
    "light", "switch", "fan", "input_boolean", "media_player", "climate", "humidifier", "water_heater", "automation",
)  # fmt: skip


@skill(
    deadline_s=10,
    examples=[
        "[turn on](state=on) the [kitchen light](device)",
        "[turn off](state=off) the [lights](device)",
        "switch the [bedroom lamp](device) [off](state=off)",
        "[lights](device) [on](state=on)",
        "turn the [tv](device) [on](state=on) please",
        "could you [switch off](state=off) the [lights in the hallway](device)",
        "[kill](state=off) the [living room lights](device)",
        "please turn [off](state=off) the [fan](device)",
        "put the [porch light](device) [on](state=on)",
        "[shut off](state=off) the [coffee machine](device)",
        "[start](state=on) the [dishwasher](device)",
        "i want the [garage lights](device) [off](state=off)",
        "[power up](state=on) the [printer](device)",
        "can you turn [on](state=on) the [heater in the bathroom](device)",
        "all the [lights](device) [off](state=off) now",
        "is it possible to switch [on](state=on) my [desk lamp](device)",
        "[office plug](device) [off](state=off)",
        "[activate](state=on) the [smart plug](device)",
        "turn [off](state=off) [everything in the basement](device)",
        "[make](state=on) me some coffee with the [coffee maker](device)",
        "i'm going to bed, turn the [downstairs lights](device) [off](state=off)",
        "[disable](state=off) the [aquarium pump](device)",
        "[lights](device) [out](state=off)",
        "could someone get the [garden lights](device) [on](state=on)",
        "[leave](state=on) the [night light](device) on",
        "no more [lights in the attic](device), [off](state=off)",
        "[unplug](state=off) the [christmas tree](device)",
        "the [ceiling fan](device) should be [on](state=on)",
        "hey, turn [on](state=on) the [reading light next to the sofa](device)",
    ],
)
def switch(context: Context, *, device: str, state: Literal["on", "off"]) -> str:
    """Switch a light, plug or appliance on or off."""
    house, chosen = _find(context, device, SWITCHABLE)
    chosen = _reachable(chosen)

    def is_so(entity: Entity) -> bool:
        return entity.is_reachable and (entity.state == "off") == (state == "off")

    waiting = [entity for entity in chosen if not is_so(entity)]
    if not waiting:
        return f"{_subject(chosen)} already {state}."
    domains = {entity.domain for entity in waiting}
    # homeassistant.turn_on serves a mixed group in one call
    house.call(f"{domains.pop() if len(domains) == 1 else 'homeassistant'}.turn_{state}", waiting)
    _check(house.wait_until(waiting, is_so), waiting)
    return f"{_subject(chosen)} {state}."


@skill(
    deadline_s=10,
    examples=[
        "dim the [bedroom lights](device)",
        "dim the [lights](device) to [thirty percent](level)",
        "set the [kitchen light](device) to [50 percent](level)",
        "make the [living room](device) [brighter](direction=up)",
        "turn the [lights in the study](device) [down](direction=down)",
        "[brighten](direction=up) the [desk lamp](device)",
        "[lower](direction=down) the [hallway lights](device) a bit",
        "put the [lamp](device) at [ten](level)",
        "change the brightness of the [ceiling light](device) to [75](level)",
        "the [lights](device) are [too bright](direction=down)",
        "could you turn [up](direction=up) the brightness of the [reading lamp](device)",
        "[increase](direction=up) the [dining room light](device) please",
        "i'd like the [bedside lamp](device) at [twenty five percent](level)",
        "[lights](device) [up](direction=up)",
        "[bathroom light](device) to [eighty](level)",
        "it's [too dark](direction=up), bring up the [lights](device)",
        "please make the [lights](device) [less bright](direction=down)",
        "dim the [tv lights](device) [down](direction=down) to [5%](level)",
    ],
)
def dim(
    context: Context, *, device: str, level: Number | None = None, direction: Literal["up", "down"] | None = None
) -> str:
    """Make a light brighter or darker, or set its brightness in percent."""
    if level is not None and not 0 <= level <= 100:
        raise SkillError(f"Brightness goes from 0 to 100 percent; {say_number(level)} is outside.")
    house, chosen = _find(context, device, ("light",), numbered=True)
    chosen = _reachable(chosen)
    for entity in chosen:
        if set(entity.attributes.get("supported_color_modes") or ["brightness"]) <= {"onoff", "unknown"}:
            raise SkillError(f"The {entity.name} cannot be dimmed.")
    step = int(context.settings["step"]) * (1 if direction == "up" else -1)
    goals = {e.id: _goal(e, level, step) for e in chosen}
    for goal in sorted(set(goals.values())):
        group = [entity for entity in chosen if goals[entity.id] == goal]
        if goal:
            house.call("light.turn_on", group, {"brightness_pct": goal})
        else:
            house.call("light.turn_off", group)
    _check(house.wait_until(chosen, lambda entity: abs(_brightness(entity) - goals[entity.id]) <= 3), chosen)
    reached = set(goals.values())
    return (
        f"{_subject(chosen)} at {say_number(reached.pop())} percent." if len(reached) == 1 else _brighter(chosen, step)
    )


@skill(
    deadline_s=10,
    examples=[
        "make the [lights](device) [blue](color)",
        "turn the [bedroom lamp](device) [red](color)",
        "set the [living room lights](device) to [warm white](color)",
        "change the color of the [kitchen light](device) to [green](color)",
        "i want the [desk lamp](device) in [purple](color)",
        "[orange](color) [lights](device) please",
        "can you make the [lights in the hall](device) [pink](color)",
        "switch the [led strip](device) to [dark red](color)",
        "please turn the [lamp](device) to [yellow](color)",
        "could the [ceiling lights](device) be [light blue](color)",
        "[turquoise](color) for the [bathroom light](device)",
        "give the [porch light](device) a [violet](color) color",
        "set [bedroom](device) to [white](color)",
        "let's have [gold](color) [light in the dining room](device)",
    ],
)
def set_color(context: Context, *, device: str, color: str) -> str:
    """Give a light a color."""
    wanted = _colors.read(color)
    if wanted is None:
        raise Ask(f"I do not know the color {color}. Which one do you mean: red, green, blue, warm white?", "color")
    house, chosen = _find(context, device, ("light",))
    chosen = _reachable(chosen)
    for entity in chosen:
        if not wanted.suits(entity.attributes.get("supported_color_modes") or ()):
            raise SkillError(f"The {entity.name} cannot have the color {color}.")
    for data, group in _by_data(chosen, wanted):
        house.call("light.turn_on", group, data)
    _check(house.wait_until(chosen, lambda entity: wanted.is_shown(entity.attributes)), chosen)
    return f"{_subject(chosen)} {color}."


@skill(
    deadline_s=10,
    examples=[
        "set the temperature to [21 degrees](degrees)",
        "set the thermostat to [seventy two](degrees)",
        "make it [twenty](degrees) degrees in the [bedroom](room)",
        "heat the [living room](room) to [22](degrees)",
        "[nineteen degrees](degrees) please",
        "turn the heating up to [23 degrees](degrees)",
        "i want it [68](degrees) in the [office](room)",
        "change the [kitchen](room) temperature to [eighteen and a half](degrees)",
        "put the thermostat at [20.5](degrees)",
        "lower the heat in the [nursery](room) to [sixty six](degrees)",
        "cool the [upstairs hall](room) down to [70 degrees](degrees)",
        "could you set the [guest room](room) to [seventeen](degrees) degrees",
        "air conditioning to [twenty four](degrees)",
        "warm up the [bathroom](room) to [25](degrees)",
        "thermostat [65](degrees)",
    ],
)
def set_temperature(context: Context, *, degrees: Number, room: str | None = None) -> str:
    """Set the heating or cooling to a temperature, in one room if said."""
    if room:
        house, chosen = _find(context, f"{room} thermostat", ("climate",), numbered=True)
    else:
        house = _house(context)
        entities = house.entities()
        _refuse_later(context, entities, numbered=True)
        chosen = the_only("climate", entities, str(context.settings["room"]))
    chosen = _reachable(chosen)
    for entity in chosen:
        low, high = entity.attributes.get("min_temp", 5), entity.attributes.get("max_temp", 95)
        if not low <= degrees <= high:
            raise SkillError(f"The {entity.name} takes {say_number(low)} to {say_number(high)} degrees.")

    def is_set(entity: Entity) -> bool:
        return abs(float(entity.attributes.get("temperature") or -1000) - degrees) < 0.3

    house.call("climate.set_temperature", chosen, {"temperature": degrees})
    _check(house.wait_until(chosen, is_set), chosen)
    off = " It is switched off, though." if all(entity.state == "off" for entity in chosen) else ""
    return f"{_subject(chosen)} set to {say_number(degrees)} degrees.{off}"


@names
def device_names(context: Context) -> Sequence[str]:
    """Rooms, and what can be switched, dimmed or heated in them. Raises ConfigError or SkillError."""
    if not context.settings["address"]:
        return ()
    there = [entity for entity in _house(context).entities() if entity.domain in SWITCHABLE]
    return [name for entity in there for name in (entity.name, entity.area) if name]


_LATER = re.compile(
    r"\b(?:in|after|for) (?:[\w.-]+ ){0,4}(?:\d+ ?)?"
    r"(?:seconds?|secs?|minutes?|(?<!\b(?:to|at|on) )mins?|hours?|hrs?|(?<=\d)h|(?<=\d )h|days|weeks?)\b"  # no "to min"
    r"|[\d ](?:p\.?m|(?<!\bi )a\.?m(?! i\b))\b|\bo.?clock\b|\b\d{1,2}:\d\d\b"  # "i am", "am i" are no time
    r"|\bhalf past\b|\b(?:quarter|minutes?) (?:past|to)\b|\b(?:noon|midday)\b"
    r"|\b(?:at|by|before|around|from) (?:midnight(?! blue)|night|bedtime|sunset|sunrise|dusk|dawn)\b"
    r"|\b(?:in|during) the (?:morning|afternoon|evening)\b|\bthis (?:afternoon|evening)\b"
    r"|\b(?:tomorrow|tonight|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|week-?(?:days?|ends?))\b"
    r"|\b(?:every|each) (?:day|night|morning|afternoon|evening|week)\b"
    r"|\b(?:until|till|as soon as|after(?! all\b)|when(?! you (?:can|get|have)\b| possible\b)|from now\b(?! on\b))\b"
    r"|(?<!\byou )\blater\b"
)
"""What would be done at once although another moment was said: "turn off the fan in twenty minutes"."""
_AT_HOUR = re.compile(
    r"\bat (?:1?\d|2[0-4]|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b"
    r"(?! ?(?:%|percent|per cent|degrees?|°|end|side|of)|\.\d\b)"
)
"""A moment, too, for what takes no number: "lamp on at ten", but not "lamp at ten"."""


def _find(
    context: Context, words: str, domains: Sequence[str], *, numbered: bool = False
) -> tuple[HomeAssistant, list[Entity]]:
    """The house, and what is meant in it; `numbered`: a bare "at ten" may be the call's number.

    Raises:
        ConfigError, SkillError (also where it is meant for later) or Ask.
    """
    house = _house(context)
    entities = house.entities()
    _refuse_later(context, entities, numbered=numbered)
    return house, find(Wanted(words, domains, str(context.settings["room"])), entities)


def _refuse_later(context: Context, entities: Sequence[Entity], *, numbered: bool) -> None:
    """Raises SkillError where another moment than now was said, outside of the names in the house."""
    names = {name.casefold() for e in entities if e.domain in SWITCHABLE for name in (e.name, e.area) if name}
    said = context.said.casefold()
    for name in sorted(names, key=len, reverse=True):
        said = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "", said)  # an automation may be called "Lights at sunset"
    if _LATER.search(said) or (not numbered and _AT_HOUR.search(said)):
        raise SkillError("I can only do that at once, not later or for a while; say it again when it is time.")


def _house(context: Context) -> HomeAssistant:
    """The house of the settings. Raises ConfigError or SkillError."""
    address = str(context.settings["address"])
    if not address:
        raise SkillError(
            "I am not connected to Home Assistant yet; write its address and a token under [skills.home] in hark.toml."
        )
    if not address.startswith(("http://", "https://")):
        raise ConfigError('skills.home.address must begin with http:// or https://: "http://homeassistant.local:8123"')
    variable = str(context.settings["token_variable"])
    token = str(context.settings["token"]) or os.environ.get(variable, "")
    if not token:
        raise SkillError(f"I have no token for Home Assistant; write it under [skills.home] or put it into {variable}.")
    return HomeAssistant(address, token)


def _reachable(chosen: Sequence[Entity]) -> list[Entity]:
    """Without those that Home Assistant has lost; raises SkillError when that is all of them."""
    there = [entity for entity in chosen if entity.is_reachable]
    if not there:
        raise SkillError(f"Home Assistant has no contact with {listed_names(chosen)}.")
    return there


def _subject(entities: Sequence[Entity]) -> str:
    """`The Desk Lamp is`, or for many: `All 7 are`."""
    if len(entities) > 3:
        return f"All {len(entities)} are"
    names = listed_names(entities)
    return f"{names[0].upper()}{names[1:]} {'is' if len(entities) == 1 else 'are'}"


def _check(failed: Sequence[Entity], asked: Sequence[Entity]) -> None:
    """Raises SkillError that names what did not do it."""
    if failed:
        done = len(asked) - len(failed)
        rest = f" The other {done} did." if done > 1 else " The other one did." if done else ""
        names = listed_names(failed)
        raise SkillError(
            f"{names[0].upper()}{names[1:]} did not do it; Home Assistant still reports the old state.{rest}"
        )


def _brightness(entity: Entity) -> int:
    """In percent; 0 while it is off."""
    return round(float(entity.attributes.get("brightness") or 255) / 2.55) if entity.state == "on" else 0


def _goal(entity: Entity, level: float | None, step: int) -> int:
    """The brightness to reach, in percent. "Darker" stops short of off, which is another wish."""
    if level is not None:
        return round(level * 100) if 0 < level < 1 else round(level)
    now = _brightness(entity)
    if step < 0 and not now:
        raise SkillError(f"The {entity.name} is off.")
    return min(100, max(1 if now <= -step else 0, now + step))


def _brighter(chosen: Sequence[Entity], step: int) -> str:
    return f"{_subject(chosen)} {'brighter' if step > 0 else 'darker'}."


def _by_data(chosen: Sequence[Entity], wanted: _colors.Color) -> list[tuple[Mapping[str, Any], list[Entity]]]:
    """The lamps by what must be sent to them: some mix white from colors."""
    groups: dict[str, tuple[Mapping[str, Any], list[Entity]]] = {}
    for entity in chosen:
        data = wanted.data(entity.attributes.get("supported_color_modes") or ())
        groups.setdefault(str(data), (data, []))[1].append(entity)
    return list(groups.values())
