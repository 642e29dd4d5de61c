"""A skill that no model was trained on, recognised from its examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from assistant import odds
from assistant.compared import Compared, meant, words_probability
from assistant.fewshot import Answer
from assistant.filled import Value
from assistant.likeness import Likeness
from assistant.skill import Call

ALL = 12
"""So many unseen skills are all compared with a sentence."""
TRIED = 4
"""Of more, so many that it shares most words with."""
SURE_MATCH = 0.8
"""An unseen skill that is so probably meant is believed over a skill model that is sure of another."""
LIKELY_MATCH = 0.45
"""So much is enough when the skill model says none() or is unsure: chosen on examples/newcomers and blind and on 36
invented skills, where no more near misses are called by it than with the network before (at 0.5)."""
CERTAIN = 0.9
"""Where there are more than ALL, a skill model that is so sure is not doubted: to read them takes time."""
LESS = 1.0
"""In nats: a sentence may be so much less like its examples than like those of the skill that a model chose."""
NOTHING: Mapping[str, float] = MappingProxyType({})
WORTH, SUREST = 0.5, 4.0
"""What a nat of a model that learned the skill in minutes is worth in those of the network, and how sure it is at most,
either way: it adds nothing where it is sure that another is meant, and up to four nats. Chosen on two skills of
examples/newcomers/blind and the talk that `hark learn` asks for five, by what is found and what is falsely called."""
LEAST, LEAST_IN_PART = 0.1, 0.4
"""A skill less probable than this is no match; the second is for one that lacks an argument."""


@dataclass(frozen=True, slots=True)
class Meant:
    """A skill that a sentence is for."""

    call: Call
    skill: float
    """How probable that is, 0..1."""
    words: float
    """How probable it is that the arguments are right, if so."""


class Unseen:
    """Recognises some of a house's skills from their examples. Not thread-safe."""

    def __init__(self, names: Iterable[str], compared: Compared) -> None:
        """`names`: skills that `compared` knows."""
        self._names = tuple(names)
        self._compared = compared
        skills = (compared.skills[name] for name in self._names)
        self._likeness = Likeness(skills) if len(self._names) > ALL else None

    @property
    def are_many(self) -> bool:
        """Whether there are more than ALL."""
        return self._likeness is not None

    def best(self, plain_text: str, value: Value, held: Mapping[str, float] = NOTHING) -> Meant | None:
        """The skill that the sentence is most probably for, with the words that were found.

        One that lacks an argument it requires is taken where no other is complete and it is meant all the same: what
        is missing is asked for.

        Args:
            held: skill -> how probable a model that has learned it holds it, 0..1.
        Returns:
            None where nothing is like it.
        """
        learned = [name for name, chance in held.items() if name in self._names and chance >= LEAST]
        best: tuple[bool, Meant] | None = None
        for name, answer in self._compared.answers(plain_text, [*learned, *self._likely(plain_text)]).items():
            chance = _together(answer, plain_text, held.get(name))
            if chance < LEAST:
                continue
            call = self._compared.call(name, plain_text, answer, value)
            whole = self._compared.skills[name].is_whole(call.words)
            better = best is None or (whole, chance) > (best[0], best[1].skill)
            if better and chance >= (LEAST if whole else LEAST_IN_PART):
                best = whole, Meant(call, chance, words_probability(answer))
        return best[1] if best else None

    def is_as_like(self, name: str, rival: str, plain_text: str) -> bool:
        """Whether the network finds a sentence no less like the examples of one skill than like those of a rival.

        Of what has no examples, `none` among them, it always does.
        """
        if rival == name or rival not in self._compared.skills or not self._compared.skills[rival].examples:
            return True
        found = self._compared.answers(plain_text, [name, rival])
        return not found or found[name].match >= found[rival].match - LESS

    def _likely(self, plain_text: str) -> Iterable[str]:
        return self._names if self._likeness is None else self._likeness.likest(plain_text)[:TRIED]


def _together(answer: Answer, plain_text: str, held: float | None) -> float:
    """How probable the examples and a model that has learned the skill hold it, 0..1; None stands for no such model."""
    nats = meant(answer, plain_text)
    if held is not None:
        nats += WORTH * (SUREST + max(-SUREST, min(SUREST, odds.log_odds(held))))
    return odds.probability(nats)
