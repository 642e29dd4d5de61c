"""Tracked runs in MLflow's own local store and in Weights & Biases' offline files, both the real ones."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from assistant.config import Settings, load_settings
from evals.intervals import Share
from evals.track import tracked
from evals.track.journal import records, tracking_folder

pytestmark = pytest.mark.timeout(300)  # the first store of a machine takes MLflow a while
ROOT = Path(__file__).parents[2]
ONE_RUN = """
import os, signal, sys
from assistant.config import load_settings
from evals.track import tracked

with tracked(load_settings(), kind="eval", name=sys.argv[1]) as run:
    run.metric("skill_right", 0.5)
    if sys.argv[1] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
"""


def settings_for(store: str, *flags: str) -> Settings:
    return load_settings(None, {}, [f"tracking.to={store}", *flags])


def mlflow_runs(settings: Settings) -> dict[str, Any]:
    """Name -> run, as MLflow's own client sees them."""
    client = mlflow_client(settings)
    experiments = [one.experiment_id for one in client.search_experiments() if one.name.startswith("hark-")]
    return {one.info.run_name: one for one in client.search_runs(experiments)}


def mlflow_client(settings: Settings) -> Any:
    from mlflow.tracking import MlflowClient

    return MlflowClient(tracking_uri=f"sqlite:///{tracking_folder(settings) / 'mlflow.db'}")


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address outside of this process that anything connects to."""
    found: list[Any] = []
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX:
            found.append(address)
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    return found


def test_mlflow_shows_a_run_whole(tmp_path: Path, dialled: list[Any]) -> None:
    """Status, reason, curve, interval, inputs and files of a run stand in MLflow, and nothing went over the network."""
    settings, rows = settings_for("mlflow"), tmp_path / "rows.jsonl"
    rows.write_text("{}\n")
    with (
        contextlib.suppress(ValueError),
        tracked(settings, kind="train", name="doll", inputs={"rows": rows, "rate": 0.1}) as run,
    ):
        for step in range(1500):
            run.metric("loss", 1 / (step + 1), step=step)
        run.metric("skill", Share(9, 10, 0.6, 0.98))
        run.artefact(rows)
        run.note("the first try")
        raise ValueError("the doll broke")
    found = mlflow_runs(settings)["doll"]
    client = mlflow_client(settings)
    assert (found.info.status, found.data.tags["reason"]) == ("FAILED", "ValueError: the doll broke")
    curve = client.get_metric_history(found.info.run_id, "loss")
    assert sorted((one.step, one.value) for one in curve) == [(step, 1 / (step + 1)) for step in range(1500)]
    assert (found.data.metrics["skill"], found.data.metrics["skill_low"]) == (0.9, 0.6)
    assert found.data.params["inputs.rate"] == "0.1"
    assert found.data.params["inputs.rows.sha256"].startswith("ca3d163b")
    assert found.data.tags["mlflow.note.content"] == "the first try"
    assert {one.path for one in client.list_artifacts(found.info.run_id)} >= {"rows.jsonl", "packages.json"}
    assert dialled == []


def test_mlflow_learns_of_the_killed_and_of_two_at_once() -> None:
    """Two processes that begin the store together are both in it; a killed one is so with the next run's start."""
    environ = {"HARK_TRACKING__TO": "mlflow"}
    settings = load_settings(None, environ)
    command = [sys.executable, "-c", ONE_RUN]
    both = [subprocess.Popen([*command, name], cwd=ROOT, env={**os.environ, **environ}) for name in ("one", "killed")]
    assert sorted(one.wait(200) for one in both) == [-9, 0]
    with tracked(settings, kind="eval", name="next"):
        pass
    found = {name: one.info.status for name, one in mlflow_runs(settings).items()}
    assert found == {"one": "FINISHED", "killed": "KILLED", "next": "FINISHED"}


def test_a_store_that_was_killed_while_it_was_made_is_made_anew() -> None:
    """MLflow's tables are made in many steps; those of a process that was killed in the middle are in nobody's way."""
    settings = settings_for("mlflow")
    tracking_folder(settings).mkdir(parents=True)
    with contextlib.closing(sqlite3.connect(tracking_folder(settings) / "mlflow.db.new")) as half:
        half.execute("CREATE TABLE _alembic_tmp_experiments (experiment_id INTEGER)")
    with tracked(settings, kind="eval", name="next"):
        pass
    assert [one.info.status for one in mlflow_runs(settings).values()] == ["FINISHED"]
    assert not (tracking_folder(settings) / "mlflow.db.new").exists()


