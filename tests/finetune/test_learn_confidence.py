"""A learned model's confidence is held against how often it is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.decide import Calibration
from assistant.worker import Written
from evals.answers import Answer
from evals.cases import Case
from finetune.learn import confidence
from finetune.learn.confidence import Calibrated, measured


def answers(sure: float, right: int, of: int = 20) -> list[Answer]:
    """Answers of one confidence, so many of them right."""
    return [
        Answer(Case(f"tell me {at}", "tell_joke"), skill="tell_joke" if at < right else "none", confidence=sure)
        for at in range(of)
    ]


def test_the_error_is_how_far_confidence_is_from_the_share_that_is_right() -> None:
    """Sure at 0.9 and right in 18 of 20 is no error; right in 10 of 20 is one of 0.4."""
    found = measured(answers(0.9, 18), answers(0.9, 10))
    assert found.before == pytest.approx(0.0)
    assert found.after == pytest.approx(0.4)
    assert found.n == 20
    assert found.is_worse


@pytest.mark.parametrize(("before", "after"), [(0.02, 0.049), (0.08, 0.085), (0.1, 0.02)])
def test_what_is_small_or_as_it_was_is_left(before: float, after: float) -> None:
    """An error of at most 0.05, or hardly above the one before, is nothing to mend."""
    assert not Calibrated(before, after, 600).is_worse


def test_cases_of_which_only_the_skill_is_known_are_not_counted() -> None:
    """A whole call that nobody knows is neither right nor wrong."""
    unknown = [Answer(Case("tell me", "tell_joke", args_known=False), skill="none", confidence=1.0)]
    assert measured(unknown, unknown) == Calibrated(0.0, 0.0, 0)


@pytest.mark.parametrize(("rising", "fits"), [(True, True), (False, False)])
def test_curves_are_fitted_on_the_cases_that_the_house_has_skills_for(
    monkeypatch: pytest.MonkeyPatch, rising: bool, fits: bool
) -> None:
    """A model more sure than right is told how often it is right; one that is surest where it is wrong is left."""
    asked: list[str] = []

    def too_sure(_path: Path, cases: list[Case], _skills: object) -> list[Written]:
        asked.extend(case.text for case in cases)
        return [
            Written("tell_joke(x= one)", share, share) for share in (0.7 + 0.05 * (at // 8) for at in range(len(cases)))
        ]

    monkeypatch.setattr(confidence, "written", too_sure)
    right = [2 + level if rising else 6 - level for level in range(5)]  # of eight cases at each confidence
    mine = [
        Case(f"one {8 * level + at}", "tell_joke" if at < right[level] else "stop", words={"x": "one"})
        for level in range(5)
        for at in range(8)
    ]
    skills = {"tell_joke": object(), "stop": object()}
    found = confidence.refitted(Path("model.gguf"), [*mine, Case("fly me", "fly_rocket")], skills)  # type: ignore[arg-type]
    assert "fly me" not in asked and len(asked) == 40
    assert bool(found) == fits
    if fits:
        assert Calibration(*json.loads(found)["skill"])(0.8) == pytest.approx(0.5, abs=0.05)
