"""Early work: what an utterance says and means so far, and whether it sounds finished. Nothing is done here."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from assistant.audio import Audio
from assistant.core import Assistant, Considered
from assistant.listen import Finish
from assistant.prompt import plain
from assistant.skill import MissingPiece
from assistant.turn import Decision
from assistant.worker import WorkerFailed

log = logging.getLogger(__name__)

SURE = 0.7
"""A call so likely to be right is complete: `decide`'s confidence is calibrated."""
OVER = 0.3
"""So likely nothing follows: half of what people say ends so likely, of its beginnings one in twelve."""
GOES_ON = 0.1
"""So unlikely are the last words of a sentence, whatever call they make: "cancel", "what"."""
STOP = "stop"
TROUBLE = "I could not listen properly just now. Please say that again."
_DANGLING = frozenset((
    "a", "an", "the", "to", "for", "of", "at", "and", "or", "my", "your", "from", "with", "by", "than", "called",
    "named", "plus", "minus", "times", "divided", "is", "are", "um", "uh", "er",
))  # fmt: skip
"""English words after which something must follow. Not "on", "off", "in": "turn the light on" is over."""


@dataclass(frozen=True)
class Thought:
    """What came of early work."""

    finish: Finish
    considered: Considered | None = None
    """None where nothing was said, or it could not be made out."""
    trouble: str = ""
    """A sentence for the speaker where our own parts failed."""


def think(assistant: Assistant, audio: Audio) -> Thought:
    """Write down an utterance, find its call, and say how it stands. Raises nothing."""
    try:
        considered = assistant.consider(audio)
    except (WorkerFailed, MissingPiece) as error:
        log.warning("%s", error)
        return Thought(Finish.OPEN, trouble=TROUBLE)
    except Exception as error:  # noqa: BLE001 - months of listening do not end with one sentence nobody foresaw
        return troubled(error)
    text = plain(considered.transcript.text)
    if not text or considered.transcript.confidence < assistant.settings.listen.least_confidence:
        return Thought(Finish.NOTHING)
    if assistant.answers_question(text):
        return Thought(Finish.COMPLETE, considered)
    finish = _stands(assistant, text, considered.decision)
    over = considered.transcript.over
    if finish is Finish.COMPLETE and over is not None:
        finish = Finish.OVER if over >= OVER else Finish.OPEN if over < GOES_ON else finish
    return Thought(finish, considered)


def unasked(considered: Considered, assistant: Assistant, amid_talk: bool) -> Considered:
    """What was said to nobody in particular: a call only where both models are sure, and never a question back.

    Args:
        amid_talk: other words that were not for us were said a moment ago.
    """
    settings, decision, heard = assistant.settings.listen, considered.decision, considered.transcript.confidence
    sure = settings.amid_talk_sure if amid_talk else settings.unasked_sure
    asks = decision.tier == "ask" or bool(decision.question)
    skill = assistant.skills.by_name.get(decision.skill)
    chat = asks or (skill is not None and skill.addressed)
    if decision.skill == "none" or (not chat and decision.confidence >= sure and heard >= settings.unasked_heard):
        return considered
    declined = decision.model_copy(update={"tier": "decline", "question": "", "asks_for": ""})
    return replace(considered, decision=declined)


def troubled(error: Exception) -> Thought:
    """What nobody foresaw, in the log by its kind alone: its words may be the speaker's."""
    log.error("a turn was lost to %s; --verbose shows where", type(error).__name__)
    log.debug("lost turn", exc_info=error)
    return Thought(Finish.OPEN, trouble=TROUBLE)


def _stands(assistant: Assistant, text: str, decision: Decision) -> Finish:
    """Whether these words can be all."""
    if decision.skill == STOP and decision.confidence >= assistant.settings.decide.sure:
        return Finish.STOP
    if text.split()[-1] in _DANGLING:
        return Finish.UNFINISHED
    skill = assistant.skills.by_name.get(decision.skill)
    if skill is None:
        return Finish.OPEN
    if any(argument.required and argument.name not in decision.args for argument in skill.arguments):
        return Finish.UNFINISHED
    sure = decision.tier not in ("ask", "decline") and decision.confidence >= SURE
    return Finish.COMPLETE if sure and decision.skill != "none" else Finish.OPEN
