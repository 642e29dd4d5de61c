"""Skills by their examples alone: which signed sentences are like this one, and which words stand in their gaps.

This is how a larger model's prompt gets its last few examples, and one step of the ladder from nothing to what ships.
An example is aligned word by word with the transcript; a marked argument takes whatever words stand in its place. Words
that many skills' examples share ("the", "please") weigh little.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from assistant.prompt import chunks, clean_run, plain
from assistant.skill import Call, Example, Skill

GAP_COST, LONG_GAP_COST = 0.08, 0.4
"""Per word in a gap, and per word beyond two more than the example's own argument has: the shorter argument wins."""
LONGEST_GAP = 12
_CARRIERS = (
    "a an and are at can could did do for get give had has have hey i i'd i'm in is it just let like me my need now of "
    "on our please s so some that the this to up want was we what will with would you your"
)
CARRIERS = frozenset(_CARRIERS.split())
"""Words that carry any request; they say nothing of which skill is meant, however few the examples are."""
CARRIER_WEIGHT = 0.12
EVIDENCE, LEAST = 0.8, 0.5
"""So much weight of matched words is needed before a likeness counts in full: "i need [coffee]" alone proves little."""
STEM = 4
"""Words of at least so many letters that begin alike and end differently ("brew", "brewing") are half a match."""


@dataclass(frozen=True, slots=True)
class Match:
    """How well an example explains a transcript."""

    call: Call
    score: float
    """0..1: the share of the two sentences' weight that is explained."""
    said: str
    """The example's own plain text."""


@dataclass(frozen=True, slots=True)
class _Step:
    """A word of an example, or a gap where an argument's words stand."""

    word: str
    gap: str = ""
    own: tuple[str, ...] = ()
    """Of a gap: the words the example's own argument has."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    skill: str
    steps: tuple[_Step, ...]
    fixed: tuple[tuple[str, str], ...]
    """Closed arguments, whose choice the example itself says."""
    said: str
    literal: frozenset[str]
    total: int
    """How many words it has outside its gaps."""


class Examples:
    """The examples of a set of skills, ready to be compared with a transcript."""

    def __init__(self, skills: Iterable[Skill]) -> None:
        skills = list(skills)
        self._patterns = [_pattern(example, skill) for skill in skills for example in skill.examples]
        owners: dict[str, set[str]] = {}
        for pattern in self._patterns:
            for step in pattern.steps:
                if not step.gap:
                    owners.setdefault(step.word, set()).add(pattern.skill)
        many = max(2, len(skills))
        self._holding: dict[str, list[int]] = {}
        for at, pattern in enumerate(self._patterns):
            for stem in {word[:STEM] for step in pattern.steps for word in (step.word, *step.own) if word}:
                self._holding.setdefault(stem, []).append(at)
        self._weight = {word: 0.15 + math.log(many / len(names)) / math.log(many) for word, names in owners.items()}

    def weight(self, word: str) -> float:
        """How much a word says: about 0.15 when every skill's examples hold it, 1.15 when one does."""
        return CARRIER_WEIGHT if word in CARRIERS else self._weight.get(word, 1.0)

    def best(self, plain_text: str, *, skills: frozenset[str] | None = None, most: int = 5) -> list[Match]:
        """The best matches, at most one per distinct call, best first; `skills` limits whose examples are looked at."""
        parts = chunks(plain_text)
        words = [clean_run(part) for part in parts]
        if not words:
            return []
        found: dict[str, Match] = {}
        for pattern in self._promising(words, skills, 2 * most):
            match = self._align(pattern, parts, words)
            key = str(match.call)
            if key not in found or match.score > found[key].score:
                found[key] = match
        return sorted(found.values(), key=lambda match: -match.score)[:most]

    def _promising(self, words: Sequence[str], skills: frozenset[str] | None, most: int) -> list[_Pattern]:
        """The examples that share the most weight with these words, per weight of their own; aligning all would take
        longer the more skills there are."""
        shared: defaultdict[int, float] = defaultdict(float)
        telling = dict.fromkeys(word for word in words if word not in CARRIERS)
        # As they were said, not as a set has them: sums and ties would come out otherwise in the next process.
        for word in telling or dict.fromkeys(words):
            for at in self._holding.get(word[:STEM], ()):
                shared[at] += self.weight(word) * (1.0 if word in self._patterns[at].literal else 0.5)
        wanted = (at for at in shared if skills is None or self._patterns[at].skill in skills)
        best = heapq.nlargest(most, wanted, key=lambda at: shared[at] / (1.0 + self._patterns[at].total))
        return [self._patterns[at] for at in best]

    def _align(self, pattern: _Pattern, parts: Sequence[str], words: Sequence[str]) -> Match:
        """Cheapest alignment by dynamic programming over (step of the example, word of the transcript)."""
        steps, count = pattern.steps, len(words)
        cost: list[list[float]] = [[0.0] * (count + 1) for _ in range(len(steps) + 1)]
        back: list[list[int]] = [[0] * (count + 1) for _ in range(len(steps) + 1)]
        weights = [self.weight(word) for word in words]
        for at in range(1, count + 1):
            cost[0][at], back[0][at] = cost[0][at - 1] + weights[at - 1], -1
        for row, step in enumerate(steps, 1):
            for at in range(count + 1):
                cost[row][at], back[row][at] = self._cheapest(step, row, at, cost, words, weights)
        gaps, pairs, outside = _trace(steps, back, count)
        matched = sum(self._alike(steps[row].word, words[at]) for row, at in pairs)
        literal = sum(self.weight(step.word) for step in steps if not step.gap)
        whole = literal + sum(weights[at] for at in outside)
        score = 2 * matched / whole * min(1.0, matched / min(EVIDENCE, max(literal, LEAST))) if whole else 0.0
        same = any(words[at] in step.own for step, (start, end) in gaps for at in range(start, end))
        extra = sum(max(0, end - start - len(step.own) - 2) for step, (start, end) in gaps)
        spans = {step.gap: clean_run("".join(parts[start:end])) for step, (start, end) in gaps}
        return Match(
            Call(pattern.skill, {**spans, **dict(pattern.fixed)}),
            min(1.0, score * 0.93**extra + 0.05 * same),
            pattern.said,
        )

    def _alike(self, one: str, other: str) -> float:
        """How much of two aligned words is explained."""
        return max(0.0, (self.weight(one) + self.weight(other) - self._difference(one, other)) / 2)

    def _cheapest(
        self, step: _Step, row: int, at: int, cost: list[list[float]], words: Sequence[str], weights: Sequence[float]
    ) -> tuple[float, int]:
        """The best way to reach this cell; the move is how many words the step takes, -1 for a word left over."""
        missing = 2.0 if step.gap else self.weight(step.word)
        best, move = cost[row - 1][at] + missing, 0
        if at:
            left_over = cost[row][at - 1] + weights[at - 1]
            if left_over < best:
                best, move = left_over, -1
        if step.gap:
            for taken in range(1, min(at, LONGEST_GAP) + 1):
                price = cost[row - 1][at - taken] + GAP_COST * taken + LONG_GAP_COST * max(0, taken - len(step.own) - 2)
                if price < best:
                    best, move = price, taken
        elif at:
            price = cost[row - 1][at - 1] + self._difference(step.word, words[at - 1])
            if price < best:
                best, move = price, 1
        return best, move

    def _difference(self, one: str, other: str) -> float:
        if one == other:
            return 0.0
        both = self.weight(one) + self.weight(other)
        stem = min(len(one), len(other)) - 1
        alike = stem >= STEM - 1 and one[:stem] == other[:stem] and abs(len(one) - len(other)) <= 4
        return both * (0.3 if alike else 0.99)


