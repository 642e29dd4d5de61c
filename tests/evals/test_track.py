"""Tracking, as far as the journal goes; the stores that show it have a file of their own."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from assistant.commands.frame import UsageError
from assistant.config import Settings, load_settings
from assistant.skill import SkillError
from evals import machine
from evals.intervals import Share
from evals.track import Terminated, Tracked, tracked
from evals.track.journal import Record, find, records, tracking_folder

ROOT = Path(__file__).parents[2]
WAITING = """
import sys, time
from assistant.config import load_settings
from evals.track import tracked

with tracked(load_settings(), kind="train", name=sys.argv[1]) as run:
    for step in range(int(sys.argv[2])):
        run.metric("loss", 1 / (step + 1), step=step)
    print(run.id, flush=True)
    time.sleep(float(sys.argv[3]))
"""


@contextlib.contextmanager
def another_process(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that tracks a run, and the run's identifier; it is over at the end."""
    with subprocess.Popen([sys.executable, "-c", WAITING, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True) as made:
        assert made.stdout is not None
        try:
            yield made, made.stdout.readline().strip()
        finally:
            made.kill()


def only(settings: Settings) -> Record:
    (record,) = records(settings)
    return record


def test_all_that_a_run_was_is_kept(tmp_path: Path) -> None:
    """Inputs and models with checksums, settings, code, machine, packages, figures, files and remarks are there."""
    settings, rows, card = load_settings(), tmp_path / "rows.jsonl", tmp_path / "card.md"
    rows.write_text("{}\n")
    card.write_text("# a card")
    with tracked(settings, kind="train", name="doll", inputs={"rows": rows, "rate": 0.1}) as run:
        run.metric("loss", 0.5, step=1)
        run.metric("loss", 0.25, step=2)
        run.metrics({"skill": Share(9, 10, 0.6, 0.98), "worst": float("inf")})
        run.artefact(card)
        run.note("the first try")
        assert only(settings).status == "running"
    record = only(settings)
    assert (record.id, record.name, record.kind, record.status) == (run.id, "doll", "train", "done")
    assert record.meta["inputs"]["rate"] == 0.1
    assert record.meta["inputs"]["rows"]["sha256"] == "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356"
    assert len(record.meta["models"]["skill"]) == 64
    assert record.meta["settings"]["decide"]["threshold"] == settings.decide.threshold
    assert {"cpu", "cores", "memory_mb", "os", "python"} <= record.meta["machine"].keys()
    assert len(record.meta["code"]["sources"]) == 64
    assert json.loads((record.artefacts / "packages.json").read_text())["pytest"] == pytest.__version__
    assert [(line["value"], line.get("step")) for line in record.metrics()[:2]] == [(0.5, 1), (0.25, 2)]
    assert (record.figures()["skill"]["low"], record.figures()["skill"]["n"]) == (0.6, 10)
    assert record.figures()["worst"]["value"] == float("inf")
    assert (record.artefacts / "card.md").read_text() == "# a card"
    assert record.notes() == ["the first try"]


def test_a_file_that_stays_where_it_is_is_kept_by_its_checksum(tmp_path: Path) -> None:
    """With copy=False nothing of the file's content comes into the journal; a folder has one checksum."""
    settings, diary = load_settings(), tmp_path / "diary"
    diary.mkdir()
    (diary / "evidence.jsonl").write_text("what somebody said at home")
    with tracked(settings, kind="eval", name="mine") as run:
        run.artefact(diary, copy=False)
        run.artefact(diary)
        run.artefact(diary)
    record = only(settings)
    kept = [file.relative_to(record.artefacts).as_posix() for file in record.artefacts.rglob("*.jsonl")]
    assert sorted(kept) == ["diary-2/evidence.jsonl", "diary/evidence.jsonl"]
    first, second, _ = record.meta["artefacts"]
    assert first["path"] == str(diary)
    assert (first["sha256"], first["bytes"], first["copy"]) == (second["sha256"], 26, "")


@pytest.mark.parametrize(
    ("left_by", "status", "reason"),
    [
        (ValueError("no such row\nand more"), "failed", "ValueError: no such row"),
        (SkillError("there are no rows"), "failed", "there are no rows"),
        (KeyboardInterrupt(), "interrupted", "Ctrl-C"),
        (Terminated(signal.SIGTERM), "interrupted", "SIGTERM"),
        (SystemExit(0), "done", ""),
        (SystemExit("broken"), "failed", "SystemExit: broken"),
        (typer.Exit(0), "done", ""),
        (typer.Exit(1), "failed", "Exit: 1"),
    ],
)
def test_how_a_block_is_left_is_the_status(left_by: BaseException, status: str, reason: str) -> None:
    """An error passes through and is written down; Ctrl-C is an interruption, a quiet exit none."""
    settings = load_settings()
    with pytest.raises(type(left_by)), tracked(settings, kind="eval", name="quick"):
        raise left_by
    assert (only(settings).status, only(settings).meta["reason"]) == (status, reason)


def test_ctrl_c_while_a_run_begins_is_an_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept beside a run takes a while; whoever breaks that off is not taken for a kill."""

    def packages() -> dict[str, str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(machine, "packages", packages)
    with pytest.raises(KeyboardInterrupt), tracked(load_settings(), kind="eval", name="quick"):
        pass
    record = only(load_settings())
    assert (record.status, record.meta["reason"]) == ("interrupted", "Ctrl-C")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_an_interruption(number: signal.Signals) -> None:
    """A process that is asked to end writes so, and ends with the shell's code for that signal."""
    with another_process("asked", "3", "50") as (process, run):
        process.send_signal(number)
        assert process.wait(30) == 128 + number
    record = only(load_settings())
    assert (record.id, record.status, record.meta["reason"]) == (run, "interrupted", number.name)


def test_signals_are_given_back() -> None:
    """Outside of the block a signal does what it did before, and whoever handles it himself goes on doing so."""
    with tracked(load_settings(), kind="eval", name="a"):
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    handled = []
    before = signal.signal(signal.SIGTERM, lambda *_: handled.append(1))
    try:
        with tracked(load_settings(), kind="eval", name="b"):
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.01)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert handled == [1]


