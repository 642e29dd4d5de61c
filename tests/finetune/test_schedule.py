"""How the learning rate runs."""

from __future__ import annotations

from itertools import pairwise

import pytest

from finetune.schedule import rate_at


def test_the_rate_warms_up_and_falls() -> None:
    """It rises in equal steps to the peak, then falls all the way to a fiftieth of it, and stays there."""
    rates = [rate_at(step, 100, 2.0, 10) for step in range(101)]
    assert rates[:10] == pytest.approx([0.2 * (at + 1) for at in range(10)])
    assert rates[10] == pytest.approx(2.0)
    assert all(later < earlier for earlier, later in pairwise(rates[10:]))
    assert rates[100] == pytest.approx(0.04)
    assert rate_at(55, 100, 2.0, 10) == pytest.approx(1.02)
    assert rate_at(500, 100, 2.0, 10) == pytest.approx(0.04)


def test_without_a_warm_up_it_begins_at_the_peak() -> None:
    """The first step of a later descent has the whole rate."""
    assert rate_at(0, 50, 1.0) == pytest.approx(1.0)
