"""Before and after, case by case: what was learned is used only where that is better and harms nothing.

Both are measured as any eval run is, kept among the runs, and compared in pairs. `before` is the house as it stands
today: a skill that its model does not know is recognised from its examples. Phrasings that grew from one example go
together: whether a skill got better is asked of its examples, each of which counts once. More of them that gain than
lose are enough: ten examples leave too few to tell one skill's gain from luck, but of sixteen skills that were learned
and then tried by other people's sentences fifteen got better and none worse.
"""

from __future__ import annotations

from collections import defaultdict
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
LUCK = 0.2
"""The household's own sentences are worse where so many of them, or more, would be lost by luck in less than this share
of cases (exact sign test)."""
NEWLY_NEAR, NEWLY_OVERHEARD = 0.04, 0.01
"""Of the near misses of a skill, and of overheard talk: so many may be answered by what was learned that are not
answered today. Near misses are made hard on purpose, and few of what is overheard are like them."""


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
    def groups(self) -> tuple[int, int]:
        """How many groups of paraphrases got better, and how many worse; each case without a group is one."""
        change: dict[str, int] = defaultdict(int)
        for one, two in self._pairs:
            change[one.group] += two.right - one.right
        return sum(value > 0 for value in change.values()), sum(value < 0 for value in change.values())

    def among(self, choose: Callable[[Sequence[Answer]], Sequence[Answer]], name: str) -> Pair:
        """Some of the cases, under another name."""
        return Pair(name, choose(self.before), choose(self.after))

    def of(self, skill: str) -> Pair:
        """The cases that ask for one skill."""
        return self.among(lambda answers: [one for one in answers if one.case.skill == skill], self.name)

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
    """Each skill that was learned -> phrasings of it that were held out meanwhile."""
    near: Mapping[str, Pair] = field(default_factory=dict)
    """Each such skill -> its near misses."""
    overheard: Pair = Pair("overheard talk", (), ())
    corrections: Pair = Pair("corrected turns", (), ())
    own: Pair = Pair("", (), ())
    """The household's own sentences, where it named any."""

    @property
    def worse(self) -> tuple[str, ...]:
        """What got worse, a part of a sentence each; none where nothing did."""
        return tuple(self._worse())

    def _worse(self) -> Iterator[str]:
        lost = self.must_pass.lost
        if lost:
            more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
            yield f'{self.must_pass.name}: "{lost[0].case.text}"{more}'
        for pair in (self.quick, self.corrections):
            if pair.p < ALPHA:
                yield f"{pair.name}: {len(pair.lost)} lost, {pair.gained} gained"
        for pair, most in self.bounds:
            if len(pair.lost) > most:
                first = pair.lost[0].case.text
                yield f'{pair.name}: {len(pair.lost)} newly answered, at most {most} may be ("{first}")'
        for name in self.new:
            (before, after), (better, worse) = self._right(name), self.examples(name)
            if after < before and worse > better:
                yield f"{name}: {before} right before, {after} after"
        better, worse = self.own.groups
        if worse_by_chance(worse, better) < LUCK:
            yield f"{self.own.name}: {worse} worse, {better} better"

    @property
    def bounds(self) -> tuple[tuple[Pair, int], ...]:
        """Talk, and how many lines of it may be newly answered."""
        near = ((pair, int(pair.n * NEWLY_NEAR)) for pair in self.near.values())
        return (*near, (self.overheard, int(self.overheard.n * NEWLY_OVERHEARD)))

    def examples(self, skill: str) -> tuple[int, int]:
        """How many held-out examples of a skill, and sentences of the household's own for it, got better, and worse."""
        (better, worse), (others_better, others_worse) = (pair.groups for pair in self._of(skill))
        return better + others_better, worse + others_worse

    @property
    def better(self) -> tuple[str, ...]:
        """The skills that got better, each judged by itself; the household's sentences must not speak against it."""
        return tuple(name for name in self.new if self._gains(name))

    def _gains(self, skill: str) -> bool:
        better, worse = self.examples(skill)
        own_better, own_worse = self.own.of(skill).groups
        return better > worse and own_better >= own_worse

    @property
    def gained(self) -> bool:
        """Whether anything that was to be learned was."""
        before, after = self.corrections.right
        return bool(self.better) or after > before

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Every row of the table."""
        talk = (*self.near.values(), self.overheard)
        every = (self.must_pass, self.quick, *talk, *self.new.values(), self.corrections, self.own)
        return tuple(pair for pair in every if pair.n)

    def _of(self, skill: str) -> tuple[Pair, Pair]:
        return self.new[skill], self.own.of(skill)

    def _right(self, skill: str) -> tuple[int, int]:
        (before, after), (others_before, others_after) = (pair.right for pair in self._of(skill))
        return before + others_before, after + others_after


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

    def answers(
        self, beside: str, name: str, sets: Mapping[str, str | Sequence[Case]], done: int = 0
    ) -> Iterator[tuple[str, Sequence[Answer]]]:
        """What each set is called and the answers to it, set by set, with what was learned beside the model that ships.

        Args:
            beside: see `Models.learned`.
            name: before or after; part of the runs' names.
            sets: what it is called -> an eval set's name or path, or the cases themselves.
            done: cases that were asked before, which the count goes on from.
        Raises:
            UsageError, SkillError, MissingPiece, ConfigError, OSError: a set or a model cannot be had.
        """
        for called, cases in sets.items():
            if not cases:
                yield called, ()
                continue
            order = running.Order(self._set(called, cases), name=f"{self.stamp}-{name}-{slug(called)}")
            prepared = running.prepare(self._with(beside), order)
            if self.skills is not None:
                prepared = replace(prepared, house=replace(prepared.house, skills=self.skills))
            run = running.measure(prepared, self._from(done))
            found = [one for one in run.evidence() if one.kind == "text"]
            done += len(found)
            yield called, found

    def _from(self, before: int) -> Callable[[int], None]:
        return lambda done: self.told(before + done)

    def _set(self, called: str, cases: str | Sequence[Case]) -> str:
        if isinstance(cases, str):
            return cases
        path = self.work / f"{slug(called)}.jsonl"
        write_cases(path, cases)
        return str(path)

    def _with(self, beside: str) -> Settings:
        """The household's settings, deciding without a larger model."""
        alone = {"learned": beside, "larger": "", "server_url": ""}
        return self.settings.model_copy(update={"models": self.settings.models.model_copy(update=alone)})


def slug(called: str) -> str:
    """What a set is called, as part of a file's or a metric's name."""
    return "".join(letter if letter.isalnum() or letter in "_-" else "-" for letter in called)
