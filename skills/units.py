"""Conversion between units of measure; never of money."""

from __future__ import annotations

import functools
import math
import re
import tokenize
from typing import TYPE_CHECKING

from assistant.readers import Unreadable, read, say_list, say_number
from assistant.skill import Context, Number, SkillError, skill

if TYPE_CHECKING:
    import pint

LONGEST = 60
"""Characters of a unit's name."""

_NAMES = {
    "c": "degC", "centigrade": "degC", "f": "degF", "k": "kelvin",
    "kilo": "kilogram", "kilos": "kilogram", "g": "gram", "oz": "ounce", "lb": "pound", "lbs": "pound",
    "fl oz": "fluid_ounce", "tablespoonful": "tablespoon", "teaspoonful": "teaspoon",
    "kmh": "kilometer/hour", "km per hour": "kilometer/hour", "kilometers an hour": "kilometer/hour",
    "kilometres an hour": "kilometer/hour", "miles an hour": "mile/hour", "hz": "hertz",
    "kb": "kilobyte", "mb": "megabyte", "gb": "gigabyte", "tb": "terabyte", "megs": "megabyte", "gigs": "gigabyte",
    "decade": "ten_years", "decades": "ten_years", "dozen": "twelve_things", "metric ton": "metric_ton",
    "metric tons": "metric_ton", "cal": "calorie", "kcal": "kilocalorie", "kw": "kilowatt",
    "kwh": "kilowatt*hour", "m2": "meter**2", "m3": "meter**3",
}  # fmt: skip
"""Spoken or lower-case names that pint does not know, or knows as something else ("c" is the speed of light)."""

_MONEY = frozenset(
    (
        "dollar", "dollars", "euro", "euros", "cent", "cents", "yen", "franc", "francs", "rupee", "rupees", "bitcoin",
        "pound sterling", "pounds sterling", "sterling", "peso", "pesos", "yuan", "krone", "kroner", "krona", "usd",
        "eur", "gbp", "us dollars", "american dollars", "british pounds", "swiss francs", "bitcoins", "crypto",
    )
)  # fmt: skip
_SMALLER = {
    "foot": "inch", "feet": "inch", "ft": "inch", "stone": "pound", "pound": "ounce", "pounds": "ounce", "lb": "ounce",
}  # fmt: skip
"""What is counted after a unit ("six foot two"); where it is not named, this is meant."""
_HALF_DECIMAL = 0.005
"""Half of the last decimal that is said after whole numbers."""
_DATA = frozenset(("bit", "byte"))


@skill(
    examples=[
        "convert [ten](amount) [miles](unit) to [kilometers](to)",
        "how many [ounces](to) are in a [cup](unit)",
        "what's [70](amount) degrees [fahrenheit](unit) in [celsius](to)",
        "how many [grams](to) is [two and a half](amount) [pounds](unit)",
        "[five](amount) [feet](unit) in [meters](to)",
        "how many [minutes](to) are there in a [week](unit)",
        "what is [100](amount) [miles per hour](unit) in [kilometers per hour](to)",
        "please convert [three](amount) [tablespoons](unit) into [milliliters](to)",
        "how much is [10](amount) [kg](unit) in [pounds](to)",
        "change [six](amount) [inches](unit) to [centimeters](to)",
        "how many [teaspoons](to) go into a [tablespoon](unit)",
        "could you tell me how many [liters](to) [four](amount) [gallons](unit) are",
        "how many [feet](to) in a [mile](unit)",
        "what would [one point five](amount) [liters](unit) be in [cups](to)",
        "i have [500](amount) [milliliters](unit) how many [fluid ounces](to) is that",
        "turn [twelve](amount) [stone](unit) into [kilos](to)",
        "how do you convert [acres](unit) to [square meters](to)",
        "[180](amount) [celsius](unit) in [fahrenheit](to)",
        "what is [a hundred](amount) [yards](unit) in [metres](to)",
        "how many [megabytes](to) are in [2](amount) [gigabytes](unit)",
        "how far is [26.2](amount) [miles](unit) in [km](to)",
        "[half](amount) a [pound](unit) in [grams](to)",
        "what's [minus forty](amount) degrees [fahrenheit](unit) in degrees [celsius](to)",
        "how many [seconds](to) are in [three](amount) [hours](unit)",
        "how many [euros](to) is [twenty](amount) [dollars](unit)",
    ]
)
def convert(context: Context, *, amount: Number | None = None, unit: str, to: str) -> str:
    """Convert an amount from one unit of measure to another."""
    unit, to = ("leap year" if name in ("year", "years") and "leap" in context.said else name for name in (unit, to))
    if unit.casefold() in _MONEY or to.casefold() in _MONEY:
        raise SkillError("I can't convert money; rates change every minute, and I don't look them up.")
    number = 1.0 if amount is None else amount
    larger, rest = _smaller(unit, context) if amount is not None else (unit, None)
    source, targets = _units(larger, to)
    measured = _registry().Quantity(number, source)
    if rest is not None:
        measured = measured + rest
    what = f"{say_number(number)} {_singular(source, unit) if number == 1 else unit}"
    if len(targets) > 1:
        return f"{_capital(what)} is {_say_mixed(measured, targets, re.split(r' and ', to))}."
    value = float(measured.to(targets[0]).magnitude)
    rounded = _rounded(value)
    about = "" if abs(rounded - value) <= 1e-9 * max(1.0, abs(value)) else "about "
    return f"{_capital(what)} is {about}{say_number(rounded)} {_singular(targets[0], to) if rounded == 1 else to}."


