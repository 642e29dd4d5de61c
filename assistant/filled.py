"""Which words of a sentence are which argument of a skill, by what the few-shot network says of each word.

A typed argument gets words that its reader reads, a choice those that say it; no word is of two arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from assistant.fewshot import Answer
from assistant.prompt import clean_run
from assistant.shown import Slot
from assistant.skill import CLOSED, Argument, Skill
from assistant.wording import LINKS

Value = Callable[[str, str], object]
"""Kind and words -> what they say; None where the kind's reader cannot read them."""

OWN, EDGES = 0.5, 0.5
"""What the words' own tags say in a run's score, and what its two ends say."""
SURELY = 4.0
"""A word says at most so much for a run, or against it, in nats."""
LEAST = {"text": 0.0, "choice": 0.0, "typed": -2.0}
"""A run scores more than this, or the argument is not said; what a reader reads needs less."""
REQUIRED = 2.0
"""So much less is enough for an argument that must be said."""
READ = 12
"""So many runs are put to a reader, the best first."""


@dataclass(frozen=True, slots=True)
class Run:
    """Words `first` up to `end` as a slot's."""

    score: float
    slot: int
    first: int
    end: int


def fill(skill: Skill, slots: tuple[Slot, ...], parts: tuple[str, ...], answer: Answer, value: Value) -> dict[str, str]:
    """The arguments that are said: name -> its words, in the order of the signature; a closed one's choice.

    Args:
        slots: of the skill, as the network was shown them.
        parts: the chunks of the sentence; the network has read as many words, or the first of them.
        answer: of the network.
    """
    found: dict[str, str] = {}
    taken: set[int] = set()
    for run in sorted(_runs(skill, slots, parts, answer, value), reverse=True, key=lambda one: one.score):
        slot = slots[run.slot]
        if slot.argument not in found and taken.isdisjoint(range(run.first, run.end)):
            found[slot.argument] = slot.choice or _words(parts, run.first, run.end)
            taken.update(range(run.first, run.end))
    return {a.name: found[a.name] for a in skill.arguments if a.name in found}


def _runs(skill: Skill, slots: tuple[Slot, ...], parts: tuple[str, ...], answer: Answer, value: Value) -> Iterator[Run]:
    """Of each slot the runs that may be its words."""
    for at, slot in enumerate(slots):
        argument = skill.argument(slot.argument)
        kind = argument.kind if argument.kind in ("text", *CLOSED) else "typed"
        least = LEAST["choice" if kind in CLOSED else kind] - REQUIRED * argument.required
        scored = sorted(_scored(at, answer), reverse=True, key=lambda one: one.score)
        likely = [one for one in scored[: READ if kind == "typed" else 1] if one.score > least]
        yield from (run for run in likely if kind != "typed" or _reads(argument, parts, run, value))


def _scored(slot: int, answer: Answer) -> Iterator[Run]:
    own = np.exp(answer.tags[:, slot + 1])
    said = np.clip(np.log(own + 1e-6) - np.log(1 - own + 1e-6), -SURELY, SURELY)
    total = np.concatenate([[0.0], np.cumsum(said)])
    begins = np.clip(answer.begins[slot] - answer.begins[slot][0], -2 * SURELY, 2 * SURELY)
    ends = np.clip(answer.ends[slot] - answer.ends[slot][0], -2 * SURELY, 2 * SURELY)
    for first in range(len(said)):
        for end in range(first + 1, len(said) + 1):
            score = OWN * (total[end] - total[first]) + EDGES * (begins[first + 1] + ends[end])
            yield Run(float(score), slot, first, end)


def _reads(argument: Argument, parts: tuple[str, ...], run: Run, value: Value) -> bool:
    """Whether the run is nothing but what the argument's reader reads."""
    words = _words(parts, run.first, run.end)
    return words not in LINKS and value(argument.kind, words) is not None


def _words(parts: tuple[str, ...], first: int, end: int) -> str:
    return clean_run("".join(parts[first:end]))


def free_of(skill: Skill, found: Mapping[str, str]) -> list[str]:
    """Open arguments that were found."""
    return [name for name in found if skill.argument(name).kind not in CLOSED]
