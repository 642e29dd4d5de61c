"""Lists, weather, news, sums, units, questions and the session itself: labels of public sets -> calls."""

from __future__ import annotations

import re
from itertools import pairwise

from evals.adapters import rules_time
from evals.adapters.found import NONE, Found, Rule, Slots, call, fixed, word_set
from evals.adapters.rules_music import volume
from evals.adapters.spans import DAY_RE, MONTH, NUMBER, UNIT, WHEN_RE, only

_LIST = r"(?:(?:to|in|on|onto|from|off|off of|of|for|into)(?: my| the| our| that| this| your| a)?)"
_LIST_NAME = re.compile(
    r"\b(?:my|the|our|a|on|from|to|that|this|off|your|check|read|show|open) ((?:to ?-? ?do"
    r"|[\w'&-]+)(?: (?!list)[\w'&-]+)?) list\b"
)
_NOT_LIST_NAME = word_set(
    "my the a an our that this your new whole entire current last previous same me it on of to"
    " from what is show add whats "
    "off out existing following other first items item and please specific next open read for with existing "
)
_LIST_OF = re.compile(r"\blist (?:for|of|called|named) (?:my )?([a-z]+)(?: please| cause.*| because.*)?$")
_VAGUE_ITEM = word_set(
    "it that this them item items the an something one everything all entry event events my rid list "
) | {"a list", "the list", "the item", "an item", "that item", "this item", "the items"}


def _list_name(text: str) -> tuple[str, bool]:
    """The name of the list, and whether that is sure; ("", True) where the list has no name."""
    to_do = re.search(r"\b(to ?-? ?do)(?: task)? list", text)
    if to_do:
        return to_do.group(1), True
    marked = _LIST_NAME.search(text)
    if marked:
        words = marked.group(1)
        while words.split() and words.split()[0] in _NOT_LIST_NAME and not re.match(r"to ?-? ?do$", words):
            words = " ".join(words.split()[1:])
        return words, not set(words.split()) & (_NOT_LIST_NAME - {"to"})
    named = _LIST_OF.search(text)
    if named:
        return named.group(1), named.group(1) not in ("things", "items", "stuff")
    return "", not re.search(
        r"\bto-?do\b|\blist (?:of|for)\b|\w+ list\b", re.sub(r"\b(?:the|my|this|that|our|a) list\b", "", text)
    )


_ADD = re.compile(rf"\b(?:add|put|include|write|place|insert|stick|throw|append)(?: down)? (.+?) {_LIST} .*list\b")
_ADD_LAST = re.compile(r"\blist,?(?: please)?,? (?:please )?add (.+?)(?: please)?$")
_REMOVE = re.compile(
    rf"\b(?:remove|delete|take|erase|cross|scratch|drop|clear|strike|get)(?: out| off| rid of)? (.+?) {_LIST} .*list\b"
)
_REMOVES = re.compile(
    r"\b(?:remove|delete|take|erase|cross|scratch|clear|strike|get rid|no longer|don't need|drop"
    r"|forget|throw away|off)\b"
)
_ADDS = re.compile(r"\b(?:add|put|include|write|place|insert|stick|append|added)\b")


def _change(text: str, skill: str, pattern: re.Pattern[str]) -> Found:
    found = pattern.search(text) or (_ADD_LAST.search(text) if skill == "add_to_list" else None)
    name, sure = _list_name(text)
    if not found:
        return call(skill, False)
    item = re.sub(r"^(?:the (?:item|task|chore) )|(?: please| for me| item)$", "", found.group(1))
    plain = item not in _VAGUE_ITEM and not re.search(
        r"\b(?:to|on|from|list|and (?:add|remove|put))\b", item.replace("to do", "to-do")
    )
    verb_first = not re.match(r"(?:to|in|on|that|if|is|down|into)\b", item)
    return call(skill, sure and plain and verb_first and len(item.split()) <= 7, item=item, list=name)


def add_to_list(text: str, _slots: Slots) -> Found | None:
    """Put something on a list; making a list has nothing to put on it yet."""
    return _change(text, "add_to_list", _ADD)


