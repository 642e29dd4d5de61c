"""Open a set: one of ours by its name, a public one through its adapter, or any file of cases."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.commands.frame import UsageError
from assistant.layers import suggest
from assistant.readers import Unreadable, read_arguments
from assistant.skill import Household, Skill, SkillError
from evals.cases import FAMILY_OF, BadCase, Case, check, quoted, read_cases, read_lines, shortened, to_json

DATA = Path(__file__).parents[1] / "data"
WRITTEN: Mapping[str, str] = {"must-pass": "must_pass.jsonl", "quick": "quick.jsonl"}
"""The committed sets: name -> file in evals/data."""
NIGHTLY = "nightly"
NIGHTLY_FILE = "nightly.jsonl"

Closed = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Skill -> argument -> its choices, () for an open one."""
Reads = Callable[[Case], str]
"""Says which words of a case no reader reads; "" where they are all read."""


@dataclass(frozen=True, slots=True)
class EvalSet:
    """Cases to measure on."""

    name: str
    cases: tuple[Case, ...]
    sha256: str
    """Of the file; of a public set, of the cases that its adapter made."""
    folder: Path
    """Where the cases' recordings are looked for."""


def open_set(name_or_path: str | Path, data: Path | None = None) -> EvalSet:
    """A set by its name or by the path of its file.

    Args:
        name_or_path: must-pass, quick, nightly, the name of an adapter, or a JSONL file of cases.
        data: the folder of a public set, or of the built nightly set.
    Raises:
        UsageError: there is no such set, or its folder is not said or lacks a file; the sentence says what to do.
        SkillError: a line of the file is no case; the sentence names file and line.
    """
    from evals.adapters import ADAPTERS, open_adapter

    name = str(name_or_path)
    if name in WRITTEN:
        return _from_file(DATA / WRITTEN[name], name)
    if name == NIGHTLY:
        return _from_file(_nightly_file(data), NIGHTLY)
    if name in ADAPTERS:
        found = open_adapter(name, data)
        return EvalSet(name, found.cases, _checksum(found.cases), found.folder)
    return _from_file(must_exist(Path(name)), Path(name).stem)


def must_exist(path: Path) -> Path:
    """The path of a file of cases that is there. Raises UsageError."""
    from evals.adapters import ADAPTERS

    if path.is_file():
        return path
    known = ", ".join((*WRITTEN, NIGHTLY, *ADAPTERS))
    if path.is_dir():
        files = sorted(path.glob("*.jsonl"))
        such = f", such as {files[0]}" if files else ""
        raise UsageError(
            f"{path} is a folder; name one file of cases{such}, or a set by its name ({known}): the folder of a public "
            "set is given with --data"
        )
    raise UsageError(f"there is no set and no file {path}; the sets are {known}")


def problems(path: Path, closed: Closed, reads: Reads = lambda _: "") -> Iterator[str]:
    """Everything that is wrong with a file of cases, a sentence for each fault, with file and line.

    Args:
        closed: what may be said for each argument.
        reads: `readers_of` the house.
    Raises:
        OSError: the file cannot be read.
    """
    seen: dict[tuple[str, str, tuple[str, ...]], int] = {}
    number = 0
    for number, case in enumerate(read_lines(path), 1):
        where = f"{path}, line {number}"
        if isinstance(case, BadCase):
            yield f"{where}: {case}"
            continue
        try:
            fault = _fault(case, closed, path.parent) or reads(case)
        except (ValueError, TypeError, AttributeError, KeyError) as wrong:
            yield f"{where}: {wrong}"
            continue
        if fault:
            yield f"{where}: {fault}"
        heard = tuple(tag for tag in case.tags if tag.startswith(("voice:", "snr:")))
        first = seen.setdefault((case.text, case.sound, heard), number)
        if first != number:
            yield f"{where}: {quoted(case.text or case.sound)} stands on line {first} already"
    if not number:
        yield f"{path} holds no case"


def _fault(case: Case, closed: Closed, folder: Path) -> str:
    if case.sound and not (folder / case.sound).is_file():
        return f"there is no recording {shortened(case.sound)} in {folder}"
    if case.sound and not case.text:
        return "" if case.skill in closed else f"there is no skill {shortened(case.skill)}"
    try:
        check(case, closed)
    except BadCase as wrong:
        return str(wrong).removeprefix(f"{shortened(case.source)}: ")
    return ""


def readers_of(skills: tuple[Skill, ...], now: dt.datetime, household: Household) -> Reads:
    """Holds the words of a case, and of its other calls, against the readers that answer people.

    An argument that a case leaves out is none of its faults: it may be asked for.
    """
    by_name = {skill.name: skill for skill in skills}

    def reads(case: Case) -> str:
        if not case.args_known:
            return ""
        for name, words in case.acceptable:
            if name in by_name:
                said = tuple(argument for argument in by_name[name].arguments if argument.name in words)
                try:
                    read_arguments(replace(by_name[name], arguments=said), words, now=now, household=household)
                except Unreadable as fault:
                    pointed = quoted(words[fault.argument])
                    return f"{quoted(case.text)}: {name}: no reader reads {fault.argument}={pointed} ({fault})"
        return ""

    return reads


def hold_skills(found: EvalSet, where: str, installed: Collection[str]) -> None:
    """See that every case asks for a skill that there is: a misspelt one would count as wrong, however it is decided.

    Args:
        where: the set's file or name, for the sentence.
        installed: names; Hark's own are known even where the household has left them out.
    Raises:
        UsageError: a case asks for another; file and line are named.
    """
    known = {*installed, *FAMILY_OF}
    for number, case in enumerate(found.cases, 1):
        for skill, _ in case.acceptable:
            if skill and skill not in known:
                hint = suggest(skill, known) or "; hark skills list shows them"
                raise UsageError(f"{where}, line {number}: there is no skill {shortened(skill)}{hint}")


def closed_arguments(skills: tuple[Skill, ...]) -> Closed:
    """What may be said for each argument of each skill."""
    return {skill.name: {argument.name: argument.choices for argument in skill.arguments} for skill in skills}


def _nightly_file(data: Path | None) -> Path:
    if data is None:
        raise UsageError(
            "the nightly set is built first, by hark eval sets build nightly --to FOLDER; then say --data FOLDER"
        )
    if not (data / NIGHTLY_FILE).is_file():
        raise UsageError(f"there is no {NIGHTLY_FILE} in {data}; hark eval sets build nightly --to {data} makes it")
    return data / NIGHTLY_FILE


def _from_file(path: Path, name: str) -> EvalSet:
    try:
        cases = tuple(read_cases(path))
    except BadCase as fault:
        raise SkillError(f"{path.parent / str(fault)}; hark eval sets check {path} names every fault") from None
    except UnicodeDecodeError:
        raise SkillError(f"{path} is no text in UTF-8") from None
    return EvalSet(name, cases, hashlib.sha256(path.read_bytes()).hexdigest(), path.parent)


def _checksum(cases: tuple[Case, ...]) -> str:
    lines = (json.dumps(to_json(case), ensure_ascii=False, sort_keys=True) for case in cases)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
