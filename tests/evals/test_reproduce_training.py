"""`hark eval reproduce` of a training: trained anew, in a folder of its own, from what it was made from."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.assemble import open_database, open_skills
from assistant.cli import main
from assistant.config import Settings, load_settings
from assistant.skill import Call
from assistant.trace import Label, Trace
from assistant.turn import Decision, Reply, Transcript, Turn
from evals.track import repeat, tracked
from evals.track.anew import make_folder, plan_again
from evals.track.inputs import LABELLED, labelled_turns, skills_of
from evals.track.journal import Record, find

TRAINING = """
import pathlib, sys
from assistant.config import load_settings
from evals.track import tracked

rows, losses = map(pathlib.Path, sys.argv[1:])
with tracked(load_settings(), kind="train", name="doll", inputs={"rows": rows}) as run:
    for step, loss in enumerate(losses.read_text().split()):
        run.metric("loss", float(loss), step=step)
    run.metric("took_s", __import__("time").time())
"""


@pytest.fixture
def training(tmp_path: Path) -> list[str]:
    """A training that was run: the command."""
    (tmp_path / "train.py").write_text(TRAINING)
    (tmp_path / "rows.jsonl").write_text("{}\n")
    (tmp_path / "losses").write_text("2.0 0.5")
    root = Path(__file__).parents[2]
    command = [sys.executable, str(tmp_path / "train.py"), str(tmp_path / "rows.jsonl"), str(tmp_path / "losses")]
    subprocess.run(command, check=True, cwd=root)
    return command


def test_a_training_says_how_and_is_run_when_asked(
    training: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Without --train the exact command is printed; with it the figures are compared, times left out."""
    assert main(["eval", "reproduce", "doll"]) == 0
    assert " ".join(training) in capfd.readouterr().out
    first = find(load_settings(), "last").id
    assert main(["eval", "reproduce", "doll", "--train"]) == 0
    assert "the same: all 1 as before" in capfd.readouterr().out
    assert find(load_settings(), "last").id != first
    (tmp_path / "losses").write_text("2.0 0.6")
    assert main(["eval", "reproduce", first, "--train", "--json"]) == 1
    told = json.loads(capfd.readouterr().out)
    assert told["different"] == [{"what": "loss", "before": "0.5", "after": "0.6"}]
    assert (told["run"], told["same"]) == (first, False)


WAITING = """
import time
from assistant.config import load_settings
from evals.track import tracked

with tracked(load_settings(), kind="train", name="doll") as run:
    run.metric("loss", 0.5, step=1)
    try:
        print("at work", flush=True)
        time.sleep(float(load_settings().paths.data.joinpath("seconds").read_text()))
    except KeyboardInterrupt:
        time.sleep(1)  # as a step of a larger model that is under way
        raise
"""


