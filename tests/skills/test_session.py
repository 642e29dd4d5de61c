"""Stop, repeat, help and what was not for us."""

from __future__ import annotations

from collections.abc import Callable

from assistant.skill import Context, Skill
from skills import session, timers, weather
from skills.session import help as help_
from skills.session import none, repeat, stop

Make = Callable[..., Context]


def _skill(function: object) -> Skill:
    declared: Skill = function.__skill__  # type: ignore[attr-defined]
    return declared


def test_stop_silences_the_house(make_context: Make) -> None:
    """Stop runs what the house does on stop, once."""
    stopped: list[int] = []
    assert stop(make_context(stop=lambda: stopped.append(1))) == "Okay."
    assert stopped == [1]


def test_repeat(make_context: Make) -> None:
    """Repeat says what was said last, word for word."""
    assert repeat(make_context(last_reply="It is seven.")) == "It is seven."


def test_repeat_before_anything_was_said(context: Context) -> None:
    """With nothing to repeat, that is what is said."""
    assert "not said anything" in repeat(context)


def test_help_names_what_is_installed(make_context: Make) -> None:
    """Help quotes one example of each family that is there, and counts the kinds of requests."""
    skills = [_skill(timers.set_timer), _skill(timers.cancel_timer), _skill(weather.weather), _skill(session.stop)]
    said = help_(make_context(skills=skills))
    assert said.startswith("I know 4 kinds of requests.")
    assert '"set a timer for ten minutes"' in said and '"what\'s the weather"' in said
    assert "cancel" not in said and '"stop"' not in said


def test_help_without_skills(context: Context) -> None:
    """Without skills, help says where to look."""
    assert "hark skills list" in help_(context)


def test_nothing_for_us(context: Context) -> None:
    """What no skill serves is declined, and nothing else happens."""
    assert none(context) == "That is not something I can do."


def test_none_knows_much_chatter() -> None:
    """Chatter, television and unserved requests are shown with at least thirty examples."""
    assert len({example.text for example in _skill(none).examples}) >= 30
