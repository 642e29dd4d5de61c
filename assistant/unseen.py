"""A skill that no model was trained on, recognised from its examples.

`assistant.fewshot` says whether a sentence is for it and whose each word is, `assistant.filled` what its arguments are.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from assistant import fewshot
from assistant.fewshot import Answer, Memory, Network
from assistant.filled import Form, Value, fill
from assistant.likeness import Likeness
from assistant.models import BUNDLED
from assistant.nearest import Match
from assistant.overheard import log_odds
from assistant.prompt import chunks
from assistant.shown import shown, words_of
from assistant.skill import CLOSED, Call, Skill

FILE = BUNDLED / "fewshot" / fewshot.FILE
ALL = 12
"""So many unseen skills are all compared with a sentence."""
TRIED = 4
"""Of more, so many that it shares most words with."""
TALK, SURENESS = 0.5, 0.0
"""What a nat of sounding like talk takes from the log odds of a match, and what is added to all."""
NOTHING: Mapping[str, float] = MappingProxyType({})
LEAST, LEAST_IN_PART = 0.1, 0.7
"""A skill less probable than this is no match; the second is for one that lacks an argument."""


@functools.cache
def shipped() -> Network:
    """The network that ships. Raises MissingPiece."""
    return Network.read(FILE)


class Unseen:
    """Recognises the given skills from their examples. Not thread-safe."""

    def __init__(self, skills: Iterable[Skill], network: Network | None = None) -> None:
        """`network`: the one that ships, unless another is given. Raises MissingPiece."""
        self._skills = {skill.name: skill for skill in skills}
        self._network = network or shipped()
        self._likeness = Likeness(self._skills.values()) if len(self._skills) > ALL else None
        self._memories: dict[str, Memory] = {}
        self._forms: dict[str, Form] = {}
        self._answers = functools.lru_cache(maxsize=4)(self._compared)

    def best(self, plain_text: str, value: Value, held: Mapping[str, float] = NOTHING) -> Match | None:
        """The skill that the sentence is most probably for, with the words that were found.

        One that lacks an argument it requires is taken where no other is complete and it is meant all the same: what
        is missing is asked for.

        Args:
            held: skill -> how probable a model that has learned it holds it, 0..1; what either is sure of counts.
        Returns:
            the match; its score is the probability that the sentence is for that skill. None where nothing is like it.
        """
        learned = [name for name, chance in held.items() if name in self._skills and chance >= LEAST]
        best: tuple[bool, Match] | None = None
        for name, answer in self._answers(plain_text, tuple(sorted(learned))).items():
            chance = _either(_probability(answer, plain_text), held.get(name, 0.0))
            if chance < LEAST:
                continue
            call = self._call(name, plain_text, answer, value)
            whole = all(a.name in call.words for a in self._skills[name].arguments if a.required)
            better = best is None or (whole, chance) > (best[0], best[1].score)
            if better and chance >= (LEAST if whole else LEAST_IN_PART):
                best = whole, Match(call, chance, plain_text)
        return best[1] if best else None

    def pointed(self, name: str, plain_text: str, value: Value) -> Match | None:
        """What the examples of one skill make of a sentence, whole or not; None where they are not like it."""
        answer = self._answer(name, plain_text)
        if answer is None or (chance := _probability(answer, plain_text)) < LEAST:
            return None
        return Match(self._call(name, plain_text, answer, value), chance, plain_text)

    def with_choices(self, call: Call, plain_text: str, value: Value) -> Call:
        """The call of a model that learned the skill in minutes, its choices as the examples say them.

        Ten examples teach a model few words for a choice, and it names some that nobody said; only one that is
        required and was not found is believed.
        """
        answer = self._answer(call.skill, plain_text)
        found = self._call(call.skill, plain_text, answer, value).words if answer else {}
        words: dict[str, str] = {}
        for argument in self._skills[call.skill].arguments:
            said = call.words.get(argument.name, "")
            if argument.kind in CLOSED:
                said = found.get(argument.name, said if argument.required else "")
            if said:
                words[argument.name] = said
        return Call(call.skill, words)

    def _call(self, name: str, plain_text: str, answer: Answer, value: Value) -> Call:
        return Call(name, fill(self._forms[name], chunks(plain_text), answer, value))

    def _answer(self, name: str, plain_text: str) -> Answer | None:
        return self._answers(plain_text, (name,)).get(name)

    def _compared(self, plain_text: str, also: Sequence[str]) -> Mapping[str, Answer]:
        """The network's answer for every skill that the sentence may be for."""
        words = words_of(plain_text)
        if not words:
            return {}
        names = list(dict.fromkeys([*also, *self._likely(plain_text)]))
        for name in names:
            if name not in self._memories:
                read = shown(self._skills[name], self._skills[name].examples)
                self._memories[name] = self._network.remember(read)
                self._forms[name] = Form.of(self._skills[name], read)
        memories = [self._memories[name] for name in names]
        return dict(zip(names, self._network.compare(self._network.encode(words), memories), strict=True))

    def _likely(self, plain_text: str) -> list[str]:
        if self._likeness is None:
            return list(self._skills)
        return self._likeness.likest(plain_text)[:TRIED]


def _probability(answer: Answer, plain_text: str) -> float:
    """That the sentence is for the skill, 0..1: talk that mentions its things is not."""
    return 1 / (1 + math.exp(-answer.match - SURENESS + TALK * max(0.0, log_odds(plain_text))))


def _either(one: float, other: float) -> float:
    """That one of two is right, as if neither knew of the other, 0..1."""
    return 1 - (1 - one) * (1 - other)
