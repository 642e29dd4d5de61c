"""Times of day: "half past seven", "quarter to six pm", "7:30", "oh six hundred", "noon", "eight tonight"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.readers import english, others
from assistant.readers.durations import as_timedelta, take_seconds
from assistant.readers.numbers import take_cardinal, take_fraction, take_number
from assistant.readers.words import Unreadable, Words

_WRITTEN = re.compile(r"(\d{1,2})[:.]([0-5]\d)(?::([0-5]\d))?")
_COMPACT = re.compile(r"(\d{1,2})([0-5]\d)")
_AFTER_HOUR = ("past", "after")
_BEFORE_HOUR = ("to", "before", "till", "until", "of")
_EARLIEST = {"afternoon": 12, "evening": 16, "night": 17, "noon": 12}
"""Part of the day -> from this hour on, a 24-hour time lies in it."""


@dataclass(frozen=True, slots=True)
class ClockTime:
    """A time of day as said. `loose`: the other half of the day is possible ("seven" may be the evening's)."""

    time: dt.time
    loose: bool = False
    part_of_today: str = ""
    """The part of today that was said with it ("tonight at seven", "seven this evening"), or ""."""

    @property
    def halves(self) -> tuple[dt.time, ...]:
        """The time, and that of the other half of the day where it may be meant."""
        other = self.time.replace(hour=(self.time.hour + 12) % 24)
        return (self.time, other) if self.loose else (self.time,)


@dataclass(frozen=True, slots=True)
class _Face:
    """What the hands show, before "pm" or "in the evening" is counted in."""

    hour: int
    minute: int = 0
    second: int = 0
    exact: bool = False
    """True for noon, 06:30, and the like: no half of the day can be added."""


def read_time(words: Words, now: dt.datetime, part: str = "") -> dt.time:
    """Read a time of day; one without am or pm is read on the 24-hour clock, and "in ten minutes" from now.

    Args:
        part: a part of the day said elsewhere ("tomorrow evening"): morning, afternoon, evening, night or "".
    Raises:
        Unreadable: no time was said, or one that no clock shows ("twenty five o'clock").
    """
    if words.take_phrase("right now") or (words.peek() == "now" and words.take("now")):
        if words.done:
            return now.time().replace(microsecond=0)
        raise words.refuse("a time")
    clock = take_clock(words, part)
    if clock is not None and words.done:
        return clock.time
    moment = take_from_now(words, now)
    if moment is not None and words.done and moment - now < dt.timedelta(days=1):
        return moment.timetz().replace(microsecond=0, tzinfo=None)
    if any(word in english.NOT_ON_A_CLOCK for word in words.tokens):
        raise Unreadable(f'I don\'t know what time "{words.said}" is; say it in hours.')
    raise words.refuse("a time")


def take_from_now(words: Words, now: dt.datetime) -> dt.datetime | None:
    """Step over "in twenty minutes" or "an hour from now", from the first word on; counted in real seconds.

    English may leave out both ("twenty minutes"); elsewhere that may be a time of day ("sept heures").
    """
    words.at = 0
    words.skip(english.FILLERS)
    counted = take_in(words) or bool(words.take("after"))
    words.skip(english.FILLERS)
    seconds = take_seconds(words)
    if seconds is None:
        return None
    if words.take_phrase("from now") or words.take("later") or words.take_phrase("from this moment"):
        counted = True
    else:
        words.take("time")
    if not counted and words.language != "en":
        return None
    return (now.astimezone(dt.UTC) + as_timedelta(seconds)).astimezone(now.tzinfo)


def take_in(words: Words) -> bool:
    """Step over the "in" of "in twenty minutes", in the language that is spoken."""
    return any(words.take_phrase(phrase) for phrase in ("in", *others.IN.get(words.language, ())))


def take_clock(words: Words, part: str = "") -> ClockTime | None:
    """Step over a time of day from here on; None (and no step) if there is none."""
    start = words.at
    words.skip(english.PREPOSITIONS | english.FILLERS)
    leading = _take_part(words) if not part else ""
    words.skip(english.PREPOSITIONS)
    face = _take_relative(words) or _take_named(words) or _take_written(words) or _take_spoken(words)
    if face is None:
        words.at = start
        return None
    words.take("o'clock")
    if not _is_length(face, words.tokens[start : words.at]):
        words.take("hours")
    meridiem = words.take("am", "pm")
    words.take("sharp")
    said_part = _take_part(words) or leading or part
    clock = _settle(face, meridiem, said_part)
    if clock is None:
        words.at = start
    elif any(word in ("tonight", "this") for word in words.tokens[start : words.at]):
        return replace(clock, part_of_today=said_part)
    return clock


def _is_length(face: _Face, said: Sequence[str]) -> bool:
    """Whether hours after these words are a length ("eight hours"), no time ("eight hundred hours", "0800 hours")."""
    written = any(word[0].isdigit() and len(word) > 2 for word in said)
    return not (face.exact or face.minute or written or "hundred" in said)


def _take_part(words: Words) -> str:
    """Step over "in the evening", "at night", "tonight", "this morning"; its name, or ""."""
    start = words.at
    if words.take("tonight"):
        return "night"
    words.take("in", "at", "this", "during")
    words.take("the")
    name = words.take_in(english.PARTS)
    if name and english.PARTS[name].name != "noon":
        return english.PARTS[name].name
    words.at = start
    return ""


def _take_relative(words: Words) -> _Face | None:
    """ "half past seven", "quarter to six", "twenty minutes past five", British "half seven"."""
    start = words.at
    minutes = _take_minutes(words)
    if minutes is not None:
        after = bool(words.take(*_AFTER_HOUR))
        before = not after and bool(words.take(*_BEFORE_HOUR))
        british = minutes == 30 and not after and not before and words.peek(-1) == "half"
        face = _take_hour(words) if after or before or british else None
        if face is not None:
            total = (face.hour * 60 + (-minutes if before else minutes)) % 1440
            hour = 12 if total // 60 == 0 and not face.exact else total // 60
            return _Face(hour, total % 60, 0, face.exact)
    words.at = start
    return None


def _take_minutes(words: Words) -> int | None:
    """The minutes before "past" or "to"."""
    fraction = take_fraction(words, slash=False)
    if fraction is not None:
        return int(fraction * 60) if (fraction * 60).denominator == 1 else None
    number = take_number(words)
    words.take("minutes", "minute", "mins", "min")
    if number is None or number.denominator != 1 or not 0 < number < 60:
        return None
    return int(number)


def _take_hour(words: Words) -> _Face | None:
    """The hour after "past" or "to"."""
    named = _take_named(words)
    if named is not None:
        return named
    number = take_number(words)
    if number is None or number.denominator != 1 or not 0 <= number < 24:
        return None
    return _Face(int(number), exact=number == 0 or number > 12)


def _take_named(words: Words) -> _Face | None:
    words.take("twelve", "12") if words.peek(1) in ("noon", "midday", "midnight") else None
    if words.take("noon", "midday"):
        return _Face(12, exact=True)
    if words.take("midnight"):
        return _Face(0, exact=True)
    return None


def _take_written(words: Words) -> _Face | None:
    """7:30, 07:30:15, 7.30, 0730, 7h30."""
    token = words.peek()
    match = _WRITTEN.fullmatch(token) or (_COMPACT.fullmatch(token) if 3 <= len(token) <= 4 else None)
    if match is not None:
        hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0) if match.re is _WRITTEN else 0
        if hour > 24:
            return None
        words.at += 1
        return _Face(hour, minute, second, exact=match[1].startswith("0"))
    if not (token.isascii() and token.isdigit() and len(token) <= 2):
        return None
    words.at += 1
    minute = 0
    words.take("h")
    if re.fullmatch(r"[0-5]\d", words.peek(), re.ASCII):
        minute = int(words.peek())
        words.at += 1
    return _Face(int(token), minute, exact=token.startswith("0"))


