"""A skill that no model was trained on, recognised from its ten examples.

`assistant.likeness` says whether a sentence is for it, `assistant.spans` which of its words are which argument.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from assistant.likeness import Likeness, probability, said
from assistant.nearest import Match
from assistant.places import pattern
from assistant.skill import CLOSED, Call, Skill
from assistant.spans import Value, choices, find

TRIED = 3
"""So many of the skills that a sentence is likest to are looked at."""
NOTHING: Mapping[str, float] = MappingProxyType({})
LEAST, LEAST_IN_PART = 0.1, 0.7
"""A skill less probable than this is no match; the second is for one that lacks an argument."""


class Unseen:
    """Recognises the given skills from their examples."""

    def __init__(self, skills: Iterable[Skill], house: Iterable[Skill]) -> None:
        """`house`: all skills; they say which words tell one skill from the others."""
        self._patterns = {skill.name: pattern(skill) for skill in skills}
        self._likeness = Likeness(house)

    def best(self, plain_text: str, value: Value, held: Mapping[str, float] = NOTHING) -> Match | None:
        """The skill that the sentence is most probably for, with the words that were found.

        One that lacks an argument it requires is taken where no other is complete and it is meant all the same: what
        is missing is asked for.

        Args:
            held: skill -> how probable a model that has learned it holds it, 0..1; what either is sure of counts.
        Returns:
            the match; its score is the probability that the sentence is for that skill. None where nothing is like it.
        """
        value = functools.cache(value)
        likest = self._likeness.likest(said(plain_text))
        mine = sorted((name for name in likest if name in self._patterns), key=lambda name: (-likest[name], name))
        learned = [name for name, chance in held.items() if name in self._patterns and chance >= LEAST]
        best: tuple[bool, Match] | None = None
        for name in dict.fromkeys([*learned, *mine[:TRIED]]):
            known = self._patterns[name]
            found = find(known, plain_text, value)
            whole = all(a.name in found.words for a in known.skill.arguments if a.required)
            rest = said(plain_text, found.free)
            if name not in learned and not self._likeness.tells(rest, name):
                continue
            chance = _either(probability(self._likeness.features(rest, name, likest)), held.get(name, 0.0))
            better = best is None or (whole, chance) > (best[0], best[1].score)
            if better and chance >= (LEAST if whole else LEAST_IN_PART):
                best = whole, Match(Call(name, dict(found.words)), chance, plain_text)
        return best[1] if best else None

    def pointed(self, name: str, plain_text: str, value: Value) -> Match | None:
        """What the examples of one skill make of a sentence, whole or not; None where they are not like it."""
        found = find(self._patterns[name], plain_text, value)
        rest = said(plain_text, found.free)
        if not self._likeness.tells(rest, name):
            return None
        chance = probability(self._likeness.features(rest, name, self._likeness.likest(said(plain_text))))
        return Match(Call(name, dict(found.words)), chance, plain_text) if chance >= LEAST else None

    def with_choices(self, call: Call, plain_text: str) -> Call:
        """The call of a model that learned the skill in minutes, its choices as the examples say them.

        Ten examples teach a model no words for a choice that cannot be looked up, and it names some that nobody said;
        only one that is required and was not found is believed.
        """
        known = self._patterns[call.skill]
        found = choices(known, plain_text)
        words: dict[str, str] = {}
        for argument in known.skill.arguments:
            said = call.words.get(argument.name, "")
            if argument.kind in CLOSED:
                said = found.get(argument.name, said if argument.required else "")
            if said:
                words[argument.name] = said
        return Call(call.skill, words)


def _either(one: float, other: float) -> float:
    """That one of two is right, as if neither knew of the other, 0..1."""
    return 1 - (1 - one) * (1 - other)
