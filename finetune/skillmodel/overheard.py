"""Fit the model of overheard talk (`assistant.overheard`), and choose how much it says in the skill model's odds."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from assistant.overheard import BUCKETS, Overheard, Shift, buckets
from assistant.prompt import read_call
from assistant.worker import Written
from evals.cases import Case

LIFTS = tuple(round(0.1 * at, 1) for at in range(21))
UNNAMED = 0.01
"""`none()` where it is no runner-up: half of what a runner-up has at least (`assistant.writer.RUNNER_UP`)."""


def is_talk(case: Case) -> bool:
    """Whether it is of our own piles of talk; a wish that no skill serves is a request."""
    return case.skill == "none" and case.group.startswith("chatter:")


def fit(cases: Sequence[Case], settings: Mapping[str, Any]) -> Overheard:
    """A logistic regression over hashed runs of words, each sentence of length 1.

    Args:
        settings: of the recipe; "inverse_regularization" as scikit-learn's `C`.
    """
    rows = [buckets(case.text) for case in cases]
    table = normalize(_table(rows))
    model = LogisticRegression(C=settings["inverse_regularization"], max_iter=60, solver="liblinear", random_state=0)
    model.fit(table, [is_talk(case) for case in cases])
    return Overheard(model.coef_[0].astype(np.float16), float(model.intercept_[0]))


def _table(rows: Sequence[Counter[int]]) -> csr_matrix:
    places = np.fromiter(itertools.chain.from_iterable(rows), np.int32)
    counts = np.fromiter((count for row in rows for count in row.values()), np.float32)
    ends = np.cumsum([0, *(len(row) for row in rows)])
    return csr_matrix((counts, places, ends), shape=(len(rows), BUCKETS))


def chosen(
    cases: Sequence[Case], found: Sequence[Sequence[Written]], overheard: Overheard, settings: Mapping[str, Any]
) -> Shift:
    """The shift with the smallest lift that declines few good requests, or the greatest lift where none does.

    Args:
        cases: kept-back ones.
        found: what the skill model by itself writes for each.
        settings: of the recipe; "start" of the shift, and "declined": at most this share of good requests.
    """
    good = [(case, one) for case, one in zip(cases, found, strict=True) if case.skill != "none"]
    judged = [(overheard(case.text), _call(one)) for case, one in good]
    for lift in LIFTS:
        shift = Shift(settings["start"], lift)
        if sum(call <= shift(talk) for talk, call in judged) <= settings["declined"] * len(judged):
            break
    return shift


def _call(found: Sequence[Written]) -> float:
    """The log odds of the likeliest call, beside `none()`."""
    chances = {read_call(one.call).skill: one.skill_probability for one in found[::-1]}
    none = chances.pop("none", UNNAMED)
    return math.log(max(chances.values(), default=UNNAMED) / none)
