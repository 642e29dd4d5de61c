"""`hark eval history`: what was tracked is found again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.config import load_settings
from assistant.hub import sha256
from evals.intervals import Share
from evals.track import tracked
from evals.track.journal import find, tracking_folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs, the journal of which every test gets a copy of: making one takes tenths of a second."""
    folder = tmp_path_factory.mktemp("tracking")
    settings = load_settings(None, {}, [f"tracking.folder={folder}", "tracking.to=files"])
    with tracked(settings, kind="eval", name="monday", inputs={"set": "quick"}) as run:
        run.metrics({"text.median_ms": 11.5, "text.skill_right": Share(90, 100, 0.82, 0.95)})
    with tracked(settings, kind="train", name="listening", inputs={"recipe": {"rate": 0.001}}) as run:
        run.metric("loss", 2.0, step=1)
        run.metric("loss", 0.125, step=2)
        run.note("the kitchen noise was too loud")
    with pytest.raises(ValueError), tracked(settings, kind="eval", name="tuesday", inputs={"set": "must-pass"}) as run:
        run.metric("text.skill_right", Share(97, 100, 0.92, 0.99))
        raise ValueError("the model broke")
    return folder


@pytest.fixture
def runs(made: Path) -> None:
    shutil.copytree(made, tracking_folder(load_settings()))


def names(capfd: pytest.CaptureFixture[str], *words: str) -> list[str]:
    """The names of the runs that a search finds, in its order."""
    assert main(["eval", "history", *words, "--json"]) == 0
    return [run["name"] for run in json.loads(capfd.readouterr().out)["runs"]]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ["tuesday", "listening", "monday"]),
        (["--limit", "1"], ["tuesday"]),
        (["--kind", "eval"], ["tuesday", "monday"]),
        (["^name=.*day$"], ["tuesday", "monday"]),
        (["inputs.set=(quick|nightly)"], ["monday"]),
        (["RATE=0[.]001"], ["listening"]),
        (["decide.ask_threshold=0.35"], ["tuesday", "listening", "monday"]),
        (["status=failed"], ["tuesday"]),
        (["model broke"], ["tuesday"]),
        (["kitchen"], ["listening"]),
        (["^loss=0[.]125$"], ["listening"]),
        (["^loss=2$"], []),
        (["text.skill_right>=0.95"], ["tuesday"]),
        (["skill_right < 0.95"], ["monday"]),
        (["loss<=0.125"], ["listening"]),
        (["loss>0.125"], []),
        (["skill_right>=0.9", "--kind", "train"], []),
    ],
)
def test_runs_are_found(capfd: pytest.CaptureFixture[str], words: list[str], expected: list[str]) -> None:
    """By name, settings, inputs, reason, remark and the last of a figure; newest first; a comparison takes figures."""
    assert names(capfd, *words) == expected


@pytest.mark.usefixtures("runs")
def test_the_table_says_what_came_of_a_run(capfd: pytest.CaptureFixture[str]) -> None:
    """Each run has its date, status, figures with intervals, model, commit, reason and remarks."""
    assert main(["eval", "history"]) == 0
    text = capfd.readouterr().out
    record = find(load_settings(), "monday")
    assert f"{record.id}  eval   done    monday" in text
    assert "text.skill_right 90.0 % (82.0 to 95.0, n=100)" in text
    assert f"model {record.meta['models']['skill'][:8]}" in text
    assert f"code {(record.meta['code']['commit'] or record.meta['code']['sources'])[:8]}" in text
    assert "ValueError: the model broke" in text
    assert "note: the kitchen noise was too loud" in text
    assert "loss 0.125" in text


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("text.decide_ms", Share(42, 100, 0.40, 0.55), "text.decide_ms 0.42 (0.4 to 0.55, n=100)"),
        ("sound.word_error", Share(90, 100, 0.8, 1.1), "sound.word_error 90.0 % (80.0 to 110.0, n=100)"),
    ],
)
def test_a_figure_is_a_share_by_its_name(capfd: pytest.CaptureFixture[str], name: str, value: Share, says: str) -> None:
    """Times below a millisecond are no shares, and a word error above one is no time."""
    with tracked(load_settings(), kind="eval", name="quick") as run:
        run.metric(name, value)
    assert main(["eval", "history"]) == 0
    assert capfd.readouterr().out.splitlines()[1].strip() == says


@pytest.mark.usefixtures("runs")
def test_the_figure_that_was_asked_for_comes_first(capfd: pytest.CaptureFixture[str]) -> None:
    """A figure named in the search stands before those with an interval."""
    assert main(["eval", "history", "median_ms"]) == 0
    assert capfd.readouterr().out.splitlines()[1].strip() == "text.median_ms 11.5"


@pytest.mark.usefixtures("runs")
def test_a_remark_is_written_to_a_run(capfd: pytest.CaptureFixture[str]) -> None:
    """--note adds a remark by name, identifier or last, and it is found by."""
    assert main(["eval", "history", "--note", "monday", "before the new grammar"]) == 0
    assert capfd.readouterr().out == f"noted on {find(load_settings(), 'monday').id} monday\n"
    assert names(capfd, "new grammar") == ["monday"]
    assert find(load_settings(), "monday").notes() == ["before the new grammar"]


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["("], "'(' is no regular expression"),
        (
            ["skill_right>=x"],
            "'skill_right>=x': 'x' is no number; a figure is compared with one, a share from 0 to 1: ",
        ),
        (["skill_right>=95%"], "'95%' is no number"),
        (["skill_right>="], "the number is missing"),
        (["--kind", "evaluation"], "there is no kind evaluation; the kinds are eval, finetune, learn, train"),
        (["--note", "wednesday", "x"], "there is no tracked run wednesday; `hark eval history` shows them"),
    ],
)
def test_wrong_use_is_one_sentence(capfd: pytest.CaptureFixture[str], words: list[str], sentence: str) -> None:
    """A bad expression, kind or run ends with code 2 and says what is wrong."""
    assert main(["eval", "history", *words]) == 2
    error = capfd.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("skil_right>=0.5", "no run has a figure skil_right; did you mean skill_right?"),
        ("skill_right>=.99", "no run fits"),
        ("nobody", "no run fits"),
    ],
)
def test_what_finds_nothing_says_why(capfd: pytest.CaptureFixture[str], words: str, says: str) -> None:
    """A figure that no run has is named with the nearest one; else no run fits."""
    assert main(["eval", "history", words]) == 0
    assert capfd.readouterr().out.strip() == says


