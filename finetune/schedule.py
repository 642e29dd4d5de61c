"""How the learning rate runs."""

from __future__ import annotations

import math

LAST = 0.02
"""Of the peak, at the end."""


def rate_at(step: int, steps: int, peak: float, warmup: int = 0) -> float:
    """The learning rate of a step of so many: a linear warm-up, then a cosine to a fiftieth of the peak."""
    if step < warmup:
        return peak * (step + 1) / warmup
    done = min(1.0, (step - warmup) / max(1, steps - warmup))
    return peak * (LAST + (1 - LAST) / 2 * (1 + math.cos(math.pi * done)))
