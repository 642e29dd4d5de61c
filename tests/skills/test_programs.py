"""The allow-list of programs, with real processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assistant.skill import Ask, ConfigError, Context, Skill, SkillError
from skills.programs import run_program

Make = Callable[..., Context]


def _wait_for(path: Path) -> str:
    """What a started program wrote; fails after two seconds."""
    import time

    until = time.monotonic() + 2
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < until, f"{path.name} was not written"
        time.sleep(0.02)
    return path.read_text()


@pytest.fixture
def house(make_context: Make) -> Callable[[dict[str, Any]], Context]:
    return lambda programs: make_context(settings={"programs": programs})


def _writer(path: Path, stay: bool = False) -> list[str]:
    source = (
        "import os, pathlib, sys, threading\n"
        "part = pathlib.Path(sys.argv[1] + '.part')\n"
        "part.write_text(f'{os.getpgid(0)} {os.getpid()} {sys.argv[2:]}')\n"
        "part.rename(sys.argv[1])\n" + ("threading.Event().wait(3)\n" if stay else "")
    )
    return [sys.executable, "-c", source, str(path)]


def test_asks_before_it_acts() -> None:
    """Programs are started only after a yes."""
    declared: Skill = run_program.__skill__  # type: ignore[attr-defined]
    assert declared.confirm


def test_started_and_left_alone(house: Callable[[dict[str, Any]], Context], tmp_path: Path) -> None:
    """A program that keeps running is started in a session of its own, so that it outlives the assistant."""
    path = tmp_path / "ran"
    assert run_program(house({"backup": _writer(path, stay=True)}), name="backup") == "I started backup."
    group, process, _ = _wait_for(path).split(maxsplit=2)
    assert group == process != str(os.getpgid(0))
    os.kill(int(process), 9)


def test_short_program(house: Callable[[dict[str, Any]], Context], tmp_path: Path) -> None:
    """A program that ends well at once has run."""
    path = tmp_path / "ran"
    assert run_program(house({"backup": [sys.executable, "-S", *_writer(path)[1:]]}), name="backup") in (
        "backup has run.",
        "I started backup.",  # on a busy machine it may take longer than SETTLE_S
    )
    _wait_for(path)


@pytest.mark.parametrize("said", ["backup", "Backup", "back up", "the backup program", "back-up", "backups"])
def test_heard_names(house: Callable[[dict[str, Any]], Context], said: str) -> None:
    """Names are matched as they are heard."""
    assert "photo sync" not in run_program(house({"backup": ["true"], "photo sync": ["true"]}), name=said)


@pytest.mark.parametrize("said", ["firefox", "rm -rf /", "backup; reboot", "$(reboot)", "", "/bin/sh", "../backup"])
def test_what_is_not_allowed(house: Callable[[dict[str, Any]], Context], tmp_path: Path, said: str) -> None:
    """What is not on the list is never run; the answer names what may be."""
    path = tmp_path / "ran"
    with pytest.raises(Ask, match=r"I can start: nightly cleanup\."):
        run_program(house({"nightly cleanup": _writer(path)}), name=said)
    assert not path.exists()


def test_no_shell(house: Callable[[dict[str, Any]], Context], tmp_path: Path) -> None:
    """The words of the setting reach the program as they are."""
    path = tmp_path / "ran"
    run_program(house({"backup": [*_writer(path), "a b; $HOME *"]}), name="backup")
    assert "['a b; $HOME *']" in _wait_for(path)


def test_two_names_alike(house: Callable[[dict[str, Any]], Context]) -> None:
    """Two names equally near make a question."""
    with pytest.raises(Ask):
        run_program(house({"lamp1": ["true"], "lamp2": ["true"]}), name="lamp")


def test_program_that_fails(house: Callable[[dict[str, Any]], Context]) -> None:
    """A program that fails at once is not called started."""
    with pytest.raises(SkillError, match="ended at once with error 1"):
        run_program(house({"backup": ["false"]}), name="backup")


def test_program_that_is_missing(house: Callable[[dict[str, Any]], Context]) -> None:
    """A program that is not on the device is said to be missing."""
    with pytest.raises(SkillError, match="is not on this device"):
        run_program(house({"backup": ["hark-no-such-program"]}), name="backup")


def test_empty_list(house: Callable[[dict[str, Any]], Context]) -> None:
    """A household that allows nothing is told where to."""
    with pytest.raises(SkillError, match=r"skills\.programs\.programs"):
        run_program(house({}), name="backup")


@pytest.mark.parametrize("words", ["rsync -a", [], ["ls", 3], None, {"a": 1}])
def test_wrong_setting(house: Callable[[dict[str, Any]], Context], words: Any) -> None:
    """A program that is no list of words is a setting to fix, and is named."""
    with pytest.raises(ConfigError, match=r"programs\.backup must be a list of words"):
        run_program(house({"backup": words}), name="backup")
