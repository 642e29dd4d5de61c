"""A run is a folder: its evidence outlives whatever ends it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.commands.frame import UsageError
from assistant.config import Settings, load_settings
from assistant.skill import SkillError
from evals import runs
from evals.cases import Case
from evals.runs import Evidence, Inputs

INPUTS = Inputs("quick", "ab" * 32, 3, {"skill": "cd" * 32}, "p1", "s1", options={"limit": None, "noise": []})
FIRST = Evidence(
    Case("set a timer", "set_timer", {"duration": "five minutes"}, tags=("demo",), also=({"skill": "none"},)),
    "set_timer",
    {"duration": "five minutes"},
    0.9,
    args={"duration": 300},
    tier="shipped",
    expected=({"skill": "set_timer", "words": {"duration": "five minutes"}, "args": {"duration": 300}},),
    kind="voice",
    heard="set a timer",
    runner_ups=({"call": "stop()", "probability": 0.1},),
    ms={"decide": 3.2, "transcribe": 80.5},
    voice="en+f3",
    snr_db=10.0,
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(None, {}, [f"paths.data={tmp_path}"])


def _half_run(settings: Settings, name: str = "half") -> runs.Run:
    """A run that Ctrl-C ended after two of three cases."""
    with pytest.raises(KeyboardInterrupt), runs.start(settings, INPUTS, name) as recorder:
        recorder.add(FIRST)
        recorder.add(Evidence(Case("stop", "stop"), "stop"))
        raise KeyboardInterrupt
    return runs.load(name, settings)


def test_evidence_is_the_same_after_it_was_written(settings: Settings) -> None:
    """Every field of a line comes back as it was."""
    with runs.start(settings, replace(INPUTS, n=1), "a") as recorder:
        recorder.add(FIRST)
    run = runs.load("a", settings)
    assert run.evidence() == (FIRST,)
    assert run.meta["status"] == runs.DONE
    assert run.score() is None


def test_a_line_has_the_fields_that_others_read(settings: Settings) -> None:
    """The names in a line of evidence and in run.json are a contract."""
    run = _half_run(settings)
    line = json.loads((run.folder / runs.EVIDENCE).read_text(encoding="utf-8").splitlines()[0])
    assert {
        "case",
        "kind",
        "heard",
        "skill",
        "words",
        "args",
        "confidence",
        "tier",
        "runner_ups",
        "ms",
        "failed",
    } <= set(line)
    assert {
        "name", "set", "set_sha256", "n", "started", "finished", "status", "git", "machine", "models", "prompt_hash",
        "skills_hash", "settings", "seed", "options",
    } <= set(run.meta)  # fmt: skip
    assert set(run.meta["git"]) >= {"commit", "dirty"}


def test_each_line_is_there_when_it_was_added(settings: Settings) -> None:
    """Another program sees a case's evidence at once, so that no kill can take it."""
    with runs.start(settings, INPUTS, "a") as recorder:
        for count in (1, 2):
            recorder.add(FIRST)
            assert len(runs.load("a", settings).evidence()) == count


@pytest.mark.parametrize(
    ("error", "status"), [(KeyboardInterrupt, "interrupted"), (SystemExit, "interrupted"), (OSError, "failed")]
)
def test_how_it_ended_is_kept(settings: Settings, error: type[BaseException], status: str) -> None:
    """Interrupted and failed are two things."""
    with pytest.raises(error), runs.start(settings, INPUTS, "a"):
        raise error
    assert runs.load("a", settings).meta["status"] == status


def test_a_torn_line_is_cut_off_and_the_run_goes_on(settings: Settings) -> None:
    """What a kill left of a line is no evidence; the run continues after the last whole one."""
    run = _half_run(settings)
    with (run.folder / runs.EVIDENCE).open("a", encoding="utf-8") as lines:
        lines.write('{"case": {"text": "what ti')
    assert len(run.evidence()) == 2
    last = Evidence(Case("what time is it", "tell_time"), "tell_time")
    with runs.resume(run, INPUTS) as recorder:
        assert recorder.done == 2
        recorder.add(last)
    found = runs.load("half", settings)
    assert found.evidence()[2] == last
    assert found.meta["status"] == runs.DONE
    assert len(found.meta["resumed"]) == 1


