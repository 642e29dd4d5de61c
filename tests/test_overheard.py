from __future__ import annotations

import io
import math
from pathlib import Path

import numpy as np
import pytest
from kitchen import KITCHEN, doll

from assistant import models
from assistant.models import OVERHEARD
from assistant.overheard import BUCKETS, Doubt, Overheard, Shift, buckets
from assistant.skill import MissingPiece
from assistant.worker import Job
from assistant.writer import Writer
from evals import sets


def test_a_sentence_is_its_runs_of_one_to_three_words_with_its_edges() -> None:
    """Two words and two edges make four single words, three pairs and two runs of three; repeated ones are counted."""
    assert sum(buckets("stop it").values()) == 9
    assert max(buckets("no no no").values()) == 3
    assert all(0 <= bucket < BUCKETS for bucket in buckets("what's the weather"))


def test_talk_above_the_start_counts_and_a_lift_is_given_back() -> None:
    """Below the start nothing is added but the lift taken away; above it every nat counts."""
    shift = Shift(start=-4.0, lift=0.5)
    assert shift(-9.0) == -0.5
    assert shift(-4.0) == -0.5
    assert shift(1.0) == 4.5


def test_what_was_saved_is_read_again(tmp_path: Path) -> None:
    """Weights and bias come back; the log odds are the mean weight for a sentence's length."""
    weights = np.zeros(BUCKETS, np.float16)
    weights[list(buckets("well"))] = 2.0
    Overheard(weights, -1.0).save(tmp_path / OVERHEARD)
    again = Overheard.read(tmp_path / OVERHEARD)
    count = len(buckets("well"))
    assert again("well") == pytest.approx(2.0 * count / np.sqrt(count) - 1.0, abs=1e-3)
    assert [path.name for path in tmp_path.iterdir()] == [OVERHEARD]


def archive(**arrays: object) -> bytes:
    """What numpy's archive of these holds."""
    out = io.BytesIO()
    np.savez_compressed(out, **arrays)  # type: ignore[arg-type]
    return out.getvalue()


WHOLE = archive(weights=np.ones(BUCKETS, np.float16), bias=0.0)


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"PK no archive",
        b"\x93NUMPY",
        WHOLE[:200],
        WHOLE[:120] + bytes(20) + WHOLE[140:],
        archive(weights=np.ones(7, np.float16), bias=0.0),
        archive(weights=np.full(BUCKETS, np.nan, np.float16), bias=0.0),
    ],
)
def test_a_missing_or_damaged_file_is_named(tmp_path: Path, content: bytes | None) -> None:
    """The sentence names the file and says what to do."""
    if content is not None:
        (tmp_path / OVERHEARD).write_bytes(content)
    with pytest.raises(MissingPiece, match=rf"{OVERHEARD} is missing or damaged.*install Hark again"):
        Doubt(tmp_path / "model.gguf", '{"start": -4.0, "lift": 0.5}')


@pytest.mark.parametrize("note", ["{", "[]", '{"start": 1}', '{"start": 1, "lift": 2, "more": 3}'])
def test_a_note_of_another_making_is_refused(tmp_path: Path, note: str) -> None:
    """A skill model whose note is no shift is none of ours."""
    with pytest.raises(MissingPiece, match=r"model\.gguf says of itself"):
        Doubt(tmp_path / "model.gguf", note)


def test_what_sounds_like_talk_is_called_less() -> None:
    """The same weights, with and without the word: none() gains what the note says, in log odds, and nothing else."""
    plain, doubting = (Writer(Job(doll(talk=talk), KITCHEN, shipped=True)) for talk in ("", "well"))

    def chances(writer: Writer, text: str) -> dict[str, float]:
        return {one.call.partition("(")[0]: one.skill_probability for one in writer.write(text, [])}

    assert chances(doubting, "well").keys() == {"none"}
    before, after = chances(plain, "set a timer"), chances(doubting, "set a timer")
    others = [name for name in before if name in after and name != "none"]
    assert "none" in after and others
    left = 1 - after["none"] * (1 - math.exp(-1.0))  # what a nat more of none() leaves of every other share
    for name in others:
        assert after[name] / before[name] == pytest.approx(left, abs=1e-3)


@pytest.mark.model
def test_the_shipped_one_tells_talk_from_requests() -> None:
    """Nineteen of twenty overheard lines sound more like talk than the middle one of quick's requests."""
    overheard = Overheard.read(models.BUNDLED / "skill" / OVERHEARD)
    talk = [overheard(case.text) for case in sets.overheard()]
    asked = [overheard(case.text) for case in sets.open_set("quick", None).cases if case.skill != "none"]
    assert np.mean(np.array(talk) > np.median(asked)) > 0.95
