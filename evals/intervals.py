"""How sure a figure is: 95 % intervals of shares and of any other statistic, clustered by paraphrase group.

Ten paraphrases of one sentence are not ten observations: a share's interval is widened by how much a group's cases go
the same way, and every other statistic is computed again over groups that are drawn with replacement. Both allow for
how few the groups are. docs/accuracy.md has how often the intervals of shares hold the truth.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.skill import MissingPiece

Z = 1.959964
"""Two-sided 95 % of the normal distribution."""
DRAWS = 2000
"""Enough for a 2.5 % quantile that moves in its third digit from seed to seed."""
_CELLS = 1_000_000
"""Weights held at once: 8 MB, and several times that while a statistic is computed."""

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many, with an interval."""

    right: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """right / n; 0 where nothing was counted."""
        return self.right / self.n if self.n else 0.0

    def to_json(self) -> dict[str, Any]:
        """{"value", "right", "n", "low", "high"}; the value is null where nothing was counted."""
        value = self.value if self.n else None
        return {"value": value, "right": self.right, "n": self.n, "low": self.low, "high": self.high}

    def __str__(self) -> str:
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%}, n={self.n})"


@dataclass(frozen=True, slots=True)
class Rate:
    """So many events in so many hours, with an interval."""

    count: int
    hours: float
    low: float
    """Events per hour."""
    high: float

    @property
    def value(self) -> float:
        """Events per hour; 0 where nothing was listened to."""
        return self.count / self.hours if self.hours else 0.0

    def to_json(self) -> dict[str, Any]:
        """{"per_hour", "count", "hours", "low", "high"}; the rate and its bounds are null for no hours."""
        value, high = (self.value, self.high) if self.hours else (None, None)
        return {"per_hour": value, "count": self.count, "hours": self.hours, "low": self.low, "high": high}


@dataclass(frozen=True, slots=True)
class Figure:
    """Any other statistic with an interval."""

    value: float
    n: int
    """How many cases it is of."""
    low: float | None
    """None where fewer than two groups leave nothing to tell it by."""
    high: float | None

    def to_json(self) -> dict[str, Any]:
        """{"value", "n", "low", "high"}."""
        return {"value": self.value, "n": self.n, "low": self.low, "high": self.high}


