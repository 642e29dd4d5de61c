"""Intervals are what their formulas, scipy, and chance itself say they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evals.intervals import Clusters, Figure, clustered, quantile, share_of, wilson

GROUPS = st.lists(st.tuples(st.booleans(), st.integers(0, 12)), min_size=1, max_size=60)


@given(st.integers(0, 400), st.integers(1, 400))
def test_wilson_is_that_of_scipy(right: int, more: int) -> None:
    """Wilson's interval is the one that scipy computes."""
    n = right + more - 1 or 1
    right = min(right, n)
    theirs = stats.binomtest(right, n).proportion_ci(0.95, method="wilson")
    assert wilson(right, n) == pytest.approx((theirs.low, theirs.high), abs=1e-6)


@given(GROUPS)
def test_an_interval_holds_its_share(rows: list[tuple[bool, int]]) -> None:
    """It lies within 0 and 1, holds the share, and is never narrower than that of independent cases."""
    right, groups = [hit for hit, _ in rows], [str(group) for _, group in rows]
    low, high = clustered(right, groups)
    share, plain = sum(right) / len(right), wilson(sum(right), len(right))
    assert 0 <= low <= share + 1e-9
    assert share - 1e-9 <= high <= 1
    assert high - low >= plain[1] - plain[0] - 1e-9


@given(GROUPS, st.randoms())
def test_the_order_of_cases_does_not_matter(rows: list[tuple[bool, int]], chance: object) -> None:
    """The same cases in another order have the same interval."""
    shuffled = list(rows)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    both = [clustered([hit for hit, _ in some], [str(group) for _, group in some]) for some in (rows, shuffled)]
    assert both[0] == pytest.approx(both[1])


def _made_up(groups: int, seed: int) -> tuple[list[bool], list[str]]:
    """Cases of groups of 1 to 9 that have a difficulty each."""
    chance = np.random.default_rng(seed)
    right, names = [], []
    for group, ease in enumerate(chance.beta(4, 1, groups)):
        for _ in range(chance.integers(1, 10)):
            right.append(bool(chance.random() < ease))
            names.append(str(group))
    return right, names


def test_a_clustered_share_is_that_of_drawing_groups_with_scipy() -> None:
    """The interval has the width of scipy's bootstrap over whole groups, and not that of independent cases."""
    right, groups = _made_up(200, seed=5)
    _, of = np.unique(groups, return_inverse=True)
    hits, sizes = np.bincount(of, np.asarray(right, float)), np.bincount(of)

    def share(hits: np.ndarray, sizes: np.ndarray, axis: int = -1) -> np.ndarray:
        return hits.sum(axis) / sizes.sum(axis)

    theirs = stats.bootstrap(
        (hits, sizes), share, paired=True, n_resamples=4000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    low, high = clustered(right, groups)
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=0.006)
    plain = wilson(sum(right), len(right))
    assert high - low > 1.1 * (plain[1] - plain[0])


def test_the_cluster_robust_variance_is_that_of_the_sandwich() -> None:
    """The n behind the interval is that of the sandwich estimator of a mean with clustered errors, by matrices."""
    right, groups = _made_up(80, seed=2)
    y, design = np.asarray(right, float), np.ones((len(right), 1))
    bread = np.linalg.inv(design.T @ design)
    errors = y - y.mean()
    meat = sum(
        np.outer(score, score)
        for name in set(groups)
        for score in [design[[g == name for g in groups]].T @ errors[[g == name for g in groups]]]
    )
    variance = float((bread @ meat @ bread)[0, 0])
    effective = y.mean() * (1 - y.mean()) / variance
    assert effective < len(right)
    assert clustered(right, groups) == pytest.approx(wilson(effective * y.mean(), effective), abs=1e-9)


def test_a_95_percent_interval_holds_the_truth_about_so_often() -> None:
    """Over 400 made-up runs with groups, the clustered interval holds the true share in 92 to 99 % of them, and the
    interval that takes paraphrases for independent cases in clearly fewer."""
    truth, held, naive = 4 / 5, 0, 0
    for seed in range(400):
        right, groups = _made_up(60, seed=seed + 1000)
        low, high = clustered(right, groups)
        held += low <= truth <= high
        low, high = wilson(sum(right), len(right))
        naive += low <= truth <= high
    assert 0.92 <= held / 400 <= 0.99
    assert naive < held - 12


