"""What was learned on this board: the skill model that stands beside the one that ships, and those before it.

The one that ships stays as it is. The learned one decides about the skills that it was taught, and about nothing else.

The files lie in `learned` in the data folder, with a state file that names each by its checksum. A file that is not
named there, or not whole, is not used: whatever is interrupted, the model before stays. A few that are out of use lie
in `earlier`. A state file that is damaged is never written over: `hark learn` puts it into `damaged`, with the models
that it may name.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import itertools
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from assistant import files, hub
from assistant.config import Settings
from assistant.files import read_json
from assistant.skill import SkillError

log = logging.getLogger(__name__)

FOLDER, STATE, LOCK, EARLIER, DAMAGED = "learned", "learned.json", "lock", "earlier", "damaged"
KEPT = 5
"""So many learned models are kept to go back to, each as large as the one that ships."""
KEPT_ASIDE = 3
"""So many that were undone, or are too old to go back to, are kept beside them: for runs of theirs to be repeated."""


@dataclass(frozen=True, slots=True)
class Step:
    """One model that was learned and taken into use."""

    file: str
    sha256: str
    at: str
    """ISO 8601, the household's clock."""
    skills: Mapping[str, str] = field(default_factory=dict)
    """Each new skill that it decides about -> hash of its signature and examples."""
    corrections: str = ""
    """Hash of the corrected turns it learned from; "" for none."""
    rows: str = ""
    """Hash of the reviewed rows it learned from; "" for none."""
    rows_from: Sequence[str] = ()
    """The folders or files of those: the next learning takes them up again."""


@dataclass(frozen=True, slots=True)
class State:
    """What learned.json holds."""

    base: str = ""
    """SHA-256 of the shipped model that all steps were learned from."""
    steps: tuple[Step, ...] = ()
    """The oldest first; the last is in use."""
    told: str = ""
    """SHA-256 of the shipped model for which it was said that it has retired what was learned."""


def folder(settings: Settings) -> Path:
    """Where the learned models are."""
    return settings.paths.data / FOLDER


def read(settings: Settings) -> State:
    """The state; an empty one where nothing was learned. Raises SkillError where the file cannot be read."""
    path = folder(settings) / STATE
    try:
        found = read_json(path.read_text(encoding="utf-8"))
        return State(found["base"], tuple(map(_step, found["steps"])), found["told"])
    except (FileNotFoundError, NotADirectoryError):
        return State()
    except OSError as error:
        fault = f"cannot be read ({error.strerror})"
    except (ValueError, TypeError, KeyError, AttributeError):
        fault = "is damaged"
    raise SkillError(
        f"{path} {fault}, so what was learned is not in use; put a copy of it back, or run hark learn, which makes it "
        "anew and keeps that file"
    )


def _step(found: Mapping[str, Any]) -> Step:
    """Raises ValueError or TypeError for what `adopt` has not written."""
    step = Step(**found)
    texts = (
        step.file,
        step.sha256,
        step.at,
        step.corrections,
        step.rows,
        *step.skills,
        *step.skills.values(),
        *step.rows_from,
    )
    if not all(isinstance(one, str) for one in texts) or Path(step.file).name != step.file:
        raise ValueError("no step of ours")
    dt.datetime.fromisoformat(step.at)
    return step


def in_use(settings: Settings, base: str, checksum: Callable[[Path], str]) -> Step | None:
    """The learned model that stands beside the shipped one, whole; None where there is none.

    Where the shipped model has changed since, what was learned is retired, and that is said once.

    Args:
        base: SHA-256 of the model that ships.
        checksum: gives that of any file.
    Raises:
        OSError: a model cannot be read.
    """
    try:
        state = read(settings)
    except SkillError as error:
        _warn(str(error))
        return None
    if not state.steps:
        return None
    if state.base == base:
        step = state.steps[-1]
        path = folder(settings) / step.file
        if path.is_file() and checksum(path) == step.sha256:
            return step
        fault = "damaged" if path.is_file() else "gone"
        _warn(f"the learned model {path} is {fault} and not in use; hark learn makes it anew")
        return None
    if state.told != base:
        log.warning("the skill model that ships is a new one and has retired what was learned; run hark learn again")
        with contextlib.suppress(OSError):
            _write(settings, replace(state, told=base))
    return None


def adopt(settings: Settings, base: str, draft: Path, step: Step) -> None:
    """Take a model into use: its file first, under its own name, then the state. Raises OSError."""
    with draft.open("rb") as file:  # a pulled plug must not leave a state that names an empty file
        os.fsync(file.fileno())
    try:
        before = read(settings)
    except SkillError:
        before = State()
        _put_aside(settings, draft)
    steps = before.steps if before.base == base else ()
    draft.replace(folder(settings) / step.file)
    _write(settings, State(base, (*steps, step)[-KEPT:]))
    _tidy(settings)


def undo(settings: Settings, base: str) -> State:
    """Go back to what was learned before.

    Returns:
        the state now; without steps, the model that ships is in use alone.
    Raises:
        LookupError: nothing was learned beside the model that ships.
        SkillError: what was learned cannot be read.
        OSError: the state cannot be written.
    """
    state = read(settings)
    if state.base != base or not state.steps:
        raise LookupError("nothing was learned; the skill model that ships is in use alone")
    state = replace(state, steps=state.steps[:-1])
    _write(settings, state)
    _tidy(settings)
    return state


@contextlib.contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """Alone in the folder. Raises BlockingIOError while another process learns, OSError."""
    folder(settings).mkdir(parents=True, exist_ok=True)
    with files.locked(folder(settings) / LOCK):
        yield


def now(settings: Settings) -> str:
    """When a step is taken."""
    return settings.now().isoformat(timespec="seconds")


def day_of(step: Step) -> str:
    """The day of a step, for people."""
    return f"{dt.datetime.fromisoformat(step.at):%d %B %Y}".lstrip("0")


@functools.cache
def _warn(sentence: str) -> None:
    """Say it once, however often this process asks what is in use."""
    log.warning("%s", sentence)


def _write(settings: Settings, state: State) -> None:
    content = json.dumps(asdict(state), indent=1) + "\n"
    hub.write_whole(folder(settings) / STATE, content.encode())


def _put_aside(settings: Settings, draft: Path) -> None:
    """Move a state file that cannot be read to where nobody writes, after every model that it may name."""
    place = folder(settings)
    names = itertools.chain([DAMAGED], (f"{DAMAGED}-{number}" for number in itertools.count(2)))
    aside = next(path for name in names if not (path := place / name).exists())
    aside.mkdir()
    for file in place.glob("*.gguf"):
        if file != draft:
            file.replace(aside / file.name)
    (place / STATE).replace(aside / STATE)
    log.warning("the %s that cannot be read and the models beside it are kept in %s", STATE, aside)


def _tidy(settings: Settings) -> None:
    """Put models that no step names any more aside, and drop the oldest of those."""
    named = {step.file for step in read(settings).steps}
    aside = folder(settings) / EARLIER
    with contextlib.suppress(OSError):
        for file in folder(settings).glob("*.gguf"):
            if file.name not in named:
                aside.mkdir(exist_ok=True)
                os.utime(file.replace(aside / file.name))  # so that they sort by when they were put aside
        latest = sorted(aside.glob("*.gguf"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
        kept = [file for file in latest if file.name not in named][:KEPT_ASIDE]
        for file in latest:
            if file not in kept:
                file.unlink()
