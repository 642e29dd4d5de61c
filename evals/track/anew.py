"""The command of a training, changed so that it begins anew and leaves all that there is as it is.

A training goes on where its work folder says that it was, so a repetition has a folder of its own; `hark learn` takes
nothing into use, and measures against what was in use then.
"""

from __future__ import annotations

import itertools
import shlex
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant import models
from assistant.config import Settings
from assistant.skill import SkillError
from evals.track.inputs import files_of
from evals.track.journal import Record
from evals.track.repeat import settings_of

FOLDER = "repeated"
"""In the data folder: the work folders of repetitions."""
WORK, STEP, RESUME = "--work", "--step", "--resume"
WHOLE = ("", "all", "train")
"""The steps of a fine-tuning that need nothing of an earlier one."""
EXPORTS = {"finetune.listening": "--model"}
"""Modules that go on to write the model that ships -> the option that says where else."""


@dataclass(frozen=True, slots=True)
class Again:
    """What is to be run."""

    command: tuple[str, ...]
    folder: Path
    """It is run in."""
    work: Path | None = None
    """The folder that it works in, one that nobody has used; None for a command that needs none."""
    before: Path | None = None
    """The folder that it worked in, where the command said so."""


def plan_again(record: Record, settings: Settings) -> Again:
    """How a training is repeated; nothing is made yet. Raises SkillError where it cannot be."""
    command = tuple(str(word) for word in record.meta.get("command", ()))
    if any(word.endswith("=***") for word in command):
        raise SkillError(
            "the command held a secret, or a setting of the household, which is not kept; run it yourself: "
            f"{shlex.join(command)}"
        )
    folder = Path(str(record.meta.get("folder", ".")))
    if not folder.is_dir():
        raise SkillError(f"the folder that {record.name} was run in is not there: {folder}")
    if record.kind == "learn":
        return Again(_learning(record, settings, command), folder)
    step = _said(command, STEP)
    if record.kind == "finetune" and step not in WHOLE:
        raise SkillError(
            f"{record.name} was the step {step} alone, of what lay in its work folder; repeat the run that trained it"
        )
    before = _said(command, WORK)
    if record.kind != "finetune" and not before:
        return Again(command, folder)
    work = _fresh(settings, record)
    words = [*_without(command, {WORK}, {RESUME}), WORK, str(work)]
    for option in (option for module, option in EXPORTS.items() if module in command):
        words = [*_without(words, {option}, set()), option, str(work / "model")]
    return Again(tuple(words), folder, work, (folder / before).absolute() if before else None)


def make_folder(record: Record, again: Again) -> None:
    """Make its work folder, with what lay in the old one and was an input. Raises OSError."""
    if again.work is None:
        return
    again.work.mkdir(parents=True)
    for path in files_of(record):
        if again.before is not None and path.is_relative_to(again.before):
            target = again.work / path.relative_to(again.before)
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                shutil.copytree(path, target)
            else:
                shutil.copy2(path, target)


def _learning(record: Record, settings: Settings, command: Sequence[str]) -> tuple[str, ...]:
    """`hark learn`, without the switch, beside what had been learned before it."""
    if "learn" not in command:
        raise SkillError(f"{record.name} was not made by the command `hark learn`; repeat it as it was made")
    then, wanted = settings_of(settings, record.meta), str((record.meta.get("models") or {}).get("learned", ""))
    if models.checksums(then).get("learned", "") != wanted:
        raise SkillError(f"what had been learned before {record.name} is not there any more, {wanted[:12]}")
    if rows := (record.meta.get("inputs") or {}).get("rows"):  # those that were in use already came along unsaid
        named = (word for one in rows for word in ("--rows", str(one["path"])))
        command = [*_without(command, {"--rows"}, set()), *named]
    at, beside = command.index("learn"), then.models.learned
    chosen = ("--set", f"models.learned={beside}") if beside else ()
    dry = () if "--dry-run" in command else ("--dry-run",)
    return (*command[:at], *chosen, *command[at:], *dry)


def _fresh(settings: Settings, record: Record) -> Path:
    """A folder that is not there yet."""
    names = itertools.chain([record.id], (f"{record.id}-{number}" for number in itertools.count(2)))
    return next(path for name in names if not (path := settings.paths.data / FOLDER / name).exists())


def _said(command: Sequence[str], option: str) -> str:
    """The value of an option, the last one said; "" for none."""
    found = ""
    for word, following in zip(command, (*command[1:], ""), strict=True):
        if word == option:
            found = following
        elif word.startswith(f"{option}="):
            found = word.partition("=")[2]
    return found


def _without(command: Sequence[str], valued: set[str], flags: set[str]) -> Iterator[str]:
    """The command without these options, a value with each of `valued`."""
    words = iter(command)
    for word in words:
        if word in valued:
            next(words, None)
        elif word not in flags and word.partition("=")[0] not in valued:
            yield word
