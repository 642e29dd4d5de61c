"""Spoken cases: the same sound each time, under as much noise as was asked for."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.audio import RATE_HZ
from assistant.skill import ConfigError
from evals.spoken import _speech_power, spoken, with_noise


def test_the_same_words_are_the_same_sound() -> None:
    """Voice, noise and seed decide every sample, whatever was said before; another seed is other noise."""
    one = spoken("turn on the lamp", "en-us", 10, 1)
    assert spoken("what time is it", "en-us").seconds > 0.5
    again, other = (spoken("turn on the lamp", "en-us", 10, seed) for seed in (1, 2))
    assert np.array_equal(one.samples, again.samples)
    assert not np.array_equal(one.samples, other.samples)
    assert one.rate_hz == RATE_HZ
    assert one.samples.dtype == np.float32
    assert np.abs(one.samples).max() <= 1


@pytest.mark.parametrize("snr_db", [20.0, 5.0, 0.0])
def test_noise_is_as_loud_as_was_asked_for(snr_db: float) -> None:
    """The power of speech over that of the noise is the number of dB, measured where there is speech."""
    samples = np.zeros(RATE_HZ * 2, dtype=np.float32)
    samples[RATE_HZ // 2 : RATE_HZ] = np.sin(np.arange(RATE_HZ // 2) * 0.3).astype(np.float32) * 0.2
    noise = with_noise(samples, snr_db, np.random.default_rng(0)) - samples
    measured = 10 * np.log10(_speech_power(samples) / (noise.astype(float) ** 2).mean())
    assert measured == pytest.approx(snr_db, abs=0.1)


def test_silence_stays_silence() -> None:
    """Where nothing is said there is no level to put noise under."""
    assert not with_noise(np.zeros(1600, dtype=np.float32), 10, np.random.default_rng(0)).any()


def test_an_unknown_voice_is_said() -> None:
    """A voice that espeak-ng lacks is an error that names it."""
    with pytest.raises(ConfigError, match="martian"):
        spoken("hello", "martian")
