"""Text -> Decision, by whoever is sure enough: taught phrases, the shipped skill model, what was learned beside it, the
examples of skills it was not trained on, the household's larger model; otherwise a question, or an honest "no".

Nothing is done here: a Decision says what was meant. Everyone who decides (running, measuring, training) does it here.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Protocol

from assistant import models, pointed
from assistant.compared import Compared
from assistant.config import Settings
from assistant.nearest import Examples
from assistant.notes import Notes
from assistant.prompt import plain, read_call, write_call
from assistant.readers import Unreadable, Unsettled, read, read_arguments
from assistant.registry import SkillSet
from assistant.seconded import seconded
from assistant.server import Server
from assistant.skill import Call, MissingPiece, SkillError
from assistant.turn import Candidate, Decision, Tier, Transcript, args_to_json
from assistant.unseen import CERTAIN, LEAST, LIKELY_MATCH, NOTHING, SURE_MATCH, Unseen
from assistant.worker import Job, Worker, WorkerFailed, Written

log = logging.getLogger(__name__)

NONE = "none"
SURE_ALONE = 0.7
"""A learned model that is surer is believed where the shipped one says none() to what a person corrected."""
LOOKS = 3
"""So many of the recognizer's runner-ups are looked at."""
SHOWN = 5
"""Examples like the transcript at the end of a larger model's prompt."""
OTHER_WORDS = "I am not sure what you mean. Can you say it in other words?"


class Writes(Protocol):
    """What a model's process does for us; see `assistant.worker.Worker`."""

    def notes(self) -> dict[str, str]:
        """The model file's own notes."""

    def write(
        self, plain_text: str, nearest: Sequence[tuple[str, str]] = (), drafts: Sequence[str] = ()
    ) -> tuple[Written, ...]:
        """Calls, the most probable first; drafts are guesses at the call, which may save time."""

    def complete(self, prompt: str, most_tokens: int = 160) -> str:
        """A free answer."""

    def close(self) -> None:
        """End the process."""


Taught = Callable[[str], Call | None]
"""Plain text -> the call the household has taught for exactly these words."""


@dataclass(frozen=True, slots=True)
class _Guess:
    """One tier's answer before its words are read."""

    call: Call
    confidence: float
    """That the whole call is right, words included."""
    skill_confidence: float
    tier: Tier
    runner_ups: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class DecidingModels:
    """The models that decide; None where the household has none."""

    shipped: Writes | None
    larger: Writes | None
    learned: Writes | None = None
    """What was learned on this board; it decides about that alone."""

    def close(self) -> None:
        """End their processes."""
        for model in (self.shipped, self.larger, self.learned):
            if model is not None:
                model.close()


def open_models(skills: SkillSet, settings: Settings) -> DecidingModels:
    """Start the household's models, each in a process of its own. Raises MissingPiece, ConfigError."""
    chosen, threads = settings.models, settings.models.threads
    path = models.larger_model(settings)
    larger: Writes | None = None
    if path is not None:
        larger = Worker(Job(path, skills.skills, shipped=False, threads=threads, cache=settings.paths.cache / "prefix"))
    elif chosen.server_url:
        larger = Server(chosen.server_url, chosen.server_model, chosen.server_key_variable, skills.skills)
    beside = models.learned_model(settings)
    learned = Worker(Job(beside, skills.skills, shipped=True)) if beside else None
    return DecidingModels(Worker(Job(models.skill_model(settings), skills.skills, shipped=True)), larger, learned)


