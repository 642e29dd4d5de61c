"""How long the room has been still: when a sound ended, and what stands out of a room's noise."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.audio import RATE_HZ
from assistant.ears.measure import frames_of, room_noise
from assistant.ears.sources import FRAME
from assistant.ears.stillness import HOP, Stillness

HOP_MS = HOP * 1000 // RATE_HZ
FRAME_MS = FRAME * 1000 // RATE_HZ
ROOM = 0.01


def room(seconds: float, seed: int = 1) -> np.ndarray:
    """A quiet room's noise."""
    return ROOM * room_noise(int(seconds * RATE_HZ), np.random.default_rng(seed))


def hiss(seconds: float) -> np.ndarray:
    """A consonant, about as strong as the room's noise and all of it above 4 kHz."""
    spectrum = np.fft.rfft(np.random.default_rng(2).standard_normal(int(seconds * RATE_HZ)))
    spectrum[: len(spectrum) // 2] = 0
    found = np.fft.irfft(spectrum, int(seconds * RATE_HZ))
    return np.asarray(ROOM * found / found.std(), np.float32)


def heard(samples: np.ndarray) -> list[int]:
    """The milliseconds after each frame."""
    stillness = Stillness()
    return [stillness.heard(frame) for frame in frames_of(samples)]


@pytest.mark.parametrize("end", [16_000, 16_200, 16_411])
def test_the_end_of_a_sound_is_known_to_three_hops(end: int) -> None:
    """Wherever in a frame a loud vowel ends, the silence since then is right to 24 ms."""
    samples = room(3.0)
    at = np.arange(8000, end)
    samples[8000:end] += (0.1 * np.sign(np.sin(2 * np.pi * 220 * at / RATE_HZ))).astype(np.float32)
    last = (end + RATE_HZ // 8) // FRAME
    found = heard(samples[: (last + 1) * FRAME])[last]
    assert found == pytest.approx(((last + 1) * FRAME - end) / RATE_HZ * 1000, abs=3 * HOP_MS)


def test_a_soft_consonant_stands_out_of_a_room() -> None:
    """No stronger than the room's noise, but of other frequencies: it is heard as soon as it begins."""
    samples = room(3.0)
    begins = 2 * RATE_HZ
    samples[begins:] += hiss(1.0)
    found = heard(samples)
    frame = begins // FRAME
    assert found[frame - 1] > 0
    assert found[frame + 1] == 0


def test_a_room_alone_is_still() -> None:
    """Of a minute of a room's noise, 1 frame in 30 at most holds what seems a sound."""
    found = np.array(heard(room(60.0))[100:])
    assert np.mean(found < FRAME_MS) < 1 / 30 and found.max() > 1000


def test_a_louder_room_is_noise_after_a_while() -> None:
    """A fan that is switched on sounds at first; after some seconds it is the room's own noise."""
    samples = room(20.0)
    samples[5 * RATE_HZ :] += 5 * room(15.0, seed=3)
    found = heard(samples)
    switched = 5 * RATE_HZ // FRAME
    assert max(found[switched + 1 : switched + 30]) < 100
    assert max(found[-150:]) > 500


def test_where_there_is_no_noise_at_all_nothing_sounds() -> None:
    """A recording with digital silence, or the faintest hum, between its words is still there."""
    silence = np.zeros(2 * RATE_HZ, np.float32)
    hum = 1e-5 * np.sin(2 * np.pi * 300 * np.arange(RATE_HZ) / RATE_HZ)
    found = heard(np.concatenate([silence, hum.astype(np.float32), silence]))
    assert found == [FRAME_MS * (number + 1) for number in range(len(found))]
