"""What the loop hears with, frame by frame; each may run in another process, and fail there."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from assistant.ears.echo import OwnVoice
from assistant.ears.stillness import Stillness
from assistant.ears.wake import Wakes
from assistant.listen import Frame
from assistant.process import WorkerFailed

log = logging.getLogger(__name__)


class Voices(Protocol):
    """Voice activity: see `assistant.ears.voice.Voice`."""

    def probability(self, frame: np.ndarray) -> float:
        """How likely somebody speaks. Raises WorkerFailed."""

    def reset(self) -> None:
        """Forget what was heard. Raises WorkerFailed."""


@dataclass(frozen=True)
class Senses:
    """What hears."""

    voice: Voices
    own: OwnVoice
    wake: Wakes | None = None
    key: Callable[[], bool] = lambda: False
    """Whether the key that takes the wake word's place was pressed since it was last asked."""


class Attention:
    """Asks the senses; where they fail nobody speaks, and the household is told so once."""

    def __init__(self, senses: Senses, lost: Callable[[], None]) -> None:
        """`lost` is called when nothing can be heard any more."""
        self._senses, self._lost, self._stillness = senses, lost, Stillness()
        self._is_deaf = False

    def sensed(self, samples: np.ndarray, asleep: bool) -> Frame:
        """Who speaks. `asleep`: only the wake word or the key matters."""
        woken, speech, still_ms = self._senses.key(), 0.0, self._stillness.heard(samples)
        try:
            if not asleep:
                speech = self._senses.voice.probability(samples)
            woken = woken or (self._senses.wake is not None and self._senses.wake.heard(samples))
            self._is_deaf = False
        except WorkerFailed as error:
            self._fail(error)
        return Frame(speech, woken, still_ms)

    def forget(self) -> None:
        """Somebody else may speak from here on."""
        try:
            self._senses.voice.reset()
        except WorkerFailed as error:
            self._fail(error)

    def _fail(self, error: WorkerFailed) -> None:
        if not self._is_deaf:
            log.warning("%s", error)
            self._lost()
        self._is_deaf = True
