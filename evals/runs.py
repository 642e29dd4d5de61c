"""A run of a set, kept as a folder: what was run, the evidence case by case, and the score of that evidence.

The evidence comes first, one line per case, flushed as it is written: a run that was interrupted, or killed, goes on
where it was, and an old one is scored again without being run. Scoring itself is in `evals.scoring`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import json
import math
import os
import re
import shutil
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TextIO

from assistant.commands.frame import UsageError, written_whole
from assistant.config import Settings
from assistant.files import json_text, lock, read_json
from assistant.skill import SkillError
from evals.answers import Answer
from evals.cases import Case, to_json
from evals.machine import code, is_gone, machine, this_process, tools

FOLDER, META, EVIDENCE, SCORE = "runs", "run.json", "evidence.jsonl", "score.json"
RUNNING, DONE, FAILED, INTERRUPTED = "running", "done", "failed", "interrupted"
LAST = "last"
"""Stands for the latest run wherever one is named."""
_NAME = re.compile(r"[\w][\w.+-]*\Z")


@dataclass(frozen=True, slots=True)
class Evidence(Answer):
    """What came of one case: a line of evidence.jsonl, field by field."""

    kind: str = "text"
    """text: the case's words were decided; sound: its recording was; voice: a synthetic voice that spoke its words."""
    heard: str | None = None
    """What the recognizer wrote; None where nothing was heard because the words were given."""
    runner_ups: Sequence[Mapping[str, Any]] = ()
    """{"call", "probability"}, the best first."""
    ms: Mapping[str, float] = field(default_factory=dict)
    """Stage -> milliseconds: transcribe, decide."""
    voice: str = ""
    """Of kind voice: who spoke."""
    snr_db: float | None = None
    """Of kind voice: speech over noise, in dB; None for no noise."""

    @property
    def key(self) -> tuple[object, ...]:
        """What tells one case from another: the same in every run of it, whatever set it stands in."""
        return (self.kind, self.case.key, self.case.sound, self.voice, self.snr_db)

    @property
    def sentence(self) -> tuple[object, ...]:
        """What tells one sentence from another, whoever says it."""
        return (self.case.text, self.case.skill, tuple(sorted(self.case.words.items())))

    def to_json(self) -> dict[str, Any]:
        """The line's object."""
        record = {item.name: getattr(self, item.name) for item in fields(self)}
        return record | {"case": to_json(self.case)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Evidence:
        """From a line's object; fields of a newer Hark are passed over. Raises ValueError, TypeError, KeyError."""
        names = {item.name for item in fields(cls)}
        numbers = [record.get("confidence", 1.0), *dict(record.get("ms", {})).values()]
        if record.get("snr_db") is not None:
            numbers.append(record["snr_db"])
        if any(not isinstance(one, (int, float)) or not math.isfinite(one) for one in numbers):
            raise ValueError("a confidence, a time or a level in it is no number")
        json.dumps(record, ensure_ascii=False).encode()  # raises ValueError for half of a surrogate pair
        known: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in record.items() if n in names}
        return cls(**known | {"case": Case(**record["case"])})


@dataclass(frozen=True, slots=True)
class Inputs:
    """What decides the outcome of a run; it may be continued only while all of this is the same."""

    set: str
    set_sha256: str
    n: int
    """Lines of evidence that a whole run has."""
    models: Mapping[str, str]
    """Role -> SHA-256 of the model file."""
    prompt_hash: str
    skills_hash: str
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    """What else was said on the command line, and the clock that "tomorrow" is read by."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Those that matter, `evals.machine.kept_settings`."""
    arguments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Skill -> argument -> its kind, by which arguments are counted."""


@dataclass(frozen=True, slots=True)
class Run:
    """One folder of a run."""

    folder: Path
    meta: Mapping[str, Any]
    """What run.json holds; a run whose process is gone is `interrupted`, whatever the file says."""

    @property
    def name(self) -> str:
        """Its name, that of its folder."""
        return str(self.meta["name"])

    def evidence(self) -> tuple[Evidence, ...]:
        """Every whole line; a last line that was torn by a kill is passed over. Raises SkillError for a spoilt one."""
        return tuple(_evidence(self.folder / EVIDENCE))

    def score(self) -> dict[str, Any] | None:
        """What score.json holds; None where the run was never scored. Raises SkillError."""
        path = self.folder / SCORE
        return _read_object(path) if path.exists() else None

    def write_score(self, score: Mapping[str, Any]) -> None:
        """Keep a score beside the evidence."""
        _write_object(self.folder / SCORE, score)


def runs_folder(settings: Settings) -> Path:
    """Where this household's runs are."""
    return settings.paths.data / FOLDER


