"""A skill that no model was trained on, recognised from its ten examples.

`assistant.likeness` says whether a sentence is for it, `assistant.spans` which of its words are which argument.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable

from assistant.likeness import Likeness, probability, said
from assistant.nearest import Match
from assistant.places import pattern
from assistant.skill import Call, Skill
from assistant.spans import Value, find

TRIED = 3
"""So many of the skills that a sentence is likest to are looked at."""
LEAST, LEAST_IN_PART = 0.1, 0.7
"""A skill less probable than this is no match; the second is for one that lacks an argument."""


class Unseen:
    """Recognises the given skills from their examples."""

    def __init__(self, skills: Iterable[Skill], house: Iterable[Skill]) -> None:
        """`house`: all skills; they say which words tell one skill from the others."""
        self._patterns = {skill.name: pattern(skill) for skill in skills}
        self._likeness = Likeness(house)

    def best(self, plain_text: str, value: Value) -> Match | None:
        """The skill that the sentence is most probably for, with the words that were found.

        One that lacks an argument it requires is taken where no other is complete and it is meant all the same: what
        is missing is asked for.

        Returns:
            the match; its score is the probability that the sentence is for that skill. None where nothing is like it.
        """
        value = functools.cache(value)
        likest = self._likeness.likest(said(plain_text))
        mine = sorted((name for name in likest if name in self._patterns), key=lambda name: (-likest[name], name))
        best: tuple[bool, Match] | None = None
        for name in mine[:TRIED]:
            known = self._patterns[name]
            found = find(known, plain_text, value)
            whole = all(a.name in found.words for a in known.skill.arguments if a.required)
            rest = said(plain_text, found.free)
            if not self._likeness.tells(rest, name):
                continue
            chance = probability(self._likeness.features(rest, name, likest))
            better = best is None or (whole, chance) > (best[0], best[1].score)
            if better and chance >= (LEAST if whole else LEAST_IN_PART):
                best = whole, Match(Call(name, dict(found.words)), chance, plain_text)
        return best[1] if best else None
