"""What a draft of a learned model is measured on, and held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from assistant.commands.frame import UsageError
from assistant.compared import Compared
from assistant.prompt import plain
from assistant.registry import SkillSet
from assistant.skill import Skill, SkillError
from evals.answers import Answer
from evals.cases import BadCase, Case, check
from evals.sets import hold_skills, must_exist, open_set
from finetune.learn import rows as growing
from finetune.learn.confidence import Calibrated, measured
from finetune.learn.scoring import Bench, Pair, Verdict
from finetune.learn.talk import near_to, overheard_of
from finetune.learn.task import Task
from finetune.rows import choices

QUICK, TALK, CORRECTED = "quick", "talk for nobody", "corrected turns"
SURER = (0.0, 1.5, 4.0, 8.0)
"""How much surer than it says the learned model must be to be believed: each is tried until nothing is worse."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A model that may be taken into use, and what it was measured to be."""

    file: Path
    verdict: Verdict
    calibrated: Calibrated
    at_first: Sequence[str] = ()
    """What got worse when it did not have to be surer than it says."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What every draft is compared with."""

    bench: Bench
    without: Bench
    """Without the examples that are held out."""
    common: Mapping[str, str | Sequence[Case]]
    """What is called how -> the sets that every draft is measured on: first those that can gain, last the longest."""
    mine: Mapping[str, Sequence[Case]]
    """What `held_out` calls a skill's -> phrasings of its examples that are held out."""
    before: Mapping[str, Sequence[Answer]]
    own: str
    """What the household's own sentences are called; "" for none."""
    new: Sequence[str]
    """Skills that are asked if they got better."""
    near: Sequence[str]
    """Skills that there are near misses of."""

    def chosen(self, made: Callable[[float], tuple[Path, Path]], note: Callable[[str], None]) -> Draft:
        """The first of the drafts that makes nothing worse, or the last one. Raises as `of` does.

        Args:
            made: how much surer than it says a model must be to be believed -> the files that `of` measures.
            note: is told why a draft is not the one.
        """
        levels = list(SURER)
        at_first: Sequence[str] = ()
        while True:
            surer = levels.pop(0)
            draft = replace(self.of(*made(surer), to_the_end=not levels), at_first=at_first)
            if not draft.verdict.worse or not levels:
                return draft
            at_first = at_first or draft.verdict.worse
            note(f"to be surer by {surer:g}: {'; '.join(draft.verdict.worse)}")
            if not draft.verdict.gained:  # nor will it be by saying less; the last one is measured whole
                levels = levels[-1:]

    def of(self, file: Path, half: Path, *, to_the_end: bool) -> Draft:
        """Measure a draft; `half` was learned without what is held out. Raises as `Bench.answers` does.

        Args:
            to_the_end: ask every set, also where something is worse already; else what is gained is all that is known.
        """
        after = dict(self.without.answers(str(half), half.stem, self.mine))
        done = sum(map(len, after.values()))
        for name, found in self.bench.answers(str(file), file.stem, self.common, done):
            after[name] = found
            if not to_the_end and name not in (CORRECTED, self.own) and self._verdict(after).worse:
                break
        return Draft(file, self._verdict(after), measured(self.before[QUICK], after.get(QUICK, ())))

    def _verdict(self, after: Mapping[str, Sequence[Answer]]) -> Verdict:
        def pair(name: str) -> Pair:
            return Pair(name, self.before[name], after.get(name, ()))

        talk = pair(TALK)
        return Verdict(
            pair("must-pass"),
            pair(QUICK),
            {name: pair(held_out(name)) for name in self.new},
            {name: talk.among(partial(near_to, name), f"near misses of {name}") for name in self.near},
            talk.among(overheard_of, "overheard talk"),
            pair(CORRECTED),
            pair(self.own) if self.own else Pair("", (), ()),
        )


def to_judge(cases: Sequence[Case], new: Sequence[Skill]) -> tuple[Case, ...]:
    """The cases without those for nobody that a new skill may be meant by, as its examples alone find.

    "Call my sister" is for nobody until the house can call people: then nobody can say what is right.
    """
    compared, names = Compared(new), [skill.name for skill in new]

    def may_be_meant(case: Case) -> bool:
        found = compared.answers(plain(case.text), names) if case.skill == "none" else {}
        return any(answer.match > 0 for answer in found.values())

    return tuple(case for case in cases if not may_be_meant(case))


def asked_about(task: Task, held: Sequence[Case], own: Sequence[Case]) -> list[str]:
    """The skills that are asked if they got better: the new ones, those that something was held out of, and those of
    accepted rows that the household's own cases tell of."""
    new, told = (skill.name for skill in task.skills), _told_of(task, own)
    return list(dict.fromkeys([*new, *(case.skill for case in held), *told]))


def _told_of(task: Task, own: Sequence[Case]) -> list[str]:
    names = dict.fromkeys(case.skill for case in task.accepted if case.skill != "none")
    return [name for name in names if growing.own_tell(name, own)]


def held_out(skill: str) -> str:
    """What the phrasings of a skill's held-out examples are called; no set has such a name."""
    return f"{skill}, held out"


def own_cases(path: Path | None, house: SkillSet) -> tuple[Case, ...]:
    """The household's own sentences in a file of cases, as text alone.

    Raises:
        UsageError, SkillError: there is no such file, it holds no sentence, or a line of it is no case of this house.
    """
    if path is None:
        return ()
    found = open_set(must_exist(path))
    hold_skills(found, str(path), list(house.by_name))
    for number, case in enumerate(found.cases, 1):
        try:
            check(case, choices(house.skills))
        except BadCase as fault:
            raise UsageError(f"{path}, line {number}: {fault}") from None
    spoken = ("voice:", "snr:")
    cases = (
        replace(case, sound="", tags=tuple(tag for tag in case.tags if not tag.startswith(spoken)))
        for case in found.cases
    )
    if not found.cases:
        raise UsageError(f"{path} holds no sentence to measure by")
    return tuple(cases)


def check_measurable(task: Task, own: Sequence[Case], seed: int) -> None:
    """Raises SkillError where nothing could say, after minutes of learning, if anything got better.

    Args:
        seed: of the rows; see `growing.House`.
    """
    if task.corrections or any(growing.is_measurable(skill, own) for skill in task.skills):
        return
    if growing.held_groups(task, seed) or _told_of(task, own):
        return
    if not task.skills:
        raise SkillError(
            "there are too few accepted rows of any skill: half of their groups are held out to measure by, so "
            f"learning takes {growing.FEWEST} groups of one skill at least (rows for nobody are not held out); accept "
            "more of them, or name sentences of your own with --measure FILE"
        )
    names = ", ".join(skill.name for skill in task.skills)
    raise SkillError(
        f"{names} has too few examples: half are held out to measure by, so learning takes {growing.FEWEST} at least; "
        "write more of them, or name sentences of your own with --measure FILE"
    )
