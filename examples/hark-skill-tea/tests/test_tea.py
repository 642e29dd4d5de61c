"""Tests of the tea skills, on a real database and with Hark's own loader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from assistant.readers import read_arguments
from assistant.registry import load_file
from assistant.skill import Context, Household, SkillError
from assistant.trace import Database

from hark_skill_tea import tea

NOON = dt.datetime(2026, 3, 4, 12, 0, tzinfo=dt.UTC)
At = Callable[[float], Context]


@pytest.fixture
def at(tmp_path: Path) -> At:
    """The house so many minutes after noon, always with the same database."""
    database = Database(tmp_path / "hark.db")
    return lambda minutes: Context(NOON + dt.timedelta(minutes=minutes), tea.SETTINGS, database.open)


def test_the_declarations_have_no_fault() -> None:
    """Hark accepts the file, and every marked word of every example can be read."""
    loaded = load_file(Path(tea.__file__))
    assert [str(fault) for fault in loaded.faults] == []
    assert sorted(loaded.by_name) == ["check_tea", "steep_tea"]
    for skill in loaded.skills:
        for example in skill.examples:
            read_arguments(skill, example.call.words, now=NOON, household=Household())


def test_a_pot_is_called_once_when_it_is_ready(at: At) -> None:
    """Nothing is said before the time, one call at the time, and nothing after it."""
    assert tea.steep_tea(at(0), tea="green") == "Your green tea will be ready in 2 minutes."
    assert tea.check_tea(at(0.5)) == "Your green tea needs 1 minute and 30 seconds more."
    assert tea.call_for_tea(at(1.9)) == []
    assert [call.text for call in tea.call_for_tea(at(2))] == ["Your green tea is ready."]
    assert tea.call_for_tea(at(2.1)) == []
    assert tea.check_tea(at(2.1)) == "No tea is drawing."


def test_what_was_said_goes_before_the_list(at: At) -> None:
    """A length of time that was said is used; a tea that is unknown takes the household's default."""
    said = tea.steep_tea(at(0), tea="my black tea", duration=dt.timedelta(minutes=9))
    assert said == "Your black tea will be ready in 9 minutes."
    assert tea.steep_tea(at(0), tea="nettle") == "Your nettle tea will be ready in 4 minutes."
    assert tea.steep_tea(at(0), tea="the tea") == "Your tea will be ready in 4 minutes."
    assert tea.steep_tea(at(0)) == "Your tea will be ready in 4 minutes."


@pytest.mark.parametrize("length", [dt.timedelta(0), dt.timedelta(hours=13)])
def test_no_tea_draws_for_ever_or_not_at_all(at: At, length: dt.timedelta) -> None:
    """A length that makes no sense is a sentence, and no pot is started."""
    with pytest.raises(SkillError, match="12 hours at most"):
        tea.steep_tea(at(0), duration=length)
    assert tea.check_tea(at(0)) == "No tea is drawing."
