"""The sound card, by sounddevice; the only room that imports it, and only when asked.

A microphone may be pulled out and put back at any moment, and a loudspeaker too: whoever listens hears silence
meanwhile, and whoever speaks is told.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.skill import MissingPiece

if TYPE_CHECKING:
    from assistant.audio import Audio

log = logging.getLogger(__name__)

HOW = (
    "install it with `pip install 'hark[mic]'` and the system package libportaudio2 (`sudo apt install libportaudio2`)"
)
RATE_HZ = 16_000
FRAME = 512
"""Samples of a frame: 32 ms at 16 kHz."""
_FRAME_S = FRAME / RATE_HZ
STALL_S = 2.0
"""A microphone that sends nothing for so long is gone."""
HICCUP_S = 0.25
"""So late a block may be; then silence takes its place, because whoever listens must not stand still."""
RETRY_S = 2.0
_MOST_BLOCKS = 512
"""About 16 seconds; a main loop that is further behind loses the oldest sound."""

_open_streams: set[int] = set()


def _sounddevice() -> Any:
    """The library. Raises MissingPiece; without PortAudio its import raises OSError."""
    try:
        import sounddevice
    except (ImportError, OSError):
        raise MissingPiece(f"sound needs sounddevice; {HOW}") from None
    return sounddevice


def has_loudspeaker(device: str = "") -> bool:
    """Whether something could be heard here; False without the library, too."""
    with contextlib.suppress(MissingPiece, OSError, ValueError, RuntimeError):
        sounddevice = _sounddevice()
        try:
            return int(sounddevice.query_devices(_chosen(device), "output")["max_output_channels"]) > 0
        except sounddevice.PortAudioError:
            return False
    return False


def microphone_name(device: str = "") -> str:
    """The microphone that would be used, with its rate and channels. Raises MissingPiece."""
    library = _sounddevice()
    try:
        info = library.query_devices(_chosen(device), "input")
    except (library.PortAudioError, ValueError) as error:
        raise MissingPiece(f"no microphone is found ({error}); plug one in, or name one under [listen]") from None
    return f"{info['name']}, {int(info['default_samplerate'])} Hz, {info['max_input_channels']} channels"


def play(audio: Audio) -> None:
    """Play to the end on the default loudspeaker.

    Raises:
        MissingPiece: the library is missing, or there is no loudspeaker.
    """
    sounddevice = _sounddevice()
    try:
        sounddevice.play(audio.samples, audio.rate_hz, blocking=True)
    except (sounddevice.PortAudioError, ValueError) as error:
        raise MissingPiece(f"the loudspeaker cannot be used: {error}") from None


def _chosen(device: str) -> int | str | None:
    """A device as sounddevice wants it: a number, a part of its name, or None for the system's own."""
    return int(device) if device.isdigit() else device or None


def _rescan(library: Any) -> None:
    """Let PortAudio look for devices anew; it does so only at its start, and a start closes every open stream."""
    if not _open_streams:
        with contextlib.suppress(library.PortAudioError):
            library._terminate()
            library._initialize()


