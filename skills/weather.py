"""Weather now and in the coming days, from Open-Meteo (no key, no account)."""

from __future__ import annotations

from assistant.skill import Context, Day, SkillError, skill

SETTINGS = {
    "forecast_url": "https://api.open-meteo.com/v1/forecast",
    "geocoding_url": "https://geocoding-api.open-meteo.com/v1/search",
}


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
        "will there be a storm in [oklahoma](place) [on the third of june](day)",
        "does it look like rain [this afternoon](day)",
        "how many degrees will it be in [oslo](place) [the day after tomorrow](day)",
        "what's the humidity [today](day)",
        "will i need sunglasses in [lisbon](place) [in three days](day)",
        "is there a chance of frost [tomorrow night](day)",
        "what is the forecast for [munich, germany](place) [next week](day)",
        "can i go for a walk without getting wet [on sunday afternoon](day)",
    ]
)
def weather(context: Context, *, place: str | None = None, day: Day | None = None) -> str:
    """Say the weather now, or on a day, at home or in a place."""
    raise SkillError("The weather is not ready yet.")
