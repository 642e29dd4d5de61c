"""What is learned from on the board holds nothing that is measured on."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.config import load_settings
from assistant.skill import Context, skill
from assistant.wording import tokens
from evals.cases import Case
from evals.sets import Kept, group_key, overheard
from finetune import grow
from finetune.data.templates import Fillers, sentences
from finetune.learn.rows import FEWEST, House, rows_of
from finetune.learn.talk import NEAR, OVERHEARD, talk_for
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
    rows, kept = rows_of(Task(), house)[1].replay, Kept()
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


def test_what_is_measured_by_is_not_learned(tmp_path: Path) -> None:
    """Neither talk that is asked before and after, nor its frames, nor what nearly repeats one's own sentences."""
    one = brew.__skill__  # type: ignore[attr-defined]
    shipped = shipped_skills()
    settings = load_settings(None, {}, [f"paths.data={tmp_path}"])
    house = House(settings, (*shipped, one), [skill.name for skill in shipped])
    _, free = rows_of(Task((one,)), house)
    own = next(case.text for case in free.own if case.skill == "brew")
    _, rows = rows_of(Task((one,)), replace(house, measured=(own,)))
    learned = (*rows.own, *rows.replay)
    talk = talk_for([one])
    assert not {case.text for case in talk.cases} & {case.text for case in learned}
    measured = {case.group.rpartition(":")[2] for case in talk.near if case.group.startswith("near-miss:")}
    taught = {case.group.rpartition(":")[2] for case in rows.own if case.group.startswith("near-miss:")}
    assert len(measured) > 2 and len(taught) > 10 and not measured & taught
    assert not {case.group for case in talk.overheard} & {case.group for case in learned}
    mine = Kept([group_key(own)])
    assert [case for case in free.own if mine.repeats(case.text)]
    assert not [case for case in learned if mine.repeats(case.text)]


def test_talk_is_the_same_each_time_and_enough_to_see_harm() -> None:
    """Three hundred lines that are overheard, near misses that say the skill's words, and none of the measured ones."""
    one = brew.__skill__  # type: ignore[attr-defined]
    talk = talk_for([one])
    assert talk == talk_for([one])
    assert len(talk.overheard) == OVERHEARD
    assert not {case.text for case in talk.cases} & {case.text for case in overheard()}
    said = [case.text for case in talk.near if not case.group.startswith("near-miss:")]
    assert len(said) > 5
    assert all(set(tokens(text.split())) & set(tokens(["brew", "latte", "espresso"])) for text in said)
    assert all(case.skill == "none" and case.tags == (f"{NEAR}brew",) for case in talk.near)


def test_half_of_the_groups_of_accepted_rows_are_held_out(tmp_path: Path) -> None:
    """Rows of a skill that is not new are measured by the groups that were not learned; few groups are all learned."""
    house = House(load_settings(None, {}, [f"paths.data={tmp_path}"]), shipped_skills(), ["tell_joke"])
    said = ("mice", "tall ships", "hats", "the moon", "frogs", "old tractors", "rain boots", "my uncle")
    rows = tuple(Case(f"amuse me with wit on {of}", "tell_joke", group=f"g{at}") for at, of in enumerate(said))
    first, whole = rows_of(Task(accepted=rows), house)
    held = {case.group for case in first.held}
    assert len(held) == len(said) // 2
    assert not held & {case.group for case in first.own}
    assert held < {case.group for case in whole.own}
    assert rows_of(Task(accepted=rows[: FEWEST - 1]), house)[0].held == ()


def test_a_task_decides_about_what_it_was_taught_and_what_was_mistaken_for_it() -> None:
    """New skills, those that corrections mean and had been decided as, and those of accepted rows; never none()."""
    jokes, talk = Case("crack me up", "tell_joke"), Case("what a day", "none")
    task = Task(corrected=frozenset({jokes.text, talk.text}), mistaken=frozenset({"play_music", "none"}))
    assert Task().taught == frozenset()
    assert replace(task, labelled=(jokes, talk)).taught == {"tell_joke", "play_music"}
    assert replace(task, accepted=(Case("louder", "change_volume"),)).taught == {"change_volume", "play_music"}
    assert Task((brew.__skill__,)).taught == {"brew"}  # type: ignore[attr-defined]
    assert Task(labelled=(jokes,)).taught == frozenset()  # it had been right all along
