"""Is a confidence what it says?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.intervals import Clusters
from evals.reliability import (
    Confident,
    area,
    bins_of,
    calibration_error,
    equal_mass,
    equal_width,
    reliability,
    risk_at,
)

ROWS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.55, 0.9, 1.0]), st.booleans()), min_size=1, max_size=40
)


def _cases(rows: list[tuple[float, bool]]) -> Confident:
    return Confident.of([c for c, _ in rows], [r for _, r in rows], [str(at) for at in range(len(rows))])


def _by_hand(rows: list[tuple[float, bool]], placed: list[int]) -> float:
    """Expected calibration error as its definition has it, bin by bin."""
    whole = 0.0
    for name in set(placed):
        mine = [row for row, place in zip(rows, placed, strict=True) if place == name]
        confidence = sum(c for c, _ in mine) / len(mine)
        right = sum(r for _, r in mine) / len(mine)
        whole += len(mine) / len(rows) * abs(confidence - right)
    return whole


@settings(deadline=None)
@given(ROWS)
def test_calibration_error_is_its_definition(rows: list[tuple[float, bool]]) -> None:
    """Over bins of equal width the error is the weighted mean distance of confidence and share right."""
    cases = _cases(rows)
    found = calibration_error(cases, equal_width(cases.confidence), Clusters(cases.groups, draws=50))
    by_hand = _by_hand(rows, [min(int(c * 10), 9) for c, _ in rows])
    assert found.value == pytest.approx(by_hand, abs=1e-9)
    assert found.n == len(rows)


def test_bins_of_equal_mass_hold_as_many() -> None:
    """A hundred different confidences fall into ten bins of ten; one confidence is never in two bins."""
    spread = np.linspace(0.5, 1, 100) ** 3
    assert np.bincount(equal_mass(spread).astype(int)).tolist() == [10] * 10
    tied = np.array([0.2] * 37 + [0.9] * 63)
    assert all(len(set(equal_mass(tied)[tied == value])) == 1 for value in (0.2, 0.9))


def _mean_risk(rows: list[tuple[float, bool]]) -> float:
    """The mean over 1, 2 ... n of the share wrong among so many most confident, ties in every order on average."""
    chance, sums = np.random.default_rng(0), []
    confidence, wrong = np.array([c for c, _ in rows]), np.array([not r for _, r in rows], float)
    for _ in range(3000):
        order = np.lexsort((chance.random(len(rows)), -confidence))
        sums.append((wrong[order].cumsum() / np.arange(1, len(rows) + 1)).mean())
    return float(np.mean(sums))


def test_the_area_is_the_mean_risk() -> None:
    """Without ties the area is the mean of the risks exactly; with ties, what their orders come to on average."""
    distinct = [(0.9, True), (0.8, False), (0.7, True), (0.6, False)]
    found = area(_cases(distinct), Clusters(list("abcd")))
    assert found.value == pytest.approx((0 + 1 / 2 + 1 / 3 + 2 / 4) / 4)
    tied = [(0.9, True), (0.9, False), (0.9, True), (0.5, False), (0.5, True), (0.1, False)]
    assert area(_cases(tied), Clusters(list("abcdef"))).value == pytest.approx(_mean_risk(tied), abs=0.01)


def test_knowing_better_is_a_smaller_area() -> None:
    """A confidence that puts the errors last has less area than one that puts them first."""
    right = [True] * 8 + [False] * 2
    last = _cases(list(zip(np.linspace(1, 0, 10).tolist(), right, strict=True)))
    first = _cases(list(zip(np.linspace(0, 1, 10).tolist(), right, strict=True)))
    groups = Clusters([str(at) for at in range(10)])
    assert area(last, groups).value < area(first, groups).value


@given(ROWS)
def test_the_curve_ends_at_all_cases(rows: list[tuple[float, bool]]) -> None:
    """Coverage rises to 1, where the risk is the share that is wrong; ties are one point."""
    coverage, risk = risk_at(_cases(rows))
    assert coverage[-1] == 1
    assert risk[-1] == pytest.approx(sum(not r for _, r in rows) / len(rows))
    assert (np.diff(coverage) > 0).all()
    assert len(coverage) == len({c for c, _ in rows})


def test_a_true_confidence_has_little_error() -> None:
    """Where right comes as often as the confidence says, the error is small; where it never does, it is large."""
    chance = np.random.default_rng(1)
    confidence = chance.random(4000)
    honest = Confident.of(
        confidence.tolist(), (chance.random(4000) < confidence).tolist(), [str(i) for i in range(4000)]
    )
    boast = Confident.of([0.95] * 300, (chance.random(300) < 0.5).tolist(), [str(i) for i in range(300)])
    assert reliability(honest)["ece_equal_mass"]["value"] < 0.03
    found = reliability(boast)["ece_equal_width"]
    assert found["value"] == pytest.approx(0.45, abs=0.07)
    assert found["low"] < found["value"] < found["high"]


def test_the_brier_score_is_the_mean_square() -> None:
    """Brier 1950: the mean of the squared distance."""
    found = reliability(_cases([(1.0, True), (0.5, False), (0.0, True)]))
    assert found["brier"]["value"] == pytest.approx((0 + 0.25 + 1) / 3)


def test_a_diagram_has_its_intervals() -> None:
    """Every bin says how many cases it has, how many are right, and how sure that is."""
    cases = _cases([(0.95, True), (1.0, False), (0.31, True)])
    found = bins_of(cases, equal_width(cases.confidence))
    assert [(row["confidence"], row["value"], row["n"]) for row in found] == [
        (0.31, 1.0, 1),
        (pytest.approx(0.975), 0.5, 2),
    ]
    assert all(row["low"] <= row["value"] <= row["high"] for row in found)


def test_nothing_decided_has_no_reliability() -> None:
    """Without a case there is no figure."""
    assert reliability(Confident.of([], [], [])) == {"n": 0}
    with pytest.raises(ValueError, match="1 confidences, 2 results"):
        Confident.of([0.5], [True, False], ["a"])
