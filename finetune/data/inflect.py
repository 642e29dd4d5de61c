"""Forms of the verbs and nouns that people say to machines: spelling rules, and the common words that break them."""

from __future__ import annotations

import re

_PASTS = (
    "make made|take took taken|put put|set set|get got|give gave given|tell told|read read|write wrote written"
    "|find found|feed fed|buy bought|throw threw thrown|choose chose chosen|run ran run|begin began begun"
    "|bring brought|keep kept|say said|sing sang sung|hide hid hidden|shut shut|light lit|wake woke woken"
    "|draw drew drawn|do did done|let let"
    "|cut cut|hold held|spin spun|ring rang rung|leave left|send sent|go went gone|see saw seen|know knew known"
    "|show showed shown|sweep swept|build built|lose lost|pay paid|sell sold|meet met|hear heard|drive drove driven"
    "|eat ate eaten|drink drank drunk|break broke broken|speak spoke spoken|lay laid|wind wound|dig dug|spend spent"
    "|come came come|grind ground|hang hung|grow grew grown|fly flew flown|win won|sleep slept|think thought"
    "|teach taught|catch caught|stick stuck|freeze froze frozen|reset reset|rewind rewound|lend lent|spell spelled"
)
_IRREGULAR = {line.split()[0]: tuple(line.split()[1:]) for line in _PASTS.split("|")}
_STRESSED = ("begin", "forget", "reset", "unplug", "upset")
"""Verbs of two syllables that double their last letter."""
_DOUBLED = re.compile(r"[^aeiou]*(?:qu)?[aeiou][^aeiouwxy]")


def gerund(phrase: str) -> str:
    """turn on -> turning on"""
    verb, rest = _cut(phrase)
    if verb.endswith("e") and not verb.endswith(("ee", "ye", "oe")) and len(verb) > 2:
        return f"{verb[:-1]}ing{rest}"
    return f"{verb}{verb[-1] if _DOUBLED.fullmatch(verb) or verb in _STRESSED else ''}ing{rest}"


def past(phrase: str) -> str:
    """turn on -> turned on"""
    verb, rest = _cut(phrase)
    return (_IRREGULAR[verb][0] if verb in _IRREGULAR else _regular(verb)) + rest


def participle(phrase: str) -> str:
    """take out -> taken out"""
    verb, rest = _cut(phrase)
    return (_IRREGULAR[verb][-1] if verb in _IRREGULAR else _regular(verb)) + rest


def plural(phrase: str) -> str:
    """delivery van -> delivery vans; what ends in s stays."""
    if phrase.endswith("s") or not phrase:
        return phrase
    if phrase.endswith(("ch", "sh", "x", "z")):
        return f"{phrase}es"
    return f"{phrase[:-1]}ies" if re.search(r"[^aeiou]y$", phrase) else f"{phrase}s"


def _regular(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb}d"
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ied"
    return f"{verb}{verb[-1] if _DOUBLED.fullmatch(verb) else ''}ed"


def _cut(phrase: str) -> tuple[str, str]:
    verb, space, rest = phrase.partition(" ")
    return verb, space + rest
