"""The listening model in a process of its own (see `assistant.process`).

`HearingProcess` is this side and stands where a `Transcriber` would; `serve` opens the other.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assistant.process import Back, Process, Task, give_back

if TYPE_CHECKING:
    from assistant.audio import Audio
    from assistant.transcribe import Heard

MOST_MB = 1500.0
"""Beyond this a model for small boards has leaked; the largest one that fits them, small.en, takes about 700 MB."""
SHORTEST_S = 10.0
PER_SECOND_S = 3.0
"""A Whisper that needs so long for a second of speech is of no use on its board: it hangs."""

GIVE_BACK_EVERY = 8
"""Sounds between which freed memory is handed back: over 160 sounds 6 MB gathered without it."""


class HearingProcess(Process):
    """The listening model's process. Starts at once; the first answer waits for it. Not thread-safe."""

    def __init__(self, folder: Path, *, threads: int = 2, language: str | None = None) -> None:
        job = {"folder": str(folder), "threads": threads, "language": language}
        self._names: tuple[str, ...] = ()
        super().__init__(Task("hearing", f"the listening model {folder.name}", job, MOST_MB))

    def expect(self, names: Sequence[str]) -> None:
        """As `Transcriber.expect`; they go along with every sound, for the process may be a new one."""
        self._names = tuple(names)

    def transcribe(self, audio: Audio) -> Heard:
        """As `Transcriber.transcribe`. Raises MissingPiece, WorkerFailed."""
        from assistant.transcribe import Heard

        whole = (np.clip(audio.samples, -1, 1) * 32767).round().astype("<i2").tobytes()
        message = {"samples": base64.b64encode(whole).decode(), "rate_hz": audio.rate_hz, "names": self._names}
        return Heard(**self.ask(message, SHORTEST_S + PER_SECOND_S * audio.seconds))


class _Hearing:
    """The other side."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        from assistant.transcribe import Transcriber  # heavy, and only this process needs it

        self._transcriber = Transcriber(Path(job["folder"]), threads=job["threads"], language=job["language"])
        self._names: tuple[str, ...] = ()
        self._answered = 0

    def answer(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Transcribe what the line holds."""
        from assistant.audio import Audio

        names = tuple(message["names"])
        if names != self._names:
            self._transcriber.expect(names)
            self._names = names
        whole = np.frombuffer(base64.b64decode(message["samples"]), dtype="<i2")
        found = asdict(self._transcriber.transcribe(Audio(whole.astype(np.float32) / 32767, message["rate_hz"])))
        self._answered += 1
        if self._answered % GIVE_BACK_EVERY == 0:
            give_back()
        return found


def serve(job: Mapping[str, Any], _back: Back) -> _Hearing:
    """Load the model. Raises MissingPiece."""
    return _Hearing(job)
