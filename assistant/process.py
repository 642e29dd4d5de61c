"""Native code in a process of its own: what crashes, hangs or leaks there ends one turn at most, never the house.

The two sides speak lines of JSON over a socket pair. `Process` is this side; the other is started as
`python -m assistant.process FD`, opens one of ROOMS with the first line, and answers the others until this side closes.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import json
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.skill import ConfigError, MissingPiece

log = logging.getLogger(__name__)

START_S = 60.0
"""Loading a model of several gigabytes from an SD card takes as long."""
CALL_S = 30.0
LOOK_S = 1.0
"""How often a process's memory is looked at: one that hears every frame answers thirty times a second."""
ROOMS = {
    "writing": "assistant.worker",
    "hearing": "assistant.ears.transcriber",
    "sensing": "assistant.ears.sensing",
    "acting": "assistant.hands_apart",
    "speaking": "assistant.speak_apart",
    "steered": "assistant.steered",
    "stock": "assistant.stock",
}
"""What a process can be for -> the module whose `serve(job, back)` gives its Answers."""

Back = Callable[[str], str]
"""Puts a question to whoever waits for the answer; raises RuntimeError where that cannot be answered."""


class WorkerFailed(Exception):
    """The process died or did not answer, and a new one did not do better."""


class Hung(WorkerFailed):
    """The process did not answer in time, and has been ended."""