def test_a_child_that_is_ended_does_not_end_the_run() -> None:
    """A forked process that is told to end, as those that load data are, dies of it and leaves the run alone."""
    settings = load_settings()
    with tracked(settings, kind="train", name="doll"):
        child = os.fork()
        if child == 0:
            os.kill(os.getpid(), signal.SIGTERM)
            os._exit(3)
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGTERM
        assert only(settings).status == "running"
    assert only(settings).status == "done"


def test_a_killed_run_is_found_out() -> None:
    """After kill -9 the run is interrupted, with every figure that it had; while it lives it is running."""
    settings = load_settings()
    with another_process("killed", "40", "50") as (process, run):
        assert only(settings).status == "running"
        process.kill()
        process.wait(30)
    record = only(settings)
    assert (record.id, record.status) == (run, "interrupted")
    assert "killed" in record.meta["reason"]
    assert [line["step"] for line in record.metrics()] == list(range(40))
    assert record.figures()["loss"]["value"] == 1 / 40
    assert json.loads((record.folder / "run.json").read_text())["status"] == "interrupted"


def test_another_machines_run_is_left_alone() -> None:
    """A process that cannot be seen from here is not taken for dead; one from before a restart of this machine is."""
    mark = machine.this_process()
    assert not machine.is_gone(mark)
    assert not machine.is_gone({**mark, "host": "elsewhere", "pid": 2**22 + 1})
    assert machine.is_gone({**mark, "boot": "another"})
    assert machine.is_gone({**mark, "started": mark["started"] - 1})


def test_runs_at_the_same_time_do_not_meet() -> None:
    """Two processes that track at once leave two whole runs."""
    with another_process("one", "300", "0") as (first, _), another_process("two", "300", "0") as (second, _):
        assert (first.wait(50), second.wait(50)) == (0, 0)
    found = records(load_settings())
    assert sorted((one.name, one.status, len(one.metrics())) for one in found) == [
        ("one", "done", 300), ("two", "done", 300),
    ]  # fmt: skip


def test_a_run_inside_another_names_it() -> None:
    """An evaluation within a training has the training as its parent."""
    settings = load_settings()
    with tracked(settings, kind="learn", name="outer") as outer, tracked(settings, kind="eval", name="inner"):
        pass
    parents = {one.name: one.meta["parent"] for one in records(settings)}
    assert parents == {"outer": "", "inner": outer.id}


def use(run: Tracked, file: Path) -> int:
    run.metric("loss", 1.0)
    run.artefact(file)
    run.note("a word")
    return 42


def test_a_disk_that_refuses_is_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where nothing can be written, the work goes on, and that it is not tracked is said once."""
    taken = tmp_path / "taken"
    taken.write_text("a file, where a folder is needed")
    settings = load_settings(None, {}, [f"tracking.folder={taken}", "tracking.to=files"])
    with caplog.at_level(logging.WARNING), tracked(settings, kind="eval", name="quick") as run:
        assert use(run, taken) == 42
    assert [record.message.partition(":")[0] for record in caplog.records] == ["this run is not tracked"]


def test_a_disk_that_refuses_later_is_one_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A run whose folder goes away under it comes to its end all the same."""
    settings, file = load_settings(), tmp_path / "file"
    file.write_text("x")
    with caplog.at_level(logging.WARNING), tracked(settings, kind="eval", name="quick") as run:
        only(settings).folder.rename(tmp_path / "away")
        assert use(run, file) == 42
    assert [record.message.partition(":")[0] for record in caplog.records] == ["not all of this run is tracked"]


