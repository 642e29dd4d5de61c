"""Numbers the way people and recognizers write them."""

from __future__ import annotations

import random

_ONES = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def in_words(number: int, joined_by_and: bool = False) -> str:
    """A whole number from 0 to 999,999 in words: `one hundred (and) twenty three`."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        ten, one = divmod(number, 10)
        return _TENS[ten] + (f" {_ONES[one]}" if one else "")
    big, small, name = (*divmod(number, 100), "hundred") if number < 1000 else (*divmod(number, 1000), "thousand")
    rest = f"{' and' if joined_by_and and small < 100 else ''} {in_words(small, joined_by_and)}" if small else ""
    return f"{in_words(big, joined_by_and)} {name}{rest}"


def digits_or_words(number: int, chance: random.Random) -> str:
    """A number as digits or as words, each half the time."""
    return str(number) if chance.random() < 0.5 else in_words(number, chance.random() < 0.5)


def decimal(chance: random.Random) -> str:
    """`2.5`, or `two point five`."""
    whole, part = chance.randrange(0, 100), chance.randrange(1, 10)
    return f"{whole}.{part}" if chance.random() < 0.5 else f"{in_words(whole)} point {in_words(part)}"


def some_number(chance: random.Random) -> str:
    """Mostly small whole numbers, some large, some with a fraction."""
    kind = chance.random()
    if kind < 0.55:
        return digits_or_words(chance.randrange(1, 100), chance)
    if kind < 0.75:
        return digits_or_words(
            chance.choice((100, 150, 200, 250, 500, 1000, 1200, 5000, chance.randrange(100, 1000))), chance
        )
    if kind < 0.85:
        return digits_or_words(chance.randrange(1000, 100_000), chance)
    if kind < 0.95:
        return decimal(chance)
    return f"{in_words(chance.randrange(1, 20))} and a half"
