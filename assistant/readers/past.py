"""A moment that has gone by: "an hour ago", "last night", "yesterday at six", "at eight this morning", "on monday"."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from assistant.readers import english
from assistant.readers.dates import Found, Today
from assistant.readers.durations import as_timedelta, take_seconds
from assistant.readers.moments import SMALL_HOURS, SPANS, USUAL, days_later, splits, wall_clock
from assistant.readers.several import take_several_days
from assistant.readers.times import ClockTime, take_clock, take_from_now
from assistant.readers.words import Unreadable, Unsettled, Words

Said = tuple[Found, ClockTime | None]
_NOW = ("just now", "right now", "now", "a moment ago", "just a moment ago", "today", "earlier today", "earlier")
_NOON = 12
"""The hour of a day that is said without a time."""
_AHEAD = frozenset(("next", "coming", "tomorrow", "week", "weeks"))
"""What is said with these does not come every year or every week."""
_OF_TODAY = frozenset(("this", "tonight", "tonight's", "tonights", "today", "today's"))
_DAY_S, _YEAR_D = 86_400, 366


def read_past(words: Words, today: Today) -> dt.datetime:
    """Read a moment that is over, with the time zone of `today.now`; `read_when` reads those to come.

    A time without am or pm is the last of its two, a weekday the last one before today, a day of a month or a holiday
    the last one up to today. A part of a day is its usual hour, a day alone its noon; of today, neither is after now.

    Raises:
        Unreadable: it cannot be read, or it comes again and again.
        Unsettled: it has not come yet.
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
    if words.take("earlier"):
        words = Words(" ".join(words.tokens[1:]), words.language)
    clock = take_clock(words)
    if clock is not None and words.done:
        part = clock.part_of_today
        if part:
            return _settle((Found(now.date(), part, tonight=part == "night"), clock), now, words)
        return _last_time(clock, now)
    if take_from_now(words, now) is not None and words.done:  # "in two hours"
        raise words.refuse("a moment that has gone by")
    said = _last_said(words, today)
    if said is not None:
        return _settle(said, now, words)
    words.at = 0
    if take_several_days(words, today) is not None and words.done:
        raise Unreadable(f'"{words.said}" is more than one day; say which day.')
    raise words.refuse("a moment that has gone by")


def _take_ago(words: Words, now: dt.datetime) -> dt.datetime | None:
    """Step over "twenty minutes ago", counted in real seconds; days and weeks are those of the calendar."""
    words.skip(english.FILLERS)
    seconds = take_seconds(words)
    if seconds is None or not words.take("ago"):
        return None
    if seconds % _DAY_S == 0 and not any(token.startswith("hour") for token in words.tokens):
        return wall_clock(now.date() - as_timedelta(seconds), now.time(), now)
    return (now.astimezone(dt.UTC) - as_timedelta(seconds)).astimezone(now.tzinfo)


def _last_time(clock: ClockTime, now: dt.datetime) -> dt.datetime:
    """The last moment at which a clock showed this, among both halves of the day where the half was not said."""
    days = (now.date(), now.date() - dt.timedelta(days=1))
    moments = (wall_clock(day, time, now) for day in days for time in clock.halves)
    return max(moment for moment in moments if moment <= now)


def _last_said(words: Words, today: Today) -> Said | None:
    """A day and the time said with it; of days that come again, the last one up to today."""
    first = _said(words, today, 0) or _said(words, today, _YEAR_D - 1)
    if first is None:
        return None
    limit = today.date - dt.timedelta(days=int(first[0].next_week_too and first[0].date == today.date))
    if first[0].date <= limit or not _AHEAD.isdisjoint(words.tokens):
        return first
    later = _said(words, today, 1)
    if later is not None and limit < later[0].date < first[0].date:  # counted from today: "in three days"
        return first

    def over(days: int) -> bool:
        found = _said(words, today, days)
        return found is not None and found[0].date <= limit

    # What comes next, seen from further and further back, comes earlier and earlier.
    near, far = 0, _YEAR_D
    if not over(far):
        return first
    while far - near > 1:
        middle = (near + far) // 2
        near, far = (near, middle) if over(middle) else (middle, far)
    return _said(words, today, far)


def _said(words: Words, today: Today, days: int) -> Said | None:
    """What the words are so many days before today, at the day's beginning: then no part of it is over."""
    then = today.now.replace(hour=0, minute=0, second=0, microsecond=0) - dt.timedelta(days=days)
    return next(splits(words, replace(today, now=then)), None)


def _settle(said: Said, now: dt.datetime, words: Words) -> dt.datetime:
    found, clock = said
    if found.weekdays:
        raise Unreadable(f'"{words.said}" is more than one day; say which day.')
    begins = english.TONIGHT.start if found.tonight else SPANS[found.part][0] if found.part else 0
    of_today = found.date == now.date()
    if of_today and found.part and now.hour < begins and _OF_TODAY.isdisjoint(words.tokens):  # "in the night"
        found, of_today = replace(found, date=found.date - dt.timedelta(days=1), tonight=False), False
    over = [moment for moment in _moments(found, clock, now) if moment <= now]
    if over:
        return over[-1]
    if of_today and clock is None and begins <= now.hour:
        return now
    raise Unsettled(f'"{words.said}" has not come yet. When was it?')


def _moments(found: Found, clock: ClockTime | None, now: dt.datetime) -> list[dt.datetime]:
    """What may be meant, the likeliest last."""
    found = replace(found, next_week_too=False)
    if clock is None:
        times = [dt.time(USUAL[found.part] if found.part else _NOON)]
    elif found.date == now.date():
        times = sorted(clock.halves)
    else:
        times = [clock.halves[-1] if clock.time.hour < SMALL_HOURS else clock.time]
    return [_night(found, time, now) for time in times]


def _night(found: Found, time: dt.time, now: dt.datetime) -> dt.datetime:
    """The small hours of last night are today's, but for those that are still to come."""
    moment = wall_clock(found.date + dt.timedelta(days=days_later(found, time, now)), time, now)
    return moment if moment <= now else wall_clock(found.date, time, now)
