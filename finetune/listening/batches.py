"""Read shards and hand out batches of clips of nearly the same length."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from finetune.listening.augment import SILENT_LOG
from finetune.listening.clips import UNKNOWN_PHONE
from finetune.listening.model import END, NO_SPEECH, NO_TIMES, START, encode_text

IGNORE = -100

# Lengths a batch may have, in frames. Few, because the matrix library prepares itself anew for every new shape.
LENGTHS = (80, 112, 136, 160, 184, 208, 240, 272, 312, 368, 448, 560, 750)


@dataclass(frozen=True)
class Row:
    """Where a clip lies."""

    shard: int
    first_frame: int
    frames: int
    text: str
    voice: str


@dataclass(frozen=True)
class Batch:
    """Clips padded to the longest."""

    mel: Tensor
    """float32, (batch, 80, frames), log10 power"""
    phones: Tensor
    """int64, (batch, frames / 2), `UNKNOWN_PHONE` where there is nothing to learn"""
    frames: Tensor
    """int64, (batch,)"""
    tokens: Tensor
    """int64, (batch, n): what the decoder has written so far"""
    wanted: Tensor
    """int64, (batch, n): what it should write next, `IGNORE` in the padding"""
    texts: list[str]


class Clips:
    """All shards of a folder; `refresh` finds those that were added since."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rows: list[Row] = []
        self._mel: list[np.ndarray] = []
        self._phone: list[np.ndarray] = []
        self._seen: set[str] = set()
        self.refresh()

    def refresh(self) -> None:
        for path in sorted(self.folder.glob("*")):
            if path.name in self._seen or path.suffix == ".part":
                continue
            self._seen.add(path.name)
            self._mel.append(np.load(path / "mel.npy", mmap_mode="r"))
            self._phone.append(np.load(path / "phone.npy"))
            first = 0
            for clip in json.loads((path / "clips.json").read_text()):
                self.rows.append(Row(len(self._mel) - 1, first, clip["frames"], clip["text"], clip["voice"]))
                first += clip["frames"]

    def batch(self, rows: list[Row], length: int) -> Batch:
        """Pad `rows` to `length` frames."""
        mel = np.full((len(rows), length, 80), SILENT_LOG, np.float32)
        phones = np.full((len(rows), length // 2), UNKNOWN_PHONE, np.int64)
        for number, row in enumerate(rows):
            mel[number, : row.frames] = self._mel[row.shard][row.first_frame : row.first_frame + row.frames]
            half = row.first_frame // 2
            phones[number, : row.frames // 2] = self._phone[row.shard][half : half + row.frames // 2]
        texts = [row.text for row in rows]
        tokens, wanted = text_targets(texts, most_letters(length))
        frames = torch.tensor([row.frames for row in rows])
        return Batch(torch.from_numpy(mel).transpose(1, 2), torch.from_numpy(phones), frames, tokens, wanted, texts)

    def pass_over(self, frames: int, seed: int, weight: dict[str, int]) -> Iterator[tuple[list[Row], int]]:
        """Yield batches of `frames` frames, and their length, each clip once or `weight[voice]` times.

        Every length has one batch size; a batch that would not be full is filled with clips of other batches.
        """
        r = random.Random(seed)
        sorted_in: dict[int, list[Row]] = {length: [] for length in LENGTHS}
        for row in self.rows:
            for _ in range(weight.get(row.voice, 1)):
                sorted_in[length_for(row)].append(row)
        batches = []
        for length, rows in sorted_in.items():
            size = frames // length
            r.shuffle(rows)
            rows += r.choices(rows, k=-len(rows) % size) if rows else []
            batches += [(rows[first : first + size], length) for first in range(0, len(rows), size)]
        r.shuffle(batches)
        yield from batches


def most_letters(length: int) -> int:
    """Return how many tokens a batch of `length` frames has room for: 12 letters a second of it and a few more."""
    return min(120, length // 5 + 6)


def length_for(row: Row) -> int:
    """Return the shortest batch length that holds a clip and its text."""
    fits = (n for n in LENGTHS if row.frames <= n and len(row.text) + 2 <= most_letters(n))
    return next(fits, LENGTHS[-1])


def text_targets(texts: list[str], longest: int) -> tuple[Tensor, Tensor]:
    """Return decoder input and wanted next tokens; the first wanted one says whether there is speech at all."""
    ids = [encode_text(text) for text in texts]
    tokens = torch.full((len(ids), longest), END)
    wanted = torch.full((len(ids), longest), IGNORE)
    for number, row in enumerate(ids):
        tokens[number, : len(row) + 2] = torch.tensor([START, NO_TIMES, *row])
        wanted[number, : len(row) + 2] = torch.tensor([NO_TIMES if row else NO_SPEECH, *row, END])
    return tokens, wanted
