"""Voice activity and the wake word in a process of their own (see `assistant.process`): what hears every 32 ms.

`SensingProcess` is this side and stands where a `Voice` and a `WakeWord` would; `serve` opens the other. A process that
dies or hangs is replaced at once, and is told what was heard last, so that a wake word or a sentence that was being
said is heard to its end.
"""

from __future__ import annotations

import base64
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np

from assistant.config import Listen
from assistant.process import Back, Process, Task, WorkerFailed

MOST_MB = 400.0
"""Both models with their libraries take about 80 MB; beyond this they have leaked."""
HANG_S = 2.0
"""A frame takes 1 ms. The microphone's queue holds many times as much."""
RECALLED = 96
"""Messages told again to a new process: 3 s with one model, 1.5 s with both; a wake word takes about one."""
RETRY_S = 2.0
"""After it failed twice, nothing is heard for so long; then it is tried again."""


class SensingProcess(Process):
    """The process that hears every frame. Starts at once; the first answer waits for it. Not thread-safe."""

    def __init__(self, settings: Listen) -> None:
        self._recent: deque[dict[str, Any]] = deque(maxlen=RECALLED)
        self._asked: dict[str, Any] | None = None
        self._retry_at = 0.0
        self.has_wake_word = settings.wake_word not in ("none", "key")
        """Whether it listens for one."""
        job = {"listen": settings.model_dump(mode="json")}
        super().__init__(Task("sensing", "what hears speech and the wake word", job, MOST_MB))

    def check(self) -> None:
        """Wait until it is ready. Raises ConfigError, MissingPiece, WorkerFailed."""
        self.ask({"do": "reset"})

    def reset(self) -> None:
        """As `Voice.reset`; a process that is gone has nothing to forget."""
        self._recent.append({"do": "reset"})
        if self._process is not None:
            self._send_again({"do": "reset"})

    def probability(self, frame: np.ndarray) -> float:
        """As `Voice.probability`. Raises WorkerFailed: nothing can be heard just now."""
        return float(self._heard("speech", frame))

    def heard(self, frame: np.ndarray) -> bool:
        """As `WakeWord.heard`. Raises WorkerFailed: nothing can be heard just now."""
        return bool(self._heard("wake", frame))

    def _heard(self, do: str, frame: np.ndarray) -> Any:
        message = {"do": do, "frame": base64.b64encode(frame.astype("<f4").tobytes()).decode()}
        self._asked = message
        return self._send_again(message)["found"]

    def _checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        # Remembered before a process that has grown is replaced, so that the new one has heard it, too.
        if "found" in answer and self._asked is not None:
            self._recent.append(self._asked)
            self._asked = None
        return super()._checked(answer)

    def _send_again(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """As `ask`, once more where the first process hung; then not again for a while."""
        if time.monotonic() < self._retry_at:
            raise WorkerFailed(f"{self._task.name} stopped working")
        try:
            return self.ask(message, HANG_S)
        except WorkerFailed:
            try:
                return self.ask(message, HANG_S)
            except WorkerFailed:
                self._retry_at = time.monotonic() + RETRY_S
                raise

    def _job(self) -> dict[str, Any]:
        return {**super()._job(), "recent": list(self._recent)}


class _Sensing:
    """The other side."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        from assistant.ears.voice import Voice  # native, and only this process needs them
        from assistant.ears.wake import open_wake_word

        self._voice, self._wake = Voice(), open_wake_word(Listen(**job["listen"]))
        for message in job["recent"]:
            self.answer(message)

    def answer(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """One frame, by one of the two; or forget what was heard."""
        if message["do"] == "reset":
            self._voice.reset()
            return {}
        frame = np.frombuffer(base64.b64decode(message["frame"]), "<f4")
        if message["do"] == "speech":
            return {"found": self._voice.probability(frame)}
        return {"found": self._wake is not None and self._wake.heard(frame)}


def serve(job: Mapping[str, Any], _back: Back) -> _Sensing:
    """Open both. Raises ConfigError, MissingPiece."""
    return _Sensing(job)
