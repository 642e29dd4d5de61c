"""Intervals are what their formulas, scipy, and chance itself say they are."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from evals.intervals import Clusters, Figure, Z, clustered, critical, quantile, rate_of, share_of, wilson

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


def _sandwich(right: list[bool], groups: list[str]) -> float:
    """The cluster-robust variance of a mean, by the matrices of the sandwich estimator."""
    y, design = np.asarray(right, float), np.ones((len(right), 1))
    bread = np.linalg.inv(design.T @ design)
    errors = y - y.mean()
    _, of = np.unique(groups, return_inverse=True)
    scores = [design[of == group].T @ errors[of == group] for group in range(of.max() + 1)]
    meat = sum(np.outer(score, score) for score in scores)
    return float((bread @ meat @ bread)[0, 0])


def _told(p: float, effect: float, sizes: np.ndarray) -> tuple[float, float]:
    """Wilson's interval of as many cases as tell as much, from a design effect that is free of bias; t is scipy's."""
    n, largest = sizes.sum(), (sizes**2).sum() / sizes.sum()
    groups = n / largest
    weight = 4 * p * (1 - p) * (groups - 1)
    effect = max(1.0, np.average([largest, effect], weights=[1, weight]))
    freedom = (groups - 1) / (1 - 1 / largest) / (1 - (effect - 1) / (largest - 1))
    independent = n / effect * (stats.norm.ppf(0.975) / stats.t.ppf(0.975, freedom)) ** 2
    return wilson(p * max(independent, groups), max(independent, groups))


def test_the_cluster_robust_variance_is_that_of_the_sandwich() -> None:
    """The n behind the interval is that of the sandwich estimator of a mean with clustered errors, by matrices: free of
    bias and drawn towards the worst case for 80 groups, and nothing else for 3,000."""
    right, groups = _made_up(80, seed=2)
    _, sizes = np.unique(groups, return_counts=True)
    n, p = len(right), sum(right) / len(right)
    robust = _sandwich(right, groups) / (p * (1 - p) / n)
    assert 1.2 < robust < n
    # In expectation the robust variance lacks what the groups' squared sizes are of n squared.
    free = robust / (1 - (sizes**2).sum() / n**2 + robust / n)
    assert clustered(right, groups) == pytest.approx(_told(p, free, sizes), abs=1e-7)

    right, groups = _made_up(3000, seed=2)
    n, p = len(right), sum(right) / len(right)
    effective = p * (1 - p) / _sandwich(right, groups)
    assert clustered(right, groups) == pytest.approx(wilson(effective * p, effective), abs=1e-4)


@pytest.mark.parametrize("seed", range(5))
def test_the_design_effect_is_that_of_the_analysis_of_variance(seed: int) -> None:
    """For groups of one size the design effect is 1 + (m - 1) r with the intraclass correlation r of scipy's F."""
    chance = np.random.default_rng(seed)
    table = chance.random((15, 6)) < chance.beta(1, 0.4, (15, 1))
    f, size = stats.f_oneway(*table.astype(float)).statistic, table.shape[1]
    alike = (f - 1) / (f + size - 1)
    assert alike > 0
    found = clustered(table.ravel().tolist(), [str(at) for at in range(15) for _ in range(size)])
    assert found == pytest.approx(_told(table.mean(), 1 + (size - 1) * alike, np.full(15, size)), abs=1e-4)


def test_t_is_that_of_scipy() -> None:
    """The expansion meets scipy's quantiles of t as closely as it says, and the normal one without limit."""
    for freedom, within in ((2.0, 0.045), (4.0, 1e-3), (6.0, 1.2e-4), (7.5, 1e-4), (29.0, 1e-6), (1e6, 1e-6)):
        assert critical(freedom) == pytest.approx(float(stats.t.ppf(0.975, freedom)), abs=within)
    assert critical(1.0) == pytest.approx(float(stats.t.ppf(0.975, 1)), rel=0.12)
    assert critical(float("inf")) == Z


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=300))
def test_groups_of_one_have_the_interval_of_wilson(right: list[bool]) -> None:
    """Single sentences are independent: their interval is Wilson's own, and needs no t."""
    assert clustered(right, [str(at) for at in range(len(right))]) == pytest.approx(
        wilson(sum(right), len(right)), abs=1e-9
    )


@settings(deadline=None)
@given(GROUPS)
def test_no_result_is_surer_than_all_right(rows: list[tuple[bool, int]]) -> None:
    """Of all results over the same groups none has a higher lower bound than all right, or a lower upper bound than all
    wrong; and every interval contains the one that takes the cases for independent."""
    right, groups = [hit for hit, _ in rows], [str(group) for _, group in rows]
    low, high = clustered(right, groups)
    assert low <= clustered([True] * len(rows), groups)[0]
    assert high >= clustered([False] * len(rows), groups)[1]
    plain = wilson(sum(right), len(right))
    assert low <= plain[0] + 1e-9
    assert high >= plain[1] - 1e-9


@pytest.mark.parametrize(("count", "size"), [(20, 2), (5, 8), (10, 4), (20, 8), (5, 40), (200, 3), (3, 30)])
def test_one_error_more_is_never_a_better_result(count: int, size: int) -> None:
    """One error more in another group, or one whole group more that is wrong, raises neither bound."""
    groups = [str(at) for at in range(count) for _ in range(size)]
    for wrong in (1, size):
        bounds = [
            clustered([place >= wrong or group >= bad for group in range(count) for place in range(size)], groups)
            for bad in range(count + 1)
        ]
        assert (np.diff(np.asarray(bounds), axis=0) <= 1e-9).all()


