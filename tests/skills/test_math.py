"""Arithmetic: exact where it can be, and honest where it cannot."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from fractions import Fraction
from typing import NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.readers import Unreadable, read
from assistant.skill import Context, Household, SkillError
from skills.math import calculate, evaluate

Say = Callable[..., str]
NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def no_database() -> NoReturn:
    raise AssertionError("arithmetic needs no database")


CONTEXT = Context(now=NOW, settings={}, database=no_database)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("five times seven", "5 times 7 is 35."),
        ("12 + 30", "12 plus 30 is 42."),
        ("twelve percent of two hundred", "12 percent of 200 is 24."),
        ("twenty percent off fifty", "50 minus 20 percent of 50 is 40."),
        ("square root of eighty one", "The square root of 81 is 9."),
        ("square root of two", "The square root of 2 is about 1.414."),
        ("cube root of 27", "The cube root of 27 is 3."),
        ("ten divided by three", "10 divided by 3 is about 3.333."),
        ("0.1 + 0.2", "0.1 plus 0.2 is 0.3."),
        ("1/3 + 1/3 + 1/3", "1 divided by 3 plus 1 divided by 3 plus 1 divided by 3 is 1."),
        ("half of ninety", "0.5 times 90 is 45."),
        ("seven minus minus two", "7 minus minus 2 is 9."),
        ("two plus three times four", "2 plus 3 times 4 is 14."),
        ("2 * (3 + 4)", "That is 14."),
        ("5 factorial", "5 factorial is 120."),
        ("6 squared", "6 squared is 36."),
        ("two to the power of ten", "2 to the power of 10 is 1,024."),
        ("17 mod 5", "That is 2."),
        ("one billion times one billion", "1,000,000,000 times 1,000,000,000 is 1 times 10 to the 18."),
        ("one divided by eight", "1 divided by 8 is 0.125."),
        ("square root of 10,000", "The square root of 10,000 is 100."),
        ("10 percent of 12500.25", "10 percent of 12,500.25 is 1,250.025."),
        ("20 plus 15 percent", "20 plus 15 percent of 20 is 23."),
        ("seven eights", "7 times 8 is 56."),
        ("3/4 of 80", "0.75 times 80 is 60."),
        ("the remainder of 17 divided by 5", "That is 2."),
    ],
)
def test_calculate(context: Context, say: Say, words: str, said: str) -> None:
    """What was asked is said back with its result, and "about" stands before what was rounded."""
    assert say(calculate, context, expression=words) == said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("eight divided by zero", "divided by zero"),
        ("5 mod 0", "divided by zero"),
        ("zero to the power of minus one", "divided by zero"),
        ("square root of minus four", "no real square root"),
        ("factorial of 2.5", "whole numbers"),
        ("factorial of 5000", "too big"),
        ("9 to the power of 9 to the power of 9", "too big"),
        ("9^9^9^9^9^9", "too big"),
        ("99999999999999999999 to the power of 99999999999999999999", "too big"),
        ("factorial of factorial of 20", "too big"),
    ],
)
def test_refuses(context: Context, say: Say, words: str, said: str) -> None:
    """What has no result, or one that nobody could listen to, is a sentence, at once."""
    started = time.process_time()
    with pytest.raises(SkillError, match=said):
        say(calculate, context, expression=words)
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "symbols",
    [
        "__import__('os')",
        "open('x')",
        "(1).__class__",
        "[1]*9",
        "1 if 1 else 2",
        "True+1",
        "'a'*3",
        "1j",
        "x",
        "1<2",
        "sqrt(1, 2)",
        "5*",
        "",
        "(" * 500,
        "1" * 2000,
    ],
)
def test_is_no_python(context: Context, symbols: str) -> None:
    """Only arithmetic is worked out: anything else that Python could run is refused."""
    with pytest.raises(SkillError):
        calculate(context, expression=symbols)


@given(st.lists(st.tuples(st.sampled_from("+-*/"), st.integers(1, 999)), min_size=1, max_size=6), st.integers(0, 999))
@settings(max_examples=150, deadline=None)
def test_agrees_with_fractions(steps: list[tuple[str, int]], first: int) -> None:
    """The result is the exact one, as Python's own fractions give it for the same symbols."""
    symbols = str(first) + "".join(f"{sign}{number}" for sign, number in steps)
    exact = eval(str(first) + "".join(f"{s}Fraction({n})" for s, n in steps), {"Fraction": Fraction})  # noqa: S307
    assert evaluate(symbols) == exact


@given(st.text(alphabet="0123456789+-*/().% ^x", max_size=40))
@settings(max_examples=200, deadline=None)
def test_any_symbols(text: str) -> None:
    """Whatever symbols are written, there is a sentence or a refusal, and no other error."""
    try:
        symbols = read("expression", text, now=NOW, household=Household())
    except Unreadable:
        return
    try:
        assert calculate(CONTEXT, expression=symbols)
    except SkillError as refusal:
        assert str(refusal)
