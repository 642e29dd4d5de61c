"""Sums, as people say and as recognizers write them."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from finetune.say import decimal, digits_or_words, in_words, some_number

_OPERATORS = ("plus", "minus", "times", "divided by", "multiplied by", "over", "plus", "minus", "times")
_SIGNS = ("+", "-", "*", "/", "x", "+")


def expression(chance: random.Random) -> str:
    """`five times seven`, `12 + 30`, `fifteen percent of 80`."""
    kind = chance.random()
    first, second = some_number(chance), some_number(chance)
    if kind < 0.5:
        return f"{first} {chance.choice(_OPERATORS)} {second}"
    if kind < 0.65:
        a, b = chance.randrange(1, 1000), chance.randrange(1, 1000)
        return f"{a} {chance.choice(_SIGNS)} {b}" if chance.random() < 0.7 else f"{a}{chance.choice('+-*/')}{b}"
    if kind < 0.78:
        return f"{percent_of(chance)} of {second}"
    if kind < 0.86:
        return f"{first} {chance.choice(_OPERATORS)} {second} {chance.choice(_OPERATORS)} {some_number(chance)}"
    if kind < 0.93:
        return f"{first} {chance.choice(('squared', 'cubed', 'to the power of ' + in_words(chance.randrange(2, 6))))}"
    return f"{chance.choice(('half', 'a third', 'a quarter', 'two thirds', 'three quarters'))} of {second}"


def percent_of(chance: random.Random) -> str:
    """A percentage, said as one."""
    number = digits_or_words(chance.randrange(1, 100), chance)
    return f"{number}{chance.choice(('%', ' percent'))}" if number.isdigit() else f"{number} percent"


def verb_expression(chance: random.Random) -> str:
    """`add five and seven`."""
    first, second = some_number(chance), some_number(chance)
    return chance.choice(
        (
            f"add {first} and {second}",
            f"multiply {first} by {second}",
            f"divide {first} by {second}",
            f"subtract {first} from {second}",
            f"add {first} to {second}",
            f"multiply {first} and {second}",
            f"take {first} from {second}",
        )
    )


def of_expression(chance: random.Random) -> str:
    """`square root of 81`, `sum of twelve and thirty`; what stands after "the"."""
    first, second = some_number(chance), some_number(chance)
    root = digits_or_words(
        chance.choice((4, 9, 16, 25, 36, 49, 64, 81, 100, 121, 144, chance.randrange(2, 1000))), chance
    )
    return chance.choice(
        (
            f"square root of {root}",
            f"square root of {root}",
            f"sum of {first} and {second}",
            f"product of {first} and {second}",
            f"cube root of {root}",
            f"difference between {first} and {second}",
            f"difference of {first} and {second}",
            f"square of {root}",
        )
    )


MADE: Mapping[str, Callable[[random.Random], str]] = {
    "number": some_number,
    "decimal": decimal,
    "expression": expression,
    "verbexpression": verb_expression,
    "ofexpression": of_expression,
}
