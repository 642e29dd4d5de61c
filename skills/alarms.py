"""Alarms at a time of day, and reminders of something to do."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from assistant.readers import say_date, say_list, say_time, say_weekdays
from assistant.skill import (
    Announcement,
    Ask,
    Context,
    Date,
    Repeating,
    SkillError,
    Time,
    When,
    due,
    on_stop,
    skill,
)

LATE_S = 90
"""Later than this, the program was not running when it was time."""
RINGS_S = 1800
"""An alarm that nobody stopped counts as ringing for this long."""

_WAITING, _RINGING = "waiting", "ringing"
_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS alarms (
        id INTEGER PRIMARY KEY,
        due_at REAL NOT NULL,
        clock TEXT NOT NULL,
        weekdays TEXT NOT NULL,
        state TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS reminders (
        id INTEGER PRIMARY KEY,
        due_at REAL NOT NULL,
        what TEXT NOT NULL
    ) STRICT
    """,
)
# due_at: seconds since 1970, UTC. clock: the time of day as said. weekdays: "" or digits, Monday is 0. An alarm that
# comes again is one waiting row; each ringing of it is a row of its own.


@dataclass(frozen=True, slots=True)
class Alarm:
    """A row of the table."""

    id: int
    due_at: float
    clock: str
    weekdays: str
    state: str

    @property
    def time(self) -> dt.time:
        """The time of day it rings."""
        return dt.time.fromisoformat(self.clock)

    def label(self, context: Context) -> str:
        """How it is spoken of: "7 AM tomorrow", "7 AM every weekday"."""
        time = say_time(self.time, context.household.twelve_hour)
        if self.weekdays:
            return f"{time} {say_weekdays(frozenset(map(int, self.weekdays)))}"
        return f"{time} {say_date(_wall(self.due_at, context).date(), context.now)}"


@contextmanager
def _open(context: Context) -> Iterator[sqlite3.Connection]:
    with context.database() as db:
        for table in _TABLES:
            db.execute(table)
        yield db


def _alarms(db: sqlite3.Connection, state: str) -> list[Alarm]:
    return [Alarm(*row) for row in db.execute("SELECT * FROM alarms WHERE state = ? ORDER BY due_at, id", (state,))]


def _wall(timestamp: float, context: Context) -> dt.datetime:
    return dt.datetime.fromtimestamp(timestamp, context.now.tzinfo)


def _next(time: dt.time, weekdays: frozenset[int], now: dt.datetime) -> dt.datetime:
    """The first moment after `now` that the clock shows this on one of these weekdays (Monday is 0)."""
    for days in range(9):
        day = now.date() + dt.timedelta(days=days)
        moment = dt.datetime.combine(day, time, now.tzinfo)
        if day.weekday() in weekdays and moment.timestamp() > now.timestamp():
            return moment
    raise ValueError("no weekday was given")


@skill(
    examples=[
        "set an alarm for [seven am](time)",
        "wake me up at [six thirty](time)",
        "wake me at [half past seven](time) [tomorrow](day)",
        "alarm at [7:15](time)",
        "set my alarm for [quarter to six](time)",
        "please set an alarm for [6 a.m.](time) [tomorrow morning](day)",
        "i need to get up at [five](time) on [monday](day)",
        "can you wake me up [tomorrow](day) at [eight](time)",
        "set an alarm for [noon](time)",
        "put an alarm on for [ten at night](time)",
        "[friday](day) alarm for [4 pm](time)",
        "make sure i'm up by [six forty five](time)",
        "i want an alarm [next tuesday](day) at [nine o'clock](time)",
        "alarm [eight thirty pm](time) [tonight](day)",
        "get me out of bed at [7](time)",
        "could you set an alarm for [twenty past five](time) please",
        "wake me up at [seven](time) [every weekday](day)",
        "set an alarm for [8 am](time) [every saturday](day)",
        "i have a flight wake me [the day after tomorrow](day) at [3:45 am](time)",
        "set an alarm for [midnight](time)",
        "schedule an alarm on [december third](day) for [11 a.m.](time)",
        "ring me at [two in the afternoon](time)",
        "new alarm [06:00](time)",
        "[seven o'clock](time) alarm please",
    ]
)
def set_alarm(context: Context, *, time: Time, day: Date | None = None) -> str:
    """Ring at a time of day, on a day or the next time it comes round."""
    weekdays = day.weekdays if isinstance(day, Repeating) else frozenset[int]()
    if day is None or weekdays:
        moment = _next(time, weekdays or frozenset(range(7)), context.now)
    else:
        moment = dt.datetime.combine(day, time, context.now.tzinfo)
        if moment.timestamp() <= context.now.timestamp():
            gone = f"{say_time(time, context.household.twelve_hour)} {say_date(day, context.now)}"
            raise SkillError(f"{gone[0].upper()}{gone[1:]} has gone by already.")
    alarm = Alarm(0, moment.timestamp(), time.isoformat(), "".join(map(str, sorted(weekdays))), _WAITING)
    with _open(context) as db:
        same = [a for a in _alarms(db, _WAITING) if (a.due_at, a.weekdays) == (alarm.due_at, alarm.weekdays)]
        if not same:
            db.execute(
                "INSERT INTO alarms (due_at, clock, weekdays, state) VALUES (?, ?, ?, ?)",
                (alarm.due_at, alarm.clock, alarm.weekdays, alarm.state),
            )
    already = "already " if same else ""
    return f"Your alarm is {already}set for {alarm.label(context)}."


