"""The skills that nobody trained on, and what people say to them: examples/newcomers, and the folders beneath."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.config import load_settings
from assistant.registry import load_skills
from evals.cases import read_cases, stands_in

NEWCOMERS = Path(__file__).parent.parent / "examples" / "newcomers"
FOLDERS = (NEWCOMERS, *sorted(path for path in NEWCOMERS.iterdir() if path.is_dir() and path.name != "__pycache__"))
THINNED = ("fourth", "fifth", "sixth")
"""Sets that lack the lines which an invented skill had, or nearly, when they were made."""


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda one: one.name)
def test_every_phrasing_can_be_asked(folder: Path, tmp_path: Path) -> None:
    """Each phrasing means a skill of its folder, with arguments that it has and words that are said; there are forty of
    each skill, but where lines were left out.
    """
    house = load_skills(load_settings(None, {}, [f"skills.folders={folder}", f"paths.data={tmp_path}"])).by_name
    cases = list(read_cases(folder / "phrasings.jsonl"))
    counts = {sum(case.skill == name for case in cases) for name in {case.skill for case in cases}}
    assert min(counts) >= 34 and max(counts) <= 40 if folder.name in THINNED else counts == {40}
    for case in cases:
        arguments = {argument.name: argument for argument in house[case.skill].arguments}
        for name, words in case.words.items():
            choices = arguments[name].choices
            assert words in choices if choices else stands_in(words, case.text), case


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda one: one.name)
def test_near_misses_are_no_phrasings(folder: Path) -> None:
    """No near miss is a phrasing, and none is for a skill of its folder."""
    cases, misses = (list(read_cases(folder / f"{name}.jsonl")) for name in ("phrasings", "near_misses"))
    assert not {case.text for case in cases} & {case.text for case in misses}
    assert not {case.skill for case in cases} & {case.skill for case in misses}
    assert len(misses) >= 75