def wilson(right: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share of independent observations. Source: Wilson 1927; (0, 1) for n = 0."""
    return _wilson_share(right / n, n) if n else (0.0, 1.0)


def rate_of(count: int, hours: float) -> Rate:
    """The 95 % interval of a rate of independent events.

    Raises:
        MissingPiece: scipy is not installed.
    Source:
        Garwood 1936: the exact limits of a Poisson count, as quantiles of chi squared.
    """
    try:
        from scipy.stats import chi2
    except ImportError:
        raise MissingPiece("the interval of a rate needs scipy; run `pip install 'hark[eval]'`") from None
    low = float(chi2.ppf(0.025, 2 * count)) / 2 if count else 0.0
    high = float(chi2.ppf(0.975, 2 * count + 2)) / 2
    return Rate(count, hours, low / hours, high / hours) if hours else Rate(count, 0.0, 0.0, math.inf)


def critical(freedom: float) -> float:
    """The two-sided 95 % of Student's t with so many degrees of freedom, 1 to infinity, without scipy.

    Source: Abramowitz and Stegun 1964, 26.7.5; 0.0001 off at 6 degrees, 0.001 at 4, 1 % at 2, 11 % at 1.
    """
    z = Z
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, 1))


def clustered(right: Sequence[bool], groups: Sequence[str]) -> tuple[float, float]:
    """The 95 % interval of a share when observations come in groups.

    Wilson's interval with the n of independent observations that tell as much (`_independent`); with groups of one it
    is Wilson's own. No result is surer than that in which all are right, or all wrong: that one may be as many copies
    of one observation for each group, for nothing in it tells how alike the groups' cases are.

    Raises:
        ValueError: the two sequences differ in length.
    Source:
        Korn and Graubard 1998, Dean and Pagano 2015: n over the design effect, and t for z, in an interval of a share.
    """
    if len(right) != len(groups):
        raise ValueError(f"{len(right)} results and {len(groups)} groups")
    n = len(right)
    if n == 0:
        return 0.0, 1.0
    sizes = Counter(groups)
    hits = Counter(group for hit, group in zip(right, groups, strict=True) if hit)
    low, high = _wilson_share(hits.total() / n, _independent(hits, sizes))
    least = n * n / sum(size * size for size in sizes.values())
    return min(low, _wilson_share(1.0, least)[0]), max(high, _wilson_share(0.0, least)[1])


def _independent(hits: Mapping[str, int], sizes: Mapping[str, int]) -> float:
    """How many independent cases tell as much as these, so that t is allowed for where Wilson's formula has z.

    The design effect is the cluster-robust variance of the share over that of independent cases (Miller 2024, "Adding
    error bars to evals"), freed of its bias towards 0; in m cases a group that is 1 + (m - 1) r, r the intraclass
    correlation of the analysis of variance (Donner 1986). Few groups and few errors tell little of it, so it is drawn
    towards the worst case, in which a group is one observation, with the weight of one evenly split group; and it is
    at least 1. The degrees of freedom are Satterthwaite's in kind: one less than there are groups where all of the
    variance is estimated, without limit where nothing is (groups of one, groups of copies).

    Args:
        hits: group -> how many of its cases are right.
        sizes: group -> how many cases it has, at least 1.
    """
    n = sum(sizes.values())
    p = sum(hits.values()) / n
    # The size of the group that a case is in, on average over cases, is the worst design effect (Kish 1965); so many
    # groups of one size would have it.
    size = sum(each * each for each in sizes.values()) / n
    count = n / size
    effect = 1.0
    if 0 < p < 1 and count > 1:
        squares = sum((hits.get(group, 0) - p * each) ** 2 for group, each in sizes.items())
        robust = squares / (n * p * (1 - p))
        effect = robust / (1 - 1 / count + robust / n)
    told = 4 * p * (1 - p) * (count - 1)
    effect = max(1.0, (size + told * effect) / (1 + told))
    alike = min(1.0, (effect - 1) / (size - 1)) if size > 1 else 1.0
    estimated = (size - 1) / size * (1 - alike)
    factor = critical(max(1.0, (count - 1) / estimated)) / Z if estimated and count > 1 else 1.0
    return max(n / (effect * factor**2), n / max(size, effect))


def _wilson_share(p: float, n: float) -> tuple[float, float]:
    middle = p + Z * Z / (2 * n)
    spread = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    below = 1 + Z * Z / n
    # Exactly none and exactly all: rounding leaves 1e-18 there, which would be shown as "almost none".
    low = max(0.0, (middle - spread) / below) if p > 0 else 0.0
    return low, min(1.0, (middle + spread) / below) if p < 1 else 1.0


def share_of(right: Sequence[bool], groups: Sequence[str]) -> Share:
    """How many are right, with its clustered interval."""
    low, high = clustered(right, groups)
    return Share(sum(right), len(right), low, high)


class Clusters:
    """Groups of observations, drawn with replacement again and again, always the same way for the same groups.

    Source: Efron and Tibshirani 1993, chapter 13 (percentile interval); Cameron, Gelbach and Miller 2008 (whole
    clusters); Hesterberg 2015 (percentiles further out for few groups, whose draws vary too little).
    """

    def __init__(self, groups: Sequence[str], draws: int = DRAWS, seed: int = 0) -> None:
        """`groups`: of each observation; there is at least one."""
        # Not numpy's unique: its texts are all as long as the longest, and a page may stand where a sentence should.
        at = {name: place for place, name in enumerate(sorted(set(groups)))}
        self._of = np.array([at[group] for group in groups])
        self.n, self.groups = len(groups), len(at)
        """How many observations, and in how many groups."""
        chance = np.random.default_rng(seed)
        even = np.full(self.groups, 1 / self.groups)
        self._times = chance.multinomial(self.groups, even, size=draws).astype(np.float64)
        """How often each draw holds each group, shape (draws, groups)."""

    def ratio(self, above: Sequence[float] | Numbers, below: Sequence[float] | Numbers) -> Figure:
        """A ratio of two sums, such as a mean or a word error. 0 where the sum below is."""
        top, bottom = self._sums(above), self._sums(below)
        whole = float(bottom.sum())
        value = float(top.sum()) / whole if whole else 0.0
        tops, bottoms = self._times @ top, self._times @ bottom
        drawn = np.divide(tops, bottoms, out=np.zeros_like(tops), where=bottoms != 0)
        return self._figure(value, drawn[bottoms != 0])

    def statistic(self, compute: Callable[[Numbers], Numbers]) -> Figure:
        """Any statistic of weighted observations.

        Args:
            compute: from weights of shape (draws, n) to the statistic, shape (draws,).
        """
        value = float(compute(np.ones((1, self.n)))[0])
        drawn = [compute(weights) for weights in self._weights()] if self.groups > 1 else []
        return self._figure(value, np.concatenate(drawn) if drawn else np.zeros(0))

    def _sums(self, values: Sequence[float] | Numbers) -> Numbers:
        sums = np.zeros(self.groups)
        np.add.at(sums, self._of, np.asarray(values, dtype=np.float64))
        return sums

    def _weights(self) -> Iterator[Numbers]:
        rows = max(1, _CELLS // max(1, self.n))
        for start in range(0, len(self._times), rows):
            yield self._times[start : start + rows][:, self._of]

    def _figure(self, value: float, drawn: Numbers) -> Figure:
        if self.groups < 2 or not len(drawn):
            return Figure(value, self.n, None, None)
        tail = NormalDist().cdf(-critical(self.groups - 1) * math.sqrt(self.groups / (self.groups - 1)))
        low, high = np.quantile(drawn, (tail, 1 - tail))
        # All cases agree, but for rounding: what never varies says nothing of how it varies.
        if np.ptp(drawn) <= 1e-12 * max(1.0, abs(value)):
            return Figure(value, self.n, None, None)
        return Figure(value, self.n, min(value, float(low)), max(value, float(high)))


def quantile(values: Sequence[float], share: float) -> Callable[[Numbers], Numbers]:
    """The statistic "the smallest value that `share` of the weight does not exceed", for `Clusters.statistic`."""
    order = np.argsort(np.asarray(values, dtype=np.float64), kind="stable")
    ranked = np.asarray(values, dtype=np.float64)[order]

    def compute(weights: Numbers) -> Numbers:
        reached = weights[:, order].cumsum(axis=1)
        wanted = share * reached[:, -1:]
        found: Numbers = ranked[np.argmax(reached >= wanted - 1e-9, axis=1)]
        return found

    return compute
