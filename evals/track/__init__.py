"""Keeps every evaluation and every training without being asked: the failed, the interrupted and the killed ones too.

    with tracked(settings, kind="train", name="listening", inputs={"rows": Path("rows.jsonl")}) as run:
        run.metric("loss", 0.5, step=10)

What is kept goes into the journal (`evals.track.journal`) first and is then shown to what the settings name
(`evals.track.mirrors`). Keeping never stops what is kept: a disk that refuses and a store that fails are one warning.
Sentences of people are not kept here; whoever has some in an artefact gives it with `copy=False`.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from types import FrameType
from typing import Any, Literal, Protocol, runtime_checkable

from assistant import models
from assistant.commands.frame import UsageError, written_whole
from assistant.config import Settings
from assistant.skill import ConfigError, MissingPiece, SkillError
from evals import machine
from evals.track import journal
from evals.track.journal import DONE, FAILED, INTERRUPTED, RUNNING, Record
from evals.track.mirrors import Mirror, catch_up, open_mirror

log = logging.getLogger(__name__)

Kind = Literal["eval", "finetune", "learn", "train"]
BETWEEN_S = 1.0
"""Seconds between two showings of a run: a store takes some milliseconds for each, a step of a small model less."""
LONGEST_REASON = 500
SENTENCES = (ConfigError, MissingPiece, SkillError, UsageError)
"""Errors whose text is a sentence for people; any other is told with its kind."""
_SECRET = re.compile(r"([\w.-]*(?:token|secret|password|api_?key)[\w.-]*)=.+", re.IGNORECASE | re.DOTALL)
_around: ContextVar[str] = ContextVar("tracked run", default="")


@runtime_checkable
class Figure(Protocol):
    """A value with its 95 % interval and the number of observations."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def n(self) -> int: ...


class Terminated(SystemExit):
    """The process was asked to end; the exit code is the shell's for that signal."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.reason = signal.Signals(number).name


class Tracked:
    """What is told of a run while it runs. Nothing here raises for want of disk or store."""

    def __init__(self, record: Record | None, mirror: Mirror | None) -> None:
        self._record, self._mirror = record, mirror
        self._shown = time.monotonic()
        self._told = False

    @property
    def id(self) -> str:
        """The run's identifier in the journal; "" where it is not kept."""
        return self._record.id if self._record else ""

    def metric(self, name: str, value: float | Figure, step: int | None = None) -> None:
        """Keep one figure; with `step`, one point of a curve."""
        self.metrics({name: value}, step)

    def metrics(self, values: Mapping[str, float | Figure], step: int | None = None) -> None:
        """Keep several figures of one moment."""
        lines = [_line(name, value, step) for name, value in values.items()]
        with self._kept() as record:
            if record:
                record.add_metrics(lines)
        if time.monotonic() - self._shown > BETWEEN_S:
            self._show()

    def artefact(self, path: Path | str, copy: bool = True) -> None:
        """Keep a file or folder.

        Args:
            copy: False keeps its path, size and checksum alone; so is one beyond `journal.MOST_COPIED` bytes.
        """
        with self._kept() as record:
            if record:
                self._record = record.add_artefact(Path(path), copy)

    def note(self, text: str) -> None:
        """Keep a remark."""
        with self._kept() as record:
            if record:
                record.add_note(text)

    def open(self, settings: Settings, diff: str) -> None:
        """Keep what stands beside the run, and begin to show it; `tracked` does so."""
        with self._kept() as record:
            if record:
                _keep_surroundings(record, diff)
        self._mirror = open_mirror(settings) if self._record else None
        if self._mirror:
            self._show()
            catch_up(settings, self._mirror)

    def end(self, status: str, reason: str) -> None:
        """Close the run; `tracked` does so."""
        with self._kept() as record:
            if record:
                self._record = record.end(status, reason)
        self._show()

    def _show(self) -> None:
        if self._record and self._mirror:
            self._mirror.show(self._record)
        self._shown = time.monotonic()

    @contextlib.contextmanager
    def _kept(self) -> Iterator[Record | None]:
        """The record to write to; when the disk refuses, that is said once, and what comes later is tried again."""
        try:
            yield self._record
        except OSError as error:
            if not self._told:
                log.warning("not all of this run is tracked: %s", error)
            self._told = True