def test_without_mlflow_a_run_is_kept_in_plain_files(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A missing package is one warning with the command that installs it; once there, MLflow gets what it missed."""
    settings = settings_for("mlflow")
    with monkeypatch.context() as without, caplog.at_level(logging.WARNING):
        without.setitem(sys.modules, "mlflow", None)
        with tracked(settings, kind="eval", name="before") as run:
            run.metric("skill", 1.0)
    (message,) = [record.message for record in caplog.records]
    assert "pip install 'hark[eval]'" in message
    assert [(one.name, one.status) for one in records(settings)] == [("before", "done")]
    with tracked(settings, kind="eval", name="after"):
        pass
    found = mlflow_runs(settings)
    assert (found["before"].info.status, found["before"].data.metrics) == ("FINISHED", {"skill": 1.0})


def test_a_deleted_store_is_made_again() -> None:
    """Where MLflow's file was deleted the next run makes a new one, and what was noted since is caught up with."""
    environ = {**os.environ, "HARK_TRACKING__TO": "mlflow"}
    settings = load_settings(None, {"HARK_TRACKING__TO": "mlflow"})
    for name in ("before", "last"):  # a process each: MLflow holds on to the file that it has opened
        subprocess.run([sys.executable, "-c", ONE_RUN, name], cwd=ROOT, env=environ, check=True)
        if name == "before":
            (tracking_folder(settings) / "mlflow.db").unlink()
            records(settings)[0].add_note("written when the store was gone")
    found = mlflow_runs(settings)
    assert found.keys() == {"before", "last"}
    assert (found["before"].info.status, found["before"].data.metrics) == ("FINISHED", {"skill_right": 0.5})
    assert found["before"].data.tags["mlflow.note.content"] == "written when the store was gone"


def test_a_spoilt_store_is_one_warning(caplog: pytest.LogCaptureFixture) -> None:
    """Where MLflow's file is no database the work goes on, and the journal has the run."""
    settings = settings_for("mlflow")
    tracking_folder(settings).mkdir(parents=True)
    (tracking_folder(settings) / "mlflow.db").write_text("this is no database " * 100)
    with caplog.at_level(logging.WARNING, "evals"), tracked(settings, kind="eval", name="quick") as run:
        run.metric("skill", 1.0)
    ours = [record.message for record in caplog.records if record.name.startswith("evals")]
    assert len(ours) == 1
    assert ours[0].startswith("mlflow does not show the run quick, the journal has it")
    assert [(one.status, one.figures()["skill"]["value"]) for one in records(settings)] == [("done", 1.0)]


def test_weights_and_biases_writes_offline_without_a_key(
    monkeypatch: pytest.MonkeyPatch, dialled: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Without a key the run lies in a folder that `wandb sync` takes, and nothing but this machine was spoken to."""
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    settings = settings_for("wandb")
    with tracked(settings, kind="train", name="doll", inputs={"rate": 0.1}) as run:
        run.metric("loss", 0.5, step=1)
        run.metric("loss", 0.25, step=2)
        run.metric("skill", 0.75)
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []
    (file,) = tracking_folder(settings).glob(f"wandb/offline-run-*/run-{run.id}.wandb")
    parts = (b"doll", b"loss.step", b"skill", b'"decide"')
    until = time.monotonic() + 60  # a process of its own writes the file
    while not all(part in file.read_bytes() for part in parts) and time.monotonic() < until:
        time.sleep(0.1)
    written = file.read_bytes()
    assert [part for part in parts if part not in written] == []
    assert b'"process"' not in written
    assert all(address[0] in ("127.0.0.1", "::1") for address in dialled)


def test_mlflow_shows_figures_whatever_they_are_called(caplog: pytest.LogCaptureFixture) -> None:
    """A figure that has a path for its name, as old runs do, is shown under a name that MLflow takes."""
    settings = settings_for("mlflow")
    names = ("/home/me/score.jsonl.right", "../score.jsonl.right", "a//b", ".", "kitchen/quick.right")
    with caplog.at_level(logging.WARNING), tracked(settings, kind="finetune", name="doll") as run:
        run.metrics(dict.fromkeys(names, 0.5))
    assert [record.message for record in caplog.records] == []
    shown = {"home_me_score.jsonl.right", "score.jsonl.right", "a_b", "_", "kitchen/quick.right"}
    assert mlflow_runs(settings)["doll"].data.metrics == dict.fromkeys(shown, 0.5)


def test_a_run_that_a_store_refuses_is_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Later runs try it again without a word, make no second copy of it, and show it once the store takes it."""
    from evals.track import mlflow_store

    settings = settings_for("mlflow")
    with monkeypatch.context() as refused, caplog.at_level(logging.WARNING, "evals"):
        refused.setattr(mlflow_store, "_name", lambda name: f"/{name}" if name == "odd" else name)
        with tracked(settings, kind="eval", name="first") as run:
            run.metric("odd", 0.5)
        for name in ("second", "third"):
            with tracked(settings, kind="eval", name=name):
                pass
    assert [one.message.partition(",")[0] for one in caplog.records] == ["mlflow does not show the run first"]
    with tracked(settings, kind="eval", name="fourth"):
        pass
    client = mlflow_client(settings)
    experiment = client.get_experiment_by_name("hark-eval").experiment_id
    found = [(one.info.run_name, one.info.status, one.data.metrics) for one in client.search_runs([experiment])]
    others: list[tuple[str, str, dict[str, float]]] = [(name, "FINISHED", {}) for name in ("second", "third", "fourth")]
    assert sorted(found, key=str) == sorted([("first", "FINISHED", {"odd": 0.5}), *others], key=str)
