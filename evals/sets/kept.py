"""What training may not see: the sentences of the committed sets, and what nearly repeats one of them."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterable

from rapidfuzz import fuzz, process

from evals.cases import read_cases
from evals.sets.held_out import overheard
from evals.sets.opened import DATA, WRITTEN

LIKENESS = 92.0
"""rapidfuzz's ratio of two bare sentences, 0 to 100, from which one repeats the other: a plural, a letter misheard."""

_POLITE = re.compile(
    r"\b(?:please|can you|could you|would you|will you|hey|hi|ok|okay|olly|i want you to"
    r"|i'd like you to|i need you to|i want to|i'd like to"
    r"|i need to|i would like to|go ahead and|for me|tell me|let me know|the|a|an|my|to|now|just)\b"
)
_NUMBERS = re.compile(
    r"\d+|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty"
    r"|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)\b"
)


def group_key(text: str) -> str:
    """Near-duplicates share it: without politeness, articles and the particular numbers."""
    bare = _NUMBERS.sub("#", _POLITE.sub(" ", text))
    return " ".join(re.findall(r"[\w#']+", bare)) or text


HELD_SHARE = 0.1
"""Of the paraphrase groups of every public set that training sees."""


def on_held_side(group: str) -> bool:
    """Whether training keeps a public set's group back: it hangs on the name alone, so no group ever changes sides."""
    digest = hashlib.sha256(group.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < HELD_SHARE


@functools.cache
def kept_from_training() -> frozenset[str]:
    """The group keys of must-pass, quick and the overheard talk."""
    written = (case.text for name in WRITTEN.values() for case in read_cases(DATA / name))
    return frozenset(group_key(text) for text in (*written, *(case.text for case in overheard())))


class Kept:
    """Answers whether a sentence repeats one that is kept, up to politeness, articles, numbers and a letter or two."""

    def __init__(self, keys: Iterable[str] | None = None) -> None:
        """`keys`: group keys; None for those of the committed sets."""
        self._keys = kept_from_training() if keys is None else frozenset(keys)
        self._listed = sorted(self._keys)

    def repeats(self, text: str) -> str:
        """The group key that a plain text repeats; "" for none."""
        mine = group_key(text)
        if mine in self._keys:
            return mine
        found = process.extractOne(mine, self._listed, scorer=fuzz.ratio, score_cutoff=LIKENESS)
        return str(found[0]) if found else ""