def test_nothing_tracked_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    """An empty house says how to begin."""
    assert main(["eval", "history"]) == 0
    assert "hark eval run quick" in capfd.readouterr().out


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("content", ["{", "", "[]", "{}", '{"started": "yesterday"}'])
def test_runs_that_cannot_be_read_are_counted(capfd: pytest.CaptureFixture[str], content: str) -> None:
    """The others are shown, and one line names the folders of the damaged ones."""
    folder = tracking_folder(load_settings()) / "runs"
    lost = sorted(find(load_settings(), name).id for name in ("monday", "tuesday"))  # may be of one second
    for run in lost:
        (folder / run / "run.json").write_text(content)
    assert names(capfd) == ["listening"]
    assert main(["eval", "history"]) == 0
    said = capfd.readouterr().out.splitlines()[-1]
    assert said == f"2 runs in {folder} cannot be read, run.json is damaged: {lost[0]}, {lost[1]}"
    assert main(["eval", "history", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["damaged"] == [str(folder / run) for run in lost]


def test_where_all_runs_are_damaged_nobody_says_that_nothing_was_tracked(capfd: pytest.CaptureFixture[str]) -> None:
    """The one line is that they cannot be read."""
    folder = tracking_folder(load_settings()) / "runs" / "one"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text("{")
    assert main(["eval", "history"]) == 0
    assert capfd.readouterr().out == f"1 run in {folder.parent} cannot be read, run.json is damaged: one\n"


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A learning that measured twice within it, and an evaluation before and after; every test gets a copy."""
    folder = tmp_path_factory.mktemp("tracking")
    settings = load_settings(None, {}, [f"tracking.folder={folder}", "tracking.to=files"])
    with tracked(settings, kind="eval", name="earlier"):
        pass
    with tracked(settings, kind="learn", name="learn"):
        for name in ("before-quick", "after-quick"):
            with tracked(settings, kind="eval", name=name) as run:
                run.metric("text.skill_right", 0.5)
    with tracked(settings, kind="eval", name="later"):
        pass
    return folder


@pytest.fixture
def learning(learned: Path) -> None:
    shutil.copytree(learned, tracking_folder(load_settings()))


@pytest.mark.usefixtures("learning")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ["later", "learn", "earlier"]),
        (["--kind", "eval"], ["later", "earlier"]),
        (["--all"], ["later", "learn", "before-quick", "after-quick", "earlier"]),
        (["--all", "--limit", "2"], ["later", "learn", "before-quick", "after-quick"]),
        (["--all", "--kind", "eval"], ["later", "after-quick", "before-quick", "earlier"]),
        (["name=.*quick"], ["after-quick", "before-quick"]),
        (["skill_right>=0.5"], ["after-quick", "before-quick"]),
    ],
)
def test_what_a_learning_measured_stands_with_it(
    capfd: pytest.CaptureFixture[str], words: list[str], expected: list[str]
) -> None:
    """Runs within another are left out unless asked for, and then follow it in their order."""
    assert names(capfd, *words) == expected


@pytest.mark.usefixtures("learning")
def test_what_is_left_out_is_counted(capfd: pytest.CaptureFixture[str]) -> None:
    """The last line says how many were made within others, and how to see them; then they are indented."""
    assert main(["eval", "history"]) == 0
    told = capfd.readouterr().out.splitlines()
    assert told[-1] == "2 made within another run are left out; --all shows them, and a REGEX finds them"
    assert main(["eval", "history", "--all"]) == 0
    assert "done    before-quick " in (said := capfd.readouterr().out) and "done  learn " in said
    shutil.rmtree(find(load_settings(), "learn").folder)
    assert names(capfd) == ["later", "after-quick", "before-quick", "earlier"]


def test_a_learned_model_is_named_beside_the_one_that_ships(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two runs with different learned models are told apart, and a learning names the one that it made."""
    settings = load_settings()
    made = settings.paths.data / "made.gguf"
    made.parent.mkdir(parents=True)
    made.write_bytes(b"learned")
    for name, learned in (("alone", ""), ("first", "ab" * 32), ("second", "cd" * 32)):
        models = {"skill": "ef" * 32, **({"learned": learned} if learned else {})}
        monkeypatch.setattr("assistant.models.checksums", lambda _settings, found=models: found)
        with tracked(settings, kind="eval", name=name):
            pass
    with tracked(settings, kind="learn", name="learn") as tracking:
        tracking.artefact(made, copy=False)
    assert main(["eval", "history"]) == 0
    said = capfd.readouterr().out
    lines = {line.split()[5]: line for line in said.splitlines() if "  model " in line}
    assert "model efefefef" in lines["alone"] and "learned" not in lines["alone"]
    assert "model efefefef, learned abababab" in lines["first"]
    assert "model efefefef, learned cdcdcdcd" in lines["second"]
    assert f"    taken into use: learned {sha256(made)[:8]}" in said.splitlines()
