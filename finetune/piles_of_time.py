"""Durations, times of day, days, levels and degrees, as people say them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from finetune.say import digits_or_words, in_words

Made = Callable[[random.Random], str]

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_ORDINALS = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty-first",
    "twenty-second",
    "twenty-third",
    "twenty-fourth",
    "twenty-fifth",
    "twenty-sixth",
    "twenty-seventh",
    "twenty-eighth",
    "twenty-ninth",
    "thirtieth",
    "thirty-first",
)
_PAST = ("half past", "quarter past", "quarter to", "a quarter to", "ten past", "twenty to", "10 to", "five past")
_PARTS = ("morning", "afternoon", "evening", "night")


def duration(chance: random.Random) -> str:
    """`twenty five minutes`, `1 hour and 30 minutes`, `half an hour`, `an hour and a half`."""
    kind = chance.random()
    if kind < 0.6:
        unit = chance.choice(("minute", "minute", "minute", "second", "hour"))
        number = chance.choice((1, 2, 3, 5, 10, 15, 20, 25, 30, 45, 60, 90, chance.randrange(1, 100)))
        return f"{digits_or_words(number, chance)} {unit}{'s' if number != 1 else ''}"
    if kind < 0.72:
        first = (
            f"{digits_or_words(chance.randrange(1, 13), chance)}"
            f" {chance.choice(('hours', 'minutes', 'hour', 'minute'))}"
        )
        smaller = "seconds" if "min" in first else "minutes"
        return f"{first} {chance.choice(('and ', ''))}{digits_or_words(chance.randrange(2, 60), chance)} {smaller}"
    if kind < 0.9:
        return chance.choice(
            (
                "half an hour",
                "an hour",
                "a minute",
                "an hour and a half",
                "a quarter of an hour",
                "three quarters of an hour",
                "a couple of minutes",
                "one and a half hours",
                "two and a half minutes",
                "a minute and a half",
                "half a minute",
                "a half hour",
                "an hour and a quarter",
                "ninety seconds",
                "a couple minutes",
                "two hours and a half",
                "a few minutes",
                "one hour and a half",
            )
        )
    if kind < 0.95:
        return (
            f"{digits_or_words(chance.randrange(1, 60), chance)} {chance.choice(('mins', 'min', 'secs', 'sec', 'hrs'))}"
        )
    return f"{digits_or_words(chance.randrange(2, 30), chance)} {chance.choice(('days', 'weeks', 'hours'))}"


def adjective_duration(chance: random.Random) -> str:
    """`twenty minute`, `90-second`, `half hour`."""
    if chance.random() < 0.12:
        return chance.choice(
            ("half hour", "one and a half hour", "quarter hour", "two and a half minute", "one hour thirty minute")
        )
    unit = chance.choice(("minute", "minute", "minute", "second", "hour"))
    number = digits_or_words(
        chance.choice((1, 2, 3, 5, 10, 15, 20, 25, 30, 45, 60, 90, chance.randrange(1, 100))), chance
    )
    return f"{number}{chance.choice((' ', ' ', '-'))}{unit}"


def more_duration(chance: random.Random) -> str:
    """`five more minutes`, `another ten minutes`, `an extra hour`."""
    number = digits_or_words(chance.choice((2, 3, 5, 10, 15, 20, 30)), chance)
    unit = chance.choice(("minutes", "minutes", "seconds", "hours"))
    return chance.choice(
        (
            f"{number} more {unit}",
            f"another {number} {unit}",
            f"{number} {unit}",
            f"an extra {number} {unit}",
            f"{number} extra {unit}",
            duration(chance),
        )
    )


def extra_duration(chance: random.Random) -> str:
    """What can only be added: `five more minutes`."""
    number, unit = (
        digits_or_words(chance.choice((1, 2, 3, 5, 10, 15, 20, 30)), chance),
        chance.choice(("minutes", "minutes", "seconds", "hours")),
    )
    return chance.choice(
        (
            f"{number} more {unit}",
            f"another {number} {unit}",
            f"an extra {number} {unit}",
            f"{number} extra {unit}",
            "another minute",
            "one more minute",
        )
    )


def _meridiem(chance: random.Random) -> str:
    return chance.choice(
        ("am", "pm", " am", " pm", " a.m.", " p.m.", " in the morning", " in the evening", " o'clock", "")
    )


def clock(chance: random.Random) -> str:
    """`seven thirty`, `7:15 am`, `half past six`, `noon`."""
    hour, minute = chance.randrange(1, 13), chance.choice((0, 5, 10, 15, 20, 30, 40, 45, 50, 55, chance.randrange(60)))
    kind = chance.random()
    if kind < 0.3:
        after = _meridiem(chance)
        glued = after in ("am", "pm")
        return f"{hour}{after}" if glued else f"{digits_or_words(hour, chance)}{after}"
    if kind < 0.55:
        return f"{hour}:{minute:02}{chance.choice((' am', ' pm', '', '', 'am', ' a.m.', ' p.m.'))}"
    if kind < 0.75:
        spoken = in_words(minute) if minute > 9 else f"oh {in_words(minute)}" if minute else "o'clock"
        return f"{in_words(hour)} {spoken}{chance.choice((' am', ' pm', '', '', ' in the morning', ' at night'))}"
    if kind < 0.9:
        number = chance.choice((in_words(hour), str(hour)))
        return f"{chance.choice(_PAST)} {number}"
    return chance.choice(
        (
            "noon",
            "midnight",
            "midday",
            f"{in_words(hour)} {in_words(chance.randrange(10, 60))}",
            in_words(hour),
            str(hour),
        )
    )


def month_day(chance: random.Random) -> str:
    """`march third`, `the 4th of july`."""
    day, month = chance.randrange(1, 29), chance.choice(_MONTHS)
    ending = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd"}.get(day, "th")
    said = chance.choice((f"{day}{ending}", _ORDINALS[day - 1]))
    return chance.choice(
        (f"{month} {said}", f"the {said} of {month}", f"{month} {digits_or_words(day, chance)}", f"{month} the {said}")
    )


def on_day(chance: random.Random) -> str:
    """What stands after "on"."""
    weekday = chance.choice(_WEEKDAYS)
    return chance.choice(
        (
            weekday,
            weekday,
            weekday,
            month_day(chance),
            f"{weekday} {chance.choice(_PARTS)}",
            f"the {chance.choice(_ORDINALS)}",
        )
    )


def date(chance: random.Random) -> str:
    """A day without a preposition."""
    weekday = chance.choice(_WEEKDAYS)
    return chance.choice(
        (
            "tomorrow",
            "tomorrow",
            "today",
            f"next {weekday}",
            f"this {weekday}",
            weekday,
            "the day after tomorrow",
            "tomorrow morning",
        )
    )


def when_day(chance: random.Random) -> str:
    """A day, perhaps with a time."""
    base = chance.choice(
        (
            "tomorrow",
            "tonight",
            "today",
            f"next {chance.choice(_WEEKDAYS)}",
            "tomorrow morning",
            "tomorrow evening",
            "this evening",
            "this afternoon",
            "next week",
            "this weekend",
            "the day after tomorrow",
            f"{chance.choice(_WEEKDAYS)} morning",
            f"{chance.choice(_WEEKDAYS)} night",
        )
    )
    return f"{base} at {clock(chance)}" if chance.random() < 0.3 else base


def when_clock(chance: random.Random) -> str:
    """A time, perhaps with a day."""
    time = clock(chance)
    return chance.choice(
        (time, time, f"{time} tomorrow", f"{time} on {chance.choice(_WEEKDAYS)}", f"{time} today", f"{time} tonight")
    )


def when_later(chance: random.Random) -> str:
    """`in twenty minutes`."""
    return f"in {duration(chance)}"


def day_past(chance: random.Random) -> str:
    """A day that is over, or a part of one."""
    said = (
        "yesterday",
        "last night",
        "this morning",
        "today",
        "the day before yesterday",
        f"yesterday {chance.choice(_PARTS)}",
        f"last {chance.choice(_WEEKDAYS)}",
    )
    return chance.choice(said)


def when_past(chance: random.Random) -> str:
    """A moment that is over."""
    said = (
        "just now",
        f"yesterday at {clock(chance)}",
        f"{duration(chance)} ago",
        f"on {chance.choice(_WEEKDAYS)} {chance.choice(_PARTS)}",
    )
    return day_past(chance) if chance.random() < 0.6 else chance.choice(said)


def weather_day(chance: random.Random) -> str:
    """A day or a part of one."""
    weekday = chance.choice(_WEEKDAYS)
    return chance.choice(
        (
            "today",
            "tomorrow",
            "tonight",
            "this weekend",
            "tomorrow morning",
            "tomorrow night",
            "this evening",
            "this afternoon",
            "next week",
            f"{weekday}",
            f"next {weekday}",
            f"{weekday} {chance.choice(_PARTS)}",
            month_day(chance),
            "the day after tomorrow",
            "this week",
            "tomorrow afternoon",
        )
    )


def far_day(chance: random.Random) -> str:
    """A day that one asks the date of."""
    weekday = chance.choice(_WEEKDAYS)
    return chance.choice(
        (
            "tomorrow",
            "yesterday",
            f"next {weekday}",
            f"this {weekday}",
            f"last {weekday}",
            weekday,
            "the day after tomorrow",
        )
    )


def percent(chance: random.Random) -> str:
    """A level from 0 to 100."""
    number = digits_or_words(
        chance.choice((0, 5, 10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90, 100, chance.randrange(101))), chance
    )
    if number.isdigit():
        return number + chance.choice(("%", " percent", "", " %"))
    return number + chance.choice((" percent", " percent", ""))


def level(chance: random.Random) -> str:
    """A volume."""
    return digits_or_words(chance.randrange(1, 12), chance) if chance.random() < 0.4 else percent(chance)


def degrees(chance: random.Random) -> str:
    """A room's warmth."""
    number = digits_or_words(chance.choice((chance.randrange(15, 30), chance.randrange(60, 85))), chance)
    if chance.random() < 0.12:
        number = chance.choice(
            (
                f"{chance.randrange(17, 25)}.5",
                f"{in_words(chance.randrange(17, 25))} and a half",
                f"{in_words(chance.randrange(17, 25))} point five",
            )
        )
    return number + chance.choice((" degrees", " degrees", "", "", " degrees celsius", " degrees fahrenheit"))


MADE: Mapping[str, Made] = {
    "duration": duration,
    "adjduration": adjective_duration,
    "moreduration": more_duration,
    "extraduration": extra_duration,
    "clock": clock,
    "monthday": month_day,
    "weekday": lambda chance: chance.choice(_WEEKDAYS),
    "onday": on_day,
    "date": date,
    "whenday": when_day,
    "whenclock": when_clock,
    "whenlater": when_later,
    "whenpast": when_past,
    "daypast": day_past,
    "weatherday": weather_day,
    "farday": far_day,
    "percent": percent,
    "level": level,
    "degrees": degrees,
}
