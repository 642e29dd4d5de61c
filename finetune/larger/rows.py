"""Rows to tokens: what a larger model is trained on, packed behind one reading of the prompt that never changes.

At run time the list of skills is evaluated once and kept, and each transcript goes on from there. Training does the
same: a pack is that prefix and then several rows, none of which sees another (`Pack.visible`), each at the positions
it would have alone. The loss is that of the rows one by one, at a fraction of the cost.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from assistant.prompt import larger_prefix, larger_suffix, write_call
from assistant.skill import Call, ConfigError, MissingPiece, Skill
from evals.cases import BadCase, Case, check, read_cases
from finetune.data.review import check_applied
from finetune.larger.nearest import NearestExamples
from finetune.larger.recipe import Plan
from finetune.larger.vocabulary import Spelled, Speller, Vocabulary
from finetune.rows import choices


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence behind the prefix: what is read, then the call that is learned."""

    read: tuple[int, ...]
    """The nearest examples and the transcript."""
    call: tuple[int, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Sides:
    """The rows that are trained on and those that say when to stop."""

    train: tuple[Case, ...]
    validation: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """Several rows behind one prefix, as one sequence of t tokens."""

    ids: torch.Tensor
    """(t,) int64"""
    positions: torch.Tensor
    """(t,) int64: every row goes on from the prefix's end"""
    row: torch.Tensor
    """(t,) int64: 0 for the prefix, n for the nth row"""
    ask: torch.Tensor
    """(n,) int64: places whose next token is learned"""
    learn: torch.Tensor
    """(n,) int64: those next tokens"""
    weight: torch.Tensor
    """(n,) float32"""

    def visible(self) -> torch.Tensor:
        """Who may look at whom, (1, 1, t, t) bool: back along one's own row and the prefix."""
        place = torch.arange(len(self.ids), device=self.row.device)
        same = (self.row[:, None] == self.row[None, :]) | (self.row[None, :] == 0)
        return (same & (place[None, :] <= place[:, None]))[None, None]


def read_sides(folder: Path, plan: Plan, kept_back: Callable[[Case], str]) -> Sides:
    """The training rows of `folder`, and a validation side taken from them by paraphrase group.

    `dev.jsonl` beside them is an evaluation set and is not looked at. A group's side hangs on its name and the plan's
    seed, so that it is the same in every run of the recipe.

    Args:
        kept_back: the evaluation set that holds this case, or nearly; "" for none.
    Raises:
        MissingPiece: there are no rows.
        SkillError: a review of them was broken off.
        ConfigError: a row is malformed, or belongs to an evaluation set; it is named.
    """
    path = rows_file(folder)
    train: list[Case] = []
    validation: list[Case] = []
    for number, case in enumerate(_read(path), 1):
        if name := kept_back(case):
            raise ConfigError(
                f'{path.name}, line {number}: "{case.text}" belongs to an evaluation set ({name}), or nearly, and may '
                "not be trained on; take it out, or build the rows again"
            )
        (validation if _is_validation(case, plan) else train).append(case)
    if not train and not validation:
        raise ConfigError(f"{path} has no rows; hark data grow --to {folder} makes some from your skills' examples")
    if not train:
        raise ConfigError(
            f"all rows of {path} would be validated on and none trained on; lower plan.validation_share or add rows"
        )
    if not validation:
        raise ConfigError(
            f"{path} has too few paraphrase groups to validate on; raise plan.validation_share or add rows"
        )
    return Sides(_some(train, plan.most_rows, plan.seed), _some(validation, plan.most_validation_rows, plan.seed))


def rows_file(folder: Path) -> Path:
    """The rows to train on.

    Raises:
        MissingPiece: there are none.
        SkillError: a review of them was broken off, so that rejected ones are still there.
        ConfigError: a row is malformed.
    """
    path = folder / "train.jsonl"
    if not path.is_file():
        raise MissingPiece(
            f"{folder} holds no train.jsonl; hark data grow --to {folder} makes rows from your skills' examples"
        )
    try:
        check_applied(folder)
    except BadCase as fault:
        raise ConfigError(f"{fault}; build the rows again") from None
    return path


def _read(path: Path) -> Iterator[Case]:
    """Every row. Raises ConfigError, naming file and line."""
    try:
        yield from read_cases(path)
    except BadCase as fault:
        raise ConfigError(f"{fault}; build the rows again") from None


def _is_validation(case: Case, plan: Plan) -> bool:
    digest = hashlib.sha256(f"{plan.seed}:{case.group or case.text}".encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < plan.validation_share


def _some(cases: Sequence[Case], most: int, seed: int) -> tuple[Case, ...]:
    return tuple(random.Random(seed).sample(list(cases), most)) if len(cases) > most else tuple(cases)


class Encoder:
    """Turns cases into rows for one vocabulary and one set of skills."""

    def __init__(self, vocabulary: Vocabulary, skills: Sequence[Skill]) -> None:
        self._vocabulary = vocabulary
        self._skills = {skill.name: skill for skill in skills}
        self._closed = choices(skills)
        self._nearest = NearestExamples(skills)
        self._speller = Speller(vocabulary, self._skills)
        self.prefix = tuple(vocabulary.tokenize(larger_prefix(skills), start=True))
        """The part that stays, with the model's first token."""

    def row(self, case: Case) -> Row:
        """Tokens of a case.

        Raises:
            BadCase: it contradicts its own text.
            ValueError: its call is none that run time could write.
        """
        check(case, self._closed)
        suffix = larger_suffix(case.text, self._nearest(case.text))
        return Row(tuple(self._vocabulary.tokenize(suffix)), self.spell(case).ids, case.weight)

    def spell(self, case: Case) -> Spelled:
        """The case's call in tokens; where only the skill is known, up to its bracket. Raises ValueError."""
        known = case.args_known
        call = write_call(Call(case.skill, case.words if known else {}), self._skills[case.skill], case.text)
        return self._speller.spell(call, case.text, head_only=not known)

    def rows(self, cases: Iterable[Case], tell: Callable[[int], None] = lambda _done: None) -> list[Row]:
        """Rows of all cases. Raises ConfigError, naming the sentence that cannot be written."""
        found = []
        for number, case in enumerate(cases, 1):
            try:
                found.append(self.row(case))
            except ValueError as fault:
                raise ConfigError(f'"{case.text}" cannot be trained on: {fault}') from None
            tell(number)
        return found


def make_packs(prefix: Sequence[int], rows: Sequence[Row], tokens: int) -> list[Pack]:
    """Pack rows in their order; a pack has at most so many tokens, or one row that is longer."""
    packs: list[Pack] = []
    waiting: list[Row] = []
    length = len(prefix)
    for row in rows:
        more = len(row.read) + len(row.call)
        if waiting and length + more > tokens:
            packs.append(make_pack(prefix, waiting))
            waiting, length = [], len(prefix)
        waiting.append(row)
        length += more
    return [*packs, make_pack(prefix, waiting)] if waiting else packs


def make_pack(prefix: Sequence[int], rows: Sequence[Row]) -> Pack:
    """One pack. The token after the last of `read` is the first of `call`: that is where learning begins."""
    ids, positions, number = list(prefix), list(range(len(prefix))), [0] * len(prefix)
    ask: list[int] = []
    learn: list[int] = []
    weight: list[float] = []
    for at, row in enumerate(rows, 1):
        first = len(ids) + len(row.read) - 1
        ids += [*row.read, *row.call]
        length = len(row.read) + len(row.call)
        positions += range(len(prefix), len(prefix) + length)
        number += [at] * length
        ask += range(first, first + len(row.call))
        learn += row.call
        weight += [row.weight] * len(row.call)
    return Pack(
        torch.tensor(ids), torch.tensor(positions), torch.tensor(number), torch.tensor(ask), torch.tensor(learn),
        torch.tensor(weight),
    )  # fmt: skip


def steps_of(prefix: Sequence[int], rows: Sequence[Row], plan: Plan, pass_number: int) -> Iterator[Sequence[Pack]]:
    """One pass over the rows in an order fixed by the seed: the packs of each step."""
    order = list(rows)
    random.Random(plan.seed * 1000 + pass_number).shuffle(order)
    packs = make_packs(prefix, order, plan.tokens_per_pack)
    for first in range(0, len(packs), plan.packs_per_step):
        yield packs[first : first + plan.packs_per_step]


def counts(cases: Sequence[Case]) -> Mapping[str, int]:
    """Rows for each skill, the most first."""
    found: dict[str, int] = {}
    for case in cases:
        found[case.skill] = found.get(case.skill, 0) + 1
    return dict(sorted(found.items(), key=lambda item: -item[1]))
