"""Weather now and in the coming days, from Open-Meteo (no key, no account)."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.readers import say_date, say_number
from assistant.skill import Ask, Context, Day, Household, PartOfDay, SkillError, skill
from skills._web import Request, get_json

SETTINGS = {
    "forecast_url": "https://api.open-meteo.com/v1/forecast",
    "geocoding_url": "https://geocoding-api.open-meteo.com/v1/search",
}

SERVICE = "the weather service"
LIMIT_S = 4.5
"""For both questions together, so that a house without a network hears so within 5 s."""
FORECAST_DAYS = 16
"""Open-Meteo's longest forecast, today included."""

_OF_TODAY = ("morning", "afternoon", "evening", "night")

_SKY = {
    0: "clear sky", 1: "mostly clear sky", 2: "some clouds", 3: "an overcast sky", 45: "fog", 48: "freezing fog",
    51: "light drizzle", 53: "drizzle", 55: "heavy drizzle", 56: "freezing drizzle", 57: "heavy freezing drizzle",
    61: "light rain", 63: "rain", 65: "heavy rain", 66: "freezing rain", 67: "heavy freezing rain",
    71: "light snow", 73: "snow", 75: "heavy snow", 77: "snow grains", 80: "light showers", 81: "showers",
    82: "violent showers", 85: "snow showers", 86: "heavy snow showers", 95: "thunderstorms",
    96: "thunderstorms with hail", 99: "thunderstorms with heavy hail",
}  # fmt: skip
"""WMO code 4677 as Open-Meteo uses it; a greater number is worse weather."""