class Microphone:
    """Frames from the sound card, at whatever rate and with however many channels it has. Raises MissingPiece.

    Args:
        library: stands where sounddevice does, for a microphone that is pulled out on purpose.
        patience_s: instead of STALL_S and RETRY_S.
    """

    def __init__(self, device: str = "", library: Any = None, patience_s: float | None = None) -> None:
        self._library = library if library is not None else _sounddevice()
        self._device, self._patience_s = device, patience_s
        self._blocks: queue.Queue[np.ndarray] = queue.Queue(_MOST_BLOCKS)
        self._stream: Any = None
        self._resampler: Any = None
        self._heard_at = self._retry_at = 0.0
        self._warned = False
        self.name = ""
        """The device in use, with its rate and channels; "" while there is none."""

    def frames(self) -> Iterator[np.ndarray]:
        """Frames of 512 samples, mono float32 at 16 kHz, for ever; silence while the microphone is gone."""
        rest = np.zeros(0, np.float32)
        try:
            while True:
                rest = np.concatenate([rest, self._next()])
                while len(rest) >= FRAME:
                    yield rest[:FRAME]
                    rest = rest[FRAME:]
        finally:
            self.close()

    def _next(self) -> np.ndarray:
        """What came next, at 16 kHz; a frame of silence when nothing comes."""
        if self._stream is None and time.monotonic() >= self._retry_at:
            self._try_to_open()
        try:
            block = self._blocks.get(timeout=_FRAME_S)
        except queue.Empty:
            waited_s = time.monotonic() - self._heard_at
            if self._stream is not None and waited_s > (self._patience_s or STALL_S):
                self._lose("it sends nothing any more")
            return np.zeros(FRAME if waited_s > HICCUP_S else 0, np.float32)
        self._heard_at = time.monotonic()
        found: np.ndarray = self._resampler.feed(block)
        return found

    def _try_to_open(self) -> None:
        try:
            self._open()
        except (self._library.PortAudioError, ValueError, OSError) as error:
            self._lose(str(error))
            return
        if self._warned:
            log.warning("the microphone is back: %s", self.name)
        self._warned = False

    def _open(self) -> None:
        """Raises PortAudioError, ValueError, OSError."""
        from assistant.audio import Resampler

        _rescan(self._library)
        info = self._library.query_devices(_chosen(self._device), "input")
        rate_hz = int(info["default_samplerate"])
        stream = self._opened(rate_hz, 1, int(info["max_input_channels"]))
        self._resampler = Resampler(rate_hz, RATE_HZ)
        self._stream, self._heard_at = stream, time.monotonic()
        _open_streams.add(id(self))
        stream.start()
        self.name = f"{info['name']}, {rate_hz} Hz, {stream.channels} channel{'s' if stream.channels > 1 else ''}"

    def _opened(self, rate_hz: int, *channels: int) -> Any:
        """A stream with the first number of channels that the device takes: some take only all of theirs."""
        for at, count in enumerate(channels):
            try:
                return self._library.InputStream(
                    device=_chosen(self._device),
                    samplerate=rate_hz,
                    channels=count,
                    dtype="float32",
                    blocksize=int(rate_hz * _FRAME_S),
                    callback=self._take,
                )
            except self._library.PortAudioError:
                if at == len(channels) - 1:
                    raise
        raise ValueError("a device without channels")

    def _take(self, block: np.ndarray, _frames: int, _time: Any, _status: Any) -> None:
        """Runs in the sound card's thread: hands over, and never waits."""
        mono = block.mean(axis=1, dtype=np.float32)
        try:
            self._blocks.put_nowait(mono)
        except queue.Full:
            with contextlib.suppress(queue.Empty, queue.Full):
                self._blocks.get_nowait()
                self._blocks.put_nowait(mono)

    def _lose(self, reason: str) -> None:
        if not self._warned:
            log.warning("the microphone cannot be heard (%s); waiting for it", reason)
        self._warned = True
        self.close()
        self._retry_at = time.monotonic() + (self._patience_s or RETRY_S)

    def close(self) -> None:
        """Give the device back; the next frame would open it again."""
        stream, self._stream, self.name = self._stream, None, ""
        _open_streams.discard(id(self))
        if stream is not None:
            with contextlib.suppress(self._library.PortAudioError, OSError):
                stream.abort()
                stream.close()


class Loudspeaker:
    """The sound card's output: asks for samples while it is open. Raises MissingPiece."""

    def __init__(self, device: str = "") -> None:
        self._library = _sounddevice()
        self._device = device
        self._stream: Any = None
        self.rate_hz = RATE_HZ

    def open(self, take: Callable[[int], np.ndarray]) -> bool:
        """Begin to ask `take(n)` for n mono samples at `rate_hz`, from a thread of the sound card. False: it cannot."""
        try:
            info = self._library.query_devices(_chosen(self._device), "output")
            self.rate_hz = int(info["default_samplerate"])

            def fill(out: np.ndarray, count: int, _time: Any, _status: Any) -> None:
                out[:] = take(count)[:, None]

            self._stream = self._library.OutputStream(
                device=_chosen(self._device),
                samplerate=self.rate_hz,
                channels=min(2, int(info["max_output_channels"])),
                dtype="float32",
                blocksize=int(self.rate_hz * _FRAME_S),
                callback=fill,
            )
            _open_streams.add(id(self))
            self._stream.start()
        except (self._library.PortAudioError, ValueError, OSError) as error:
            log.warning("the loudspeaker cannot be used: %s", error)
            self.close()
            return False
        return True

    def close(self) -> None:
        """Fall silent at once."""
        stream, self._stream = self._stream, None
        _open_streams.discard(id(self))
        if stream is not None:
            with contextlib.suppress(self._library.PortAudioError, OSError):
                stream.abort()
                stream.close()
