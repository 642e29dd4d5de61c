"""A second opinion on what the skill model is unsure of: do the skill's own examples speak for it?

The few-shot network knows no skill, it only reads examples, and errs on other sentences than the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant import odds
from assistant.compared import Compared, doubted
from assistant.prompt import read_call
from assistant.worker import Written

UNSURE = (0.015, 0.97)
"""A skill whose probability lies between is looked at."""
NONE, LEAST = "none", 0.001
ENOUGH = 0.6
"""Doubt that a wish is meant at all, in nats, from which nothing is raised."""
CLEAR = 2.0
"""Log odds that a call is meant though it lacks what it requires."""
FARTHEST = 3.0
"""The network's log odds are believed up to this."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the network's log odds say in those of a skill model; chosen on kept-back sentences, told by its file."""

    weight: float
    """Of a nat."""
    lift: float
    """Nats that are given back to every skill that was looked at: the model has doubted it already."""


def seconded(written: Sequence[Written], plain_text: str, compared: Compared, opinion: Opinion) -> tuple[Written, ...]:
    """The same calls, the most probable first, those the model is unsure of as probable as both hold them.

    Raises:
        MissingPiece: the network's file is gone.
    """
    read = [(one, read_call(one.call)) for one in written]
    unsure = {call.skill for one, call in read if UNSURE[0] < one.skill_probability < UNSURE[1]} - {NONE}
    doubtful = unsure & compared.skills.keys()
    if not doubtful:
        return tuple(written)
    found = compared.answers(plain_text, sorted(doubtful))
    meant = doubted(plain_text) <= ENOUGH
    calls, nothing = [], []
    for one, call in read:
        if call.skill == NONE:
            nothing.append(one)
        elif call.skill in found:
            match = found[call.skill].match
            raised = meant and (compared.skills[call.skill].is_whole(call.words) or match >= CLEAR)
            calls.append(_moved(one, match, raised, opinion))
        else:
            calls.append(one)
    left = max(LEAST, 1 - sum(one.skill_probability for one in calls))
    nothing = [replace(one, skill_probability=left, probability=left) for one in nothing]
    return tuple(sorted([*calls, *nothing], key=lambda one: -one.skill_probability))


def _moved(one: Written, match: float, raised: bool, opinion: Opinion) -> Written:
    """The call as probable as the network's log odds make it; its words are as probable as they were.

    What sounds like talk is not `raised` ("time will tell" has all the words of a wish), nor a call that lacks what it
    requires and is not clearly meant: a question about what nobody asked for ("open the garage door") is no help.
    """
    nats = opinion.weight * max(-FARTHEST, min(FARTHEST, match)) + opinion.lift
    chance = odds.probability(odds.log_odds(one.skill_probability) + (nats if raised else min(0.0, nats)))
    return replace(one, skill_probability=chance, probability=one.probability / one.skill_probability * chance)
