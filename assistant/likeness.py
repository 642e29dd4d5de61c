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
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from assistant.frequent import RAREST
from assistant.overheard import log_odds
from assistant.places import START, cut
from assistant.prompt import chunks, clean_run
from assistant.skill import Example, Skill
from assistant.synonyms import known as synonyms
from assistant.synonyms import together
from assistant.wording import token, tokens, weight

PAIR = 0.6
"""What a pair of neighbours weighs, of the sum of its words' weights."""
INSIDE = 0.5
"""What a word weighs that an example has inside a free-text argument."""
ENOUGH = 5.0
"""Of the weights of the words that are shared: with less, likeness is no evidence."""
MEANT = 0.7
"""What another word for the same is worth, of the same word."""
TELLING = 4.5
"""A word of so much weight that both say is no synonym of another."""
COMPARED = 24
"""So many skills are compared in full, those that share most; groups of synonyms count as often as they come."""
Key = TypeVar("Key", str, int)
Vector = Mapping[str, float]
"""Tokens, and pairs of them with a space between -> weight."""


class Features(NamedTuple):
    """What speaks for a skill, and against it."""

    centroid: float
    """Cosine with the middle of the skill's examples, 0..1."""
    example: float
    """Cosine with the likest of them."""
    meant: float
    """What other words for the same add to the first."""
    example_meant: float
    """What they add to the second."""
    over_others: float
    """How much more the sentence is like this skill than like any other of the house."""
    pairs: float
    """Pairs of neighbours that an example has, three or more as 1."""
    talk: float
    """The log odds that the sentence is talk among people (`assistant.overheard`), 0 where it rather is a request."""
    length: float
    """Logarithm of one more than its tokens."""
    inside: float
    """Of the words in its free-text arguments the most telling one that an example has there, 0..1."""


WEIGHTS = Features(
    centroid=5.44,
    example=4.54,
    meant=3.01,
    example_meant=4.75,
    over_others=7.77,
    pairs=1.17,
    talk=-0.8,
    length=-1.02,
    inside=2.5,
)
BIAS = -1.48
"""Fitted on 14,000 comparisons from episodes as `finetune/learn/newcomers.py` makes them; `talk`, `inside`
and the bias, of which they say little, by hand on the nine of examples/newcomers and their near misses."""


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
    meant: Mapping[int, float]
    """Groups of synonyms that the examples' words are of -> weight in the middle of the examples."""
    example_meant: tuple[Mapping[int, float], ...]
    """The same of each example."""


class Meaning(NamedTuple):
    """A group of synonyms in a sentence."""

    group: int
    tokens: tuple[str, ...]
    """Those that are of it."""
    value: float
    """Their weight in the sentence, the less the more senses they have."""


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence as it is compared."""

    talk: float
    """The log odds that it is talk among people."""
    tokens: int
    """How many of them count."""
    inside: tuple[str, ...]
    """Tokens inside free-text arguments."""
    vector: Vector
    """Tokens and pairs -> weight, of length 1."""
    meant: tuple[Meaning, ...] = ()
    """The groups of synonyms that its words are of."""


class Likeness:
    """Compares sentences with the examples of a house's skills."""

    def __init__(self, house: Iterable[Skill]) -> None:
        self._known = {skill.name: _known(skill) for skill in house}
        self._names = np.array(list(self._known))
        self._holding = _shares(known.centroid for known in self._known.values())
        self._meaning = _shares(known.meant for known in self._known.values())

    def likest(self, said: Said) -> dict[str, float]:
        """Skill -> how like the sentence is to the middle of its examples, of those that are likest."""
        same = np.zeros(len(self._names))
        for one, value in said.vector.items():
            if one in self._holding:
                at, shares = self._holding[one]
                same[at] += value * shares
        at_most = same.copy()
        for meaning in said.meant:
            if meaning.group in self._meaning:
                at, shares = self._meaning[meaning.group]
                at_most[at] += MEANT * meaning.value * shares
        found = {}
        for at in np.argsort(-at_most, kind="stable")[:COMPARED]:
            if at_most[at] > 0:
                name = str(self._names[at])
                known = self._known[name]
                found[name] = float(same[at]) + MEANT * _meant(said, known.centroid, known.meant)
        return found

    def features(self, said: Said, name: str, likest: Mapping[str, float]) -> Features:
        """What the comparison with one skill says.

        Args:
            said: without the words of the skill's free-text arguments.
            likest: of the whole sentence.
        """
        known = self._known[name]
        mine, meant = _dot(said.vector, known.centroid), _meant(said, known.centroid, known.meant)
        others = max((value for other, value in likest.items() if other != name), default=0.0)
        example = max((_dot(said.vector, one) for one in known.examples), default=0.0)
        pairs = zip(known.examples, known.example_meant, strict=True)
        nearest = max((_dot(said.vector, one) + MEANT * _meant(said, one, of) for one, of in pairs), default=0.0)
        return Features(
            centroid=mine,
            example=example,
            meant=meant,
            example_meant=nearest - example,
            over_others=mine + MEANT * meant - others,
            pairs=min(3, sum(one in known.pairs for one in said.vector)) / 3,
            talk=max(0.0, said.talk),
            length=math.log(1 + said.tokens),
            inside=max((self._owned(one) for one in said.inside if one in known.inside), default=0.0) / RAREST,
        )

    def tells(self, said: Said, name: str) -> bool:
        """Whether more is shared with the skill's examples than words that any request holds: not "i need [...]"."""
        known = self._known[name]
        same = {one for one in said.vector if one in known.centroid and " " not in one}
        alike = {one for meaning in said.meant if meaning.group in known.meant for one in meaning.tokens} - same
        return sum(map(weight, same)) + MEANT * sum(map(weight, alike)) >= ENOUGH

    def _owned(self, one: str) -> float:
        """What a token weighs, the less the more skills have examples that hold it."""
        return weight(one) / math.sqrt(len(self._holding[one][0]) if one in self._holding else 1)


