"""How long the room has been still, to 8 ms: when the last sound that stood out of its noise ended.

Voice activity says who makes a sound; it is sure of its end only 0 to 170 ms later, and of a new beginning when much of
a syllable has passed. This says when, and does not know who.
"""

from __future__ import annotations

import numpy as np

from assistant.audio import RATE_HZ

HOP = 128
"""Samples: 8 ms."""
_EDGES = (3, 10, 26, 52, 128)
"""Of four bands, in bins of 62.5 Hz: a soft consonant stands out of a room's noise in one of them alone."""
KEPT_FRAMES = 156
"""The room's noise is what the softest tenth of the last 5 s was like: people fall silent between words."""
SOFTEST = 0.1
OVER_NOISE = 10 ** (5.5 / 10)
"""Power above that noise, in any band, that is a sound. Noise alone is so loud once in a thousand hops."""
NOTHING = 1e-4
"""Power of a band at about -70 dB, which no room is below: a recording may be silent altogether between its words."""


class Stillness:
    """Hears every frame, one after another."""

    def __init__(self) -> None:
        self._before = np.zeros(HOP, np.float32)
        self._last = np.zeros(len(_EDGES) - 1)
        self._levels = np.full((KEPT_FRAMES, len(_EDGES) - 1), np.inf)
        self._heard = 0
        self._shape = np.hanning(2 * HOP).astype(np.float32)
        self._still_ms = 0

    def heard(self, frame: np.ndarray) -> int:
        """The milliseconds from the last sound to the end of this frame, in steps of 8; 0 where one sounds there.

        Args:
            frame: mono, shape (512,), float32, 16 kHz.
        """
        hops = np.concatenate([self._before, frame]).reshape(-1, HOP)
        self._before = hops[-1]
        spectra = np.fft.rfft(np.concatenate([hops[:-1], hops[1:]], axis=1) * self._shape, axis=1)
        bands = np.add.reduceat(spectra.real**2 + spectra.imag**2, _EDGES, axis=1)[:, :-1]
        self._levels[self._heard % KEPT_FRAMES] = bands.sum(axis=0) / len(bands)
        self._heard += 1
        softest = int(SOFTEST * (min(self._heard, KEPT_FRAMES) - 1))
        noise = np.partition(self._levels, softest, axis=0)[softest]
        smooth = (bands + np.concatenate([self._last[None], bands[:-1]])) / 2
        self._last = bands[-1]
        for sounds in (smooth > np.maximum(noise, NOTHING) * OVER_NOISE).any(axis=1):
            self._still_ms = 0 if sounds else self._still_ms + HOP * 1000 // RATE_HZ
        return self._still_ms
