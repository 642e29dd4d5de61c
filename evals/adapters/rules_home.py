"""Lights, switches, colours and heating: labels of public sets -> calls."""

from __future__ import annotations

import re

from evals.adapters.found import NONE, Found, Rule, Slots, call, word_set
from evals.adapters.spans import COLOR, COLOR_RE, NUMBER

_ROOM = (
    r"(?:(?:living|dining|guest|master|kids|laundry|utility|family|mud|changing|second|first"
    r"|ground|top|back|front|main|whole|upstairs|downstairs|my|play|sun) ?)?"
    r"(?:room|kitchen|bedroom|bathroom|hallway|hall|office|garage|basement|attic|nursery|study"
    r"|garden|patio|porch|lounge|balcony"
    r"|den|corridor|floor|house|home|area|livingroom|backyard|yard|stairs|toilet|cellar|entrance"
    r"|driveway|closet|washroom|foyer|cabinet|shed|deck|loft|apartment|lawn)(?: (?:one|two|three"
    r"|\d))?"
)
DEVICE = (
    r"(?:lights?|lamps?|bulbs?|lightbulbs?|light-bulbs?|lighting|tvs?|television|telly|fans?"
    r"|heater|heating|heat|ac|a/c|air conditioner|air conditioning|oven"
    r"|coffee maker|coffee machine|coffee pot|kettle|plugs?|plug sockets?|sockets?|outlets?"
    r"|(?<!^)(?<!please )(?<!you )(?<!to )(?<!just )switch(?:es)?(?! (?:the|my|lights?|on|off|all"
    r"|to|lamp|tv|fan|it|bedroom)\b)|thermostat|radio|dishwasher|microwave|stove"
    r"|vacuum cleaners?|vacuums?|robot vacuum|roomba|iroomba|cleaner|curtains?|blinds?|shutters?"
    r"|windows?|doors?|locks?|garage door|gate|speakers?|car|alarm system|dryer"
    r"|washing machine|washer|computer|pump|camera|humidifier|cover|covers|dampers?|awning|valve"
    r"|sprinklers?|appliances?|chandelier|strip|devices?|stereo|projector|printer|toaster"
    r"|fireplace|hvac|wemo|system)"
)
_LEFT_STOP = word_set(
    "turn switch put shut power flip make set start stop activate deactivate enable disable"
    " light open close lock unlock run dim dimmer "
    "brighten lower raise reduce increase decrease change adjust bring get the a an my our your"
    " all of every each any in on off out at to for "
    "please can could would will you i it is me and with from up down want need have that this"
    " these those no not don't do be hey hi go "
    "ahead help just now give keep color colour brightness shade if see check are was off's"
    " would like unlit single both let use clean "
    "lights turning illuminate kill cut engage everything more less little bit some bright"
    " brighter darker olly ok okay secure seal "
)
_DEVICE_RE = re.compile(
    rf"\b{DEVICE}\b(?:(?: lights?| lamps?| switch| socket| plug)\b)?(?: (?:left|right|one|two|three|\d+)\b)?"
)
_AFTER = re.compile(rf" (?:in|on|at|of|for|inside|outside)(?: the| my| our| this| all the)? ({_ROOM})\b")


def device(text: str, slots: Slots) -> str:
    """The shortest run of words that names the device and its room; "" where that is none or two."""
    marked = slots.get("name") or slots.get("device_type") or ""
    if marked and (at := text.find(marked)) >= 0:
        tail = re.match(rf"(?: {DEVICE})?\b", text[at + len(marked) :])
        return marked + (tail.group() if tail else "")
    runs = []
    for found in _DEVICE_RE.finditer(text):
        start = found.start()
        while True:
            before = re.search(r"([\w'-]+) $", text[:start])
            if not before or before.group(1) in _LEFT_STOP or before.group(1).isdigit() or start - found.start() < -28:
                break
            start = before.start(1)
        after = _AFTER.match(text, found.end())
        runs.append(text[start : after.end() if after else found.end()])
    kept = [run for run in runs if not any(run != other and run in other for other in runs)]
    if len(set(kept)) == 1:
        return kept[0]
    if not kept:
        rooms = set(re.findall(rf"\b{_ROOM}\b", text))
        return slots.get("area", "") or (rooms.pop() if len(rooms) == 1 else "")
    return ""


def _is_two_wishes(text: str) -> bool:
    return bool(re.search(r"\band (?:turn|switch|set|open|close|start)\b|\bunless\b|\bif\b|\bwhen\b|\bbut\b", text))


def switch(state: str) -> Rule:
    """The rule of a label that says on or off."""

    def rule(text: str, slots: Slots) -> Found | None:
        name = device(text, slots)
        if state == "on" and (COLOR_RE.search(text) and "turn" in text and " on" not in text):
            return color(text, slots)
        return call("switch", bool(name) and not _is_two_wishes(text), device=name, state=state)

    return rule


_PERCENT = re.compile(rf"\b({NUMBER}(?: ?%| percent)?)(?!\w)")
_UP = re.compile(r"\b(?:brighten|brighter|up|raise|increase|more|bright|higher|boost|brightness up|max|maximum|full)\b")
_DOWN = re.compile(
    r"\b(?:dim|dimmer|dimmed|down|lower|decrease|reduce|less|low|darker|soften|softer|not so bright|too bright)\b"
)


