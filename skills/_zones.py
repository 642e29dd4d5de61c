"""Place names -> time zones, from the tables of the tz database. No skill lives here.

The tz database names a zone after its best-known city, and says which country each zone is in. Cities that it does not
name are found by asking a map service (see `clock`).
"""

from __future__ import annotations

import functools
import importlib.resources
import re
import unicodedata
from zoneinfo import ZoneInfo

_CAPITALS = {"AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto", "RU": "Europe/Moscow"}
"""Countries of several zones whose capital is not in the first one listed."""

_COUNTRIES = {
    "United States": "US", "United Kingdom": "GB", "Great Britain": "GB", "the States": "US", "Northern Ireland": "GB",
    "South Korea": "KR", "North Korea": "KP", "Czech Republic": "CZ", "the Netherlands": "NL",
    "United Arab Emirates": "AE", "Ivory Coast": "CI", "Burma": "MM", "UK": "GB", "Britain": "GB", "England": "GB",
    "Scotland": "GB", "Wales": "GB", "USA": "US", "America": "US", "Korea": "KR", "Czechia": "CZ", "Holland": "NL",
    "Emirates": "AE", "UAE": "AE", "Vatican": "VA", "Turkey": "TR", "Türkiye": "TR", "Vietnam": "VN", "Russia": "RU",
    "Laos": "LA", "Syria": "SY", "Bosnia": "BA", "Macedonia": "MK", "Congo": "CD",
}  # fmt: skip
"""Countries by names that the table of countries does not use."""

_REGIONS = {
    "America/New_York": "Eastern, Eastern Time, EST, EDT, ET, East Coast, New York City, NYC, Washington DC, "
    "Washington, Boston, Philadelphia, Pittsburgh, Miami, Atlanta, Orlando, Florida, Georgia, Ohio, Virginia, "
    "Massachusetts, Pennsylvania, North Carolina, South Carolina, New Jersey, Connecticut, Maine, Maryland, Baltimore",
    "America/Chicago": "Central, Central Time, CST, CDT, Texas, Houston, Dallas, Austin, San Antonio, Illinois, "
    "Minnesota, Minneapolis, Wisconsin, Milwaukee, Missouri, Saint Louis, St Louis, Iowa, Louisiana, New Orleans, "
    "Oklahoma, Kansas City, Nashville, Memphis, Alabama, Arkansas, Mississippi",
    "America/Denver": "Mountain, Mountain Time, MST, MDT, Colorado, Utah, Salt Lake City, Montana, Wyoming, "
    "New Mexico, Albuquerque",
    "America/Phoenix": "Arizona",
    "America/Los_Angeles": "Pacific, Pacific Time, PST, PDT, West Coast, California, LA, San Francisco, San Diego, "
    "San Jose, Sacramento, Las Vegas, Vegas, Nevada, Reno, Seattle, Washington State, Portland, Silicon Valley",
    "Pacific/Honolulu": "Hawaii",
    "America/Anchorage": "Alaska",
    "America/Halifax": "Atlantic, Atlantic Time, AST, Nova Scotia",
    "America/Toronto": "Ontario, Montreal, Quebec, Ottawa",
    "America/Vancouver": "British Columbia",
    "America/Edmonton": "Alberta, Calgary",
    "Europe/Berlin": "CET, CEST, Central European Time, Munich, Hamburg, Frankfurt, Cologne",
    "Europe/London": "BST, Manchester, Edinburgh, Glasgow, Liverpool, Cardiff",
    "Etc/UTC": "GMT, UTC, Greenwich, Zulu, Universal Time",
    "Asia/Kolkata": "IST, Mumbai, Bombay, Delhi, New Delhi, Bangalore, Bengaluru, Chennai, Hyderabad, Calcutta",
    "Asia/Shanghai": "Beijing, Peking, Shenzhen, Guangzhou",
    "Asia/Tokyo": "JST, Osaka, Kyoto, Hiroshima",
    "Europe/Paris": "Lyon, Marseille, Nice, Toulouse",
    "Europe/Madrid": "Barcelona, Valencia, Seville",
    "Europe/Rome": "Milan, Venice, Florence, Naples, Turin",
    "Europe/Zurich": "Geneva, Basel, Bern",
    "Europe/Kyiv": "Kiev",
    "Europe/Moscow": "Saint Petersburg, St Petersburg",
    "America/Sao_Paulo": "Rio, Rio de Janeiro, Brasilia",
    "Australia/Sydney": "Canberra, New South Wales, AEST, AEDT",
    "Australia/Melbourne": "Victoria",
    "Australia/Brisbane": "Queensland",
    "Pacific/Auckland": "Wellington",
    "Asia/Dubai": "Abu Dhabi",
    "Asia/Ho_Chi_Minh": "Hanoi, Saigon",
    "Africa/Johannesburg": "Cape Town, Durban, Pretoria",
    "Asia/Jerusalem": "Tel Aviv",
    "Atlantic/Reykjavik": "Iceland",
}
"""Zones by the names of regions, of time itself, and of big cities that the tz database does not name."""


def zone_of(place: str) -> ZoneInfo | None:
    """The time zone of a city, a country or a region by its English name; None where the tables know none.

    The country or state may follow ("sydney australia", "las vegas, nv"), but has to fit: there is a paris in texas.
    """
    words = _plain(place).split()
    words = words[words[:1] == ["the"] :]
    names, countries = _tables()
    for length in range(len(words), 0, -1):
        found = names.get(" ".join(words[:length]))
        if found is None:
            continue
        rest = " ".join(words[length:])
        state = len(rest) == 2 and countries.get(found) in ("US", "CA")
        if not rest or state or countries.get(names.get(rest, "")) == countries.get(found, "?"):
            return ZoneInfo(found)
    return None


def _plain(name: str) -> str:
    """Lower case, without accents and marks: "São Paulo" -> sao paulo."""
    spread = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(re.findall(r"\w+", "".join(c for c in spread if not unicodedata.combining(c)).replace(".", "")))


@functools.lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """Every known plain name -> the zone's key, cities before countries (Singapore is both); and key -> country."""
    table = importlib.resources.files("tzdata").joinpath("zoneinfo")
    names = dict[str, str]()
    first = dict[str, str]()
    cities, countries = dict[str, str](), dict[str, str]()
    for line in table.joinpath("zone.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            code, _, key = line.split("\t")[:3]
            first.setdefault(code, key)
            countries[key] = code
            cities.setdefault(_plain(key.rpartition("/")[2].replace("_", " ")), key)
    capitals = first | _CAPITALS
    for line in table.joinpath("iso3166.tab").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            code, country = line.split("\t")[:2]
            if code in capitals:
                names[_plain(re.sub(r"\(.*?\)", "", country)).removeprefix("the ")] = capitals[code]
    names |= {_plain(name).removeprefix("the "): capitals[code] for name, code in _COUNTRIES.items()}
    names |= cities
    for key, regions in _REGIONS.items():
        names |= {_plain(name): key for name in regions.split(", ")}
    return names, countries
