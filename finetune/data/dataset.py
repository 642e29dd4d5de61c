"""A dataset: a folder of train, dev and test rows with a version, split by paraphrase group.

The side of a row hangs on the name of its group, and a sentence that was once in the test side is never let into
another one, so that a dataset can grow for years and its test rows stay unseen. A skill none of whose groups falls to
dev gives it one that would have been trained on, in the build that brings it; the facts keep which, for good.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from assistant.commands.frame import written_whole
from assistant.files import read_json
from assistant.skill import SkillError
from evals.cases import Case, read_cases, write_cases
from finetune.data.gate import OTHER_SIDE, Gate, bare, passed
from finetune.data.near import Block

SIDES = ("test", "dev", "train")
"""In the order of precedence: what is in two, stays in the first."""
TEST_SHARE, DEV_SHARE = 0.1, 0.1
"""Of the groups. Constants and no settings: a changed share would move rows from one side to another."""
ENOUGH = 5
"""Groups that a skill must have to give one of them to the dev side."""
FACTS = "dataset.json"
NONE = "none"


def side_of(group: str, given: Collection[str] = ()) -> str:
    """test, dev or train: what finetune.rows keeps back is never trained on here either.

    Args:
        given: groups that a skill gave to dev (`Facts.validation`).
    """
    place = _place_of(group)
    return "test" if place < TEST_SHARE else "dev" if place < TEST_SHARE + DEV_SHARE or group in given else "train"


def _place_of(group: str) -> float:
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:4], "big") / 2**32


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
    validation: tuple[str, ...] = ()
    """Groups that stand on the dev side because their skill had none there."""


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
    paths = {side: folder / f"{side}.jsonl" for side in SIDES}
    sides = {side: tuple(read_cases(path)) if path.exists() else () for side, path in paths.items()}
    return Dataset(sides, read_facts(folder))


def read_facts(folder: Path) -> Facts:
    """A dataset's facts. Raises SkillError where they are damaged."""
    try:
        read = read_json((folder / FACTS).read_text(encoding="utf-8"))
        lists = {name: tuple(read.get(name, ())) for name in ("commands", "seeds", "validation")}
        return Facts(**{**read, **lists})
    except (ValueError, TypeError, KeyError) as fault:
        raise SkillError(f"{folder / FACTS} is damaged ({fault}); build the dataset again") from None


def rows_of(path: Path) -> Iterator[tuple[str, Case]]:
    """The rows of a file, or of a folder's .jsonl files, each with the place it stands at.

    Raises:
        BadCase: a row is malformed; the message names file and line.
        SkillError: there is no such file.
    """
    for file in files_of(path):
        for number, case in enumerate(read_cases(file), 1):
            yield f"{file.name}, line {number}", case


def files_of(path: Path) -> list[Path]:
    """The files of rows that a path names: itself, a dataset's, or a folder's .jsonl files. Raises SkillError."""
    files = [path]
    if path.is_dir():
        files = [path / f"{side}.jsonl" for side in SIDES] if is_dataset(path) else sorted(path.glob("*.jsonl"))
    if not files or not all(file.is_file() for file in files):
        raise SkillError(f"there are no rows at {path}; name a JSONL file, or a folder with some")
    return files


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
    new = [(where, case if case.group else replace(case, group=f"text:{bare(case.text)}")) for where, case in rows]
    given = _given(before, [case for _, case in new], {*before.facts.validation, *facts.validation})
    for side, one in _placed(before, new, given, plan.gate):
        by_side[side].append(one)
    sides: dict[str, tuple[Case, ...]] = {}
    done = 0
    for side in SIDES:
        sides[side] = tuple(passed(by_side[side], plan.gate, lambda n, done=done: plan.told(done + n)))  # type: ignore[misc]
        done += len(by_side[side])
        plan.gate.hold_back(case.text for case in sides[side])
    kept, capped = plan.caps.drop(sides["train"])
    sides["train"] = tuple(kept)
    merged = _merged(before.facts, facts, plan.gate.refused, capped)
    return Dataset(sides, replace(merged, validation=tuple(sorted(given))))


def _placed(
    before: Dataset, new: Iterable[tuple[str, Case]], given: set[str], gate: Gate
) -> Iterator[tuple[str, tuple[str, Case]]]:
    """The new rows with their sides. What stood on a side stays there: a sentence that grew from another group, too,
    comes to where it was; one that is nearly a row of a later side is refused, for it would push that row out.
    """
    sides = {case.text: side for side in SIDES for case in before.sides[side]}
    dev, train = (Block(bare(case.text) for case in before.sides[side]) for side in ("dev", "train"))
    later = {"test": (dev, train), "dev": (train,), "train": ()}
    for where, case in new:
        if case.text in before.facts.rejected:
            continue
        side = sides.get(case.text) or side_of(case.group, given)
        if case.text not in sides and any(block.near(bare(case.text)) for block in later[side]):
            gate.refused[OTHER_SIDE] += 1
        else:
            yield side, (where, case)


def _given(before: Dataset, new: Sequence[Case], given: set[str]) -> set[str]:
    """The groups that stand on the dev side for their skill's sake: those that did, and one of each skill that has
    enough and none there. Only a group that is new is given, so that no row ever changes sides."""
    old = {case.group for case in before.rows}
    groups: defaultdict[str, set[str]] = defaultdict(set)
    for case in (*before.rows, *new):
        if case.skill != NONE:
            groups[case.skill].add(case.group)
    # A growth that was broken off after it had written the dev side has not yet said which it gave.
    found = {*given, *(case.group for case in before.sides["dev"] if side_of(case.group) == "train")}
    for _, mine in sorted(groups.items()):
        free = [group for group in mine - old if side_of(group) == "train"]
        if free and len(mine) >= ENOUGH and not any(side_of(group, found) == "dev" for group in mine):
            found.add(min(free, key=lambda group: (_place_of(group), group)))
    return found


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
