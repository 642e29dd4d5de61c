"""Episodes as tensors. Sentences are short and their lengths differ, so several stand in one row: half of a batch in
which each has a row of its own would be empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from assistant.shown import FIRST, GRAMS, PAD, Slot
from finetune.fewshot.episodes import ASKED, EXAMPLES, NAME, READ, SLOTS, Episode, Words
from finetune.fewshot.pool import Said

IGNORED = -100
ROW = 32
"""Words of a row, a first place before each sentence among them."""
LINE_ROWS, ASKED_ROWS = 4, 8
"""Rows of an episode. Half of the episodes are too long for them: 6 % of what is asked, 1 % of the lines."""


@dataclass(frozen=True, slots=True)
class Batch:
    """E episodes of N lines and Q sentences, S slots, T words each (a first place before them).

    The lines of an episode are written one after another on one sheet of L words, in rows of ROW, and what is asked on
    another one of A words.
    """

    words: torch.Tensor
    """Every word of the batch once: its place in the table (U)."""
    grams: torch.Tensor
    """Its runs of letters, GRAMS for none (U, G)."""
    lines: torch.Tensor
    """Places in `words`, 0 is none (E, L)."""
    line_of: torch.Tensor
    """Which line a word stands in, -1 where no word is."""
    line_at: torch.Tensor
    """Its place in the line."""
    line_roles: torch.Tensor
    line_slots: torch.Tensor
    line_signs: torch.Tensor
    """0 where a word is no slot's."""
    line_first: torch.Tensor
    """Where on the sheet a line begins, -1 for none (E, N)."""
    asked: torch.Tensor
    """As `lines` (E, A)."""
    asked_of: torch.Tensor
    asked_at: torch.Tensor
    asked_places: torch.Tensor
    """Where on the sheet each word of a sentence stands, -1 for none (E, Q, T)."""
    right: torch.Tensor
    """1 or 0, IGNORED where there is no sentence (E, Q)."""
    names: torch.Tensor
    """Of the slots: places in `words` (E, S, W)."""
    name_roles: torch.Tensor
    """(E, S); 0 where there is no slot."""
    name_signs: torch.Tensor
    begins: torch.Tensor
    """Where a slot's words begin and end in a sentence, 0 for nowhere, or IGNORED (E, Q, S)."""
    ends: torch.Tensor
    tags: torch.Tensor
    """Each word's slot counted from 1, 0 for none, or IGNORED (E, Q, T)."""


def laid_out(lengths: Sequence[int], rows: int) -> list[int]:
    """Where on a sheet of so many rows each sentence begins, or -1: where there is no room for all, some drawn at
    random are left out. Were it the shortest, the network would see too few short ones.
    """
    kept = list(np.random.permutation(len(lengths)))
    while (begins := _first_fit(lengths, kept, rows)) is None:
        kept.pop()
    return begins


def _first_fit(lengths: Sequence[int], kept: Sequence[int], rows: int) -> list[int] | None:
    """The longest first, each in the first row with room for it (first-fit decreasing); None if one has none."""
    used, begins = [0] * rows, [-1] * len(lengths)
    for one in sorted(kept, key=lambda one: -lengths[one]):
        row = next((row for row in range(rows) if used[row] + lengths[one] <= ROW), None)
        if row is None:
            return None
        begins[one] = row * ROW + used[row]
        used[row] += lengths[one]
    return begins


class Tensors:
    """Makes batches out of episodes."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def batch(self, episodes: Sequence[Episode]) -> Batch:
        """All batches have one shape; slots get signs at random."""
        table: dict[str, int] = {}

        def places(words: Sequence[str]) -> list[int]:
            return [table.setdefault(word, len(table) + 2) for word in words]

        def nothing(*shape: int, than: int = 0) -> NDArray[np.int64]:
            return np.full((len(episodes), *shape), than)

        line, asked, t = LINE_ROWS * ROW, ASKED_ROWS * ROW, READ + 1
        lines, line_of, line_at = nothing(line), nothing(line, than=-1), nothing(line)
        roles, slots, line_first = nothing(line), nothing(line, than=-1), nothing(EXAMPLES + 1, than=-1)
        queries, asked_of, asked_at = nothing(asked), nothing(asked, than=-1), nothing(asked)
        asked_places, right = nothing(ASKED, t, than=-1), nothing(ASKED, than=IGNORED)
        names, name_roles = nothing(SLOTS, NAME), nothing(SLOTS)
        begins, ends = nothing(ASKED, SLOTS, than=IGNORED), nothing(ASKED, SLOTS, than=IGNORED)
        tags = nothing(ASKED, t, than=IGNORED)
        signs = np.stack([np.concatenate([[0], 1 + np.random.permutation(SLOTS)]) for _ in episodes])
        for at, e in enumerate(episodes):
            for row, first in enumerate(laid_out([len(one.words) + 1 for one in e.lines], LINE_ROWS)):
                if first < 0:
                    continue
                one, length = e.lines[row], len(e.lines[row].words) + 1
                where = slice(first, first + length)
                line_first[at, row], line_of[at, where], line_at[at, where] = first, row, range(length)
                lines[at, where] = [1, *places(one.words)]
                roles[at, where], slots[at, where] = [0, *one.roles], [-1, *one.slots]
            for row, first in enumerate(laid_out([len(said.line.words) + 1 for said in e.asked], ASKED_ROWS)):
                if first < 0:
                    continue
                said, length = e.asked[row], len(e.asked[row].line.words) + 1
                where = slice(first, first + length)
                asked_of[at, where], asked_at[at, where] = row, range(length)
                queries[at, where] = [1, *places(said.line.words)]
                asked_places[at, row, :length] = range(first, first + length)
                right[at, row] = e.right[row]
                if e.right[row]:
                    begins[at, row, : len(e.slots)], ends[at, row, : len(e.slots)] = _runs(said, e.slots)
                    if said.closed_known or not any(slot.choice for slot in e.slots):
                        tags[at, row, 1:length] = np.array(said.line.slots) + 1
            for place, slot in enumerate(e.slots):
                names[at, place, : len(slot.name[:NAME])] = places(slot.name[:NAME])
                name_roles[at, place] = slot.role
        known = [PAD, FIRST, *map(self._words.place, table)]
        letters = [(), (), *map(self._words.grams, table)]
        widest = max(map(len, letters))
        filled = [[*one, *[GRAMS] * (widest - len(one))] for one in letters]
        line_signs = np.take_along_axis(signs, slots + 1, 1)
        name_signs = np.where(name_roles > 0, signs[:, 1:], 0)
        of_lines = (lines, line_of, line_at, roles, slots, line_signs, line_first)
        of_asked = (queries, asked_of, asked_at, asked_places, right)
        arrays = (known, filled, *of_lines, *of_asked, names, name_roles, name_signs, begins, ends, tags)
        return Batch(*(torch.tensor(np.asarray(one)) for one in arrays))


def _runs(said: Said, slots: Sequence[Slot]) -> tuple[list[int], list[int]]:
    begins, ends = [], []
    for place, slot in enumerate(slots):
        at = [where for where, of in enumerate(said.line.slots, 1) if of == place]
        unknown = bool(slot.choice) and not said.closed_known
        begins.append(IGNORED if unknown else at[0] if at else 0)
        ends.append(IGNORED if unknown else at[-1] if at else 0)
    return begins, ends
