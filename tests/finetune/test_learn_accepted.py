"""Rows that a person found good are learned from, too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.assemble import open_database
from assistant.commands.frame import UsageError
from assistant.config import load_settings
from assistant.learned import Step
from assistant.registry import SkillSet, load_skills
from assistant.skill import SkillError
from assistant.trace import Trace
from evals.cases import Case, write_cases
from evals.sets import open_set
from finetune.data.dataset import Dataset, Facts
from finetune.data.review import ACCEPT, ACCEPTED, State, apply
from finetune.data.templates import group_of
from finetune.learn.rows import House, is_measurable, rows_of, without_held
from finetune.learn.task import Task, accepted_rows, find, with_known
from finetune.rows import shipped_skills

JOKE, STORY = (next(skill for skill in shipped_skills() if skill.name == name) for name in ("tell_joke", "tell_story"))
KNOWN = [skill.name for skill in shipped_skills() if skill.name != "tell_joke"]


def house_of(folder: Path) -> House:
    """A house whose model knows all skills that ship but one."""
    return House(load_settings(None, {}, [f"paths.data={folder}"]), shipped_skills(), KNOWN)


def row(text: str, group: str = "mine") -> Case:
    return Case(text, "tell_joke", source="grown-examples", group=group)


def test_accepted_rows_are_read_once_each(tmp_path: Path) -> None:
    """A reviewed folder and a file of it count the same sentence once; a folder nobody looked at is refused."""
    reviewed, new = tmp_path / "reviewed", tmp_path / "new"
    for folder in (reviewed, new):
        folder.mkdir()
    write_cases(reviewed / ACCEPTED, [row("crack me up with a joke"), row("a joke about mice if you will")])
    found = accepted_rows([reviewed, reviewed / ACCEPTED])
    assert [case.text for case in found] == ["crack me up with a joke", "a joke about mice if you will"]
    with pytest.raises(UsageError, match="hark data review"):
        accepted_rows([new])


def test_rows_of_a_review_that_was_killed_are_refused(tmp_path: Path) -> None:
    """Rows that were accepted and stand in no file yet are not passed over: a sentence says what brings them in."""
    first, second = row("crack me up with a joke"), row("a joke about mice if you will")
    Dataset({"train": (first, second), "dev": (), "test": ()}, Facts()).write(tmp_path)
    for number, one in enumerate((first, second), 1):
        State.read(tmp_path).decide([(one, ACCEPT)])
        for named in (tmp_path, tmp_path / ACCEPTED):
            with pytest.raises(SkillError, match=f"hark data review {tmp_path}, and q"):
                accepted_rows([named])
        apply(tmp_path, State.read(tmp_path))
        assert len(accepted_rows([tmp_path])) == number


def test_a_row_that_is_none_is_refused_by_file_and_line(tmp_path: Path) -> None:
    """A torn line of an accepted file is named."""
    (tmp_path / ACCEPTED).write_text("{\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"accepted\.jsonl, line 1"):
        accepted_rows([tmp_path])


def test_accepted_rows_make_a_task_of_their_own(tmp_path: Path) -> None:
    """Rows alone are something to learn, until a step has learned the very same; those of foreign skills are left."""
    settings = load_settings(None, {}, [f"paths.data={tmp_path}"])
    house: SkillSet = load_skills(settings)
    names = [skill.name for skill in house.skills]
    rows = (row("crack me up with a joke"), Case("fly me to the moon", "fly_rocket"))
    task = find(house, names, Trace(open_database(settings)), rows)
    assert [case.text for case in task.accepted] == ["crack me up with a joke"]
    assert not task.is_learned(None, ())
    step = Step("a.gguf", "0", "now", {}, rows=task.rows_hash)
    assert task.is_learned(step, ())
    assert not replace(task, accepted=(row("another joke for the road"),)).is_learned(step, ())


def test_a_skill_that_could_not_be_measured_is_still_to_be_learned() -> None:
    """With sentences of the household's own it can be measured later, and is then no longer known; nor is another one
    whose signature changed.
    """
    task = Task((JOKE, STORY))
    joke_alone = Step("a.gguf", "0", "now", {JOKE.name: task.skill_hashes[JOKE.name]})
    assert task.is_learned(joke_alone, {JOKE.name})
    assert not task.is_learned(joke_alone, {JOKE.name, STORY.name})
    assert not task.is_learned(replace(joke_alone, skills={JOKE.name: "other"}), {JOKE.name})


def test_examples_that_repeat_one_another_cannot_be_spared() -> None:
    """Six times the same sentence are one: nothing could be held out that is not learned, too."""
    (first, *_), few = JOKE.examples, 6
    assert len(JOKE.examples) >= few and is_measurable(JOKE, ())
    same = replace(JOKE, examples=(first,) * few)
    assert not is_measurable(same, ())
    assert without_held(same, 0) == same


def test_rows_in_use_are_learned_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A learning that names no rows, or others, forgets none; what is gone from the disk is said."""
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    step = Step("a.gguf", "0", "now", {}, rows="1", rows_from=[str(old)])
    assert with_known((), None) == ()
    assert with_known((), step) == (old,)
    assert with_known((new, old), step) == (old, new)
    old.rmdir()
    assert with_known((new,), step) == (new,)
    assert f"{old} is not there any more" in caplog.text
    assert with_known((old,), None) == (old,), "what is named now is refused later, in a sentence of its own"


def test_accepted_rows_are_learned_and_those_of_held_out_examples_only_at_last(tmp_path: Path) -> None:
    """What grew from an example that is held out waits until it was measured by."""
    house = house_of(tmp_path)
    kept = without_held(JOKE, house.seed).examples
    out = next(example for example in JOKE.examples if example not in kept)
    mine, held = (
        row("crack me up with a mouse joke", group_of(kept[0])),
        row("amuse me with wit and puns", group_of(out)),
    )
    task = Task((JOKE,), accepted=(mine, held))
    first, whole = rows_of(task, house)
    assert mine in whole.own and held in whole.own
    assert mine in first.own
    assert held not in first.own


def test_a_sentence_of_an_evaluation_set_is_not_learned_whoever_accepted_it(tmp_path: Path) -> None:
    """The gate of all rows is that of accepted rows."""
    measured = next(case for case in open_set("quick").cases if case.skill == "tell_joke")
    task = Task((JOKE,), accepted=(row(measured.text),))
    assert measured.text not in {case.text for case in rows_of(task, house_of(tmp_path))[1].own}
