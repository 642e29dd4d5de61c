"""A language model in a process of its own (see `assistant.process`): it writes calls, and free answers.

`Worker` is this side; `serve` opens the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.process import Back, Process, Task, WorkerFailed
from assistant.skill import Argument, Call, Example, Skill

if TYPE_CHECKING:
    from assistant.writer import Writer

__all__ = ["SMALL_BYTES", "Job", "Worker", "WorkerFailed", "Written", "serve"]

READ_S = 900.0
"""A small board reads the list of all skills in minutes; once, then it is kept on disk."""
SMALL_BYTES = 64 << 20
"""A model this small is fastest on one thread: two spend their time waiting for each other."""


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


class Worker(Process):
    """The model's process. Starts at once; the first answer waits for it. Not thread-safe.

    Raises:
        MissingPiece: the model file is missing or foreign.
        WorkerFailed: see there.
    """

    def __init__(self, job: Job, room: str = "writing") -> None:
        self.job = job
        self._reader = 0
        super().__init__(Task(room, f"the language model {job.path.name}", _job_to_json(job)))

    def notes(self) -> dict[str, str]:
        """What the model file says of itself: its `hark.*` metadata that deciding needs."""
        found: dict[str, str] = self.ask({"do": "notes"})["notes"]
        return found

    def write(
        self, plain_text: str, nearest: Sequence[tuple[str, str]] = (), drafts: Sequence[str] = ()
    ) -> tuple[Written, ...]:
        """The most probable call for a plain transcript, then the runner-ups.

        Args:
            nearest: examples like this transcript, (plain text, call as written), the likest last.
            drafts: guesses at the call, the likeliest first; a right one saves a larger model's time, and none changes
                what is written.
        """
        self._read_skills()
        answer = self.ask({"do": "write", "text": plain_text, "nearest": list(nearest), "drafts": list(drafts)})
        return tuple(Written(**one) for one in answer["written"])

    def write_freely(self, plain_text: str, nearest: Sequence[tuple[str, str]] = ()) -> str:
        """What the model writes where no grammar holds it: a call, or anything else; the prompt is that of `write`."""
        self._read_skills()
        return str(self.ask({"do": "free", "text": plain_text, "nearest": list(nearest)})["text"])

    def _read_skills(self) -> None:
        """Let a larger model read the list of skills, with time for it; a process that is new has to do so again."""
        if not self.job.shipped and self._reader != self.pid:
            self.ask({"do": "notes"})
            self.ask({"do": "read"}, READ_S)
            self._reader = self.pid

    def complete(self, prompt: str, most_tokens: int = 160) -> str:
        """A free answer to `prompt`, up to the end of the model's turn or so many tokens."""
        return str(self.ask({"do": "complete", "prompt": prompt, "most": most_tokens})["text"])


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


def job_from_json(message: Mapping[str, Any]) -> Job:
    """The job as this side's process was told it."""

    def never(*_: Any, **__: Any) -> str:
        raise RuntimeError("a skill does not run where its call is written")

    skills = []
    for one in message["skills"]:
        arguments = tuple(Argument(**{**a, "choices": tuple(a["choices"])}) for a in one["arguments"])
        examples = tuple(Example(text, Call(one["name"], words)) for text, words in one["examples"])
        skills.append(Skill(one["name"], one["purpose"], arguments, examples, never))
    cache = Path(message["cache"]) if message["cache"] else None
    return Job(Path(message["path"]), tuple(skills), message["shipped"], message["threads"], cache)


def serve(job: Mapping[str, Any], _back: Back) -> Writer:
    """Load the model. Raises MissingPiece."""
    from assistant.writer import Writer  # heavy, and only this process needs it

    return Writer(job_from_json(job))