def test_a_drawn_ratio_is_that_of_scipy() -> None:
    """The interval of a ratio of sums, such as a word error, is that of scipy's bootstrap over groups."""
    chance = np.random.default_rng(3)
    words = chance.integers(2, 12, 300).astype(float)
    errors = chance.binomial(words.astype(int), 0.12).astype(float)
    groups = [str(at // 3) for at in range(300)]
    found = Clusters(groups, draws=4000).ratio(errors, words)
    tops, bottoms = errors.reshape(-1, 3).sum(1), words.reshape(-1, 3).sum(1)

    def ratio(tops: np.ndarray, bottoms: np.ndarray, axis: int = -1) -> np.ndarray:
        return tops.sum(axis) / bottoms.sum(axis)

    theirs = stats.bootstrap(
        (tops, bottoms), ratio, paired=True, n_resamples=4000, method="percentile", rng=np.random.default_rng(4)
    ).confidence_interval
    assert found.value == pytest.approx(errors.sum() / words.sum())
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.004)


def test_a_drawn_statistic_is_the_drawn_ratio_where_both_can_be_had() -> None:
    """A mean by weights of cases is the mean by sums of groups, draw by draw."""
    chance = np.random.default_rng(0)
    values, groups = chance.random(50), [str(at % 7) for at in range(50)]
    by_sums = Clusters(groups).ratio(values, np.ones(50))
    by_weights = Clusters(groups).statistic(lambda weights: weights @ values / weights.sum(axis=1))
    for one, other in zip(
        (by_sums.value, by_sums.low, by_sums.high), (by_weights.value, by_weights.low, by_weights.high), strict=True
    ):
        assert one == pytest.approx(other)


def test_draws_are_the_same_each_time() -> None:
    """A seed gives one interval, another seed nearly the same."""
    values, groups = np.arange(100.0) % 17, [str(at % 20) for at in range(100)]
    first, again, other = (Clusters(groups, seed=seed).ratio(values, np.ones(100)) for seed in (0, 0, 1))
    assert first == again
    assert (first.low, first.high) != (other.low, other.high)
    assert first.low == pytest.approx(other.low, rel=0.05)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0, 1000, allow_nan=False), min_size=1, max_size=40),
    st.sampled_from([0.1, 0.5, 0.9, 0.95, 1.0]),
)
def test_a_quantile_is_that_of_numpy(values: list[float], share: float) -> None:
    """A quantile of equal weights is numpy's, and a case that counts twice is a case that occurs twice."""
    compute = quantile(values, share)
    theirs = float(np.quantile(values, share, method="inverted_cdf"))
    assert float(compute(np.ones((1, len(values))))[0]) == theirs
    twice = float(compute(np.full((1, len(values)), 2.0))[0])
    assert twice == theirs


def test_one_group_leaves_nothing_to_tell_by() -> None:
    """Cases of a single group have a value and no interval."""
    assert Clusters(["a"] * 5).ratio([1, 0, 1, 0, 1], [1.0] * 5) == Figure(0.6, 5, None, None)
    assert Clusters(["a"] * 5).statistic(quantile([1, 2, 3, 4, 5], 0.5)) == Figure(3, 5, None, None)


def test_a_share_of_nothing_has_no_value() -> None:
    """Where no case counts, the JSON has no figure that could be taken for one."""
    assert share_of([], []).to_json() == {"value": None, "right": 0, "n": 0, "low": 0.0, "high": 1.0}


def test_one_group_is_one_observation_right_or_not() -> None:
    """Ninety-nine of a hundred of one group tell no more than a hundred of a hundred of it."""
    mixed, whole = (clustered([True] * 99 + [last], ["a"] * 100) for last in (False, True))
    assert mixed[1] - mixed[0] > 0.7
    assert whole == pytest.approx(mixed, abs=0.02)