def _pattern(example: Example, skill: Skill) -> _Pattern:
    """Cut an example into words and gaps; a closed argument's words stay words."""
    closed = {argument.name for argument in skill.arguments if argument.choices}
    owner: list[str] = [""] * len(example.text)
    for name, (start, end) in example.spans.items():
        if name not in closed:
            owner[start:end] = [name] * (end - start)
    steps: list[_Step] = []
    for gap, run in groupby(range(len(example.text)), key=lambda at: owner[at]):
        said = plain("".join(example.text[at] for at in run))
        if gap:
            steps.append(_Step("", gap, tuple(clean_run(part) for part in chunks(said))))
        else:
            steps += [_Step(clean_run(part)) for part in chunks(said)]
    fixed = tuple((name, words) for name, words in example.call.words.items() if name in closed)
    literal = [step.word for step in steps if not step.gap]
    return _Pattern(skill.name, tuple(steps), fixed, plain(example.text), frozenset(literal), len(literal))


def _trace(
    steps: Sequence[_Step], back: list[list[int]], count: int
) -> tuple[list[tuple[_Step, tuple[int, int]]], list[tuple[int, int]], list[int]]:
    """Follow the moves back.

    Returns:
        the gaps with the words they took (first, one past the last); the pairs (step, word) that stand for each other;
        the words that stand in no gap.
    """
    gaps: list[tuple[_Step, tuple[int, int]]] = []
    pairs: list[tuple[int, int]] = []
    outside: list[int] = []
    row, at = len(steps), count
    while row > 0 or at > 0:
        move = back[row][at]
        if move == -1:
            at -= 1
            outside.append(at)
            continue
        row, at = row - 1, at - move
        if steps[row].gap and move:
            gaps.append((steps[row], (at, at + move)))
        elif move:
            pairs.append((row, at))
            outside.append(at)
    return gaps, pairs, outside
