from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.turn import Decision
from evals.voice import Heard, main, read_heard, same, survived

CALLS = {
    "ten minutes": Decision(skill="set_timer", words={"duration": "ten minutes"}, args={"duration": 600}),
    "10 minutes": Decision(skill="set_timer", words={"duration": "10 minutes"}, args={"duration": 600}),
    "ten minute": Decision(skill="set_timer", words={"duration": "ten minute"}, args={"duration": 600}),
    "two minutes": Decision(skill="set_timer", words={"duration": "two minutes"}, args={"duration": 120}),
    "": Decision(skill="none"),
}


def test_calls_are_compared_by_their_values() -> None:
    """Ten minutes is 10 minutes, and is not two."""
    assert same(CALLS["ten minutes"], CALLS["10 minutes"])
    assert not same(CALLS["ten minutes"], CALLS["two minutes"])
    assert not same(CALLS["ten minutes"], CALLS[""])


def test_what_survives_is_counted_by_voice_and_over_all() -> None:
    """A clip whose words were misheard harmlessly survives; one whose value changed keeps its skill alone."""
    clips = [
        Heard("rms", "ten minutes", "ten minute", "clean", "grown"),
        Heard("rms", "ten minutes", "two minutes", "clean", "grown"),
        Heard("amy", "ten minutes", "", "clean", "written"),
        Heard("human clips", "ten minutes", "10 minutes"),
    ]
    found = survived(clips, lambda said: CALLS[said.text])
    assert (found["rms clean"].skill.right, found["rms clean"].call.right) == (2, 1)
    every = found["all held-out voices, clean"]
    assert (every.skill.right, every.call.right, every.call.n) == (2, 1, 3)
    assert found["human clips"].call.value == 1.0
    assert found["all held-out voices, clean, written"].call.n == 1
    assert every.call.low < every.call.value < every.call.high


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    """The reader names file and line of a case that is none, and leaves out clips without right words."""
    path = tmp_path / "cases.jsonl"
    good = {"group": "g", "wanted": "a", "heard": "b", "condition": "", "origin": ""}
    path.write_text(json.dumps(good) + "\n" + json.dumps({**good, "wanted": ""}) + "\n", encoding="utf-8")
    assert read_heard(path) == [Heard("g", "a", "b")]
    path.write_text(json.dumps(good) + "\n{}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"cases\.jsonl:2"):
        read_heard(path)


def test_a_file_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The command ends with 1 and one line."""
    monkeypatch.setattr("sys.argv", ["voice", "/nowhere/cases.jsonl"])
    assert main() == 1
    assert "cases.jsonl" in capsys.readouterr().err
