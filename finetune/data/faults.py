"""What is wrong with rows that are there: every fault of a file or a folder, a sentence each."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from evals.cases import BadCase, Case, quoted, read_lines
from finetune.data.dataset import files_of, is_dataset, load, read_facts, side_of
from finetune.data.gate import Gate


def faults(path: Path, gate: Gate) -> Iterator[str]:
    """What is wrong with a file or folder of rows.

    Every malformed, unreadable or doubled row is named, and rows of a dataset that stand on the wrong side.

    Raises:
        SkillError: there is no such file, or the dataset's facts are damaged.
    """
    count = bad = 0
    given = read_facts(path).validation if is_dataset(path) else None
    for file in files_of(path):
        texts = []
        for number, found in enumerate(read_lines(file), 1):
            where = f"{file.name}, line {number}"
            sentences = [f"{where}: {found}"] if isinstance(found, BadCase) else list(_of_row(where, found, gate))
            if isinstance(found, Case):
                texts.append(found.text)
                sentences += _of_side(where, found, file.stem, given)
            yield from sentences
            count, bad = count + 1, bad + bool(sentences)
        if given is not None:
            gate.hold_back(texts)
    if not count:
        yield f"{path} holds no row"
    elif given is not None and not bad:
        dataset = load(path)
        if dataset.facts.version != dataset.version:
            yield f"the rows are not those of version {dataset.facts.version}: somebody changed them by hand"


def _of_row(where: str, case: Case, gate: Gate) -> Iterator[str]:
    try:
        why = gate.reason(case, where)
    except BadCase as fault:
        yield str(fault)
        return
    if why:
        detail = gate.unreadable(case)
        yield f"{where}: {quoted(case.text)}: {why}{f' ({detail})' if detail else ''}"


def _of_side(where: str, case: Case, side: str, given: Collection[str] | None) -> Iterator[str]:
    """Args: given: groups that a skill gave to dev; None outside of a dataset, where rows have no side."""
    if given is not None and side_of(case.group, given) != side:
        yield f"{where}: {quoted(case.text)}: its group belongs to the {side_of(case.group, given)} side"
