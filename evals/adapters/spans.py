"""Patterns that find how people say numbers, durations, times, days, units and colours in a plain text.

They serve only to mark the arguments of training sentences whose source has no annotation; where a pattern is not
sure, the sentence keeps its skill and loses its arguments. The board reads values with assistant.readers instead.
"""

from __future__ import annotations

import re

ONES = "one two three four five six seven eight nine"
TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_WORD = (
    "(?:"
    + "|".join(["zero", "oh", *ONES.split(), *TEENS.split(), *TENS.split()])
    + "|hundred|thousand|million|billion)"
)
NUMBER = (
    rf"(?:\d[\d,]*(?:\.\d+)?|a hundred|a thousand|a million|{_WORD}(?:(?:[ -]"
    rf"|\sand\s){_WORD})*(?: point(?: {_WORD})+)?)"
)
_SMALL = (
    rf"(?:\d{{1,2}}|(?:{'|'.join(TENS.split())})[ -](?:{'|'.join(ONES.split())})"
    rf"|{'|'.join((ONES + ' ' + TEENS + ' ' + TENS).split())})"
)

_UNIT_OF_TIME = r"(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?)"
_ONE_DURATION = (
    rf"(?:{NUMBER}(?: and a half| and a quarter)?[ -]?{_UNIT_OF_TIME}|(?:an?|one) {_UNIT_OF_TIME}"
    rf"|half an? {_UNIT_OF_TIME}"
    rf"|(?:a )?(?:three )?quarters? of an hour|a couple(?: of)? {_UNIT_OF_TIME}|a few {_UNIT_OF_TIME})"
)
DURATION = rf"(?:{_ONE_DURATION}(?: and a half| and a quarter)?(?:(?: and)? {_ONE_DURATION})*|half hour)"

_MERIDIEM = r"(?:a\.m\.?|p\.m\.?|a\.? ?m\b|p\.? ?m\b)"
_PART = r"(?: in the (?:morning|afternoon|evening)| at night)"
CLOCK = (
    rf"(?:(?:half|quarter|a quarter|{_SMALL}(?: minutes)?) (?:past|to|after|before) {_SMALL}(?: ?{_MERIDIEM})?{_PART}?"
    rf"|\d{{1,2}}:\d\d(?: ?{_MERIDIEM})?{_PART}?"
    rf"|(?:\d{{1,4}}|{_SMALL}(?: (?:oh )?{_SMALL})?)(?: o'?clock)? ?{_MERIDIEM}{_PART}?"
    rf"|{_SMALL}(?: {_SMALL})? o'?clock{_PART}?|{_SMALL}(?: {_SMALL})?{_PART}"
    r"|(?:12 |twelve )?(?:noon|midnight|midday|mid day))"
)
MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|jun|jul|aug|sept|sep|oct|nov|dec)"
)
_WEEKDAY = r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)"
_ORDINAL = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)|(?:(?:{'|'.join(TENS.split())})[ -])?(?:first|second|third"
    rf"|fourth|fifth|sixth|seventh"
    r"|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth"
    r"|nineteenth|twentieth|thirtieth))"
)
DATE = (
    rf"(?:the day after tomorrow|today|tonight|tomorrow|(?:this |next |coming )?{_WEEKDAY}"
    rf"|{MONTH} (?:the )?(?:{_ORDINAL}|{_SMALL})|(?:the )?{_ORDINAL}(?: of)? {MONTH}|the {_ORDINAL}"
    r"|\d{1,2}/\d{1,2}(?:/\d{2,4})?|(?:this|next|the|coming) (?:weekend|week|month|year))"
)
DAY = rf"(?:{DATE}(?: (?:morning|afternoon|evening|night))?|(?:this|tomorrow|late this) (?:morning|afternoon|evening))"
WHEN = rf"(?:{DAY} (?:at |around )?{CLOCK}|{DAY} at {_SMALL}(?! \w+ |-)|{CLOCK} (?:on |this )?{DAY}|{DAY}|{CLOCK})"

UNIT = (
    r"(?:fluid ounces?|square (?:feet|foot|meters?|miles?|inches|yards?)|cubic (?:feet|foot|meters?|inches)"
    r"|miles per hour|kilometers per hour|degrees? (?:celsius|celcius|fahrenheit|farenheit)"
    r"|(?:kilo|centi|milli|deci|nano|micro)?(?:meters?|metres?|grams?|liters?|litres?)|kilos?"
    r"|miles?|inch(?:es)?|feet|foot|yards?"
    r"|pounds?|lbs?|ounces?|oz|tons?|tonnes?|stones?|gallons?|pints?|quarts?|cups?|tablespoons?|teaspoons?|tbsp|tsp"
    r"|celsius|celcius|fahrenheit|farenheit|kelvin|acres?|hectares?|kg|kgs|km|kms|cm|cms|mm|ml|mls|mph|kph|knots?"
    r"|seconds?|minutes?|hours?|days?|weeks?|months?|years?|bytes?|kilobytes?|megabytes?|gigabytes?|terabytes?|dozens?"
    r"|light years?|ft|yds?|mg|calories|joules|kilojoules|watts|kilowatts|horsepower|bushels?"
    r"|fathoms?|leagues?|furlongs?)"
)
COLOR = (
    r"(?:(?:light|dark|warm|cool|soft|bright|deep|hot|baby|navy|sky|lime|forest|royal|pale|mint|neon) )?"
    r"(?:red|green|blue|yellow|orange|purple|pink|white|cyan|magenta|turquoise|violet|gold|teal|lavender|brown|indigo"
    r"|salmon|amber|maroon|beige|crimson|scarlet|peach|silver|lilac|aqua|fuchsia|black|grey|gray|daylight)"
)

DAY_RE = re.compile(rf"\b{DAY}(?!\w)")
DATE_RE = re.compile(rf"\b{DATE}(?!\w)")
CLOCK_RE = re.compile(rf"\b{CLOCK}(?!\w)")
WHEN_RE = re.compile(rf"\b{WHEN}(?!\w)")
DURATION_RE = re.compile(rf"\b{DURATION}(?!\w)")
NUMBER_RE = re.compile(rf"(?<![\w.]){NUMBER}(?!\w)")
COLOR_RE = re.compile(rf"\b{COLOR}\b")


def only(found: list[str]) -> str:
    """The one string found, or "" where there is none or a choice."""
    return found[0] if len(found) == 1 else ""
