"""A day with a time: "tomorrow at noon", "friday evening", "in twenty minutes", "nine tomorrow morning"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from assistant.readers import english, others
from assistant.readers.dates import Found, Today, refuse_date, take_date
from assistant.readers.several import take_several_days
from assistant.readers.times import ClockTime, take_clock, take_from_now
from assistant.readers.words import Unreadable, Unsettled, Words
from assistant.skill import PartOfDay, Repeating

USUAL = {part.name: part.usual for part in english.PARTS.values()}
SPANS = {part.name: (part.start, part.end) for part in english.PARTS.values()}
_DAY_S = 86400
_SATURDAY = 5
SMALL_HOURS = 6
"""Nobody wants to be reminded before ("tomorrow at three"), unless "in the morning" is said."""
_MORNING_HOUR = 9
"""When a day is said without a time ("remind me tomorrow")."""
_LATE = ("evening", "night")
_NIGHT_ENDS = 5
"""Before this hour, the time of a night is that of the next day ("friday night at one")."""


def read_date(words: Words, today: Today, time: dt.time | None = None) -> dt.date:
    """Read a day; a part of it that is said is not in the value. "Every monday" is a `Repeating`.

    Args:
        time: what was said beside the day, which then is the one on which this time comes.
    Raises:
        Unreadable: no day was said, or several ("next week").
    """
    found = take_date(words, today)
    if found is None or not words.done:
        raise refuse_date(words)
    later = days_later(found, time, today.now) if time is not None else 0
    date = found.date + dt.timedelta(days=later)
    if found.weekdays:
        return Repeating.on(date, frozenset((weekday + later) % 7 for weekday in found.weekdays))
    return date


def part_of_date(words: Words, today: Today) -> str:
    """The part of the day in the words of a day: the evening of "tomorrow evening"; "" if there is none."""
    found = take_date(words, today)
    return found.part if found is not None and words.done else ""


def days_later(found: Found, time: dt.time, now: dt.datetime) -> int:
    """How many days after the day that was said its time comes.

    The small hours of a night are the next day's, and so is the midnight of today or of an eve. A weekday alone whose
    time has gone by is next week's.
    """
    today = found.date == now.date()
    to_come = today and time > now.time()
    of_this_night = found.tonight and not found.next_week_too and to_come  # "tonight at two", said at one
    if found.part in _LATE and time.hour < _NIGHT_ENDS and not of_this_night:
        return 1
    if found.weekdays:
        return 0
    if found.next_week_too:
        return 7 if today and not to_come else 0
    return int(time == dt.time() and not found.part and (today or found.eve))


def read_day(words: Words, today: Today) -> PartOfDay:
    """Read a day, a part of one, or days in a row; an hour ("tomorrow at 3 pm") is a part one hour long.

    Raises:
        Unreadable: no day was said, or days that come again and again.
    """
    if words.take_phrase("right now") or words.take("now") or words.take_phrase("at the moment"):
        if words.done:
            return PartOfDay(today.date)
        words.at = 0
    found = take_date(words, today)
    if found is not None and words.done and not found.weekdays and not _counts_hours(words):
        return _as_part(found, words)
    words.at = 0
    several = take_several_days(words, today)
    if several is not None and words.done:
        return PartOfDay(several[0], days=several[1])
    if found is not None and found.weekdays:
        raise Unreadable(f'"{words.said}" is more than one day; say which day.')
    moment = _hour(words, today) or _hour(words, replace(today, now=today.now.replace(hour=0, minute=0)))
    if moment is None:
        raise refuse_date(words)
    hour = moment.hour
    return PartOfDay(moment.date(), hour, hour + 1, f"at {(hour + 11) % 12 + 1} {'AM' if hour < 12 else 'PM'}")


def _hour(words: Words, today: Today) -> dt.datetime | None:
    """The moment that is said; one of today that has gone by is none, unless today has just begun."""
    try:
        return read_when(Words(words.said, words.language), today)
    except Unreadable:
        return None


def _counts_hours(words: Words) -> bool:
    """Whether "in two hours" is said rather than "in two days"."""
    table = others.SECONDS.get(words.language, english.SECONDS)
    return any(table.get(word, _DAY_S) < _DAY_S for word in words.tokens)


def _as_part(found: Found, words: Words) -> PartOfDay:
    if not found.part:
        whole_weekend = words.tokens[-1].startswith("weekend") and found.date.weekday() == _SATURDAY
        return PartOfDay(found.date, days=2 if whole_weekend else 1)
    start, end = (english.TONIGHT.start, english.TONIGHT.end) if found.tonight else SPANS[found.part]
    return PartOfDay(found.date, start, end, found.part)


def read_when(words: Words, today: Today) -> dt.datetime:
    """Read a moment to come, with the time zone of `today.now`.

    A time without am or pm is the next of its two; on a day to come it is that of the morning, but before six that of
    the afternoon. A part of a day is its usual hour, which is asked for once that has gone by; a day alone is nine
    o'clock.

    Raises:
        Unreadable: it cannot be read, or it comes again and again.
        Unsettled: it has gone by, or only its day is said and a time is wanted.
    """
    moment = take_from_now(words, today.now) if _counts_hours(words) else None
    if moment is not None and words.done:
        return moment.replace(microsecond=0)
    words.at = 0
    time = take_clock(words)
    if time is not None and words.done:
        part = time.part_of_today
        if part:
            return _settle(Found(today.date, part, tonight=part == "night"), time, today.now, words.said)
        return _next_time(time, today.now)
    for found, clock in splits(words, today):
        return _settle(found, clock, today.now, words.said)
    words.at = 0
    if take_several_days(words, today) is not None and words.done:
        raise Unreadable(f'"{words.said}" is more than one day; say which day.')
    raise words.refuse("a day and a time")


def splits(words: Words, today: Today) -> Iterator[tuple[Found, ClockTime | None]]:
    """The ways to read the words as a day and a time, in either order, the longest day first."""
    words.at = 0
    found = take_date(words, today)
    if found is not None and words.done:
        yield found, None
    tokens, count = words.tokens, len(words.tokens)
    for cut in range(count - 1, 0, -1):
        found = _whole_date(tokens[:cut], words, today)
        clock = _whole_clock(tokens[cut:], words, found.part) if found is not None else None
        if found is not None and clock is not None:
            yield found, clock
    for cut in range(1, count):
        found = _whole_date(tokens[cut:], words, today)
        clock = _whole_clock(tokens[:cut], words, found.part) if found is not None else None
        if found is not None and clock is not None:
            yield found, clock


def _part_of(tokens: list[str], whole: Words) -> Words:
    words = Words(" ".join(tokens), whole.language)
    while words.tokens[-1:] and words.tokens[-1] in english.PREPOSITIONS:
        words.tokens.pop()
    return words


def _whole_date(tokens: list[str], whole: Words, today: Today) -> Found | None:
    words = _part_of(tokens, whole)
    found = take_date(words, today) if words.tokens else None
    return found if words.done else None


def _whole_clock(tokens: list[str], whole: Words, part: str) -> ClockTime | None:
    words = _part_of(tokens, whole)
    clock = take_clock(words, part) if words.tokens else None
    return clock if words.done else None


def _next_time(clock: ClockTime, now: dt.datetime) -> dt.datetime:
    """The next moment a clock shows this, among both halves of the day where the half was not said."""
    days = (now.date(), now.date() + dt.timedelta(days=1))
    moments = (wall_clock(day, time, now) for day in days for time in clock.halves)
    return min(moment for moment in moments if moment > now)


def wall_clock(day: dt.date, time: dt.time, now: dt.datetime) -> dt.datetime:
    """That wall clock moment; one that a change to summer time skips is the moment the clock then shows."""
    wall = dt.datetime.combine(day, time, now.tzinfo)
    return wall.astimezone(dt.UTC).astimezone(now.tzinfo) if now.tzinfo is not None else wall


def _settle(found: Found, clock: ClockTime | None, now: dt.datetime, said: str) -> dt.datetime:
    if found.weekdays:
        raise Unreadable("I can remind you once, but not again and again. For which day shall it be?")
    if clock is None:
        if found.date == now.date() and not found.part:
            raise Unsettled("At what time today?")
        time = dt.time(USUAL[found.part] if found.part else _MORNING_HOUR)
        not_over = found.date == now.date() and not found.next_week_too and now.hour < SPANS[found.part][1]
        if not_over and time <= now.time():
            raise Unsettled("At what time?")
    else:
        time = clock.time
        if clock.loose and (wall_clock(found.date, time, now) <= now or time.hour < SMALL_HOURS):
            time = clock.halves[1]
    moment = wall_clock(found.date + dt.timedelta(days=days_later(found, time, now)), time, now)
    if moment <= now:
        raise Unsettled(f'"{said}" has gone by already. When shall it be?')
    return moment
