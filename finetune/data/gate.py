"""The one gate that every row of a dataset passes, wherever it comes from.

A row is parsed by the code that runs, its words are read by the readers, and it must be neither doubled nor like a
sentence that something is measured on. A malformed row raises; a row that is merely unusable is refused and counted.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from assistant.prompt import read_call, write_call
from assistant.readers import Unreadable, read_arguments
from assistant.skill import Call, Household, Skill
from evals.cases import BadCase, Case, check, quoted, shortened
from evals.sets.kept import group_key, kept_from_training
from finetune.data.near import Block
from finetune.rows import choices

NEAR_COPIES = 3
"""Rows of one call whose sentences are nearly the same: so many stay, so that noise is taught and does not swamp."""

UNREADABLE, DOUBLED, NEAR, CONTRADICTS, MEASURED, OTHER_SIDE = (
    "an argument cannot be read",
    "the same sentence again",
    f"like {NEAR_COPIES} others of its call",
    "another call for the same sentence",
    "an evaluation set has it, or nearly",
    "nearly a row that is kept back",
)
REASONS = (UNREADABLE, DOUBLED, NEAR, CONTRADICTS, MEASURED, OTHER_SIDE)


@dataclass
class Gate:
    """Keeps what it has let through, to know what is doubled."""

    skills: Sequence[Skill]
    now: dt.datetime
    household: Household = field(default_factory=Household)
    measured: Block = field(default_factory=Block)
    """Bare sentences (`bare`) of every evaluation set."""
    other_side: Block = field(default_factory=Block)
    """Bare sentences of the sides of the split that came before."""
    refused: Counter[str] = field(default_factory=Counter)
    """Reason -> how many."""

    def __post_init__(self) -> None:
        self._by_name = {skill.name: skill for skill in self.skills}
        self._closed = choices(self.skills)
        self._calls: dict[str, Call] = {}
        self._near: dict[tuple[str, tuple[tuple[str, str], ...]], Block] = defaultdict(Block)

    def reason(self, case: Case, where: str = "") -> str:
        """Why a row is refused; "" where it may stay, and is then remembered.

        Raises:
            BadCase: the row is malformed.
        """
        self.parse(case, where)
        why = self._reason(case)
        if why:
            self.refused[why] += 1
        return why

    def parse(self, case: Case, where: str = "") -> None:
        """Write the row's call as a model would and read it back.

        Args:
            where: `file, line 3` or a source, for the message.
        Raises:
            BadCase: the row contradicts itself, or its call does not come back as it went.
        """
        try:
            check(case, self._closed)
            if case.args_known:
                call = Call(case.skill, dict(case.words))
                back = read_call(write_call(call, self._by_name[case.skill], case.text))
                if back != call:
                    raise BadCase(f"{quoted(case.text)}: the call comes back as {shortened(str(back))}")
        except (ValueError, AttributeError, TypeError) as fault:
            raise BadCase(f"{where}: {fault}" if where else str(fault)) from fault

    def hold_back(self, texts: Iterable[str]) -> None:
        """Nothing like these rows of an earlier side may pass from now on."""
        for text in texts:
            self.other_side.add(bare(text))

    def unreadable(self, case: Case) -> str:
        """What a reader says of the row's words; "" where it can read them all."""
        if not case.args_known or case.skill not in self._by_name:
            return ""
        try:
            read_arguments(self._by_name[case.skill], case.words, now=self.now, household=self.household)
        except Unreadable as fault:
            return str(fault)
        return ""

    def _reason(self, case: Case) -> str:
        call = Call(case.skill, dict(case.words))
        if case.text in self._calls:
            return DOUBLED if self._calls[case.text] == call else CONTRADICTS
        if self.unreadable(case):
            return UNREADABLE
        text = bare(case.text)
        if self.measured.near(text):
            return MEASURED
        if self.other_side.near(text):
            return OTHER_SIDE
        same_call = self._near[case.skill, tuple(sorted(case.words.items()))]
        if len(same_call.near(text)) >= NEAR_COPIES:
            return NEAR
        same_call.add(text)
        self._calls[case.text] = call
        return ""


def bare(text: str) -> str:
    """A sentence without what makes no difference to a model: politeness, articles, the particular numbers."""
    return group_key(text)


def measured() -> Block:
    """The bare sentences of every evaluation set of ours: no row may be one of them, or nearly."""
    return Block(sorted(kept_from_training()))


def measured_by(cases: Iterable[Case]) -> Block:
    """The bare sentences of another set; a case that is only heard has none."""
    return Block(sorted({bare(case.text) for case in cases if case.text}))


def passed(rows: Iterable[tuple[str, Case]], gate: Gate, told: Callable[[int], None] = lambda _: None) -> list[Case]:
    """The rows that pass, in their order.

    Args:
        rows: where each stands (`file, line 3`), and the row.
        told: is told now and then how many have been looked at.
    Raises:
        BadCase: a malformed row; the build stops, nothing is skipped silently.
    """
    kept = []
    for number, (where, case) in enumerate(rows, 1):
        if not gate.reason(case, where):
            kept.append(case)
        if number % 256 == 0:
            told(number)
    return kept
