"""The time and the date, here and elsewhere."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from assistant.readers import say_duration, say_full_date, say_time
from assistant.skill import Context, Date, SkillError, skill
from skills._web import Request, get_json
from skills._zones import zone_of

SETTINGS = {"geocoding_url": "https://geocoding-api.open-meteo.com/v1/search"}
"""The map service that is asked for the zone of a town which the tz database does not name."""

_HERE = re.compile(r"^(?:here|us) and |,? and (?:here|us)$", re.IGNORECASE)
"""The other end of "the time difference between here and sydney"."""
LIMIT_S = 4.0
"""So that a house without a network hears so within 5 s."""


@skill(
    examples=[
        "what time is it",
        "what's the time",
        "what's the time please",
        "tell me the time",
        "do you have the time",
        "could you tell me what time it is right now",
        "how late is it",
        "hey what time do you have",
        "is it noon yet",
        "current time please",
        "time",
        "what time is it in [tokyo](place)",
        "what's the time in [new york city](place) right now",
        "tell me the current time in [sydney australia](place)",
        "[london](place) time please",
        "what is [berlin](place)'s local time",
        "do you know what time it is over in [los angeles](place)",
        "if i call my sister in [brazil](place) now what time is it there",
        "can you tell me what time zone [denver](place) is in",
        "what's the time difference to [hong kong](place)",
        "how late is it in [paris](place) at the moment",
        "what time is it on the [east coast](place)",
        "give me the time in [pacific time](place)",
    ]
)
def tell_time(context: Context, *, place: str | None = None) -> str:
    """Say what time it is, here or in another place."""
    if place is None:
        return f"It is {say_time(context.now.time(), context.household.twelve_hour)}."
    place = _HERE.sub("", place)
    zone = zone_of(place) or _ask_zone(context, place)
    there = context.now.astimezone(zone)
    offset = (there.utcoffset() or dt.timedelta()) - (context.now.utcoffset() or dt.timedelta())
    day = {1: " tomorrow", -1: " yesterday"}.get((there.date() - context.now.date()).days, "")
    clock = say_time(there.time(), context.household.twelve_hour)
    return f"It is {clock}{day} {_say_place(place)}, {_say_offset(offset)}."


@skill(
    examples=[
        "what's the date",
        "what day is it",
        "what's today's date",
        "what is the date today please",
        "tell me the date",
        "which day of the week is it",
        "could you tell me what the date is",
        "i forgot what day it is today",
        "what month are we in",
        "what year is it",
        "what's the date [tomorrow](day)",
        "what day was [yesterday](day)",
        "what's the date [next friday](day)",
        "what day of the week is [december twenty fifth](day)",
        "what day does [christmas](day) fall on this year",
        "which weekday is [the third of may](day)",
        "tell me the date for [next tuesday](day) please",
        "what will the date be [in two weeks](day)",
        "what day of the week was [july 4th 1976](day)",
        "on what day does [the twelfth of june](day) fall",
        "is [the 21st](day) a saturday",
        "how long until [new year's eve](day)",
        "how many days till [halloween](day)",
        "[the day after tomorrow](day) is what date",
    ]
)
def tell_date(context: Context, *, day: Date | None = None) -> str:
    """Say the date and the weekday, of today or of another day."""
    today = context.now.date()
    if day is None or day == today:
        return f"Today is {say_full_date(today, dt.date(today.year - 1, 1, 1))}."
    days = (day - today).days
    distance = {1: "tomorrow", -1: "yesterday"}.get(days)
    if distance is None:
        count = f"{abs(days):,} days"
        distance = f"in {count}" if days > 0 else f"{count} ago"
    return f"{say_full_date(day, today)} {'is' if days > 0 else 'was'} {distance}."


def _ask_zone(context: Context, place: str) -> ZoneInfo:
    """The zone of a town, from the map service. Raises SkillError: unknown, or the service cannot be reached."""
    until = time.monotonic() + LIMIT_S
    words = place.replace(",", " ").split()
    # "san jose" is one name, "paris texas" a name and a region: the longest run of words that names a town wins
    for cut in range(len(words), max(0, len(words) - 3), -1):
        region = " ".join(words[cut:]).casefold()
        for town in _find_towns(context, " ".join(words[:cut]), until):
            regions = {str(town.get(key)).casefold() for key in ("country", "country_code", "admin1", "admin2")}
            if not region or region in regions:
                return _zone_in(town, place)
    raise SkillError(f"I don't know where {place} is.")


def _find_towns(context: Context, name: str, until: float) -> Sequence[Mapping[str, Any]]:
    url = context.settings.get("geocoding_url", SETTINGS["geocoding_url"])
    params = {"name": name, "count": "10", "language": context.household.language, "format": "json"}
    answer = get_json("the map service", Request(url, params), until)
    found = answer.get("results", []) if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(isinstance(town, dict) for town in found):
        raise SkillError("The map service answered something I cannot read.")
    return found


def _zone_in(town: Mapping[str, Any], place: str) -> ZoneInfo:
    try:
        return ZoneInfo(str(town["timezone"]))
    except (KeyError, ValueError, OSError, ZoneInfoNotFoundError) as failure:
        raise SkillError(f"I don't know the time in {place}.") from failure


def _say_offset(offset: dt.timedelta) -> str:
    if not offset:
        return "the same as here"
    return f"{say_duration(abs(offset))} {'ahead of' if offset > dt.timedelta() else 'behind'} here"


_ABBREVIATIONS = frozenset(("uk", "us", "usa", "uae", "la", "nyc", "dc"))
_ZONE_NAMES = frozenset(("est", "edt", "cst", "cdt", "mst", "mdt", "pst", "pdt", "gmt", "utc", "cet", "bst", "jst"))


def _say_place(place: str) -> str:
    """ "in New York", "on the East Coast", "Pacific Time", "UTC"."""
    words = [_capital(word) for word in place.split()]
    name = " ".join(words)
    if words[-1] == "Time" or words[-1].lower() in _ZONE_NAMES:
        return name
    if words[-1] == "Coast":
        return f"on the {name.removeprefix('the ')}"
    return f"in {name}"


def _capital(word: str) -> str:
    if word in _ABBREVIATIONS or word in _ZONE_NAMES:
        return word.upper()
    return word if word in ("the", "of", "de") else word[:1].upper() + word[1:]
