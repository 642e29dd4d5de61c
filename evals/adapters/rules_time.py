"""Timers, alarms, reminders, clock and date: labels of public sets -> calls."""

from __future__ import annotations

import re

from evals.adapters import spans
from evals.adapters.found import NONE, Found, Rule, Slots, call, word_set
from evals.adapters.spans import CLOCK_RE, DATE_RE, DURATION, DURATION_RE, WHEN, only

_NAME_STOP = word_set(
    "a an the my our this that new another one timer alarm for of to set start "
    "please now quick second minute hour countdown current running existing active "
)
_CALLED = re.compile(r"\b(?:called|named|labell?ed|titled) (\w+(?: \w+)?)$")
_FOR_THE = re.compile(r"\btimer (?:for|on) (?:the |my )?([a-z]+(?: [a-z]+)?)(?= (?:for|of|at|to) |$)")
_BEFORE = re.compile(r"\b([a-z]+)(?:'s)? timer\b")


def _timer_name(text: str, slots: Slots) -> str:
    if "name" in slots:
        return slots["name"]
    found = _CALLED.search(text)
    if found:
        return found.group(1)
    rest = DURATION_RE.sub("#", text)
    found = _FOR_THE.search(rest)
    if found and not set(found.group(1).split()) & (_NAME_STOP | {"me"}):
        return found.group(1)
    found = _BEFORE.search(rest)
    if (
        found
        and found.group(1) not in _NAME_STOP
        and re.search(r"\b(?:the|my|a|#|to|cancel|stop|increase|pause|resume|on) \w+(?:'s)? timer", rest)
    ):
        name = found.group(1)
        return name if re.search(rf"\b{name}\b", text) else ""
    return ""


_ASKS = re.compile(
    r"\b(?:how (?:long|much)|left|remain(?:s|ing)?|status|when (?:will|does|is)|what(?:'s"
    r"| is)? (?:the|my|on)|check|is (?:the|my|there))\b"
)
_ENDS = re.compile(r"\b(?:cancel|stop|delete|remove|end|turn off|kill|clear|dismiss|get rid of|forget)\b")
_LESS = re.compile(r"\b(?:decrease|reduce|shorten|subtract)\b|\b(?:take|remove) .*\b(?:off|from)\b")
_MORE = re.compile(
    r"\b(?:extend|increase|lengthen|prolong)\b|\badd .*\b(?:to|on) (?:the|my|timer|\w+ timer|\w+ \w+ timer)"
)


def timer(text: str, slots: Slots) -> Found | None:
    """Everything said to a timer."""
    durations = DURATION_RE.findall(text)
    name = _timer_name(text, slots)
    if _LESS.search(text) and durations:
        return NONE
    if _MORE.search(text) and durations:
        return call("extend_timer", len(durations) == 1, duration=durations[0], name=name)
    if re.search(r"\b(?:unpause|resume|continue)\b", text):
        return call("resume_timer", not durations, name=name)
    if re.search(r"\b(?:pause|hold|freeze)\b", text):
        return call("pause_timer", not durations, name=name)
    if _ENDS.search(text) and not re.search(r"\b(?:set|start|create)\b", text):
        return call("cancel_timer", not durations, name="all" if re.search(r"\ball\b", text) else name)
    if _ASKS.search(text) and not re.search(r"\b(?:set|start|create|go off in|let me know)\b", text):
        return call("check_timer", not durations, name=name)
    known = len(durations) == 1 or (not durations and not re.search(r"\d", text))
    return call("set_timer", known, duration=only(durations), name=name)


_LIST_ALARMS = re.compile(
    r"^(?:what|when|which|are|do|did|list|show|tell|check|how|is|may|read|display|see|any)\b|\bi have\b|\bare set\b"
)
_BARE_CLOCK = re.compile(rf"\b(?:at|for|to) ({spans.NUMBER}|\d{{1,2}}:\d\d)(?= (?:on|every|this|next|{spans.DATE})|$)")


