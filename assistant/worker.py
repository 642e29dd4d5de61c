"""A model in a process of its own: what crashes, hangs or leaks there ends one turn at most, never the house.

The two sides speak lines of JSON over a socket pair. `Worker` is this side; `serve` is the other, started as
`python -m assistant.worker FD`.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from assistant.skill import Argument, Call, Example, MissingPiece, Skill

log = logging.getLogger(__name__)

START_S = 60.0
"""Loading a model of several gigabytes from an SD card takes as long."""
CALL_S = 30.0
SMALL_BYTES = 64 << 20
"""A model this small is fastest on one thread: two spend their time waiting for each other."""


class WorkerFailed(Exception):
    """The model's process died or did not answer, and a new one did not do better."""


@dataclass(frozen=True, slots=True)
class Written:
    """A call that a model wrote."""

    call: str
    """The call as written: `set_timer(duration= five minutes)`."""
    skill_probability: float
    """Of the skill's name, among all names."""
    probability: float
    """Of the whole call."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is for."""

    path: Path
    skills: tuple[Skill, ...]
    """The skills it may call."""
    shipped: bool
    """True for a skill model, which reads the transcript alone; False for a model that reads a list of skills."""
    threads: int = 2
    cache: Path | None = None
    """Where an evaluated prompt prefix is kept; None keeps it in memory alone."""


class Worker:
    """The model's process. Starts at once; the first answer waits for it. Not thread-safe.

    Raises:
        MissingPiece: the model file is missing or foreign.
        WorkerFailed: see there.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self._process: subprocess.Popen[bytes] | None = None
        self._start()

    def notes(self) -> dict[str, str]:
        """What the model file says of itself: its `hark.*` metadata that deciding needs."""
        found: dict[str, str] = self._ask({"do": "notes"})["notes"]
        return found

    def write(self, plain_text: str, nearest: Sequence[tuple[str, str]] = ()) -> tuple[Written, ...]:
        """The most probable call for a plain transcript, then the runner-ups.

        Args:
            nearest: examples like this transcript, (plain text, call as written), the likest last.
        """
        answer = self._ask({"do": "write", "text": plain_text, "nearest": list(nearest)})
        return tuple(Written(**one) for one in answer["written"])

    def complete(self, prompt: str, most_tokens: int = 160) -> str:
        """A free answer to `prompt`, up to the end of the model's turn or so many tokens."""
        return str(self._ask({"do": "complete", "prompt": prompt, "most": most_tokens})["text"])

    @property
    def pid(self) -> int:
        """The process's number, for measuring its memory and for tests that kill it."""
        return self._process.pid if self._process else 0

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

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", "assistant.worker", str(theirs.fileno())]
            environment = {**os.environ, "OMP_WAIT_POLICY": "passive"}
            self._process = subprocess.Popen(
                command,
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
        self._socket, self._lines = ours, ours.makefile("rwb")
        self._fresh = True
        self._send(_job_to_json(self.job))

    def _send(self, message: Mapping[str, Any]) -> None:
        try:
            self._lines.write(json.dumps(message).encode() + b"\n")
            self._lines.flush()
        except OSError:
            log.debug("the model's process is gone")  # the answer that never comes says so too

    def _ask(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Send and wait; a process that died or hangs is replaced, once."""
        for attempt in (1, 2):
            if self._process is None:
                self._start()
            answer = self._exchange(message)
            if answer is not None:
                if "missing" in answer:
                    raise MissingPiece(answer["missing"])
                if "fault" in answer:
                    raise WorkerFailed(answer["fault"])
                return answer
            log.warning("the language model's process ended or hung (%s); %s", self.job.path.name, _again(attempt))
            self._kill()
        raise WorkerFailed(f"the language model {self.job.path.name} stopped working twice")

    def _exchange(self, message: Mapping[str, Any]) -> dict[str, Any] | None:
        """None when the process is gone or silent."""
        self._send(message)
        # The file object behind a socket stays usable after a time-out only if nothing was read: so it is closed then.
        self._socket.settimeout(START_S if self._fresh else CALL_S)
        try:
            line = self._lines.readline()
            answer: dict[str, Any] | None = json.loads(line) if line.endswith(b"\n") else None
        except (OSError, ValueError):
            return None
        self._fresh = False
        return answer

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._socket.close()
            self._process = None


def _again(attempt: int) -> str:
    return "starting it again" if attempt == 1 else "giving up"


# --- the other side --------------------------------------------------------------------------------------------------


def _job_to_json(job: Job) -> dict[str, Any]:
    skills = [
        {
            "name": skill.name,
            "purpose": skill.purpose,
            "arguments": [asdict(argument) for argument in skill.arguments],
            "examples": [[example.text, dict(example.call.words)] for example in skill.examples],
        }
        for skill in job.skills
    ]
    cache = str(job.cache) if job.cache else None
    return {"path": str(job.path), "skills": skills, "shipped": job.shipped, "threads": job.threads, "cache": cache}


def _job_from_json(message: Mapping[str, Any]) -> Job:
    def never(*_: Any, **__: Any) -> str:
        raise RuntimeError("a skill does not run where its call is written")

    skills = []
    for one in message["skills"]:
        arguments = tuple(Argument(**{**a, "choices": tuple(a["choices"])}) for a in one["arguments"])
        examples = tuple(Example(text, Call(one["name"], words)) for text, words in one["examples"])
        skills.append(Skill(one["name"], one["purpose"], arguments, examples, never))
    cache = Path(message["cache"]) if message["cache"] else None
    return Job(Path(message["path"]), tuple(skills), message["shipped"], message["threads"], cache)


def serve(lines: Any) -> None:
    """Load the model of the first line, answer the others until the pipe closes."""
    first = lines.readline()
    if not first:
        return
    job = _job_from_json(json.loads(first))
    from assistant.writer import Writer  # heavy, and only this process needs it

    trouble: dict[str, str] | None = None
    try:
        writer = Writer(job)
    except MissingPiece as error:
        trouble = {"missing": str(error)}
    for line in lines:
        if trouble is None:
            message = json.loads(line)
            try:
                answer = writer.answer(message)
            except (ValueError, RuntimeError) as error:
                answer = {"fault": str(error)}
        else:
            answer = trouble
        lines.write(json.dumps(answer).encode() + b"\n")
        lines.flush()


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as connection, connection.makefile("rwb") as stream:
        serve(stream)
