"""What counts as right, and which kind of wrong it is otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from evals.answers import UNPARSABLE, Answer, same_value, sound_form
from evals.cases import Case

TIMER = Case("set a timer for five minutes", "set_timer", {"duration": "five minutes"})
SAID = {"skill": "set_timer", "words": {"duration": "five minutes"}, "args": {"duration": 300}}


def _answer(case: Case, skill: str, words: dict[str, str], args: dict[str, Any], **more: Any) -> Answer:
    return Answer(case, skill, words, args=args, **more)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (300, 300.0, True),
        (300, 301, False),
        (0.1 + 0.2, 0.3, True),
        ("the kitchen light", "kitchen light", True),
        ("my shopping list", "shopping list", True),
        ("kitchen light", "kitchen lights", False),
        ("two eggs", "2 eggs", True),
        ("the", "a", False),
        ("rock 'n' roll", "rock n roll", True),
        (True, True, True),
        ("on", "off", False),
        ("2026-03-02", "2026-03-03", False),
        ("(1+2)*3", "1+2*3", False),
        ("10-(5-2)", "10-5-2", False),
        ("sqrt(9)+16", "sqrt(9+16)", False),
        ("(12/100)*200", "(12/100)*200", True),
        ("9-1-1", "9 1 1", True),
    ],
)
def test_values_are_compared_as_values(one: object, other: object, same: bool) -> None:
    """Numbers by size, things without their article or "my", numbers in words as those in digits."""
    assert same_value(one, other) is same
    assert same_value(other, one) is same


def test_300_seconds_are_five_minutes() -> None:
    """Other words of the same value are the same call; the same words for another value would not be."""
    assert _answer(TIMER, "set_timer", {"duration": "300 seconds"}, {"duration": 300}, expected=[SAID]).call_right
    wrong = _answer(TIMER, "set_timer", {"duration": "five hours"}, {"duration": 18000}, expected=[SAID])
    assert (wrong.skill_right, wrong.call_right, wrong.right) == (True, False, False)


def test_an_argument_too_many_or_too_few_is_wrong() -> None:
    """All arguments that are wanted, and no other."""
    more = {"duration": "five minutes", "name": "tea"}
    assert not _answer(TIMER, "set_timer", more, {"duration": 300, "name": "tea"}, expected=[SAID]).call_right
    assert not _answer(TIMER, "set_timer", {}, {}, expected=[SAID]).call_right


def test_words_that_could_not_be_read_are_compared_as_words() -> None:
    """A call that became a question has no values; the same words are the same call."""
    asked = _answer(TIMER, "set_timer", {"duration": "five minutes"}, {}, tier="ask", expected=[SAID])
    assert asked.call_right
    assert (asked.called, asked.asked, asked.refused) == (False, True, False)


def test_any_of_several_acceptable_calls_is_right() -> None:
    """A sentence may mean two things; a third is wrong."""
    case = Case("turn it down", "change_volume", {"direction": "down"}, also=({"skill": "none", "words": {}},))
    right = {"direction": "down"}
    assert _answer(case, "change_volume", right, right).right
    assert _answer(case, "none", {}, {}).right
    assert not _answer(case, "change_volume", {"direction": "up"}, {"direction": "up"}).right
    assert not _answer(case, "dim", {}, {}).right
    assert not case_wants_call(case)


def test_an_acceptable_call_is_no_false_one() -> None:
    """Where none() is right as well, nobody was wronged by the other right call; any other one is false."""
    either = Case("i wonder who invented homework", "none", also=({"skill": "ask", "words": {}},))
    found = [_answer(either, skill, {}, {}) for skill in ("none", "ask", "news")]
    assert [one.false_call for one in found] == [False, False, True]
    assert [one.family_right for one in found] == [True, True, False]


def case_wants_call(case: Case) -> bool:
    return Answer(case, "none").wants_call


def test_the_kinds_of_wrong_are_apart() -> None:
    """A false call, a question, and a refusal are three things, and a declined call is a refusal."""
    talk = Case("i love this song", "none", source="overheard")
    assert _answer(talk, "like_song", {}, {}, tier="shipped").false_call
    asked = _answer(talk, "like_song", {}, {}, tier="ask")
    assert (asked.false_call, asked.asked) == (False, True)
    assert _answer(TIMER, "none", {}, {}, tier="decline").refused
    assert not _answer(TIMER, "none", {}, {}, tier="decline").false_call


@pytest.mark.parametrize("case", [TIMER, Case("hello", "none")])
def test_what_is_no_call_is_no_refusal(case: Case) -> None:
    """Who writes something that cannot be read was not silent: it is wrong, and neither call, question nor refusal."""
    found = _answer(case, UNPARSABLE, {}, {}, tier="decline")
    assert not any((found.right, found.called, found.asked, found.refused, found.false_call))


@pytest.mark.parametrize(
    ("case", "chatter"),
    [
        (Case("i love this song", "none", source="overheard"), True),
        (Case("well well", "none", tags=("chatter", "television")), True),
        (Case("ah well", "none", group="chatter:none:1"), True),
        (Case("book a flight", "none", tags=("out-of-scope",)), False),
        (Case("what time is it", "tell_time", tags=("chatter",)), False),
    ],
)
def test_chatter_is_no_request(case: Case, chatter: bool) -> None:
    """Talk for nobody is told from requests that no skill serves, by its tags and source."""
    assert Answer(case, "none").is_chatter is chatter


def test_each_argument_is_judged_by_itself() -> None:
    """Of the acceptable call that is nearest: what was wanted, what was given, and what is right."""
    case = Case("play yesterday by the beatles", "play_music", {"title": "yesterday", "artist": "the beatles"})
    given = {"title": "yesterday", "genre": "rock"}
    found = {one.name: (one.wanted, one.given, one.right) for one in _answer(case, "play_music", given, {}).arguments()}
    assert found == {"title": (True, True, True), "artist": (True, False, False), "genre": (False, True, False)}
    assert list(_answer(case, "news", {}, {}).arguments()) == []


def test_how_it_is_written_is_no_part_of_how_it_sounds() -> None:
    """Punctuation, case and digits do not make another sentence."""
    assert sound_form("Set a timer for 20 minutes.") == sound_form("set a timer for twenty minutes")
    assert sound_form("") == ()
