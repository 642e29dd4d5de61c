"""Training sentences as the recognizer writes them: clips of the listening model, disturbed anew, heard by it, and the
argument words found again in what was heard.

A recognizer errs in ways that no list of misheard words foresees; a skill model that is to work behind it must have
seen them. Clips were never made of sentences that are held out, and a row keeps its group.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from assistant.transcribe import Transcriber
from evals.cases import Case
from finetune.data.hear import reheard
from finetune.listening.augment import augment
from finetune.listening.batches import Clips, Row, length_for
from finetune.listening.sentences import normal
from finetune.rows import Closed

STRENGTH = 0.8
"""Of the disturbance, where training of the listening model takes 0.5: it is to err."""
BATCH = 32


@dataclass(frozen=True)
class Booth:
    """Where sentences are heard."""

    transcriber: Transcriber
    clips: Clips
    noise: torch.Tensor


def open_booth(model: Path, work: Path) -> Booth:
    """The listening model in `model`; clips and noise as `python -m finetune.listening clips` leaves them in `work`."""
    return Booth(Transcriber(model, threads=1), Clips(work / "shards"), torch.from_numpy(np.load(work / "noise.npy")))


def heard(cases: Iterable[Case], booth: Booth, seed: int, closed: Closed) -> Iterator[Case]:
    """Each case that there is a clip of as it was heard, where its words survived. Deterministic by seed.

    Args:
        closed: skill -> argument -> its choices, () for an open one.
    """
    chance = random.Random(seed)
    torch.manual_seed(seed)
    by_text: dict[str, list[Row]] = defaultdict(list)
    for row in booth.clips.rows:
        by_text[row.text].append(row)
    by_length: dict[int, list[tuple[Case, Row]]] = defaultdict(list)
    for case in cases:
        clips = by_text.get(normal(case.text) or "")
        if clips:
            row = chance.choice(clips)
            by_length[length_for(row)].append((case, row))
    for length, pairs in sorted(by_length.items()):
        for at in range(0, len(pairs), BATCH):
            part = pairs[at : at + BATCH]
            for (case, _), text in zip(part, _written(booth, [row for _, row in part], length), strict=True):
                found = reheard(case, text, closed)
                if isinstance(found, Case):
                    yield found


def _written(booth: Booth, rows: Sequence[Row], length: int) -> list[str]:
    batch = booth.clips.batch(list(rows), length)
    features, _ = augment(batch.mel, batch.phones, batch.frames, booth.noise, STRENGTH)
    return booth.transcriber.write_down(features.numpy())