def load(name_or_path: str | Path, settings: Settings) -> Run:
    """A run by its name, by the path of its folder, or the `last` one. Raises UsageError, SkillError."""
    if str(name_or_path) == LAST:
        found = all(settings)
        if not found:
            raise UsageError("there is no run yet; `hark eval run quick` makes one")
        return found[-1]
    for folder in (runs_folder(settings) / str(name_or_path), Path(name_or_path)):
        if (folder / META).is_file():
            return Run(folder, _meta(folder))
    raise UsageError(f"there is no run {name_or_path}; `hark eval history` shows them")


def all(settings: Settings) -> list[Run]:
    """Every run of this household, the oldest first; a folder whose run.json cannot be read is passed over."""
    found = []
    for path in runs_folder(settings).glob(f"[!.]*/{META}"):
        with contextlib.suppress(SkillError, OSError):
            found.append(Run(path.parent, _meta(path.parent)))
    return sorted(found, key=lambda run: (str(run.meta.get("started")), run.name))


class Recorder:
    """Writes a run while it runs: a context manager that keeps how the block was left as the run's status."""

    def __init__(self, run: Run, lines: TextIO, done: int = 0) -> None:
        """`lines`: the evidence, open and locked by this process; `done`: how many lines it holds."""
        self.run, self.done, self._lines = run, done, lines

    def __enter__(self) -> Recorder:
        return self

    def add(self, evidence: Evidence) -> None:
        """One more line; it is with the operating system when this returns. Raises OSError."""
        self._lines.write(json.dumps(evidence.to_json(), ensure_ascii=False) + "\n")
        self._lines.flush()
        self.done += 1

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._lines:  # until the status is written, nobody else may go on with it
            self._end(DONE if kind is None else FAILED if issubclass(kind, Exception) else INTERRUPTED)

    def _end(self, status: str) -> None:
        meta = {**self.run.meta, "status": status, "finished": _now(), "done": self.done}
        _write_object(self.run.folder / META, meta)
        self.run = Run(self.run.folder, meta)


def start(settings: Settings, inputs: Inputs, name: str = "") -> Recorder:
    """A new run, its folder made and its run.json written.

    Args:
        settings: say where; those that decide the outcome are in `inputs`.
        name: its folder's name; "" for the time and the set.
    Raises:
        UsageError: the name is taken, or is no name for a folder.
        OSError: the folder cannot be made.
    """
    if name and not _NAME.match(name):
        raise UsageError(f"{name!r} is no name for a run; use letters, digits, dots and hyphens")
    if name == LAST:
        raise UsageError(f'"{LAST}" is no name for a run: it always means the latest one; choose another')
    meta = {
        **asdict(inputs),
        "started": _now(),
        "finished": None,
        "status": RUNNING,
        "git": code().as_meta(),
        "machine": {**machine(), "tools": tools()},
        "resumed": [],
        "process": this_process(),
    }
    run = _claim(settings, name or dated(settings, inputs.set), meta, again=not name)
    return Recorder(run, _locked_lines(run))


def resume(run: Run, inputs: Inputs) -> Recorder:
    """Go on with a run that did not come to its end; a torn last line is cut off.

    Raises:
        UsageError: it is still running, or what decides the outcome has changed; the sentence names what.
        SkillError: a line of the evidence is spoilt.
    """
    lines = _locked_lines(run)
    try:
        run = Run(run.folder, _meta(run.folder))  # as it is now that nobody else can change it
        _check_resumable(run, inputs)
        done = _cut_torn_line(run.folder / EVIDENCE)
        run.evidence()  # a spoilt line is told now, and changes nothing
        again = [*run.meta.get("resumed", []), {"at": _now(), "git": code().as_meta()}]
        meta = {**run.meta, "status": RUNNING, "finished": None, "resumed": again, "process": this_process()}
        _write_object(run.folder / META, meta)
    except BaseException:
        lines.close()
        raise
    return Recorder(Run(run.folder, meta), lines, done)


def _check_resumable(run: Run, inputs: Inputs) -> None:
    if run.meta["status"] == RUNNING:
        raise UsageError(f"the run {run.name} is still running, as process {run.meta['process'].get('pid')}")
    if changed := made_otherwise(run, inputs):
        raise UsageError(
            f"the run {run.name} cannot be continued, for {listed(changed)} changed since; start a new one"
        )


def made_otherwise(run: Run, inputs: Inputs) -> list[str]:
    """What of these inputs a run was not made with, in words; nothing where it can be taken for one of them."""
    return differences(run.meta, json.loads(json.dumps(asdict(inputs))))  # as run.json has them: lists for tuples


