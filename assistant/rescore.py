"""A second opinion on what was heard: the recognizer's hypotheses, weighed by which words people use together.

The shipped listening model writes letters and can write what is no word. Here its hypotheses are joined by others that
put listed words in the place of unknown ones; each is heard again by the model itself, and the likeliest by sound and
words together is believed. What a hypothesis may not do: change a number, or leave out what was said.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Protocol

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from assistant.ngram import SPECIAL, WordModel

_NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half quarter "
    "point first second third fourth fifth sixth seventh eighth ninth tenth"
)
NUMBERS = frozenset(_NUMBERS.split())
SHORTEST = 0.8
"""A hypothesis with fewer letters than so much of the recognizer's own best leaves something out."""
LOOKED_UP = 12
"""So many listed words near an unknown one are tried in its sentence."""
HEARD_AGAIN = 4
"""So many new hypotheses are heard; each costs some 2 ms."""
LEADERS = 2
"""Of so many hypotheses the unknown words are replaced."""
REMEMBERED = 2_000
"""So many looked-up words."""
DISAGREE = 4
"""A listed word that all of so many of the recognizer's best have is one that it is sure of."""
NAMED = -7.0
"""The least log probability of a word of the household's names, wherever it stands."""
GOES_ON = -1.5
"""And of one that goes on with the name it stands in."""
MOST_NAMES = 4_000
DOUBTFUL = 2
"""So many words of a hypothesis are looked at."""


class Listens(Protocol):
    """The listening model, asked about a text for the sound it has just heard."""

    def sounds(self, texts: Sequence[str]) -> list[float]:
        """The log probability of each text as a beginning."""

    def ends(self, text: str) -> float:
        """The log probability that nothing follows this text."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much the words count beside the sound; tuned by `python -m finetune.listening tune`."""

    words: float = 0.35
    """of the word model's log probability"""
    each: float = 1.5
    """for every word, against the word model's liking for short sentences"""
    edit: float = 1.0
    """what a letter changed costs before it is known how it sounds"""