def _shares(skills: Iterable[Mapping[Key, float]]) -> dict[Key, tuple[NDArray[np.intp], NDArray[np.float64]]]:
    """Each key -> the places of the skills that have it, and their values: added up at once for all of them."""
    found: defaultdict[Key, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
    for at, values in enumerate(skills):
        for key, value in values.items():
            found[key][0].append(at)
            found[key][1].append(value)
    return {key: (np.array(places), np.array(values)) for key, (places, values) in found.items()}


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
    vector = _vector(outside, inside)
    return Said(log_odds(plain_text), sum(map(bool, outside)), inside, vector, _meanings(every, vector))


def _known(skill: Skill) -> _Known:
    vectors: list[Vector] = []
    free: set[str] = set()
    centroid: Counter[str] = Counter()
    meant: list[dict[int, float]] = []
    for example in skill.examples:
        outside, inside = _cut(skill, example)
        vectors.append(_vector(outside, inside))
        centroid.update(vectors[-1])
        free.update(inside)
        meant.append(_groups(_meanings([token(word) for word in cut(example)[1]], vectors[-1])))
    pairs = frozenset(one for one in centroid if " " in one)
    middle, times = _unit(centroid), math.sqrt(sum(value * value for value in centroid.values())) or 1.0
    groups: Counter[int] = Counter()
    for one in meant:
        groups.update(one)
    whole = {group: value / times for group, value in groups.items()}
    return _Known(middle, tuple(vectors), pairs, frozenset(free), whole, tuple(meant))


def _meanings(every: Sequence[str], vector: Vector) -> tuple[Meaning, ...]:
    """The groups of synonyms that a sentence's tokens are of; what has many senses has little of each."""
    found = synonyms().meant(every)
    senses = Counter(one.places for one in found)
    meanings = []
    for one in found:
        tokens = tuple(every[at] for at in one.places)
        value = together(vector.get(token, 0.0) for token in tokens) / math.sqrt(senses[one.places])
        meanings.append(Meaning(one.group, tokens, value))
    return tuple(meanings)


def _groups(meanings: Iterable[Meaning]) -> dict[int, float]:
    found: dict[int, float] = {}
    for one in meanings:
        found[one.group] = max(one.value, found.get(one.group, 0.0))
    return found


def _meant(said: Said, same: Vector, groups: Mapping[int, float]) -> float:
    """What a sentence shares with examples in other words: each of its words once, as what it is worth most.

    Args:
        same: the examples' own words; what they share is no synonym.
        groups: of the examples -> weight.
    """
    worth = sorted(
        ((one.value * groups[one.group], one.tokens) for one in said.meant if one.group in groups), reverse=True
    )
    total, used = 0.0, set[str]()
    for value, words in worth:
        if used.isdisjoint(words) and not any(one in same and weight(one) >= TELLING for one in words):
            total += value
            used.update(words)
    return total


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
