"""The household's names reach the recognizer, and no skill that fails or hangs keeps a turn waiting."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from assistant import household
from assistant.household import Gathering, Names
from assistant.registry import Module, load_file
from assistant.skill import Context, SkillError
from assistant.trace import Database, Lease

PLUGIN = '''
"""Pets."""
from assistant.skill import Context, names, skill

@skill(examples=["feed [rex](pet)", "give [tom](pet) his food"])
def feed(context: Context, *, pet: str) -> str:
    """Feed a pet."""
    return pet

@names
def pets(context: Context):
    """The pets."""
    return ["Rex", "Tom", "x", "Rex", "a" * 100]
'''


class Ear:
    """Remembers what it was told to listen for."""

    def __init__(self) -> None:
        self.told: list[Sequence[str]] = []

    def expect(self, names: Sequence[str]) -> None:
        self.told.append(names)


def module(hook: Callable[[Context], Iterable[str]], name: str = "pets") -> Module:
    return Module(name, name, (), (), (), {}, (hook,))


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[Module], tuple[Context, Lease]]:
    lease = Database(tmp_path / "house.db").lease()
    return lambda _: (Context(now=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), settings={}, database=lease.open), lease)


Opened = Callable[[Module], tuple[Context, Lease]]


def test_a_plugin_offers_names(tmp_path: Path, opened: Opened) -> None:
    """What a function marked @names returns is told to the recognizer once, without what nobody would say."""
    path = tmp_path / "pets.py"
    path.write_text(PLUGIN, encoding="utf-8")
    skills = load_file(path)
    assert skills.faults == () and [hook.__name__ for hook in skills.modules[0].names] == ["pets"]
    ear = Ear()
    names = Names(Gathering(skills.modules, opened).found, ear)
    names.tell()
    names.tell()
    assert ear.told == [("Rex", "Tom")]


def test_a_module_that_fails_costs_its_own_names(opened: Opened) -> None:
    """An unplugged house, or a hook that returns no names at all, takes nothing from the others."""

    def broken(_: Context) -> list[str]:
        raise SkillError("Home Assistant does not answer.")

    ear = Ear()
    modules = [module(broken), module(lambda _: None), module(lambda _: ["Attic", 5])]  # type: ignore[arg-type, return-value, list-item]
    Names(Gathering(modules, opened).found, ear).tell()
    assert ear.told == [("Attic",)]


def test_no_turn_waits_for_a_slow_house(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a module still looks, the turn goes on without its names; the next one has them."""
    monkeypatch.setattr(household, "FIRST_S", 0.0)
    answered = threading.Event()

    def slow(_: Context) -> list[str]:
        assert answered.wait(5)
        return ["Attic"]

    ear = Ear()
    names = Names(Gathering([module(slow)], opened).found, ear)
    names.tell()
    assert ear.told == []
    answered.set()
    monkeypatch.setattr(household, "FIRST_S", 5.0)
    names.tell()
    assert ear.told == [("Attic",)]


def test_names_are_looked_for_again(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    """What got its name since is known at a later utterance."""
    monkeypatch.setattr(household, "ANEW_S", 0.0)
    monkeypatch.setattr(household, "FIRST_S", 5.0)
    there = ["Attic"]
    ear = Ear()
    names = Names(Gathering([module(lambda _: list(there))], opened).found, ear)
    names.tell()
    there.append("Larder")
    for _ in range(200):
        names.tell()
        if len(ear.told) == 2:
            break
        threading.Event().wait(0.02)
    assert ear.told == [("Attic",), ("Attic", "Larder")]


def test_a_recognizer_that_takes_no_names_is_left_alone(opened: Opened) -> None:
    """Without a recognizer, or with one that has no use for names, no skill is asked for any."""
    asked: list[int] = []

    def hook(_: Context) -> list[str]:
        asked.append(1)
        return ["Attic"]

    for recognizer in (None, object()):
        Names(Gathering([module(hook)], opened).found, recognizer).tell()
    assert asked == []