@pytest.mark.parametrize("whole_group", [True, False])
def test_a_training_that_is_broken_off_writes_down_how_it_was_left(
    whole_group: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C in a terminal reaches it, and it has time to end; a signal to the command alone ends it, too."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    seconds = load_settings().paths.data / "seconds"
    seconds.parent.mkdir(parents=True, exist_ok=True)
    seconds.write_text("0")
    (tmp_path / "train.py").write_text(WAITING)
    subprocess.run([sys.executable, str(tmp_path / "train.py")], check=True)
    seconds.write_text("50")
    hark = f"from evals.commands import reproduce; reproduce.TO_END_S = {10 if whole_group else 0.5}"
    hark += "; from assistant.cli import main; raise SystemExit(main(['eval', 'reproduce', 'doll', '--train']))"
    with subprocess.Popen(
        [sys.executable, "-c", hark], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as it:
        assert it.stderr is not None
        while "at work" not in it.stderr.readline():
            assert it.poll() is None
        (os.killpg if whole_group else os.kill)(it.pid, signal.SIGINT)
        errors = it.stderr.read()
    assert (it.returncode, "nothing was compared; doll is as it was" in errors) == (130, True)
    record = find(load_settings(), "last")
    reason = "Ctrl-C" if whole_group else "SIGTERM"
    assert (record.status, record.meta["reason"]) == ("interrupted", reason)


def test_a_training_whose_data_changed_is_not_run(
    training: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Changed and missing inputs are named, with exit code 1 and no new run."""
    first = find(load_settings(), "last").id
    (tmp_path / "rows.jsonl").write_text("{}\n{}\n")
    assert main(["eval", "reproduce", "doll", "--train"]) == 1
    assert f"rows has changed: {tmp_path / 'rows.jsonl'} was ca3d163bab05" in capfd.readouterr().err
    (tmp_path / "rows.jsonl").unlink()
    assert main(["eval", "reproduce", "doll"]) == 1
    assert f"rows is not there: {tmp_path / 'rows.jsonl'}" in capfd.readouterr().err
    assert find(load_settings(), "last").id == first


TUNING = """
import argparse, pathlib
from assistant.config import load_settings
from evals.track import tracked

parser = argparse.ArgumentParser()
for name in ("--rows", "--passes", "--work"):
    parser.add_argument(name, type=pathlib.Path)
parser.add_argument("--resume", action="store_true")
parser.add_argument("--breaks", action="store_true")
given = parser.parse_args()
checkpoint = given.work / "checkpoint"
if given.resume and not checkpoint.exists():
    raise SystemExit("nothing to resume")
given.work.mkdir(parents=True, exist_ok=True)
passes = int(given.passes.read_text())
inputs = {"rows": given.rows, "recipe": {"passes": passes}}
with tracked(load_settings(), kind="finetune", name="tuned", inputs=inputs) as run:
    for step in range(int(checkpoint.read_text()) if checkpoint.exists() else 0, passes):
        run.metric("loss", 1 / (step + 1), step=step)
        checkpoint.write_text(str(step + 1))
        if given.breaks:
            raise KeyboardInterrupt
    print("tuned")
"""


def tuning(folder: Path, *words: str) -> int:
    """Run what a fine-tuning does with its work folder, on rows of its own; the exit code."""
    (folder / "tune.py").write_text(TUNING)
    (folder / "rows.jsonl").write_text("{}\n")
    if not (folder / "passes").exists():
        (folder / "passes").write_text("3")
    command = [sys.executable, str(folder / "tune.py"), "--rows", "rows.jsonl", f"--passes={folder / 'passes'}"]
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.run([*command, *words], cwd=folder, env=environ, check=False, stdout=subprocess.PIPE).returncode


@pytest.mark.parametrize("resumed", [False, True])
def test_a_finished_fine_tuning_is_trained_anew(
    resumed: bool, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It begins from nothing in a work folder of its own, also where the command had gone on with an older one."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    if resumed:
        assert tuning(tmp_path, "--work", "work", "--breaks") != 0
    assert tuning(tmp_path, "--work", "work", *(["--resume"] if resumed else [])) == 0
    first = find(load_settings(), "last")
    capfd.readouterr()
    for at, name in enumerate((first.id, f"{first.id}-2")):
        assert main(["eval", "reproduce", first.id, "--train", "--json"]) == 0
        told = capfd.readouterr()
        folder = load_settings().paths.data / "repeated" / name
        assert json.loads(told.out)["same"] is True, at
        assert str(folder) in told.err and "tuned" in told.err
        again = find(load_settings(), "last")
        assert [line["step"] for line in again.metrics()] == [0, 1, 2]
        assert again.notes() == [f"repeats {first.id}; came out the same"]
        assert (folder / "checkpoint").read_text() == "3"
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["checkpoint"]


def test_a_training_that_broke_off_is_held_against_the_same_step(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The repetition may go further; its figure of the step where the first one ended is the one that counts."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    assert tuning(tmp_path, "--work=work", "--breaks") != 0
    first = find(load_settings(), "last")
    assert (first.status, first.figures()["loss"]["step"]) == ("interrupted", 0)
    whole = repeat.compare_figures(first, whole_of(tmp_path), 0.001)
    assert (whole.n, whole.same) == (1, True)


def whole_of(folder: Path) -> Record:
    """The same training in another folder, not broken off."""
    assert tuning(folder, "--work=elsewhere") == 0
    return find(load_settings(), "last")


def test_another_recipe_is_a_difference(tmp_path: Path) -> None:
    """What a training was told in numbers, and no file's checksum holds, is compared beside its figures."""
    assert tuning(tmp_path, "--work=work") == 0
    first = find(load_settings(), "last")
    (tmp_path / "passes").write_text("2")
    assert tuning(tmp_path, "--work=other") == 0
    compared = repeat.compare_figures(first, find(load_settings(), "last"), 1.0)
    assert [(one.what, one.before, one.after) for one in compared.different] == [("recipe.passes", "3", "2")]


@pytest.mark.parametrize(
    ("kind", "words", "sentence"),
    [
        ("finetune", ["hark", "finetune", "doll.toml", "--step=merge"], "was the step merge alone"),
        ("learn", ["python", "mine.py"], "was not made by the command `hark learn`"),
    ],
)
def test_what_cannot_be_trained_anew_says_why(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], kind: str, words: list[str], sentence: str
) -> None:
    """One step without those before it, and a learning of another program, end with one sentence and code 1."""
    monkeypatch.setattr(sys, "orig_argv", words)
    with tracked(load_settings(), kind=kind, name="mine"):  # type: ignore[arg-type]
        pass
    assert main(["eval", "reproduce", "mine", "--train"]) == 1
    assert sentence in (said := capfd.readouterr().err) and said.count("\n") == 1


def test_what_lay_in_the_work_folder_goes_into_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips that a training reads from its work folder are copied; the model that ships is not written to."""
    shards = tmp_path / "work" / "shards"
    shards.mkdir(parents=True)
    (shards / "0.npz").write_text("clips")
    (tmp_path / "recipe.toml").write_text("")
    said = ["python", "-m", "finetune.listening", "train", "export", "recipe.toml", "--work", "work"]
    monkeypatch.setattr(sys, "orig_argv", said)
    monkeypatch.chdir(tmp_path)
    with tracked(load_settings(), kind="train", name="ears", inputs={"recipe": Path("recipe.toml"), "clips": shards}):
        pass
    record = find(load_settings(), "ears")
    again = plan_again(record, load_settings())
    work = load_settings().paths.data / "repeated" / record.id
    assert list(again.command) == [*said[:-1], str(work), "--model", str(work / "model")]
    make_folder(record, again)
    assert [file.relative_to(work).as_posix() for file in work.rglob("*") if file.is_file()] == ["shards/0.npz"]


# --- what was learned from -------------------------------------------------------------------------------------------


def label(settings: Settings, text: str, meant: Call) -> None:
    """Keep a turn that nobody understood, and say what it meant."""
    trace = Trace(open_database(settings))
    decision = Decision(skill="none", tier="shipped")
    turn = Turn(id=text, at=settings.now(), transcript=Transcript(text=text), decision=decision, reply=Reply(text=""))
    assert trace.keep(turn)
    trace.label(turn.id, Label(meant, str(meant)))


def test_a_label_since_is_another_input(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn that was labelled, or labelled otherwise, after a learning is named, and no longer as it was."""
    settings = load_settings()
    label(settings, "louder", Call("change_volume", {"direction": "louder"}))
    monkeypatch.setattr(sys, "orig_argv", ["hark", "learn"])
    with tracked(settings, kind="learn", name="learn", inputs={LABELLED: labelled_turns(settings)}):
        pass
    assert main(["eval", "reproduce", "learn"]) == 0
    assert "its inputs are as they were" in capfd.readouterr().out
    Trace(open_database(settings)).label("louder", Label(Call("stop"), "stop()"))
    assert main(["eval", "reproduce", "learn"]) == 1
    assert "the turns that were labelled have changed: there were 1 and are 1" in capfd.readouterr().err
    label(settings, "softer", Call("stop"))
    assert main(["eval", "reproduce", "learn"]) == 1
    said = capfd.readouterr()
    assert (said.out, "there were 1 and are 2" in said.err) == ("", True)


@pytest.mark.parametrize("kind", ["learn", "finetune"])
def test_a_skill_since_is_another_input(
    kind: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A skill that was added, and so another prompt, is named."""
    settings = load_settings()
    monkeypatch.setattr(sys, "orig_argv", ["hark", "learn"])
    with tracked(settings, kind=kind, name="mine", inputs=skills_of(open_skills(settings))):  # type: ignore[arg-type]
        pass
    assert main(["eval", "reproduce", "mine"]) == 0
    folder = settings.paths.data / "skills"
    folder.mkdir(parents=True)
    (folder / "kettle.py").write_text(KETTLE)
    capfd.readouterr()
    assert main(["eval", "reproduce", "mine"]) == 1
    assert "the skills have changed; the prompt has changed" in capfd.readouterr().err


KETTLE = """
from assistant.skill import Context, skill


@skill(examples=["put the kettle on"])
def boil(context: Context) -> str:
    \"\"\"Boil water.\"\"\"
    return "on"
"""


def test_a_secret_is_not_made_up(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """A command whose secret was not kept is not run with a wrong one."""
    monkeypatch.setattr(sys, "orig_argv", ["false", "--set", "skills.home.token=abc"])
    with tracked(load_settings(), kind="train", name="secret"):
        pass
    assert main(["eval", "reproduce", "secret", "--train"]) == 1
    assert "the command held a secret" in capfd.readouterr().err