def _clock(text: str, slots: Slots) -> tuple[str, bool]:
    """The one time of day, and whether we are sure of it."""
    without_dates = re.sub(rf"\b(?:in|for) {DURATION}(?!\w)", " ", text)
    found = CLOCK_RE.findall(without_dates)
    if len(found) == 1:
        return found[0], True
    if len(found) > 1:
        return "", False
    bare = _BARE_CLOCK.findall(without_dates)
    if len(bare) == 1:
        return bare[0], True
    if (
        slots.get("time")
        and not DURATION_RE.search(slots["time"])
        and re.search(r"\b(?:at|for|to) " + re.escape(slots["time"]), text)
    ):
        return slots["time"], True
    return "", not re.search(r"\d", text) and not DURATION_RE.search(text)


def _date(text: str) -> tuple[str, bool]:
    found = DATE_RE.findall(re.sub(r"\bthis (?:morning|afternoon|evening)\b", "", text))
    return only(found), len(found) <= 1


def set_alarm(text: str, slots: Slots) -> Found | None:
    """Be woken, or be told at a time."""
    if re.search(r"\b(?:timer)\b", text) and DURATION_RE.search(text):
        return timer(text, slots)
    time, sure = _clock(text, slots)
    day, one_day = _date(text)
    repeated = re.search(r"\b(?:every|each|daily|weekdays|weekends|days)\b", text)
    return call("set_alarm", sure and one_day and not repeated, time=time, day=day)


def cancel_alarm(text: str, slots: Slots) -> Found | None:
    """Take an alarm away."""
    time, sure = _clock(text, slots)
    return call("cancel_alarm", sure and not (DATE_RE.search(text) and not time), time=time)


def list_alarms(_text: str, _slots: Slots) -> Found | None:
    """Ask for alarms or reminders."""
    return call("list_alarms")


def alarm(text: str, slots: Slots) -> Found | None:
    """Everything said to an alarm."""
    if re.search(r"\b(?:cancel|delete|remove|disable|turn off|stop|clear|get rid|silence|kill)\b", text):
        return cancel_alarm(text, slots)
    if _LIST_ALARMS.search(text) and not re.search(r"\b(?:set (?:an|a|my)|wake|make sure|can you|please set)\b", text):
        return list_alarms(text, slots)
    if re.search(r"\bremind", text) and "alarm" not in text:
        return remind(text, slots)
    return set_alarm(text, slots)


_TIME_IN = re.compile(
    r"\b(?:in|for|at) (?:the )?([a-z][\w' .,/-]*?)(?: (?:right now|now|currently|at the moment"
    r"|please|fall|falls|is in|today|in|like|at|time ?zone))*$"
)
_ZONE_OF = re.compile(
    r"\b(?:is|zone (?:does|is|of|for|contains|has)|does|for) (?:the )?([a-z][\w' .-]*?) (?:in|use"
    r"|fall in|have|fall|reside in|belong to|located in|lie in|observe|follow)\b"
)
_POSSESSIVE = re.compile(r"\b(?:is|tell me|know|what's|whats|get|find) ([a-z][\w .-]*?)'s? (?:time|timezone)")
_NOT_PLACES = word_set(
    "it i you we me time timezone zone what which the of here there this that your my utc morning evening "
    "minutes hours days weeks format terms military your now "
)


def _place(text: str, slots: Slots) -> tuple[str, bool]:
    marked = slots.get("place_name") or slots.get("time_zone") or ""
    if marked:
        return marked, "," not in marked
    for pattern in (_TIME_IN, _ZONE_OF, _POSSESSIVE):
        found = pattern.search(text)
        if found and not set(re.split(r"[ ,.]+", found.group(1))) & _NOT_PLACES:
            return found.group(1).rstrip(" ,."), len(found.group(1).split()) <= 4
    return "", not re.search(r"\b(?:in|zone|timezone|difference|convert|between)\b|(?<!what)(?<!that)'s\b", text)


