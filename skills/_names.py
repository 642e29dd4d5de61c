"""Which of several named things is meant: "the egg one" among "eggs" and "pasta". No skill lives here."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

_ALIKE = 82.0
"""Below this much of 100 two names differ by more than a slip of the ear ("pasta" and "pizza" are 60)."""
_EMPTY = frozenset(("the", "a", "an", "my", "our", "some", "of", "that", "this", "for"))
_ALL = frozenset(
    ("all", "all of them", "all my", "all the", "all of the", "everything", "every", "both", "each", "any")
)


def means_all(said: str) -> bool:
    """Whether "all" or "everything" was said rather than a name."""
    return said.casefold().strip() in _ALL


def matches(said: str, names: Sequence[str]) -> list[int]:
    """The indices of the names that are meant: the same name; else the ones that hold all its words; else alike ones.

    Articles, capitals and plural endings make no difference.
    """
    wanted = _words(said)
    known = [_words(name) for name in names]
    same = [index for index, words in enumerate(known) if words == wanted]
    if same or not wanted:
        return same
    inside = [index for index, words in enumerate(known) if set(wanted) <= set(words)]
    if inside:
        return inside
    around = [index for index, words in enumerate(known) if words and set(words) <= set(wanted)]
    if around:
        return around
    scores = [fuzz.ratio(" ".join(wanted), " ".join(words)) for words in known]
    best = max(scores, default=0.0)
    return [index for index, score in enumerate(scores) if score == best and score >= _ALIKE]


def _words(name: str) -> list[str]:
    found = re.findall(r"\w+", name.casefold().replace("'s", ""))
    return [_singular(word) for word in found if word not in _EMPTY]


def _singular(word: str) -> str:
    if len(word) < 4 or word.endswith("ss"):
        return word
    for ending, instead in (("ies", "y"), ("oes", "o"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("s", "")):
        if word.endswith(ending):
            return word.removesuffix(ending) + instead
    return word