def remove_from_list(text: str, _slots: Slots) -> Found | None:
    """Take something off a list."""
    return _change(text, "remove_from_list", _REMOVE)


def change_list(text: str, slots: Slots) -> Found | None:
    """Labels that hold both."""
    adds, removes = _ADDS.search(text), _REMOVES.search(text)
    if adds and removes:
        first = "add_to_list" if adds.start() < removes.start() else "remove_from_list"
        return call(first, False)
    if removes:
        return remove_from_list(text, slots)
    if not adds and re.search(r"\b(?:do i have|what|is there|read|is)\b", text):
        return call("read_list", False)
    return add_to_list(text, slots)


def read_list(text: str, slots: Slots) -> Found | None:
    """Hear what is on a list."""
    if re.search(r"^(?:please |can you )?(?:add|remove|delete|put)\b", text):
        return change_list(text, slots)
    name, sure = _list_name(text)
    return call("read_list", sure, list=name)


_HERE = {
    "here",
    "my location",
    "my current location",
    "my area",
    "the area",
    "this area",
    "outside",
    "the city",
    "town",
}
_PLACE = re.compile(
    r"\b(?:in|for|at|near|around) (?!(?:the )?(?:morning|afternoon|evening|night|next|past"
    r"|coming|week|weekend)\b)((?:the )?[^\W\d][\w'.-]*(?:,? [^\W\d][\w'.-]*){0,3}?)(?= (?:right n"
    r"ow|now|currently|at|on|for|going|be|look|looks|like|please|over|that|if|about|or|and|during"
    r"|tend|tonight|today|tomorrow|this|next|will|to|gonna|in|by|have|is|has)\b|$)"
)
_TIMELY = re.compile(
    rf"\b(?:minutes?|hours?|days?|weeks?|months?|years?|morning|afternoon|evening|night|weekend"
    rf"|future|{MONTH}|summer|winter|spring|autumn|noon|midnight|fahrenheit|celsius|celcius"
    rf"|degrees|moment|need|be|rain|snow|advance|week's|rest|\d+)\b"
)


def weather(text: str, slots: Slots) -> Found | None:
    """Forecasts and the sky now."""
    if any(slot in slots for slot in ("city", "state", "country", "geographic_poi", "timeRange", "current_location")):
        return _annotated_weather(text, slots)
    days = {m.group() for m in DAY_RE.finditer(text)}
    clocks = [m.group() for m in WHEN_RE.finditer(text) if m.group() not in days]
    marked = slots.get("place_name") or slots.get("location") or ""
    rest = DAY_RE.sub("#", text)
    places = [p for p in _PLACE.findall(rest) if p not in _HERE and not _TIMELY.search(p)]
    place = marked or only(places)
    named = re.search(r"\b([a-z]+ [a-z]+|[a-z]+) (?:weather|forecast)\b", text)
    after = _AFTER_WEATHER.search(rest)
    odd = named and named.group(1).split()[-1] not in _BEFORE_WEATHER and not place
    sure = (
        len(days) <= 1
        and not clocks
        and len(places) <= 1
        and not odd
        and not (after and not place)
        and bool(marked or place or not _HAS_PLACE.search(rest))
    )
    return call("weather", sure, place=place.removeprefix("the "), day=days.pop() if len(days) == 1 else "")


_AFTER_WEATHER = re.compile(
    r"\bweather(?: forecast| report)? (?!(?:in|for|at|like|be|is|going|outside|please|right|now|out|here|on"
    r"|will|of|this|the|looking|link|supposed|update)\b)[^\W\d]+(?: [^\W\d]+)*$"
)
"""`weather oak park`: a place without "in", whose end no pattern can tell."""
_BEFORE_WEATHER = word_set(
    "the is today's tomorrow's current of local for me weather what's whats a like week this any"
    " weekend tonight's in my "
    "today tomorrow some get check give show whether find daily latest outside expected"
    " predicted bad good cold hot day "
    "weekly kind what about week's day's hourly report extended severe how's hows tell how "
)
_HAS_PLACE = re.compile(
    r"\b(?:in|near|at|around) (?!general|the (?:morning|evening|afternoon)|here|my|outside|town"
    r"|this area|#|your|it\b|(?:a |the )?(?:few|next|\d+|\w+ (?:days|hours|minutes|weeks)))[a-z]"
)


