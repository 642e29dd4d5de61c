"""The always-on loop: carries out what the state machine of `assistant.listen` orders.

Frames come in, one after another; on each the senses say who speaks, the state machine says what to do, and what has
become ready meanwhile is taken up. All thinking is done by the assistant in one other thread, one thing after another,
so that the microphone never waits.
"""

from __future__ import annotations

import itertools
import logging
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from assistant.audio import RATE_HZ, Audio
from assistant.config import Listen
from assistant.core import Announced, Assistant, Response
from assistant.ears import mouth as mouths
from assistant.ears.mouth import Mouth
from assistant.ears.senses import Attention, Senses
from assistant.ears.sources import silence
from assistant.ears.thought import Thought, think, troubled, unasked
from assistant.listen import FRAME_MS, PATIENCE, Do, Finish, Listener, Order, Rules, Span, State, with_silence
from assistant.skill import MissingPiece
from assistant.worker import WorkerFailed

log = logging.getLogger(__name__)

POLL_FRAMES = 1000 // FRAME_MS
"""How often we look whether something has fallen due."""
PARTIAL_FRAMES = 800 // FRAME_MS
"""How often a partial transcript is made for somebody who watches."""
RING_S = 600.0
"""A ringing that nobody stops ends."""
DRAIN_S = 30.0
"""After the end of a recording: how long what was begun may take."""
AMID_TALK_S = 5.0
"""So long after words that were not for us others are likely to be talk, too."""
DEAF = "I cannot hear at the moment."
ALWAYS_ON_DISTURBED_MS = 8000
"""Where no wake word is needed, a whole command may be spoken over an answer."""
WAKE_TONE = mouths.tone(880, 90)
RING = mouths.joined([mouths.tone(660, 160), mouths.pause(60), mouths.tone(880, 240), mouths.pause(900)] * 4)


@dataclass(frozen=True)
class Event:
    """Something for whoever watches."""

    kind: Literal["awake", "asleep", "partial", "nothing", "turn", "announced", "trouble", "held", "resumed", "cut"]
    text: str = ""
    response: Response | None = None
    began_at: float = 0.0
    """For a turn: when its call was made, on the performance counter, in seconds."""


@dataclass(frozen=True)
class How:
    """How the loop is run."""

    lockstep: bool = False
    """Every thought is waited for: time passes with the frames alone."""
    partials: bool = False
    """Make partial transcripts while somebody speaks."""


@dataclass
class _Running:
    """A turn that is being made."""

    future: Future[tuple[Thought, Response | None, float]]
    wanted: bool = True
    """False once it was cut off: what it did is done, but its answer is not said."""


@dataclass(frozen=True)
class _Overheard:
    """How something was said that no wake word came before."""

    amid_talk: bool


def rules_of(settings: Listen) -> Rules:
    """The household's settings, for the state machine."""
    rules = Rules(
        patience=PATIENCE[settings.wait],
        early=settings.early,
        speech=settings.speech_threshold,
        refractory_ms=settings.refractory_ms,
    )
    if settings.wake_word == "none":
        rules = replace(rules, always_on=True, disturbed_ms=ALWAYS_ON_DISTURBED_MS)
    return with_silence(rules, settings.silence_ms) if settings.silence_ms else rules


