"""Readers: lengths of time, numbers, times of day and arithmetic, as people say them; and what is refused."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assistant.readers import Unreadable, read
from assistant.skill import Household

NOW = dt.datetime(2026, 3, 4, 14, 10, 5, tzinfo=ZoneInfo("Europe/Paris"))
"""A Wednesday afternoon."""

DURATIONS = {
    "ten minutes": 600,
    "an hour and a half": 5400,
    "an extra five minutes": 300,
    "ninety seconds": 90,
    "1 h 20 min": 4800,
    "1h20": 4800,
    "one hour twenty": 4800,
    "two minutes thirty": 150,
    "2:30 minutes": 150,
    "1:05:00": 3900,
    "half an hour": 1800,
    "half hour": 1800,
    "a couple of minutes": 120,
    "three quarters of an hour": 2700,
    "three quarter hour": 2700,
    "a quarter of an hour": 900,
    "quarter of an hour": 900,
    "five-minute": 300,
    "20-minute": 1200,
    "two and a half hours": 9000,
    "two hours and a half": 9000,
    "2 1/2 hours": 9000,
    "2½ hours": 9000,
    "1.5 hours": 5400,
    "an hour and half a minute": 3630,
    "2 hours, 15 minutes and 3 seconds": 8103,
    "five more minutes": 300,
    "another three minutes": 180,
    "one more minute": 60,
    "an extra hour": 3600,
    "about ten minutes": 600,
    "a day and a half": 129600,
    "a fortnight": 1209600,
    "in ten minutes": 600,
    "half a dozen hours": 21600,
}
NO_DURATIONS = [
    "ten",  # of what?
    "2:30",  # minutes and seconds, or hours and minutes?
    "a minute or two",
    "minus five minutes",
    "one minute one minute",
    "tomorrow",
    "three months",
    "99999999999999999999 weeks",
    "",
    "minutes",
]

NUMBERS = {
    "twenty one": 21,
    "24 degrees celsius": 24,
    "sixty eight fahrenheit": 20,
    "twenty-one": 21,
    "one point five": 1.5,
    "point five": 0.5,
    "three point one four": 3.14,
    "two point twenty five": 2.25,
    "three point oh five": 3.05,
    "fifty percent": 50,
    "50%": 50,
    "minus three": -3,
    "-5": -5,
    "a hundred and twenty": 120,
    "half": 0.5,
    "two and a half": 2.5,
    "1,200": 1200,
    "1.5 million": 1_500_000,
    "one point five million": 1_500_000,
    "one point two five million": 1_250_000,
    "two point twenty five thousand": 2250,
    "three quarters": 0.75,
    "two thirds": 2 / 3,
    "½": 0.5,
    "maximum": 100,
    "full volume": 100,
    "minimum": 0,
    "a dozen": 12,
    "half a dozen": 6,
    "seventy two degrees": 72,
    "level seven": 7,
    "to thirty": 30,
    "zero": 0,
    "a": 1,
    "three quarters of": 0.75,
    "half of a": 0.5,
    "one sixty": 160,
    "one eighty five degrees": 185,
    "to two fifteen": 215,
    "one oh five": 105,
    "nineteen eighty four": 1984,
    "twenty twenty": 2020,
}
NO_NUMBERS = [
    "one two",
    "1,5",
    "1.2.3",
    "twenty fifth",
    "minus",
    "a little",
    "louder",
    "five minutes",
    "",
    "twenty and",
    "one oh",
    "one oh fifteen",
    "two five",
    "ten fifteen",
    "twenty five ten",
    "one and sixty",
    "one sixty five two",
    "one hundred and two hundred",
]

TIMES = {
    "zero six thirty": "06:30",
    "zero seven hundred": "07:00",
    "zero": "00:00",
    "zero hundred hours": "00:00",
    "zero hundred thirty": "00:30",
    "half past seven": "07:30",
    "quarter to six pm": "17:45",
    "a quarter past nine": "09:15",
    "quarter to one": "12:45",
    "half seven": "07:30",
    "twenty past five": "05:20",
    "twenty minutes to six": "05:40",
    "five to one pm": "12:55",
    "seven thirty": "07:30",
    "seven oh five": "07:05",
    "six forty five": "06:45",
    "7:30": "07:30",
    "7.30": "07:30",
    "730 pm": "19:30",
    "615am": "06:15",
    "1900": "19:00",
    "noon": "12:00",
    "twelve noon": "12:00",
    "midnight": "00:00",
    "quarter to midnight": "23:45",
    "six o'clock in the evening": "18:00",
    "oh six hundred": "06:00",
    "six hundred hours": "06:00",
    "five hundred and thirty am": "05:30",
    "seven": "07:00",
    "seven am": "07:00",
    "7 p.m.": "19:00",
    "7 p.m": "19:00",
    "12 am": "00:00",
    "12 pm": "12:00",
    "twelve oh one am": "00:01",
    "eight tonight": "20:00",
    "this evening at seven": "19:00",
    "ten at night": "22:00",
    "two in the afternoon": "14:00",
    "one in the morning": "01:00",
    "twenty one thirty": "21:30",
    "fourteen o'clock": "14:00",
    "at about seven": "07:00",
    "in twenty minutes": "14:30:05",
    "an hour from now": "15:10:05",
    "eight hours": "22:10:05",
    "eight hours from now": "22:10:05",
    "six hundred thirty hours": "06:30",
    "0800 hours": "08:00",
    "18:00 hours": "18:00",
    "now": "14:10:05",
}
NO_TIMES = [
    "25 o'clock",
    "7:75",
    "sunset",
    "tomorrow",
    "seven tomorrow",
    "seven seven",
    "half past",
    "three hours ago",
    "in thirty hours",
    "13 am",
    "zero pm",
    "fourteen in the morning",
    "evening",
    "",
]

EXPRESSIONS = {
    "ninety six euros between four people": "96/4",
    "split sixty dollars between three": "60/3",
    "share twenty between the four of us": "20/4",
    "five times seven": "5*7",
    "5 x 7": "5*7",
    "5x7": "5*7",
    "5 + 7": "5+7",
    "square root of eighty one": "sqrt(81)",
    "twelve percent of two hundred": "(12/100)*200",
    "20% of 45": "(20/100)*45",
    "twenty percent off fifty": "50-(20/100)*50",
    "two to the power of ten": "2**10",
    "two to the tenth power": "2**10",
    "6 squared": "6**2",
    "seven minus minus 2": "7--2",
    "15 divided by 3": "15/3",
    "half of ninety": "0.5*90",
    "a third of sixty": "(1/3)*60",
    "add five and seven": "5+7",
    "add twenty and five": "20+5",
    "add one hundred and fifty": "100+50",
    "one hundred and fifty plus one": "150+1",
    "the sum of twelve and thirty and four": "12+30+4",
    "the product of six and nine": "6*9",
    "difference between fifty and eighteen": "50-18",
    "subtract three from ten": "10-3",
    "divide forty by five": "40/5",
    "multiply eleven by twelve": "11*12",
    "five factorial": "factorial(5)",
    "two plus three times four": "2+3*4",
    "2 * (3 - (4 - 5))": "2*(3-(4-5))",
    "ten minus three minus two": "10-3-2",
    "three point five times four": "3.5*4",
    "what's 3 plus 3": "3+3",
    "eighteen percent tip on 20 dollars": "(18/100)*20",
    "double twelve": "2*12",
    "an 18 percent tip on 20 dollars": "(18/100)*20",
    "the sum of 3 plus 5": "3+5",
    "60 percent off of 350 dollars": "350-(60/100)*350",
    "1 fifth times 2 fifths": "0.2*0.4",
    "average of 2 and 4": "(2+4)/2",
    "average of six, eight and ten": "(6+8+10)/3",
    "the sum of 1 2 3 and 4": "1+2+3+4",
    "add seven and nine and eleven": "7+9+11",
    "add 6, 8 and 10": "6+8+10",
    "20 plus 15 percent": "20+(15/100)*20",
    "20 minus 15 percent": "20-(15/100)*20",
    "five percent plus three percent": "(5/100)+(3/100)",
    "20 plus 15 percent of 40": "20+(15/100)*40",
    "seven eights": "7*8",
    "how many times does seven go into ninety one": "91/7",
    "five pounds fifty plus two": "5.5+2",
    "two dollars and fifty cents times three": "2.5*3",
    "five pounds minus fifty pence": "5-0.5",
    "eighteen ninety nine plus five pounds fifty": "18.99+5.5",
    "twenty percent tip on forty three fifty": "(20/100)*43.5",
    "fifty cents times three": "50*3",
    "sum of 6 -3": "6-3",
    "2 ^ 3 ^ 2": "2**(3**2)",
    "the sum of one hundred and two hundred": "100+200",
    "difference between three hundred and two hundred": "300-200",
    "add one thousand and two thousand": "1000+2000",
    "the average of one hundred and two hundred": "(100+200)/2",
    "the difference between a thousand and three hundred": "1000-300",
    "difference between one million and one hundred thousand": "1000000-100000",
    "the sum of one hundred and fifty and two hundred": "150+200",
    "the product of one hundred and fifty times three": "150*3",
    "one hundred and two thousand plus one": "102000+1",
    "two point five thousand times two": "2500*2",
    "one point two billion divided by three": "1200000000/3",
    "3/4 of 80": "0.75*80",
    "2 + 3/4 of 80": "2+0.75*80",
    "-1/2 of 50": "-0.5*50",
    "square root of 1/4": "sqrt(0.25)",
    "square root of 100 / 4": "sqrt(100)/4",
    "10/2/5": "10/2/5",
    "the remainder of 17 divided by 5": "17%5",
    "the remainder of 17 and 5": "17%5",
}
NO_EXPRESSIONS = ["five times", "times five", "five seven", "one two three", "((((", "the weather", "", "add five"]
NO_EXPRESSIONS += ["the difference between five dollars and fifty cents", "the remainder of 3.4"]
NO_EXPRESSIONS += ["forty three fifty", "9% off " * 40 + "9", "1" + "+1%" * 60]

TABLES = [
    ("duration", DURATIONS, NO_DURATIONS),
    ("number", NUMBERS, NO_NUMBERS),
    ("time", TIMES, NO_TIMES),
    ("expression", EXPRESSIONS, NO_EXPRESSIONS),
]


def get(kind: str, words: str, now: dt.datetime = NOW, **household: Any) -> Any:
    return read(kind, words, now=now, household=Household(**household))


def as_value(kind: str, written: Any) -> Any:
    """A table's right side as the reader's value."""
    if kind == "duration":
        return dt.timedelta(seconds=written)
    return dt.time.fromisoformat(written) if kind == "time" else written


@pytest.mark.parametrize(
    ("kind", "words", "value"), [(kind, words, value) for kind, table, _ in TABLES for words, value in table.items()]
)
def test_reads(kind: str, words: str, value: Any) -> None:
    """What people say for a value reads as that value, capitals or not."""
    assert get(kind, words) == as_value(kind, value)
    assert get(kind, words.upper()) == as_value(kind, value)


@pytest.mark.parametrize(("kind", "words"), [(kind, words) for kind, _, refused in TABLES for words in refused])
def test_refuses(kind: str, words: str) -> None:
    """What is no such value, or could be two, is refused with a sentence."""
    with pytest.raises(Unreadable, match=r"[.?]$"):
        get(kind, words)


def test_level() -> None:
    """Half of a level is 50, although half of a pound is 0.5."""
    said = ["half", "halfway", "three quarters", "seven", "max", "0.5", "0.5 percent", "0.5%"]
    assert [get("level", words) for words in said] == [50, 50, 75, 7, 100, 50, 0.5, 0.5]


def test_other_languages() -> None:
    """Numbers read in German, French and Spanish, with their decimal comma."""
    assert get("number", "einundzwanzig", language="de") == 21
    assert get("number", "quatre-vingt-dix-neuf", language="fr") == 99
    assert get("number", "treinta y dos", language="es") == 32
    assert get("number", "2,5", language="de") == 2.5


@pytest.mark.parametrize(
    ("language", "words", "seconds"),
    [
        ("de", "fünf Minuten", 300),
        ("de", "eine Stunde und zwanzig Minuten", 4800),
        ("fr", "vingt-cinq minutes", 1500),
        ("fr", "une heure", 3600),
        ("es", "treinta segundos", 30),
        ("it", "due ore", 7200),
        ("nl", "tien minuten", 600),
        ("pt", "2 horas e 5 minutos", 7500),
    ],
)
def test_durations_in_other_languages(language: str, words: str, seconds: int) -> None:
    """Lengths of time read in six more languages."""
    assert get("duration", words, language=language) == dt.timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", "sept heures"),
        ("fr", "sept heures trente"),
        ("nl", "zeven uur"),
        ("es", "siete horas"),
        ("it", "sette ore"),
    ],
)
@pytest.mark.parametrize("kind", ["time", "date", "when"])
def test_a_length_alone_is_no_time(kind: str, language: str, words: str) -> None:
    """What may be seven o'clock as well as seven hours from now is refused."""
    with pytest.raises(Unreadable):
        get(kind, words, language=language)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", "in sieben Stunden"),
        ("fr", "dans sept heures"),
        ("es", "dentro de siete horas"),
        ("it", "tra sette ore"),
        ("nl", "over zeven uur"),
        ("pt", "daqui a sete horas"),
    ],
)
def test_from_now_in_other_languages(language: str, words: str) -> None:
    """A length with "in" before it is counted from now, in six more languages."""
    assert get("time", words, language=language) == dt.time(21, 10, 5)
    assert get("when", words, language=language) == NOW + dt.timedelta(hours=7)


def test_imports_light() -> None:
    """Importing the readers loads no heavy library."""
    heavy = "numpy torch pint dateparser pydantic requests llama_cpp"
    code = f"import sys, assistant.readers; print([m for m in '{heavy}'.split() if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert shown.stdout.strip() == "[]"