@skill(
    examples=[
        "cancel my alarm",
        "delete the alarm",
        "cancel the [seven am](time) alarm",
        "turn off the alarm for [six thirty](time)",
        "remove my [half past eight](time) alarm please",
        "i don't need the alarm anymore",
        "please cancel tomorrow's alarm",
        "get rid of the alarm at [5:45](time)",
        "switch off my morning alarm",
        "forget the [nine o'clock](time) alarm",
        "kill the [7 pm](time) alarm",
        "no alarm tomorrow please",
        "could you clear my alarm for [quarter past six](time)",
        "disable the alarm",
        "don't wake me up tomorrow",
        "drop the [noon](time) alarm",
    ]
)
def cancel_alarm(context: Context, *, time: Time | None = None) -> str:
    """Take an alarm off again."""
    with _open(context) as db:
        ringing, waiting = _alarms(db, _RINGING), _alarms(db, _WAITING)
        if ringing and (time is None or not _at(waiting, time)):
            db.execute("DELETE FROM alarms WHERE state = ?", (_RINGING,))
            context.stop()
            return "The alarm is off."
        found = waiting if time is None else _at(waiting, time)
        if not found:
            raise SkillError(_none_of(waiting, context))
        if len(found) > 1:
            raise Ask(f"Which alarm: {say_list([alarm.label(context) for alarm in found], 'or')}?", "time")
        db.execute("DELETE FROM alarms WHERE id = ?", (found[0].id,))
    return f"The alarm for {found[0].label(context)} is cancelled."


@skill(
    examples=[
        "what alarms do i have",
        "list my alarms",
        "when is my alarm set for",
        "do i have any alarms",
        "show me my alarms please",
        "what time is my alarm",
        "is my alarm on",
        "tell me which alarms are set",
        "are any alarms set for tomorrow",
        "read out my alarms",
        "did you set the alarm",
        "when are you waking me up",
        "check my alarm settings",
        "alarm status",
        "what reminders do i have",
        "list my reminders",
        "when does my next alarm go off",
    ]
)
def list_alarms(context: Context) -> str:
    """Say which alarms and reminders are set."""
    with _open(context) as db:
        alarms = [alarm.label(context) for alarm in _alarms(db, _WAITING)]
        rows = db.execute("SELECT due_at, what FROM reminders ORDER BY due_at, id").fetchall()
    reminders = [f"{what} {_say_moment(_wall(due_at, context), context)}" for due_at, what in rows]
    if not alarms and not reminders:
        return "No alarm is set, and no reminder."
    parts = []
    if alarms:
        parts.append(f"You have {_count(alarms, 'alarm')}: {say_list(alarms)}.")
    if reminders:
        parts.append(f"You have {_count(reminders, 'reminder')}: {say_list(reminders)}.")
    return " ".join(parts)


@skill(
    examples=[
        "remind me to [call mum](what) at [six](when)",
        "remind me to [take out the trash](what)",
        "remind me [tomorrow](when) to [water the plants](what)",
        "[in twenty minutes](when) remind me to [check the oven](what)",
        "set a reminder to [pay the rent](what) on [friday](when)",
        "remind me about [the dentist](what) at [half past two](when)",
        "please remind me to [buy flowers](what) [next friday at noon](when)",
        "don't let me forget to [feed the cat](what) [tonight](when)",
        "make a reminder for [the meeting with sam](what) [tomorrow at 9 am](when)",
        "can you remind me that [the car needs petrol](what) [tomorrow morning](when)",
        "i need a reminder to [take my pills](what) at [eight pm](when)",
        "reminder [pick up the kids](what) at [3:15](when)",
        "remind me on [monday at ten](when) to [send the report](what)",
        "remind me to [lock the back door](what)",
        "tell me to [stretch](what) [in an hour](when)",
        "remind me [this weekend](when) to [clean the gutters](what)",
        "would you remind me [the day after tomorrow](when) about [my library books](what)",
        "remind me to [book a table](what) [in two weeks](when)",
        "set a reminder for [grandma's birthday](what) on [may 3rd](when)",
        "nudge me about [the washing machine](what) [in half an hour](when)",
        "remind me on [the fifth at four pm](when) to [renew my passport](what)",
        "remember to tell me [friday evening](when) that [the game is on](what)",
    ]
)
def remind(context: Context, *, what: str, when: When | None = None) -> str:
    """Say something to the household at a later time."""
    thing = _turned(what)
    if when is None:
        raise Ask(f"When shall I remind you: {thing}?", "when")
    if when.timestamp() <= context.now.timestamp():
        raise SkillError("That moment has gone by already.")
    with _open(context) as db:
        db.execute("INSERT INTO reminders (due_at, what) VALUES (?, ?)", (when.timestamp(), thing))
    return f"I will remind you {_say_moment(_wall(when.timestamp(), context), context)}: {thing}."


