"""Is a confidence what it says?"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from evals.intervals import Clusters, Figure, Numbers, share_of, wilson
from evals.reliability import (
    Confident,
    area,
    bins_of,
    calibration_error,
    equal_mass,
    equal_width,
    reliability,
    risk_at,
    surest,
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


def _parts(rows: list[tuple[float, bool]], bins: int) -> list[int]:
    """Each row's bin of equal mass, by counting how many rows have less confidence: ties share the bin of the first."""
    return [sum(other < confidence for other, _ in rows) * bins // len(rows) for confidence, _ in rows]


@settings(deadline=None)
@given(ROWS)
def test_calibration_error_over_bins_of_equal_mass_is_its_definition(rows: list[tuple[float, bool]]) -> None:
    """Over bins of equal mass, too, the error is the weighted mean distance, bin by bin."""
    cases = _cases(rows)
    found = calibration_error(cases, equal_mass(cases.confidence), Clusters(cases.groups, draws=20))
    assert found.value == pytest.approx(_by_hand(rows, _parts(rows, 10)), abs=1e-9)


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=97, unique=True))
def test_bins_of_different_confidences_differ_by_one_at_most(confidence: list[float]) -> None:
    """Where no two confidences are alike, no bin holds over one case more than another, and they go up in order."""
    placed = equal_mass(np.array(confidence))
    sizes = np.unique(placed, return_counts=True)[1]
    assert sizes.max() - sizes.min() <= 1
    assert len(sizes) == min(10, len(confidence))
    assert (np.diff(placed[np.argsort(confidence)]) >= 0).all()


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


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from([0.2, 0.6, 0.9]), st.booleans()), min_size=1, max_size=6))
def test_the_area_is_the_mean_over_every_order_of_ties(rows: list[tuple[float, bool]]) -> None:
    """The area is the mean risk over all orders that put the more confident first, each counted, in fractions."""
    orders = [some for some in itertools.permutations(rows) if list(some) == sorted(some, key=lambda row: -row[0])]
    risks = [
        Fraction(sum(not right for _, right in some[:covered]), covered)
        for some in orders
        for covered in range(1, len(rows) + 1)
    ]
    found = area(_cases(rows), Clusters([str(at) for at in range(len(rows))], draws=20))
    assert found.value == pytest.approx(float(sum(risks) / len(risks)), abs=1e-9)


def test_a_drawn_area_is_that_of_the_drawn_cases() -> None:
    """A draw that holds a group twice has the area of a set in which its cases stand twice."""
    chance = np.random.default_rng(2)
    rows = [
        (float(c), bool(r)) for c, r in zip(chance.choice([0.3, 0.5, 0.8], 12), chance.random(12) < 0.6, strict=True)
    ]
    often = chance.integers(0, 3, 12)

    class Once(Clusters):
        """Draws that are told."""

        def statistic(self, compute: Callable[[Numbers], Numbers]) -> Figure:
            return Figure(float(compute(often[None].astype(float))[0]), 0, None, None)

    copies = [row for row, times in zip(rows, often, strict=True) for _ in range(times)]
    drawn = area(_cases(rows), Once([str(at) for at in range(12)]))
    assert drawn.value == pytest.approx(area(_cases(copies), Clusters(["a"] * len(copies))).value)


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


@settings(deadline=None, max_examples=40)
@given(ROWS)
def test_the_brier_score_is_that_of_scikit_learn(rows: list[tuple[float, bool]]) -> None:
    """The score is scikit-learn's, and Murphy's parts add up to it: the error of calibration, less what telling cases
    apart gains, and what chance leaves."""
    confidence, right = np.array([c for c, _ in rows]), np.array([r for _, r in rows], float)
    found = reliability(_cases(rows))["brier"]["value"]
    assert found == pytest.approx(brier_score_loss(right, confidence, pos_label=1, labels=[0, 1]))
    base, parts = right.mean(), 0.0
    for value in set(confidence.tolist()):
        mine = right[confidence == value]
        parts += len(mine) / len(rows) * ((value - mine.mean()) ** 2 - (mine.mean() - base) ** 2)
    assert found == pytest.approx(parts + base * (1 - base), abs=1e-12)


def test_a_diagram_has_its_intervals() -> None:
    """Every bin says how many cases it has, how many are right, and how sure that is."""
    cases = _cases([(0.95, True), (1.0, False), (0.31, True)])
    found = bins_of(cases, equal_width(cases.confidence))
    assert [(row["confidence"], row["value"], row["n"]) for row in found] == [
        (0.31, 1.0, 1),
        (pytest.approx(0.975), 0.5, 2),
    ]
    assert all(row["low"] <= row["value"] <= row["high"] for row in found)


def test_the_surest_cases_are_counted_with_their_limit() -> None:
    """Of 20 cases whose fifth surest is wrong, the four before it are what a threshold may answer, in 4 groups."""
    rows = [(1 - at / 100, at != 4) for at in range(20)]
    found = surest(_cases(rows))
    assert found is not None
    assert (found.right, found.n) == (0, 4)
    assert found.high == pytest.approx(wilson(0, 4)[1])
    tied = [(0.9, True)] * 5 + [(0.9, False)]
    assert surest(_cases(tied)) is None  # no threshold parts cases of one confidence
    assert surest(_cases([(0.9, True)] * 5)) == share_of([False] * 5, list("01234"))


def test_nothing_decided_has_no_reliability() -> None:
    """Without a case there is no figure."""
    assert reliability(Confident.of([], [], [])) == {"n": 0}
    with pytest.raises(ValueError, match="1 confidences, 2 results"):
        Confident.of([0.5], [True, False], ["a"])
