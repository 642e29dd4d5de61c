"""Runs skills and the hooks of their modules: whatever one of them does costs its own answer and nothing else.

Here that is done in threads of this process; `assistant.hands_apart` has the same in a process of its own.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from assistant import act, readers
from assistant.config import Settings
from assistant.household import Gathering
from assistant.registry import Module, SkillSet
from assistant.skill import Announcement, Context
from assistant.trace import Database, Lease, disk_refuses
from assistant.turn import Reply

log = logging.getLogger(__name__)

HOOK_S = 3.0
"""How long one module's `@due` or `@on_stop` function may take."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A skill to run."""

    skill: str
    words: Mapping[str, str]
    """Argument -> the words that were pointed at."""
    at: dt.datetime
    """The household's wall clock."""
    last_reply: str = ""
    said: str = ""
    """The whole sentence as it was written down."""


class Acts(Protocol):
    """Runs skills and hooks. Not for several threads at once."""

    def perform(self, errand: Errand) -> Reply:
        """Run a skill to the reply that is said. Raises readers.Unreadable for words that are no such value."""

    def due(self) -> list[Announcement]:
        """What has fallen due."""

    def stop(self) -> None:
        """Everything that rings or plays falls silent."""

    def names(self) -> tuple[str, ...]:
        """What the household calls its things, as found last; they are looked for beside."""


class Hands:
    """Runs skills and hooks in threads of this process."""

    def __init__(
        self,
        settings: Settings,
        skills: SkillSet,
        database: Database,
        answer: Callable[[str], str] | None = None,
        left_out: set[str] | None = None,
    ) -> None:
        """`answer` asks the household's larger model; `left_out`: hooks that hung before, and are not called."""
        self._settings, self._skills, self._database, self._answer = settings, skills, database, answer
        self.left_out = left_out if left_out is not None else set()
        self._faulty: set[str] = set()
        self._gathering = Gathering(skills.modules, self._names_context, self.left_out)

    def perform(self, errand: Errand) -> Reply:
        """As `Acts`."""
        skill = self._skills.by_name[errand.skill]
        household = self._settings.household
        values = readers.read_arguments(skill, errand.words, now=errand.at, household=household)
        lease = self._database.lease()
        context = self._context(self._skills.module_of(skill), lease, errand.at)
        context = dataclasses.replace(context, last_reply=errand.last_reply, said=errand.said)
        return act.perform(skill, lambda: skill.run(context, **values), lease)

    def due(self) -> list[Announcement]:
        """As `Acts`."""
        with contextlib.redirect_stdout(sys.stderr):
            hooks = [(module, hook) for module in self._skills.modules for hook in module.due]
            return [a for module, hook in hooks for a in self._hook(module, hook) or ()]

    def stop(self) -> None:
        """As `Acts`."""
        for module in self._skills.modules:
            for hook in module.stop:
                self._hook(module, hook)

    def names(self) -> tuple[str, ...]:
        """As `Acts`."""
        return self._gathering.found()

    def _context(self, module: Module, lease: Lease, at: dt.datetime) -> Context:
        return Context(
            now=at,
            settings=module.settings,
            database=lease.open,
            household=self._settings.household,
            skills=self._skills.skills,
            answer=self._answer,
            stop=self.stop,
        )

    def _names_context(self, module: Module) -> tuple[Context, Lease]:
        lease = self._database.lease()
        return self._context(module, lease, self._settings.now()), lease

    def _hook(self, module: Module, hook: Callable[[Context], list[Announcement] | None]) -> list[Announcement] | None:
        """Run one hook; one that hangs is not called again, one that fails says so once."""
        name = f"{module.name}.{hook.__name__}"
        if name in self.left_out:
            return None
        lease = self._database.lease()
        context = self._context(module, lease, self._settings.now())
        try:
            found = act.guarded(lambda: hook(context), HOOK_S, name)
            return [a for a in found or () if isinstance(a, Announcement)]
        except act.CutOffError:
            lease.revoke()
            self.left_out.add(name)
            log.warning("%s did not end within %g s; it is left out until the next start", name, HOOK_S)
        except Exception as error:
            # Of a disk that refuses, the diary, which lies on the same one, warns for all.
            if name not in self._faulty and not disk_refuses(error):
                log.warning("%s raised %s", name, type(error).__name__)
                log.debug("%s raised", name, exc_info=error)
            self._faulty.add(name)
        return None