def test_a_spoilt_line_is_named(settings: Settings) -> None:
    """A whole line that is no evidence is said with its number, and nothing is scored over it."""
    run = _half_run(settings)
    path = run.folder / runs.EVIDENCE
    path.write_text("{}\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(SkillError, match=r"line 1 of .*evidence\.jsonl is no evidence"):
        run.evidence()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"set_sha256": "00"}, "the cases of the set changed"),
        ({"models": {"skill": "00"}}, "the skill model changed"),
        ({"models": {}}, "the skill model changed"),
        ({"prompt_hash": "p2"}, "the prompt changed"),
        ({"skills_hash": "s2"}, "the skills changed"),
        ({"options": {"limit": 5, "noise": []}}, "the option limit changed"),
        ({"set": "own", "options": {"noise": [], "from": "/own"}}, "the set's name and where the set lies changed"),
        ({"options": {"limit": None, "noise": [], "clock": "noon"}}, "the clock changed"),
        ({"settings": {"decide": {"threshold": 0.1}}}, "the settings of decide changed"),
        ({"prompt_hash": "p2", "skills_hash": "s2", "seed": 3}, "the prompt, the skills and the seed changed"),
    ],
)
def test_what_changed_is_said_and_nothing_goes_on(settings: Settings, change: dict[str, Any], said: str) -> None:
    """A run is continued only with what it was begun with."""
    run = _half_run(settings)
    with pytest.raises(UsageError, match=f"the run half cannot be continued, for {said} since"):
        runs.resume(run, replace(INPUTS, **change))
    assert len(runs.load("half", settings).evidence()) == 2


