"""What there is to learn: skills that the shipped model does not know, turns that a person corrected, and rows that a
person found good."""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.commands.frame import UsageError
from assistant.learned import Step
from assistant.prompt import plain
from assistant.registry import SkillSet, skills_hash
from assistant.skill import Skill
from assistant.trace import Trace
from evals.cases import BadCase, Case, check, read_cases
from finetune.data.diary import diary_rows
from finetune.data.review import ACCEPTED, check_applied
from finetune.rows import choices

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be learned."""

    skills: tuple[Skill, ...] = ()
    """Those that the shipped model does not know."""
    labelled: tuple[Case, ...] = ()
    """Every turn that a person labelled, as a case."""
    corrected: frozenset[str] = frozenset()
    """The texts of those that had been decided otherwise."""
    mistaken: frozenset[str] = frozenset()
    """The skills that they had been decided as."""
    accepted: tuple[Case, ...] = ()
    """Rows that a person found good in `hark data review`."""

    @property
    def corrections(self) -> tuple[Case, ...]:
        """The labelled turns that had been wrong."""
        return tuple(case for case in self.labelled if case.text in self.corrected)

    @property
    def taught(self) -> frozenset[str]:
        """The skills that what is learned decides about: the new ones, and what corrections and rows speak of."""
        spoken_of = {case.skill for case in (*self.corrections, *self.accepted)}
        return frozenset({*(skill.name for skill in self.skills), *spoken_of, *self.mistaken} - {"none"})

    @property
    def skill_hashes(self) -> Mapping[str, str]:
        """Each skill -> what it is known by: a changed signature or example is learned anew."""
        return {skill.name: skills_hash((skill,)) for skill in self.skills}

    @property
    def corrections_hash(self) -> str:
        """Names the corrections; "" for none."""
        return _named(self.corrections)

    @property
    def rows_hash(self) -> str:
        """Names the accepted rows; "" for none."""
        return _named(self.accepted)

    def is_learned(self, step: Step | None, deciding: Container[str]) -> bool:
        """Whether there is nothing, or this step has learned the very same.

        Args:
            deciding: the skills that what is learned today would decide about.
        """
        if not self.skills and not self.corrections and not self.accepted:
            return True
        if step is None:
            return False
        known = (dict(step.skills), step.corrections, step.rows)
        skills = {name: digest for name, digest in self.skill_hashes.items() if name in deciding}
        # Rows that are not there any more are no reason to forget them.
        return known == (skills, self.corrections_hash, self.rows_hash or step.rows)


def _named(cases: Sequence[Case]) -> str:
    found = sorted(json.dumps([case.text, case.skill, sorted(case.words.items())]) for case in cases)
    return hashlib.sha256("\n".join(found).encode()).hexdigest()[:12] if found else ""


def accepted_rows(paths: Sequence[Path]) -> tuple[Case, ...]:
    """What a person found good in folders of rows, each sentence once.

    Raises:
        UsageError: a folder was not reviewed, or a row is none.
        SkillError: a review was broken off, so that what was decided last is missing.
        OSError: a file cannot be read.
    """
    found: dict[str, Case] = {}
    for path in paths:
        file = path / ACCEPTED if path.is_dir() else path
        try:
            if file.name == ACCEPTED:
                check_applied(file.parent)
            if not file.is_file():
                raise UsageError(f"{path} holds no {ACCEPTED}; look at its rows first: hark data review {path}")
            found |= {case.text: case for case in read_cases(file)}
        except BadCase as fault:
            raise UsageError(str(fault)) from None
    return tuple(found.values())


def with_known(rows: Sequence[Path], step: Step | None) -> tuple[Path, ...]:
    """The rows to learn from, those of what is in use first: else a learning that names none would forget them."""
    known = [Path(path) for path in step.rows_from] if step else []
    for path in (path for path in known if not path.exists()):
        log.warning("%s is not there any more; what was learned from its rows is not learned again", path)
    there = (path for path in known if path.exists())
    return tuple(dict.fromkeys(path.resolve() for path in (*there, *rows)))


def find(house: SkillSet, known: Sequence[str], trace: Trace, accepted: Sequence[Case] = ()) -> Task:
    """The task of this household.

    Args:
        known: the skills that the shipped model was trained on.
        accepted: rows that a person found good; those that no skill of this house can mean are left out.
    """
    new = tuple(skill for skill in house.skills if skill.name not in known and skill.name != "none")
    closed = choices(house.skills)
    fitting = tuple(case for case in accepted if _fits(case, closed))
    labelled = []
    try:
        for _, case in diary_rows(trace, frozenset(house.by_name)):
            if _fits(case, closed):
                labelled.append(case)
        wrong = [turn for turn, call in trace.labelled() if str(turn.decision.call) != str(call)]
    except sqlite3.Error:  # a diary that cannot be read teaches nothing, and a new skill can be learned without it
        return Task(new, accepted=fitting)
    corrected = frozenset(plain(plain(turn.transcript.text)) for turn in wrong)
    mistaken = frozenset(turn.decision.skill for turn in wrong) & house.by_name.keys()
    return Task(new, tuple(labelled), corrected, mistaken, fitting)


def _fits(case: Case, closed: Mapping[str, Mapping[str, tuple[str, ...]]]) -> bool:
    """A skill may have changed since a turn of it was labelled."""
    try:
        check(case, closed)
    except BadCase:
        return False
    return True
