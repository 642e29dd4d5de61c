"""Timers: set, asked after, held, and rung once, whatever happens in between."""

from __future__ import annotations

import datetime as dt
import random
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.skill import Announcement, Ask, Context, SkillError
from skills.timers import (
    MOST,
    cancel_timer,
    check_timer,
    extend_timer,
    pause_timer,
    resume_timer,
    ring_timers,
    set_timer,
    silence_timers,
)

Say = Callable[..., str]
Make = Callable[..., Context]


def later(context: Context, make_context: Make, **passed: float) -> Context:
    """The same house after some time."""
    return make_context(now=context.now + dt.timedelta(**passed))


def test_set(context: Context, say: Say) -> None:
    """A timer is set for what was said, and says when it ends unless that is in a moment."""
    assert say(set_timer, context, duration="ten minutes") == "Your timer is set for 10 minutes, until 12:10 PM."
    said = say(set_timer, context, duration="an hour and a half", name="pasta")
    assert said == "Your pasta timer is set for 1 hour and 30 minutes, until 1:30 PM."
    assert say(set_timer, context, duration="an hour", name="tea timer").startswith("Your tea timer is set for 1 hour")
    assert say(set_timer, context, duration="thirty seconds") == "Your timer is set for 30 seconds."
    assert say(set_timer, context, duration="a day") == "Your timer is set for 1 day, until noon tomorrow."


@pytest.mark.parametrize("duration", ["zero minutes", "two years", "0.1 seconds", "500 days"])
def test_refuses(context: Context, say: Say, duration: str) -> None:
    """A timer of no time at all, or of more than a year, is refused."""
    with pytest.raises(ValueError if "years" in duration else SkillError):
        say(set_timer, context, duration=duration)
    with pytest.raises(SkillError, match="No timer is running"):
        say(check_timer, context)


def test_flood(context: Context, say: Say) -> None:
    """A loop that sets timers is stopped by a sentence."""
    for _ in range(MOST):
        say(set_timer, context, duration="an hour")
    with pytest.raises(SkillError, match="cancel one first"):
        say(set_timer, context, duration="an hour")


def test_check(context: Context, make_context: Make, say: Say) -> None:
    """What is left counts down; several timers are told together, and one by its name or its length."""
    say(set_timer, context, duration="ten minutes")
    after = later(context, make_context, minutes=3, seconds=20)
    assert say(check_timer, after) == "6 minutes and 40 seconds left on the 10 minute timer."
    say(set_timer, context, duration="two hours", name="roast")
    assert say(check_timer, after, name="the roast") == "1 hour and 57 minutes left on the roast timer."
    assert say(check_timer, after, name="ten minute") == "6 minutes and 40 seconds left on the 10 minute timer."
    assert say(check_timer, after).startswith("There are 2 timers: 6 minutes and 40 seconds left")
    assert say(check_timer, after, name="all").startswith("There are 2 timers")


def test_which(context: Context, say: Say) -> None:
    """Where several could be meant the house asks which, and a name that is no timer's is said back."""
    say(set_timer, context, duration="ten minutes", name="pasta")
    assert say(pause_timer, context) == "The pasta timer is paused with 10 minutes left."
    say(resume_timer, context)
    say(set_timer, context, duration="five minutes", name="eggs")
    for ask in (cancel_timer, pause_timer):
        with pytest.raises(Ask, match=re.escape("Which timer: eggs or pasta?")):
            say(ask, context)
    with pytest.raises(Ask):
        say(extend_timer, context, duration="one minute")
    with pytest.raises(SkillError, match="I have no rice timer; there is the eggs timer and the pasta timer"):
        say(cancel_timer, context, name="rice")
    assert say(cancel_timer, context, name="egg") == "The eggs timer is cancelled."
    assert say(cancel_timer, context) == "The pasta timer is cancelled."


def test_none(context: Context, say: Say) -> None:
    """With no timer, every request about one says so."""
    for function in (cancel_timer, check_timer, pause_timer, resume_timer):
        with pytest.raises(SkillError, match="No timer is"):
            say(function, context)
    with pytest.raises(SkillError, match="No timer is running"):
        say(extend_timer, context, duration="one minute")


def test_cancel_all(context: Context, say: Say) -> None:
    """ "All" cancels every timer."""
    for name in ("tea", "pasta", "eggs"):
        say(set_timer, context, duration="ten minutes", name=name)
    assert say(cancel_timer, context, name="all") == "I cancelled all 3 timers."
    with pytest.raises(SkillError):
        say(check_timer, context)


def test_hold_all(context: Context, make_context: Make, say: Say) -> None:
    """ "All" holds, continues and lengthens every timer; where there is one, that one is told of."""
    say(set_timer, context, duration="ten minutes", name="tea")
    assert say(pause_timer, context, name="all") == "The tea timer is paused with 10 minutes left."
    assert say(resume_timer, context, name="everything") == "The tea timer goes on with 10 minutes left."
    say(set_timer, context, duration="twenty minutes", name="pasta")
    assert say(pause_timer, context, name="all") == "I paused all 2 timers."
    assert ring_timers(later(context, make_context, hours=1)) == []
    assert say(extend_timer, context, name="all", duration="five minutes") == "I added 5 minutes to all 2 timers."
    assert say(resume_timer, context, name="both") == "All 2 timers go on."
    left = "There are 2 timers: 15 minutes left on the tea timer and 25 minutes left on the pasta timer."
    assert say(check_timer, context) == left


