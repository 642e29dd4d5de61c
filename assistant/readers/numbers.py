"""Numbers, spoken or written: "a hundred and twenty", "two and a half", "minus three", "1,200", "three quarters".

Whole spoken numbers are read by text2num (https://github.com/allo-media/text2num-rs); signs, points and fractions here.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Literal

from text_to_num import alpha2digit, text2num

from assistant.readers import english
from assistant.readers.words import Unreadable, Words

_LONGEST = 14
"""Words in the longest whole number that is tried: "nine hundred ninety nine thousand nine hundred and ..."."""

_CENTURIES = range(16, 21)
"""Of the years that are said as two numbers."""
_ZEROS = {"oh": 0, "o": 0, "nought": 0, "naught": 0, "nil": 0}
_SPELLED_LANGUAGES = frozenset(("en", "fr", "de", "es", "it", "nl", "pt"))
_DECIMAL_COMMA = frozenset(("fr", "de", "es", "it", "nl", "pt"))
_MINUS = {"en": ("minus", "negative"), "de": ("minus",), "fr": ("moins",), "es": ("menos",), "it": ("meno",)}
_POINT = {
    "en": ("point", "dot"),
    "de": ("komma",),
    "fr": ("virgule",),
    "es": ("coma", "punto"),
    "it": ("virgola",),
    "nl": ("komma",),
    "pt": ("vírgula",),
}


def take_cardinal(words: Words, *, scales: bool = True) -> int | None:
    """Step over the longest whole number spoken in words ("a hundred and twenty"); None if there is none.

    Args:
        scales: without them "five million" is the five alone.
    """
    if not words.peek().isalpha() or words.language not in _SPELLED_LANGUAGES:
        return None
    window = words.tokens[words.at : words.at + _LONGEST]
    if words.language == "en" and window[0] == "a" and len(window) > 1 and window[1] in english.SCALES:
        window = ["one", *window[1:]]
    if not scales:
        window = list(itertools.takewhile(lambda word: word not in english.SCALES, window))
    for length in range(_joined_length(window, words.joining) if words.language == "en" else len(window), 0, -1):
        try:
            value = text2num(" ".join(window[:length]), words.language)
        except ValueError:
            continue
        if length > 1 and _is_zero(window[0], words.language):
            continue  # text2num passes over leading zeros, but "point zero one" has two digits
        if scales and words.peek(length) in english.SCALES:
            continue  # "one hundred and two hundred" is no 102: the two belongs to its own hundred
        words.at += length
        return int(value)
    return None


def _is_zero(word: str, language: str) -> bool:
    try:
        return int(text2num(word, language)) == 0
    except ValueError:
        return False


def _joined_length(window: list[str], joining: bool) -> int:
    """How far an English number can reach: "and" stands only after a scale ("hundred and five"), if at all."""
    for index, word in enumerate(window):
        if word == "and" and (not joining or window[index - 1] not in english.SCALES):
            return index
    return len(window)


def _take_short(words: Words) -> Fraction | None:
    """Step over a number said without its hundreds: "one sixty" (160), "two oh five", "nineteen eighty four"; None if
    there is none."""
    start = words.at
    hundreds = take_cardinal(words) if words.language == "en" else None
    if hundreds is not None and (0 < hundreds < 10 or hundreds in _CENTURIES):
        zero = words.take(*_ZEROS)
        rest = take_cardinal(words)
        if rest is not None and (0 < rest < 10 if zero else 10 <= rest < 100):
            return Fraction(100 * hundreds + rest)
    words.at = start
    return None


def take_ordinal(words: Words) -> int | None:
    """Step over "third", "twenty first" or "3rd"; None if there is no ordinal."""
    digits = words.peek()
    if digits[:1].isdigit() and digits[-2:].isalpha():
        words.at += 1
        return int(digits[:-2])
    for length in (2, 1):
        window = words.tokens[words.at : words.at + length]
        if len(window) < length or not all(word.isalpha() for word in window):
            continue
        written = alpha2digit(" ".join(window), "en", threshold=0)
        if written[:1].isdigit() and written[-2:] in ("st", "nd", "rd", "th") and " " not in written:
            words.at += length
            return int(written[:-2])
    return None


def parse_digits(token: str, language: str = "en") -> Fraction | None:
    """Read written digits: `1,200` and `2.5` in English, `1.200` and `2,5` in German; None if they are no number."""
    point, thousands = (",", ".") if language in _DECIMAL_COMMA else (".", ",")
    whole, _, decimals = token.partition(point)
    groups = whole.split(thousands)
    if len(groups) > 1 and (not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:])):
        return None
    digits = "".join(groups) or "0"
    if not digits.isascii() or not digits.isdigit() or (decimals and not (decimals.isascii() and decimals.isdigit())):
        return None
    return Fraction(f"{digits}.{decimals}" if decimals else digits)


def _take_written(words: Words) -> Fraction | None:
    token = words.peek()
    if not (token[:1].isdigit() or token[:1] == "."):
        return None
    value = parse_digits(token, words.language)
    if value is not None:
        words.at += 1
        value = _scaled(words, value)
    return value


def _scaled(words: Words, value: Fraction) -> Fraction:
    """The number times the scales after it: "1.5 million", "two point five thousand"."""
    while scale := words.take_in(english.SCALES):
        value *= english.SCALES[scale]
    return value


def _take_decimals(words: Words) -> str:
    """The digits after "point": said one by one ("one four") or as one number ("twenty five")."""
    digits = ""
    while True:
        start, token = words.at, words.peek()
        if token.isascii() and token.isdigit():
            words.at += 1
            digits += token
        elif token in _ZEROS:
            words.at += 1
            digits += "0"
        else:
            value = take_cardinal(words, scales=False)
            if value is None or (value > 9 and digits):
                words.at = start
                return digits
            digits += str(value)
            if value > 9:
                return digits


def _take_whole(words: Words) -> Fraction | None:
    """A number without sign or fraction: digits or words, with "point" and "dozen"."""
    start = words.at
    value = _take_written(words)
    if value is None:
        cardinal = take_cardinal(words)
        if cardinal is None and (zero := words.take_in(_ZEROS)):
            cardinal = _ZEROS[zero]
        if cardinal is None and words.peek() in ("a", "an") and words.peek(1) in english.COUNTS:
            words.at += 1
            cardinal = 1
        value = None if cardinal is None else Fraction(cardinal)
    points = _POINT.get(words.language, ())
    if words.take_in(points):
        digits = _take_decimals(words)
        if not digits:
            words.at = start
            return None
        value = _scaled(words, Fraction(f"{int(value or 0)}.{digits}"))
    if count := words.take_in(english.COUNTS):
        value = (1 if value is None else value) * Fraction(english.COUNTS[count])
        words.take("of")
    return value


def take_fraction(words: Words, *, slash: bool = True) -> Fraction | None:
    """Step over "half", "a quarter", "three quarters", "two thirds", "1/2" (if `slash`); None if there is none."""
    start = words.at
    written = words.peek().isdigit() and words.peek(1) == "/" and words.peek(2).isdigit()
    if slash and written and int(words.peek(2)) > 0:
        value = Fraction(int(words.peek()), int(words.peek(2)))
        words.at += 3
        return value
    if words.take("half"):
        if (words.peek() in ("a", "of") and words.peek(1) in english.COUNTS) and words.take("a", "of"):
            return Fraction(english.COUNTS[words.take_in(english.COUNTS)], 2)
        return Fraction(1, 2)
    one = words.take("a", "an", "one", "1") or (words.peek() == "quarter" and "a")
    if one and (name := words.take_in(english.DENOMINATORS)):
        return Fraction(1, english.DENOMINATORS[name])
    words.at = start
    numerator = take_cardinal(words) or _small_digits(words)
    if numerator and (name := words.take_in(english.PLURAL_DENOMINATORS)):
        return Fraction(numerator, english.PLURAL_DENOMINATORS[name])
    if numerator == 3 and words.take("quarter"):
        return Fraction(3, 4)
    words.at = start
    return None


def _small_digits(words: Words) -> int | None:
    if words.peek().isascii() and words.peek().isdigit() and len(words.peek()) < 4:
        words.at += 1
        return int(words.tokens[words.at - 1])
    return None


def take_number(words: Words, *, slash: bool = True) -> Fraction | None:
    """Step over the number that comes next; None (and no step) if there is none. `slash`: 1/2 is a half."""
    start = words.at
    negative = bool(words.take_in(_MINUS.get(words.language, ())) or words.take("-", "−"))
    value = take_fraction(words, slash=slash) if words.language == "en" else None
    if value is None:
        value = _take_whole(words)
        if value is not None and words.language == "en":
            value = _and_fraction(words, value, slash)
    if value is None:
        words.at = start
        return None
    return -value if negative else value


def _and_fraction(words: Words, value: Fraction, slash: bool) -> Fraction:
    """Add "and a half", "and three quarters", or the 1/2 of "2 1/2"."""
    start = words.at
    joined = words.joining and words.take("and")
    if joined or words.peek(1) == "/":
        part = take_fraction(words, slash=slash)
        if part is not None and part < 1 and value.denominator == 1:
            return value + part
    words.at = start
    return value


_BEFORE = english.FILLERS | {"level", "to", "by", "at", "the", "of"}


def read_number(words: Words, units: Literal["metric", "imperial"] = "metric") -> float:
    """Read an amount: "twenty one", "one sixty" (160), "fifty percent" (50), "minus three", "half" (0.5), "maximum".

    Args:
        units: the household's; a temperature in the other scale is converted to its own.
    Raises:
        Unreadable: no number, or more than a number.
    """
    words.skip(_BEFORE)
    value = _take_short(words) or take_number(words)
    if value is None:
        value = _extreme(words)
    if value is None and words.peek() in ("a", "an"):
        words.at += 1
        value = Fraction(1)
    words.skip(english.UNITS_OF_NUMBERS)
    words.take_phrase("of a") or words.take_phrase("of an") or words.take("of")  # a cup, a mile
    scale = words.take_in(english.TEMPERATURE_SCALES)
    if value is None or not words.done:
        raise words.refuse("a number")
    if scale and english.TEMPERATURE_SCALES[scale] != units:
        value = (value - 32) * 5 / 9 if units == "metric" else value * 9 / 5 + 32
    try:
        return float(value)
    except OverflowError:
        raise Unreadable("That number is too big for me.") from None


_PERCENT = frozenset(("percent", "%", "cent"))


def read_level(words: Words) -> float:
    """Read a level of 0 to 100, where "half" is 50, "three quarters" 75 and "0.5 percent" 0.5. Raises Unreadable."""
    if len(words.tokens) <= 2 and words.tokens[-1] in english.HALFWAY:
        return 50.0
    value = read_number(words)
    return value * 100 if 0 < value < 1 and _PERCENT.isdisjoint(words.tokens) else value


def _extreme(words: Words) -> Fraction | None:
    if words.take_in(english.HIGHEST):
        words.take("level", "volume", "brightness")
        return Fraction(100)
    if words.take_in(english.LOWEST):
        words.take("level", "volume", "brightness")
        return Fraction(0)
    return None
