"""The assistant: decide, act, respond, hear, run; each is the one before plus one step.

Knows its parts only by what they do (one method each), so that a test can stand a scripted one in any place.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from assistant import act, pointed, readers
from assistant.config import Settings
from assistant.dialogue import DENIED, Dialogue
from assistant.hands import Acts, Errand, Hands
from assistant.household import Names
from assistant.prompt import plain, prompt_hash
from assistant.registry import SkillSet
from assistant.skill import Announcement, Skill
from assistant.trace import Database, Trace
from assistant.turn import Decision, Reply, Transcript, Turn
from assistant.worker import WorkerFailed

if TYPE_CHECKING:
    from assistant.audio import Audio
    from assistant.transcribe import Heard

log = logging.getLogger(__name__)

POLL_S = 1.0
NOTHING_SAID = "Nothing was said."
DECLINED = "That is not something I can do."
UNSURE = "I am not sure what you meant."


class Decides(Protocol):
    """Words to a call."""

    def decide(self, transcript: Transcript, *, now: dt.datetime) -> Decision: ...


class Transcribes(Protocol):
    """Sound to words."""

    def transcribe(self, audio: Audio) -> Heard: ...


class Speaks(Protocol):
    """Words to sound."""

    def speak(self, text: str) -> Audio: ...


@dataclass(frozen=True)
class Parts:
    """What an assistant is made of."""

    decider: Decides
    trace: Trace | None = None
    transcriber: Transcribes | None = None
    speaker: Speaks | None = None
    play: Callable[[Audio], None] | None = None
    answer: Callable[[str], str] | None = None
    """Asks the household's larger model; None where there is none."""
    hands: Acts | None = None
    """Runs the skills; None for threads of this process."""
    models: Mapping[str, str] = field(default_factory=dict)
    """Role -> checksum of the model file, for the diary."""


@dataclass(frozen=True)
class Response:
    """A turn, and what is heard of it."""

    turn: Turn
    audio: Audio | None = None


@dataclass(frozen=True)
class Considered:
    """What a recording says and means; nothing is done yet."""

    transcript: Transcript
    decision: Decision
    hear_ms: float


@dataclass(frozen=True)
class Announced:
    """Something said without being asked."""

    announcement: Announcement
    audio: Audio | None = None