class Answers(Protocol):
    """The other side, once its model is loaded."""

    def answer(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Raises ValueError, RuntimeError for a message that cannot be answered; the process goes on."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a process is for."""

    room: str
    """A key of ROOMS."""
    name: str
    """How the log and the errors speak of it: "the language model hark-skill.gguf"."""
    job: Mapping[str, Any]
    """The first line, JSON-ready."""
    most_mb: float = 0.0
    """A process that has grown larger is replaced after its answer; 0 for never."""
    heard: bool = False
    """What it writes to standard error is written to ours; else nowhere."""


BOUNDED: Mapping[str, str] = {
    # oneDNN keeps what it compiled for every length of sound, 1,024 of them by default.
    "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "32",
    # glibc keeps a heap for each thread, and hands large pieces out of it that leave holes of every length of sound.
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": "262144",
    "MALLOC_TRIM_THRESHOLD_": "1048576",
}
"""What keeps memory flat: over 250 sounds what hears grew from 149 to 168 MB, with these from 134 to 140, as fast."""

_MALLOPT: Mapping[str, int] = {"MALLOC_ARENA_MAX": -8, "MALLOC_MMAP_THRESHOLD_": -3, "MALLOC_TRIM_THRESHOLD_": -1}
"""Of these, what can be set in a process that runs already: the numbers are from glibc's malloc.h."""


def bound_heap() -> None:
    """Keep the memory of this process flat, too, for months of listening; not done where the C library is another."""
    with contextlib.suppress(AttributeError, OSError, TypeError, ValueError):
        mallopt = ctypes.CDLL(None).mallopt
        for name, number in _MALLOPT.items():
            mallopt(number, int(os.environ.get(name, BOUNDED[name])))


def give_back() -> None:
    """Hand the system what small pieces were freed, too, which takes 2 ms; not done where the C library is another."""
    with contextlib.suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


class Process:
    """A process that answers. Starts at once; the first answer waits for it. Not thread-safe."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._process: subprocess.Popen[bytes] | None = None
        self._looked_at = float("-inf")
        self._start()

    @property
    def pid(self) -> int:
        """The process's number, for measuring its memory and for tests that kill it; 0 where there is none."""
        return self._process.pid if self._process else 0

    def ask(self, message: Mapping[str, Any], timeout_s: float = CALL_S, *, again: bool = True) -> dict[str, Any]:
        """Send and wait; a process that died is replaced once and asked again, one that hangs is ended.

        Args:
            again: False for what must not be done twice; a process that is found dead beforehand is replaced all the
                same.
        Raises:
            ConfigError, MissingPiece: what the process needs is wrong or missing.
            Hung: it did not answer in time.
            WorkerFailed: it died, twice where it may be asked again, or could not answer this.
        """
        if self._process is not None and self._process.poll() is not None:
            log.warning("%s had ended; starting it again", self._task.name)
            self._kill()
        for attempt in (1, 2) if again else (2,):
            if self._process is None:
                self._start()
            try:
                answer = self._exchange(message, timeout_s)
            except TimeoutError:
                self._kill()
                raise Hung(f"{self._task.name} did not answer in time") from None
            if answer is not None:
                return self._checked(answer)
            log.warning("%s ended; %s", self._task.name, "starting it again" if attempt == 1 else "giving up")
            self._kill()
        raise WorkerFailed(f"{self._task.name} stopped working{' twice' if again else ''}")

    def close(self) -> None:
        """End the process."""
        if self._process is None:
            return
        self._lines.close()
        self._socket.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _checked(self, answer: dict[str, Any]) -> dict[str, Any]:
        if "missing" in answer:
            raise MissingPiece(answer["missing"])
        if "wrong" in answer:
            raise ConfigError(answer["wrong"])
        if "fault" in answer:
            raise WorkerFailed(answer["fault"])
        if self._task.most_mb and time.monotonic() - self._looked_at >= LOOK_S:
            self._looked_at = time.monotonic()
            if _resident_mb(self.pid) > self._task.most_mb:
                log.warning("%s had grown beyond %g MB; starting it again", self._task.name, self._task.most_mb)
                self.close()
                self._start()
        return answer

    def _job(self) -> dict[str, Any]:
        """What a new process is told first."""
        return dict(self._task.job)

    def _answer_back(self, question: str) -> str:
        """What the other side asks of this one, while it is asked itself. Raises RuntimeError."""
        raise RuntimeError(f"nobody here answers {self._task.name}, which asks: {question}")

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "assistant.process", str(theirs.fileno())]
            environment = {**BOUNDED, **os.environ, "OMP_WAIT_POLICY": "passive"}
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=None if self._task.heard else subprocess.DEVNULL,
                env=environment,
                process_group=0,  # Ctrl-C is for us alone: while it imports, it would end with a traceback
            )
        self._socket, self._lines = ours, ours.makefile("rwb")
        self._fresh = True
        self._send({"room": self._task.room, "job": self._job()})

    def _send(self, message: Mapping[str, Any]) -> None:
        try:
            self._lines.write(json.dumps(message).encode() + b"\n")
            self._lines.flush()
        except OSError:
            log.debug("the process is gone")  # the answer that never comes says so too

    def _exchange(self, message: Mapping[str, Any], timeout_s: float) -> dict[str, Any] | None:
        """None when the process is gone. Raises TimeoutError when it is silent."""
        self._socket.settimeout(START_S if self._fresh else timeout_s)
        self._send(message)
        # The file object behind a socket stays usable after a time-out only if nothing was read: so it is closed then.
        try:
            while True:
                line = self._lines.readline()
                answer: dict[str, Any] | None = json.loads(line) if line.endswith(b"\n") else None
                if answer is None or "back" not in answer:
                    break
                self._send(self._back(answer["back"]))
        except TimeoutError:
            raise
        except (OSError, ValueError):
            return None
        self._fresh = False
        return answer

    def _back(self, question: str) -> dict[str, str]:
        try:
            return {"back": self._answer_back(question)}
        except RuntimeError as error:
            return {"fault": str(error)}

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._socket.close()
            self._process = None


def _resident_mb(pid: int) -> float:
    import psutil

    try:
        return float(psutil.Process(pid).memory_info().rss) / 1e6
    except psutil.Error:
        return 0.0


# --- the other side --------------------------------------------------------------------------------------------------


def serve(lines: Any) -> None:
    """Open the room of the first line, answer the others until the socket closes."""
    first = lines.readline()
    if not first:
        return

    def write(answer: Mapping[str, Any]) -> None:
        lines.write(json.dumps(answer).encode() + b"\n")
        lines.flush()

    def back(question: str) -> str:
        write({"back": question})
        answer = json.loads(lines.readline())
        if "fault" in answer:
            raise RuntimeError(answer["fault"])
        return str(answer["back"])

    task = json.loads(first)
    trouble: dict[str, str] | None = None
    try:
        room: Answers = importlib.import_module(ROOMS[task["room"]]).serve(task["job"], back)
    except MissingPiece as error:
        trouble = {"missing": str(error)}
    except ConfigError as error:
        trouble = {"wrong": str(error)}
    for line in lines:
        if trouble is None:
            try:
                answer = room.answer(json.loads(line))
            except (ValueError, RuntimeError) as error:
                answer = {"fault": str(error)}
        else:
            answer = trouble
        write(answer)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as connection, connection.makefile("rwb") as stream:
        serve(stream)
