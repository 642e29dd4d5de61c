"""Our own voice, in rooms that echo, with and without somebody who speaks over it."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest

from assistant.audio import RATE_HZ, resampled
from assistant.config import Speech
from assistant.ears.echo import FRAME, OwnVoice
from assistant.ears.voice import Voice
from assistant.speak import Speaker

ANSWER = (
    "The weather in Dublin tomorrow is cloudy with some rain in the afternoon and a high of fourteen degrees. "
    "In the evening it clears up, and the night will be cold."
)


@functools.cache
def say(text: str, voice: str = "en-us") -> np.ndarray:
    """A sentence at 16 kHz."""
    return resampled(Speaker(Speech(voice=voice)).speak(text), RATE_HZ).samples


def room(delay_ms: int, seed: int = 0) -> np.ndarray:
    """How a loudspeaker arrives at a microphone: late, weaker, and with a tail of 150 ms."""
    rng, length = np.random.default_rng(seed), 16 * 300
    tail = rng.standard_normal(length) * np.exp(-np.arange(length) / (16 * 50)) * 0.1
    tail[0] = 1
    return np.concatenate([np.zeros(16 * delay_ms), 0.5 * tail])


def speech_in(own: OwnVoice, heard: np.ndarray, played: np.ndarray) -> list[float]:
    """The seconds at which three frames in a row are speech and not ours: where an answer would be held."""
    voice, marks = Voice(), []
    for at in range(0, len(heard) - FRAME, FRAME):
        cleaned = own.clean(heard[at : at + FRAME], played[at : at + FRAME])
        marks.append(voice.probability(cleaned.samples) > 0.5 and not cleaned.ours)
    runs = [n for n in range(2, len(marks)) if all(marks[n - 2 : n + 1])]
    return [run * FRAME / RATE_HZ for run in runs]


def scene(delay_ms: int, stop_s: float | None, loudness: float) -> tuple[np.ndarray, np.ndarray]:
    """What the microphone hears and what is played while an answer is said, and perhaps "stop" over it."""
    played = np.concatenate([say(ANSWER), np.zeros(RATE_HZ)]).astype(np.float32)
    heard = np.convolve(played, room(delay_ms))[: len(played)]
    if stop_s is not None:
        stop = say("stop", "en+f3")
        at = int(stop_s * RATE_HZ)
        heard[at : at + len(stop)] += stop * np.sqrt(np.mean(heard**2) / np.mean(stop**2)) * loudness
    noise = np.random.default_rng(1).standard_normal(len(heard)) * 0.002
    return (heard + noise).astype(np.float32), played


@pytest.mark.parametrize("delay_ms", [20, 60, 120])
def test_an_answer_is_hardly_heard_as_speech(delay_ms: int) -> None:
    """In a new room, and in one that is known, less than 6 % of an answer are taken for speech."""
    own, (heard, played) = OwnVoice(), scene(delay_ms, None, 0)
    assert len(speech_in(own, heard, played)) < 0.06 * len(heard) / FRAME
    for _ in range(70):
        own.clean(np.zeros(FRAME, np.float32), None)
    assert len(speech_in(own, heard, played)) < 0.06 * len(heard) / FRAME


@pytest.mark.parametrize("delay_ms", [20, 120, 250])
@pytest.mark.parametrize("loudness", [1.0, 2.0])
def test_somebody_else_is_heard_over_it(delay_ms: int, loudness: float) -> None:
    """A "stop" as loud as our own voice at the microphone, or louder, is speech within 0.35 s of its beginning."""
    for own, stop_s in itertools.product([OwnVoice()], (4.0, 6.0)):
        assert any(stop_s < at < stop_s + 0.35 for at in speech_in(own, *scene(delay_ms, stop_s, loudness)))


def test_a_learnt_room_is_taken_out() -> None:
    """After one answer, at least 15 dB of the next one are gone."""
    own, (heard, played) = OwnVoice(), scene(80, None, 0)
    speech_in(own, heard, played)
    left = [own.clean(heard[at : at + FRAME], played[at : at + FRAME]) for at in range(0, 6 * RATE_HZ, FRAME)]
    rest = np.concatenate([one.samples for one in left])[RATE_HZ:]
    assert 10 * np.log10(np.mean(heard[RATE_HZ : len(rest)] ** 2) / np.mean(rest**2)) > 15


def test_in_silence_nothing_is_changed() -> None:
    """While nothing is played the microphone's samples are passed on as they are."""
    own, noise = OwnVoice(), np.random.default_rng(0).standard_normal(FRAME).astype(np.float32)
    for played in (None, np.zeros(FRAME, np.float32)):
        cleaned = own.clean(noise, played)
        assert np.array_equal(cleaned.samples, noise) and not cleaned.ours


def test_silence_and_full_scale_do_no_harm() -> None:
    """Digital silence, clipping and a sudden change of room give finite samples."""
    own, rng = OwnVoice(), np.random.default_rng(0)
    for loudness in (0.0, 1.0, 0.0, 1.0):
        for _ in range(60):
            played = rng.standard_normal(FRAME).clip(-1, 1).astype(np.float32) * loudness
            heard = (rng.standard_normal(FRAME) * 10 * loudness).clip(-1, 1).astype(np.float32)
            assert np.isfinite(own.clean(heard, played).samples).all()