def test_a_run_whose_process_is_gone_was_interrupted(settings: Settings) -> None:
    """run.json still says "running" after a kill; whoever reads it is told better, and a live run is left alone."""
    code = (
        "import os, sys; from assistant.config import load_settings; from evals import runs;"
        "recorder = runs.start(load_settings(None, {}, ['paths.data=' + sys.argv[1]]),"
        " runs.Inputs('quick', 'ab' * 32, 3, {}, 'p1', 's1'), 'killed').__enter__(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code, str(settings.paths.data)], check=False, timeout=50)
    assert json.loads((settings.paths.data / "runs" / "killed" / "run.json").read_text())["status"] == "running"
    assert runs.load("killed", settings).meta["status"] == "interrupted"
    recorder = runs.start(settings, INPUTS, "alive")
    with pytest.raises(UsageError, match="the run alive is still running"):
        runs.resume(runs.load("alive", settings), INPUTS)
    assert recorder.done == 0


def test_two_who_go_on_with_one_run_count_no_case_twice(settings: Settings) -> None:
    """Both saw it interrupted; the second is told who has it, and where the first has come to its end, that it has."""
    _half_run(settings)
    first, second = (runs.load("half", settings) for _ in range(2))
    recorder = runs.resume(first, INPUTS)
    with pytest.raises(UsageError, match="the run half is still running, in another process"):
        runs.resume(second, INPUTS)
    with recorder:
        recorder.add(FIRST)
    assert len(runs.load("half", settings).evidence()) == 3


def test_who_is_refused_a_run_keeps_nobody_else_from_it(settings: Settings) -> None:
    """The evidence is let go of where something has changed, also while the sentence is still at hand."""
    run = _half_run(settings)
    with pytest.raises(UsageError, match="the prompt changed since") as caught:
        runs.resume(run, replace(INPUTS, prompt_hash="p2"))
    with runs.resume(run, INPUTS):
        pass
    assert caught.value is not None


@pytest.mark.parametrize(
    "line",
    ["{}", '{"case": {"text": "a"}, "ms": {"decide": "x"}}', '{"case": {"text": "a"}, "confidence": null}',
     '{"case": {"text": "a"}, "snr_db": NaN}'],
)  # fmt: skip
def test_a_spoilt_line_is_named_and_the_run_stays_as_it_was(settings: Settings, line: str) -> None:
    """Before anything goes on."""
    run = _half_run(settings)
    with (run.folder / runs.EVIDENCE).open("a", encoding="utf-8") as lines:
        lines.write(line + "\n")
    with pytest.raises(SkillError, match=r"line 3 of .* is no evidence .*; delete it and resume the run"):
        runs.resume(run, INPUTS)
    assert runs.load("half", settings).meta["status"] == runs.INTERRUPTED


def test_a_seed_that_is_none_is_one_sentence(settings: Settings) -> None:
    """Whoever edited run.json is told where."""
    path = _half_run(settings).folder / runs.META
    path.write_text(json.dumps(json.loads(path.read_text()) | {"seed": "abc"}))
    with pytest.raises(SkillError, match=r"the seed in .*run\.json is no whole number"):
        runs.load("half", settings)


def test_a_run_is_whole_or_not_there(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while its folder is made leaves none, so that the name is free; an empty folder gives way."""

    def interrupted(path: Path, value: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(runs, "_write_object", interrupted)
        runs.start(settings, INPUTS, "a")
    assert list(runs.runs_folder(settings).iterdir()) == []
    (runs.runs_folder(settings) / "a").mkdir()
    with runs.start(settings, INPUTS, "a"):
        pass
    assert [run.name for run in runs.all(settings)] == ["a"]
    assert (runs.runs_folder(settings) / "a" / runs.EVIDENCE).read_text() == ""


def test_a_run_that_cannot_be_read_stops_no_other(settings: Settings) -> None:
    """A run.json that is no file, or no JSON, is passed over where all runs are listed."""
    _half_run(settings)
    for name in ("folder", "torn"):
        (runs.runs_folder(settings) / name).mkdir()
    (runs.runs_folder(settings) / "folder" / runs.META).mkdir()
    (runs.runs_folder(settings) / "torn" / runs.META).write_text("{")
    assert [run.name for run in runs.all(settings)] == ["half"]
    assert runs.load("last", settings).name == "half"


def test_names_are_taken_once(settings: Settings) -> None:
    """A name that is taken is refused; without one, every run gets its own."""
    _half_run(settings)
    with pytest.raises(UsageError, match="there is a run half already"):
        runs.start(settings, INPUTS, "half")
    unnamed = {runs.start(settings, INPUTS).run.name for _ in range(3)}
    assert len(unnamed) == 3
    assert all("quick" in name for name in unnamed)


@pytest.mark.parametrize("name", ["a/b", "..", "", " x", "-x", ".hidden", "last"])
def test_a_name_is_no_path(settings: Settings, name: str) -> None:
    """A name cannot lead out of the folder of runs, nor be the word for the latest of them."""
    if name:
        with pytest.raises(UsageError, match="no name for a run"):
            runs.start(settings, INPUTS, name)
    else:
        assert runs.start(settings, INPUTS, name).run.folder.parent == settings.paths.data / "runs"


def test_runs_are_found_by_name_by_path_and_as_the_last(settings: Settings) -> None:
    """`last` is the one that was started last; a spoilt folder costs itself; what is not there is one sentence."""
    with pytest.raises(UsageError, match="there is no run yet"):
        runs.load("last", settings)
    first, second = (_half_run(settings, name) for name in ("a", "b"))
    (settings.paths.data / "runs" / "spoilt").mkdir()
    (settings.paths.data / "runs" / "spoilt" / "run.json").write_text("{", encoding="utf-8")
    assert [run.name for run in runs.all(settings)] == ["a", "b"]
    assert runs.load("last", settings).folder == second.folder
    assert runs.load(str(first.folder), settings).meta == first.meta
    with pytest.raises(UsageError, match="there is no run c"):
        runs.load("c", settings)
