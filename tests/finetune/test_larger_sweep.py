"""`hark finetune sweep`: the same figures here and on a Ray cluster; what is wrong with a command, in one sentence."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from kitchen import doll

from assistant.cli import main
from assistant.commands.frame import UsageError
from assistant.config import Settings, load_settings
from assistant.skill import ConfigError, MissingPiece
from evals.cases import Case, write_cases
from evals.scoring import Shown
from finetune.larger import sweep
from finetune.larger.score import Scored, labels

CASES = [
    Case("set a timer for nine minutes", "set_timer", {"duration": "nine minutes"}, group="a"),
    Case("switch the zubble on", "switch", {"device": "zubble", "state": "on"}, group="b"),
    Case("what a lovely morning", "none", group="c"),
]


def variants(folder: Path, file: str) -> list[sweep.Variant]:
    """A sweep of evaluations by a doll with random weights."""
    write_cases(folder / "some.jsonl", CASES)
    (folder / "sweep.toml").write_text(file.replace("SET", str(folder / "some.jsonl")))
    return sweep.variants_of(folder / "sweep.toml", settings(folder), None, folder / "work")


def settings(folder: Path) -> Settings:
    return load_settings(None, {}, [f"models.skill={doll()}", f"paths.data={folder / 'data'}", "tracking.to=off"])


THRESHOLDS = """
name = "thresholds"
kind = "eval"
set = "SET"
[variants.eager]
"decide.threshold" = 0.0
"decide.ask_threshold" = 0.0
[variants.shy]
"decide.threshold" = 1.0
"""


def plain(outcomes: list[sweep.Outcome]) -> list[tuple[str, dict[str, float]]]:
    """What does not hang on the clock."""
    assert [one.failed for one in outcomes] == ["", ""]
    return [(one.name, {k: v for k, v in one.figures.items() if not k.endswith("_ms")}) for one in outcomes]


def test_variants_differ_by_their_settings(tmp_path: Path) -> None:
    """An eager house calls or asks when it is spoken to, a shy one never does; both are kept as runs."""
    found = sweep.run_here(variants(tmp_path, THRESHOLDS), lambda _done: None)
    (_, eager), (_, shy) = plain(found)
    assert eager["text.missed_calls"] == 0.0 and shy["text.missed_calls"] == 1.0
    assert sorted(run.name[17:] for run in (tmp_path / "data" / "runs").iterdir()) == ["-some-eager", "-some-shy"]
    sweep.write_outcomes(found, tmp_path / "work")
    assert [one["name"] for one in json.loads((tmp_path / "work" / "sweep.json").read_text())] == ["eager", "shy"]


@pytest.mark.train
@pytest.mark.timeout(400)
def test_a_ray_cluster_gives_the_same_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a Ray cluster started on this machine every variant comes out as it does one after another."""
    asked = variants(tmp_path, THRESHOLDS)
    with tempfile.TemporaryDirectory(prefix="r", ignore_cleanup_errors=True) as short:  # it holds sockets
        monkeypatch.setenv("RAY_TMPDIR", short)
        on_ray = sweep.run_on_ray(asked, "local", lambda _done: None)
    assert plain(on_ray) == plain(sweep.run_here(asked, lambda _done: None))


RECIPE = 'name = "x"\nwithout_gpu = "lora"\n[base]\nmodel = "a/b"\n'


@pytest.mark.parametrize(
    ("changes", "where_one_is", "where_none_is"),
    [
        ({"lora.rank": 8}, 1, 0),
        ({"method": "lora"}, 1, 0),
        ({"device": "cpu"}, 0, 0),
        ({"device": "cuda"}, 1, None),
        ({"without_gpu": "refuse"}, 1, None),
        ({"without_gpu": "refuse", "method": "lora"}, 1, 0),
    ],
)
def test_ray_is_asked_for_gpus_that_are_there(
    changes: dict[str, Any], where_one_is: int, where_none_is: int | None, tmp_path: Path
) -> None:
    """Each variant gets a GPU where its own recipe uses one; where there is none, it does without or is refused."""
    (tmp_path / "r.toml").write_text(RECIPE)
    one = sweep.Variant("it", "finetune", changes, {}, str(tmp_path / "r.toml"), "", "", "quick", None, "")
    assert sweep._gpus(one, 4.0) == where_one_is
    if where_none_is is None:
        with pytest.raises(MissingPiece, match="it needs a CUDA GPU and the Ray cluster has none"):
            sweep._gpus(one, 0)
    else:
        assert sweep._gpus(one, 0) == where_none_is


def test_an_evaluation_asks_for_no_gpu(tmp_path: Path) -> None:
    """What is scored runs on processors, whatever the cluster has."""
    assert [sweep._gpus(one, 4.0) for one in variants(tmp_path, THRESHOLDS)] == [0, 0]