@skill(
    examples=[
        "what's the weather",
        "what is the weather like in [new york](place)",
        "will it rain [tomorrow](day)",
        "is it going to snow in [denver](place) [this weekend](day)",
        "how cold will it be [tomorrow morning](day)",
        "do i need an umbrella [today](day)",
        "weather",
        "weather forecast please",
        "tell me the forecast for [saturday](day)",
        "[paris](place) weather",
        "how hot is it outside",
        "what's the temperature right now",
        "could you tell me what the weather will be in [san francisco](place) on [friday](day)",
        "is it windy out there",
        "what will it be like [tonight](day)",
        "should i take a jacket [this evening](day)",
        "how's the weather [next tuesday](day) in [saint petersburg](place)",
        "is it sunny in [cape town](place)",
        "give me the [weekend](day) forecast for [lake tahoe](place)",
        "what's it doing outside",
        "will there be a storm in [oklahoma](place) on [the third of june](day)",
        "does it look like rain [this afternoon](day)",
        "how many degrees will it be in [oslo](place) [the day after tomorrow](day)",
        "what's the humidity [today](day)",
        "will i need sunglasses in [lisbon](place) [in three days](day)",
        "is there a chance of frost [tomorrow night](day)",
        "what is the forecast for [munich, germany](place) [next week](day)",
        "can i go for a walk without getting wet on [sunday afternoon](day)",
    ]
)
def weather(context: Context, *, place: str | None = None, day: Day | None = None) -> str:
    """Say the weather now, or on a day, at home or in a place."""
    until = time.monotonic() + LIMIT_S
    _check_day(context, day)
    name = place or context.household.place
    if not name:
        raise Ask("The weather of which place?", "place")
    spot = _find_place(context, name, until)
    forecast = _forecast(context, spot, day, until)
    try:
        if day is None:
            return _say_now(forecast, spot, context.household)
        return _say_day(forecast, spot, day, context)
    except (KeyError, TypeError, ValueError, IndexError) as failure:
        raise SkillError("The weather service answered something I cannot read.") from failure


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the map; degrees north and east."""

    name: str
    latitude: float
    longitude: float


def _check_day(context: Context, day: PartOfDay | None) -> None:
    if day is None:
        return
    first, last = _span(context, day)
    if last < context.now.date():
        raise SkillError("I only know the weather from today on.")
    if first > last:
        when = say_date(first, context.now)
        raise SkillError(f"The forecast reaches only {FORECAST_DAYS} days ahead; {when} is later.")


def _span(context: Context, day: PartOfDay) -> tuple[dt.date, dt.date]:
    """The first and the last day meant that the forecast can tell; the last before the first when there is none."""
    today = context.now.date()
    end = today + dt.timedelta(days=FORECAST_DAYS - 1)
    last = day.date + dt.timedelta(days=day.days - 1)
    return max(day.date, today) if last >= today else day.date, min(last, end)


def _find_place(context: Context, name: str, until: float) -> Spot:
    """The place of that name: `paris`, `paris texas`, `munich, germany`. Raises Ask for an unknown one."""
    words = name.replace(",", " ").split()
    # "new york" is one name, "paris texas" a name and a region: the longest run of words that names a town wins
    for cut in range(len(words), max(0, len(words) - 3), -1):
        found = _geocode(context, " ".join(words[:cut]), until)
        region = " ".join(words[cut:]).casefold()
        for result in found:
            if not region or region in _regions(result):
                try:
                    return Spot(str(result["name"]), float(result["latitude"]), float(result["longitude"]))
                except (KeyError, TypeError, ValueError) as failure:
                    raise SkillError("The weather service answered something I cannot read.") from failure
    raise Ask(f"I do not know a place called {name}. Which town do you mean?", "place")


def _geocode(context: Context, name: str, until: float) -> Sequence[Mapping[str, Any]]:
    params = {"name": name, "count": "10", "language": context.household.language, "format": "json"}
    answer = get_json(SERVICE, Request(context.settings["geocoding_url"], params), until)
    found = answer.get("results", []) if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(isinstance(result, dict) for result in found):
        raise SkillError("The weather service answered something I cannot read.")
    return found


def _regions(result: Mapping[str, Any]) -> set[str]:
    keys = ("country", "country_code", "admin1", "admin2", "admin3")
    return {str(result[key]).casefold() for key in keys if result.get(key)}


def _forecast(context: Context, spot: Spot, day: PartOfDay | None, until: float) -> Mapping[str, Any]:
    params = {
        "latitude": str(spot.latitude),
        "longitude": str(spot.longitude),
        "timezone": "auto",
        "current": "temperature_2m,apparent_temperature,relative_humidity_2m,weather_code,wind_speed_10m",
        "hourly": "temperature_2m,precipitation_probability,weather_code,wind_speed_10m",
        "daily": "weather_code,temperature_2m_max,temperature_2m_min,precipitation_probability_max,wind_speed_10m_max",
    }
    if day is not None:
        first, last = _span(context, day)
        params |= {"start_date": first.isoformat(), "end_date": last.isoformat()}
    if context.household.units == "imperial":
        params |= {"temperature_unit": "fahrenheit", "wind_speed_unit": "mph", "precipitation_unit": "inch"}
    answer = get_json(SERVICE, Request(context.settings["forecast_url"], params), until)
    if not isinstance(answer, dict):
        raise SkillError("The weather service answered something I cannot read.")
    return answer


def _degrees(value: Any) -> str:
    rounded = round(float(value))
    return f"{say_number(rounded)} degree{'' if abs(rounded) == 1 else 's'}"


def _wind(value: Any, household: Household) -> str:
    unit = "miles" if household.units == "imperial" else "kilometers"
    return f"wind of {say_number(round(float(value)))} {unit} per hour"


def _say_now(forecast: Mapping[str, Any], spot: Spot, household: Household) -> str:
    now = forecast["current"]
    felt = round(float(now["apparent_temperature"]))
    feels = f", feeling like {say_number(felt)}" if abs(felt - float(now["temperature_2m"])) >= 3 else ""
    rain = forecast["daily"]["precipitation_probability_max"][0]
    chance = f" The chance of rain today is {say_number(rain)} percent." if rain is not None else ""
    return (
        f"In {spot.name} it is {_degrees(now['temperature_2m'])}{feels}, with {_SKY[int(now['weather_code'])]} and "
        f"{_wind(now['wind_speed_10m'], household)}.{chance}"
    )


def _say_day(forecast: Mapping[str, Any], spot: Spot, day: PartOfDay, context: Context) -> str:
    """One day, a part of it, or several in a row."""
    when = say_date(day.date, context.now)
    if day.name:
        when = f"{when} {day.name}"
        if day.name in _OF_TODAY:
            when = when.replace("today night", "tonight").replace("today ", "this ")
        outlook = _outlook_of_hours(forecast["hourly"], range(max(0, day.start), min(24, day.end)))
    else:
        outlook = _outlook_of_day(forecast["daily"], 0)
    if day.days == 1:
        wind = _wind(outlook.wind, context.household)
        return f"{_capital(when)} in {spot.name}: {outlook.sky}, {outlook.span}, {wind}.{outlook.chance}"
    days = []
    for place, date in enumerate(forecast["daily"]["time"]):
        outlook = _outlook_of_day(forecast["daily"], place)
        days.append(f"{_capital(say_date(dt.date.fromisoformat(date), context.now))}: {outlook.sky}, {outlook.span}.")
    return " ".join([f"In {spot.name}.", *days])


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


@dataclass(frozen=True, slots=True)
class Outlook:
    """The weather over some hours, in the units that the service was asked for."""

    low: float
    high: float
    code: int
    """The worst of the time."""
    wind: float
    rain_percent: float | None

    @property
    def sky(self) -> str:
        return _SKY[self.code]

    @property
    def span(self) -> str:
        same = round(self.low) == round(self.high)
        return _degrees(self.high) if same else f"{say_number(round(self.low))} to {_degrees(self.high)}"

    @property
    def chance(self) -> str:
        if self.rain_percent is None:
            return ""
        return f" The chance of rain is {say_number(self.rain_percent)} percent."


def _outlook_of_day(daily: Mapping[str, Sequence[Any]], place: int) -> Outlook:
    return Outlook(
        float(daily["temperature_2m_min"][place]),
        float(daily["temperature_2m_max"][place]),
        int(daily["weather_code"][place]),
        float(daily["wind_speed_10m_max"][place]),
        daily["precipitation_probability_max"][place],
    )


def _outlook_of_hours(hourly: Mapping[str, Sequence[Any]], hours: range) -> Outlook:
    known = {
        key: [value for value in values[hours.start : hours.stop] if value is not None]
        for key, values in hourly.items()
    }
    return Outlook(
        min(known["temperature_2m"]),
        max(known["temperature_2m"]),
        int(max(known["weather_code"])),
        max(known["wind_speed_10m"]),
        max(known["precipitation_probability"], default=None),
    )
