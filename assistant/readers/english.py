"""The English words that readers know: every table of one language in one place.

Numbers are not here: text2num reads them, in several languages.
"""

from __future__ import annotations

from dataclasses import dataclass

from dateutil.relativedelta import MO, SU, TH


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day: hours `start` to `end`, and the hour meant when no time is said."""

    name: str
    start: int
    end: int
    usual: int


PARTS = {
    "morning": Part("morning", 6, 12, 9),
    "noon": Part("noon", 12, 13, 12),
    "midday": Part("noon", 12, 13, 12),
    "lunchtime": Part("noon", 12, 14, 12),
    "afternoon": Part("afternoon", 12, 18, 15),
    "evening": Part("evening", 18, 22, 19),
    "night": Part("night", 20, 24, 20),
}
TONIGHT = Part("night", 18, 24, 20)

WEEKDAYS = {
    name: index
    for index, names in enumerate(
        (
            "monday mon",
            "tuesday tue tues",
            "wednesday wed weds",
            "thursday thu thur thurs",
            "friday fri",
            "saturday sat",
            "sunday sun",
        )
    )
    for name in names.split()
}
"""Monday is 0."""

MONTHS = {
    name: index
    for index, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}

FIXED_HOLIDAYS = {
    "christmas": (12, 25),
    "christmas day": (12, 25),
    "xmas": (12, 25),
    "christmas eve": (12, 24),
    "boxing day": (12, 26),
    "new year": (1, 1),
    "new years": (1, 1),
    "new year day": (1, 1),
    "new years day": (1, 1),
    "new year eve": (12, 31),
    "new years eve": (12, 31),
    "halloween": (10, 31),
    "valentine day": (2, 14),
    "valentines day": (2, 14),
    "valentines": (2, 14),
    "st patricks day": (3, 17),
    "saint patricks day": (3, 17),
    "independence day": (7, 4),
    "bastille day": (7, 14),
    "april fools day": (4, 1),
    "april fools": (4, 1),
}
"""Name without apostrophes -> (month, day). Days that differ from country to country (Mother's Day) are left out."""

WEEKDAY_HOLIDAYS = {
    "martin luther king day": (1, MO(3)),
    "mlk day": (1, MO(3)),
    "presidents day": (2, MO(3)),
    "memorial day": (5, MO(-1)),
    "fathers day": (6, SU(3)),
    "labor day": (9, MO(1)),
    "thanksgiving": (11, TH(4)),
    "thanksgiving day": (11, TH(4)),
}
"""Name without apostrophes -> (month, which weekday of it). Where countries differ, the day of the United States."""

EASTER_HOLIDAYS = {
    "good friday": -2,
    "easter": 0,
    "easter sunday": 0,
    "easter monday": 1,
    "ascension day": 39,
    "pentecost": 49,
    "whit monday": 50,
}
"""Name -> days after Easter Sunday."""

SECONDS = {
    unit: seconds
    for units, seconds in (
        ("second seconds sec secs s", 1),
        ("minute minutes min mins m", 60),
        ("hour hours hr hrs h", 3600),
        ("day days d", 86400),
        ("week weeks wk wks", 604800),
        ("fortnight fortnights", 1209600),
    )
    for unit in units.split()
}

PERIODS = frozenset(("week", "month", "year", "season", "spring", "summer", "autumn", "fall", "winter"))
"""What is longer than a day."""

CALENDAR_UNITS = {
    "day": "days",
    "days": "days",
    "week": "weeks",
    "weeks": "weeks",
    "month": "months",
    "months": "months",
    "year": "years",
    "years": "years",
}

DENOMINATORS = {
    "half": 2,
    "third": 3,
    "quarter": 4,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "hundredth": 100,
    "thousandth": 1000,
}
PLURAL_DENOMINATORS = {f"{name}s": value for name, value in DENOMINATORS.items()} | {"halves": 2}

PLURAL_NUMBERS = {
    "twos": 2,
    "threes": 3,
    "fours": 4,
    "fives": 5,
    "sixes": 6,
    "sevens": 7,
    "eights": 8,
    "nines": 9,
    "tens": 10,
    "elevens": 11,
    "twelves": 12,
}
"""The eights of "seven eights"."""

SCALES = {"hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
COUNTS = {"dozen": 12, "couple": 2, "pair": 2}

HIGHEST = frozenset(("max", "maximum", "full", "highest", "loudest", "brightest", "most", "top"))
LOWEST = frozenset(("min", "minimum", "lowest", "quietest", "softest", "dimmest", "least"))
HALFWAY = frozenset(("half", "halfway", "middle", "medium", "mid"))

FILLERS = frozenset(
    ("about", "around", "exactly", "roughly", "approximately", "nearly", "almost", "like", "maybe", "say", "just")
)
"""Words before an amount that change nothing."""

PREPOSITIONS = frozenset(("at", "on", "by", "for", "from", "till", "until"))
"""Words before a day or a time that change nothing."""

MORE = frozenset(("more", "extra", "additional", "another", "further"))

UNITS_OF_NUMBERS = frozenset(("percent", "%", "per", "cent", "degrees", "degree", "°"))
"""Words after a number that change nothing, because what is asked for is a number."""

TEMPERATURE_SCALES = {"celsius": "metric", "centigrade": "metric", "fahrenheit": "imperial"}

SHARERS = frozenset(("people", "persons", "friends", "kids", "children", "guests", "ways", "of", "us"))
"""Who a sum is split between: words after a number that change nothing."""

CENTS = frozenset(("cent", "cents", "pence", "p"))
MONEY = CENTS | {"dollars", "dollar", "euros", "euro", "pounds", "pound", "bucks", "quid", "$", "€", "£"}

NOT_ON_A_CLOCK = frozenset(
    ("sunset", "sunrise", "dawn", "dusk", "twilight", "breakfast", "lunch", "dinner", "supper", "bedtime", "teatime")
)
