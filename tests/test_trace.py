"""The diary: every turn comes back as it went in, and no disk or neighbour stops a turn."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from assistant.assemble import forget_old
from assistant.cli import main
from assistant.config import load_settings
from assistant.skill import Call, SkillError
from assistant.trace import FILE, MIGRATIONS, Database, Label, Trace
from assistant.turn import Candidate, Decision, Reply, Tier, Transcript, Turn


def a_turn(name: str = "a1", at: dt.datetime | None = None) -> Turn:
    """A turn with something in every field."""
    return Turn(
        id=name,
        at=at or dt.datetime(2026, 3, 4, 10, 30, tzinfo=dt.UTC),
        transcript=Transcript(text="set a five minute 'tea' timer", language="en", confidence=0.9, seconds=2.5),
        decision=Decision(
            skill="set_timer",
            words={"duration": "five minute", "name": "tea"},
            args={"duration": 300, "name": "tea"},
            confidence=0.93,
            runner_ups=(Candidate(call="none()", probability=0.04),),
            tier="shipped",
            ms=7.5,
        ),
        reply=Reply(text="Five minutes.", ok=True),
        ms={"hear": 200.0, "decide": 8.0, "act": 1.5},
        models={"skill": "ab" * 32},
        prompt_hash="123",
        skills_hash="456",
    )


@pytest.fixture
def trace(tmp_path: Path) -> Trace:
    """A diary in an empty folder."""
    return Trace(Database(tmp_path / "deep" / FILE))


def test_a_turn_comes_back_as_it_went_in(trace: Trace) -> None:
    """What is read from the diary equals what was kept, every field of it."""
    assert trace.keep(a_turn(), sound="/s/a1.wav")
    assert trace.turns() == [a_turn()]
    assert trace.sound("a1") == "/s/a1.wav"
    assert trace.last_reply() == "Five minutes."


def test_the_file_keeps_a_write_ahead_log(trace: Trace) -> None:
    """The database is in write-ahead mode and knows its schema's number."""
    trace.keep(a_turn())
    with contextlib.closing(sqlite3.connect(trace.database.path)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)


def test_a_file_of_a_newer_hark_is_left_alone(trace: Trace) -> None:
    """A schema from the future is refused, not overwritten."""
    trace.keep(a_turn())
    with contextlib.closing(sqlite3.connect(trace.database.path)) as db:
        db.execute("PRAGMA user_version = 999")
    with pytest.raises(sqlite3.DatabaseError, match="newer Hark"):
        Trace(Database(trace.database.path)).turns()


def test_turns_are_found_by_the_beginning_of_their_name(trace: Trace) -> None:
    """A name's beginning is enough while it means one turn; an ambiguous or unknown one is a sentence."""
    for name in ("abc1", "abd2"):
        trace.keep(a_turn(name))
    assert trace.find("abc").id == "abc1"
    assert trace.find("last").id == "abd2"
    for name, sentence in (("ab", "more than one"), ("x", "there is no turn x"), ("", "there is no turn")):
        with pytest.raises(LookupError, match=sentence):
            trace.find(name)


def test_a_labelled_turn_is_an_evaluation_case(trace: Trace) -> None:
    """Only what a person labelled is exported, with the call they gave and not the one that was made."""
    trace.keep(a_turn("a1"))
    trace.keep(a_turn("a2"))
    trace.label("a2", Label(Call("check_timer", {"name": "tea"}), 'check_timer(name="tea")'))
    assert trace.cases() == [
        {
            "text": "set a five minute 'tea' timer",
            "skill": "check_timer",
            "words": {"name": "tea"},
            "source": "diary:a2",
            "at": "2026-03-04T10:30:00+00:00",
        }
    ]
    assert trace.find("a2").label == 'check_timer(name="tea")'


def test_old_turns_are_forgotten_but_for_labelled_ones(trace: Trace) -> None:
    """Forgetting drops old rows, names their recordings, and keeps what a person labelled."""
    now = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
    trace.keep(a_turn("old", now - dt.timedelta(days=9)), sound="/s/old.wav")
    trace.keep(a_turn("labelled", now - dt.timedelta(days=9)))
    trace.label("labelled", Label(Call("none"), "none()"))
    trace.keep(a_turn("new", now))
    assert trace.forget(now - dt.timedelta(days=7)) == ["/s/old.wav"]
    assert {turn.id for turn in trace.turns()} == {"labelled", "new"}


def test_recordings_go_with_the_turns_that_are_forgotten(trace: Trace, tmp_path: Path) -> None:
    """With keep_days an old turn's recording is deleted; without it nothing is dropped."""
    sound = tmp_path / "old.wav"
    sound.touch()
    trace.keep(a_turn("old"), sound=str(sound))
    forget_old(load_settings(None, {}), trace)
    assert sound.exists()
    assert len(trace.turns()) == 1
    forget_old(load_settings(None, {}, ["trace.keep_days=2"]), trace)
    assert not sound.exists()
    assert trace.turns() == []


