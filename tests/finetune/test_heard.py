from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from evals.cases import Case
from finetune.heard import Booth, heard
from finetune.listening.batches import Clips
from finetune.rows import choices, shipped_skills

pytestmark = pytest.mark.train


class Deaf:
    """Hears every clip of the batch as the same words."""

    def __init__(self, words: str) -> None:
        self.words, self.shapes = words, list[tuple[int, ...]]()

    def write_down(self, features: np.ndarray) -> list[str]:
        self.shapes.append(features.shape)
        return [self.words] * len(features)


def clips(folder: Path, texts: list[str]) -> Clips:
    shard = folder / "shards" / "one-0000"
    shard.mkdir(parents=True)
    np.save(shard / "mel.npy", np.full((100 * len(texts), 80), -3.0, np.float16))
    np.save(shard / "phone.npy", np.zeros(50 * len(texts), np.uint8))
    rows = [{"text": text, "frames": 100, "voice": "v"} for text in texts]
    (shard / "clips.json").write_text(json.dumps(rows), encoding="utf-8")
    return Clips(folder / "shards")


CLOSED = choices(shipped_skills())


def test_a_row_takes_the_words_that_were_heard(tmp_path: Path) -> None:
    """The text is what was heard, the argument is found in it again, the group stays; a row without a clip is left."""
    case = Case("play thriller by jackson", "play_music", {"title": "thriller", "artist": "jackson"}, True, "s", "g")
    other = Case("what a day", "none", source="s", group="h")
    deaf = Deaf("play triller by jackson")
    booth = Booth(deaf, clips(tmp_path, ["play thriller by jackson"]), torch.full((200, 80), -6.0))  # type: ignore[arg-type]
    (found,) = heard([case, other], booth, 1, CLOSED)
    assert (found.text, found.words) == ("play triller by jackson", {"title": "triller", "artist": "jackson"})
    assert (found.group, found.source) == ("g", "heard-s")
    assert deaf.shapes == [(1, 80, 112)]


def test_what_was_garbled_is_no_row(tmp_path: Path) -> None:
    """A sentence of which nothing survived, and one that was heard exactly, give no row."""
    case = Case("play thriller by jackson", "play_music", {"title": "thriller", "artist": "jackson"}, True, "s", "g")
    for words in ("of the", "play thriller by jackson", ""):
        folder = tmp_path / (words or "silence")
        booth = Booth(Deaf(words), clips(folder, [case.text]), torch.full((200, 80), -6.0))  # type: ignore[arg-type]
        assert list(heard([case], booth, 1, CLOSED)) == []
