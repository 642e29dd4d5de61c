"""Run one skill so that whatever it does costs its own answer and nothing else.

A skill may hang, raise, leave, print, return nothing or a megabyte. It runs in a thread of its own with a deadline;
what it returns becomes a sentence or two that can be said aloud.
"""

from __future__ import annotations

import contextlib
import ctypes
import logging
import re
import sqlite3
import sys
import threading
import time
import traceback
import unicodedata
from collections.abc import Callable
from typing import Any, TypeVar

from assistant.readers import say_number
from assistant.skill import Ask, ConfigError, MissingPiece, Skill, SkillError
from assistant.trace import Lease, is_damaged
from assistant.turn import Reply

log = logging.getLogger(__name__)

MAX_ANSWER = 4000
"""Characters that are said; at 165 words a minute this is about four minutes of speech."""
DONE = "Done."
TOO_LONG = Reply(text="That took too long, so I stopped waiting.", ok=False)
ENDING_S = 0.5
"""How long a thread that was told to end may take: one that runs Python needs a thousandth of it."""
_SENTENCE_END = re.compile(r"[.!?…。！？]['\")\]]*(?=\s|$)")

T = TypeVar("T")


class CutOffError(Exception):
    """The work did not end within its deadline."""


class _Guarded(threading.Thread):
    """A thread with a deadline."""

    was_cut_off = False


def guarded(work: Callable[[], T], deadline_s: float, name: str) -> T:
    """Run `work` in a daemon thread and wait at most `deadline_s` for it.

    Raises:
        CutOffError: it did not end in time; it is told to end, and what it still returns is not heard.
        Exception: whatever the work raised; SystemExit and its like as a RuntimeError that names them.
    """
    result: list[T] = []
    raised: list[Exception] = []
    ended = threading.Event()

    def run() -> None:
        try:
            result.append(work())
        except Exception as error:  # noqa: BLE001 - around a skill: kept, and raised again in the caller
            raised.append(error)
        except BaseException as error:  # noqa: BLE001 - a skill that leaves must not take the caller with it
            raised.append(RuntimeError(f"it left with {type(error).__name__}"))
        finally:
            ended.set()

    thread = _Guarded(target=run, name=name, daemon=True)
    thread.start()
    if not ended.wait(deadline_s):
        thread.was_cut_off = True
        _end(thread)
        raise CutOffError(name)
    if raised:
        raise raised[0]
    return result[0]


def _end(thread: threading.Thread) -> None:
    """Raise SystemExit inside a thread that runs Python code, so that an endless loop stops eating a core."""
    if thread.ident is not None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))


def running_on() -> list[str]:
    """The names of what was cut off and still runs, because it waits in a call of the system or heeds nobody."""
    until = time.monotonic() + ENDING_S
    cut_off = [one for one in threading.enumerate() if isinstance(one, _Guarded) and one.was_cut_off]
    for thread in cut_off:
        thread.join(max(0.0, until - time.monotonic()))
    return [thread.name for thread in cut_off if thread.is_alive()]


def perform(skill: Skill, work: Callable[[], Any], lease: Lease) -> Reply:
    """Run a skill's `work` to the reply that is said; what it prints goes to standard error. Raises nothing."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return shape(guarded(work, skill.deadline_s, f"skill {skill.name}"), skill.name)
    except CutOffError:
        lease.revoke()
        log.warning("the skill %s was cut off after %g s", skill.name, skill.deadline_s)
        return TOO_LONG
    except Ask as question:
        return Reply(text=clean(str(question)) or "Can you say more?", question=True, asks_for=question.argument)
    except (SkillError, MissingPiece, ConfigError) as error:
        return Reply(text=clean(str(error)) or "That did not work.", ok=False)
    except sqlite3.Error as error:
        log.warning("the skill %s could not use the database: %s", skill.name, error)
        if is_damaged(error):
            return Reply(text="My memory, the file hark.db, is damaged; hark doctor says what to do.", ok=False)
        return Reply(text="I cannot use my memory just now; the disk may be full or not writable.", ok=False)
    except Exception as error:  # noqa: BLE001 - around a skill: it must not kill the house
        _log_fault(skill, error)
        return went_wrong(skill.name)


def went_wrong(name: str) -> Reply:
    """What is said of a skill whose own fault it is."""
    return Reply(text=f"Something went wrong in the skill {spoken_name(name)}.", ok=False)


def spoken_name(name: str) -> str:
    """`set_timer` as it is said: "set timer"."""
    return name.replace("_", " ")


def _log_fault(skill: Skill, error: Exception) -> None:
    """Where and what kind, for the plugin's author; the message may hold what was said, so only at DEBUG."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else skill.source
    log.warning("the skill %s raised %s at %s", skill.name, type(error).__name__, where)
    log.debug("the skill %s raised", skill.name, exc_info=error)


def shape(value: Any, name: str) -> Reply:
    """What a skill returned, as something that can be said."""
    if isinstance(value, (list, tuple)) and value and all(isinstance(item, str) for item in value):
        value = " ".join(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = say_number(value)
    if value is None:
        return Reply(text=DONE)
    if not isinstance(value, str):
        log.warning("the skill %s returned a %s, not a sentence", name, type(value).__name__)
        return Reply(text=f"The skill {spoken_name(name)} gave an answer that cannot be said.", ok=False)
    return Reply(text=cut(clean(value[: MAX_ANSWER * 4])) or DONE)


def clean(text: str) -> str:
    """One line without control characters, which a terminal or a speech engine would obey."""
    visible = "".join(c if unicodedata.category(c) not in ("Cc", "Cs", "Cn", "Co") else " " for c in text)
    return " ".join(visible.split())


def cut(text: str) -> str:
    """At most MAX_ANSWER characters, ended at a sentence where there is one, with a note that there is more."""
    if len(text) <= MAX_ANSWER:
        return text
    head = text[:MAX_ANSWER]
    ends = [match.end() for match in _SENTENCE_END.finditer(head)]
    head = head[: ends[-1]] if ends and ends[-1] > MAX_ANSWER // 4 else head.rpartition(" ")[0] or head
    return f"{head.rstrip()} There is more, but I stop here."