def test_a_place_that_cannot_be_written_costs_the_row_and_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """keep() says False, warns once however often it fails, and raises nothing."""
    (tmp_path / "file").write_text("no folder")
    trace = Trace(Database(tmp_path / "file" / FILE))
    with caplog.at_level(logging.WARNING):
        assert [trace.keep(a_turn(str(n))) for n in range(3)] == [False, False, False]
    assert len(caplog.records) == 1
    assert "five minute" not in caplog.text


def test_a_file_that_is_no_database_costs_the_row(tmp_path: Path) -> None:
    """A foreign file under the diary's name is left as it is."""
    file = tmp_path / FILE
    file.write_bytes(b"my holiday diary " * 100)
    assert not Trace(Database(file)).keep(a_turn())
    assert file.read_bytes() == b"my holiday diary " * 100


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_trace import a_turn
from assistant.trace import Database, Trace
trace = Trace(Database(Path({file!r})))
assert trace.keep(a_turn("before"))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
kept = [trace.keep(a_turn(f"after{{n}}")) for n in range(40)]
print(sum(kept), len(kept))
"""


def test_a_full_disk_costs_rows_and_never_the_turn(tmp_path: Path) -> None:
    """Once no file can grow, rows are lost with one warning, and what was kept before is still there."""
    file = tmp_path / FILE
    code = FULL_DISK.format(tests=str(Path(__file__).parent), file=str(file))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("is not in the diary") == 1
    kept, tried = map(int, done.stdout.split())
    assert kept < tried
    assert Trace(Database(file)).find("before") == a_turn("before")


def test_two_programs_share_one_diary(tmp_path: Path) -> None:
    """Two processes that keep turns at the same time lose none."""
    code = (
        "import sys; from pathlib import Path\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_trace import a_turn\nfrom assistant.trace import Database, Trace\n"
        f"trace = Trace(Database(Path({str(tmp_path / FILE)!r})))\n"
        "assert all(trace.keep(a_turn(f'{sys.argv[1]}{n}')) for n in range(25))\n"
    )
    programs = [subprocess.Popen([sys.executable, "-c", code, name]) for name in ("x", "y")]
    assert [program.wait(60) for program in programs] == [0, 0]
    assert len(Trace(Database(tmp_path / FILE)).turns(None)) == 50


KILLED = """
import sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from test_trace import a_turn
from assistant.trace import Database, Trace
database = Database(Path({file!r}))
assert Trace(database).keep(a_turn("kept"))
with database.open() as db:
    db.execute("DELETE FROM turns")
    print("now", flush=True)
    time.sleep(60)
"""


def test_a_kill_in_the_middle_loses_nothing_that_was_committed(tmp_path: Path) -> None:
    """After SIGKILL inside a transaction the committed rows are there and the open one is gone."""
    code = KILLED.format(tests=str(Path(__file__).parent), file=str(tmp_path / FILE))
    program = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    assert program.stdout.readline() == "now\n"
    os.kill(program.pid, signal.SIGKILL)
    program.wait(10)
    program.stdout.close()
    assert Trace(Database(tmp_path / FILE)).turns() == [a_turn("kept")]


def test_a_transaction_that_raises_leaves_no_trace(trace: Trace) -> None:
    """An exception inside `open()` rolls everything back, a new table too."""
    with pytest.raises(ZeroDivisionError), trace.database.open() as db:
        db.execute("CREATE TABLE cups (n INTEGER)")
        raise ZeroDivisionError
    with trace.database.open() as db:
        assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'cups'").fetchone() == (0,)


def test_a_revoked_lease_undoes_and_opens_no_more(trace: Trace) -> None:
    """A cut-off skill's uncommitted rows vanish, its lock is free at once, and its later writes fail."""
    trace.keep(a_turn())
    lease, inside, go_on = trace.database.lease(), threading.Event(), threading.Event()
    raised: list[BaseException] = []

    def hang() -> None:
        try:
            with lease.open() as db:
                db.execute("DELETE FROM turns")
                inside.set()
                go_on.wait(30)
                db.execute("DELETE FROM turns")
        except (sqlite3.Error, SkillError) as error:
            raised.append(error)

    thread = threading.Thread(target=hang)
    thread.start()
    assert inside.wait(10)
    lease.revoke()
    started = time.monotonic()
    assert trace.keep(a_turn("after"))
    assert time.monotonic() - started < 2
    go_on.set()
    thread.join(10)
    assert raised
    assert {turn.id for turn in trace.turns()} == {"a1", "after"}
    with pytest.raises(SkillError), lease.open():
        pass


@pytest.mark.parametrize(("tier", "says"), [("shipped", "stop() (score 0.04)"), ("decline", "stop() (4%)")])
def test_a_runner_up_is_shown_with_what_is_known_of_it(
    capfd: pytest.CaptureFixture[str], tier: Tier, says: str
) -> None:
    """A call that was declined has a confidence; another that was weighed has the model's own score alone."""
    others = (Candidate(call="stop()", probability=0.04),)
    decision = Decision(skill="none", confidence=0.9, runner_ups=others, tier=tier)
    Trace(Database(load_settings().paths.data / FILE)).keep(a_turn().model_copy(update={"decision": decision}))
    assert main(["trace", "show", "last"]) == 0
    assert f"or         {says}" in capfd.readouterr().out.splitlines()