def clock(text: str, slots: Slots) -> Found | None:
    """What time it is, here or elsewhere."""
    place, sure = _place(text, slots)
    if re.search(r"\b(?:difference|convert|if it|between|when it)\b", text):
        return call("tell_time", False)
    return call("tell_time", sure, place=place)


def date(text: str, _slots: Slots) -> Found | None:
    """What day it is, or what date a day has."""
    ahead = re.findall(rf"\b((?:in )?{DURATION}(?: from (?:now|today|tomorrow))?)(?!\w)", text)
    day, one = _date(re.sub(r"\btoday\b|\bday of the (?:week|month|year)\b", "", text))
    if ahead or re.search(r"\b(?:yesterday|from|ago|in)\b", text):
        return call("tell_date", False)
    return call("tell_date", one, day=day)


def clock_or_date(text: str, slots: Slots) -> Found | None:
    """HWU's datetime_query holds both."""
    if re.search(r"\b(?:date|day|month|year|week|birthday)\b|\btoday\b|\bwhen\b", text) and "time is" not in text:
        return date(text, slots) if not slots.keys() & {"event_name", "place_name"} else call("tell_date", False)
    return clock(text, slots)


_REMIND = re.compile(
    r"\b(?:remind(?:ed)? (?:me|us|myself)?|reminders?|notify me|notified|alert me|(?:don't"
    r"|do not) let me forget|i need to remember|make sure i)\b"
)
_WHAT = re.compile(
    r"(?: for me| for myself| me)?,?(?: (?:to remind me))?(?: (?:to|about|of|that|for|regarding|saying)) (.+)$"
)


def remind(text: str, _slots: Slots) -> Found | None:
    """Be reminded of something, perhaps at a time."""
    if re.search(r"\b(?:cancel|delete|remove|clear|erase)\b", text) and "remind me" not in text:
        return call("cancel_alarm", False)
    said = _REMIND.search(text)
    if not said:
        return call("remind", False)
    times = list(
        re.finditer(
            rf"\b(?:(?:at|on|for|by|around|this coming) )?({WHEN}|in the (?:morning|afternoon|evening))(?!\w)", text
        )
    )
    lasting = re.search(rf"\b(in {DURATION})(?!\w)", text)
    repeated = re.search(
        r"\b(?:every|each|daily|weekly|later|before|after|when|until|while|a while|awhile|month)\b", text
    )
    if lasting and not times:
        times = [lasting]
    if len(times) > 1 or repeated:
        return call("remind", False)
    when, rest = "", text[said.end() :]
    if times:
        when = times[0].group(1)
        if times[0].end() == len(text):
            rest = text[said.end() : times[0].start()]
        elif times[0].start() >= said.end() and not text[said.end() : times[0].start()].strip():
            rest = text[times[0].end() :]
        elif times[0].start() >= said.end():
            return call("remind", False)
    what = _WHAT.match(" " + rest.strip()) if rest.strip() else None
    if what is None:
        return call("remind", not rest.strip(), when=when)
    words = re.sub(r" (?:please|for me|thanks)$", "", what.group(1).strip(" ,.-"))
    sure = (
        bool(words)
        and not DURATION_RE.fullmatch(words)
        and words not in ("do something", "do this", "do that", "it", "this", "me", "myself")
    )
    return call("remind", sure, what=words, when=when)


def calendar(text: str, slots: Slots) -> Found | None:
    """Hark keeps no calendar: only what is plainly a reminder is ours."""
    if not re.search(r"\bremind", text):
        return NONE
    if re.search(r"^(?:what|when|do|did|is|are|show|list|tell|check|how|which|any)\b", text):
        return call("list_alarms")
    return remind(text, slots)


RULES: dict[str, Rule] = {
    "timer": timer,
    "alarm": alarm,
    "set_alarm": set_alarm,
    "cancel_alarm": cancel_alarm,
    "list_alarms": list_alarms,
    "remind": remind,
    "calendar": calendar,
    "clock": clock,
    "date": date,
    "clock_or_date": clock_or_date,
}
