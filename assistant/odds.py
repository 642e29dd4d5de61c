"""Probabilities as log odds, in nats, and back."""

from __future__ import annotations

import math

LEAST = 1e-6
"""No probability is nearer to 0 or 1 than this."""


def log_odds(probability: float) -> float:
    """0..1 to nats; 0 for one half."""
    bounded = min(max(probability, LEAST), 1 - LEAST)
    return math.log(bounded / (1 - bounded))


def probability(nats: float) -> float:
    """Log odds to 0..1."""
    return 1 / (1 + math.exp(-nats))
