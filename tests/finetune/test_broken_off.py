"""Ctrl-C in work of many minutes: one sentence on what there is, and how to go on."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.cli import main
from finetune.commands import finetune as command
from finetune.data.build import Build
from finetune.larger import sweep
from finetune.larger.steps import CHECKPOINT, NOTES, Pipeline

RECIPE = 'name = "doll"\nmethod = "lora"\nscore_on = []\n[base]\nmodel = "somebody/something"\n'
SWEEP = 'name = "x"\nkind = "eval"\nset = "quick"\n[variants.a]\n"decide.threshold" = 0.5\n'


def interrupt(*_: object) -> None:
    """Ctrl-C."""
    raise KeyboardInterrupt


def said(capfd: pytest.CaptureFixture[str], *words: str) -> str:
    """The one sentence of a command that is broken off."""
    assert main(words) == 130
    out, err = capfd.readouterr()
    assert out == ""
    (sentence,) = [line for line in err.splitlines() if line.startswith("hark: ")]
    return sentence


@pytest.mark.parametrize(
    ("kept", "more"), [([], ""), (["heard.jsonl.kept"], ", with what was paraphrased and heard so far")]
)
def test_growing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], kept: list[str], more: str
) -> None:
    """Nothing of the folder is finished; what took long to get is named where there is some."""
    monkeypatch.setattr(Build, "run", interrupt)
    for name in kept:
        (tmp_path / name).touch()
    assert said(capfd, "data", "grow", "--to", str(tmp_path)) == (
        f"hark: stopped before all of {tmp_path} was written; the same command begins again{more}."
    )


@pytest.mark.parametrize(
    ("here", "way_on"),
    [
        ({}, "there was no checkpoint yet, and the same command begins again"),
        ({CHECKPOINT: ""}, "the same command with --resume goes on from WORK/checkpoint.pt"),
        (
            {CHECKPOINT: "", NOTES: '{"train": {"from": "a"}}'},
            "what is done is kept, and the same command goes on with the rest",
        ),
    ],
)
def test_a_fine_tuning(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    here: dict[str, str],
    way_on: str,
) -> None:
    """--resume is named where there is something to resume."""
    monkeypatch.setattr(command, "_check_extra", lambda: None)
    monkeypatch.setattr(Pipeline, "run", interrupt)
    for name, content in here.items():
        (tmp_path / name).write_text(content)
    (tmp_path / "doll.toml").write_text(RECIPE)
    found = said(capfd, "finetune", str(tmp_path / "doll.toml"), "--work", str(tmp_path))
    assert found == f"hark: stopped; {way_on.replace('WORK', str(tmp_path))}."


def test_a_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """One of evaluations begins again, beside the runs that it made."""
    monkeypatch.setattr(sweep, "run_here", interrupt)
    (tmp_path / "x.toml").write_text(SWEEP)
    found = said(capfd, "finetune", "sweep", str(tmp_path / "x.toml"), "--work", str(tmp_path / "work"))
    assert found == "hark: stopped; the same command begins again; the runs made so far are kept."
