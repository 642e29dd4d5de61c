"""Before and after, case by case: where anything got worse, nothing is taken into use.

Both are measured as any eval run is, kept among the runs, and compared in pairs. `before` is the house as it stands
today: a skill that its model does not know is recognised from its examples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant.config import Settings
from assistant.registry import SkillSet
from evals import running
from evals.answers import Answer
from evals.cases import Case, write_cases
from evals.gate import ALPHA, worse_by_chance

Key = tuple[str, str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Pair:
    """One set, before and after."""

    name: str
    before: Sequence[Answer]
    after: Sequence[Answer]

    @property
    def n(self) -> int:
        """Cases that both could be asked."""
        return len(self._both)

    @property
    def right(self) -> tuple[int, int]:
        """How many are right before, and after."""
        return sum(one for one, _ in self._both), sum(two for _, two in self._both)

    @property
    def lost(self) -> tuple[Answer, ...]:
        """Right before, wrong after: the answers after."""
        return tuple(two for one, two in self._pairs if one.right and not two.right)

    @property
    def gained(self) -> int:
        """Wrong before, right after."""
        return sum(two.right and not one.right for one, two in self._pairs)

    @property
    def p(self) -> float:
        """The one-sided p of McNemar's exact test: as many lost, or more, by chance."""
        return worse_by_chance(len(self.lost), self.gained)

    @property
    def _pairs(self) -> list[tuple[Answer, Answer]]:
        later = {_key(answer.case): answer for answer in self.after}
        known = ((one, later[_key(one.case)]) for one in self.before if _key(one.case) in later)
        return [(one, two) for one, two in known if not one.failed and not two.failed]

    @property
    def _both(self) -> list[tuple[bool, bool]]:
        return [(one.right, two.right) for one, two in self._pairs]


def _key(case: Case) -> Key:
    return case.text, case.skill, tuple(sorted(case.words.items()))


@dataclass(frozen=True, slots=True)
class Sets:
    """What is measured."""

    must_pass: str = "must-pass"  # noqa: S105 - a set's name
    quick: str = "quick"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether what was learned may be used."""

    must_pass: Pair
    quick: Pair
    new: Mapping[str, Pair] = field(default_factory=dict)
    """Each new skill -> phrasings of it that were held out while it was learned."""
    talk: Mapping[str, Pair] = field(default_factory=dict)
    """Each new skill -> talk that only mentions what it is about."""
    corrections: Pair = field(default_factory=lambda: Pair("corrected turns", (), ()))

    @property
    def worse(self) -> tuple[str, ...]:
        """What got worse, a part of a sentence each; none where nothing did."""
        return tuple(self._worse())

    def _worse(self) -> Iterator[str]:
        lost = self.must_pass.lost
        if lost:
            more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
            yield f'{self.must_pass.name}: "{lost[0].case.text}"{more}'
        for pair in (self.quick, *self.talk.values(), self.corrections):
            if pair.p < ALPHA:
                yield f"{pair.name}: {len(pair.lost)} lost, {pair.gained} gained"
        for pair in self.new.values():
            before, after = pair.right
            if after < before:
                yield f"{pair.name}: {before} right before, {after} after"

    @property
    def gained(self) -> bool:
        """Whether anything that was to be learned was."""
        pairs = [*self.new.values(), self.corrections]
        # Where too few examples are there to hold any out, nothing says that it was not.
        return any(pair.right[1] > pair.right[0] for pair in pairs) or not any(pair.n for pair in pairs)

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Every row of the table."""
        mine = [pair for name in self.new for pair in (self.new[name], self.talk[name])]
        return tuple(pair for pair in (self.must_pass, self.quick, *mine, self.corrections) if pair.n)


@dataclass(frozen=True, slots=True)
class Bench:
    """Measures what was learned, a run for each set."""

    settings: Settings
    stamp: str
    """Begins the names of the runs."""
    work: Path
    skills: SkillSet | None = None
    """The house that is measured, where it is not the household's as it stands."""
    told: Callable[[int], None] = lambda _: None
    """Is told after each case; the count goes on from set to set."""

    def answers(self, beside: str, name: str, sets: Mapping[str, str | Sequence[Case]]) -> dict[str, Sequence[Answer]]:
        """The answers to each set, with what was learned beside the model that ships.

        Args:
            beside: see `Models.learned`.
            name: before or after; part of the runs' names.
            sets: what it is called -> an eval set's name or path, or the cases themselves.
        Raises:
            UsageError, SkillError, MissingPiece, ConfigError, OSError: a set or a model cannot be had.
        """
        found: dict[str, Sequence[Answer]] = {}
        done = 0
        for called, cases in sets.items():
            if not cases:
                found[called] = ()
                continue
            order = running.Order(self._set(called, cases), name=f"{self.stamp}-{name}-{_file_name(called)}")
            prepared = running.prepare(self._with(beside), order)
            if self.skills is not None:
                prepared = replace(prepared, house=replace(prepared.house, skills=self.skills))
            run = running.measure(prepared, self._from(done))
            found[called] = [one for one in run.evidence() if one.kind == "text"]
            done += len(found[called])
        return found

    def _from(self, before: int) -> Callable[[int], None]:
        return lambda done: self.told(before + done)

    def _set(self, called: str, cases: str | Sequence[Case]) -> str:
        if isinstance(cases, str):
            return cases
        path = self.work / f"{_file_name(called)}.jsonl"
        write_cases(path, cases)
        return str(path)

    def _with(self, beside: str) -> Settings:
        """The household's settings, deciding without a larger model."""
        alone = {"learned": beside, "larger": "", "server_url": ""}
        return self.settings.model_copy(update={"models": self.settings.models.model_copy(update=alone)})


def _file_name(called: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "_-" else "-" for letter in called)