@contextlib.contextmanager
def tracked(settings: Settings, *, kind: Kind, name: str, inputs: Mapping[str, Any] | None = None) -> Iterator[Tracked]:
    """Keep what the block does, and how it was left: done, failed with an error, or interrupted.

    Args:
        name: several runs may have the same one.
        inputs: what decides the outcome beside the settings; a Path is kept with the checksum of what lies there.
    Raises:
        Terminated: in the block, on SIGTERM and SIGHUP where nobody else handles them.
    """
    with _signals():
        record, diff = _begin(settings, {"name": name, "kind": kind, "parent": _around.get()}, inputs or {})
        run = Tracked(record, None)
        token = _around.set(run.id)
        try:
            run.open(settings, diff)  # takes long enough to be interrupted, and that is an end of the run, too
            yield run
        except BaseException as error:
            run.end(*_how_left(error))
            raise
        else:
            run.end(DONE, "")
        finally:
            _around.reset(token)


def _begin(settings: Settings, head: Mapping[str, Any], inputs: Mapping[str, Any]) -> tuple[Record | None, str]:
    """The record of a run that begins, and what of the code was not committed; None where it is not tracked."""
    if settings.tracking.to == "off":
        return None, ""
    code = machine.code(with_diff=True)
    try:
        record = journal.create(
            settings,
            {
                **head,
                "status": RUNNING,
                "reason": "",
                "started": journal.now(),
                "finished": "",
                "command": _command(sys.orig_argv, settings),
                "folder": str(Path.cwd()),
                "inputs": {key: _input(value) for key, value in inputs.items()},
                "models": models.checksums(settings),
                "settings": machine.kept_settings(settings),
                "code": {**code.as_meta(), "cut": code.cut},
                "machine": machine.machine(),
                "process": machine.this_process(),
                "to": settings.tracking.to,
            },
        )
    except OSError as error:
        log.warning("this run is not tracked: %s", error)
        return None, ""
    return record, code.diff


def _command(words: Sequence[str], settings: Settings) -> list[str]:
    """A command line with *** for every secret, and for the value of every `--set` that may tell of the household."""
    found = []
    for before, word in zip(("", *words), words, strict=False):
        option = "--set=" if word.startswith("--set=") else ""
        key, equals, _ = word.removeprefix(option).partition("=")
        if equals and (option or before == "--set") and not _tells_nothing(key.strip(), settings):
            word = f"{option}{key}=***"
        found.append(_SECRET.sub(r"\1=***", word))
    return found


def _tells_nothing(key: str, settings: Settings) -> bool:
    """Whether a setting is kept anyway, or is one of ours that holds a number: no token, address, place or folder."""
    group, _, name = key.partition(".")
    kept = {kept for kept, _ in journal.flat(machine.kept_settings(settings))}
    return key in kept or isinstance(getattr(getattr(settings, group, None), name, None), (int, float))


def _keep_surroundings(record: Record, diff: str) -> None:
    """Beside the run: every installed package, and what of the code was not committed. Raises OSError."""
    record.artefacts.mkdir()
    with written_whole(record.artefacts / "packages.json") as out:
        json.dump(machine.packages(), out, indent=1)
    if diff:
        with written_whole(record.artefacts / "changes.diff") as out:
            out.write(diff)


def _input(value: Any) -> Any:
    """An input as JSON; a path with the checksum of what lies there."""
    if isinstance(value, Mapping):
        return {str(key): _input(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_input(entry) for entry in value]
    if not isinstance(value, Path):
        return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
    try:
        return journal.describe(value)
    except OSError:
        return {"path": str(value.absolute()), "bytes": 0, "sha256": ""}


def _line(name: str, value: float | Figure, step: int | None) -> dict[str, Any]:
    line: dict[str, Any] = {"name": name, "at": round(time.time(), 3)}
    if step is not None:
        line["step"] = step
    if isinstance(value, Figure):
        return {**line, "value": float(value.value), "low": float(value.low), "high": float(value.high), "n": value.n}
    return {**line, "value": float(value)}


def _how_left(error: BaseException) -> tuple[str, str]:
    """The status and the reason of a block that was left by `error`."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, "Ctrl-C"
    if isinstance(error, Terminated):
        return INTERRUPTED, error.reason
    code = getattr(error, "exit_code", getattr(error, "code", None))  # typer's way out, and Python's
    if code == 0 or (code is None and isinstance(error, SystemExit)):
        return DONE, ""
    first = str(error).partition("\n")[0]
    said = first if isinstance(error, SENTENCES) and first else f"{type(error).__name__}: {first}"
    return FAILED, said[:LONGEST_REASON]


@contextlib.contextmanager
def _signals() -> Iterator[None]:
    """Turn the wish that this process end into an exception, where nobody else does something with it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    owner = os.getpid()

    def leave(number: int, _frame: FrameType | None) -> None:
        if os.getpid() != owner:  # a forked child, whose end is not that of the run
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        raise Terminated(number)

    ours = [one for one in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(one) is signal.SIG_DFL]
    for one in ours:
        signal.signal(one, leave)
    try:
        yield
    finally:
        for one in ours:
            signal.signal(one, signal.SIG_DFL)
