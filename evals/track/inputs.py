"""What a training was made from, and whether that is as it was.

Files and folders are kept by their checksum. The turns that a person labelled are kept by one checksum over all of
them, for they stand in the diary among turns that do not matter here; the skills by the hash that every run has.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assistant.assemble import open_database, open_skills
from assistant.config import Settings
from assistant.prompt import prompt_hash
from assistant.registry import SkillSet
from assistant.trace import Trace
from evals.track.journal import Record, describe

LABELLED = "labelled_turns"
"""The input that is what `labelled_turns` gives."""


def labelled_turns(settings: Settings) -> dict[str, Any]:
    """{"n", "sha256"} of the turns that a person labelled: their words, what was decided, and what was right.

    A diary that cannot be read teaches nothing: then there are none.
    """
    try:
        labelled = Trace(open_database(settings)).labelled()
    except sqlite3.Error:
        labelled = []
    digest = hashlib.sha256()
    for turn, call in labelled:
        digest.update(f"{json.dumps([turn.transcript.text, str(turn.decision.call), str(call)])}\n".encode())
    return {"n": len(labelled), "sha256": digest.hexdigest()}


def skills_of(house: SkillSet) -> dict[str, str]:
    """The inputs that say what skills there were: {"skills", "prompt"}, each a hash."""
    return {"skills": house.hash, "prompt": prompt_hash(house.skills)}


def changed_inputs(record: Record, settings: Settings) -> list[str]:
    """What a training was made from and that is not as it was, a phrase for each.

    Args:
        settings: those of the training, as `evals.track.repeat.settings_of` gives them.
    """
    inputs = record.meta.get("inputs") or {}
    found = [phrase for name, known in _files(inputs, "") if (phrase := _changed(name, known))]
    known = inputs.get(LABELLED)
    if isinstance(known, Mapping):
        now = labelled_turns(settings)
        if now["sha256"] != known.get("sha256"):
            found.append(f"the turns that were labelled have changed: there were {known.get('n')} and are {now['n']}")
    if record.kind in ("finetune", "learn"):
        now = skills_of(open_skills(settings))
        names = (name for name in now if isinstance(inputs.get(name), str) and inputs[name] != now[name])
        found += [f"the {name} {'has' if name == 'prompt' else 'have'} changed" for name in names]
    return found


def _changed(name: str, known: Mapping[str, Any]) -> str:
    """What is not as it was of a file or folder; "" for nothing."""
    path = Path(str(known["path"]))
    if not path.exists():
        return f"{name} is not there: {path}"
    try:
        now = describe(path)["sha256"]
    except OSError as error:
        return f"{name} cannot be read: {path} ({error.strerror})"
    if now == known["sha256"]:
        return ""
    return f"{name} has changed: {path} was {str(known['sha256'])[:12]} and is {now[:12]}"


def files_of(record: Record) -> Iterator[Path]:
    """The files and folders that a training was made from."""
    return (Path(str(known["path"])) for _, known in _files(record.meta.get("inputs") or {}, ""))


def _files(inputs: Any, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(inputs, list):
        inputs = {str(number): entry for number, entry in enumerate(inputs, 1)}
    if not isinstance(inputs, Mapping):
        return
    if {"path", "sha256"} <= inputs.keys():
        yield name, inputs
        return
    for key, entry in inputs.items():
        yield from _files(entry, f"{name}.{key}" if name else str(key))