def test_pause(context: Context, make_context: Make, say: Say) -> None:
    """A held timer neither counts down nor rings, takes more time, and goes on with what it had."""
    say(set_timer, context, duration="ten minutes", name="tea")
    after = later(context, make_context, minutes=4)
    assert say(pause_timer, after) == "The tea timer is paused with 6 minutes left."
    much_later = later(context, make_context, hours=5)
    assert ring_timers(much_later) == []
    assert say(check_timer, much_later) == "6 minutes left on the tea timer, paused."
    assert say(extend_timer, much_later, duration="two more minutes").endswith("has 8 minutes left.")
    with pytest.raises(SkillError, match="No timer is running"):
        say(pause_timer, much_later)
    assert say(resume_timer, much_later) == "The tea timer goes on with 8 minutes left."
    assert ring_timers(later(much_later, make_context, minutes=7, seconds=59)) == []
    assert len(ring_timers(later(much_later, make_context, minutes=8))) == 1


def test_ring(context: Context, make_context: Make, say: Say) -> None:
    """A timer rings at its end, once, in the order of the ends."""
    say(set_timer, context, duration="ten minutes", name="pasta")
    say(set_timer, context, duration="570 seconds")
    assert ring_timers(later(context, make_context, seconds=569)) == []
    end = later(context, make_context, minutes=10)
    assert ring_timers(end) == [
        Announcement("Your 9 minute and 30 second timer is done.", ring=True),
        Announcement("Your pasta timer is done.", ring=True),
    ]
    assert ring_timers(end) == []


def test_extend_moves_the_end(context: Context, make_context: Make, say: Say) -> None:
    """More time moves the end of a running timer."""
    say(set_timer, context, duration="ten minutes")
    said = say(extend_timer, later(context, make_context, minutes=9), duration="five more minutes")
    assert said == "I added 5 minutes; the 10 minute timer has 6 minutes left."
    assert ring_timers(later(context, make_context, minutes=14)) == []
    assert len(ring_timers(later(context, make_context, minutes=15))) == 1


def test_late(context: Context, make_context: Make, say: Say) -> None:
    """What ended while the program was off is told on return, with its time, and does not ring."""
    say(set_timer, context, duration="ten minutes", name="pasta")
    assert ring_timers(later(context, make_context, hours=1)) == [
        Announcement("While I was off, your pasta timer ended at 12:10 PM.")
    ]
    say(set_timer, context, duration="ten minutes")
    (told,) = ring_timers(later(context, make_context, days=1))
    assert told.text == "While I was off, your 10 minute timer ended at 12:10 PM yesterday."


def test_stop(context: Context, make_context: Make, say: Say) -> None:
    """ "Cancel the timer" while one rings silences it and leaves those that still run."""
    stopped = []
    say(set_timer, context, duration="ten minutes", name="pasta")
    say(set_timer, context, duration="two hours", name="roast")
    end = make_context(now=context.now + dt.timedelta(minutes=10), stop=lambda: stopped.append(True))
    assert len(ring_timers(end)) == 1
    assert say(cancel_timer, end) == "The pasta timer is cancelled."
    assert stopped == [True]
    assert "roast" in say(check_timer, end)


def test_silence(context: Context, make_context: Make, say: Say) -> None:
    """After a stop, "cancel the timer" means the next timer again; an old ring is forgotten by itself."""
    say(set_timer, context, duration="one minute", name="tea")
    say(set_timer, context, duration="two hours", name="roast")
    end = later(context, make_context, minutes=1)
    ring_timers(end)
    silence_timers(end)
    assert say(cancel_timer, end) == "The roast timer is cancelled."


def test_two_programs(make_context: Make, context: Context, say: Say) -> None:
    """When several programs ask at the same moment what has ended, each timer is told to exactly one of them."""
    for number in range(20):
        say(set_timer, context, duration="one minute", name=f"number {number}")
    end = later(context, make_context, minutes=1)
    told: list[Announcement] = []
    threads = [threading.Thread(target=lambda: told.extend(ring_timers(end))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(told) == 20
    assert len({announcement.text for announcement in told}) == 20


CHILD = """
import datetime as dt, sys
from pathlib import Path
from assistant.skill import Context
from assistant.trace import Database
from skills.timers import set_timer
now = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
context = Context(now=now, settings={}, database=Database(Path(sys.argv[1])).open)
for number in range(1000):
    set_timer(context, duration=dt.timedelta(hours=1), name=f"{sys.argv[2]} {number}")
    print(number, flush=True)
"""


def run_until_killed(database: Path, name: str, after: int) -> int:
    """Kill -9 a program that sets timers once it has told of `after` of them; returns how many it has told of."""
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(database), name], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    told = 0
    for _ in child.stdout:
        told += 1
        if told == after:
            child.kill()
    child.wait(20)
    child.stdout.close()
    return told


@pytest.mark.parametrize("seed", [1, 2])
def test_kill(database_file: Path, context: Context, make_context: Make, say: Say, seed: int) -> None:
    """Two programs set timers in one database and are killed at any moment: every timer they told of is there."""
    moments = random.Random(seed)
    told: dict[str, int] = {}
    programs = [
        threading.Thread(target=lambda name=name, n=n: told.update({name: run_until_killed(database_file, name, n)}))
        for name, n in (("red", moments.randint(1, 20)), ("blue", moments.randint(1, 20)))
    ]
    for program in programs:
        program.start()
    for program in programs:
        program.join(40)
    due = make_context(now=dt.datetime(2026, 3, 2, 13, tzinfo=dt.UTC))
    rung = {announcement.text for announcement in ring_timers(due)}
    assert sum(told.values()) > 0
    expected = {f"Your {name} {number} timer is done." for name, count in told.items() for number in range(count)}
    assert expected <= rung
    assert len(rung) <= len(expected) + len(told)  # at most the one that was being set
