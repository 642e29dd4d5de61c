"""A sentence laid beside the examples of skills by the few-shot network that ships; each skill is read once."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from assistant.fewshot import Answer, Memory, Network
from assistant.filled import Form, Value, fill
from assistant.models import FEWSHOT
from assistant.overheard import log_odds
from assistant.prompt import chunks
from assistant.shown import ROLE, Shown, shown, words_of
from assistant.skill import Call, Skill
from assistant.wording import tokens, weight

TALK, TALK_FROM = 0.3, -3.0
"""What a nat of sounding like talk above the second takes from the log odds of a match: talk that mentions a skill's
things is no wish. Chosen on examples/newcomers, those in blind among them, with 600 lines of overheard talk."""
WORDS = 0.5
"""How much of the tags' log probability tells that all words are right: on 600 phrasings of examples/newcomers and of
blind the calibration error was 0.039 with it (0.093 without), the area under the curve 0.83."""
AS_AN_EXAMPLE = 5.0
"""Log odds that a sentence is for the skill whose example it is, word for word."""
AS_A_FRAME = 3.0
"""At least, that it is for one whose example it is but for the words of an argument: "feed [the dog]", "can you feed
the cat". The network has seen such plain wishes as near misses of many skills, and doubts them all."""
TELLING = 5.0
"""What its rarest other word must weigh (`wording.weight`): "i need [a latte]" is no frame."""
OTHER_WORDS = 3
"""So many, at most, may stand where an example's argument does."""


@functools.cache
def shipped() -> Network:
    """The network that ships. Raises MissingPiece."""
    return Network.read(FEWSHOT)


class Compared:
    """Compares sentences with skills by name. Not thread-safe."""

    def __init__(self, skills: Iterable[Skill], network: Network | None = None) -> None:
        """`network`: the one that ships, unless another is given; it is read when it is first needed."""
        self.skills: Mapping[str, Skill] = {skill.name: skill for skill in skills}
        self._network = network
        self._memories: dict[str, Memory] = {}
        self._forms: dict[str, Form] = {}
        self._frames: dict[str, re.Pattern[str]] = {}
        self._text = ""
        self._found: dict[str, Answer] = {}
        """Of the last sentence: several ask about it, and about one skill more than once."""

    def answers(self, plain_text: str, names: Iterable[str]) -> Mapping[str, Answer]:
        """The network's answer for each skill; none at all for a text without words. Raises MissingPiece."""
        wanted = list(dict.fromkeys(names))
        if plain_text != self._text:
            self._text, self._found = plain_text, {}
        self._found |= self._asked(plain_text, [name for name in wanted if name not in self._found])
        return {name: self._found[name] for name in wanted if name in self._found}

    def call(self, name: str, plain_text: str, answer: Answer, value: Value) -> Call:
        """What an answer of `answers` makes of the sentence, whole or not."""
        return Call(name, fill(self._forms[name], chunks(plain_text), answer, value))

    def _asked(self, plain_text: str, names: Sequence[str]) -> dict[str, Answer]:
        words = words_of(plain_text)
        if not words or not names:
            return {}
        network = self._network or shipped()
        for name in names:
            if name not in self._memories:
                read = shown(self.skills[name], self.skills[name].examples)
                self._memories[name] = network.remember(read)
                self._forms[name] = Form.of(self.skills[name], read)
                self._frames[name] = _frames(read)
        found = dict(
            zip(names, network.compare(network.encode(words), [self._memories[name] for name in names]), strict=True)
        )
        for name, answer in found.items():
            if words in self._forms[name].known:
                found[name] = replace(answer, match=max(answer.match, AS_AN_EXAMPLE))
            elif self._frames[name].fullmatch(" ".join(words)):
                found[name] = replace(answer, match=max(answer.match, AS_A_FRAME))
        return found


def _frames(read: Shown) -> re.Pattern[str]:
    """Sentences that are an example but for the words of its one argument, whether politely said or not."""
    frames = []
    for one in read.lines:
        names = {of for of in one.slots if of >= 0}
        own = [word for word, of in zip(one.words, one.slots, strict=True) if of < 0]
        tells = max(map(weight, tokens(own)), default=0.0)
        if len(names) == 1 and ROLE["purpose"] not in one.roles and tells >= TELLING:
            at = next(place for place, of in enumerate(one.slots) if of >= 0)
            before, after = (" ".join(map(re.escape, part)) for part in (own[:at], own[at:]))
            other = rf"\S+(?: \S+){{0,{OTHER_WORDS - 1}}}"
            frames.append(" ".join(filter(None, (before, other, after))))
    return re.compile(rf"(?:(?:can|could|would|will) you )?(?:please )?(?:{'|'.join(frames) or '(?!)'})(?: please)?")


def meant(answer: Answer, plain_text: str) -> float:
    """The log odds that the sentence is for the skill."""
    return answer.match - doubted(plain_text)


def words_probability(answer: Answer) -> float:
    """That the arguments that are found in the sentence are right, if it is for the skill, 0..1."""
    return math.pow(answer.surely, WORDS)


def doubted(plain_text: str) -> float:
    """What sounding like talk takes from the log odds of any match, in nats."""
    return TALK * max(0.0, log_odds(plain_text) - TALK_FROM)
