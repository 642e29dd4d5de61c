"""Is the house as sure as it is right, before and after something was learned? Measured on quick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evals.answers import Answer
from evals.intervals import Clusters, Figure
from evals.reliability import Confident, calibration_error, equal_mass
from evals.scoring import Shown

NOT_KNOWN = Figure(0.0, 0, None, None)


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The expected calibration error of the whole call on one set, 0..1, over bins of equal mass."""

    before: Figure
    after: Figure

    @property
    def n(self) -> int:
        """How many cases it is of."""
        return self.after.n

    def tracked(self) -> Mapping[str, Shown | float]:
        """As a run keeps them, with their intervals where there are any."""
        return {
            f"calibration_error.{when}": one.value
            if one.low is None or one.high is None
            else Shown(one.value, one.low, one.high, one.n)
            for when, one in (("before", self.before), ("after", self.after))
        }

    def __str__(self) -> str:
        return f"(bins of equal mass, n={self.n}): {_said(self.before)} before, {_said(self.after)} after"


def measured(before: Sequence[Answer], after: Sequence[Answer]) -> Calibrated:
    """Compare the answers to one set."""
    return Calibrated(_error(before), _error(after))


def _known(answers: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.case.args_known and not answer.failed]


def _error(answers: Sequence[Answer]) -> Figure:
    known = _known(answers)
    if not known:
        return NOT_KNOWN
    groups = [answer.group for answer in known]
    cases = Confident.of([a.confidence for a in known], [a.call_right for a in known], groups)
    return calibration_error(cases, equal_mass(cases.confidence), Clusters(groups))


def _said(figure: Figure) -> str:
    interval = "" if figure.low is None or figure.high is None else f" ({figure.low:.1%} to {figure.high:.1%})"
    return f"{figure.value:.1%}{interval}"
