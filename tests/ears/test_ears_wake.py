"""The wake word and voice activity, over real models and synthetic speech."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

import numpy as np
import pymicro_wakeword
import pytest

from assistant.audio import RATE_HZ, read_audio, resampled
from assistant.config import Listen, Speech
from assistant.ears.measure import frames_of
from assistant.ears.sources import from_file, from_pipe, open_source, paced
from assistant.ears.voice import FRAME, Voice
from assistant.ears.wake import CARRIED, WakeWord, open_wake_word, threshold, to_int16
from assistant.skill import ConfigError, MissingPiece, SkillError
from assistant.speak import Speaker

SAMPLES = sorted((Path(__file__).parents[2] / "samples").glob("*.wav"))
DOLLS = Path(__file__).parent / "openwakeword"


@functools.cache
def say(text: str, voice: str = "en-us") -> np.ndarray:
    """A sentence at 16 kHz with half a second of silence around it."""
    said = resampled(Speaker(Speech(voice=voice, rate=150)).speak(text), RATE_HZ).samples
    return np.concatenate([np.zeros(RATE_HZ), said, np.zeros(RATE_HZ // 2)]).astype(np.float32)


def heard_at(wake: WakeWord, samples: np.ndarray) -> list[float]:
    """The seconds at which the wake word is heard."""
    frames = range(0, len(samples) - FRAME, FRAME)
    return [at / RATE_HZ for at in frames if wake.heard(samples[at : at + FRAME])]


def opened(**settings: object) -> WakeWord:
    wake = open_wake_word(Listen.model_validate({"wake_word": "okay_nabu"} | settings))
    assert wake is not None
    return wake


@pytest.mark.parametrize("voice", ["en-us", "en-gb", "en+f3"])
def test_the_wake_word_is_heard_when_it_ends(voice: str) -> None:
    """ "Okay Nabu" by three synthetic voices wakes within 0.3 s of its end."""
    said = say("okay nabu", voice)
    found = heard_at(opened(), said)
    assert found and abs(found[0] - (len(said) / RATE_HZ - 0.5)) < 0.3


def test_other_words_do_not_wake() -> None:
    """The eight samples and a synthetic sentence wake none of the models that come with it."""
    samples = [read_audio(path).samples for path in SAMPLES] + [say("okay, have you seen my new boat")]
    for word in CARRIED:
        wake = opened(wake_word=word)
        assert heard_at(wake, np.concatenate(samples)) == []


def test_sensitivity_moves_the_threshold() -> None:
    """The middle is the model's own threshold; more sensitive is lower, less is higher, always within 0..1."""
    values = [threshold(0.85, at) for at in (0, 0.25, 0.5, 0.75, 1)]
    assert values[2] == 0.85 and values == sorted(values, reverse=True)
    assert min(values) > 0 and max(values) < 1


def test_sensitivity_decides_what_wakes() -> None:
    """A saying of which the model is half sure wakes at the highest sensitivity and not at the lowest; what it makes of
    each frame is the same at both."""
    said, sure = say("okay nabu"), 0.0
    least, most = opened(sensitivity=0.0), opened(sensitivity=1.0)
    noise = np.random.default_rng(1).standard_normal(len(said)).astype(np.float32)
    for level in np.geomspace(0.003, 0.3, 12):
        one = opened()
        sure = max(one.probability(frame) for frame in frames_of(said + noise * np.float32(level)))
        if 0.45 < sure < 0.99:
            break
    half_sure = said + noise * np.float32(level)
    assert 0.45 < sure < 0.99
    assert heard_at(most, half_sure) and not heard_at(least, half_sure)


def test_the_model_is_used_as_its_library_does() -> None:
    """Frames of 32 ms give the probabilities that the library's own loop over the whole recording gives."""
    said = say("okay nabu")
    own = pymicro_wakeword.MicroWakeWord.from_builtin(pymicro_wakeword.Model.OKAY_NABU)
    windows = pymicro_wakeword.MicroWakeWordFeatures().process_streaming(to_int16(said).tobytes())
    ours = opened()
    assert max(ours.probability(frame) for frame in frames_of(said)) == pytest.approx(
        max(own.process_streaming_prob(window) or 0.0 for window in windows), abs=1e-6
    )


def test_no_wake_word_is_a_choice() -> None:
    """Always on, and a key instead, open no model."""
    assert open_wake_word(Listen(wake_word="none")) is None
    assert open_wake_word(Listen(wake_word="key")) is None