class Loop:
    """One household's ears, mouth and mind. `run` ends with its frames."""

    def __init__(
        self, assistant: Assistant, senses: Senses, mouth: Mouth, how: How, tell: Callable[[Event], None]
    ) -> None:
        self._assistant, self._own, self._mouth, self._how, self._tell = assistant, senses.own, mouth, how, tell
        self._settings = assistant.settings.listen
        self.listener = Listener(rules_of(self._settings))
        self._kept: deque[np.ndarray] = deque(maxlen=(self.listener.rules.longest_ms + 5000) // FRAME_MS)
        self._mind = ThreadPoolExecutor(1, thread_name_prefix="mind")
        self._early: Future[Thought] | None = None
        self._partial: Future[str] | None = None
        self._due: Future[list[Announced]] | None = None
        self._unsaid: list[Announced] = []
        self._turn: _Running | None = None
        self._abandoned: list[_Running] = []
        self._addressed = False
        self._held = False
        self._answer_ends = False  # the end of what is being said ends a turn
        self._follow_up = False
        self._ringing_since: float | None = None
        self._attention = Attention(senses, self._lose_hearing)
        self._talk_at = float("-inf")  # the frame in which words that were not for us had ended

    def run(self, frames: Iterable[np.ndarray]) -> None:
        """Listen until the frames end, then finish what was begun. What the frames raise is raised here."""
        try:
            for frame in frames:
                self._step(frame)
            self._drain()
        finally:
            self._mouth.cut()
            self._mind.shutdown(wait=True, cancel_futures=True)

    def _drain(self) -> None:
        """Silence, until what was begun has ended."""
        until = time.monotonic() + DRAIN_S
        most = itertools.islice(silence(), int(DRAIN_S * 1000 / FRAME_MS))
        for frame in most if self._how.lockstep else silence():
            if self._is_at_rest or time.monotonic() > until:
                return
            started = time.monotonic()
            self._step(frame)
            if not self._how.lockstep:
                time.sleep(max(0.0, FRAME_MS / 1000 - (time.monotonic() - started)))

    @property
    def _is_at_rest(self) -> bool:
        waiting = self._early or self._turn or self._abandoned or self._due or self._unsaid
        return self.listener.is_idle and not waiting and not self._mouth.is_busy

    def _step(self, heard: np.ndarray) -> None:
        """Everything that happens in 32 ms."""
        cleaned = self._own.clean(heard, self._mouth.played())
        self._kept.append(cleaned.samples)
        frame = self._attention.sensed(cleaned.samples, self.listener.state is State.ASLEEP)
        if cleaned.ours and not self._held:
            frame = replace(frame, speech=0.0)
        self._carry_out(self.listener.hear(frame))
        self._take_up()

    def _lose_hearing(self) -> None:
        """Say so, unless something is being said already."""
        self._tell(Event("trouble", DEAF))
        audio = self._spoken(DEAF)
        if audio is not None and not self._mouth.is_busy:
            self._say(audio)

    def _audio(self, span: Span) -> Audio:
        """The kept sound of a span; what is older than all that is kept is left out."""
        begins = self.listener.now - len(self._kept)
        frames = itertools.islice(self._kept, max(0, span.first - begins), max(0, span.last - begins))
        return Audio(np.concatenate([np.zeros(0, np.float32), *frames]), RATE_HZ)

    # --- what is ordered ---------------------------------------------------------------------------------------------

    def _carry_out(self, orders: list[Order]) -> None:
        for order in orders:
            log.debug("frame %d: %s", self.listener.now, order.do.value)
            if order.do is Do.CONSIDER and order.span is not None:
                self._early = self._mind.submit(think, self._assistant, self._audio(order.span))
            elif order.do is Do.FORGET:
                self._early = None
            elif order.do is Do.ACT and order.span is not None:
                self._act(order.span)
            else:
                self._show(order.do)

    def _show(self, do: Do) -> None:
        """The orders that are heard and seen at once."""
        if do is Do.WAKE:
            self._addressed = True
            self._attention.forget()
            if self._settings.wake_sound:
                self._mouth.say(WAKE_TONE)
            self._tell_state("awake")
        elif do is Do.ATTEND:
            self._addressed = False
            self._tell_state("awake")
        elif do is Do.SLEEP:
            self._addressed = False
            self._tell_state("asleep")
        elif do is Do.HALT:
            self._held = True
            self._mouth.hold()
            self._tell(Event("held"))
        elif do is Do.RESUME:
            self._held, self._early = False, None
            self._mouth.resume()
            self._tell(Event("resumed"))
        elif do is Do.CUT:
            self._cut()

    def _cut(self) -> None:
        """The answer is wanted no more. What rings is stopped for good by "stop" alone."""
        told_to_stop = self._early is not None and self._early.done() and self._early.result().finish is Finish.STOP
        if self._ringing_since is not None and told_to_stop:
            self._mind.submit(self._assistant.stop)
        self._mouth.cut()
        self._held, self._answer_ends, self._ringing_since = False, False, None
        if self._turn is not None:
            self._turn.wanted = False
            self._abandoned.append(self._turn)
            self._turn = None
        if told_to_stop:
            self._early = None
        self._tell(Event("cut"))

    def _tell_state(self, kind: Literal["awake", "asleep"]) -> None:
        self._tell(Event(kind))
        if self._settings.hook:
            try:
                # The hook is the household's own program; nobody waits for it, and it may not read our input.
                subprocess.Popen([*self._settings.hook, kind], stdin=subprocess.DEVNULL, start_new_session=True)
            except OSError as error:
                log.warning("listen.hook could not be started: %s", error)

    def _act(self, span: Span) -> None:
        """The utterance is over: conclude what early work has found, or think now."""
        early, self._early = self._early, None
        amid_talk = (span.first - self._talk_at) * FRAME_MS < AMID_TALK_S * 1000
        overheard = None if self._addressed else _Overheard(amid_talk)
        self._turn = _Running(self._mind.submit(self._conclude, early, self._audio(span), overheard))

    def _conclude(
        self, early: Future[Thought] | None, audio: Audio, overheard: _Overheard | None
    ) -> tuple[Thought, Response | None, float]:
        """In the mind's thread. Whoever was not speaking to us wants no answer."""
        thought = early.result() if early is not None else think(self._assistant, audio)
        began_at = time.perf_counter()
        if thought.considered is None:
            return thought, None, began_at
        try:
            considered, quiet = thought.considered, overheard is not None
            if overheard is not None and not self._assistant.answers_question(considered.transcript.text):
                considered = unasked(considered, self._assistant, overheard.amid_talk)
            return thought, self._assistant.conclude(considered, quiet=quiet, sound=audio), began_at
        except Exception as error:  # noqa: BLE001 - as in `think`: the next turn is to work
            return troubled(error), None, began_at

    # --- what has become ready ---------------------------------------------------------------------------------------

    def _take_up(self) -> None:
        if self._how.lockstep:
            wait([future for future in self._futures() if future is not None])
        if self._early is not None and self._early.done():
            self.listener.considered(self._early.result().finish)
        self._take_up_partial()
        self._abandoned = [running for running in self._abandoned if not self._is_told(running)]
        if self._turn is not None and self._is_told(self._turn):
            self._answer(self._turn)
        self._take_up_due()
        self._take_up_end_of_speech()

    def _futures(self) -> Iterator[Future[object] | None]:
        yield from (self._early, self._partial, self._due, self._turn and self._turn.future)  # type: ignore[misc]
        yield from (running.future for running in self._abandoned)  # type: ignore[misc]

    def _is_told(self, running: _Running) -> bool:
        """Whether a turn is over; what came of it is told, said or not."""
        if not running.future.done():
            return False
        thought, response, began_at = running.future.result()
        if response is not None:
            self._tell(Event("turn", response.turn.reply.text, response, began_at))
        else:
            self._tell(Event("trouble" if thought.trouble else "nothing", thought.trouble))
        return True

    def _answer(self, running: _Running) -> None:
        """Say what the turn has to say."""
        self._turn = None
        thought, response, _ = running.future.result()
        if response is not None and response.turn.decision.skill == "none":
            self._talk_at = self.listener.now
        audio = response.audio if response is not None else None
        if thought.trouble:
            audio = self._spoken(thought.trouble)
        self._follow_up = self._settings.follow_up == "always" or (
            self._settings.follow_up == "question" and response is not None and response.turn.reply.question
        )
        if audio is None or not len(audio.samples):
            self._end_turn()
            return
        self._say(audio)

    def _spoken(self, sentence: str) -> Audio | None:
        speaker = self._assistant.parts.speaker
        try:
            return speaker.speak(sentence) if speaker is not None else None
        except (OSError, RuntimeError) as error:
            log.warning("the answer could not be spoken: %s", error)
            return None

    def _say(self, audio: Audio, *, again: bool = False) -> None:
        self._mouth.say(audio, again=again)
        if self._held:
            self._mouth.hold()
        self._answer_ends = True
        self.listener.answered()

    def _end_turn(self) -> None:
        """The turn has been answered to its end."""
        self._answer_ends = self._held = False
        follow_up_ms = int(self._settings.follow_up_s * 1000) if self._follow_up else 0
        self._follow_up = False
        self._carry_out(self.listener.finished(follow_up_ms))

    def _take_up_end_of_speech(self) -> None:
        if self._ringing_since is not None and time.monotonic() - self._ringing_since > RING_S:
            self._ringing_since = None
            self._mouth.cut()
        if self._answer_ends and not self._mouth.is_busy and not self._held:
            self._end_turn()

    def _take_up_partial(self) -> None:
        """Show what was heard so far: after early work for nothing, in between for the asking."""
        if self._partial is not None and self._partial.done():
            if self.listener.state in (State.HEARING, State.PAUSING):
                self._tell(Event("partial", self._partial.result()))
            self._partial = None
        busy = self._early or self._partial or self._turn
        if not self._how.partials or busy or self.listener.state is not State.HEARING:
            return
        span = self.listener.span
        if (span.last - span.first) % PARTIAL_FRAMES == 0 and span.last > span.first:
            self._partial = self._mind.submit(self._glance, self._audio(span))

    def _glance(self, audio: Audio) -> str:
        """In the mind's thread: the words so far."""
        try:
            return self._assistant.transcribe(audio)[0].text
        except (WorkerFailed, MissingPiece):  # early work meets the same, and says so
            return ""

    def _take_up_due(self) -> None:
        """Say what has fallen due; what rings goes on until somebody says stop."""
        if self._due is not None and self._due.done():
            found, self._due = self._due.result(), None
            for each in found:
                self._tell(Event("announced", each.announcement.text))
            self._unsaid += [each for each in found if each.audio is not None]
        if not self.listener.is_idle or self._mouth.is_busy:
            return  # whoever is speaking to us is heard first
        if self._unsaid:
            announced, self._unsaid = self._unsaid, []
            rings = any(each.announcement.ring for each in announced)
            said = [each.audio for each in announced if each.audio is not None]
            self._ringing_since = time.monotonic() if rings else None
            self._say(mouths.joined([*said, *([RING] if rings else [])]), again=rings)
        elif self._due is None and self.listener.now % POLL_FRAMES == 1:
            self._due = self._mind.submit(self._assistant.announce)