_SAID = {
    "set": "the set's name", "set_sha256": "the cases of the set", "n": "the number of cases",
    "prompt_hash": "the prompt", "skills_hash": "the skills", "seed": "the seed",
}  # fmt: skip
_SAID_OF = {"models": "the {} model", "options": "the option {}", "settings": "the settings of {}"}
_OPTIONS = {"from": "where the set lies", "voices": "the option voice", "clock": "the clock",
            "variant": "the way of deciding"}  # fmt: skip
"""Those that are not called so on the command line."""


def differences(a: Mapping[str, Any], b: Mapping[str, Any], passed_over: Container[str] = ()) -> list[str]:
    """What decides the outcome and is not the same in two runs, in words.

    Args:
        a, b: what their run.json hold.
        passed_over: fields of Inputs, and names in its mappings.
    """
    found = [said for key, said in _SAID.items() if key not in passed_over and a.get(key) != b.get(key)]
    for key, said in _SAID_OF.items():
        one, two = a.get(key) or {}, b.get(key) or {}
        names = sorted(name for name in one.keys() | two.keys() if one.get(name) != two.get(name))
        words = _OPTIONS if key == "options" else {}
        found += [words.get(name, said.format(name)) for name in names if name not in passed_over]
    return found


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def dated(settings: Settings, set_name: str, variant: str = "") -> str:
    """A run's name where nobody gave one: the time, the set, and which of several ways of deciding it is."""
    parts = (re.sub(r"[^\w.+-]+", "-", part).strip("-") for part in (Path(set_name).stem, variant))
    known = "-".join(part for part in parts if part) or "set"
    return f"{settings.now():%Y-%m-%d-%H%M%S}-{known}"


def _claim(settings: Settings, wanted: str, meta: Mapping[str, Any], again: bool) -> Run:
    """Make the run's folder, whole under its name or not at all.

    Args:
        again: whether another name is tried where this one is taken.
    """
    parent = runs_folder(settings)
    beside = parent / f".{wanted}.{os.getpid()}.new"
    try:
        beside.mkdir(parents=True, exist_ok=True)
        (beside / EVIDENCE).touch()
        for number in range(1, 1000):
            folder = parent / (wanted if number == 1 else f"{wanted}-{number}")
            run = Run(folder, {"name": folder.name, **meta})
            _write_object(beside / META, run.meta)
            try:
                beside.rename(folder)  # an empty folder gives way, which an older Hark may have left
            except OSError as error:
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
                    raise
                if not again:
                    taken = f"there is a run {wanted} already; name this one otherwise, or say --resume"
                    raise UsageError(taken) from None
            else:
                return run
        raise UsageError(f"there are too many runs called {wanted}; give this one a name with --name")
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _locked_lines(run: Run) -> TextIO:
    """The run's evidence, to be added to by this process alone. Raises UsageError, OSError."""
    lines = (run.folder / EVIDENCE).open("a", encoding="utf-8")
    try:
        lock(lines)
    except BlockingIOError:
        lines.close()
        raise UsageError(f"the run {run.name} is still running, in another process") from None
    return lines


def _meta(folder: Path) -> dict[str, Any]:
    meta = _read_object(folder / META)
    if not isinstance(meta.get("seed") or 0, int):
        raise SkillError(f"the seed in {folder / META} is no whole number")
    meta["name"] = folder.name  # a folder that was copied or renamed is found by the name it has now
    if meta.get("status") == RUNNING and is_gone(meta.get("process") or {}):
        meta["status"] = INTERRUPTED
    return meta


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _evidence(path: Path) -> Iterator[Evidence]:
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return
    for number, line in enumerate(lines[:-1], 1):  # what stands after the last line end is "", or was torn
        try:
            yield Evidence.from_json(read_json(line))
        except (ValueError, TypeError, KeyError, AttributeError) as fault:
            raise SkillError(
                f"line {number} of {path} is no evidence ({fault}); delete it and resume the run"
            ) from None


def _cut_torn_line(path: Path) -> int:
    """Cut off what stands after the last line end; returns how many whole lines are left."""
    whole = path.read_bytes() if path.exists() else b""
    kept = whole.rfind(b"\n") + 1
    if kept < len(whole):
        os.truncate(path, kept)
    return whole.count(b"\n")


def _read_object(path: Path) -> dict[str, Any]:
    try:
        found = read_json(path.read_text(encoding="utf-8"))
    except (ValueError, UnicodeDecodeError):
        raise SkillError(f"{path} is not JSON") from None
    if not isinstance(found, dict):
        raise SkillError(f"{path} holds no JSON object")
    return found


def _write_object(path: Path, value: Mapping[str, Any]) -> None:
    with written_whole(path) as out:
        out.write(json_text(value, indent=1))
