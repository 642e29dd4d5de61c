"""Sound as a value, and the files it comes from: WAV, FLAC, MP3, Ogg and M4A, of any rate, width and channels.

Files are read through PyAV, which faster-whisper brings. The loudspeaker and the microphone are in `sound.py`.
"""

from __future__ import annotations

import os
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from assistant.files import place_for_file

RATE_HZ = 16_000
"""what listening works at"""

# Checked before the file reaches FFmpeg, which would also follow playlists to other files and guess at random bytes.
_BEGINNINGS = (b"RIFF", b"RF64", b"RIFX", b"fLaC", b"OggS", b"ID3", b"FORM", b"\x1aE\xdf\xa3")


class AudioError(Exception):
    """A file holds no sound that can be read; the message is one sentence that says why."""


@dataclass(frozen=True, eq=False)
class Audio:
    """A stretch of sound."""

    samples: np.ndarray
    """mono, shape (n,), float32 in -1..1"""
    rate_hz: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate_hz


def read_audio(path: Path | str) -> Audio:
    """Read a sound file as 16 kHz mono; of a file that was cut off, as much as there is.

    Channels are averaged, samples that are no numbers become silence, and others are limited to -1..1.

    Raises:
        AudioError: there is no such file, or nothing in it can be played.
    """
    path = Path(path)
    if path.is_dir():
        raise AudioError(f"{path} is a folder, not a sound file.")
    try:
        with path.open("rb") as file:
            _refuse_what_is_no_sound(path, file)
            parts = list(_decode(path, file))
    except FileNotFoundError:
        raise AudioError(f"There is no file {path}.") from None
    except OSError as error:
        raise AudioError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not parts:
        raise AudioError(f"{path} holds no sound: it ends after its header.")
    samples = np.nan_to_num(np.concatenate(parts), nan=0.0, posinf=0.0, neginf=0.0)
    return Audio(np.clip(samples, -1, 1, out=samples), RATE_HZ)


def _refuse_what_is_no_sound(path: Path, file: BinaryIO) -> None:
    start = file.read(12)
    file.seek(0)
    if not start:
        raise AudioError(f"{path} is empty.")
    mpeg = len(start) > 1 and start[0] == 0xFF and start[1] & 0xE0 == 0xE0
    if not (start.startswith(_BEGINNINGS) or mpeg or start[4:8] == b"ftyp"):
        raise AudioError(f"{path} is not a sound file that Hark knows (WAV, FLAC, MP3, Ogg, M4A).")


def _decode(path: Path, file: BinaryIO) -> Iterator[np.ndarray]:
    """Yield mono stretches at 16 kHz, float32, shape (n,); stop quietly where the data break off."""
    import av  # 0.1 s; most commands read no sound file

    try:
        with av.open(file) as container:
            if not container.streams.audio:
                raise AudioError(f"{path} holds no sound track.")
            stream = container.streams.audio[0]
            codec = stream.codec_context
            if codec is None or not 1_000 <= codec.sample_rate <= 768_000 or not 1 <= codec.layout.nb_channels <= 64:
                # A damaged header; resampling from 1 Hz would take minutes and gigabytes.
                raise AudioError(f"{path} is damaged: its header names no usual sample rate and channels.")
            resampler = None
            for packet in container.demux(stream):
                try:
                    frames = packet.decode()
                except av.FFmpegError:  # one damaged packet costs that packet
                    continue
                for frame in frames:
                    # The layout is kept and averaged here: FFmpeg's own mix to mono makes stereo 3 dB louder.
                    resampler = resampler or av.AudioResampler("fltp", frame.layout, RATE_HZ)
                    for piece in resampler.resample(frame):
                        yield piece.to_ndarray().mean(axis=0, dtype=np.float32)
            for piece in resampler.resample(None) if resampler else []:
                yield piece.to_ndarray().mean(axis=0, dtype=np.float32)
    except av.FFmpegError as error:
        raise AudioError(f"{path} is damaged or not a sound file: {error.strerror.lower()}.") from error


def write_wav(path: Path | str, audio: Audio) -> None:
    """Write 16-bit mono WAV; the name appears only when the file is complete. Raises OSError."""
    path = place_for_file(Path(path))
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    whole = np.clip(audio.samples, -1, 1) * 32767
    try:
        with beside.open("wb") as raw, wave.open(raw, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(audio.rate_hz)
            file.writeframes(whole.round().astype("<i2").tobytes())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


class Resampler:
    """Turns a stream of mono blocks at one rate into blocks at another, without a seam."""

    def __init__(self, from_hz: int, to_hz: int) -> None:
        self._rates = from_hz, to_hz
        self._resampler: Any = None

    def feed(self, samples: np.ndarray) -> np.ndarray:
        """The block's samples at the new rate, float32; a few of them come with the next block."""
        if self._rates[0] == self._rates[1] or not len(samples):
            return samples.astype(np.float32, copy=False)
        import av

        if self._resampler is None:
            self._resampler = av.AudioResampler("fltp", "mono", self._rates[1])
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None], np.float32), "fltp", "mono")
        frame.sample_rate = self._rates[0]
        return _joined(self._resampler.resample(frame))

    def rest(self) -> np.ndarray:
        """What is still held back, at the end of the stream."""
        return _joined(self._resampler.resample(None)) if self._resampler else np.zeros(0, np.float32)


def _joined(frames: list[Any]) -> np.ndarray:
    parts = [frame.to_ndarray()[0] for frame in frames]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


def resampled(audio: Audio, rate_hz: int) -> Audio:
    """The same sound at another rate."""
    resampler = Resampler(audio.rate_hz, rate_hz)
    return Audio(np.concatenate([resampler.feed(audio.samples), resampler.rest()]), rate_hz)
