"""A stand-in for the sounddevice library: cards that a test plugs in, pulls out, and plays through."""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np


class PortAudioError(Exception):
    """What the library raises."""


@dataclass
class FakeStream:
    """An open stream; the test calls the card's thread itself."""

    card: FakeCard
    channels: int
    rate_hz: int
    callback: Callable[..., None]
    started: bool = False
    closed: bool = False

    def start(self) -> None:
        if not self.card.plugged:
            raise PortAudioError("Device unavailable")
        self.started = True

    def abort(self) -> None:
        if not self.card.plugged:
            raise PortAudioError("Device unavailable")

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeCard:
    """One device, as query_devices describes it."""

    rate_hz: int = 48_000
    inputs: int = 2
    outputs: int = 2
    takes_mono: bool = True
    plugged: bool = True
    streams: list[FakeStream] = field(default_factory=list)
    scans: int = 0

    def library(self) -> types.ModuleType:
        """The module to put into sys.modules["sounddevice"]."""
        module = types.ModuleType("sounddevice")
        found: dict[str, Any] = {
            "PortAudioError": PortAudioError,
            "query_devices": self._query,
            "InputStream": self._stream,
            "OutputStream": self._stream,
            "_terminate": lambda: None,
            "_initialize": self._scan,
        }
        module.__dict__.update(found)
        return module

    def hear(self, samples: np.ndarray) -> None:
        """The card's thread hands over samples, shape (n,), on its first channel, and as many on the others."""
        stream = self.streams[-1]
        if stream.started and not stream.closed and self.plugged:
            stream.callback(np.tile(samples[:, None], (1, stream.channels)), len(samples), None, None)

    def ask(self, count: int) -> np.ndarray:
        """The card's thread asks for samples; shape (count, channels)."""
        stream = self.streams[-1]
        out = np.full((count, stream.channels), np.nan, np.float32)
        stream.callback(out, count, None, None)
        return out

    def _scan(self) -> None:
        self.scans += 1

    def _query(self, device: object = None, kind: str = "input") -> dict[str, Any]:
        if not self.plugged:
            raise PortAudioError("Error querying device -1")
        if isinstance(device, str) and device not in "fake card":
            raise ValueError(f"No {kind} device matching {device!r}")
        return {
            "name": "fake card",
            "default_samplerate": float(self.rate_hz),
            "max_input_channels": self.inputs,
            "max_output_channels": self.outputs,
        }

    def _stream(self, *, samplerate: int, channels: int, callback: Callable[..., None], **_: Any) -> FakeStream:
        if not self.plugged:
            raise PortAudioError("Device unavailable")
        if channels == 1 and not self.takes_mono:
            raise PortAudioError("Invalid number of channels")
        self.streams.append(FakeStream(self, channels, samplerate, callback))
        return self.streams[-1]