def _annotated_weather(text: str, slots: Slots) -> Found:
    parts = [slots[slot] for slot in ("geographic_poi", "city", "state", "country") if slot in slots]
    place, known = "", True
    if parts:
        spans = sorted((text.find(part), text.find(part) + len(part)) for part in parts)
        place = text[spans[0][0] : spans[-1][1]]
        between = [text[a[1] : b[0]].strip(" ,") for a, b in pairwise(spans)]
        known = all(gap in ("", "in", "of") for gap in between)
    day = slots.get("timeRange", "")
    day = re.sub(r"^(?:on|at|in the|for) ", "", day)
    return call("weather", known, place=place, day=day)


_ABOUT = re.compile(
    r"\bnews (?:about|on|for|in|regarding|of|concerning) (?:the )?([\w' &.-]+?)(?: please| today| right now)?$"
)


def news(text: str, slots: Slots) -> Found | None:
    """Headlines, perhaps about something."""
    marked = [
        slots[s] for s in ("news_topic", "place_name", "person", "keyword", "event_name", "business_name") if s in slots
    ]
    if len(marked) == 1 and marked[0] not in ("world", "the world"):
        return call("news", topic=marked[0])
    if marked or "media_type" in slots:
        return call("news", False)
    about = _ABOUT.search(text)
    if about and not DAY_RE.search(about.group(1)) and about.group(1) not in ("day", "today"):
        return call("news", topic=about.group(1))
    general = re.search(r"\b(?:news|headlines?|stories|happening|new|going on|latest|updates?|trending)\b", text)
    return call("news", bool(general) and len(text.split()) <= 7 and not about)


_NUM = rf"(?:{NUMBER}|an?)"
_NUM_END = rf"(?:{NUMBER}(?: ?%| percent)?)"
_TERM = (
    rf"(?:(?:the )?(?:square|cube) root of {NUMBER}|{NUMBER} squared|{NUMBER} cubed"
    rf"|{NUMBER} factorial|\$?{NUMBER}(?: ?%| percent)?"
    rf"|(?:a )?(?:half|third|quarter))"
)
_OPERATOR = (
    r"(?: ?[+*/x×÷^-] ?| plus | minus | times | divided by | multiplied by | over "
    r"| (?:to )?the power of | to the power of "
    r"| percent of | ?% of | of | % off | percent off | ?% off | into | by | multiply | divided "
    r"| times by | add | less )"
)
_EXPRESSION = re.compile(
    rf"(?<![\w.]){_TERM}(?:{_OPERATOR}{_TERM})+(?!\w)|(?<!\w)(?:square"
    rf"|cube) root of {NUMBER}(?!\w)|{NUMBER} (?:squared|cubed|factorial)\b"
)
_VERB = re.compile(
    rf"\b(?:multiply|add|subtract|divide|sum of|difference (?:between|of)|product of"
    rf"|average of) {_TERM}(?:,? (?:and|by|from|to|with|into)? ?{_TERM})+(?!\w)"
)


def calculate(text: str, slots: Slots) -> Found | None:
    """Sums; some sentences of the label are about units."""
    if re.search(r"\bhow (?:many|much) \w+", text) and (converted := convert(text, slots)) and converted.known:
        return converted
    found = _VERB.findall(text) or _EXPRESSION.findall(text)
    if len(found) != 1:
        return call("calculate", False)
    expression = found[0].removeprefix("the ").lstrip("$ ").strip()
    outside = re.sub(re.escape(found[0]), "", text)
    return call("calculate", not re.search(r"\d", outside), expression=expression)