WEIGHTS = tuple(field.name for field in fields(Weights))


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way to write down what was said."""

    text: str
    sound: float
    """log probability of the whole text, by the listening model"""
    total: float = 0.0


class Rescorer:
    """Orders hypotheses. Not for use from several threads at once."""

    def __init__(self, model: WordModel) -> None:
        self._model = model
        self._weights = Weights(**{name: model.settings[name] for name in WEIGHTS if name in model.settings})
        self._known = frozenset(model.words[len(SPECIAL) :])
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in sorted(self._known):
            if len(word) > 2:
                self._by_length[len(word)].append(word)
        self._looked_up: dict[str, list[tuple[str, int]]] = {}
        self._names: frozenset[str] = frozenset()
        self._inside: frozenset[tuple[str, str]] = frozenset()

    @property
    def listed(self) -> int:
        """How many words are known without the household's."""
        return len(self._known)

    def over(self, text: str) -> float:
        """How likely it is, 0..1, that nothing follows these words."""
        return math.exp(self._model.ends(text.split()))

    def weighing(self, weights: Weights) -> Rescorer:
        """The same one with these weights from now on; for finding them."""
        self._weights = weights
        return self

    def expect(self, names: Iterable[str]) -> None:
        """Names of the household, in any spelling of case: their words are known from now on, and only theirs."""
        plain = (unicodedata.normalize("NFKD", name.lower().replace("’", "'")) for name in names)
        spoken = [re.findall(r"[a-z']+", re.sub(r"[\u0300-\u036f]", "", name)) for name in plain][:MOST_NAMES]
        self._names = frozenset(word for words in spoken for word in words) - NUMBERS
        self._inside = frozenset(pair for words in spoken for pair in pairwise(words))

    def order(self, heard: Sequence[tuple[str, float]], sound: Listens) -> list[Hypothesis]:
        """The hypotheses, new ones among them, the likeliest first.

        Args:
            heard: the recognizer's own, (text, log probability), the likeliest first; not empty.
        """
        first = heard[0][0]
        own = [self._weighed(text, chance) for text, chance in heard if self._allowed(text, first)]
        own.sort(key=lambda one: -one.total)
        sure = set(first.split()).intersection(*(text.split() for text, _ in heard[:DISAGREE]))
        leader = own[0]
        if not self._doubtful(leader.text.split(), sure):
            return own
        texts = [text for text in self._proposed(own[:LEADERS], sure) if self._allowed(text, first)][:HEARD_AGAIN]
        if not texts:
            return own
        before, *chances = sound.sounds([leader.text, *texts])
        # How likely the leader's end is was part of its own chance; the others get that until they win.
        end = leader.sound - before
        new = [self._weighed(text, chance + end) for text, chance in zip(texts, chances, strict=True)]
        for one in sorted(new, key=lambda one: -one.total):
            if one.total <= leader.total:
                break
            same_end = one.text.split()[-1] == leader.text.split()[-1]
            if same_end or one.total - end + sound.ends(one.text) > leader.total:
                return [one, *own]
        return own

    def _weighed(self, text: str, sound: float) -> Hypothesis:
        words = text.split()
        chances = self._model.each(words)
        if self._names:
            for at, word in enumerate(words):
                if word in self._names:
                    inside = at > 0 and (words[at - 1], word) in self._inside
                    chances[at] = max(chances[at], GOES_ON if inside else NAMED)
        total = sound + self._weights.words * sum(chances) + self._weights.each * len(words)
        return Hypothesis(text, sound, total)

    def _allowed(self, text: str, first: str) -> bool:
        """Whether a hypothesis says everything that the recognizer's first does, numbers to the word."""
        return len(text) >= SHORTEST * len(first) and _keeps(_numbers(text), _numbers(first))

    def _proposed(self, leaders: Sequence[Hypothesis], sure: Collection[str]) -> list[str]:
        """Texts with listed words in the place of unknown ones, the most promising first."""
        seen = {leader.text for leader in leaders}
        promising: dict[str, float] = {}
        for leader in leaders:
            words = leader.text.split()
            for at in self._doubtful(words, sure):
                for before, after, new, edits in self._instead(words, at):
                    text = " ".join([*words[: at - before], *new, *words[at + 1 + after :]])
                    if text not in seen:
                        guess = self._weighed(text, leader.sound - self._weights.edit * edits).total
                        promising[text] = max(guess, promising.get(text, -math.inf))
        return sorted(promising, key=lambda text: -promising[text])

    def _doubtful(self, words: Sequence[str], sure: Collection[str]) -> list[int]:
        """Where an unknown word stands, or one that may be a name and that the recognizer is not sure of."""
        unknown = [at for at, word in enumerate(words) if not self._knows(word)]
        if self._names:
            unknown += [
                at
                for at, word in enumerate(words)
                if self._knows(word) and word not in sure and word not in NUMBERS and self._named(word)
            ]
        return unknown[:DOUBTFUL]

    def _knows(self, word: str) -> bool:
        return word in self._known or word in self._names

    def _instead(self, words: Sequence[str], at: int) -> Iterable[tuple[int, int, tuple[str, ...], float]]:
        """(words before, words after that go too, words that come, letters changed) for an unknown word."""
        word = words[at]
        for near, edits in self._named(word):
            yield 0, 0, (near,), edits
        if self._knows(word):
            return
        for near, edits in self._near(word):
            yield 0, 0, (near,), edits
        for cut in range(1, len(word)):
            if self._knows(word[:cut]) and self._knows(word[cut:]):
                yield 0, 0, (word[:cut], word[cut:]), 1
        if at:
            for near, edits in self._near(words[at - 1] + word):
                yield 1, 0, (near,), edits + 1
        if at + 1 < len(words):
            for near, edits in self._near(word + words[at + 1]):
                yield 0, 1, (near,), edits + 1

    def _named(self, word: str) -> list[tuple[str, int]]:
        """Words of names that are spelled nearly so; none for a word that is itself one of them."""
        if not self._names or word in self._names:
            return []
        most = max(1, len(word) // 3)
        best = process.extract(word, self._names, scorer=Levenshtein.distance, score_cutoff=most, limit=LOOKED_UP)
        return [(near, int(edits)) for near, edits, *_ in best]

    def _near(self, word: str) -> list[tuple[str, int]]:
        """Listed words that are spelled nearly so, and in how many letters they differ, the nearest first."""
        found = self._looked_up.get(word)
        if found is None:
            most = max(1, len(word) // 3)
            listed = [w for length in range(len(word) - most, len(word) + most + 1) for w in self._by_length[length]]
            best = process.extract(word, listed, scorer=Levenshtein.distance, score_cutoff=most, limit=LOOKED_UP)
            found = [(near, int(edits)) for near, edits, _ in best if near != word]
            if len(self._looked_up) > REMEMBERED:
                self._looked_up.clear()
            self._looked_up[word] = found
        return found


def _numbers(text: str) -> list[str]:
    return [word for word in text.split() if word in NUMBERS]


def _keeps(found: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether all the wanted ones are there, in their order."""
    rest = iter(found)
    return all(one in rest for one in wanted)