def _take_spoken(words: Words) -> _Face | None:
    """ "seven", "seven thirty", "seven oh five", "oh six hundred", "eight hundred", "five hundred and thirty"."""
    start = words.at
    military = bool(words.take("oh", "o", "zero"))
    none = military and words.peek() == "hundred"  # "zero hundred hours": no hundreds, where text2num reads one
    hour = take_cardinal(words)
    if hour is None and military and words.tokens[start] == "zero":
        hour = 0
    if hour is None:
        words.at = start
        return None
    if hour >= 100:  # what a recognizer makes of "six hundred", and of 5:30 read as one number
        return _Face(hour // 100 - none, hour % 100, exact=military)
    minute = _take_spoken_minutes(words)
    return _Face(hour, minute, exact=military or hour == 0)


def _take_spoken_minutes(words: Words) -> int:
    start = words.at
    zero = words.take("oh", "o", "zero")
    minute = take_cardinal(words)
    follows = words.peek()
    if minute is not None and (minute < 10 if zero else 10 <= minute < 60) and follows not in ("minutes", "minute"):
        return minute
    words.at = start
    return 0


def _settle(face: _Face, meridiem: str, part: str) -> ClockTime | None:
    """Count in "pm" and "in the evening"; None for a time that no clock shows."""
    hour = face.hour
    if meridiem:
        on_half = hour % 12 + (12 if meridiem == "pm" else 0)
        if face.exact and hour in (0, 12) and face.minute == 0:
            on_half = hour  # "12 noon pm" adds nothing
        if hour == 0 and meridiem == "pm":
            return None
        if hour > 12:
            on_half = hour if meridiem == "pm" else 24
        hour, loose = on_half, False
    elif part and not (face.exact and hour in (0, 12)):
        placed = _place(hour, part)
        if placed is None:
            return None
        hour, loose = placed, False
    else:
        loose = not face.exact and 1 <= hour <= 12
    if hour == 24 and face.minute == 0 and not meridiem:
        hour = 0
    if not (0 <= hour < 24 and 0 <= face.minute < 60):
        return None
    return ClockTime(dt.time(hour, face.minute, face.second), loose)


def _place(hour: int, part: str) -> int | None:
    """The hour 0..23 that "seven in the evening" means; None for "seven in the afternoon of thirteen"."""
    if part == "morning":
        return hour % 12 if hour <= 12 else None
    if part == "night" and (hour == 12 or hour < 5):
        return hour % 12
    if part == "evening" and hour == 12:
        return 0
    if hour >= 13:
        return hour if hour >= _EARLIEST.get(part, 0) else None
    if part == "afternoon" and hour == 12:
        return 12
    return hour + 12 if hour > 0 else None