def test_what_cannot_be_kept_costs_itself_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file that is gone is said; figures and the end are kept. A name that is no UTF-8 is kept with escapes."""
    settings, odd = load_settings(), tmp_path / os.fsdecode(b"r\xe9")
    odd.touch()
    with caplog.at_level(logging.WARNING), tracked(settings, kind="eval", name="quick", inputs={"rows": odd}) as run:
        run.artefact(tmp_path / "gone")
        run.metric("right", 0.5)
        run.note(f"rows from {odd}")
    assert [record.message.partition(":")[0] for record in caplog.records] == ["not all of this run is tracked"]
    record = only(settings)
    assert (record.meta["status"], record.figures()["right"]["value"]) == ("done", 0.5)
    assert record.notes() == [f"rows from {odd}"]
    assert record.meta["inputs"]["rows"]["path"] == str(odd)


def test_off_is_off() -> None:
    """With tracking.to = "off" nothing is written."""
    settings = load_settings(None, {"HARK_TRACKING__TO": "off"})
    with tracked(settings, kind="eval", name="quick") as run:
        run.metric("skill", 1.0)
    assert run.id == ""
    assert not tracking_folder(settings).exists()


def test_no_secret_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a token of the settings nor one of the command line, nor where the household lives, is in any file."""
    flags = ["skills.home.token=hush-hush", "household.place=Lyon", "models.server_url=http://me:hush-hush@host/v1"]
    settings = load_settings(None, {"HARK_TRACKING__TO": "files"}, flags)
    monkeypatch.setattr(sys, "orig_argv", ["python", "hark", "--set", flags[0], "eval", "run", "quick"])
    with tracked(settings, kind="eval", name="quick"):
        pass
    record = only(settings)
    assert record.meta["command"][3] == "skills.home.token=***"
    for file in record.folder.rglob("*.json"):
        assert "hush-hush" not in file.read_text()
        assert "Lyon" not in file.read_text()


def test_of_what_was_set_only_what_is_kept_stands_in_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address and a place are masked however they were said; what a run keeps, numbers and a set are not."""
    words = ["hark", "--set", "models.server_url=http://192.168.1.7:8000", "--set=household.place=Lisbon"]
    words += ["--set", "skills.alarm.pin=1234", "--set=household.place=10115"]
    words += ["--set", "models.threads=4", "--set=speech.rate=100", "eval", "run", "quick", "--data=sets"]
    monkeypatch.setattr(sys, "orig_argv", words)
    settings = load_settings()
    with tracked(settings, kind="eval", name="quick"):
        pass
    masked = ["hark", "--set", "models.server_url=***", "--set=household.place=***"]
    masked += ["--set", "skills.alarm.pin=***", "--set=household.place=***"]
    assert only(settings).meta["command"] == [*masked, *words[7:]]


def test_a_run_is_found_by_id_name_or_place() -> None:
    """A name that several have means the latest; an unknown one is one sentence."""
    settings = load_settings()
    ids = []
    for name in ("a", "b", "a"):
        with tracked(settings, kind="eval", name=name) as run:
            ids.append(run.id)
        time.sleep(1.1 if name == "b" else 0)
    every = [one.id for one in records(settings)]
    assert sorted(every) == sorted(ids)
    assert find(settings, "a").id == ids[2] == find(settings, "last").id
    assert find(settings, "b").id == ids[1] == find(settings, ids[1]).id
    with pytest.raises(UsageError, match="no tracked run c"):
        find(settings, "c")


# --- the state of the code --------------------------------------------------------------------------------------------


def git(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b.example"]
    done = subprocess.run(["git", *identity, *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository that holds, as this one does, evals/machine.py."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    (tmp_path / "evals").mkdir()
    (tmp_path / "evals/machine.py").write_text("ONE = 1\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    machine._sources.cache_clear()
    yield tmp_path
    machine._sources.cache_clear()


def test_what_is_not_committed_is_kept(repository: Path) -> None:
    """The diff has changed and new files of code; git's own index is not touched, and a clean state has no diff."""
    clean = machine.code(with_diff=True)
    assert (clean.commit, clean.dirty, clean.diff) == (git(repository, "rev-parse", "HEAD").strip(), False, "")
    (repository / "evals/machine.py").write_text("ONE = 11\n")
    (repository / "evals/new.py").write_text("TWO = 2\n")
    (repository / "said.jsonl").write_text("what somebody said")
    found = machine.code(with_diff=True)
    assert found.dirty
    assert not found.cut
    assert "+ONE = 11" in found.diff
    assert "+TWO = 2" in found.diff
    assert "somebody" not in found.diff
    assert git(repository, "status", "--porcelain").split() == ["M", "evals/machine.py", "??", "evals/new.py", "??",
                                                               "said.jsonl"]  # fmt: skip


def test_a_large_diff_is_cut(repository: Path) -> None:
    """No more than MOST_DIFF bytes of changes are kept, and that it was cut is said."""
    (repository / "evals/machine.py").write_text("ONE = 1\n" * machine.MOST_DIFF)
    found = machine.code(with_diff=True)
    assert found.cut
    assert len(found.diff) == machine.MOST_DIFF


def test_code_outside_of_git_has_a_state_too(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git the sources have a checksum that changes with them; a copy in a foreign repository has no commit."""
    before = machine.code().sources
    git(repository, "rm", "--quiet", "--cached", "evals/machine.py")
    assert machine.code().commit == ""
    monkeypatch.setenv("PATH", str(repository))
    assert machine.code() == machine.Code("", False, before)
    (repository / "evals/machine.py").write_text("ONE = 11\n")
    machine._sources.cache_clear()
    assert machine.code().sources != before
