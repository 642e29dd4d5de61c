"""A moment that has gone by: "an hour ago", "last night", "yesterday at six", "at eight this morning", "on monday"."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from assistant.readers import english
from assistant.readers.dates import Found, Today, take_several_days
from assistant.readers.durations import as_timedelta, take_seconds
from assistant.readers.moments import SMALL_HOURS, SPANS, USUAL, days_later, splits, wall_clock
from assistant.readers.times import ClockTime, take_clock, take_from_now
from assistant.readers.words import Unreadable, Unsettled, Words

_NOW = ("just now", "right now", "now", "a moment ago", "just a moment ago", "today", "earlier today", "earlier")
_NOON = 12
"""The hour of a day that is said without a time."""


def read_past(words: Words, today: Today) -> dt.datetime:
    """Read a moment that is over, with the time zone of `today.now`; `read_when` reads those to come.

    A time without am or pm is the last of its two, a weekday the last one before today, a day of a month that of the
    last twelve months. A part of a day is its usual hour, a day alone its noon; of today, neither is after now.

    Raises:
        Unreadable: it cannot be read, it has not come yet, or it comes again and again.
    """
    now = today.now.replace(microsecond=0)
    for phrase in _NOW:
        if words.take_phrase(phrase) and words.done:
            return now
        words.at = 0
    ago = _take_ago(words, now)
    if ago is not None and words.done:
        return ago
    words.at = 0
    clock = take_clock(words)
    if clock is not None and words.done:
        part = clock.part_of_today
        if part:
            return _settle(Found(now.date(), part, tonight=part == "night"), clock, now, words)
        return _last_time(clock, now)
    if take_from_now(words, now) is not None and words.done:  # "in two hours"
        raise words.refuse("a moment that has gone by")
    # What is said of today is today's, whether its hour is over or not: "in the morning" is no more tomorrow's.
    for found, said in splits(words, replace(today, now=now.replace(hour=0, minute=0, second=0))):
        return _settle(found, said, now, words)
    words.at = 0
    if take_several_days(words, today) is not None and words.done:
        raise Unreadable(f'"{words.said}" is more than one day; say which day.')
    raise words.refuse("a moment that has gone by")


def _take_ago(words: Words, now: dt.datetime) -> dt.datetime | None:
    """Step over "twenty minutes ago", counted in real seconds."""
    words.skip(english.FILLERS)
    seconds = take_seconds(words)
    if seconds is None or not words.take("ago"):
        return None
    return (now.astimezone(dt.UTC) - as_timedelta(seconds)).astimezone(now.tzinfo)


def _last_time(clock: ClockTime, now: dt.datetime) -> dt.datetime:
    """The last moment at which a clock showed this, among both halves of the day where the half was not said."""
    days = (now.date(), now.date() - dt.timedelta(days=1))
    return max(
        moment for moment in (wall_clock(day, time, now) for day in days for time in _halves(clock)) if moment <= now
    )


def _halves(clock: ClockTime) -> list[dt.time]:
    other = clock.time.replace(hour=(clock.time.hour + 12) % 24)
    return [clock.time, other] if clock.loose else [clock.time]


def _settle(found: Found, clock: ClockTime | None, now: dt.datetime, words: Words) -> dt.datetime:
    if found.weekdays:
        raise Unreadable(f'"{words.said}" is more than one day; say which day.')
    date = found.date
    if found.next_week_too:
        date -= dt.timedelta(weeks=1)
    elif date > now.date() and any(token in english.MONTHS for token in words.tokens):
        date = date.replace(year=date.year - 1)
    moments = _moments(replace(found, date=date, next_week_too=False), clock, now)
    over = [moment for moment in moments if moment <= now]
    if over:
        return over[-1]
    started = date == now.date() and clock is None and (not found.part or SPANS[found.part][0] <= now.hour)
    if started:
        return now
    raise Unsettled(f'"{words.said}" has not come yet. When was it?')


def _moments(found: Found, clock: ClockTime | None, now: dt.datetime) -> list[dt.datetime]:
    """What may be meant, the likeliest last."""
    if clock is None:
        times = [dt.time(USUAL[found.part] if found.part else _NOON)]
    elif found.date == now.date():
        times = sorted(_halves(clock))
    else:
        times = _halves(clock)[1:] if clock.loose and clock.time.hour < SMALL_HOURS else [clock.time]
    return [_night(found, time, now) for time in times]


def _night(found: Found, time: dt.time, now: dt.datetime) -> dt.datetime:
    """The small hours of last night are today's, but for those that are still to come."""
    moment = wall_clock(found.date + dt.timedelta(days=days_later(found, time, now)), time, now)
    return moment if moment <= now else wall_clock(found.date, time, now)
