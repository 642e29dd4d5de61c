"""Where frames come from: the microphone, or a recording or a pipe that stands in for it."""

from __future__ import annotations

import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np

from assistant.audio import AudioError, read_audio
from assistant.skill import SkillError

FRAME = 512
FRAME_S = 0.032


def from_file(path: Path) -> Iterator[np.ndarray]:
    """A recording's frames, as fast as they are asked for. Raises SkillError."""
    try:
        samples = read_audio(path).samples
    except AudioError as error:
        raise SkillError(str(error)) from None
    return _frames(samples)


def _frames(samples: np.ndarray) -> Iterator[np.ndarray]:
    for at in range(0, len(samples), FRAME):
        part = samples[at : at + FRAME]
        yield part if len(part) == FRAME else np.pad(part, (0, FRAME - len(part)))


def from_pipe(stream: BinaryIO) -> Iterator[np.ndarray]:
    """Frames of raw 16-bit samples, 16 kHz, mono, little endian, until the stream ends."""
    with stream:
        while raw := stream.read(2 * FRAME):
            samples = np.frombuffer(raw[: len(raw) // 2 * 2], "<i2").astype(np.float32) / 32768
            yield np.pad(samples, (0, FRAME - len(samples)))


def paced(frames: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    """The same frames in real time: each when its sound would have been heard."""
    started = time.monotonic()
    for number, frame in enumerate(frames, 1):
        time.sleep(max(0.0, started + number * FRAME_S - time.monotonic()))
        yield frame


def open_source(source: str, fast: bool) -> Iterator[np.ndarray]:
    """What stands in for the microphone: a recording, a FIFO, or "-" for standard input. Raises SkillError."""
    if source == "-":
        if sys.stdin is None:
            raise SkillError("standard input is closed; `--source -` reads raw sound from it")
        return from_pipe(sys.stdin.buffer)
    path = Path(source)
    try:
        if stat.S_ISFIFO(path.stat().st_mode):
            return from_pipe(path.open("rb"))
    except OSError as error:
        raise SkillError(f"{source} cannot be opened: {error.strerror}") from None
    frames = from_file(path)
    return frames if fast else paced(frames)


def silence() -> Iterator[np.ndarray]:
    """Nothing, for ever, as fast as it is asked for."""
    while True:
        yield np.zeros(FRAME, np.float32)