@pytest.mark.parametrize("name", ["okay_google", "gone.onnx", "gone.json"])
def test_an_unknown_wake_word_is_one_sentence(name: str, tmp_path: Path) -> None:
    """A name that is no model, and a file that is not there, say what to write instead."""
    with pytest.raises(ConfigError, match=r"listen\.wake_word"):
        open_wake_word(Listen(wake_word=name if "okay" in name else str(tmp_path / name)))


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wake word is part of an extra; its absence is one sentence."""
    monkeypatch.setitem(sys.modules, "pymicro_wakeword", None)
    with pytest.raises(MissingPiece, match=r"pip install 'hark\[mic\]'"):
        open_wake_word(Listen())


def test_speech_is_told_from_its_surroundings() -> None:
    """In each sample, speech is found for as long as the command lasts; in hiss and hum, none."""
    rng = np.random.default_rng(0)
    for path in SAMPLES:
        voice, samples = Voice(), read_audio(path).samples
        spoken = sum(voice.probability(samples[at : at + FRAME]) > 0.5 for at in range(0, len(samples) - FRAME, FRAME))
        assert 1.0 < spoken * 0.032 < len(samples) / RATE_HZ
    voice = Voice()
    for noise in (rng.standard_normal(FRAME) * 0.1, np.sin(np.arange(FRAME) / 25)):
        assert max(voice.probability(noise.astype(np.float32)) for _ in range(100)) < 0.5


def test_a_recording_is_frames_to_its_end(tmp_path: Path) -> None:
    """Whatever its length, the last samples are in a frame of their own, filled up with silence."""
    frames = list(from_file(SAMPLES[0]))
    assert all(frame.shape == (FRAME,) for frame in frames)
    whole = read_audio(SAMPLES[0]).samples
    assert np.array_equal(np.concatenate(frames)[: len(whole)], whole)


def test_a_pipe_is_frames_to_its_end(tmp_path: Path) -> None:
    """Raw 16-bit samples, an odd byte at the end included, become frames."""
    path = tmp_path / "raw"
    path.write_bytes(np.arange(700, dtype="<i2").tobytes() + b"x")
    frames = list(from_pipe(path.open("rb")))
    assert np.array_equal(np.concatenate(frames)[:700] * 32768, np.arange(700))
    assert [len(frame) for frame in frames] == [FRAME, FRAME]


def test_a_source_that_is_none_is_one_sentence(tmp_path: Path) -> None:
    """A file that is not there, and one that is no sound."""
    (tmp_path / "text.wav").write_text("hello there, this is no sound")
    for name in ("gone.wav", "text.wav"):
        with pytest.raises(SkillError, match=name):
            open_source(str(tmp_path / name), fast=True)


def test_real_time_is_kept() -> None:
    """Ten frames take a third of a second, and each comes when its sound would be over."""
    import time

    started = time.monotonic()
    count = sum(1 for _ in paced(iter([np.zeros(FRAME, np.float32)] * 10)))
    assert count == 10 and 0.31 < time.monotonic() - started < 1.0


def test_an_openwakeword_model_is_heard_by_its_path(tmp_path: Path) -> None:
    """Doll models of openWakeWord's shapes, which wake at loud noise, wake at loud noise and at nothing else."""
    wake, rng = opened(wake_word=str(DOLLS / "word.onnx")), np.random.default_rng(0)
    loudness = np.repeat([0.0, 0.01, 0.0, 0.2, 0.0], 3 * RATE_HZ)
    found = heard_at(wake, (rng.standard_normal(len(loudness)) * loudness).clip(-1, 1).astype(np.float32))
    assert found and all(9.0 < at < 14.0 for at in found)


def test_an_openwakeword_model_needs_its_features(tmp_path: Path) -> None:
    """The word's model alone is not enough; the sentence names the file that is missing."""
    (tmp_path / "word.onnx").write_bytes((DOLLS / "word.onnx").read_bytes())
    with pytest.raises(ConfigError, match=r"melspectrogram\.onnx"):
        open_wake_word(Listen(wake_word=str(tmp_path / "word.onnx")))
    for name in ("melspectrogram.onnx", "embedding_model.onnx"):
        (tmp_path / name).write_bytes(b"no model")
    with pytest.raises(ConfigError, match="no model that onnxruntime can read"):
        open_wake_word(Listen(wake_word=str(tmp_path / "word.onnx")))
