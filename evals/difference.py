"""How much better or worse the same cases came out the second time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from evals.intervals import Clusters, Figure, clustered


@dataclass(frozen=True, slots=True)
class Difference:
    """How one measure changed from A to B, over cases that both have; there is at least one."""

    a: Sequence[bool]
    b: Sequence[bool]
    groups: Sequence[str]

    @property
    def gained(self) -> int:
        """True in B alone."""
        return sum(two and not one for one, two in zip(self.a, self.b, strict=True))

    @property
    def lost(self) -> int:
        """True in A alone."""
        return sum(one and not two for one, two in zip(self.a, self.b, strict=True))

    def interval(self, seed: int = 0) -> Figure:
        """B minus A, with the clustered interval of drawing whole groups."""
        n, steps = len(self.a), self._steps()
        value = sum(steps) / n
        if len(set(steps)) > 1:
            drawn = Clusters(self.groups, seed=seed).ratio(steps, [1.0] * n)
            if drawn.low is not None or len(set(self.groups)) < 2:
                return drawn
        # All go one way, or nothing changes: that is no proof that the next case does not go another.
        away = (1 + abs(value)) * clustered([False] * n, self.groups)[1]
        return Figure(value, n, max(-1.0, value - away), min(1.0, value + away))

    def by_group(self) -> dict[str, int]:
        """Group -> gained minus lost."""
        sums: dict[str, int] = defaultdict(int)
        for step, group in zip(self._steps(), self.groups, strict=True):
            sums[group] += step
        return dict(sums)

    def _steps(self) -> list[int]:
        return [int(two) - int(one) for one, two in zip(self.a, self.b, strict=True)]

    def design_effect(self) -> float:
        """How many times as many cases the groups cost: the clustered variance over that of independent cases."""
        n, steps = len(self.a), self._steps()
        mean = sum(steps) / n if n else 0.0
        sums: dict[str, float] = defaultdict(float)
        for step, group in zip(steps, self.groups, strict=True):
            sums[group] += step - mean
        independent = sum((step - mean) ** 2 for step in steps)
        return max(1.0, sum(value**2 for value in sums.values()) / independent) if independent else 1.0
