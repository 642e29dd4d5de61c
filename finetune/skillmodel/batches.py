"""What the skill model's trainer reads: rows as one pass sees them, padded into batches of few shapes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from finetune.skillmodel.tokens import Alphabet, Encoded

IGNORED = -100
"""Label of a token that is not taught (torch's convention)."""
NO_MARK = -1
"""Mark of a token that has none."""


@dataclass(frozen=True, slots=True)
class View:
    """How rows are shown; what changes from pass to pass is not learnt by heart."""

    alphabet: Alphabet
    two_way: bool = True
    renamed: float = 0.3
    """Share of rows in which every token of a name becomes some other token: pointing must not hang on the word."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded rows: ids, marks, labels and tags (b, t) int64, mask (b, 1, t, t) bool (True = may look), weight (b,)
    float32. A token without a mark has NO_MARK; what is not taught is IGNORED."""

    ids: torch.Tensor
    marks: torch.Tensor
    labels: torch.Tensor
    mask: torch.Tensor
    tags: torch.Tensor
    weight: torch.Tensor


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as one pass sees it."""

    row: Encoded
    ids: list[int]
    marks: list[int]
    """For each token of the prompt the mark that is added to it, -1 for none."""


def shown(row: Encoded, view: View, chance: random.Random) -> Shown:
    """Any marks in any order, names perhaps other words.

    Were marks always counted from the first, those of neighbours would be learned as nearly the same thing, and pointed
    at in one another's place.
    """
    marks = view.alphabet.marks
    drawn = chance.sample(marks, row.chunks)
    ids = row.ids[: row.prompt] + [drawn[t - marks.start] if t in marks else t for t in row.ids[row.prompt :]]
    if row.names and chance.random() < view.renamed:
        for at in row.names:
            ids[at] = chance.choice(view.alphabet.words)
    return Shown(row, ids, [drawn[chunk] if chunk >= 0 else -1 for chunk in row.chunk_of])


def collate(rows: Sequence[Shown], two_way: bool) -> Batch:
    """Pad rows to a length that a compiled step has seen before."""
    length = padded(max(len(one.ids) for one in rows))
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    marks = torch.full((len(rows), length), NO_MARK)
    labels = torch.full((len(rows), length), IGNORED)
    tags = torch.full((len(rows), length), IGNORED)
    prompt = torch.tensor([one.row.prompt for one in rows])
    total = torch.tensor([len(one.ids) for one in rows])
    for at, one in enumerate(rows):
        tokens, row = torch.tensor(one.ids), one.row
        ids[at, : len(one.ids)] = tokens
        marks[at, : row.prompt] = torch.tensor(one.marks)
        labels[at, row.prompt : row.taught] = tokens[row.prompt : row.taught]
        if row.tags:
            places, of = zip(*row.tags, strict=True)
            tags[at, list(places)] = torch.tensor(of)
    position = torch.arange(length)
    mask = (position[None, :] <= position[:, None]).expand(len(rows), length, length)
    if two_way:
        mask = mask | (position[None, None, :] < prompt[:, None, None])
    mask = mask & (position[None, None, :] < total[:, None, None])
    weight = torch.tensor([one.row.weight for one in rows])
    return Batch(ids, marks, labels, mask[:, None], tags, weight)


def padded(length: int) -> int:
    """The length a row of this many tokens is padded to: few lengths, for each is compiled."""
    step = 8 if length <= 64 else 16
    return -(-length // step) * step


def batches(rows: Sequence[Encoded], view: View, tokens: int, seed: int) -> Iterator[Batch]:
    """One pass: rows drawn as often as they say, in batches of one length, one shape and at most `tokens` tokens."""
    order = random.Random(seed)
    groups = _groups(rows, tokens, order)
    return (collate([shown(row, view, order) for row in group], view.two_way) for group in groups)


def count(rows: Sequence[Encoded], tokens: int, seed: int) -> int:
    """How many batches a pass has."""
    return len(_groups(rows, tokens, random.Random(seed)))


def _groups(rows: Sequence[Encoded], tokens: int, order: random.Random) -> list[list[Encoded]]:
    shelves: dict[int, list[Encoded]] = {}
    drawn = [at for at, row in enumerate(rows) for _ in range(int(row.times + order.random()))]
    order.shuffle(drawn)
    for at in drawn:
        shelves.setdefault(padded(len(rows[at].ids)), []).append(rows[at])
    groups = []
    for length, shelf in sorted(shelves.items()):
        size = max(1, tokens // length)
        shelf += order.choices(shelf, k=-len(shelf) % size)  # the last batch is filled up, to keep its shape
        groups += [shelf[at : at + size] for at in range(0, len(shelf), size)]
    order.shuffle(groups)
    return groups
