"""How often it is right, and how sure that figure is.

Every figure has its n and a 95 % interval. Where cases come in paraphrase groups the interval is clustered by group:
ten paraphrases of one sentence are not ten observations.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from evals.cases import FAMILY_OF, Case

Z = 1.959964
"""Two-sided 95 % of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided for a case."""

    case: Case
    skill: str
    words: Mapping[str, str] = field(default_factory=dict)
    confidence: float = 1.0
    failed: str = ""
    """Why it could not be scored; such an answer is neither right nor a refusal."""

    @property
    def family_right(self) -> bool:
        """A call of the right family."""
        return FAMILY_OF.get(self.skill, self.skill) == self.case.family

    @property
    def skill_right(self) -> bool:
        """The right skill."""
        return self.skill == self.case.skill

    @property
    def call_right(self) -> bool:
        """The right skill and, for each argument, the same words; the order does not matter."""
        return self.skill_right and dict(self.words) == dict(self.case.words)

    @property
    def false_call(self) -> bool:
        """A skill was called where nobody had asked for one."""
        return self.case.skill == "none" and self.skill != "none"


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

    def __str__(self) -> str:
        return f"{self.value:.1%} ({self.low:.1%} to {self.high:.1%}, n={self.n})"


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share of independent observations. Source: Wilson 1927; (0, 1) for n = 0."""
    return _wilson_share(right / n, n) if n else (0.0, 1.0)


def clustered(right: Sequence[bool], groups: Sequence[str]) -> tuple[float, float]:
    """The 95 % interval of a share when observations come in groups.

    The variance of the share is that of the groups' summed deviations (cluster-robust, Miller 2024, "Adding error bars
    to evals"); it becomes Wilson's interval with the n that would have this variance, so that it stays within 0 and 1.

    Raises:
        ValueError: the two sequences differ in length.
    """
    if len(right) != len(groups):
        raise ValueError(f"{len(right)} results and {len(groups)} groups")
    n = len(right)
    if n == 0:
        return 0.0, 1.0
    p = sum(right) / n
    sums: dict[str, float] = defaultdict(float)
    for hit, group in zip(right, groups, strict=True):
        sums[group] += hit - p
    variance = sum(value * value for value in sums.values()) / (n * n)
    independent = p * (1 - p) / n
    if independent == 0:  # all right or all wrong: no variance to see, but no more observations than groups
        return _wilson_share(p, len(sums))
    return _wilson_share(p, n * min(1.0, independent / variance) if variance else n)


def _wilson_share(p: float, n: float) -> tuple[float, float]:
    middle = p + Z * Z / (2 * n)
    spread = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    below = 1 + Z * Z / n
    return max(0.0, (middle - spread) / below), min(1.0, (middle + spread) / below)


def share(answers: Iterable[Answer], right: Callable[[Answer], bool]) -> Share:
    """How many answers are right, clustered by the cases' groups; answers that could not be scored are left out."""
    counted = [answer for answer in answers if not answer.failed]
    hits = [right(answer) for answer in counted]
    groups = [answer.case.group or answer.case.text for answer in counted]
    low, high = clustered(hits, groups)
    return Share(sum(hits), len(hits), low, high)


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one run."""

    family: Share
    skill: Share
    call: Share
    """Over cases whose arguments are known."""
    false_calls: Share
    """Over cases that are for nobody: the share on which a skill was called."""
    unscored: int
    by_family: Mapping[str, Share]


def summarise(answers: Sequence[Answer]) -> Summary:
    """All figures of a run."""
    by_family: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_family[answer.case.family].append(answer)
    return Summary(
        family=share(answers, lambda answer: answer.family_right),
        skill=share(answers, lambda answer: answer.skill_right),
        call=share((a for a in answers if a.case.args_known), lambda answer: answer.call_right),
        false_calls=share((a for a in answers if a.case.skill == "none"), lambda answer: answer.false_call),
        unscored=sum(bool(answer.failed) for answer in answers),
        by_family={name: share(mine, lambda answer: answer.family_right) for name, mine in sorted(by_family.items())},
    )


def reliability(answers: Sequence[Answer], bins: int = 10) -> list[tuple[float, float, int]]:
    """Is a confidence of 0.8 right in 80 % of cases? Bins of equal width: (mean confidence, share right, n)."""
    rows = []
    for index in range(bins):
        low, high = index / bins, (index + 1) / bins
        mine = [
            a
            for a in answers
            if not a.failed and (low <= a.confidence < high or (index == bins - 1 and a.confidence == 1))
        ]
        if mine:
            mean = sum(answer.confidence for answer in mine) / len(mine)
            rows.append((mean, sum(answer.skill_right for answer in mine) / len(mine), len(mine)))
    return rows