def dim_toward(direction: str) -> Rule:
    """The rule of a label that says brighter or darker; "" reads it from the words."""

    def rule(text: str, slots: Slots) -> Found | None:
        name = device(text, slots)
        if re.search(r"\b(?:turn|switch|put|spread|connect)\b.*\b(?:out|off|on)\b", text) and not re.search(
            r"dim|bright", text
        ):
            return call("switch", bool(name), device=name, state="on" if " on" in text else "off")
        to = re.search(rf"\b(?:to|at|by|brightness) ({NUMBER}(?: ?%| percent)?)(?!\w)", text) or (
            _PERCENT.search(text) if re.search(r"%|percent|brightness|level", text) else None
        )
        level = to.group(1) if to and " by " not in text else ""
        toward = direction or ("" if level else "up" if _UP.search(text) else "down" if _DOWN.search(text) else "")
        if slots.get("change_amount") and not level:
            return call("dim", False)
        known = bool(name) and bool(level or toward)
        return call("dim", known, device=name, level=level, direction="" if level else toward)

    return rule


def color(text: str, slots: Slots) -> Found | None:
    """A lamp's colour."""
    colors = COLOR_RE.findall(text)
    name = re.sub(rf"^(?:{COLOR})(?: colou?r(?:ed)?)? (?=\w)", "", device(text, slots))
    return call(
        "set_color",
        bool(name) and len(colors) == 1 and name != colors[0],
        device=name,
        color=colors[0] if colors else "",
    )


def light_set(text: str, slots: Slots) -> Found | None:
    """Home Assistant's LightSet: a colour or a brightness."""
    return color(text, slots) if "color" in slots else dim_toward("")(text, slots)


_DEGREES = re.compile(
    rf"\b(?:to|at|be|of|for|on|it|degree|heating"
    rf"|temperature) (?:about )?({NUMBER}(?: degrees?(?: (?:fahrenheit|celsius))?)?)(?: ?(?:°|f|c"
    rf"|percent))?(?!\w)"
)


def temperature(text: str, _slots: Slots) -> Found | None:
    """How warm it shall be."""
    degrees = _DEGREES.findall(text)
    rooms = re.findall(rf"\b{_ROOM}\b", text.replace("room temperature", ""))
    known = (
        len(degrees) == 1
        and len(rooms) <= 1
        and not re.search(r"\boven\b|\bwhen\b|\bif\b|\bminimum\b|\bevery\b|\bhour\b", text)
    )
    return call("set_temperature", known, degrees=degrees[0] if known else "", room=rooms[0] if rooms else "")


def position(text: str, slots: Slots) -> Found | None:
    """A curtain half open."""
    return dim_toward("")(text, slots)


def cleaning(text: str, _slots: Slots) -> Found | None:
    """Sending the vacuum cleaner out."""
    name = re.findall(r"\b(?:vacuum cleaners?|robot vacuum|vacuums?|roomba|iroomba|robot|cleaner)\b", text)
    stops = re.search(r"\b(?:stop|off|shut|end)\b", text)
    return call("switch", len(name) == 1, device=name[0] if name else "", state="off" if stops else "on")


def coffee(text: str, slots: Slots) -> Found | None:
    """Making coffee is switching the machine on."""
    name = re.findall(r"\b(?:coffee (?:machine|maker|pot)|espresso machine)\b", text) or re.findall(r"\bcoffee\b", text)
    stops = re.search(r"\b(?:stop|off|shut|turn of)\b", text)
    return call(
        "switch", len(name) == 1 and "time" not in slots, device=name[0] if name else "", state="off" if stops else "on"
    )


def home(text: str, slots: Slots) -> Found | None:
    """CLINC's smart_home holds everything; its questions are served by no skill of ours."""
    if re.search(r"\b(?:who|what|whats|are|is|check|see if|has|have i|confirm|verify|did)\b", text) and not re.search(
        r"\bwhat i want\b|\bis too\b", text
    ):
        return None
    if re.search(rf"\b(?:temperature|thermostat|degrees|heat|ac|temp|temperaure)\b.*{NUMBER}", text):
        return temperature(text, slots)
    if COLOR_RE.search(text):
        return color(text, slots)
    if re.search(r"\b(?:dim|dimmer|bright\w*|low|lower|brightness)\b", text):
        return dim_toward("")(text, slots)
    off = re.search(r"\b(?:off|out|unlock|stop|kill|close|shut|deactivate|disable)\b", text)
    name = device(text, slots)
    sure = bool(name) and not re.search(r"\d", text)
    return call("switch", sure, device=name, state="off" if off else "on")


def none(_text: str, _slots: Slots) -> Found | None:
    """Nothing of ours."""
    return NONE


RULES: dict[str, Rule] = {
    "switch_on": switch("on"),
    "switch_off": switch("off"),
    "dim": dim_toward(""),
    "dim_up": dim_toward("up"),
    "dim_down": dim_toward("down"),
    "color": color,
    "light_set": light_set,
    "temperature": temperature,
    "position": position,
    "cleaning": cleaning,
    "coffee": coffee,
    "home": home,
    "none": none,
}
