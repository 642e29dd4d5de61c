"""Where tracked runs are shown beside the journal: MLflow's local store, or Weights & Biases.

A mirror is told to show a record and brings what it has up to what the journal has; how far it came stands in a file
beside the run. So what it missed, because it failed or was not installed, it catches up with at the next start.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import json
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from assistant.commands.frame import written_whole
from assistant.config import Settings
from evals.track.journal import RUNNING, Record, records, tracking_folder

log = logging.getLogger(__name__)

MOST_CAUGHT_UP = 200
"""How many of the latest runs are looked at for what a mirror has missed."""
NEEDS = {"mlflow": ("mlflow", "sqlalchemy", "alembic"), "wandb": ("wandb",)}
INSTALLED_BY = {"mlflow": "pip install 'hark[eval]'", "wandb": "pip install 'hark[wandb]'"}


class Store(Protocol):
    """One program that shows runs."""

    def bring(self, record: Record, state: Mapping[str, Any]) -> dict[str, Any]:
        """Add what the journal has beyond `state` ({} for nothing yet); returns the new state."""
        ...


class Mirror:
    """A store that may fail without harm. `name` is "mlflow" or "wandb"."""

    def __init__(self, name: str, store: Store) -> None:
        self.name, self._store = name, store
        self.works = True
        """False after a failure: nothing is tried again by this process."""

    def show(self, record: Record) -> None:
        """Bring the store up to the journal; a failure is one warning, and made good at the next start."""
        if self.works:
            self.works = self.brings(record)

    def brings(self, record: Record) -> bool:
        """Bring the store up to the journal; whether that went well. Of each run a failure is said once."""
        before = self._state(record)
        said = before.pop("failed", "")
        try:
            state = self._store.bring(record, before)
            self._keep(record, {**state, "status": record.status, "notes": len(record.notes())})
        # The errors of these libraries have no parent in common, and none may end an evaluation or a training.
        except Exception as error:
            why = str(error).partition("\n")[0]
            if not said:
                log.warning("%s does not show the run %s, the journal has it: %s", self.name, record.name, why)
            log.debug("the tracking store failed", exc_info=error)
            with contextlib.suppress(OSError):  # then it is said again
                self._keep(record, {**before, "failed": why or type(error).__name__})
            return False
        return True

    def _keep(self, record: Record, state: Mapping[str, Any]) -> None:
        with written_whole(record.folder / f".{self.name}.json") as out:
            json.dump(state, out)

    def lacks(self, record: Record) -> bool:
        """Whether a run that has come to its end is not wholly in the store."""
        if record.status == RUNNING or record.meta.get("to") != self.name:
            return False
        state = self._state(record)
        return bool(state.get("status") != record.status or state.get("notes") != len(record.notes()))

    def _state(self, record: Record) -> dict[str, Any]:
        with contextlib.suppress(OSError, ValueError):
            found = json.loads((record.folder / f".{self.name}.json").read_text(encoding="utf-8"))
            if isinstance(found, dict):
                return found
        return {}


def open_mirror(settings: Settings) -> Mirror | None:
    """The mirror that the settings name; None for plain files, and with a warning where its package is missing."""
    name = settings.tracking.to
    if name not in NEEDS:
        return None
    if not all(map(importlib.util.find_spec, NEEDS[name])):
        log.warning(
            'this run is kept in plain files alone, %s is not installed; run `%s`, or set tracking.to = "files"',
            {"mlflow": "MLflow", "wandb": "Weights & Biases"}[name],
            INSTALLED_BY[name],
        )
        return None
    store: Store
    if name == "mlflow":
        from evals.track.mlflow_store import MlflowStore

        store = MlflowStore(tracking_folder(settings), settings.tracking.project)
    else:
        from evals.track.wandb_store import WandbStore

        store = WandbStore(tracking_folder(settings), settings.tracking.project)
    return Mirror(name, store)


def note(settings: Settings, record: Record, text: str) -> None:
    """Write a remark to a run that has come to its end, and show it. Raises OSError."""
    record.add_note(text)
    mirror = open_mirror(settings) if settings.tracking.to == "mlflow" else None  # others take seconds; they catch up
    if mirror is not None and mirror.lacks(record):
        mirror.show(record)


def catch_up(settings: Settings, mirror: Mirror) -> None:
    """Show what the mirror has missed: runs that were killed, notes written later, runs made while it failed."""
    with contextlib.ExitStack() as stack:
        try:
            lock = stack.enter_context((tracking_folder(settings) / "lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return  # another process does it, or nothing can be written here
        for record in records(settings)[-MOST_CAUGHT_UP:]:
            # A run that cannot be shown stays behind; it does not keep the others from it.
            if mirror.works and mirror.lacks(record):
                mirror.brings(record)