@due
def ring_alarms(context: Context) -> list[Announcement]:
    """Announce alarms and reminders whose time has come, each exactly once, even if two programs ask at once."""
    now = context.now.timestamp()
    with _open(context) as db:
        db.execute("DELETE FROM alarms WHERE state = ? AND due_at < ?", (_RINGING, now - RINGS_S))
        alarms = [alarm for alarm in _alarms(db, _WAITING) if alarm.due_at <= now]
        for alarm in alarms:
            _ring(db, alarm, context)
        reminders = db.execute("DELETE FROM reminders WHERE due_at <= ? RETURNING due_at, what", (now,)).fetchall()
    announcements = [_announce_alarm(alarm, context) for alarm in alarms]
    return announcements + [_announce_reminder(due_at, what, context) for due_at, what in sorted(reminders)]


@on_stop
def silence_alarms(context: Context) -> None:
    """Forget the alarms that are ringing; those that come again keep waiting."""
    with _open(context) as db:
        db.execute("DELETE FROM alarms WHERE state = ?", (_RINGING,))


def _ring(db: sqlite3.Connection, alarm: Alarm, context: Context) -> None:
    """Note that an alarm rings now; one that comes again waits for its next day."""
    if not alarm.weekdays:
        db.execute("UPDATE alarms SET state = ? WHERE id = ?", (_RINGING, alarm.id))
        return
    following = _next(alarm.time, frozenset(map(int, alarm.weekdays)), context.now)
    db.execute("UPDATE alarms SET due_at = ? WHERE id = ?", (following.timestamp(), alarm.id))
    db.execute(
        "INSERT INTO alarms (due_at, clock, weekdays, state) VALUES (?, ?, ?, ?)",
        (alarm.due_at, alarm.clock, "", _RINGING),
    )


def _announce_alarm(alarm: Alarm, context: Context) -> Announcement:
    moment = _wall(alarm.due_at, context)
    time = say_time(moment.time(), context.household.twelve_hour)
    if context.now.timestamp() - alarm.due_at <= LATE_S:
        return Announcement(f"It is {time}. This is your alarm.", ring=True)
    return Announcement(f"While I was off, your alarm was due {_say_moment(moment, context)}.")


def _announce_reminder(due_at: float, what: str, context: Context) -> Announcement:
    if context.now.timestamp() - due_at <= LATE_S:
        return Announcement(f"A reminder: {what}.")
    return Announcement(
        f"While I was off, this reminder was due {_say_moment(_wall(due_at, context), context)}: {what}."
    )


def _at(alarms: Sequence[Alarm], time: dt.time) -> list[Alarm]:
    """The alarms at this time; if there are none, those at the same time of the other half of the day."""
    other = time.replace(hour=(time.hour + 12) % 24)
    return [alarm for alarm in alarms if alarm.time == time] or [alarm for alarm in alarms if alarm.time == other]


def _none_of(waiting: Sequence[Alarm], context: Context) -> str:
    if not waiting:
        return "No alarm is set."
    return f"There is no such alarm; there is {say_list([alarm.label(context) for alarm in waiting])}."


def _say_moment(moment: dt.datetime, context: Context) -> str:
    day = say_date(moment.date(), context.now)
    return f"{day} at {say_time(moment.time(), context.household.twelve_hour)}"


def _count(items: Sequence[str], what: str) -> str:
    return f"{len(items)} {what}{'' if len(items) == 1 else 's'}"


_TURNED = {
    "i": "you",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "i'm": "you're",
    "i've": "you've",
    "i'll": "you'll",
    "i'd": "you'd",
    "am": "are",
}


def _turned(what: str) -> str:
    """What the household said of itself, said back to it: "take my pills" -> "take your pills"."""
    return re.sub(r"[\w']+", lambda word: _TURNED.get(word[0].lower(), word[0]), what)
