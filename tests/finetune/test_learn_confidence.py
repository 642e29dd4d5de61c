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


def test_curves_are_fitted_on_the_cases_that_the_house_has_skills_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that is more sure than right is told to be no surer than it is right."""
    asked: list[str] = []

    def too_sure(_path: Path, cases: list[Case], _skills: object) -> list[Written]:
        asked.extend(case.text for case in cases)
        sure = [0.6 + 0.05 * (at // 2 % 5) for at in range(len(cases))]
        return [Written("tell_joke()", share, share) for share in sure]

    monkeypatch.setattr(confidence, "written", too_sure)
    mine = [Case(f"one {at}", "tell_joke" if at % 2 else "stop", words={"x": "one"}) for at in range(40)]
    foreign = Case("fly me", "fly_rocket")
    skills = {"tell_joke": object(), "stop": object()}
    curves = json.loads(confidence.refitted(Path("model.gguf"), [*mine, foreign], skills))  # type: ignore[arg-type]
    assert "fly me" not in asked and len(asked) == 40
    assert Calibration(*curves["skill"])(0.7) == pytest.approx(0.5, abs=0.05)