_DEGREES = r"(?:degrees? )?"
_CONVERSIONS = (
    rf"\bhow (?:many|much) (?P<to>{UNIT})(?: (?:are|is|does|do|make|makes|equals?|would|there|you"
    rf"|i|go|of|get|in|into|to|be|has|have"
    rf"|can))* (?P<amount>{_NUM})? ?{_DEGREES}(?P<unit>{UNIT})(?: is| are| be| have| make| equal"
    rf"| of \w+)*$",
    rf"\b(?P<amount>{_NUM})? ?{_DEGREES}(?P<unit>{UNIT}) (?:is |are |be |equals? |will "
    rf"|would )*(?:to|into|in|as|is how many|is equal to how many|equals how many|how many"
    rf"|equal how many|make how many|would be how many|as how many) {_DEGREES}(?P<to>{UNIT})$",
    rf"\b(?P<unit>{UNIT}) (?:are )?in (?P<amount>{_NUM})? ?(?P<to>{UNIT})$",
)


def convert(text: str, _slots: Slots) -> Found | None:
    """Units into units."""
    text = re.sub(r"(?: please| for me| in it)+$", "", text)
    for number, pattern in enumerate(_CONVERSIONS[:2]):
        found = re.search(pattern, text)
        if found:
            amount = found["amount"] or ""
            amount = "" if amount in ("a", "an") else amount
            if number == 0 and found["to"] == found["unit"]:
                break
            return call("convert", amount=amount, unit=found["unit"], to=found["to"])
    return call("convert", False)


def ask(text: str, _slots: Slots) -> Found | None:
    """A question that somebody with knowledge answers; the words are the whole sentence."""
    return call("ask", question=text)


_QUESTION = re.compile(
    r"^(?:who|whose|whom|when|where|why|which|what|what's|whats|how (?:many|much|tall|old|far"
    r"|long|big|high|deep|fast|do|does|did|is|are|to)|is|are|does|did|do|was|were|tell me about)\b"
)
_NOW_OR_ME = re.compile(
    r"\b(?:my|me|i|you|your|near|nearest|today|tonight|tomorrow|current|currently|latest|now"
    r"|price|stock|open|buy|order|book)\b"
)


def out_of_scope(text: str, slots: Slots) -> Found | None:
    """CLINC's out-of-scope lines and web searches: knowledge goes to `ask`, wishes to nobody, the rest says nothing."""
    if _QUESTION.search(text) and not _NOW_OR_ME.search(text):
        return ask(text, slots)
    return None if _QUESTION.search(text) or len(text.split()) < 3 else NONE


def quirky(text: str, _slots: Slots) -> Found | None:
    """HWU's leftover label: only what is plainly talk teaches anything."""
    talk = re.search(r"^(?:i|i'm|i'am|my|how are you|do you|are you|it|the|he|she|we|hi|hello|thank|good|you)\b", text)
    ours = re.search(
        r"\b(?:weather|time|alarm|remind\w*|play|list|news|light|joke|song|music|timer|volume|event|forecast|degree)\b",
        text,
    )
    return NONE if talk and not ours else None


def say(text: str, slots: Slots) -> Found | None:
    """Almond said "remind me" through its `say`."""
    if re.search(r"\bremind", text):
        return rules_time.remind(text, slots)
    return NONE


def run_program(text: str, _slots: Slots) -> Found | None:
    """Open a program of this board."""
    found = re.search(r"\b(?:open|launch|start|run) (?:the )?([\w' -]+)$", text)
    return call("run_program", bool(found) and " and " not in text, name=found.group(1) if found else "")


def repeat(text: str, slots: Slots) -> Found | None:
    """Say it again."""
    if re.search(r"\blouder\b", text):
        return volume(text, slots)
    return call("repeat")


RULES: dict[str, Rule] = {
    "add_to_list": add_to_list,
    "remove_from_list": remove_from_list,
    "change_list": change_list,
    "read_list": read_list,
    "weather": weather,
    "news": news,
    "calculate": calculate,
    "convert": convert,
    "ask": ask,
    "oos": out_of_scope,
    "quirky": quirky,
    "say": say,
    "run_program": run_program,
    "repeat": repeat,
    "stop": fixed("stop"),
    "help": fixed("help"),
    "tell_joke": fixed("tell_joke"),
    "what_is_playing": fixed("what_is_playing"),
}
