"""The drawing of a training: round ticks, a mean that does not lag, and a legend that says what is drawn."""

from __future__ import annotations

import pytest

from finetune.larger.curve import FEW, draw, smoothed, ticks_to, window_of
from finetune.larger.train import Progress

pytestmark = pytest.mark.train


@pytest.mark.parametrize(
    ("top", "ticks"),
    [
        (7.42, [0, 2, 4, 6, 8]),
        (12.3, [0, 2.5, 5, 7.5, 10, 12.5]),
        (1.0, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (0.03, [0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03]),
    ],
)
def test_ticks_are_round(top: float, ticks: list[float]) -> None:
    """The axis ends at the first round number that holds the highest loss."""
    assert ticks_to(top) == ticks


def test_the_mean_does_not_lag() -> None:
    """Of losses that fall steadily the mean is the losses themselves, at both ends too; of jumping ones it is calm."""
    steady = [(step, 10.0 - step) for step in range(1, 9)]
    assert [loss for _, loss in smoothed(steady, 5)] == pytest.approx([loss for _, loss in steady])
    jumping = [(step, 1.0 + step % 2) for step in range(1, 200)]
    assert all(abs(loss - 1.5) < 0.03 for _, loss in smoothed(jumping, 21)[10:-10])


def test_the_legend_says_what_is_drawn() -> None:
    """Of few steps there is no mean; of many the legend says of how many steps it is, and every line has its words."""
    few = Progress(step=FEW, losses=[(step, 4.0) for step in range(1, FEW + 1)], validations=[(FEW, 4.0)])
    drawn = draw(few, "doll")
    assert drawn.count("<polyline") == 2 and "mean of" not in drawn and "training, each step" in drawn
    many = Progress(step=400, losses=[(step, 4.0) for step in range(1, 401)], validations=[(400, 4.0)])
    drawn = draw(many, "a < b")
    assert window_of(400) == 21 and "training, mean of 21 steps around each" in drawn
    assert drawn.count("<polyline") == 3 and ">validation<" in drawn and "a &lt; b" in drawn


def test_a_curve_without_points_or_with_infinite_ones_is_drawn() -> None:
    """Before the first step, and where a loss ran away, there is still a drawing."""
    assert draw(Progress(), "doll").count("<polyline") == 2
    ran_away = Progress(step=2, losses=[(1, 3.0), (2, float("inf"))], validations=[(2, float("nan"))])
    drawn = draw(ran_away, "doll")
    assert "inf" not in drawn and "nan" not in drawn
