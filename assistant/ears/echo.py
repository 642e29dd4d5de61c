"""Our own voice, taken out of what the microphone hears.

What the loudspeaker plays is known. A filter learns how it arrives at the microphone (delay, room, loudness) and
subtracts it; what is left is somebody else, or the little that the filter has not learnt. How little that is, is
tracked too, so that it is not taken for speech.

Source: partitioned-block frequency-domain adaptive filter (Soo and Pang 1990), normalised per frequency; the room tail
and the thresholds are ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FRAME = 512
TAIL_FRAMES = 16
"""The filter's length: half a second holds the sound card's delay and the room."""
LEARNING_FRAMES = 48
"""Until the filter has heard so much of us (1.5 s), all that is heard is taken for ourselves."""
AGAIN_FRAMES = 24
"""Of these it is forgiven so many when it speaks again: the sound card's delay may be another one now."""
NEW_ANSWER_FRAMES = 64
"""So long it was silent before; a shorter pause is one inside a ringing."""
_STEP = 0.5
_WEAK = 0.1
"""Power of a frequency in which we hardly speak, and from which nothing is learnt."""
_OVER = 5.0
"""Somebody else is there when the remainder is so many times stronger than what we leave ourselves (7 dB)."""
_FALL, _RISE = 0.1, 0.01
"""How quickly the tracked remainder falls and rises."""
_SOFT = 1e-5
"""Power of what we play, -50 dB, below which it is not heard as speech and nothing is learnt."""
_FLOOR = 1e-8
"""Power of what no microphone hears, -80 dB."""


@dataclass(frozen=True, eq=False)
class Cleaned:
    """A frame without our own voice."""

    samples: np.ndarray
    """shape (512,), float32"""
    ours: bool
    """True where all that is heard is ourselves."""


class OwnVoice:
    """Takes our own voice out, frame by frame. What it has learnt of the room is kept from answer to answer."""

    def __init__(self) -> None:
        shape = (TAIL_FRAMES, FRAME + 1)
        self._filter, self._played = np.zeros(shape, np.complex64), np.zeros(shape, np.complex64)
        self._last = np.zeros(FRAME, np.float32)
        self._levels = np.zeros(TAIL_FRAMES)
        self._left = 0.0
        self._before = 0.0
        self._learnt = 0
        self._silent = TAIL_FRAMES
        self._turn = 0

    def clean(self, heard: np.ndarray, played: np.ndarray | None) -> Cleaned:
        """Subtract what we play.

        Args:
            heard: the microphone's frame, shape (512,), float32, 16 kHz.
            played: what the loudspeaker played meanwhile, the same shape; None for nothing.
        """
        silent = played is None or not played.any()
        self._silent = self._silent + 1 if silent else 0
        if self._silent > TAIL_FRAMES:
            if self._silent > NEW_ANSWER_FRAMES:
                self._learnt = min(self._learnt, AGAIN_FRAMES)
            return Cleaned(heard, ours=False)
        self._remember(np.zeros(FRAME, np.float32) if played is None else played)
        echo = np.fft.irfft((self._filter * self._played).sum(axis=0))[FRAME:]
        rest = (heard - echo).astype(np.float32)
        level = float(self._levels.max())
        if level < _SOFT:
            return Cleaned(rest, ours=False)
        ratio, usual = self._ratio(rest, level), self._left
        self._learn(rest, min(1.0, usual / ratio if self._learnt >= LEARNING_FRAMES else 1.0))
        self._track(ratio)
        return Cleaned(rest, self._learnt < LEARNING_FRAMES or ratio <= _OVER * usual)

    def _remember(self, played: np.ndarray) -> None:
        """Keep the newest half second of what we play, as spectra and as levels."""
        self._played = np.roll(self._played, 1, axis=0)
        self._played[0] = np.fft.rfft(np.concatenate([self._last, played]))
        self._levels = np.roll(self._levels, 1)
        self._levels[0] = float(np.mean(played**2))
        self._last = played

    def _ratio(self, rest: np.ndarray, level: float) -> float:
        """The remainder's power, over two frames, for the loudest that its echo can be of."""
        power = float(np.mean(rest**2))
        both, self._before = (power + self._before) / 2, power
        return (both + _FLOOR) / level

    def _track(self, ratio: float) -> None:
        """Follow what the filter usually leaves: quickly down, slowly up, and never by much at once."""
        if self._learnt < LEARNING_FRAMES:
            self._learnt += 1
            self._left += (ratio - self._left) / min(self._learnt, 16)
            return
        if float(self._levels[:4].max()) < 0.25 * float(self._levels.max()):
            return  # we pause: what little is heard now says nothing of what is left when we speak
        speed = _FALL if ratio < self._left else _RISE
        self._left += speed * (min(ratio, _OVER * self._left) - self._left)

    def _learn(self, rest: np.ndarray, trust: float) -> None:
        """One step down the gradient, smaller where somebody else may be speaking, and kept causal."""
        error = np.fft.rfft(np.concatenate([np.zeros(FRAME, np.float32), rest]))
        power = (np.abs(self._played) ** 2).sum(axis=0) + _WEAK
        self._filter += (_STEP * trust) * np.conj(self._played) * (error / power).astype(np.complex64)
        # Each part of the filter may reach one frame back and no further; one part in turn is held to it.
        self._turn = (self._turn + 1) % TAIL_FRAMES
        part = np.fft.irfft(self._filter[self._turn])
        part[FRAME:] = 0
        self._filter[self._turn] = np.fft.rfft(part)
