"""What a person thought of each row: decisions, how far one was, and the share of good rows of each source.

Knows no screen. Every decision is written at once, beside the file and then renamed, so that a closed terminal or a
pulled plug costs nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from assistant.commands.frame import written_whole
from assistant.files import locked, read_json
from assistant.skill import SkillError
from evals.cases import FAMILY_OF, Case, read_cases, to_json, write_cases
from evals.intervals import Share, share_of
from finetune.data.dataset import SIDES, Dataset, is_dataset, load

STATE, ACCEPTED, LOCK = "review.json", "accepted.jsonl", "review.lock"
ACCEPT, REJECT, FIX, SKIP = "accept", "reject", "fix", "skip"
FIRST = 40
"""Rows of a skill of one's own that come before all others."""
LONGEST_PAUSE_S = 60.0
"""A longer pause between two decisions was spent elsewhere and does not count as reviewing."""


def name_of(case: Case) -> str:
    """Names a row by its text and call."""
    key = json.dumps([case.text, case.skill, sorted(case.words.items())], ensure_ascii=False)
    return hashlib.sha256(key.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Decision:
    """One row looked at."""

    row: str
    verdict: str
    """accept, reject, fix or skip"""
    source: str
    group: str
    text: str
    """As it was shown."""
    fixed: Mapping[str, Any] | None = None
    """The row as it should be, where it was fixed."""


@dataclass
class State:
    """All decisions on one dataset."""

    path: Path
    decisions: list[Decision] = field(default_factory=list)
    seconds: float = 0.0
    """Spent reviewing, over all sittings."""

    @classmethod
    def read(cls, folder: Path) -> State:
        """The decisions on a dataset's folder; none where nobody has looked. Raises SkillError for a damaged file."""
        path = folder / STATE
        if not path.exists():
            return cls(path)
        try:
            found = read_json(path.read_text(encoding="utf-8"))
            return cls(path, [Decision(**one) for one in found["decisions"]], float(found["seconds"]))
        except (ValueError, TypeError, KeyError) as fault:
            raise SkillError(f"{path} is damaged ({fault}); move it away to review from the start") from None

    def write(self) -> None:
        """Write the file, whole. Raises OSError."""
        decisions = [
            {name: getattr(one, name) for name in ("row", "verdict", "source", "group", "text", "fixed")}
            for one in self.decisions
        ]
        with written_whole(self.path) as out:
            out.write(json.dumps({"seconds": round(self.seconds, 1), "decisions": decisions}, ensure_ascii=False))

    def decide(self, rows: Sequence[tuple[Case, str]], seconds: float = 0.0, fixed: Case | None = None) -> None:
        """Take decisions down: each row with its verdict, and how long they took together. Raises OSError."""
        for case, verdict in rows:
            changed = to_json(fixed) if fixed is not None and verdict == FIX else None
            self.decisions.append(Decision(name_of(case), verdict, case.source, case.group, case.text, changed))
        self.seconds += min(seconds, LONGEST_PAUSE_S)
        self.write()

    def undo(self, count: int, seconds: float) -> None:
        """Take the last `count` decisions back; `seconds` were spent before them. Raises OSError."""
        del self.decisions[len(self.decisions) - count :]
        self.seconds = seconds
        self.write()

    @property
    def looked_at(self) -> int:
        """Rows decided; a skipped one is not."""
        return sum(one.verdict != SKIP for one in self.decisions)

    @property
    def per_minute(self) -> float:
        """Rows a minute of reviewing."""
        return 60 * self.looked_at / self.seconds if self.seconds else 0.0

    def shares(self) -> dict[str, Share]:
        """Source -> the share that was good as it was, the interval clustered by group; "all" last."""
        sources = sorted({one.source for one in self.decisions if one.verdict != SKIP})
        named = {source: self.share(source) for source in sources}
        return named | ({"all": self._share(self.decisions)} if len(sources) > 1 else {})

    def share(self, source: str) -> Share:
        """The share of one source."""
        return self._share([one for one in self.decisions if one.source == source])

    def _share(self, decisions: Sequence[Decision]) -> Share:
        mine = [one for one in decisions if one.verdict != SKIP]
        return share_of([one.verdict == ACCEPT for one in mine], [one.group or one.text for one in mine])


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """The one sitting of a dataset's folder: each writes all decisions that it knows of, and would undo another's.

    Raises:
        SkillError: another sitting goes on.
        OSError: the folder cannot be written to.
    """
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(locked(folder / LOCK))
        except BlockingIOError:
            raise SkillError(f"another hark data review of {folder} goes on; end it first, with q") from None
        yield


def waiting(dataset: Dataset, state: State, seed: int = 0) -> list[Case]:
    """The rows nobody has decided on, mixed as they are trained on, so that the share of good ones is that of training.

    Of a skill that Hark does not ship, the first `FIRST` rows come before, with the near misses among them, for it is
    what was added and what nobody knows yet. Skipped rows come last; what a person wrote is not asked about again.
    """
    verdicts = {one.row: one for one in state.decisions}
    done = {row: one.verdict for row, one in verdicts.items()} | dict.fromkeys(_became(verdicts), FIX)
    ordered = _mixed(dataset.rows, random.Random(seed))
    seen = Counter(case.skill for case in ordered if done.get(name_of(case), SKIP) != SKIP)
    first: list[Case] = []
    later: list[Case] = []
    for case in ordered:
        if name_of(case) not in done:
            of = _about(case)
            early = bool(of) and seen[of] < FIRST
            seen[of] += early and of == case.skill
            (first if early else later).append(case)
    return [*first, *later, *(case for case in ordered if done.get(name_of(case)) == SKIP)]


def _about(case: Case) -> str:
    """The skill of somebody's own that a row is of, or nearly; "" for any other."""
    kind, _, rest = case.group.partition(":")
    skill = rest.partition(":")[0] if case.skill == "none" and kind in ("near-miss", "unserved") else case.skill
    return "" if skill in FAMILY_OF else skill


def _mixed(rows: Iterable[Case], chance: random.Random) -> list[Case]:
    """The rows in an order whose every stretch holds each source and each skill by its size."""
    piles: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in rows:
        piles[case.source, case.skill].append(case)
    places: list[tuple[float, float, Case]] = []
    for _, mine in sorted(piles.items()):
        chance.shuffle(mine)
        first = chance.random()
        places += [((at + first) / len(mine), chance.random(), case) for at, case in enumerate(mine)]
    return [case for _, _, case in sorted(places, key=lambda place: place[:2])]


def apply(folder: Path, state: State) -> Dataset:
    """Bring the decisions into the folder: rejected rows leave, fixed ones are replaced, and `accepted.jsonl` holds
    the training rows that a person found good.

    Raises:
        SkillError, BadCase, OSError: the folder cannot be read or written.
    """
    changed, good = _applied(load(folder), state)
    changed = changed.write(folder)
    write_cases(folder / ACCEPTED, good)
    return changed


def check_applied(folder: Path) -> None:
    """Whether the rows of a folder are as they were decided, which those of a sitting that was killed are not.

    Raises:
        SkillError: they are not; it says what to run.
        BadCase, OSError: the folder cannot be read.
    """
    state = State.read(folder)
    if not state.decisions or not is_dataset(folder):
        return
    dataset = load(folder)
    changed, good = _applied(dataset, state)
    file = folder / ACCEPTED
    known = {name_of(case) for case in read_cases(file)} if file.exists() else set()
    if changed.version != dataset.version or not known.issuperset(map(name_of, good)):
        raise SkillError(
            f"a review of {folder} was broken off or still goes on, so its rows are not yet as you decided; "
            f"run hark data review {folder}, and q brings your decisions in"
        )


def _applied(dataset: Dataset, state: State) -> tuple[Dataset, list[Case]]:
    """The dataset as it was decided, and the training rows that a person found good."""
    verdicts = {one.row: one for one in state.decisions}
    rejected = dict(dataset.facts.rejected)
    sides: dict[str, tuple[Case, ...]] = {}
    good: list[Case] = []
    texts: set[str] = set()
    for side in SIDES:
        kept = _once(_kept(dataset.sides[side], verdicts, rejected), texts)
        sides[side] = tuple(case for case, _ in kept)
        if side == "train":
            good = [case for case, seen in kept if seen]
    return Dataset(sides, replace(dataset.facts, rejected=rejected)), good


def _once(rows: Iterable[tuple[Case, bool]], texts: set[str]) -> list[tuple[Case, bool]]:
    """The rows in their order, each sentence once: one that a person looked at rather than another that says the same.

    Args:
        texts: sentences of the sides before, to which these are added.
    """
    found = list(rows)
    stays: dict[str, tuple[Case, bool]] = {}
    for row in found:
        if row[0].text not in stays or (row[1] and not stays[row[0].text][1]):
            stays[row[0].text] = row
    kept = [row for row in found if row[0].text not in texts and stays[row[0].text] is row]
    texts.update(stays)
    return kept


def _kept(
    rows: Sequence[Case], verdicts: Mapping[str, Decision], rejected: dict[str, Any]
) -> Iterator[tuple[Case, bool]]:
    """Rows that stay, and whether a person found them good. Fixed rows are known by what they became as well."""
    became = _became(verdicts)
    for case in rows:
        decision = verdicts.get(name_of(case))
        if decision is None:
            yield case, name_of(case) in became
        elif decision.verdict == REJECT:
            rejected[case.text] = case.source
        elif decision.verdict == FIX and decision.fixed:
            if decision.fixed["text"] != case.text:
                rejected[case.text] = case.source
            yield Case(**decision.fixed), True
        else:
            yield case, decision.verdict == ACCEPT or name_of(case) in became


def _became(verdicts: Mapping[str, Decision]) -> set[str]:
    """The names of the rows that fixed ones became."""
    return {name_of(Case(**one.fixed)) for one in verdicts.values() if one.verdict == FIX and one.fixed}
