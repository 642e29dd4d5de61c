"""Units of measure: what can be converted is, what cannot is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from assistant.skill import Context, SkillError
from skills.units import convert

Say = Callable[..., str]


@pytest.mark.parametrize(
    ("amount", "unit", "to", "said"),
    [
        ("ten", "miles", "kilometers", "10 miles is about 16.09 kilometers."),
        (None, "cup", "ounces", "1 cup is 8 ounces."),
        ("one", "pound", "ounces", "1 pound is 16 ounces."),
        ("3", "ounces", "grams", "3 ounces is about 85.05 grams."),
        ("3", "ounces", "ml", "3 ounces is about 88.72 ml."),
        ("500", "milliliters", "fluid ounces", "500 milliliters is about 16.91 fluid ounces."),
        ("three", "tablespoons", "teaspoons", "3 tablespoons is 9 teaspoons."),
        ("70", "fahrenheit", "celsius", "70 fahrenheit is about 21.11 celsius."),
        ("minus forty", "degrees fahrenheit", "degrees celsius", "-40 degrees fahrenheit is -40 degrees celsius."),
        ("5", "c", "f", "5 c is 41 f."),
        ("two and a half", "pounds", "grams", "2.5 pounds is about 1,133.98 grams."),
        ("half", "pound", "grams", "0.5 pound is about 226.8 grams."),
        (None, "week", "minutes", "1 week is 10,080 minutes."),
        (None, "acres", "square meters", "1 acre is about 4,046.86 square meters."),
        ("100", "miles per hour", "kilometers per hour", "100 miles per hour is about 160.93 kilometers per hour."),
        ("60", "mph", "km/h", "60 mph is about 96.56 km/h."),
        ("100", "yards", "metres", "100 yards is 91.44 metres."),
        ("2", "gigabytes", "mb", "2 gigabytes is 2,000 mb."),
        ("twelve", "stone", "kilos", "12 stone is about 76.2 kilos."),
        ("70", "inches", "feet and inches", "70 inches is 5 feet and 10 inches."),
        ("10", "kg", "pounds and ounces", "10 kg is 22 pounds and 0.74 ounces."),
        ("152.4", "cm", "feet and inches", "152.4 cm is 5 feet and 0 inches."),
        ("71.999", "inches", "feet and inches", "71.999 inches is 6 feet and 0 inches."),
        ("907.18474", "grams", "pounds and grams", "907.18474 grams is 2 pounds and 0 grams."),
        ("70", "inches", "inches and feet", "70 inches is 5 feet and 10 inches."),
        ("minus 70", "inches", "feet and inches", "-70 inches is -5 feet and -10 inches."),
        ("13", "inches", "feet and inches", "13 inches is 1 foot and 1 inch."),
        ("12", "inches", "feet", "12 inches is 1 foot."),
        (None, "light year", "kilometers", "1 light year is 9,460,730,472,580.8 kilometers."),
        ("three", "decades", "years", "3 decades is 30 years."),
        (None, "acre", "square feet", "1 acre is 43,560 square feet."),
        ("5", "k", "miles", "5 k is about 3.11 miles."),
        ("six", "foot two", "centimetres", "6 foot two is 187.96 centimetres."),
        ("5", "feet 11 inches", "cm", "5 feet 11 inches is 180.34 cm."),
        ("thirteen", "stone four", "kilos", "13 stone four is about 84.37 kilos."),
        ("9", "pounds six ounces", "kg", "9 pounds six ounces is about 4.25 kg."),
        ("5", "square feet", "square meters", "5 square feet is about 0.465 square meters."),
        ("0", "k", "celsius", "0 k is -273.15 celsius."),
    ],
)
def test_convert(context: Context, say: Say, amount: str | None, unit: str, to: str, said: str) -> None:
    """Units convert by their spoken names; ounces are of weight or of volume by what they are beside."""
    words = {"unit": unit, "to": to} | ({} if amount is None else {"amount": amount})
    assert say(convert, context, **words) == said


@pytest.mark.parametrize(
    ("unit", "to", "said"),
    [
        ("meters", "seconds", "Meters and seconds measure different things"),
        ("cup", "grams", "measure different things"),
        ("bytes", "degrees", "measure different things"),
        ("feet", "pounds and ounces", "measure different things"),
        ("kelvin", "celsius and fahrenheit", "two units at once"),
        ("bananas", "meters", "I don't know the unit bananas"),
        ("meters", "bananas", "I don't know the unit bananas"),
        ("dollars", "euros", "I can't convert money"),
        ("pounds", "dollars", "I can't convert money"),
        ("10**10**10", "meters", "I don't know the unit"),
        ("meters", "(((", "I don't know the unit"),
        ("m" * 1000, "meters", "I don't know the unit"),
        ("💥", "meters", "I don't know the unit"),
        ("", "meters", "I don't know the unit"),
        ("import os", "meters", "I don't know the unit"),
    ],
)
def test_refuses(context: Context, unit: str, to: str, said: str) -> None:
    """What measures different things, is no unit, or is money, is said in one sentence."""
    with pytest.raises(SkillError, match=said):
        convert(context, amount=5.0, unit=unit, to=to)


def test_leap_year(make_context: Callable[..., Context], say: Say) -> None:
    """A leap year has 366 days, and another one a quarter of a day more than 365."""
    assert say(convert, make_context(said="how many days in a leap year"), unit="year", to="days").endswith(
        "is 366 days."
    )
    assert say(convert, make_context(said="days in a year"), unit="year", to="days") == "1 year is 365.25 days."
