"""Skills in a process of their own (see `assistant.process`): one that never returns is ended for good.

A thread that hangs in a call of the system, or in a library that never lets go of Python, cannot be ended from outside;
a process can. `HandsProcess` is this side and stands where `Hands` would; `serve` opens the other. What a module keeps
in its variables is lost when one of its skills never returns, as at a restart; the database is not.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import logging
import pickle
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from assistant import act, readers
from assistant.config import Settings
from assistant.hands import Errand, Hands
from assistant.process import Back, Hung, Process, Task, WorkerFailed
from assistant.registry import SkillSet, load_skills
from assistant.skill import Announcement, SkillError
from assistant.trace import Database
from assistant.turn import Reply

log = logging.getLogger(__name__)

LATE_S = 2.0
"""The other side keeps the deadlines; one so late cannot: Python itself stands still there."""
HOOKS_S = 60.0
"""All hooks of all modules, each of which has its own limit."""
NAMES_S = 5.0


class HandsProcess(Process):
    """The skills' process. Starts at once; the first answer waits for it. Not thread-safe.

    Args:
        answer: asks the household's larger model; None where there is none.
    """

    def __init__(
        self, settings: Settings, skills: SkillSet, database: Database, answer: Callable[[str], str] | None
    ) -> None:
        self._skills, self._answer = skills, answer
        self._left_out: set[str] = set()
        self._names: tuple[str, ...] = ()
        job = {
            # Pickled, because a skill's own table may hold dates, which JSON does not know.
            "settings": base64.b64encode(pickle.dumps(settings)).decode(),
            "database": str(database.path),
            "answers": answer is not None,
        }
        super().__init__(Task("acting", "what runs the skills", job, heard=True))

    def perform(self, errand: Errand) -> Reply:
        """As `Hands.perform`. A process that dies over it costs this answer."""
        message = {
            "do": "perform",
            "skill": errand.skill,
            "words": dict(errand.words),
            "at": errand.at.isoformat(),
            "last_reply": errand.last_reply,
            "said": errand.said,
        }
        deadline_s = self._skills.by_name[errand.skill].deadline_s
        try:
            self._wait()
            answer = self._told(self.ask(message, deadline_s + LATE_S, again=False))
        except Hung:
            log.warning("the skill %s was cut off after %g s", errand.skill, deadline_s + LATE_S)
            return act.TOO_LONG
        except WorkerFailed as error:
            log.warning("the skill %s: %s", errand.skill, error)
            return act.went_wrong(errand.skill)
        if "unreadable" in answer:
            unreadable = readers.Unreadable(answer["unreadable"])
            unreadable.argument = answer["argument"]
            raise unreadable
        return Reply.model_validate(answer["reply"])

    def due(self) -> list[Announcement]:
        """As `Hands.due`; nothing where the process died."""
        found = self._hooks({"do": "due"}).get("due", ())
        return [Announcement(text, ring) for text, ring in found]

    def stop(self) -> None:
        """As `Hands.stop`."""
        self._hooks({"do": "stop"})

    def names(self) -> tuple[str, ...]:
        """As `Hands.names`."""
        try:
            self._names = tuple(self.ask({"do": "names"}, NAMES_S).get("names", self._names))
        except WorkerFailed as error:
            log.debug("%s", error)
        return self._names

    def _hooks(self, message: Mapping[str, Any]) -> dict[str, Any]:
        try:
            self._wait()
            return self._told(self.ask(message, HOOKS_S, again=False))
        except WorkerFailed as error:
            log.warning("%s", error)
            return {}

    def _wait(self) -> None:
        """Until a new process is ready: the time that takes is none of the skill's."""
        if self._process is None or self._fresh:
            self.ask({"do": "ready"})

    def _told(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Repeat what was logged there; end a process in which something runs on that was told to end."""
        for name, level, text in answer.get("log", ()):
            logging.getLogger(name).log(level, "%s", text)
        self._left_out |= set(answer["left_out"])
        if answer["runs_on"]:
            log.warning("%s never ended; what runs the skills is started anew", ", ".join(answer["runs_on"]))
            self._kill()
            self._start()
        return answer

    def _job(self) -> dict[str, Any]:
        return {**super()._job(), "left_out": sorted(self._left_out), "level": logging.getLogger().level}

    def _answer_back(self, question: str) -> str:
        if self._answer is None:
            return super()._answer_back(question)
        try:
            return self._answer(question)
        except SkillError as error:
            raise RuntimeError(str(error)) from None


# --- the other side --------------------------------------------------------------------------------------------------


class _Kept(logging.Handler):
    """Keeps what is logged until the next answer takes it along."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[tuple[str, int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append((record.name, record.levelno, self.format(record)))


class _Acting:
    """The other side."""

    def __init__(self, job: Mapping[str, Any], back: Back) -> None:
        self._kept = _Kept()
        logging.getLogger().addHandler(self._kept)
        logging.getLogger().setLevel(job["level"])
        settings: Settings = pickle.loads(base64.b64decode(job["settings"]))  # noqa: S301 - from our own other side
        self._zone = settings.now().tzinfo
        self._back, self._performs = back, False
        answer = self._ask if job["answers"] else None
        with contextlib.redirect_stdout(sys.stderr):
            skills = load_skills(settings)
        self._kept.records.clear()  # what is wrong with a plugin the other side has said
        self._hands = Hands(settings, skills, Database(Path(job["database"])), answer, set(job["left_out"]))

    def answer(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """Do what the line asks for."""
        do = message["do"]
        if do == "ready":
            return {}
        if do == "names":
            return {"names": self._hands.names()}
        answer: dict[str, Any] = {}
        self._performs = True
        try:
            if do == "perform":
                answer = self._perform(message)
            elif do == "due":
                answer = {"due": [(one.text, one.ring) for one in self._hands.due()]}
            else:
                self._hands.stop()
        finally:
            self._performs = False
        log_lines, self._kept.records = self._kept.records, []
        return {**answer, "log": log_lines, "left_out": sorted(self._hands.left_out), "runs_on": act.running_on()}

    def _perform(self, message: Mapping[str, Any]) -> dict[str, Any]:
        at = dt.datetime.fromisoformat(message["at"]).astimezone(self._zone)
        try:
            last_reply, said = message["last_reply"], message["said"]
            reply = self._hands.perform(Errand(message["skill"], message["words"], at, last_reply, said))
        except readers.Unreadable as error:
            return {"unreadable": str(error), "argument": error.argument}
        except KeyError:  # its file was changed since the start
            return {"reply": act.went_wrong(message["skill"]).model_dump()}
        return {"reply": reply.model_dump()}

    def _ask(self, prompt: str) -> str:
        """Ask the larger model, which runs on the other side. Raises SkillError."""
        if not self._performs:
            raise SkillError("I had already stopped waiting for this.")
        try:
            return self._back(prompt)
        except RuntimeError as error:
            raise SkillError(str(error)) from None


def serve(job: Mapping[str, Any], back: Back) -> _Acting:
    """Load the skills. Raises ConfigError."""
    return _Acting(job, back)
