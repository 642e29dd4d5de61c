"""The journal: one folder for each run, in plain JSON, written as it happens.

    tracking/runs/ID/run.json        what was run, on what, and how it ended
                     metrics.jsonl   every figure, as it came
                     notes.jsonl     what was written about it, then or later
                     artifacts/      files

What is on the disk is what there is to know: a process that is killed leaves all it had, and MLflow or Weights & Biases
are only shown what stands here.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import math
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.commands.frame import UsageError, written_whole
from assistant.config import Settings
from assistant.files import json_text, read_json
from evals.machine import is_gone

META, METRICS, NOTES, ARTIFACTS = "run.json", "metrics.jsonl", "notes.jsonl", "artifacts"
RUNNING, DONE, FAILED, INTERRUPTED = "running", "done", "failed", "interrupted"
MOST_COPIED = 50 * 1024 * 1024
"""Bytes; a larger artefact is kept by its path and checksum."""


@dataclass(frozen=True, slots=True)
class Record:
    """A tracked run, as the journal has it."""

    folder: Path
    meta: Mapping[str, Any]

    @property
    def id(self) -> str:
        """Its identifier, that sorts by time."""
        return self.folder.name

    @property
    def name(self) -> str:
        """What its maker called it; several may have the same."""
        return str(self.meta.get("name", ""))

    @property
    def kind(self) -> str:
        """eval, finetune, learn or train."""
        return str(self.meta.get("kind", ""))

    @property
    def status(self) -> str:
        """running, done, failed or interrupted."""
        return str(self.meta.get("status", ""))

    @property
    def parent(self) -> str:
        """The identifier of the run that it was made within; "" for none."""
        return str(self.meta.get("parent", ""))

    @property
    def undone(self) -> bool:
        """Whether what it took into use was put out of use again by a person."""
        return bool(self.meta.get("undone"))

    @property
    def artefacts(self) -> Path:
        """The folder of its files."""
        return self.folder / ARTIFACTS

    def metrics(self) -> list[dict[str, Any]]:
        """Every figure in the order it came: {"name", "value", "step", "at"}; "low", "high", "n" of an interval."""
        return [{**line, "value": float(line["value"])} for line in _lines(self.folder / METRICS) if "value" in line]

    def figures(self) -> dict[str, dict[str, Any]]:
        """The last of each figure."""
        known = self.meta.get("figures")
        if isinstance(known, Mapping):
            return {name: {**line, "value": float(line["value"])} for name, line in known.items()}
        return {str(line["name"]): line for line in self.metrics()}

    def notes(self) -> list[str]:
        """What was written about it, the oldest first."""
        return [str(line.get("text", "")) for line in _lines(self.folder / NOTES)]

    def change(self, **new: Any) -> Record:
        """The same run with other entries in its run.json. Raises OSError."""
        meta = {**self.meta, **new}
        with written_whole(self.folder / META) as out:
            out.write(json_text(meta, indent=1))
        return Record(self.folder, meta)

    def end(self, status: str, reason: str) -> Record:
        """Close it. Raises OSError."""
        figures = {name: {**line, "value": finite(line["value"])} for name, line in self.figures().items()}
        return self.change(status=status, reason=reason, finished=now(), figures=figures)

    def add_note(self, text: str) -> None:
        """Raises OSError."""
        _append(self.folder / NOTES, {"at": now(), "text": text})

    def add_metrics(self, lines: list[dict[str, Any]]) -> None:
        """Raises OSError."""
        _append(self.folder / METRICS, *({**line, "value": finite(line["value"])} for line in lines))

    def add_artefact(self, path: Path, copy: bool) -> Record:
        """Keep a file or folder: a copy where `copy` allows and it is small, always path, size and checksum.

        Raises OSError.
        """
        entry = {**describe(path), "copy": ""}
        if copy and entry["bytes"] <= MOST_COPIED:
            self.artefacts.mkdir(exist_ok=True)
            target = _free(self.artefacts / path.name)
            if path.is_dir():
                shutil.copytree(path, target)
            else:
                shutil.copy2(path, target)
            entry["copy"] = target.name
        return self.change(artefacts=[*self.meta.get("artefacts", ()), entry])


def tracking_folder(settings: Settings) -> Path:
    """Where everything that is tracked lies."""
    return Path(settings.tracking.folder) if settings.tracking.folder else settings.paths.data / "tracking"


def create(settings: Settings, meta: Mapping[str, Any]) -> Record:
    """A new run in the journal. Raises OSError."""
    runs = tracking_folder(settings) / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    while True:
        folder = runs / f"{settings.now():%y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir()
            return Record(folder, {}).change(id=folder.name, **meta)


def records(settings: Settings) -> list[Record]:
    """Every tracked run, the oldest first; one whose process is gone is interrupted, and that is written down."""
    found = [_found_out(record) for path in _metas(settings) if (record := _read(path)) is not None]
    return sorted(found, key=lambda record: str(record.meta["started"]))  # names tell seconds only


def damaged(settings: Settings) -> list[Path]:
    """The folders of the runs whose run.json cannot be read."""
    return [path.parent for path in _metas(settings) if _read(path) is None]


def _metas(settings: Settings) -> list[Path]:
    return sorted((tracking_folder(settings) / "runs").glob(f"*/{META}"))


def _read(path: Path) -> Record | None:
    """The run of a run.json; None where it is damaged."""
    try:
        meta = read_json(path.read_text(encoding="utf-8"))
        dt.datetime.fromisoformat(meta["started"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return Record(path.parent, meta)


def _found_out(record: Record) -> Record:
    if record.status != RUNNING or not is_gone(record.meta.get("process", {})):
        return record
    reason = "its process was killed, or the machine went down"
    try:
        return record.end(INTERRUPTED, reason)
    except OSError:
        return Record(record.folder, {**record.meta, "status": INTERRUPTED, "reason": reason})


def find(settings: Settings, name: str) -> Record:
    """A run by its identifier or the beginning of one, by its name (the latest so called), or the `last` one.

    Raises UsageError.
    """
    every = records(settings)
    for fits in (
        every[-1:] if name == "last" else [],
        [one for one in every if one.id == name],
        [one for one in every if one.name == name],
        [one for one in every if name and one.id.startswith(name)],
    ):
        if fits:
            return fits[-1]
    raise UsageError(f"there is no tracked run {name}; `hark eval history` shows them")


def maker(settings: Settings, sha256: str) -> Record | None:
    """The latest run that kept a file of this checksum and was not undone; None for none."""
    for record in reversed(records(settings)):
        if not record.undone and any(one.get("sha256") == sha256 for one in record.meta.get("artefacts", ())):
            return record
    return None


def describe(path: Path) -> dict[str, Any]:
    """{"path", "bytes", "sha256"} of a file, or of a folder by the names and contents of its files. Raises OSError."""
    from assistant import hub

    path = path.absolute()
    if not path.is_dir():
        return {"path": str(path), "bytes": path.stat().st_size, "sha256": hub.sha256(path)}
    digest, size = hashlib.sha256(), 0
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        size += file.stat().st_size
        digest.update(f"{file.relative_to(path).as_posix()}\0{hub.sha256(file)}\n".encode())
    return {"path": str(path), "bytes": size, "sha256": digest.hexdigest()}


def flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Nested tables as dotted names, each with its value as text."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            yield from flat(entry, f"{name}.{key}" if name else str(key))
    else:
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def now() -> str:
    """This moment, in UTC, to the microsecond: runs may begin within one second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="microseconds")


def finite(value: float) -> float | str:
    """JSON has no infinity: what is not a finite number is written "nan", "inf" or "-inf", which float() reads."""
    return value if math.isfinite(value) else str(value)


def _free(path: Path) -> Path:
    """This path, or the first with a number that is not taken."""
    numbered = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in range(2, 10**6))
    return path if not path.exists() else next(one for one in numbered if not one.exists())


def _append(path: Path, *lines: Mapping[str, Any]) -> None:
    text = "".join(map(json_text, lines))
    with path.open("a", encoding="utf-8") as out:
        out.write(text)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file of JSON lines; a line that a kill has torn is passed over."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in text.split("\n"):
        with contextlib.suppress(ValueError):
            found = read_json(line)
            if isinstance(found, dict):
                yield found