def test_a_machine_that_does_not_see_the_folder_says_so(tmp_path: Path) -> None:
    """A variant whose work folder is not the driver's fails by itself, in one sentence."""
    first, second = variants(tmp_path, THRESHOLDS)
    (tmp_path / "work" / ".sweep").write_text("of another machine")
    outcomes = sweep.run_here([first, second], lambda _done: None)
    assert all("a --work folder that all share" in one.failed for one in outcomes)


def test_a_sweep_is_checked_before_it_begins(tmp_path: Path) -> None:
    """An unknown setting, an unknown key and a value out of range are refused, and no run is made."""
    for wrong in ('"decide.treshold" = 1', '"decide.threshold" = 7', '"threshold" = 1'):
        with pytest.raises(ConfigError):
            variants(tmp_path, f'name = "x"\nkind = "eval"\nset = "SET"\n[variants.a]\n{wrong}\n')
    with pytest.raises(ConfigError, match=r"did you mean decide\.threshold\?"):
        sweep.changed_settings(settings(tmp_path), {"decide.treshold": 1})
    with pytest.raises(UsageError, match="there is no set and no file nowhere"):
        variants(tmp_path, 'name = "x"\nkind = "eval"\nset = "nowhere"\n[variants.a]\n"decide.threshold" = 1\n')
    with pytest.raises(ConfigError, match="names its recipe"):
        variants(tmp_path, 'name = "x"\nkind = "finetune"\n[variants.a]\n"lora.rank" = 4\n')
    for name in ("rank 8", "r8/a16", ".."):
        with pytest.raises(ConfigError, match="variants"):
            variants(
                tmp_path, f'name = "x"\nkind = "eval"\nset = "SET"\n[variants."{name}"]\n"decide.threshold" = 0.5\n'
            )
    assert not (tmp_path / "data" / "runs").exists()


def test_the_command_prints_n_and_interval(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A sweep goes by its own name, is kept under it, and each share is printed with its interval and n."""
    write_cases(tmp_path / "some.jsonl", CASES)
    (tmp_path / "file.toml").write_text(THRESHOLDS.replace("SET", str(tmp_path / "some.jsonl")))
    flags = [f"models.skill={doll()}", f"paths.data={tmp_path / 'data'}", "tracking.to=off"]
    assert (
        main([*(word for flag in flags for word in ("--set", flag)), "finetune", "sweep", str(tmp_path / "file.toml")])
        == 0
    )
    out, err = capfd.readouterr()
    assert "sweep thresholds ..." in err and (tmp_path / "data" / "sweeps" / "thresholds" / "sweep.json").is_file()
    lines = out.splitlines()
    assert [line for line in lines if not line.startswith("  ")] == ["eager:", "shy:"]
    missed = [line for line in lines if line.startswith("  text.missed_calls ")]
    assert len(missed) == 2 and all(re.search(r" \d+\.\d% \(\d+\.\d% to \d+\.\d%, n=2\)$", one) for one in missed)
    times = [line for line in lines if line.startswith("  text.decide_ms ")]
    assert len(times) == 2 and not any("%" in line for line in times)


def test_two_sets_of_one_name_are_told_apart() -> None:
    """A set is called by its own name or its file's, never by a path, and the second of a name gets a number."""
    assert labels(["quick", "/a/score.jsonl", "b/score.jsonl", "c/quick.jsonl"]) == [
        "quick", "score", "score-2", "quick-2",
    ]  # fmt: skip


def test_a_score_says_whose_the_answers_are() -> None:
    """What the tuned file was unsure of, and was declined for it, does not count as its own answer."""
    scored = Scored("doll-1", {"text.right": Shown(1.0, 0.566, 1.0, 5)}, {"decline": 4, "larger": 1})
    assert scored.sentence() == (
        "100.0% right (56.6% to 100.0%, n=5); answered by the file itself: 1 of 5; declined as unsure: 4 (run doll-1)"
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, an empty one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["finetune", "nowhere.toml"], 2, "there is no recipe nowhere.toml"),
        (["finetune", "--step", "merge", "nowhere.toml"], 2, "there is no recipe nowhere.toml"),
        (["finetune", "sweep", "nowhere.toml"], 2, "there is no sweep nowhere.toml"),
        (["finetune", "wrong.toml"], 2, "plan.pases is no key of a recipe; did you mean plan.passes?"),
        (["finetune", "noise.toml"], 2, "noise.toml is not valid TOML"),
    ],
)
def test_the_command_says_what_is_wrong(
    words: list[str], code: int, sentence: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A recipe that is missing, misspelt or no TOML is one sentence, and nothing is begun."""
    (folder / "wrong.toml").write_text('name = "x"\n[base]\nmodel = "a/b"\n[plan]\npases = 2\n')
    (folder / "noise.toml").write_text("= = =")
    assert main(words) == code
    said = capfd.readouterr().err
    assert sentence in said and said.count("\n") == 1
