"""Tracked runs in MLflow's local store: an SQLite file, no server, no network.

The store is SQLite, because MLflow no longer maintains its store of plain files and by now refuses to open one. Of
MLflow only the client part is needed (mlflow-skinny, SQLAlchemy, Alembic: 24 packages and about 130 MB, against 60
packages with pandas, pyarrow and matplotlib): 0.6 s to import and 0.6 s to open, 1.6 s the first time, on two x86-64
cores.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import json
import logging
import os
import posixpath
import sqlite3
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from evals.track.journal import DONE, FAILED, INTERRUPTED, RUNNING, Record, flat

if TYPE_CHECKING:
    from mlflow.tracking import MlflowClient

T = TypeVar("T")

FILE = "mlflow.db"
AT_ONCE, LONGEST = 1000, 6000
"""MLflow's limits: figures in one batch; characters of a parameter."""
PARAMETERS_AT_ONCE = 100
_STATUS = {RUNNING: "RUNNING", DONE: "FINISHED", FAILED: "FAILED", INTERRUPTED: "KILLED"}


class MlflowStore:
    """A `mirrors.Store`.

    Args:
        folder: where the SQLite file lies.
        project: the experiments are called `<project>-<kind>`.
    """

    def __init__(self, folder: Path, project: str) -> None:
        self.folder, self.project = folder, project
        self._seen: set[str] = set()

    @functools.cached_property
    def _client(self) -> MlflowClient:
        # MLflow sends usage data unless told not to, and at import.
        os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true")
        from mlflow.tracking import MlflowClient

        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)
        _spare_the_card()
        with (self.folder / "mlflow.lock").open("w") as lock:
            # MLflow makes and renews its tables in many steps: of two processes that do so at once both break it.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (self.folder / FILE).exists():
                self._make()
            client = MlflowClient(tracking_uri=f"sqlite:///{self.folder / FILE}")
            client.search_experiments(max_results=1)
        return client

    def _make(self) -> None:
        """A new store, made beside: what is killed half-way leaves nothing that the next one would stumble over."""
        from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

        beside = self.folder / f"{FILE}.new"
        beside.unlink(missing_ok=True)
        SqlAlchemyStore(f"sqlite:///{beside}", self._artefacts.as_uri()).engine.dispose()
        beside.replace(self.folder / FILE)

    def bring(self, record: Record, state: Mapping[str, Any]) -> dict[str, Any]:
        """Raises whatever MLflow raises."""
        from mlflow.entities import Metric

        if not self._has(state):
            state = {"id": self._open(record)}
        run_id = str(state["id"])
        self._seen.add(run_id)
        lines = record.metrics()
        for some in _batches(lines[int(state.get("lines", 0)) :], AT_ONCE):
            figures = [
                Metric(_name(name), value, round(line.get("at", 0) * 1000), int(line.get("step", 0)))
                for line in some
                for name, value in _values(line)
            ]
            for batch in _batches(figures, AT_ONCE):
                self._client.log_batch(run_id, metrics=batch)
        notes = record.notes()
        if notes:
            self._client.set_tag(run_id, "mlflow.note.content", "\n\n".join(notes))
        if record.status != RUNNING:
            self._client.set_tag(run_id, "reason", record.meta.get("reason", ""))
            ended = _milliseconds(record.meta.get("finished", ""))
            self._client.set_terminated(run_id, _STATUS.get(record.status, "FAILED"), ended)
        return {"id": run_id, "lines": len(lines)}

    def _has(self, state: Mapping[str, Any]) -> bool:
        """Whether the run that a state speaks of is still in the store, which somebody may have deleted."""
        from mlflow.exceptions import MlflowException

        run_id = str(state.get("id", ""))
        if run_id in self._seen or not run_id:
            return bool(run_id)
        try:
            self._client.get_run(run_id)
        except MlflowException:
            return False
        return True

    def _open(self, record: Record) -> str:
        from mlflow.entities import Param

        meta = record.meta
        tags = {
            "mlflow.source.name": " ".join(map(str, meta.get("command", ()))),
            "mlflow.source.type": "LOCAL",
            "mlflow.source.git.commit": str(meta.get("code", {}).get("commit", "")),
            "hark.id": record.id,
            "hark.kind": record.kind,
            "hark.folder": str(record.folder),
        }
        if parent := self._id_of(record, str(meta.get("parent") or "")):
            tags["mlflow.parentRunId"] = parent
        run_id = self._begun(record) or str(
            self._client.create_run(
                self._experiment(record.kind), _milliseconds(meta.get("started", "")), tags, record.name
            ).info.run_id
        )
        known = {part: meta.get(part, {}) for part in ("inputs", "models", "settings", "code", "machine")}
        parameters = [Param(_name(key), value[:LONGEST]) for key, value in flat(known)]
        for batch in _batches(parameters, PARAMETERS_AT_ONCE):
            self._client.log_batch(run_id, params=batch)
        self._lead(record, run_id)
        return run_id

    def _begun(self, record: Record) -> str:
        """The run that an attempt which failed half-way has left; "" for none."""
        found = self._client.search_runs([self._experiment(record.kind)], f"tags.`hark.id` = '{record.id}'")
        return str(found[0].info.run_id) if found else ""

    def _experiment(self, kind: str) -> str:
        from mlflow.exceptions import MlflowException

        name = f"{self.project}-{kind}"
        found = self._client.get_experiment_by_name(name)
        if found is None:
            try:
                return str(self._client.create_experiment(name, self._artefacts.as_uri()))
            except MlflowException:  # another process has just made it
                found = self._client.get_experiment_by_name(name)
                if found is None:
                    raise
        return str(found.experiment_id)

    @property
    def _artefacts(self) -> Path:
        return self.folder / "mlflow-artifacts"

    def _lead(self, record: Record, run_id: str) -> None:
        """MLflow finds the journal's files where it looks for its own, so that they lie on the disk once."""
        place = self._artefacts / run_id
        place.mkdir(parents=True, exist_ok=True)
        try:
            (place / "artifacts").symlink_to(os.path.relpath(record.artefacts, place), target_is_directory=True)
        except OSError:  # a file system without links: MLflow shows the tag hark.folder
            return

    @staticmethod
    def _id_of(record: Record, other: str) -> str:
        """MLflow's id of another run of the journal; "" where it has none."""
        try:
            state = json.loads((record.folder.parent / other / ".mlflow.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ""
        return str(state.get("id", ""))


@functools.cache
def _spare_the_card() -> None:
    """Let SQLite write ahead: a new store waits for the disk some hundred times otherwise, long on a memory card."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    def ahead(connection: Any, _: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            with contextlib.suppress(
                sqlite3.Error
            ):  # another process holds it, or it is no database, as MLflow will say
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=NORMAL")

    event.listen(Engine, "connect", ahead)


def _values(line: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """A figure, and its interval as figures of their own."""
    yield str(line["name"]), float(line["value"])
    for edge in ("low", "high"):
        if edge in line:
            yield f"{line['name']}_{edge}", float(line[edge])


def _name(name: str) -> str:
    """The name in MLflow's alphabet; one that it would take for a path it refuses loses its slashes."""
    allowed = "".join(letter if letter.isalnum() or letter in "_-. :/" else "_" for letter in name)[:250]
    if allowed == posixpath.normpath(allowed) and not allowed.startswith(("/", ".")):
        return allowed
    return "_".join(part for part in allowed.split("/") if part.strip("."))[:250] or "_"


def _milliseconds(iso: str) -> int:
    return round(datetime.fromisoformat(iso).timestamp() * 1000) if iso else round(time.time() * 1000)


def _batches(items: list[T], most: int) -> Iterator[list[T]]:
    for start in range(0, len(items), most):
        yield items[start : start + most]
