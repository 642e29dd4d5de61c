"""Listening models beside one another: time, memory and words of the same recordings."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from assistant.audio import RATE_HZ, Audio, write_wav
from assistant.cli import main
from assistant.commands.frame import UsageError
from assistant.skill import MissingPiece
from assistant.window import shorten
from evals.cases import Case, write_cases
from evals.listening import Clip, Ear, Take, clips_of, compare, sentences
from evals.listening import _row as row_of
from evals.random_whisper import Shape, write_whisper

SAMPLES = Path(__file__).parents[2] / "samples"


def recording(path: Path, said: str) -> Path:
    """A second of noise, and a text beside it that claims what it says."""
    noise = np.random.default_rng(0).standard_normal(RATE_HZ).astype(np.float32) * np.float32(0.1)
    write_wav(path, Audio(noise, RATE_HZ))
    path.with_suffix(".txt").write_text(said, encoding="utf-8")
    return path


def test_every_sample_says_what_stands_beside_it() -> None:
    """The samples are a folder to measure on, and their page tells the same words."""
    clips = clips_of(str(SAMPLES))
    page = (SAMPLES / "README.md").read_text(encoding="utf-8")
    assert len(clips) == len(list(SAMPLES.glob("*.wav"))) > 0
    for clip in clips:
        assert any(f"`{clip.path.name}`" in line and f"| {clip.text} |" in line for line in page.splitlines())


def test_a_recording_without_its_words_is_named(tmp_path: Path) -> None:
    """A folder with no recording at all is wrong use as well."""
    with pytest.raises(UsageError, match="no recordings"):
        clips_of(str(tmp_path))
    recording(tmp_path / "a.wav", "a").with_suffix(".txt").unlink()
    with pytest.raises(UsageError, match=r"a\.txt is missing"):
        clips_of(str(tmp_path))


def test_the_recordings_of_a_set_are_taken_too(tmp_path: Path) -> None:
    """A case with a recording and its words is a clip; one without either is none."""
    write_cases(tmp_path / "c.jsonl", [Case("lights on", "switch", sound="a.wav"), Case("lights off", "switch")])
    assert clips_of(str(tmp_path / "c.jsonl")) == [Clip(tmp_path / "a.wav", "lights on")]


def test_errors_and_times_are_counted_against_the_first() -> None:
    """Two of eight words wrong are 25 %; a model that takes half the time is twice as fast."""
    clips = [Clip(Path("a.wav"), "turn the light on"), Clip(Path("b.wav"), "what time is it")]
    first = [Take("turn the light on", 100.0), Take("what time is it", 300.0)]
    mine = [Take("turn a light", 50.0), Take("what time is it", 150.0)]
    row = row_of(Ear("b", Path()), mine, first, clips)
    assert row["word_error"]["value"] == 2 / 8
    assert (row["faster"]["value"], row["faster"]["low"], row["faster"]["high"]) == (
        2.0,
        None,
        None,
    )  # no width, no interval
    assert (row["median_ms"], row["p95_ms"]) == (100.0, 150.0)
    assert row_of(Ear("b", Path(), knows_words=False), mine, first, clips)["word_error"] is None


def test_a_whisper_beside_itself_with_a_shorter_window(tmp_path: Path) -> None:
    """Both hear every recording, each with memory of its own, and the noise of random weights is not scored."""
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir()
    cut.mkdir()
    write_whisper(Shape(width=64, layers=1, heads=2), whole, vocabulary=300)
    shorten(whole, cut, 10)
    clips = [Clip(SAMPLES / "times.wav", "what is twenty seven times eighty one")]
    found = compare([Ear("whole", whole, knows_words=False), Ear("cut", cut, knows_words=False)], clips, threads=1)
    assert [(row["name"], row["window_s"]) for row in found["models"]] == [("whole", 30.0), ("cut", 10.0)]
    assert all(row["median_ms"] > 0 and row["memory_mb"] > 10 for row in found["models"])
    first, second, third = sentences(found)
    assert "1 recordings" in first
    assert "random weights" in second
    assert "as fast as whole" in third


def test_a_model_that_is_none_is_one_sentence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What cannot be opened in its own process is said here; nothing hangs."""
    recording(tmp_path / "a.wav", "a")
    with pytest.raises(MissingPiece, match="lacks"):
        compare([Ear("gone", tmp_path / "gone")], clips_of(str(tmp_path)), threads=1)
    assert main(["eval", "listening", str(tmp_path), "gone"]) == 2
    assert "there is no model gone" in capfd.readouterr().err
    assert main(["eval", "listening", str(tmp_path)]) == 2
    assert main(["eval", "listening", str(tmp_path), "--untrained", "huge"]) == 2


@pytest.mark.model
def test_the_shipped_model_hears_the_same_with_half_its_window(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Commands are shorter than six seconds: the first positions are all that they use."""
    home = ["--set", f"paths.data={tmp_path / 'data'}"]
    assert main([*home, "models", "window", "shipped", "--seconds", "6"]) == 0
    capfd.readouterr()
    assert main([*home, "eval", "listening", str(SAMPLES), "shipped", "shipped-6s", "--json"]) == 0
    whole, cut = json.loads(capfd.readouterr().out)["models"]
    assert whole["texts"] == cut["texts"]
    assert whole["word_error"]["value"] < 0.3
