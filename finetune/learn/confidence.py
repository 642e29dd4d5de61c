"""Is a learned model as sure as it is right? Measured on quick; where it is not, its calibration is fitted anew."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.skill import Skill
from evals.answers import Answer
from evals.cases import Case
from evals.intervals import Clusters
from evals.reliability import Confident, calibration_error, equal_mass
from finetune.skillmodel.ship import curves, written

GOOD, WORSE = 0.05, 0.01
"""A calibration error above the first, and so much above that of the model before, is mended."""
STEEPEST = 20.0
"""A slope above it is no calibration."""


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The expected calibration error of the whole call on one set, 0..1."""

    before: float
    after: float
    n: int
    refitted: bool = False
    """The curves were fitted anew, on the very set that `after` is measured on."""

    @property
    def is_worse(self) -> bool:
        """Whether the model is less honest about its confidence than it should be."""
        return self.after > GOOD and self.after > self.before + WORSE


def measured(before: Sequence[Answer], after: Sequence[Answer], refitted: bool = False) -> Calibrated:
    """Compare the answers of two models to one set."""
    return Calibrated(_error(before), _error(after), len(_known(after)), refitted)


def _known(answers: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.case.args_known and not answer.failed]


def _error(answers: Sequence[Answer]) -> float:
    known = _known(answers)
    if not known:
        return 0.0
    groups = [answer.group for answer in known]
    cases = Confident.of([a.confidence for a in known], [a.call_right for a in known], groups)
    return calibration_error(cases, equal_mass(cases.confidence), Clusters(groups, draws=1)).value


def refitted(model: Path, cases: Sequence[Case], skills: Mapping[str, Skill]) -> str:
    """The calibration note of a model, fitted on these cases; "" where no curve fits them.

    Args:
        cases: sentences and their calls; those of skills that the house does not have are left out.
        skills: every skill of the house.
    """
    mine = [case for case in cases if case.skill in skills]
    found = curves(mine, written(model, mine, skills))
    # Where a confidence says nothing of what is right, no slope does.
    fits = all(0 < slope < STEEPEST for slope, _ in found.values())
    return json.dumps(found) if fits else ""
