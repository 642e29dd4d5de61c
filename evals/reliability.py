"""Is a confidence of 0.8 right in 80 % of cases, and what would a higher threshold buy?

Calibration error and Brier score of the confidence, and the risk (the share that is wrong) at each coverage (the share
that is acted on when the least confident are left to somebody else).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evals.intervals import Clusters, Figure, Numbers, Share, share_of

BINS = 10
SURE_ENOUGH = 0.01
"""The share wrong that a threshold is looked for."""
POINTS = 100
"""Points of a drawn curve, at most."""


@dataclass(frozen=True)
class Confident:
    """Cases with a confidence, all of one length n."""

    confidence: Numbers
    """0..1, shape (n,)"""
    right: Numbers
    """0 or 1, shape (n,)"""
    groups: Sequence[str]

    @classmethod
    def of(cls, confidence: Sequence[float], right: Sequence[bool], groups: Sequence[str]) -> Confident:
        """From plain sequences. Raises ValueError when their lengths differ."""
        if not len(confidence) == len(right) == len(groups):
            raise ValueError(f"{len(confidence)} confidences, {len(right)} results and {len(groups)} groups")
        return cls(np.asarray(confidence, dtype=np.float64), np.asarray(right, dtype=np.float64), groups)


def equal_width(confidence: Numbers, bins: int = BINS) -> Numbers:
    """Each case's bin when the range 0..1 is cut evenly: shape (n,), 0 to bins - 1."""
    return np.minimum((confidence * bins).astype(np.int64), bins - 1).astype(np.float64)


def equal_mass(confidence: Numbers, bins: int = BINS) -> Numbers:
    """Each case's bin when every bin is to hold as many cases; cases of one confidence stay together."""
    ranks = np.searchsorted(np.sort(confidence), confidence, side="left")
    return np.floor(ranks * bins / max(1, len(confidence)))


def calibration_error(cases: Confident, placed: Numbers, clusters: Clusters) -> Figure:
    """Expected calibration error: the mean distance between confidence and share right, over bins weighted by size.

    The interval is that of the same bins drawn again; chance alone keeps the error of a small set above 0.

    Args:
        placed: each case's bin.
    Source: Naeini, Cooper and Hauskrecht 2015; bins of equal mass after Nixon et al. 2019.
    """
    _, index = np.unique(placed, return_inverse=True)
    inside = np.zeros((len(placed), int(index.max(initial=-1)) + 1))
    inside[np.arange(len(placed)), index] = cases.confidence - cases.right

    def compute(weights: Numbers) -> Numbers:
        found: Numbers = np.abs(weights @ inside).sum(axis=1) / weights.sum(axis=1)
        return found

    return clusters.statistic(compute)


def bins_of(cases: Confident, placed: Numbers) -> list[dict[str, Any]]:
    """What a reliability diagram shows: for each bin {"confidence", "right", "n", "low", "high"}, by confidence."""
    found = []
    for name in np.unique(placed):
        mine = np.flatnonzero(placed == name).tolist()
        right = share_of([bool(cases.right[at]) for at in mine], [cases.groups[at] for at in mine])
        found.append({**right.to_json(), "confidence": float(cases.confidence[mine].mean()), "right": right.value})
    return found


def risk_at(cases: Confident) -> tuple[Numbers, Numbers]:
    """The coverage-risk curve, a point for each confidence that occurs, the highest first.

    Cases of one confidence are covered together, for no threshold can tell them apart.

    Returns:
        coverage (0..1, rising) and risk (0..1), both of shape (m,).
    Source: El-Yaniv and Wiener 2010.
    """
    order = np.argsort(-cases.confidence, kind="stable")
    ranked, wrong = cases.confidence[order], 1 - cases.right[order]
    ends = np.flatnonzero(np.append(ranked[:-1] != ranked[1:], True)) if len(ranked) else np.zeros(0, dtype=np.int64)
    covered = ends + 1.0
    return covered / max(1, len(ranked)), wrong.cumsum()[ends] / covered if len(ranked) else np.zeros(0)