def test_one_error_is_no_jump() -> None:
    """39 right of 40 is no surer than 40 of 40, and not much less sure."""
    for count in (5, 10, 20):
        groups = [str(at % count) for at in range(40)]
        whole, but_one = (clustered([True] * 39 + [last], groups) for last in (True, False))
        assert whole == pytest.approx(wilson(count, count), abs=1e-9)
        assert whole[0] - 0.03 < but_one[0] <= whole[0]
        assert 0.99 < but_one[1] < 1


def _coverage(sizes: list[int], p: float, alike: float) -> float:
    """How many of 400 intervals hold the true share p, when groups of these sizes have this intraclass correlation."""
    chance, more = np.random.default_rng(17), 1 / alike - 1
    groups = [str(at) for at, size in enumerate(sizes) for _ in range(size)]
    held = 0
    for _ in range(400):
        ease = np.repeat(chance.beta(p * more, (1 - p) * more, len(sizes)), sizes)
        low, high = clustered((chance.random(len(ease)) < ease).tolist(), groups)
        held += low <= p <= high
    return held / 400


@pytest.mark.parametrize(
    ("sizes", "p", "alike"),
    [
        ([8] * 20, 0.8, 0.3),
        ([8] * 20, 0.95, 0.5),
        ([1, 1, 2, 3, 8] * 4, 0.8, 0.3),
        ([1, 1, 2, 3, 8] * 4, 0.9, 0.5),
        ([8] * 5, 0.8, 0.5),
        ([4] * 10, 0.9, 0.5),
    ],
)
def test_few_groups_are_allowed_for(sizes: list[int], p: float, alike: float) -> None:
    """Of 400 made-up runs with 20 groups, and with 5 and 10, the interval holds the truth in at least 93 %."""
    assert _coverage(sizes, p, alike) >= 0.93


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


def test_drawn_intervals_of_few_groups_are_wide_enough() -> None:
    """Over 600 made-up runs of ten groups the drawn interval of a mean holds the truth in at least 93 %, and scipy's
    percentiles, which know nothing of few groups, in clearly fewer."""
    values = np.random.default_rng(5).normal(1.0, 1.0, (600, 10))
    clusters = Clusters([str(at) for at in range(10)])
    found = [clusters.ratio(mine, np.ones(10)) for mine in values]
    held = sum(one.low <= 1 <= one.high for one in found if one.low is not None and one.high is not None)
    theirs = stats.bootstrap(
        (values,), np.mean, axis=1, n_resamples=1000, method="percentile", rng=np.random.default_rng(6)
    ).confidence_interval
    plain = int(((theirs.low <= 1) & (theirs.high >= 1)).sum())
    assert held / 600 >= 0.93
    assert plain < held - 18


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


def test_what_never_varies_has_no_interval() -> None:
    """Where all groups agree, drawing them again says nothing; an interval of no width would claim certainty."""
    assert Clusters(["a", "b", "c"]).ratio([0, 0, 0], [3, 4, 5]) == Figure(0.0, 3, None, None)
    found = Clusters([f"g{at % 7}" for at in range(10)]).ratio([0.1] * 10, [1.0] * 10)
    assert (found.n, found.low, found.high) == (10, None, None)
    found = Clusters(["a", "b", "c"]).ratio([0, 1, 0], [3, 4, 5])
    assert found.low is not None and found.high is not None and found.low < found.high


def test_groups_are_told_apart_however_long() -> None:
    """By all of their name; a page among a thousand sentences takes no more room than itself."""
    tracemalloc.start()
    found = Clusters(["a", "a\0", "x" * 100_000, *map(str, range(1000))], draws=10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.groups, peak < 20_000_000) == (1003, True)


def test_a_share_of_nothing_has_no_value() -> None:
    """Where no case counts, the JSON has no figure that could be taken for one."""
    assert share_of([], []).to_json() == {"value": None, "right": 0, "n": 0, "low": 0.0, "high": 1.0}


def test_one_group_is_one_observation_right_or_not() -> None:
    """Ninety-nine of a hundred of one group tell no more than a hundred of a hundred of it."""
    mixed, whole = (clustered([True] * 99 + [last], ["a"] * 100) for last in (False, True))
    assert mixed[1] - mixed[0] > 0.7
    assert whole == pytest.approx(mixed, abs=0.02)


@settings(deadline=None)
@given(st.integers(0, 400), st.floats(0.1, 100))
def test_the_limits_of_a_rate_leave_two_and_a_half_percent_each(count: int, hours: float) -> None:
    """At the upper limit so few events, and at the lower so many, would come in 2.5 % by scipy's Poisson (Garwood)."""
    found = rate_of(count, hours)
    assert stats.poisson.cdf(count, found.high * hours) == pytest.approx(0.025, abs=1e-9)
    if count:
        assert stats.poisson.sf(count - 1, found.low * hours) == pytest.approx(0.025, abs=1e-9)
    else:
        assert found.low == 0
    assert found.low <= found.value <= found.high
