"""Is the house as sure as it is right, before and after something was learned? Measured on quick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evals.answers import Answer
from evals.intervals import Clusters
from evals.reliability import Confident, calibration_error, equal_mass


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The expected calibration error of the whole call on one set, 0..1."""

    before: float
    after: float
    n: int


def measured(before: Sequence[Answer], after: Sequence[Answer]) -> Calibrated:
    """Compare the answers to one set."""
    return Calibrated(_error(before), _error(after), len(_known(after)))


def _known(answers: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.case.args_known and not answer.failed]


def _error(answers: Sequence[Answer]) -> float:
    known = _known(answers)
    if not known:
        return 0.0
    groups = [answer.group for answer in known]
    cases = Confident.of([a.confidence for a in known], [a.call_right for a in known], groups)
    return calibration_error(cases, equal_mass(cases.confidence), Clusters(groups, draws=1)).value
