"""A day with a time: "tomorrow at noon", "friday evening", "in twenty minutes", "nine tomorrow morning"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from assistant.readers import english
from assistant.readers.dates import Found, Today, refuse_date, take_date, take_several_days
from assistant.readers.times import ClockTime, take_clock, take_from_now
from assistant.readers.words import Unreadable, Words
from assistant.skill import PartOfDay, Repeating

_USUAL = {part.name: part.usual for part in english.PARTS.values()}
_SPANS = {part.name: (part.start, part.end) for part in english.PARTS.values()}
_DAY_S = 86400
_SATURDAY = 5
_SMALL_HOURS = 6
"""Nobody wants to be reminded before ("tomorrow at three"), unless "in the morning" is said."""
_MORNING_HOUR = 9
"""When a day is said without a time ("remind me tomorrow")."""


def read_date(words: Words, today: Today) -> dt.date:
    """Read a day; a part of it that is said is not in the value. "Every monday" is a `Repeating`.

    Raises:
        Unreadable: no day was said, or several ("next week").
    """
    found = take_date(words, today)
    if found is None or not words.done:
        raise refuse_date(words)
    return Repeating.on(found.date, found.weekdays) if found.weekdays else found.date


def part_of_date(words: Words, today: Today) -> str:
    """The part of the day in the words of a day: the evening of "tomorrow evening"; "" if there is none."""
    found = take_date(words, today)
    return found.part if found is not None and words.done else ""


def rolls_over(words: Words, today: Today) -> bool:
    """Whether the day was said as a weekday alone, so that it is next week's where today's time has gone by."""
    found = take_date(words, today)
    return found is not None and found.next_week_too


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
    try:
        moment = read_when(Words(words.said, words.language), today)
    except Unreadable:
        raise refuse_date(words) from None
    hour = moment.hour
    return PartOfDay(moment.date(), hour, hour + 1, f"at {(hour + 11) % 12 + 1} {'AM' if hour < 12 else 'PM'}")


def _counts_hours(words: Words) -> bool:
    """Whether "in two hours" is said rather than "in two days"."""
    return any(english.SECONDS.get(word, _DAY_S) < _DAY_S for word in words.tokens)


def _as_part(found: Found, words: Words) -> PartOfDay:
    if not found.part:
        whole_weekend = words.tokens[-1].startswith("weekend") and found.date.weekday() == _SATURDAY
        return PartOfDay(found.date, days=2 if whole_weekend else 1)
    start, end = (english.TONIGHT.start, english.TONIGHT.end) if found.tonight else _SPANS[found.part]
    return PartOfDay(found.date, start, end, found.part)


def read_when(words: Words, today: Today) -> dt.datetime:
    """Read a moment to come, with the time zone of `today.now`.

    A time without am or pm is the next of its two; on a day to come it is that of the morning, but before six that of
    the afternoon. A part of a day is its usual hour; a day alone is nine o'clock.

    Raises:
        Unreadable: it cannot be read, it has gone by, or it comes again and again.
    """
    moment = take_from_now(words, today.now) if _counts_hours(words) else None
    if moment is not None and words.done:
        return moment.replace(microsecond=0)
    words.at = 0
    time = take_clock(words)
    if time is not None and words.done:
        return _next_time(time, today.now)
    for found, clock in _splits(words, today):
        return _settle(found, clock, today.now, words.said)
    words.at = 0
    if take_several_days(words, today) is not None and words.done:
        raise Unreadable(f'"{words.said}" is more than one day; say which day.')
    raise words.refuse("a day and a time")


def _splits(words: Words, today: Today) -> Iterator[tuple[Found, ClockTime | None]]:
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
    times = [clock.time]
    if clock.loose:
        times.append(clock.time.replace(hour=(clock.time.hour + 12) % 24))
    days = (now.date(), now.date() + dt.timedelta(days=1))
    return min(moment for moment in (_at(day, time, now) for day in days for time in times) if moment > now)


def _at(day: dt.date, time: dt.time, now: dt.datetime) -> dt.datetime:
    """That wall clock moment; one that a change to summer time skips is the moment the clock then shows."""
    wall = dt.datetime.combine(day, time, now.tzinfo)
    return wall.astimezone(dt.UTC).astimezone(now.tzinfo) if now.tzinfo is not None else wall


def _settle(found: Found, clock: ClockTime | None, now: dt.datetime, said: str) -> dt.datetime:
    if found.weekdays:
        raise Unreadable("I can remind you once, but not again and again. For which day shall it be?")
    if clock is None:
        if found.date == now.date() and not found.part:
            raise Unreadable("At what time today?")
        time = dt.time(_USUAL[found.part] if found.part else _MORNING_HOUR)
        moment = _at(found.date, time, now)
    else:
        moment = _at(found.date, clock.time, now)
        if clock.loose and (moment <= now or clock.time.hour < _SMALL_HOURS):
            moment = _at(found.date, clock.time.replace(hour=(clock.time.hour + 12) % 24), now)
        if found.part == "night" and clock.time.hour < 5:
            moment = _at(found.date + dt.timedelta(days=1), clock.time, now)
    if moment <= now and found.next_week_too:
        moment = _at(moment.date() + dt.timedelta(weeks=1), moment.time(), now)
    if moment <= now:
        raise Unreadable(f'"{said}" has gone by already. When shall it be?')
    return moment
