"""espeak-ng in a process of its own (see `assistant.process`): a crash in its C code costs one answer at most.

`SpeakingProcess` is this side and stands where a `Speaker` would; `serve` opens the other. A Piper voice needs none:
each of its sentences is spoken by a program of its own.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np

from assistant.audio import Audio
from assistant.config import Speech
from assistant.process import Back, Process, Task, WorkerFailed

MOST_MB = 300.0
"""It takes about 50 MB; beyond this it has leaked."""
SHORTEST_S = 10.0
PER_LETTER_S = 0.05
"""espeak-ng speaks a thousand letters in a tenth of a second; one so slow hangs."""


class SpeakingProcess(Process):
    """The voice's process. Starts at once; the first answer waits for it. Any thread may speak, one after another."""

    def __init__(self, speech: Speech, language: str = "en") -> None:
        self._lock = threading.Lock()
        job = {"speech": speech.model_dump(mode="json"), "language": language}
        super().__init__(Task("speaking", "what speaks", job, MOST_MB, heard=True))

    def check(self) -> None:
        """Wait until it is ready. Raises ConfigError, MissingPiece, WorkerFailed."""
        self.ask({"text": ""})

    def speak(self, text: str) -> Audio:
        """As `Speaker.speak`. Raises RuntimeError, also where the process died or hangs."""
        try:
            with self._lock:
                answer = self.ask({"text": text}, SHORTEST_S + PER_LETTER_S * len(text))
        except WorkerFailed as error:
            raise RuntimeError(str(error)) from None
        whole = np.frombuffer(base64.b64decode(answer["samples"]), "<i2")
        return Audio(whole.astype(np.float32) / 32768.0, answer["rate_hz"])


class _Speaking:
    """The other side."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        from assistant.speak import Speaker  # native, and only this process needs it

        self._speaker = Speaker(Speech(**job["speech"]), job["language"])

    def answer(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Speak what the line holds."""
        audio = self._speaker.speak(message["text"])
        whole = (audio.samples * 32768.0).round().astype("<i2").tobytes()
        return {"samples": base64.b64encode(whole).decode(), "rate_hz": audio.rate_hz}


def serve(job: Mapping[str, Any], _back: Back) -> _Speaking:
    """Open the voice. Raises ConfigError, MissingPiece."""
    return _Speaking(job)
