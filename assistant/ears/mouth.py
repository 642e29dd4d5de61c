"""What is being said now: it can be held, resumed and cut off, and it is known sample by sample."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

import numpy as np

from assistant.audio import RATE_HZ, Audio, Resampler, resampled

FRAME = 512
DEAD_S = 2.0
"""A sound card that asks for nothing for so long is gone."""
FADE_MS = 8
"""Held sound fades so quickly that it does not click."""


class Card(Protocol):
    """A loudspeaker: see `assistant.sound.Loudspeaker`."""

    rate_hz: int

    def open(self, take: Callable[[int], np.ndarray]) -> bool:
        """Begin to ask for samples."""

    def close(self) -> None:
        """Fall silent."""


class Mouth:
    """Says one thing at a time.

    With a card, the card's own thread takes the samples. Without one, time passes with the frames of the microphone:
    so it is with a recording as the microphone, where nothing is to be heard, and everything else is the same.
    """

    def __init__(self, card: Card | None = None) -> None:
        self._card = card
        self._lock = threading.Lock()
        self._samples = np.zeros(0, np.float32)
        self._at = 0
        self._again = False
        self._held = False
        self._by_card = False
        self._asked_at = 0.0
        self._taken: list[np.ndarray] = []
        self._reference = np.zeros(0, np.float32)
        self._resampler = Resampler(RATE_HZ, RATE_HZ)

    @property
    def is_busy(self) -> bool:
        """Whether something is being said, or held."""
        return self._at < len(self._samples)

    def say(self, audio: Audio, *, again: bool = False) -> None:
        """Begin to say it, instead of what was being said. `again`: from the beginning, until it is cut off."""
        self.cut()
        self._by_card = self._card is not None and self._card.open(self._take)
        rate_hz = self._card.rate_hz if self._card is not None and self._by_card else RATE_HZ
        samples = resampled(audio, rate_hz).samples
        with self._lock:
            self._samples, self._at, self._again, self._held = samples, 0, again, False
            self._resampler, self._asked_at = Resampler(rate_hz, RATE_HZ), time.monotonic()

    def hold(self) -> None:
        """Fall silent for now."""
        with self._lock:
            self._held = True

    def resume(self) -> None:
        """Go on where it was held."""
        with self._lock:
            self._held = False

    def cut(self) -> None:
        """Say no more of it."""
        with self._lock:
            self._samples, self._at, self._held = np.zeros(0, np.float32), 0, False
        self._close()

    def played(self) -> np.ndarray | None:
        """What the loudspeaker played during one frame of the microphone: shape (512,), 16 kHz; None for nothing.

        To be called once for every frame: the time of a mouth without a card passes with it.
        """
        if not self._by_card:
            return self._take(FRAME) if self.is_busy else None
        with self._lock:
            taken, self._taken = self._taken, []
            dead = time.monotonic() - self._asked_at > DEAD_S
        self._reference = np.concatenate([self._reference, *(self._resampler.feed(part) for part in taken)])
        frame, rest = self._reference[:FRAME], self._reference[FRAME:][-RATE_HZ:]
        if dead:
            self.cut()
        elif self.is_busy and len(frame) < FRAME:
            return np.zeros(FRAME, np.float32)  # the two clocks never beat together: what is short is waited for
        elif not self.is_busy and not len(frame):
            self._close()
        self._reference = rest
        return np.pad(frame, (0, FRAME - len(frame))) if len(frame) else None

    def _take(self, count: int) -> np.ndarray:
        """The next samples at the card's rate; silence while held and after the end."""
        found = np.zeros(count, np.float32)
        with self._lock:
            self._asked_at = time.monotonic()
            if not self._held:
                part = self._samples[self._at : self._at + count]
                found[: len(part)] = part
                self._at += len(part)
                if self._again and self._at >= len(self._samples):
                    self._at = 0
            if self._by_card:
                self._taken.append(found.copy())
        return found

    def _close(self) -> None:
        if self._by_card and self._card is not None:
            self._card.close()
        self._by_card, self._taken, self._reference = False, [], np.zeros(0, np.float32)


def tone(hz: float, ms: int, loudness: float = 0.2) -> Audio:
    """A soft beep at 16 kHz, faded in and out."""
    samples = np.sin(2 * np.pi * hz * np.arange(16 * ms) / RATE_HZ) * loudness
    fade = np.minimum(1, np.arange(len(samples)) / (16 * FADE_MS))
    return Audio((samples * fade * fade[::-1]).astype(np.float32), RATE_HZ)


def pause(ms: int) -> Audio:
    """Nothing, at 16 kHz."""
    return Audio(np.zeros(16 * ms, np.float32), RATE_HZ)


def joined(parts: list[Audio]) -> Audio:
    """One after another, at 16 kHz."""
    empty = np.zeros(0, np.float32)
    return Audio(np.concatenate([empty, *(resampled(part, RATE_HZ).samples for part in parts)]), RATE_HZ)