def surest(cases: Confident, most: float = SURE_ENOUGH) -> Share | None:
    """Of as many cases as may be answered, the surest first, with at most the share `most` of them wrong: those wrong.

    The threshold is chosen on the very cases that it is counted on, so the share flatters; its interval says how
    little few cases can promise.

    Returns:
        How many of how many are wrong (`right` counts them), clustered by group; None where even the surest are too
        often wrong.
    """
    coverage, risk = risk_at(cases)
    fitting = np.flatnonzero(risk <= most)
    if not len(fitting):
        return None
    count = round(float(coverage[fitting[-1]]) * len(cases.right))
    first = np.argsort(-cases.confidence, kind="stable")[:count].tolist()
    return share_of([not cases.right[at] for at in first], [cases.groups[at] for at in first])


def area(cases: Confident, clusters: Clusters) -> Figure:
    """The area under the coverage-risk curve: the mean risk over coverage by one case, by two, up to all; 0 at best.

    Cases of one confidence count as what any order of them comes to on average.

    Source: Geifman and El-Yaniv 2017; Geifman, Uziel and El-Yaniv 2019.
    """
    order = np.argsort(-cases.confidence, kind="stable")
    ranked, wrong = cases.confidence[order], 1 - cases.right[order]
    starts = np.flatnonzero(np.append(True, ranked[:-1] != ranked[1:])) if len(ranked) else np.zeros(0, dtype=np.int64)

    def compute(weights: Numbers) -> Numbers:
        mass = np.add.reduceat(weights[:, order], starts, axis=1)
        errors = np.add.reduceat(weights[:, order] * wrong, starts, axis=1)
        return _mean_risk(mass, errors)

    return clusters.statistic(compute)


def _mean_risk(mass: Numbers, errors: Numbers) -> Numbers:
    """The mean of the risk over coverage by one case, by two, up to all.

    Args:
        mass, errors: how many cases each step of the curve adds, and how many of them are wrong; shape (draws, steps).
    """
    before, wrong = mass.cumsum(axis=1) - mass, errors.cumsum(axis=1) - errors
    rate = np.divide(errors, mass, out=np.zeros_like(mass), where=mass > 0)
    # Over a step the risk by j more cases is (E + rate j) / (M + j); its sum needs the harmonic numbers alone.
    highest = int(mass.sum(axis=1).max(initial=0))
    harmonic = np.concatenate([np.zeros(1), (1 / np.arange(1, highest + 1)).cumsum()])
    reached = harmonic[(before + mass).round().astype(np.int64)] - harmonic[before.round().astype(np.int64)]
    whole = (errors + (wrong - rate * before) * reached).sum(axis=1)
    found: Numbers = whole / mass.sum(axis=1)
    return found


def reliability(cases: Confident, seed: int = 0) -> dict[str, Any]:
    """Every figure of the confidence, JSON-ready; {"n": 0} where nothing has one."""
    if not len(cases.right):
        return {"n": 0}
    clusters = Clusters(cases.groups, seed=seed)
    wide, heavy = equal_width(cases.confidence), equal_mass(cases.confidence)
    squares = (cases.confidence - cases.right) ** 2
    sure = surest(cases)
    return {
        "n": len(cases.right),
        "ece_equal_width": calibration_error(cases, wide, clusters).to_json(),
        "ece_equal_mass": calibration_error(cases, heavy, clusters).to_json(),
        "brier": clusters.ratio(squares, np.ones_like(squares)).to_json(),
        "bins_equal_width": bins_of(cases, wide),
        "bins_equal_mass": bins_of(cases, heavy),
        "coverage_risk": {
            "area": area(cases, clusters).to_json(),
            "points": _points(cases),
            "wrong": share_of([not right for right in cases.right], cases.groups).to_json(),
            "sure_enough": None if sure is None else {"most": SURE_ENOUGH, **sure.to_json()},
        },
    }


def _points(cases: Confident) -> list[dict[str, float]]:
    coverage, risk = risk_at(cases)
    kept = np.unique(np.linspace(0, len(coverage) - 1, min(POINTS, len(coverage))).round().astype(np.int64))
    thresholds = np.unique(cases.confidence)[::-1]
    return [
        {"coverage": float(coverage[at]), "risk": float(risk[at]), "confidence": float(thresholds[at])} for at in kept
    ]
