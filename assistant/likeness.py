"""Is a sentence for a skill that no model was trained on? Its words, laid beside those of the skill's examples.

A sentence and an example are bags of weighted words and pairs of neighbours (tf-idf, cosine); what the comparison
says is put together by a logistic regression that was fitted on few-shot episodes of other skills.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from assistant.frequent import RAREST
from assistant.places import START, cut
from assistant.prompt import chunks, clean_run
from assistant.skill import Example, Skill
from assistant.wording import talk, token, tokens, weight

PAIR = 0.6
"""What a pair of neighbours weighs, of the sum of its words' weights."""
INSIDE = 0.5
"""What a word weighs that an example has inside a free-text argument."""
ENOUGH = 5.0
"""Of the weights of the words that are shared: with less, likeness is no evidence."""
Vector = Mapping[str, float]
"""Tokens, and pairs of them with a space between -> weight."""


class Features(NamedTuple):
    """What speaks for a skill, and against it."""

    centroid: float
    """Cosine with the middle of the skill's examples, 0..1."""
    example: float
    """Cosine with the likest of them."""
    over_others: float
    """How much more the sentence is like this skill than like any other of the house."""
    pairs: float
    """Pairs of neighbours that an example has, three or more as 1."""
    talk: float
    """How much its words are those of people among themselves (`assistant.wording.talk`), a third of it."""
    length: float
    """Logarithm of one more than its tokens."""
    inside: float
    """Of the words in its free-text arguments the most telling one that an example has there, 0..1."""


WEIGHTS = Features(centroid=5.45, example=4.49, over_others=7.22, pairs=1.07, talk=-3.81, length=-0.93, inside=2.65)
BIAS = -2.16
"""Fitted on 16,000 comparisons from episodes as `finetune/learn/newcomers.py` makes them, and on seven skills of
examples/newcomers with their near misses."""


def probability(features: Features) -> float:
    """That a sentence is for the skill it was compared with, 0..1."""
    return 1 / (1 + math.exp(-BIAS - sum(w * value for w, value in zip(WEIGHTS, features, strict=True))))


@dataclass(frozen=True, slots=True)
class _Known:
    """What the examples of one skill say."""

    centroid: Vector
    examples: tuple[Vector, ...]
    pairs: frozenset[str]
    inside: frozenset[str]
    """Tokens inside free-text arguments."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence as it is compared."""

    words: tuple[str, ...]
    """Outside free-text arguments."""
    tokens: int
    """How many of them count."""
    inside: tuple[str, ...]
    """Tokens inside free-text arguments."""
    vector: Vector
    """Tokens and pairs -> weight, of length 1."""


class Likeness:
    """Compares sentences with the examples of a house's skills."""

    def __init__(self, house: Iterable[Skill]) -> None:
        self._known = {skill.name: _known(skill) for skill in house}
        self._holding: defaultdict[str, list[str]] = defaultdict(list)
        for name, known in self._known.items():
            for one in known.centroid:
                self._holding[one].append(name)

    def likest(self, said: Said) -> dict[str, float]:
        """Skill -> cosine of the sentence and the middle of its examples, for those that share anything."""
        found: defaultdict[str, float] = defaultdict(float)
        for one, value in said.vector.items():
            for name in self._holding.get(one, ()):
                found[name] += value * self._known[name].centroid[one]
        return found

    def features(self, said: Said, name: str, likest: Mapping[str, float]) -> Features:
        """What the comparison with one skill says.

        Args:
            said: without the words of the skill's free-text arguments.
            likest: of the whole sentence.
        """
        known = self._known[name]
        mine = _dot(said.vector, known.centroid)
        others = max((value for other, value in likest.items() if other != name), default=0.0)
        return Features(
            centroid=mine,
            example=max((_dot(said.vector, one) for one in known.examples), default=0.0),
            over_others=mine - others,
            pairs=min(3, sum(one in known.pairs for one in said.vector)) / 3,
            talk=max(0.0, talk([word for word in said.words if token(word) not in known.centroid])) / 3,
            length=math.log(1 + said.tokens),
            inside=max((self._owned(one) for one in said.inside if one in known.inside), default=0.0) / RAREST,
        )

    def tells(self, said: Said, name: str) -> bool:
        """Whether more is shared with the skill's examples than words that any request holds: not "i need [...]"."""
        centroid = self._known[name].centroid
        return sum(weight(one) for one in said.vector if one in centroid and " " not in one) >= ENOUGH

    def _owned(self, one: str) -> float:
        """What a token weighs, the less the more skills have examples that hold it."""
        return weight(one) / math.sqrt(max(1, len(self._holding.get(one, ()))))


def said(plain_text: str, free: frozenset[int] = frozenset()) -> Said:
    """A sentence, ready to be compared.

    Args:
        free: the places of the words that are in free-text arguments.
    """
    words = [clean_run(part) for part in chunks(plain_text)]
    every = [token(word) for word in words]
    # A gap is one place, however many words stand in it; what does not count leaves none.
    places = [("" if at in free else one) for at, one in enumerate(every) if one or at in free]
    outside = [one for at, one in enumerate(places) if one or not at or places[at - 1]]
    inside = tuple(one for at, one in enumerate(every) if one and at in free)
    rest = tuple(word for at, word in enumerate(words) if at not in free)
    return Said(rest, sum(map(bool, outside)), inside, _vector(outside, inside))


def _known(skill: Skill) -> _Known:
    vectors: list[Vector] = []
    free: set[str] = set()
    centroid: Counter[str] = Counter()
    for example in skill.examples:
        outside, inside = _cut(skill, example)
        vectors.append(_vector(outside, inside))
        centroid.update(vectors[-1])
        free.update(inside)
    pairs = frozenset(one for one in centroid if " " in one)
    return _Known(_unit(centroid), tuple(vectors), pairs, frozenset(free))


def _cut(skill: Skill, example: Example) -> tuple[list[str], list[str]]:
    """The tokens of an example outside its free-text arguments ("" where one stands), and those inside."""
    outside: list[str] = []
    inside: list[str] = []
    last = ""
    for of, word in zip(*cut(example), strict=True):
        free = bool(of) and skill.argument(of).kind == "text"
        if not free:
            outside += tokens([word])
        else:
            inside += tokens([word])
            outside += [""] if of != last else []
        last = of
    return outside, inside


def _vector(cut: Sequence[str], inside: Sequence[str]) -> Vector:
    found: dict[str, float] = {}
    for one in inside:
        found[one] = INSIDE * weight(one)
    for one in cut:
        if one:
            found[one] = weight(one)
    for one, other in pairwise((START, *cut)):
        if one and other:
            found[f"{one} {other}"] = PAIR * (weight(one) if one != START else 1.0) / 2 + PAIR * weight(other) / 2
    return _unit(found)


def _unit(vector: Vector) -> Vector:
    length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {one: value / length for one, value in vector.items()}


def _dot(one: Vector, other: Vector) -> float:
    return sum(value * other[word] for word, value in one.items() if word in other)
