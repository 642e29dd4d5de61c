"""The examples that the skills carry: what people say, as the model learns to point at it."""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
from zoneinfo import ZoneInfo

import pytest

import skills
from assistant.prompt import plain, read_call, write_call
from assistant.readers import read_arguments
from assistant.skill import Household, Skill

NOW = dt.datetime(2026, 3, 4, 14, 10, tzinfo=ZoneInfo("Europe/Paris"))
MODULES = [importlib.import_module(f"skills.{found.name}") for found in pkgutil.iter_modules(skills.__path__)]
SKILLS: list[Skill] = [
    value.__skill__ for module in MODULES for value in vars(module).values() if hasattr(value, "__skill__")
]
EXAMPLES = [(skill, example) for skill in SKILLS for example in skill.examples]


def test_there_are_enough() -> None:
    """Every built-in skill with an argument carries at least ten examples, no two of them the same sentence."""
    sentences = [example.text for _, example in EXAMPLES]
    assert len(sentences) > 500
    assert len(set(sentences)) == len(sentences)
    few = [skill.name for skill in SKILLS if skill.arguments and len(skill.examples) < 10]
    assert few == []


@pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.name)
def test_examples_read(skill: Skill) -> None:
    """Every example's words are read to the values of the skill's arguments."""
    for example in skill.examples:
        values = read_arguments(skill, example.call.words, now=NOW, household=Household())
        assert set(values) == set(example.call.words), example.text


@pytest.mark.parametrize("skill", SKILLS, ids=lambda skill: skill.name)
def test_examples_can_be_pointed_at(skill: Skill) -> None:
    """Every example's call can be written with runs of whole words of its own sentence, and reads back."""
    for example in skill.examples:
        written = write_call(example.call, skill, plain(example.text))
        again = read_call(written)
        assert again.skill == skill.name
        assert {name: plain(words) for name, words in again.words.items()} == {
            name: plain(words) for name, words in example.call.words.items()
        }
