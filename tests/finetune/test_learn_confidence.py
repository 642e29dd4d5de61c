"""The confidence after learning is held against how often it is right."""

from __future__ import annotations

import pytest

from evals.answers import Answer
from evals.cases import Case
from evals.runs import Evidence
from evals.scoring import headline, score_evidence
from finetune.learn.confidence import NOT_KNOWN, Calibrated, measured


def answers(sure: float, right: int, of: int = 20) -> list[Answer]:
    """Answers of one confidence, so many of them right."""
    return [
        Answer(Case(f"tell me {at}", "tell_joke"), skill="tell_joke" if at < right else "none", confidence=sure)
        for at in range(of)
    ]


def test_the_error_is_how_far_confidence_is_from_the_share_that_is_right() -> None:
    """Sure at 0.9 and right in 18 of 20 is no error; right in 10 of 20 is one of 0.4."""
    found = measured(answers(0.9, 18), answers(0.9, 10))
    assert found.before.value == pytest.approx(0.0)
    assert found.after.value == pytest.approx(0.4)
    assert found.n == 20


def test_cases_of_which_only_the_skill_is_known_are_not_counted() -> None:
    """A whole call that nobody knows is neither right nor wrong."""
    unknown = [Answer(Case("tell me", "tell_joke", args_known=False), skill="none", confidence=1.0)]
    found = measured(unknown, unknown)
    assert found == Calibrated(NOT_KNOWN, NOT_KNOWN)
    assert found.n == 0
    assert found.tracked() == {"calibration_error.before": 0.0, "calibration_error.after": 0.0}


def test_it_is_the_figure_of_a_run() -> None:
    """What `hark learn` says and tracks is the calibration error that `hark eval run` scores, in per cent, with n."""
    some = [*answers(0.9, 15), *answers(0.6, 16), *answers(0.3, 4)]
    scored = headline(score_evidence([Evidence(one.case, one.skill, confidence=one.confidence) for one in some], {}))
    found = measured(some, some)
    assert found.tracked()["calibration_error.after"] == scored["text.calibration_error"]
    figure = f"{found.after.value:.1%} ({found.after.low:.1%} to {found.after.high:.1%})"
    assert str(found) == f"(bins of equal mass, n=60): {figure} before, {figure} after"
