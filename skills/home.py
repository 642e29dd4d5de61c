"""Lights, plugs and heating through Home Assistant."""

from __future__ import annotations

from typing import Literal

from assistant.skill import Context, Number, SkillError, skill


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
        "[unplug](state=off) the [christmas tree](device)",
        "the [ceiling fan](device) should be [on](state=on)",
        "hey, turn [on](state=on) the [reading light next to the sofa](device)",
    ],
)
def switch(context: Context, *, device: str, state: Literal["on", "off"]) -> str:
    """Switch a light, plug or appliance on or off."""
    raise SkillError("The home is not ready yet.")


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
    raise SkillError("The home is not ready yet.")


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
    raise SkillError("The home is not ready yet.")


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
    raise SkillError("The home is not ready yet.")