@functools.lru_cache(maxsize=1)
def _registry() -> pint.UnitRegistry[float]:
    """pint's units. It takes half a second to import, so only a conversion pays for it."""
    import pint

    registry: pint.UnitRegistry[float] = pint.UnitRegistry(on_redefinition="ignore")
    registry.define("ten_years = 10 * year")
    registry.define("twelve_things = 12 * count")
    registry.define("leap_year = 366 * day")
    registry.define("acre = 43560 * foot**2")  # pint's is of the survey foot, given up in 2022
    return registry


def _units(unit: str, to: str) -> tuple[pint.Unit, list[pint.Unit]]:
    """The two units, or the several of "pounds and ounces". Raises SkillError: unknown, or not of one kind."""
    source = _unit(unit)
    targets = [_unit(part) for part in re.split(r" and ", to)]
    if unit.casefold() == "k" and targets[0].dimensionality == _unit("meter").dimensionality:
        source = _unit("kilometer")  # a run of "5k"; beside degrees it is kelvin
    ounce, fluid = _unit("oz"), _unit("fl oz")
    # "ounces" are of weight or of volume: the other unit says which.
    if source == ounce and targets[0].dimensionality == fluid.dimensionality:
        source = fluid
    if source.dimensionality == fluid.dimensionality:
        targets = [fluid if target == ounce else target for target in targets]
    for target in targets:
        if source.dimensionality != target.dimensionality or _is_data(source) != _is_data(target):
            raise SkillError(f"{_capital(unit)} and {to} measure different things.")
    return source, targets


def _smaller(unit: str, context: Context) -> tuple[str, pint.Quantity[float] | None]:
    """The unit, and the "two" of "foot two", "four" of "stone four", "six ounces" of "pounds six ounces"; or None."""
    larger, _, rest = unit.casefold().partition(" ")
    smaller = _SMALLER.get(larger)
    name = smaller and next((name for name in (f" {smaller}", f" {_plural(smaller)}") if rest.endswith(name)), "")
    if not smaller or not rest:
        return unit, None
    try:
        number = read("number", rest.removesuffix(name or ""), now=context.now, household=context.household)
    except Unreadable:
        return unit, None
    return larger, _registry().Quantity(float(number), _unit(smaller))


def _plural(name: str) -> str:
    return f"{name}es" if name == "inch" else f"{name}s"


def _is_data(unit: pint.Unit) -> bool:
    return any(name.endswith(tuple(_DATA)) for name in unit._units)


def _unit(said: str) -> pint.Unit:
    """A unit by its spoken name: "degrees celsius", "square feet", "km/h". Raises SkillError for an unknown one."""
    name = " ".join(said.casefold().replace("°", " ").split())
    name = re.sub(r"^(?:degrees?|the|an?) (?=\w)", "", name).removesuffix(" degrees")
    if len(name) > LONGEST or not re.fullmatch(r"[^\W\d_]+[23]?(?:[ /][^\W\d_]+[23]?)*", name):
        raise SkillError(f"I don't know the unit {said}.")
    import pint

    registry = _registry()
    for attempt in (_NAMES.get(name), name.replace(" ", "_"), name):
        try:
            if attempt:
                return registry.parse_units(attempt)
        except (pint.errors.PintError, tokenize.TokenError, SyntaxError, TypeError, ValueError):
            continue  # pint refuses a name with errors of its own and of Python's tokenizer
    raise SkillError(f"I don't know the unit {said}.")


def _singular(unit: pint.Unit, said: str) -> str:
    """ "acre" for the "acres" of "acres to square meters", where nobody said a number; one of "feet" is a "foot"."""
    name = str(unit).replace("_", " ")
    if said == "feet":
        return "foot"
    return name if said.endswith("s") and said.startswith(name[:2]) and not re.search(r"[/*]", name) else said


def _rounded(value: float) -> float:
    """To what is useful aloud: two decimals, or three digits that count where that is more."""
    digits = 2 if abs(value) >= 1 else 3
    return round(value, digits) if abs(value) >= 0.1 else float(f"{value:.3g}")


def _say_mixed(measured: pint.Quantity[float], targets: list[pint.Unit], names: list[str]) -> str:
    """ "22 pounds and 0.74 ounces": the largest unit first, and whole numbers of all but the smallest."""
    said = sorted(zip(targets, names, strict=True), key=lambda pair: _ratio(pair[0], targets[0]), reverse=True)
    smallest = said[-1][0]
    total = float(measured.to(smallest).magnitude)
    left, counts = abs(total), list[float]()
    for target, _ in said[:-1]:
        # What would be rounded up to a whole one more is that one: 71.999 inches are no 5 feet and 12 inches.
        count, over = divmod(left + _HALF_DECIMAL, _ratio(target, smallest))
        left = max(0.0, over - _HALF_DECIMAL)
        counts.append(count)
    counts.append(round(left, 2) if any(counts) else _rounded(left))
    pairs = zip(counts, said, strict=True)
    return say_list(
        [
            f"{say_number(math.copysign(count, total))} {_singular(target, name) if count == 1 else name}"
            for count, (target, name) in pairs
        ]
    )


def _ratio(unit: pint.Unit, other: pint.Unit) -> float:
    """How many of the other make one. Raises SkillError for degrees, whose zeros differ."""
    zero, one = (float(_registry().Quantity(count, unit).to(other).magnitude) for count in (0.0, 1.0))
    if zero:
        raise SkillError("I can't give a temperature in two units at once.")
    return round(one, 9) if one >= 1 else one


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
