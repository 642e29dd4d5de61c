"""Countdown timers, kept in the household's database so that they outlive a pulled plug."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from assistant.readers import Unreadable, read, say_date, say_duration, say_list, say_time
from assistant.skill import Announcement, Ask, Context, Duration, SkillError, due, names, on_stop, skill
from skills._names import matches, means_all

MOST = 50
"""More timers than any kitchen needs; what asks for more is a loop."""
LATE_S = 60
"""Later than this, the program was not running when the timer ended."""
RINGS_S = 600
"""A timer that nobody stopped counts as ringing for this long."""

_RUNNING, _PAUSED, _RINGING = "running", "paused", "ringing"
_TABLE = """
CREATE TABLE IF NOT EXISTS timers (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    length_s REAL NOT NULL,
    state TEXT NOT NULL,
    ends_at REAL NOT NULL,
    left_s REAL NOT NULL
) STRICT
"""
# ends_at: seconds since 1970, UTC; while paused it says nothing, and left_s does.


@dataclass(frozen=True, slots=True)
class Timer:
    """A row of the table."""

    id: int
    name: str
    """"" for a timer without a name."""
    length_s: float
    state: str
    ends_at: float
    left_s: float

    @property
    def label(self) -> str:
        """How the timer is spoken of: "pasta", or "10 minute"."""
        return self.name or re.sub(r"s\b", "", say_duration(dt.timedelta(seconds=self.length_s)))

    def remaining(self, now: dt.datetime) -> dt.timedelta:
        """The time left, never less than nothing."""
        left = self.left_s if self.state == _PAUSED else self.ends_at - now.timestamp()
        return dt.timedelta(seconds=max(0.0, left))


@contextmanager
def _open(context: Context) -> Iterator[sqlite3.Connection]:
    with context.database() as db:
        db.execute(_TABLE)
        yield db


def _timers(db: sqlite3.Connection, *states: str) -> list[Timer]:
    marks = ", ".join("?" * len(states))
    rows = db.execute(f"SELECT * FROM timers WHERE state IN ({marks}) ORDER BY ends_at, id", states)  # noqa: S608
    return [Timer(*row) for row in rows]


def _named(timers: Sequence[Timer], name: str, context: Context) -> list[Timer]:
    """The timers meant by a name, or by a length ("the ten minute timer")."""
    found = [timers[index] for index in matches(name, [timer.name for timer in timers])]
    if found:
        return found
    try:
        length = read("duration", name, now=context.now, household=context.household)
    except Unreadable:
        return []
    return [timer for timer in timers if timer.length_s == length.total_seconds()]


def _choose(timers: Sequence[Timer], name: str | None, context: Context) -> Timer:
    """The one timer that is meant. Raises Ask where it could be several, SkillError where there is none."""
    if not timers:
        raise SkillError("There is no such timer.")
    found = list(timers) if name is None else _named(timers, name, context)
    if not found:
        raise SkillError(f"I have no {name} timer; there is {say_list([f'the {t.label} timer' for t in timers])}.")
    if len(found) > 1:
        labels = list(dict.fromkeys(timer.label for timer in found))
        if len(labels) > 1:
            raise Ask(f"Which timer: {say_list(labels, 'or')}?", "name")
    return found[0]


def _meant(timers: Sequence[Timer], name: str | None, context: Context) -> list[Timer]:
    """Every timer where "all" was said, else the one that `_choose` finds; raises what it raises."""
    return list(timers) if name is not None and means_all(name) else [_choose(timers, name, context)]


@skill(
    examples=[
        "set a timer for [ten minutes](duration)",
        "[twenty minute](duration) [pasta](name) timer",
        "[five minutes](duration)",
        "set a [thirty second](duration) timer",
        "start a timer for [an hour and a half](duration) please",
        "could you set a [pizza](name) timer for [12 minutes](duration)",
        "timer [three minutes](duration)",
        "count down from [sixty seconds](duration)",
        "start a countdown of [two hours](duration)",
        "please set a timer called [laundry](name) for [forty five minutes](duration)",
        "let me know in [15 minutes](duration)",
        "tell me when [half an hour](duration) is up",
        "i need a [quarter of an hour](duration) timer for the [rice](name)",
        "put [seven and a half minutes](duration) on the clock for the [eggs](name)",
        "give me [a couple of minutes](duration)",
        "time me for [one minute and thirty seconds](duration)",
        "set another timer for [2 hours and 15 minutes](duration) called [roast](name)",
        "start a [nap](name) timer for [25 minutes](duration)",
        "can you time [four minutes](duration) for my [tea](name)",
        "start the [oven](name) timer for [an hour and ten minutes](duration)",
        "set [10 min](duration) timer",
        "new timer [ninety seconds](duration)",
        "wake me up in [twenty minutes](duration)",
        "hey set a [five minute](duration) timer for the [cookies in the oven](name)",
        "ping me after [three quarters of an hour](duration)",
        "i want the [workout](name) timer to run for [1 hour 20 minutes](duration)",
    ]
)
def set_timer(context: Context, *, duration: Duration, name: str | None = None) -> str:
    """Start a countdown and say when it ends."""
    seconds = duration.total_seconds()
    name = re.sub(r"(?:^| )timer$", "", name or "")  # "pasta timer" is the timer called pasta
    if seconds < 1:
        raise SkillError("A timer needs at least one second.")
    if duration > dt.timedelta(days=366):
        raise SkillError("That is too long for a timer; a reminder on a date is better.")
    ends = context.now + duration
    with _open(context) as db:
        if len(_timers(db, _RUNNING, _PAUSED)) >= MOST:
            raise SkillError(f"There are {MOST} timers already; cancel one first.")
        db.execute(
            "INSERT INTO timers (name, length_s, state, ends_at, left_s) VALUES (?, ?, ?, ?, ?)",
            (name, seconds, _RUNNING, ends.timestamp(), seconds),
        )
    what = f"Your {name} timer" if name else "Your timer"
    return f"{what} is set for {say_duration(duration)}{_say_end(ends, seconds, context)}."


@skill(
    examples=[
        "cancel the timer",
        "stop the timer",
        "cancel the [pasta](name) timer",
        "turn off my [laundry](name) timer",
        "delete the timer please",
        "never mind the timer",
        "forget about the [egg](name) timer",
        "please get rid of the [tea](name) timer",
        "remove the timer called [roast](name)",
        "kill the timer",
        "i don't need the timer anymore",
        "could you cancel the [ten minute](name) timer",
        "end the countdown",
        "scrap the [pizza](name) timer i just started",
        "cancel [all](name) timers",
        "stop counting down",
    ]
)
def cancel_timer(context: Context, *, name: str | None = None) -> str:
    """Stop a countdown for good."""
    with _open(context) as db:
        timers = _timers(db, _RUNNING, _PAUSED)
        ringing = _timers(db, _RINGING)
        if name is not None and means_all(name):
            db.execute("DELETE FROM timers")
            gone = timers + ringing
        else:
            gone = [_choose_to_cancel(timers, ringing, name, context)]
            db.execute("DELETE FROM timers WHERE id = ?", (gone[0].id,))
    if any(timer.state == _RINGING for timer in gone):
        context.stop()
    if not gone:
        raise SkillError("No timer is running.")
    if len(gone) > 1:
        return f"I cancelled all {len(gone)} timers."
    return f"The {gone[0].label} timer is cancelled."


@skill(
    examples=[
        "how much time is left",
        "how long is left on the timer",
        "check the timer",
        "how much longer on the [pasta](name) timer",
        "what's left on my [laundry](name) timer",
        "is the [egg](name) timer nearly done",
        "timer status",
        "what timers do i have",
        "are there any timers running",
        "how many minutes until the timer goes off",
        "when will the [roast](name) timer ring",
        "how long do the [cookies](name) still need",
        "tell me the remaining time please",
        "how much time does the [tea](name) timer have left",
        "could you check how long the [pizza](name) has left",
        "list my timers",
        "how are we doing on the timer",
    ]
)
def check_timer(context: Context, *, name: str | None = None) -> str:
    """Say how much time is left on a countdown."""
    with _open(context) as db:
        timers = _timers(db, _RUNNING, _PAUSED)
    if not timers:
        raise SkillError("No timer is running.")
    if name is not None and not means_all(name):
        timers = [_choose(timers, name, context)]
    parts = [_say_left(timer, context.now) for timer in timers]
    return f"{say_list(parts)}." if len(parts) == 1 else f"There are {len(parts)} timers: {say_list(parts)}."


@skill(
    examples=[
        "pause the timer",
        "hold the timer",
        "pause the [pasta](name) timer",
        "pause my [workout](name) timer please",
        "freeze the timer for a moment",
        "can you pause the timer called [roast](name)",
        "stop the [tea](name) timer for now",
        "halt the countdown",
        "put the [laundry](name) timer on hold",
        "suspend the timer",
        "wait pause that timer",
        "could you hold the [homework](name) timer for me",
    ]
)
def pause_timer(context: Context, *, name: str | None = None) -> str:
    """Hold a countdown where it is."""
    with _open(context) as db:
        running = _timers(db, _RUNNING)
        if not running:
            raise SkillError("No timer is running.")
        held = [(timer, timer.remaining(context.now)) for timer in _meant(running, name, context)]
        rows = [(_PAUSED, left.total_seconds(), timer.id) for timer, left in held]
        db.executemany("UPDATE timers SET state = ?, left_s = ? WHERE id = ?", rows)
    if len(held) > 1:
        return f"I paused all {len(held)} timers."
    ((timer, left),) = held
    return f"The {timer.label} timer is paused with {_say_rough(left)} left."


@skill(
    examples=[
        "resume the timer",
        "continue the timer",
        "resume the [pasta](name) timer",
        "unpause my [workout](name) timer",
        "start the timer again",
        "carry on with the [roast](name) timer",
        "please continue the timer called [laundry](name)",
        "let the [tea](name) timer go on",
        "unfreeze the timer",
        "pick the countdown back up",
        "restart the [homework](name) timer where it was paused",
        "keep the timer going",
        "okay you can resume the timer now",
    ]
)
def resume_timer(context: Context, *, name: str | None = None) -> str:
    """Let a held countdown go on."""
    with _open(context) as db:
        paused = _timers(db, _PAUSED)
        if not paused:
            raise SkillError("No timer is paused.")
        going = _meant(paused, name, context)
        rows = [(_RUNNING, context.now.timestamp() + timer.left_s, timer.id) for timer in going]
        db.executemany("UPDATE timers SET state = ?, ends_at = ? WHERE id = ?", rows)
    if len(going) > 1:
        return f"All {len(going)} timers go on."
    (timer,) = going
    return f"The {timer.label} timer goes on with {_say_rough(dt.timedelta(seconds=timer.left_s))} left."


@skill(
    examples=[
        "add [five minutes](duration) to the timer",
        "add [two more minutes](duration) to the [pasta](name) timer",
        "extend the timer by [ten minutes](duration)",
        "give the [pizza](name) [another three minutes](duration)",
        "give me [one more minute](duration) on the timer",
        "make the timer [thirty seconds](duration) longer",
        "please extend my [laundry](name) timer by [a quarter of an hour](duration)",
        "put [an extra hour](duration) on the [roast](name) timer",
        "the [cookies](name) timer needs [90 more seconds](duration)",
        "increase the timer by [15 minutes](duration)",
        "[five more minutes](duration) on the timer",
        "could you add [half an hour](duration) to the timer called [nap](name)",
        "lengthen the countdown by [20 seconds](duration)",
        "timer plus [two minutes](duration)",
    ]
)
def extend_timer(context: Context, *, duration: Duration, name: str | None = None) -> str:
    """Add time to a countdown."""
    more = duration.total_seconds()
    with _open(context) as db:
        timers = _timers(db, _RUNNING, _PAUSED)
        if not timers:
            raise SkillError("No timer is running; say how long a new one shall be.")
        longer = _meant(timers, name, context)
        rows = [(more, more, timer.id) for timer in longer]
        db.executemany("UPDATE timers SET ends_at = ends_at + ?, left_s = left_s + ? WHERE id = ?", rows)
    if len(longer) > 1:
        return f"I added {say_duration(duration)} to all {len(longer)} timers."
    (timer,) = longer
    left = timer.remaining(context.now) + duration
    return f"I added {say_duration(duration)}; the {timer.label} timer has {_say_rough(left)} left."


@due
def ring_timers(context: Context) -> list[Announcement]:
    """Announce the timers that have ended, each exactly once, even if two programs ask at the same time."""
    now = context.now.timestamp()
    with _open(context) as db:
        db.execute("DELETE FROM timers WHERE state = ? AND ends_at < ?", (_RINGING, now - RINGS_S))
        rows = db.execute(
            "UPDATE timers SET state = ? WHERE state = ? AND ends_at <= ? RETURNING *", (_RINGING, _RUNNING, now)
        ).fetchall()
    return [_announce(timer, context) for timer in sorted((Timer(*row) for row in rows), key=lambda t: t.ends_at)]


@names
def timer_names(context: Context) -> list[str]:
    """What the household calls its timers."""
    with _open(context) as db:
        return [name for (name,) in db.execute("SELECT DISTINCT name FROM timers WHERE name != ''")]


@on_stop
def silence_timers(context: Context) -> None:
    """Forget the timers that have rung."""
    with _open(context) as db:
        db.execute("DELETE FROM timers WHERE state = ?", (_RINGING,))


def _announce(timer: Timer, context: Context) -> Announcement:
    label = f"{timer.label} timer"
    if context.now.timestamp() - timer.ends_at <= LATE_S:
        return Announcement(f"Your {label} is done.", ring=True)
    ended = dt.datetime.fromtimestamp(timer.ends_at, context.now.tzinfo)
    day = "" if ended.date() == context.now.date() else f" {say_date(ended.date(), context.now)}"
    at = say_time(ended.time(), context.household.twelve_hour)
    return Announcement(f"While I was off, your {label} ended at {at}{day}.")


def _choose_to_cancel(timers: Sequence[Timer], ringing: Sequence[Timer], name: str | None, context: Context) -> Timer:
    """What rings is meant before what still runs."""
    if ringing and (name is None or _named(ringing, name, context)):
        return ringing[-1] if name is None else _named(ringing, name, context)[0]
    if not timers:
        raise SkillError("No timer is running.")
    return _choose(timers, name, context)


def _say_end(ends: dt.datetime, seconds: float, context: Context) -> str:
    """When a timer ends; "" for one so short that nobody would look at the clock."""
    if seconds < 120:
        return ""
    day = "" if ends.date() == context.now.date() else f" {say_date(ends.date(), context.now)}"
    return f", until {say_time(ends.time(), context.household.twelve_hour)}{day}"


def _say_rough(left: dt.timedelta) -> str:
    """Time left, to the second below an hour and to the minute above."""
    seconds = left.total_seconds()
    return say_duration(dt.timedelta(seconds=round(seconds / 60) * 60) if seconds >= 3600 else left)


def _say_left(timer: Timer, now: dt.datetime) -> str:
    paused = ", paused" if timer.state == _PAUSED else ""
    return f"{_say_rough(timer.remaining(now))} left on the {timer.label} timer{paused}"
