"""Which of many skills a sentence shares most words with, so that only those are read beside it.

A sentence and the middle of a skill's examples are bags of weighted words and pairs of neighbours (tf-idf, cosine);
another word for the same counts, too.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from assistant.prompt import chunks, clean_run
from assistant.shown import cut
from assistant.skill import Example, Skill
from assistant.synonyms import known as synonyms
from assistant.synonyms import together
from assistant.wording import token, weight

PAIR = 0.6
"""What a pair of neighbours weighs, of the sum of its words' weights."""
INSIDE = 0.5
"""What a word weighs that an example has inside a free-text argument."""
MEANT = 0.7
"""What another word for the same is worth, of the same word."""
START = "<"
"""What stands before the first word."""
Key = TypeVar("Key", str, int)
Vector = Mapping[str, float]
"""Tokens, and pairs of them with a space between -> weight."""
Shares = Mapping[Key, tuple[NDArray[np.intp], NDArray[np.float64]]]
"""Each token, or group of synonyms -> the places of the skills that have it, and its weight in each."""


class Meaning(NamedTuple):
    """A group of synonyms in a sentence."""

    group: int
    value: float
    """The weight of its words in the sentence, the less the more senses they have."""


@dataclass(frozen=True, slots=True)
class _Known:
    """The middle of a skill's examples."""

    middle: Vector
    meant: Mapping[int, float]
    """Groups of synonyms that the examples' words are of -> weight."""


class Likeness:
    """Compares sentences with the examples of many skills."""

    def __init__(self, skills: Iterable[Skill]) -> None:
        known = {skill.name: _known(skill) for skill in skills}
        self._names = list(known)
        self._holding = _shares(one.middle for one in known.values())
        self._meaning = _shares(one.meant for one in known.values())

    def likest(self, plain_text: str) -> list[str]:
        """The skills that share anything with a sentence, the likest first."""
        every = [token(clean_run(part)) for part in chunks(plain_text)]
        vector = _vector([one for one in every if one], ())
        like = np.zeros(len(self._names))
        for one, value in vector.items():
            if one in self._holding:
                at, shares = self._holding[one]
                like[at] += value * shares
        for meaning in _meanings(every, vector):
            if meaning.group in self._meaning:
                at, shares = self._meaning[meaning.group]
                like[at] += MEANT * meaning.value * shares
        return [self._names[at] for at in np.argsort(-like, kind="stable") if like[at] > 0]


def _shares(skills: Iterable[Mapping[Key, float]]) -> Shares[Key]:
    found: defaultdict[Key, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
    for at, values in enumerate(skills):
        for key, value in values.items():
            found[key][0].append(at)
            found[key][1].append(value)
    return {key: (np.array(places), np.array(values)) for key, (places, values) in found.items()}


def _known(skill: Skill) -> _Known:
    middle: Counter[str] = Counter()
    groups: Counter[int] = Counter()
    for example in skill.examples:
        outside, inside = _parted(skill, example)
        vector = _vector(outside, inside)
        middle.update(vector)
        meant: dict[int, float] = {}
        for one in _meanings([token(word) for word in cut(example)[1]], vector):
            meant[one.group] = max(one.value, meant.get(one.group, 0.0))
        groups.update(meant)
    length = math.sqrt(sum(value * value for value in middle.values())) or 1.0
    return _Known(_unit(middle), {group: value / length for group, value in groups.items()})


def _parted(skill: Skill, example: Example) -> tuple[list[str], list[str]]:
    """The tokens of an example outside its free-text arguments ("" where one stands), and those inside."""
    outside: list[str] = []
    inside: list[str] = []
    last = ""
    for of, word in zip(*cut(example), strict=True):
        one = token(word)
        if not of or skill.argument(of).kind != "text":
            outside += [one] if one else []
        else:
            inside += [one] if one else []
            outside += [""] if of != last else []
        last = of
    return outside, inside


def _meanings(every: Sequence[str], vector: Vector) -> list[Meaning]:
    """The groups of synonyms that a sentence's tokens are of; what has many senses has little of each."""
    found = synonyms().meant(every)
    senses = Counter(one.places for one in found)
    return [
        Meaning(one.group, together(vector.get(every[at], 0.0) for at in one.places) / math.sqrt(senses[one.places]))
        for one in found
    ]


def _vector(outside: Sequence[str], inside: Sequence[str]) -> Vector:
    found: dict[str, float] = {one: INSIDE * weight(one) for one in inside}
    found |= {one: weight(one) for one in outside if one}
    for one, other in pairwise((START, *outside)):
        if one and other:
            found[f"{one} {other}"] = PAIR * (weight(one) if one != START else 1.0) / 2 + PAIR * weight(other) / 2
    return _unit(found)


def _unit(vector: Vector) -> Vector:
    length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {one: value / length for one, value in vector.items()}