class Decider:
    """Decides for one set of skills. Models start with it and end with `close`. Not thread-safe."""

    def __init__(
        self,
        skills: SkillSet,
        settings: Settings,
        *,
        parts: DecidingModels | None = None,
        taught: Taught = lambda _: None,
    ) -> None:
        self._skills = skills.by_name
        self._settings = settings
        self._taught = taught
        self._models = parts if parts is not None else open_models(skills, settings)
        self._examples = Examples(skills.skills)
        self._notes: Notes | None = None
        self._of_learned: Notes | None = None

    def close(self) -> None:
        """End the models' processes."""
        self._models.close()

    def __enter__(self) -> Decider:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def decide(self, transcript: Transcript, *, now: dt.datetime) -> Decision:
        """What was meant.

        Raises:
            MissingPiece: a model file is gone.
            WorkerFailed: a model's process died twice over this.
        """
        started = time.perf_counter()
        text = plain(transcript.text)
        decision = self._read(self._guess(text, now), text, now) if text else Decision(skill=NONE, tier="decline")
        if transcript.others and decision.tier in ("ask", "decline") and self._settings.decide.second_look:
            decision = self._second_look(decision, transcript, now)
        return decision.model_copy(update={"ms": (time.perf_counter() - started) * 1000})

    @property
    def answer(self) -> Callable[[str], str] | None:
        """Asks the larger model a question in free words; None where the household has none. Raises SkillError."""
        larger = self._models.larger
        if larger is None:
            return None

        def ask(question: str) -> str:
            try:
                return larger.complete(question)
            except WorkerFailed as error:
                raise SkillError(f"My larger model did not answer: {error}") from error

        return ask

    def _second_look(self, first: Decision, transcript: Transcript, now: dt.datetime) -> Decision:
        """The surest call among those of the recognizer's runner-ups, where one is sure; else the first decision."""
        best, said, bar = first, plain(transcript.text), self._settings.decide.second_look
        for other in transcript.others[:LOOKS]:
            text = plain(other)
            if not text or text == said:
                continue
            decision = self._read(self._guess(text, now), text, now)
            if decision.skill != NONE and not decision.question and decision.confidence > bar:
                best, bar = decision.model_copy(update={"heard": other}), decision.confidence
        return best

    # --- who is sure enough ------------------------------------------------------------------------------------------

    def _guess(self, text: str, now: dt.datetime) -> _Guess:
        taught = self._taught(text)
        if taught is not None and taught.skill in self._skills:
            return _Guess(taught, 1.0, 1.0, "taught")
        guess, held = self._with_learned(*self._own_models(text))
        best = self._unseen(text, guess, held, now) or guess
        if best is not None and best.confidence >= self._settings.decide.larger_threshold:
            return best
        larger = self._larger(text, best)
        if larger is not None and (best is None or larger.confidence > best.confidence):
            return larger
        return best or _Guess(Call(NONE), 0.0, 0.0, "decline")

    def _own_models(self, text: str) -> tuple[_Guess | None, _Guess | None]:
        """What the shipped model says, and the learned one; each has a process of its own, so both work at once."""
        if self._models.learned is None:
            return self._shipped(text), None
        with ThreadPoolExecutor(max_workers=1) as beside:
            learned = beside.submit(self._learned, text)
            return self._shipped(text), learned.result()

    def _shipped(self, text: str) -> _Guess | None:
        if self._models.shipped is None:
            return None
        written, notes = self._models.shipped.write(text), self._read_notes()
        if notes.second is not None:
            written = seconded(written, text, self._compared, notes.second)
        return _from_written(written, "shipped", notes)

    def _with_learned(
        self, shipped: _Guess | None, learned: _Guess | None
    ) -> tuple[_Guess | None, Mapping[str, float]]:
        """Whose answer stands, and how probable the learned model holds each new skill that is its own, 0..1.

        What was learned on this board is for the learned model to decide, and only that: about all else the shipped
        model's answer stands as if nothing had been learned. Of a new skill it is asked together with the examples.
        """
        if learned is None:
            return shipped, NOTHING
        own, unseen = self._learned_notes().own & self._skills.keys(), self._unseen_skills()
        chances = _held(learned)
        held = {name: chances.get(name, 0.0) for name in own & unseen}
        skill, theirs = learned.call.skill, NONE if shipped is None else shipped.call.skill
        if skill in unseen or (theirs not in own and skill not in own):
            return shipped, held
        if theirs in own:  # it was corrected
            return (shipped if self._would_ask(learned) else learned), held
        # Of what else there is to ask for, and of talk, it has learned little.
        alone = theirs == NONE and learned.skill_confidence >= SURE_ALONE
        return (learned if alone else shipped), held

    def _learned(self, text: str) -> _Guess | None:
        if self._models.learned is None:
            return None
        try:
            return _from_written(self._models.learned.write(text), "learned", self._learned_notes())
        except (WorkerFailed, MissingPiece) as error:
            log.warning("%s; going on without what was learned", error)
            return None

    def _read_notes(self) -> Notes:
        """What the skill model's file says of itself; asked for late, so that its process can start meanwhile."""
        if self._notes is None and self._models.shipped is not None:
            self._notes = Notes.of(self._models.shipped.notes())
        return self._notes or Notes()

    def _learned_notes(self) -> Notes:
        if self._of_learned is None and self._models.learned is not None:
            self._of_learned = Notes.of(self._models.learned.notes())
        return self._of_learned or Notes()

    def _unseen(self, text: str, guess: _Guess | None, held: Mapping[str, float], now: dt.datetime) -> _Guess | None:
        """The best of the skills that the skill model was not trained on, if their examples explain the words.

        Args:
            held: skill -> how probable a model that has learned it holds it, 0..1.
        """
        unseen = self._unseen_skills()
        if not unseen:
            return None
        unsure = guess is None or guess.call.skill == NONE or self._would_ask(guess)
        if guess is not None and not unsure and guess.skill_confidence >= CERTAIN and self._about.are_many:
            return None
        found = self._about.best(text, partial(self._value, now=now), held)
        if found is None or found.skill < (LIKELY_MATCH if unsure else SURE_MATCH):
            return None
        if guess is not None and not self._about.is_as_like(found.call.skill, guess.call.skill, text):
            return None
        whole = self._skills[found.call.skill].is_whole(found.call.words)
        if not whole and (guess is None or guess.call.skill == NONE):
            return None  # to talk that only mentions a thing no question is asked
        tier: Tier = "learned" if held.get(found.call.skill, 0.0) >= LEAST else "examples"
        return _Guess(found.call, found.skill * found.words, found.skill, tier)

    def _unseen_skills(self) -> frozenset[str]:
        """Those of the house that the shipped model was not trained on."""
        return frozenset(self._skills) - self._read_notes().trained - {NONE}

    @cached_property
    def _about(self) -> Unseen:
        """What the unseen skills are about."""
        return Unseen(sorted(self._unseen_skills()), self._compared)

    @cached_property
    def _compared(self) -> Compared:
        """Every skill's examples; they are read when they are first needed."""
        return Compared(self._skills.values())

    def _would_ask(self, guess: _Guess) -> bool:
        """Whether nothing would be done with this guess before a question."""
        bars = self._settings.decide
        return guess.skill_confidence < bars.sure or guess.confidence < bars.ask_threshold

    def _larger(self, text: str, unsure: _Guess | None) -> _Guess | None:
        if self._models.larger is None:
            return None
        matches = self._examples.best(text, most=SHOWN)
        nearest = [(m.said, self._as_written(m.call, m.said)) for m in matches]
        guesses = [*([unsure.call] if unsure else []), *(m.call for m in matches)]
        try:
            written = self._models.larger.write(text, nearest[::-1], self._drafts(guesses, text))
        except WorkerFailed as error:
            log.warning("%s; going on without it", error)
            log.debug("the larger model's answer was not used", exc_info=error)
            return None
        return _from_written(written, "larger", Notes())

    def _drafts(self, guesses: Sequence[Call], text: str) -> list[str]:
        """The guesses as a larger model would write them; words that are no run of the text make no draft."""
        found = []
        for call in guesses:
            with contextlib.suppress(ValueError):
                found.append(write_call(call, self._skills[call.skill], text))
        return found

    def _as_written(self, call: Call, said: str) -> str:
        """The example's call over the example's own words, as a model would write it."""
        skill = self._skills[call.skill]
        own = next(e.call for e in skill.examples if plain(e.text) == said)
        return write_call(own, skill, said)

    # --- words to values ---------------------------------------------------------------------------------------------

    def _read(self, guess: _Guess, text: str, now: dt.datetime) -> Decision:
        """Read the words. An unsure skill is declined; words that cannot be read, or are unsure, become a question."""
        words = guess.call.words
        if guess.tier != "taught" and guess.call.skill in self._skills:
            words = pointed.completed(guess.call, self._skills[guess.call.skill], text, partial(self._value, now=now))
        decision = Decision(
            skill=guess.call.skill,
            words=dict(words),
            confidence=guess.confidence,
            runner_ups=guess.runner_ups,
            tier=guess.tier,
        )
        if guess.call.skill == NONE:
            return decision
        if guess.skill_confidence < self._settings.decide.threshold:
            unsure = Candidate(call=str(guess.call), probability=guess.confidence)
            others = (unsure, *guess.runner_ups)
            return Decision(skill=NONE, confidence=1 - guess.skill_confidence, runner_ups=others, tier="decline")
        skill = self._skills[guess.call.skill]
        if guess.tier != "taught" and pointed.share_words(skill, words, text):
            return decision.model_copy(update={"tier": "ask", "question": OTHER_WORDS})
        try:
            values = read_arguments(skill, words, now=now, household=self._settings.household)
        except Unreadable as error:
            return decision.model_copy(update={"tier": "ask", "question": str(error), "asks_for": error.argument})
        decision = decision.model_copy(update={"args": args_to_json(values)})
        if self._would_ask(guess):
            return decision.model_copy(update={"tier": "ask", "question": _did_you_mean(Call(skill.name, words))})
        return decision

    def _value(self, kind: str, words: str, now: dt.datetime) -> object:
        """What the words say; None where they cannot be read. What must be asked about is no less the argument's."""
        try:
            return read(kind, words, now=now, household=self._settings.household)
        except Unsettled:
            return Unsettled
        except Unreadable:
            return None


def _did_you_mean(call: Call) -> str:
    words = ", ".join(call.words.values())
    return f"Did you mean {call.skill.replace('_', ' ')}{': ' if words else ''}{words}?"


def _held(guess: _Guess) -> Mapping[str, float]:
    """Skill -> how probable a model holds it, 0..1."""
    others = {read_call(one.call).skill: one.probability for one in guess.runner_ups}
    return {**others, guess.call.skill: guess.skill_confidence}


def _from_written(written: Sequence[Written], tier: Tier, notes: Notes) -> _Guess:
    best = written[0]
    others = tuple(Candidate(call=str(read_call(one.call)), probability=one.skill_probability) for one in written[1:])
    call, of_skill = read_call(best.call), notes.of_skill(best.skill_probability)
    whole = notes.of_call(best.probability) if call.words else of_skill
    return _Guess(call, whole, of_skill, tier, others)
