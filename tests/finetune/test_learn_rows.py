"""What is learned from on the board holds nothing that is measured on."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.config import load_settings
from assistant.skill import Context, skill
from evals.cases import Case
from evals.sets import Kept
from finetune import grow
from finetune.data.templates import Fillers, sentences
from finetune.learn.rows import House, everything
from finetune.learn.task import Task
from finetune.piles_of_words import Piles
from finetune.rows import shipped_skills


@skill(examples=["brew [two espressos](drink)", "brew [the latte](drink)"])
def brew(context: Context, *, drink: str) -> str:
    """Make coffee."""
    return drink


def test_replay_nearly_repeats_no_evaluation_sentence(tmp_path: Path) -> None:
    """Neither the sentences of must-pass and quick are replayed, nor what differs by a letter or a politeness."""
    shipped = shipped_skills()
    house = House(load_settings(None, {}, [f"paths.data={tmp_path}"]), shipped, [skill.name for skill in shipped])
    rows, kept = everything(Task(), house).replay, Kept()
    assert len(rows) > 1000
    assert not [case.text for case in rows if kept.repeats(case.text)]


@pytest.mark.parametrize(("example", "first"), [(0, True), (1, False)])
def test_what_stands_before_a_thing_is_of_the_argument(example: int, first: bool) -> None:
    """Where several were said, a number stands before the thing; else another adjective, after its article."""
    one = brew.__skill__  # type: ignore[attr-defined]
    sentence = list(sentences([one]))[example]
    fillers, chance = Fillers([one], Piles.read(grow.PILES, {}), qualified=1.0), random.Random(3)
    said = [next(part.text for part in fillers.fill(sentence, chance) if part.argument) for _ in range(60)]
    assert all(len(words.split()) > 1 for words in said)
    numbers = [words for words in said if words.split()[0].isdigit() or words.split()[0] in ("two", "three", "four")]
    assert (len(numbers) > 10) == first
    assert first or any(words.startswith("the ") and len(words.split()) > 2 for words in said)


def test_a_task_decides_about_what_it_was_taught_and_what_was_mistaken_for_it() -> None:
    """New skills, those that corrections mean and had been decided as, and those of accepted rows; never none()."""
    jokes, talk = Case("crack me up", "tell_joke"), Case("what a day", "none")
    task = Task(corrected=frozenset({jokes.text, talk.text}), mistaken=frozenset({"play_music", "none"}))
    assert Task().taught == frozenset()
    assert replace(task, labelled=(jokes, talk)).taught == {"tell_joke", "play_music"}
    assert replace(task, accepted=(Case("louder", "change_volume"),)).taught == {"change_volume", "play_music"}
    assert Task((brew.__skill__,)).taught == {"brew"}  # type: ignore[attr-defined]
    assert Task(labelled=(jokes,)).taught == frozenset()  # it had been right all along
