"""A microphone that is pulled out and put back: stands where the sounddevice library does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from assistant.audio import RATE_HZ


class PulledMicrophone:
    """Hands what it is given to whoever has opened it; raises as PortAudio does while it is gone."""

    class PortAudioError(Exception):
        """The device is not there."""

    def __init__(self) -> None:
        self._gone_until = 0.0
        self._callback: Callable[..., None] | None = None
        self.InputStream = self._open
        """As sounddevice calls it."""

    @property
    def is_gone(self) -> bool:
        """Whether it is pulled out."""
        return time.monotonic() < self._gone_until

    @property
    def is_heard(self) -> bool:
        """Whether it is there, and somebody has opened it."""
        return self._callback is not None and not self.is_gone

    def pull(self, seconds: float) -> None:
        """It is gone for so long."""
        self._gone_until = time.monotonic() + seconds

    def hear(self, frame: np.ndarray) -> None:
        """A frame of sound, mono float32 at 16 kHz, reaches it; while it is gone or closed nobody hears that."""
        if self._callback is not None and self.is_heard:
            self._callback(frame[:, None], len(frame), None, None)

    def query_devices(self, _device: Any, _kind: str) -> dict[str, Any]:
        """Raises PortAudioError."""
        self.start()
        return {"name": "recordings", "default_samplerate": RATE_HZ, "max_input_channels": 1}

    def _open(self, *, callback: Callable[..., None], **_: Any) -> PulledMicrophone:
        self.start()
        self._callback = callback
        return self

    def _terminate(self) -> None:
        self._callback = None

    def _initialize(self) -> None:
        """It is looked for at each opening."""

    # --- the stream --------------------------------------------------------------------------------------------------

    channels = 1

    def start(self) -> None:
        """Raises PortAudioError."""
        if self.is_gone:
            raise self.PortAudioError("the microphone is gone")

    def abort(self) -> None:
        """Raises PortAudioError."""
        self.start()

    def close(self) -> None:
        """Nobody hears it any more."""
        self._callback = None
