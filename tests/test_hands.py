"""Skills in a process of their own do what they do here, and one that never returns is ended for good."""

from __future__ import annotations

import datetime as dt
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from assistant import hands_apart
from assistant.config import Settings, load_settings
from assistant.hands import Acts, Errand, Hands
from assistant.hands_apart import HandsProcess
from assistant.readers import Unreadable
from assistant.registry import load_skills
from assistant.skill import Announcement, SkillError
from assistant.trace import FILE, Database

SKILLS = '''
"""A plugin that does everything a plugin may do."""
import os
import sys
import time
from assistant.skill import Announcement, Ask, Context, Duration, SkillError, due, names, on_stop, skill

SETTINGS = {"since": None}
COUNT = [0]
FALLEN: list[str] = []


@skill(examples=["plug [five minutes](time)", "plug for [an hour](time)"])
def plug(context: Context, *, time: Duration) -> str:
    """Remember and count."""
    COUNT[0] += 1
    with context.database() as db:
        db.execute("CREATE TABLE IF NOT EXISTS plugged (seconds REAL)")
        db.execute("INSERT INTO plugged VALUES (?)", (time.total_seconds(),))
    print("not for the answer")
    when = f"{time.total_seconds():g} s at {context.now:%H:%M %z}"
    return f"{COUNT[0]} of {when}, after {context.last_reply}, on {context.said}"


@skill(examples=["x", "y"])
def asks(context: Context, *, what: str = "") -> str:
    """Ask back."""
    raise Ask("For what?", "what")


@skill(examples=["x", "y"])
def fails(context: Context) -> str:
    """Fail."""
    raise ValueError("secret")


@skill(examples=["x", "y"])
def wonders(context: Context) -> str:
    """Ask the larger model."""
    return context.answer("why") if context.answer else "Nobody to ask."


@skill(examples=["x", "y"], deadline_s=0.3)
def sleeps(context: Context) -> str:
    """Never return, while the database is held."""
    with context.database() as db:
        db.execute("INSERT INTO plugged VALUES (-1)")
        time.sleep(1e6)


@skill(examples=["x", "y"], deadline_s=0.3)
def turns(context: Context) -> str:
    """Never return, and never wait."""
    while True:
        pass


@skill(examples=["x", "y"], deadline_s=0.3)
def stands(context: Context) -> str:
    """Hold all of Python."""
    import re
    re.match("(a+)+$", "a" * 60 + "b")


@skill(examples=["x", "y"])
def leaves(context: Context) -> str:
    """End the process."""
    os._exit(3)


@due
def falls_due(context: Context) -> list[Announcement]:
    """Once for each time it was plugged."""
    found = [Announcement(f"plugged {COUNT[0]}", ring=True)] if COUNT[0] else []
    COUNT[0] = 0
    return found


@on_stop
def stops(context: Context) -> None:
    """Forget."""
    COUNT[0] = 0


@names
def offers(context: Context) -> list[str]:
    """A name."""
    return ["Attic"]
'''
AT = dt.datetime(2026, 5, 4, 7, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins/plugs.py").write_text(SKILLS, encoding="utf-8")
    flags = [
        f"paths.data={tmp_path / 'data'}",
        f"skills.folders={tmp_path / 'plugins'}",
        "household.time_zone=Europe/Paris",
    ]
    return load_settings(None, {}, flags)


def answer(question: str) -> str:
    if question == "why":
        return "Because."
    raise SkillError("My larger model did not answer.")


@pytest.fixture
def apart(settings: Settings) -> Iterator[HandsProcess]:
    process = HandsProcess(settings, load_skills(settings), Database(settings.paths.data / FILE), answer)
    yield process
    process.close()


def errand(skill: str, **words: str) -> Errand:
    return Errand(skill, words, AT, "that", "plug it")


def plugged(settings: Settings) -> list[float]:
    with Database(settings.paths.data / FILE).open() as db:
        return [row[0] for row in db.execute("SELECT seconds FROM plugged")]


def everything(hands: Acts) -> list[object]:
    """What comes of one of each."""
    found: list[object] = [hands.perform(errand(name)) for name in ("asks", "fails", "wonders")]
    found += [hands.perform(errand("plug", time="five minutes")), hands.perform(errand("plug", time="an hour"))]
    found += [hands.due(), hands.due()]
    hands.perform(errand("plug", time="a second"))
    hands.stop()
    found.append(hands.due())
    with pytest.raises(Unreadable) as caught:
        hands.perform(errand("plug", time="blue"))
    return [*found, str(caught.value), caught.value.argument]


def test_apart_is_as_here(apart: HandsProcess, settings: Settings) -> None:
    """Replies, questions, refusals, hooks, what a module keeps, and the household's clock are the same."""
    here = Hands(settings, load_skills(settings), Database(settings.paths.data / FILE), answer)
    found = everything(apart)
    assert found == everything(here)
    assert "2 of 3600 s at 07:30 +0200, after that, on plug it" in str(found[4])
    assert found[5] == [Announcement("plugged 2", True)] and found[6] == found[7] == []
    assert plugged(settings) == [300, 3600, 1] * 2


def test_names_come_over(apart: HandsProcess) -> None:
    """What the modules call their things is found by the other process."""
    for _ in range(200):
        apart.due()
        if "Attic" in apart.names():
            break
        threading.Event().wait(0.02)
    assert "Attic" in apart.names()


def test_what_a_skill_does_wrong_is_logged_here(apart: HandsProcess, caplog: pytest.LogCaptureFixture) -> None:
    """Where and what kind, as if it had run here; never what was said."""
    with caplog.at_level(logging.WARNING):
        assert not apart.perform(errand("fails")).ok
    assert "the skill fails raised ValueError at" in caplog.text and "secret" not in caplog.text


@pytest.mark.parametrize("name", ["sleeps", "stands"])
def test_a_skill_that_never_returns_is_ended_for_good(apart: HandsProcess, settings: Settings, name: str) -> None:
    """Its process ends with it: nothing sleeps on, nothing is written, and the next errand is run."""
    hands_apart_late, hands_apart.LATE_S = hands_apart.LATE_S, 0.5
    try:
        apart.perform(errand("plug", time="five minutes"))
        pid = apart.pid
        assert apart.perform(errand(name)).text == "That took too long, so I stopped waiting."
    finally:
        hands_apart.LATE_S = hands_apart_late
    assert not psutil.pid_exists(pid)
    assert apart.perform(errand("plug", time="an hour")).text.startswith("1 of 3600")
    assert plugged(settings) == [300, 3600]


def test_a_loop_without_end_ends_without_its_process(apart: HandsProcess) -> None:
    """What can be ended inside is: the module keeps what it had."""
    apart.perform(errand("plug", time="five minutes"))
    pid = apart.pid
    assert not apart.perform(errand("turns")).ok
    assert apart.pid == pid and apart.due() == [Announcement("plugged 1", True)]


def test_those_that_never_return_leave_nothing(apart: HandsProcess, settings: Settings) -> None:
    """Threads, files and processes of this one are no more than before."""
    apart.perform(errand("plug", time="five minutes"))

    def taken() -> tuple[int, int, int]:
        return threading.active_count(), psutil.Process().num_fds(), len(psutil.Process().children())

    before = taken()
    for _ in range(4):
        apart.perform(errand("sleeps"))
    apart.perform(errand("plug", time="five minutes"))
    other = psutil.Process(apart.pid)
    assert all(now <= then for now, then in zip(taken(), before, strict=True))
    assert other.num_threads() <= 2


def test_a_skill_that_ends_the_process_costs_its_own_answer(apart: HandsProcess) -> None:
    """It is not called a second time, and the next errand is run."""
    assert apart.perform(errand("leaves")).text == "Something went wrong in the skill leaves."
    assert apart.perform(errand("plug", time="five minutes")).ok


def test_nothing_is_done_twice(apart: HandsProcess, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies over an errand is not told it again; one that was dead before is replaced."""
    apart.perform(errand("plug", time="five minutes"))
    os.kill(apart.pid, signal.SIGKILL)
    os.waitid(os.P_PID, apart.pid, os.WEXITED | os.WNOWAIT)  # all its threads: the first may be a zombie before them
    assert apart.perform(errand("plug", time="an hour")).ok
    assert plugged(settings) == [300, 3600]


def test_a_hook_that_hangs_is_left_out_by_the_next_process(
    tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """It costs one deadline and one process; what else falls due is still said."""
    text = "from assistant.skill import due\nimport time\n\n@due\ndef forever(context):\n    time.sleep(1e6)\n"
    (tmp_path / "plugins/hung.py").write_text('"""Hangs."""\n' + text, encoding="utf-8")
    process = HandsProcess(settings, load_skills(settings), Database(settings.paths.data / FILE), None)
    pid = process.pid
    with caplog.at_level(logging.WARNING):
        assert process.due() == []
    assert "hung.forever did not end within 3 s" in caplog.text
    assert process.pid != pid
    pid, started = process.pid, time.monotonic()
    process.perform(errand("plug", time="five minutes"))
    assert process.due() == [Announcement("plugged 1", True)] and process.pid == pid
    assert time.monotonic() - started < 3
    process.close()
