"""Words as likeness counts them: without their endings, numbers and days for their kind, and the verbs that any request
may begin with for one another."""

from __future__ import annotations

import functools
from collections.abc import Iterable

from assistant.frequent import RAREST, WEIGHT


def word_set(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())


_VERBS = """
can could would will may
want need wish wanna gotta like love d
get give bring fetch grab hand
find locate search look seek
start begin launch activate trigger run
stop end halt quit
call dial ring
close shut
raise lift
book reserve schedule arrange
tell say inform
make create prepare
"""
_ALIKE = {word: line.split()[0] for line in _VERBS.split("\n") for word in line.split()}
_NUMBERS = word_set(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand"
)
_DAYS = word_set(
    "monday tuesday wednesday thursday friday saturday sunday today tomorrow tonight january february april june july "
    "august september october november december"
)
_POLITE = word_set("please hey hi hello hark ok okay thanks thank um uh so just now the a an some s")
LINKS = word_set(
    "to from at in into for with on of after before by about until till between and or as if under over up down out "
    "off around through than but so because"
)
ARTICLES = word_set("a an the my our some his her their your this that")
NUMBER, DAY = "#", "@"


@functools.lru_cache(maxsize=4096)  # every run of a sentence asks for its words again
def token(word: str) -> str:
    """What counts for a word; "" for one that only greets, thanks or points: waters, watering -> water."""
    if word in _POLITE or not word:
        return ""
    if word in _NUMBERS or word[0].isdigit():
        return NUMBER
    if word in _DAYS:
        return DAY
    stem = _stem(word)
    return _ALIKE.get(word) or _ALIKE.get(stem) or stem


def _stem(word: str) -> str:
    for ending, left in (("ing", 3), ("ers", 4), ("er", 4), ("ies", 3), ("ed", 3), ("es", 3), ("s", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= left and not word.endswith("ss"):
            word = word[: -len(ending)]
            word = word[:-1] if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "sl" else word
            break
    return word[:-1] if len(word) > 4 and word[-1] in "ey" else word


def tokens(words: Iterable[str]) -> tuple[str, ...]:
    """What counts of some words, in order."""
    return tuple(filter(None, map(token, words)))


_WEIGHT: dict[str, float] = {NUMBER: 3.0, DAY: 3.0}
for _word, _value in WEIGHT.items():
    _one = token(_word)
    if _one and _one not in (NUMBER, DAY):
        _WEIGHT[_one] = min(_value, _WEIGHT.get(_one, RAREST))


def weight(one: str) -> float:
    """How much a token tells: log(1 / the share of requests that hold it)."""
    return _WEIGHT.get(one, RAREST)
