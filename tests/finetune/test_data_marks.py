"""Words that a comma, a quote or nothing at all parts from a mark stay words in every row."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from assistant.config import load_settings
from assistant.prompt import plain
from assistant.skill import Context, Number, Skill, Time, skill
from evals.cases import stands_in
from finetune.data.falter import falter
from finetune.data.growth import Wish, grown
from finetune.data.templates import group_of, sentence_of
from finetune.disturb import Part, disturb
from finetune.learn.rows import FEWEST, House, rows_of, without_held
from finetune.learn.task import Task
from finetune.rows import shipped_skills


@skill(
    examples=[
        "feed the cat [two](spoons), please",
        "feed the cat [two](spoons). thanks",
        "is the cat fine with [two](spoons)? feed her",
        "no food left! [two](spoons)! now",
        "feed her [three](spoons); she is hungry",
        "the cat: [three](spoons): quick",
        "the cat gets [two](spoons)- today",
        'feed "[two](spoons)" to the cat',
        "feed 'the cat' '[two](spoons)', now",
        'the cat wants ("[four](spoons)"), thanks',
        "for the cat, [two](spoons)",
        "it's late, [two](spoons) for the cat",
        "cat food,[two](spoons), today",
        "give the cat [two](spoons).",
    ]
)
def feed(context: Context, *, spoons: Number) -> str:
    """Feed the cat."""
    return f"{spoons}"


@skill(examples=["is the sauna mine at [ten](start)? book it", "book the sauna at [nine](start), for me"])
def sauna(context: Context, *, start: Time) -> str:
    """Book the sauna."""
    return f"{start}"


@skill(
    examples=[
        "brew [two espressos](drink), please",
        "could we have [a cappuccino](drink)? thanks",
        'start "[a flat white](drink)" for me',
        "[a latte](drink); quick",
        "make [a mocha](drink)! now",
        "pour [the ristretto](drink): strong",
    ]
)
def brew(context: Context, *, drink: str) -> str:
    """Make coffee."""
    return drink


BREW: Skill = brew.__skill__  # type: ignore[attr-defined]
FEED: Skill = feed.__skill__  # type: ignore[attr-defined]
SAUNA: Skill = sauna.__skill__  # type: ignore[attr-defined]
MARKS = (",", ".", "?", "!", ";", ":", " -", '"', "'", "’", "...", ')"')
GLUED = re.compile(r"\d(?:(?!st|nd|rd|th|am|pm)[a-z]+)|[a-z]\d")
"""Digits and letters that no space parts; what the piles write together ("10am", "the 3rd") is one word."""


@pytest.mark.parametrize("after", ["", *MARKS])
@pytest.mark.parametrize("before", ["", *MARKS, "("])
def test_the_parts_of_an_example_joined_are_its_plain_form(before: str, after: str) -> None:
    """Whatever stands beside a mark, no word is glued to another, and the argument is the words that were marked."""
    for text in (
        f"now{before} [two]({{}}){after} please",
        f"{before}[two]({{}}){after}",
        f"feed {before}[two]({{}}){after}",
    ):

        @skill(examples=[text.format("spoons")])
        def one(context: Context, *, spoons: Number) -> str:
            """Feed the cat."""
            return f"{spoons}"

        found: Skill = one.__skill__  # type: ignore[attr-defined]
        parts = sentence_of(found.examples[0], found).parts
        assert "".join(part.text for part in parts) == plain(found.examples[0].text)
        assert [part.text for part in parts if part.argument] == ["two"]


@pytest.mark.parametrize("one", [FEED, SAUNA], ids=lambda one: one.name)
def test_no_row_glues_a_value_to_its_neighbour(one: Skill) -> None:
    """Every row's words are words, its argument stands whole, and both figures and number words are grown."""
    rows = [case for case in grown(Wish([one], count=2500)) if case.skill == one.name]
    name = one.arguments[0].name
    assert [case.text for case in rows if GLUED.search(case.text)] == []
    assert all(stands_in(case.words[name], case.text) for case in rows)
    assert all(f" {case.words[name]} " in f" {case.text.replace(',', ' ').replace('-', ' ')} " for case in rows)
    for example in one.examples:
        values = {case.words[name] for case in rows if case.group == group_of(example)}
        assert len(values) > 8, example
        assert any(value[0].isdigit() for value in values) and any(value.isalpha() for value in values), example


def test_what_is_written_together_with_an_argument_stays_so() -> None:
    """Nobody thinks aloud between a number and its unit: "5um kg" is no word."""
    chance = random.Random(2)
    parts = (Part("weigh "), Part("5", "amount"), Part("kg of flour"))
    said = {"".join(p.text for p in disturb(list(falter(parts, chance)), "weigh", chance)) for _ in range(3000)}
    assert len(said) > 100
    assert all("5kg" in one.split() for one in said)


def test_an_example_with_a_comma_behind_its_mark_is_held_out_as_any_other(tmp_path: Path) -> None:
    """Every held-out example has phrasings to be measured by, those with punctuation too."""
    settings = load_settings(None, {}, [f"paths.data={tmp_path}"])
    house = House(settings, (*shipped_skills(), BREW), [known.name for known in shipped_skills()])
    assert len(BREW.examples) >= FEWEST
    rest = without_held(BREW, house.seed).examples
    out = {group_of(example) for example in BREW.examples if example not in rest}
    first, _ = rows_of(Task((BREW,)), house)
    assert {case.group for case in first.held} == out
