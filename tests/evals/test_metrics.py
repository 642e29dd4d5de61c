"""Figures with their intervals."""

from __future__ import annotations

import pytest

from evals.cases import Case
from evals.metrics import Answer, clustered, share, summarise, wilson


def _answer(skill: str, said: str, gold: dict[str, str] | None = None, **more: object) -> Answer:
    case = Case("x", skill, gold or {}, bool(more.pop("known", True)), "s", str(more.pop("group", "")))
    return Answer(case, said, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (900, 1000, 0.8799, 0.9171)],
)
def test_wilson_is_the_published_interval(right: int, n: int, low: float, high: float) -> None:
    """Wilson's interval has the values its formula is known to give."""
    assert wilson(right, n) == pytest.approx((low, high), abs=2e-4)


def test_nothing_counted_says_nothing() -> None:
    """Without a case the interval is everything."""
    assert wilson(0, 0) == (0.0, 1.0)
    assert clustered([], []) == (0.0, 1.0)


def test_single_groups_are_independent() -> None:
    """Where every case is its own group, clustering changes nothing."""
    right = [True] * 70 + [False] * 30
    assert clustered(right, [str(i) for i in range(100)]) == pytest.approx(wilson(70, 100), abs=1e-9)


def test_copies_are_no_evidence() -> None:
    """Ten copies of each of ten sentences give about the interval of ten sentences."""
    right = [i < 7 for i in range(10) for _ in range(10)]
    low, high = clustered(right, [str(i) for i in range(10) for _ in range(10)])
    assert (low, high) == pytest.approx(wilson(7, 10), abs=1e-9)
    all_right = clustered([True] * 100, [str(i // 10) for i in range(100)])
    assert all_right == pytest.approx(wilson(10, 10), abs=1e-9)


def test_lengths_must_agree() -> None:
    """A result without a group is a mistake of the caller."""
    with pytest.raises(ValueError, match="2 results and 1 groups"):
        clustered([True, False], ["a"])


def test_what_counts_as_right() -> None:
    """Family, skill and call are three questions; the order of arguments is none."""
    near = _answer("set_timer", "extend_timer")
    assert (near.family_right, near.skill_right, near.call_right) == (True, False, False)
    words = {"device": "lamp", "state": "on"}
    swapped = _answer("switch", "switch", words, words={"state": "on", "device": "lamp"})
    assert swapped.call_right
    assert not _answer("switch", "switch", words, words={"device": "lamp"}).call_right


def test_false_calls_are_counted_over_none() -> None:
    """Only sentences for nobody can be called falsely; refusing one is right."""
    answers = [_answer("none", "none"), _answer("none", "weather"), _answer("weather", "news")]
    figures = summarise(answers)
    assert (figures.false_calls.right, figures.false_calls.n) == (1, 2)


def test_unscored_is_its_own_column() -> None:
    """What could not be scored is neither a success nor a refusal."""
    answers = [_answer("none", "none"), _answer("none", "", failed="the model is not there")]
    figures = summarise(answers)
    assert figures.unscored == 1
    assert figures.skill.n == 1


def test_unknown_arguments_are_not_scored() -> None:
    """A case of which only the skill is known counts for the skill, not for the call."""
    answers = [_answer("set_alarm", "set_alarm", known=False), _answer("stop", "stop")]
    figures = summarise(answers)
    assert (figures.skill.n, figures.call.n) == (2, 1)
    assert figures.by_family["alarms"].value == 1.0


def test_share_says_its_interval() -> None:
    """A figure is never written without n and interval."""
    said = str(share([_answer("stop", "stop", group=str(i)) for i in range(20)], lambda a: a.skill_right))
    assert said == "100.0% (83.9% to 100.0%, n=20)"
