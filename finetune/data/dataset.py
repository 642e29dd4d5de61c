"""A dataset: a folder of train, dev and test rows with a version, split by paraphrase group.

The side of a row hangs on the name of its group alone, and a sentence that was once in the test side is never let into
another one, so that a dataset can grow for years and its test rows stay unseen.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from assistant.commands.frame import written_whole
from assistant.skill import SkillError
from evals.cases import BadCase, Case, read_cases, write_cases
from finetune.data.gate import Gate, bare, passed

SIDES = ("test", "dev", "train")
"""In the order of precedence: what is in two, stays in the first."""
TEST_SHARE, DEV_SHARE = 0.1, 0.1
"""Of the groups. Constants and no settings: a changed share would move rows from one side to another."""
FACTS = "dataset.json"
NONE = "none"


def side_of(group: str) -> str:
    """test, dev or train: what finetune.rows keeps back is never trained on here either."""
    place = int.from_bytes(hashlib.sha256(group.encode()).digest()[:4], "big") / 2**32
    return "test" if place < TEST_SHARE else "dev" if place < TEST_SHARE + DEV_SHARE else "train"


@dataclass(frozen=True, slots=True)
class Caps:
    """How much of the training side one class may be."""

    none: float = 0.38
    """Of all rows; one project's model drowned in 78 % of it."""
    times_median: float = 5.0
    """How often the median class another class may be."""
    free: tuple[str, ...] = ()
    """Skills that may be as many as they are."""

    def drop(self, rows: Sequence[Case]) -> tuple[list[Case], dict[str, int]]:
        """The rows that stay, in their order, and how many each skill lost. Which ones hangs on their text alone."""
        by_skill: dict[str, list[Case]] = defaultdict(list)
        for row in rows:
            by_skill[row.skill].append(row)
        room = self._room({skill: len(mine) for skill, mine in by_skill.items()})
        kept = {
            case.text
            for skill, mine in by_skill.items()
            for case in (sorted(mine, key=_chance)[: room[skill]] if room[skill] < len(mine) else mine)
        }
        lost = {skill: len(mine) - room[skill] for skill, mine in by_skill.items() if room[skill] < len(mine)}
        return [row for row in rows if row.text in kept], lost

    def _room(self, counts: Mapping[str, int]) -> dict[str, int]:
        ours = sorted(count for skill, count in counts.items() if skill != NONE)
        most = int(ours[len(ours) // 2] * self.times_median) if len(ours) > 2 else max(ours, default=0)
        room = {skill: count if skill in self.free else min(count, most) for skill, count in counts.items()}
        if NONE in counts:
            others = sum(count for skill, count in room.items() if skill != NONE)
            fair = int(others * self.none / (1 - self.none)) if self.none < 1 and others else counts[NONE]
            room[NONE] = counts[NONE] if NONE in self.free else min(counts[NONE], fair)
        return room


def _chance(case: Case) -> str:
    return hashlib.sha256(case.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Facts:
    """What a dataset says of itself beside its rows."""

    name: str = ""
    commands: tuple[str, ...] = ()
    """What was run to make it, oldest first."""
    seeds: tuple[int, ...] = ()
    licences: Mapping[str, str] = field(default_factory=dict)
    """Source -> licence."""
    refused: Mapping[str, int] = field(default_factory=dict)
    """Reason -> rows that were made and left out."""
    capped: Mapping[str, int] = field(default_factory=dict)
    """Skill -> training rows left out because it had too many."""
    dropped: Mapping[str, int] = field(default_factory=dict)
    """Paraphrases and heard sentences that lost an argument, by reason."""
    private: bool = False
    """Whether it holds what the household said."""
    version: str = ""
    rejected: Mapping[str, Any] = field(default_factory=dict)
    """Text -> the source of a row that a person rejected, so that it does not come again."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """The rows of each side, and the facts."""

    sides: Mapping[str, tuple[Case, ...]]
    facts: Facts = Facts()

    @property
    def rows(self) -> tuple[Case, ...]:
        """All of them, the test side first."""
        return tuple(case for side in SIDES for case in self.sides[side])

    @property
    def version(self) -> str:
        """The first 12 hex digits of a SHA-256 over all rows and their sides; their order does not count."""
        lines = sorted(side + _line(case) for side in SIDES for case in self.sides[side])
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]

    def write(self, folder: Path) -> Dataset:
        """Write the folder, each file whole, the facts last; returns the dataset with its version in the facts.

        Raises:
            OSError: the folder cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True)
        for side in SIDES:
            write_cases(folder / f"{side}.jsonl", self.sides[side])
        facts = replace(self.facts, version=self.version)
        with written_whole(folder / FACTS) as out:
            out.write(json.dumps(asdict(facts), ensure_ascii=False, indent=1) + "\n")
        return Dataset(self.sides, facts)


def _line(case: Case) -> str:
    return json.dumps(asdict(case) | {"words": dict(case.words)}, ensure_ascii=False, sort_keys=True, default=list)


def is_dataset(folder: Path) -> bool:
    """Whether a dataset was written there."""
    return (folder / FACTS).is_file()


def load(folder: Path) -> Dataset:
    """Read a dataset's folder.

    Raises:
        SkillError: there is none, or its facts are damaged.
        BadCase: a row is malformed; the message names file and line.
    """
    if not is_dataset(folder):
        raise SkillError(f"{folder} holds no dataset; `hark data grow --to {folder}` makes one")
    try:
        read = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        facts = Facts(**{**read, "commands": tuple(read["commands"]), "seeds": tuple(read["seeds"])})
    except (ValueError, TypeError, KeyError) as fault:
        raise SkillError(f"{folder / FACTS} is damaged ({fault}); build the dataset again") from None
    paths = {side: folder / f"{side}.jsonl" for side in SIDES}
    return Dataset({side: tuple(read_cases(path)) if path.exists() else () for side, path in paths.items()}, facts)


def rows_of(path: Path) -> Iterator[tuple[str, Case]]:
    """The rows of a file, or of a folder's .jsonl files, each with the place it stands at.

    Raises:
        BadCase: a row is malformed; the message names file and line.
        SkillError: there is no such file.
    """
    files = [path]
    if path.is_dir():
        files = [path / f"{side}.jsonl" for side in SIDES] if is_dataset(path) else sorted(path.glob("*.jsonl"))
    if not files or not all(file.is_file() for file in files):
        raise SkillError(f"there are no rows at {path}; name a JSONL file, or a folder with some")
    for file in files:
        for number, case in enumerate(read_cases(file), 1):
            yield f"{file.name}, line {number}", case


@dataclass(frozen=True, slots=True)
class Plan:
    """What a dataset is composed under."""

    gate: Gate
    earlier: Dataset | None = None
    """The dataset that grows; its rows come first."""
    caps: Caps = Caps()
    told: Callable[[int], None] = lambda _: None


def compose(rows: Iterable[tuple[str, Case]], facts: Facts, plan: Plan) -> Dataset:
    """Rows through the gate, onto their sides, under the caps.

    Args:
        rows: where each stands, and the row.
    Raises:
        BadCase: a malformed row; the message names file and line.
    """
    by_side: dict[str, list[tuple[str, Case]]] = {side: [] for side in SIDES}
    before = plan.earlier or Dataset(dict.fromkeys(SIDES, ()))
    for side in SIDES:
        by_side[side] += [("", case) for case in before.sides[side]]
    for where, case in rows:
        grouped = case if case.group else replace(case, group=f"text:{bare(case.text)}")
        if grouped.text not in before.facts.rejected:
            by_side[side_of(grouped.group)].append((where, grouped))
    sides: dict[str, tuple[Case, ...]] = {}
    done = 0
    for side in SIDES:
        sides[side] = tuple(passed(by_side[side], plan.gate, lambda n, done=done: plan.told(done + n)))  # type: ignore[misc]
        done += len(by_side[side])
        for case in sides[side]:
            plan.gate.other_side.add(bare(case.text))
    kept, capped = plan.caps.drop(sides["train"])
    sides["train"] = tuple(kept)
    return Dataset(sides, _merged(before.facts, facts, plan.gate.refused, capped))


def _merged(before: Facts, new: Facts, refused: Mapping[str, int], capped: Mapping[str, int]) -> Facts:
    return Facts(
        name=new.name or before.name,
        commands=(*before.commands, *new.commands),
        seeds=tuple(dict.fromkeys((*before.seeds, *new.seeds))),
        licences={**before.licences, **new.licences},
        refused=dict(Counter(before.refused) + Counter(refused)),
        capped=dict(capped),
        dropped=dict(Counter(before.dropped) + Counter(new.dropped)),
        private=before.private or new.private,
        rejected=before.rejected,
    )


def faults(path: Path, gate: Gate) -> Iterator[str]:
    """What is wrong with a file or folder of rows, a sentence each.

    Every malformed, unreadable or doubled row is named, and rows of a dataset that stand on the wrong side.
    """
    clean, file, passed_here = True, "", list[str]()
    try:
        for where, case in rows_of(path):
            if is_dataset(path) and where.partition(",")[0] != file:
                file = where.partition(",")[0]
                for text in passed_here:
                    gate.other_side.add(bare(text))
                passed_here = []
            sentences = list(_row_faults(where, case, gate, file))
            yield from sentences
            clean = clean and not sentences
            passed_here.append(case.text)
    except BadCase as fault:
        yield str(fault)
        return
    if is_dataset(path) and clean:
        dataset = load(path)
        if dataset.facts.version != dataset.version:
            yield f"the rows are not those of version {dataset.facts.version}: somebody changed them by hand"


def _row_faults(where: str, case: Case, gate: Gate, file: str) -> Iterator[str]:
    try:
        why = gate.reason(case, where)
    except BadCase as fault:
        yield str(fault)
        return
    if why:
        detail = gate.unreadable(case)
        yield f"{where}: {case.text!r}: {why}{f' ({detail})' if detail else ''}"
    side = file.removesuffix(".jsonl")
    if side and side_of(case.group) != side:
        yield f"{where}: {case.text!r}: its group belongs to the {side_of(case.group)} side"
