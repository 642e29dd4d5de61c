"""The question that was put last, and what the next words are to it: a yes, a no, the value asked for, or nothing.

One question waits at a time, and not for long: whoever answers late is asking something new.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass

from assistant import readers
from assistant.prompt import plain
from assistant.skill import CLOSED, Argument, Household, Skill
from assistant.turn import Decision, args_to_json

WAIT_S = 30.0
"""How long a question waits for its answer."""
DENIED = Decision(skill="none", tier="taught", confidence=1.0)
"""What a no makes of the call that waited."""
SURE = 0.6
"""So sure a call is believed to be a new request, and not the answer in words that happen to sound like one. Of 37
answers in few words none reached 0.53; of 12 requests one was below 0.62."""
YES = frozenset((
    "yes", "yeah", "yep", "yup", "sure", "ok", "okay", "do it", "yes do it", "go ahead", "yes please", "please do",
    "of course", "certainly", "absolutely", "ja", "oui", "sí", "si", "da", "sim",
))  # fmt: skip
NO = frozenset((
    "no", "nope", "nah", "no thanks", "no thank you", "don't", "do not", "don't do it", "never mind", "nevermind",
    "cancel", "cancel it", "cancel that", "stop", "forget it", "nein", "non", "niet", "não",
))  # fmt: skip
DENIALS = frozenset(("no", "nope", "nah", "no thanks", "no thank you", "nein", "non", "niet", "não"))
"""Of `NO`, what answers a question of yes or no; the others call it all off."""
_BEFORE_A_VALUE = frozenset(("for", "at", "in", "to", "on", "the", "a", "it's", "um", "uh", "please", "make", "it"))
_BEFORE_A_CHOICE = _BEFORE_A_VALUE | {"turn", "switch", "set", "put", "that", "this"}


@dataclass(frozen=True, slots=True)
class Question:
    """A call that waits for an answer."""

    decision: Decision
    skill: Skill
    until: float
    """On the monotonic clock, in seconds."""
    confirms: bool = False
    """Whether it was "Shall I?"; a yes to "Did you mean?" is none to that."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the words were to the question."""

    decision: Decision
    confirmed: bool = False
    """The yes was to "Shall I?"."""


class Dialogue:
    """Keeps the one question that waits. Not thread-safe."""

    def __init__(self, household: Household) -> None:
        self._household = household
        self._waiting: Question | None = None

    @property
    def waits(self) -> bool:
        """Whether an answer is still expected."""
        return self._waiting is not None and time.monotonic() < self._waiting.until

    def answers(self, text: str, now: dt.datetime) -> bool:
        """Whether `text` is an answer to the question that waits; the question goes on waiting."""
        waiting, said = self._waiting, plain(text)
        if waiting is None or not self.waits:
            return False
        if not waiting.decision.asks_for:
            return said in YES | NO
        return _calls_off(waiting, said) or self._filled(waiting, said, now) is not None

    def ask(self, decision: Decision, skill: Skill, *, confirms: bool = False) -> None:
        """Let a call wait for its answer; `decision.asks_for` names the argument that is asked for, if one is.

        Raises:
            KeyError: the skill takes no such argument.
        """
        if decision.asks_for:
            skill.argument(decision.asks_for)
        self._waiting = Question(decision, skill, time.monotonic() + WAIT_S, confirms)

    def take(self) -> Question | None:
        """The question that waits; whatever comes next, it waits no longer."""
        waiting, self._waiting = self._waiting, None
        return waiting if waiting and time.monotonic() < waiting.until else None

    def answer(self, text: str, now: dt.datetime, decide: Callable[[], Decision]) -> Answer:
        """What `text` means after the question that waits; without one, what `decide` says it means."""
        said = plain(text)
        waiting = self.take() if said else None  # silence is no answer, and the question goes on waiting
        if waiting is None:
            return Answer(decide())
        if _calls_off(waiting, said):
            return Answer(DENIED)
        if not waiting.decision.asks_for:
            return Answer(_asked(waiting), waiting.confirms) if said in YES else Answer(decide())
        filled = self._filled(waiting, said, now)
        if filled is None:
            return Answer(decide())
        argument = waiting.skill.argument(waiting.decision.asks_for)
        if argument.kind == "text" and (new := decide()).skill != "none" and new.confidence >= SURE:
            return Answer(new)  # any words are a text; those that are a request for sure are meant as one
        return Answer(filled)

    def _filled(self, waiting: Question, said: str, now: dt.datetime) -> Decision | None:
        """The call with the argument that was asked for; None where the words are no value of its kind."""
        asked = waiting.decision
        argument = waiting.skill.argument(asked.asks_for)
        value = _choice(waiting.skill, argument, said) if argument.kind in CLOSED else _without_fillers(said)
        if not value or (argument.kind not in CLOSED and value in YES):
            return None
        try:
            readers.read(argument.reader, value, now=now, household=self._household)
        except readers.Unsettled:
            pass  # it is asked on
        except readers.Unreadable:
            return None
        whole = asked.model_copy(
            update={"words": {**asked.words, argument.name: value}, "question": "", "asks_for": ""}
        )
        try:
            values = readers.read_arguments(waiting.skill, whole.words, now=now, household=self._household)
        except readers.Unreadable as error:
            return whole.model_copy(update={"question": str(error), "asks_for": error.argument})
        return whole.model_copy(update={"args": args_to_json(values)})


def _calls_off(waiting: Question, said: str) -> bool:
    """Whether the words end the matter; a bare no may be the value of a flag that was asked for."""
    asks_for = waiting.decision.asks_for
    is_flag = bool(asks_for) and waiting.skill.argument(asks_for).kind == "flag"
    return said in NO and not (is_flag and said in DENIALS)


def _without_fillers(said: str) -> str:
    words = said.split()
    while words and words[0] in _BEFORE_A_VALUE:
        words.pop(0)
    while words and words[-1] == "please":
        words.pop()
    return " ".join(words)


def _choice(skill: Skill, argument: Argument, said: str) -> str:
    """The choice that the words say, by its name or as an example says it; "" for none."""
    if argument.kind == "flag":
        ways = {**dict.fromkeys(YES, "yes"), **dict.fromkeys(DENIALS, "no")}
    else:
        ways = {plain(choice.replace("_", " ")): choice for choice in argument.choices}
    for example in skill.examples:
        if argument.name in example.spans:
            first, end = example.spans[argument.name]
            ways.setdefault(plain(example.text[first:end]), example.call.words[argument.name])
    words = said.removesuffix(" please").split()
    while words:  # fillers one by one, for "on" is one, and a choice of many skills
        if choice := ways.get(" ".join(words)):
            return choice
        if words.pop(0) not in _BEFORE_A_CHOICE:
            break
    return ""


def _asked(waiting: Question) -> Decision:
    return waiting.decision.model_copy(update={"question": ""})
