"""The commands as a person types them, in a process of their own that can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kitchen import doll

from assistant.cli import main
from evals.cases import Case, write_cases

N = 40
HARK = [sys.executable, "-c", "import sys; from assistant.cli import main; sys.exit(main())"]


@dataclass
class House:
    """A house that decides with a doll, and runs the command in this process or in one of its own."""

    folder: Path
    captured: pytest.CaptureFixture[str]
    model: Path

    @property
    def words(self) -> list[str]:
        """What comes before the command's own words."""
        places = {"paths.data": self.folder / "data", "paths.cache": self.folder / "cache"}
        settings = {**places, "models.skill": self.model, "tracking.to": "off"}
        return [*(word for key, value in settings.items() for word in ("--set", f"{key}={value}")), "eval"]

    def hark(self, *words: object, code: int = 0) -> tuple[str, str]:
        """Run it here; returns what it wrote to both streams."""
        self.captured.readouterr()
        found = main([*self.words, *map(str, words)])
        output, errors = self.captured.readouterr()
        assert found == code, errors
        return output, errors


@pytest.fixture
def house(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> House:
    """With a set of timers."""
    cases = [
        Case(f"set a timer for {at} minutes", "set_timer", {"duration": f"{at} minutes"}) for at in range(1, N + 1)
    ]
    write_cases(tmp_path / "cases.jsonl", cases)
    return House(tmp_path, capfd, doll())


def _evidence(path: Path) -> list[dict[str, Any]]:
    """Every line but for its times."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [{key: value for key, value in line.items() if key != "ms"} for line in lines]


def _break_off(house: House, name: str, number: int) -> subprocess.Popen[str]:
    """Start a run in a process of its own, and send it a signal once it is in the middle of its work."""
    command = [*HARK, *house.words, "run", str(house.folder / "cases.jsonl"), "--name", name]
    evidence = house.folder / "data" / "runs" / name / "evidence.jsonl"
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 50
    while not (evidence.exists() and evidence.read_bytes().count(b"\n") >= 5):
        assert running.poll() is None, running.stderr and running.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.002)
    os.kill(running.pid, number)
    running.wait(timeout=50)
    return running


@pytest.mark.timeout(120)  # a process that starts, and a model three times over
def test_a_killed_run_goes_on_to_the_same_evidence(house: House) -> None:
    """kill -9 in the middle, a torn last line, `--resume`: the evidence and the score of a run that nobody killed."""
    runs = house.folder / "data" / "runs"
    killed = runs / "killed" / "evidence.jsonl"
    _break_off(house, "killed", signal.SIGKILL)
    assert 5 <= killed.read_bytes().count(b"\n") < N
    with killed.open("a", encoding="utf-8") as lines:
        lines.write('{"case": {"te')
    assert json.loads((runs / "killed" / "run.json").read_text(encoding="utf-8"))["status"] == "running"
    found = json.loads(house.hark("run", "--resume", "killed", "--json")[0])
    assert found["status"] == "done"
    house.hark("run", house.folder / "cases.jsonl", "--name", "whole")
    whole = _evidence(runs / "whole" / "evidence.jsonl")
    assert len(whole) == N
    assert _evidence(killed) == whole
    scores = [json.loads((runs / name / "score.json").read_text(encoding="utf-8")) for name in ("killed", "whole")]
    for score in scores:
        del score["run"], score["kinds"]["text"]["ms"]
    assert scores[0] == scores[1]
    compared = json.loads(house.hark("compare", "whole", "killed", "--json")[0])
    assert (compared["verdict"], compared["kinds"]["text"]["changed"]) == ("same", [])
    assert "cannot be told apart" in house.hark("compare", "whole", "killed")[0]


@pytest.mark.timeout(120)
def test_ctrl_c_says_how_to_go_on(house: House) -> None:
    """A run that is stopped by hand ends with 130, one sentence, and what was done."""
    stopped = _break_off(house, "mine", signal.SIGINT)
    assert stopped.returncode == 130
    assert stopped.stderr is not None
    assert "`hark eval run --resume mine` goes on where this was" in stopped.stderr.read()
    meta = json.loads((house.folder / "data" / "runs" / "mine" / "run.json").read_text(encoding="utf-8"))
    assert meta["status"] == "interrupted"


def test_an_old_run_is_scored_again_without_a_model(house: House) -> None:
    """Scoring reads the evidence alone: it gives the same figures with the model gone, and shows them as a table."""
    before = json.loads(house.hark("run", house.folder / "cases.jsonl", "--name", "old", "--limit", 12, "--json")[0])
    (house.folder / "data" / "runs" / "old" / "score.json").unlink()
    house.model = house.folder / "gone.gguf"
    assert json.loads(house.hark("score", "old", "--json")[0]) == before
    table, _ = house.hark("score", "last")
    assert "cases, from the words: 12 cases" in table
    assert "95 % interval" in table


def test_a_run_without_a_case_has_nothing_to_score(house: House) -> None:
    """A run that was stopped before its first case is one sentence that says how it goes on, and nothing is kept."""
    house.hark("run", house.folder / "cases.jsonl", "--name", "stopped", "--limit", 2)
    folder = house.folder / "data" / "runs" / "stopped"
    (folder / "evidence.jsonl").write_text("", encoding="utf-8")
    (folder / "score.json").unlink()
    output, errors = house.hark("score", "stopped", code=1)
    assert (output, errors.count("\n")) == ("", 1)
    assert "no case of the run stopped ran yet; `hark eval run --resume stopped` goes on" in errors
    assert not (folder / "score.json").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("run",), 2, "name a set to run"),
        (("run", "no-such-set"), 2, "there is no set"),
        (("run", "--resume", "gone"), 2, "there is no run gone"),
        (("run", "quick", "--name", "a/b"), 2, "no name for a run"),
        (("compare", "gone", "gone"), 2, "there is no run gone"),
        (("score", "last"), 2, "there is no run yet"),
    ],
)
def test_what_cannot_be_is_one_sentence(house: House, words: tuple[str, ...], code: int, said: str) -> None:
    """Wrong use is one sentence and 2, with nothing on standard output."""
    output, errors = house.hark(*words, code=code)
    assert said in errors
    assert output == ""
    assert errors.count("\n") == 1