class Assistant:
    """One household's assistant. Not for use from several threads at once."""

    def __init__(self, settings: Settings, skills: SkillSet, database: Database, parts: Parts) -> None:
        self.settings, self.skills, self.database, self.parts = settings, skills, database, parts
        self._dialogue = Dialogue(settings.household)
        self._last_reply: str | None = None
        self._hands = parts.hands or Hands(settings, skills, database, parts.answer)
        self._prompt_hash = prompt_hash(skills.skills)
        self.names = Names(self._hands.names, parts.transcriber if settings.listen.names else None)

    def decide(self, transcript: Transcript) -> Decision:
        """The call that was meant; nothing is done."""
        if not plain(transcript.text):
            return Decision(skill="none", tier="decline", confidence=1.0)
        return self.parts.decider.decide(transcript, now=self.settings.now())

    def act(self, transcript: Transcript, *, confirmed: bool = False, decision: Decision | None = None) -> Turn:
        """Decide, and do it. `confirmed` answers every "Shall I?" with yes beforehand; `decision` was made already."""
        started, at = time.perf_counter(), self.settings.now()
        answer = self._dialogue.answer(transcript.text, at, lambda: decision or self._decide_or_fail(transcript))
        decision, confirmed = answer.decision, confirmed or answer.confirmed
        if decision.heard:
            transcript = transcript.model_copy(update={"text": decision.heard})
        decided = time.perf_counter()
        denied = decision is DENIED
        reply = Reply(text="Okay, I will not.") if denied else self._reply(transcript, decision, confirmed, at)
        ms = {"decide": _ms(started, decided), "act": _ms(decided, time.perf_counter())}
        self._last_reply = reply.text
        return Turn(
            id=secrets.token_hex(6),
            at=at,
            transcript=transcript,
            decision=decision,
            reply=reply,
            ms=ms,
            models=dict(self.parts.models),
            prompt_hash=self._prompt_hash,
            skills_hash=self.skills.hash,
        )

    def respond(self, transcript: Transcript, *, confirmed: bool = False, sound: Audio | None = None) -> Response:
        """Act, say the answer, and keep the turn in the diary."""
        return self._finish(self.act(transcript, confirmed=confirmed), sound, quiet=False)

    def hear(self, audio: Audio, *, confirmed: bool = False, quiet: bool = False) -> Response:
        """Write down what a recording says, and respond to it.

        Args:
            quiet: say nothing where nothing was meant for us, as an assistant that listens all day must.
        """
        transcript, ms = self.transcribe(audio)
        turn = self.act(transcript, confirmed=confirmed)
        return self._finish(turn.model_copy(update={"ms": {"hear": ms, **turn.ms}}), audio, quiet)

    def consider(self, audio: Audio) -> Considered:
        """What a recording says and means; nothing is done. Raises WorkerFailed, MissingPiece."""
        transcript, ms = self.transcribe(audio)
        return Considered(transcript, self.decide(transcript), ms)

    def conclude(self, considered: Considered, *, quiet: bool = False, sound: Audio | None = None) -> Response:
        """As `hear`, for what has been considered already."""
        turn = self.act(considered.transcript, decision=considered.decision)
        ms = {"hear": considered.hear_ms, **turn.ms, "decide": round(considered.decision.ms, 2)}
        return self._finish(turn.model_copy(update={"ms": ms}), sound, quiet)

    def answers_question(self, text: str) -> bool:
        """Whether this is what the last question waits for: a yes, a no, or the value it asked for."""
        return self._dialogue.answers(text, self.settings.now())

    def run(self, utterances: Iterable[Audio | Transcript]) -> Iterator[Response | Announced]:
        """Answer every utterance as it comes; what falls due is announced at the start and in between.

        Ends with the last utterance. What the iterable raises is raised here.
        """
        inbox: queue.Queue[Audio | Transcript | None] = queue.Queue(maxsize=1)
        raised: list[BaseException] = []
        closed = threading.Event()

        def feed() -> None:
            try:
                for utterance in utterances:
                    inbox.put(utterance)
                    if closed.is_set():
                        return
            except BaseException as error:  # noqa: BLE001 - kept, and raised again below
                raised.append(error)
            inbox.put(None)

        threading.Thread(target=feed, name="utterances", daemon=True).start()
        try:
            polled = float("-inf")
            while True:
                if time.monotonic() - polled >= POLL_S:
                    yield from self.announce()
                    polled = time.monotonic()
                with contextlib.suppress(queue.Empty):
                    utterance = inbox.get(timeout=POLL_S)
                    if utterance is None:
                        break
                    yield self._take(utterance)
        finally:
            closed.set()
            with contextlib.suppress(queue.Empty):
                inbox.get_nowait()
        if raised:
            raise raised[0]

    def _take(self, utterance: Audio | Transcript) -> Response:
        if isinstance(utterance, Transcript):
            return self._finish(self.act(utterance), None, quiet=True)
        return self.hear(utterance, quiet=True)

    # --- hearing and saying ------------------------------------------------------------------------------------------

    def transcribe(self, audio: Audio) -> tuple[Transcript, float]:
        """What a recording says, and the milliseconds it took."""
        if self.parts.transcriber is None:
            raise ValueError("this assistant was made without a transcriber")
        started = time.perf_counter()
        self.names.tell()
        heard = self.parts.transcriber.transcribe(audio)
        transcript = Transcript(
            text=heard.text,
            language=heard.language,
            confidence=heard.confidence,
            seconds=heard.seconds,
            others=heard.others,
            over=heard.over,
        )
        return transcript, _ms(started, time.perf_counter())

    def _finish(self, turn: Turn, sound: Audio | None, quiet: bool) -> Response:
        """Say the reply and keep the turn; a voice that fails costs the sound, not the turn."""
        started = time.perf_counter()
        # A call too unsure to be made is silence as well: whoever was not speaking to us wants no answer.
        silent = quiet and (turn.decision.tier == "decline" or turn.decision.skill == "none") and not turn.reply.ok
        audio = None if silent else self._speak(turn.reply.text)
        if audio is not None:
            turn = turn.model_copy(update={"ms": {**turn.ms, "speak": _ms(started, time.perf_counter())}})
        if self.parts.trace is not None:
            self.parts.trace.keep(turn, self._keep_sound(turn.id, sound))
        if audio is not None and self.parts.play is not None:
            self.parts.play(audio)
        return Response(turn, audio)

    def _speak(self, text: str) -> Audio | None:
        if self.parts.speaker is None or not text:
            return None
        try:
            return self.parts.speaker.speak(text)
        except (OSError, RuntimeError) as error:
            log.warning("the answer could not be spoken: %s", error)
            return None

    def _keep_sound(self, turn_id: str, sound: Audio | None) -> str:
        """The path of the kept recording; "" where the household keeps none, or the disk is full."""
        if sound is None or not self.settings.trace.keep_sound:
            return ""
        from assistant.audio import write_wav

        path = self.settings.paths.data / "sound" / f"{turn_id}.wav"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_wav(path, sound)
        except OSError as error:
            log.warning("the recording was not kept: %s", error)
            return ""
        return str(path)

    # --- deciding and acting -----------------------------------------------------------------------------------------

    def _decide_or_fail(self, transcript: Transcript) -> Decision:
        """As `decide`; a model's process that dies over these words costs this turn."""
        try:
            return self.decide(transcript)
        except WorkerFailed as error:
            log.warning("%s", error)
            return Decision(skill="none", tier="decline")

    def _reply(self, transcript: Transcript, decision: Decision, confirmed: bool, at: dt.datetime) -> Reply:
        if not plain(transcript.text):
            return Reply(text=NOTHING_SAID, ok=False)
        skill = self.skills.by_name.get(decision.skill)
        if decision.question:
            if skill is not None and (decision.asks_for or _is_whole(skill, decision)):
                self._dialogue.ask(decision, skill)
            return Reply(text=decision.question, question=True)
        if decision.skill == "none" or skill is None:
            return Reply(text=DECLINED, ok=False)
        if decision.tier == "decline":
            return Reply(text=UNSURE, ok=False)
        if skill.confirm and not confirmed:
            self._dialogue.ask(decision, skill, confirms=True)
            return Reply(text=_shall_i(skill, decision), question=True)
        return self._perform(skill, decision, at, transcript.text)

    def _perform(self, skill: Skill, decision: Decision, at: dt.datetime, text: str) -> Reply:
        words = pointed.as_said(decision.words, skill, text)
        try:
            reply = self._hands.perform(Errand(skill.name, words, at, self._said_last(), text))
        except readers.Unreadable as error:
            said = str(error) or f"What {act.spoken_name(error.argument or 'do you mean')}?"
            if any(error.argument == argument.name for argument in skill.arguments):
                self._dialogue.ask(decision.model_copy(update={"asks_for": error.argument}), skill)
            return Reply(text=said, question=True)
        if any(reply.asks_for == argument.name for argument in skill.arguments):
            self._dialogue.ask(decision.model_copy(update={"asks_for": reply.asks_for}), skill)
        return reply

    def _said_last(self) -> str:
        if self._last_reply is None:
            self._last_reply = self.parts.trace.last_reply() if self.parts.trace else ""
        return self._last_reply

    # --- the modules' hooks ------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Everything that rings or plays falls silent."""
        self._hands.stop()

    def announce(self) -> list[Announced]:
        """Say what has fallen due."""
        announced = []
        for announcement in self._hands.due():
            audio = self._speak(announcement.text)
            announced.append(Announced(announcement, audio))
            self._last_reply = announcement.text
            if audio is not None and self.parts.play is not None:
                self.parts.play(audio)
        return announced


def _ms(start: float, end: float) -> float:
    """Milliseconds between two readings of the performance counter, to a hundredth."""
    return round((end - start) * 1000, 2)


def _is_whole(skill: Skill, decision: Decision) -> bool:
    """Whether every value of the call was read, so that its question ("Did you mean ...?") only wants a yes."""
    required = {argument.name for argument in skill.arguments if argument.required}
    return set(decision.args) == set(decision.words) >= required


def _shall_i(skill: Skill, decision: Decision) -> str:
    """`run_program(name="backup")` -> "Shall I run a program: backup?"."""
    purpose = skill.purpose.rstrip(".")
    said = ", ".join(decision.words.values())
    return f"Shall I {purpose[:1].lower()}{purpose[1:]}{': ' if said else ''}{said}?"
