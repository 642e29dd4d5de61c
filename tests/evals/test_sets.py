"""What is measured on."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from evals.cases import Case, write_cases
from evals.sets import balanced, chatter, held_out, overheard
from finetune.rows import split_human


def test_balanced_is_as_even_as_can_be() -> None:
    """Families that have enough get the same number; one that has few gives all it has."""
    many = [Case(f"m{i}", "weather") for i in range(100)] + [Case(f"n{i}", "none") for i in range(300)]
    few = [Case(f"t{i}", "set_timer") for i in range(7)]
    counts = Counter(case.family for case in balanced([*many, *few], size=107))
    assert counts == {"weather": 50, "none": 50, "timers": 7}


def test_other_families_are_not_in_it() -> None:
    """Families outside the twelve are left out."""
    assert balanced([Case("who wrote it", "ask"), Case("hush", "stop")], size=10) == []


def test_same_seed_same_set() -> None:
    """The set is the same each time it is drawn."""
    cases = [Case(f"m{i}", "weather") for i in range(100)]
    assert balanced(cases, 20) == balanced(cases, 20)
    assert balanced(cases, 20, seed=1) != balanced(cases, 20)


def test_human_sentences_and_chatter_are_apart(tmp_path: Path) -> None:
    """Held-out human sentences and held-out chatter are two sets."""
    human, talk = (
        Case("play jazz", "play_music", source="hwu64"),
        Case("ah well", "none", source="grown-chatter", group="chatter:none:1"),
    )
    write_cases(tmp_path / "dev.jsonl", [human, talk])
    assert held_out(tmp_path) == [human]
    assert chatter(tmp_path) == [talk]


def test_overheard_talk_is_for_nobody_and_never_trained_on() -> None:
    """The written talk is `none`, has no line twice, and is left out of training with what is nearly the same."""
    lines = overheard()
    assert len({case.text for case in lines}) == len(lines) > 50
    assert {case.skill for case in lines} == {"none"}
    near = [Case(case.text, "none", source="clinc150", group=f"clinc150:{case.text}") for case in lines]
    assert split_human(near).train == []
