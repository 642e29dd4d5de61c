"""When somebody speaks to us, and when they have finished: a pure state machine over frames of sound.

It knows no sound, no clock and no model. It is told, frame by frame, how likely it is that somebody speaks and whether
the wake word ended; and, in between, what became of its orders. It answers with orders. Whoever carries them out
(`assistant.ears.loop`) has the microphone, the models and the loudspeaker.

    ASLEEP    --the wake word-->                  AWAKE
    AWAKE     --somebody speaks-->                HEARING      --nobody does, for a while--> ASLEEP
    HEARING   --a short pause-->                  PAUSING      (early work begins)
    PAUSING   --they go on-->                     HEARING      (early work is thrown away)
    PAUSING   --the silence holds-->              WORKING      (only now is anything done)
    WORKING   --an answer-->                      SPEAKING
    SPEAKING  --it ends-->                        ASLEEP, or AWAKE for a follow-up
    SPEAKING  --somebody speaks-->                INTERRUPTED  (the answer halts)
    INTERRUPTED --it was "stop"-->                AWAKE        (the answer is cut off)
    INTERRUPTED --it was nothing for us-->        SPEAKING     (the answer goes on)
    anywhere  --the wake word-->                  AWAKE

Without a wake word AWAKE takes the place of ASLEEP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

FRAME_MS = 32
"""512 samples at 16 kHz: what the voice-activity model reads at once."""
SURER = 0.1
"""So much above the least probability of speech voice activity is sure of it."""


class State(Enum):
    """What we are doing."""

    ASLEEP = "asleep"
    AWAKE = "awake"
    HEARING = "hearing"
    PAUSING = "pausing"
    WORKING = "working"
    SPEAKING = "speaking"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Frame:
    """What the senses say of the newest 32 ms."""

    speech: float
    """0..1: how likely it is that somebody who is not ourselves speaks."""
    woken: bool = False
    """The wake word ended here, or the key was pressed."""
    still_ms: int | None = None
    """How long no sound has stood out of the room's noise; None where nobody looked."""


class Finish(Enum):
    """What early work says of the words so far: how the utterance stands."""

    NOTHING = "nothing"
    """No words: a noise."""
    UNFINISHED = "unfinished"
    """Something must follow: "set a timer for"."""
    OPEN = "open"
    """It may be over, or not."""
    COMPLETE = "complete"
    """A whole call, and a sure one."""
    OVER = "over"
    """That, in words after which people seldom go on."""
    STOP = "stop"
    """We are told to be quiet."""


class Do(Enum):
    """What an order asks for."""

    WAKE = "wake"
    """Show that the wake word was heard."""
    ATTEND = "attend"
    """Show that the next words need no wake word."""
    SLEEP = "sleep"
    """Show that we listen no more."""
    CONSIDER = "consider"
    """Find out in the background what was said in the span, and tell `considered`."""
    FORGET = "forget"
    """That is no longer wanted."""
    ACT = "act"
    """The utterance is over: do what was said in the span, and tell `answered`."""
    HALT = "halt"
    """Hold the answer where it is."""
    RESUME = "resume"
    """Go on with the answer."""
    CUT = "cut"
    """Give up the answer, and the turn if it still runs."""


@dataclass(frozen=True, slots=True)
class Span:
    """Frames, counted from the first: `first` <= n < `last`."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Order:
    """Something to do now."""

    do: Do
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a silence is, in milliseconds, before something is done about it."""

    pause_ms: int
    """Early work begins."""
    over_ms: int
    """A complete call after whose words seldom anything follows is over."""
    complete_ms: int
    """Any complete call is."""
    usual_ms: int
    """Anything is over ..."""
    unfinished_ms: int
    """... but for what plainly lacks its end."""


PATIENCE: Mapping[str, Patience] = {
    "quick": Patience(96, 192, 256, 512, 1024),
    # No pause of up to 400 ms inside a command may end it, but with "quick"; measured in finetune/EXPERIMENTS.md.
    "normal": Patience(128, 408, 448, 640, 1408),
    "patient": Patience(192, 512, 640, 1216, 2400),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """How the household wants to be listened to."""

    always_on: bool = False
    """No wake word is needed."""
    patience: Patience = PATIENCE["normal"]
    early: bool = True
    speech: float = 0.5
    """Probability of speech above which somebody speaks; a speaker goes on down to 0.15 less."""
    refractory_ms: int = 1500
    least_speech_ms: int = 128
    """Shorter is a click or a cough; "stop" has 200."""
    interrupt_ms: int = 96
    """So much speech halts an answer: with what the voice-activity model needs to notice, less than 200 ms."""
    longest_ms: int = 30_000
    """Then an utterance is over, whatever follows."""
    sooner_ms: int = 32
    """So long before voice activity was last sure of speech a silence has begun at most, where the room is still ..."""
    later_ms: int = 32
    """... and so long after it last took something for speech at the latest, where something goes on sounding."""
    before_ms: int = 320
    """Heard before the first frame of speech: soft beginnings, and what the listening model was trained with."""
    attention_ms: int = 6_000
    """How long we wait for the first word after the wake word."""
    disturbed_ms: int = 3_000
    """Whoever speaks for so long over an answer speaks to somebody else."""

    def silence_ms(self, finish: Finish | None) -> int:
        """The silence that ends an utterance which stands so; None where nothing is known yet."""
        if finish is Finish.OVER:
            return self.patience.over_ms
        if finish in (Finish.COMPLETE, Finish.STOP):
            return self.patience.complete_ms
        return self.patience.unfinished_ms if finish is Finish.UNFINISHED else self.patience.usual_ms


class Listener:
    """The state machine. `hear` each frame; tell it what became of its orders; do what it says."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.state = State.AWAKE if rules.always_on else State.ASLEEP
        self.now = 0
        """Frames heard so far."""
        self._run = 0  # frames of speech in a row, up to now
        self._quiet = 0  # frames since somebody spoke
        self._unsure = 0  # frames since it was sure that somebody spoke
        self._still_ms: int | None = None  # since anything sounded
        self._spoken = 0  # frames of speech in this utterance
        self._first = 0  # the first frame of this utterance
        self._floor = 0  # no utterance begins before this frame
        self._until: int | None = None  # AWAKE ends here; None for never
        self._woken_at = -rules.refractory_ms
        self._finish: Finish | None = None  # what early work said
        self._considering = False  # early work for this pause has been ordered
        self._answering = False  # an answer is being said, not only made
        self._deaf = False  # this speech goes on over our answer and is not for us

    # --- what is heard -----------------------------------------------------------------------------------------------

    def hear(self, frame: Frame) -> list[Order]:
        """Take in one frame."""
        self.now += 1
        self._count(frame.speech)
        self._still_ms = frame.still_ms
        if frame.woken and (self.now - self._woken_at) * FRAME_MS >= self.rules.refractory_ms:
            return self._wake()
        if self.state is State.AWAKE:
            return self._await_speech()
        if self.state is State.HEARING:
            return self._follow_speech()
        if self.state is State.PAUSING:
            return self._follow_silence()
        if self.state in (State.WORKING, State.SPEAKING):
            return self._watch_for_interruption()
        if self.state is State.INTERRUPTED:
            return self._follow_interruption()
        return []

    def _count(self, speech: float) -> None:
        """Keep the runs of speech and of quiet. A single loud frame is a click and ends no silence."""
        enough = self.rules.speech - (0.15 if self._run else 0.0)
        self._run = self._run + 1 if speech >= enough else 0
        if self._run == 2:
            self._quiet, self._spoken = 0, self._spoken + 2
        elif self._run > 2:
            self._spoken += 1
        else:
            self._quiet += 1
        self._unsure = 0 if self._run and speech >= self.rules.speech + SURER else self._unsure + 1

    def _wake(self) -> list[Order]:
        """The wake word: whatever was going on is given up, and the next words are for us."""
        busy = self.state in (State.WORKING, State.SPEAKING, State.INTERRUPTED)
        orders = [*self._forget(), *([Order(Do.CUT)] if busy else []), Order(Do.WAKE)]
        self._woken_at = self.now
        self._run = 0  # the speech up to here was the wake word
        self._attend(self.rules.attention_ms)
        return orders

    def _await_speech(self) -> list[Order]:
        if self._run >= 2:
            self._begin()
            self.state = State.HEARING
        elif self._until is not None and self.now >= self._until:
            self.state = State.ASLEEP
            return [Order(Do.SLEEP)]
        return []

    def _begin(self) -> None:
        """Somebody began to speak when this run of speech began."""
        self._first = max(self._floor, self.now - self._run - _frames(self.rules.before_ms))
        self._spoken, self._finish, self._considering = self._run, None, False

    def _follow_speech(self) -> list[Order]:
        if (self.now - self._first) * FRAME_MS >= self.rules.longest_ms:
            self._deaf = True
            return self._act()
        if self._quiet_ms < self.rules.patience.pause_ms:
            return []
        if self._spoken * FRAME_MS < self.rules.least_speech_ms:
            return self._drop()
        self.state = State.PAUSING
        return self._consider() if self.rules.early else []

    def _follow_silence(self) -> list[Order]:
        if self._run >= 2:
            self.state = State.HEARING
            return self._forget()
        if self._run or self._silent_ms < self.rules.silence_ms(self._finish):
            return []  # a frame that may begin speech is waited out
        if self._finish is Finish.NOTHING:
            return self._drop()
        return self._act()

    def _watch_for_interruption(self) -> list[Order]:
        if self._deaf:
            self._deaf = self._quiet_ms < self.rules.patience.usual_ms
            return []
        if self._run * FRAME_MS < self.rules.interrupt_ms:
            return []
        self._begin()
        self.state = State.INTERRUPTED
        return [Order(Do.HALT)]

    def _follow_interruption(self) -> list[Order]:
        """Somebody speaks over us. "Stop" cuts the answer off; where no wake word is needed, any sure call does."""
        if (self.now - self._first) * FRAME_MS > self.rules.disturbed_ms:
            self._deaf = True
            return [*self._forget(), *self._resume()]
        if self._run >= 2:
            return self._forget()
        if not self._considering and self._quiet_ms >= self.rules.patience.pause_ms:
            return self._consider()
        if self._finish is None:
            return []
        if self._finish is Finish.STOP:
            return [Order(Do.CUT), *self._attend(self.rules.attention_ms)]
        if self._finish in (Finish.COMPLETE, Finish.OVER) and self.rules.always_on:
            return [Order(Do.CUT), *self._act()] if self._silent_ms >= self.rules.patience.complete_ms else []
        return self._resume()

    # --- what became of the orders -----------------------------------------------------------------------------------

    def considered(self, finish: Finish) -> None:
        """Early work is done."""
        if self._considering:
            self._finish = finish

    def answered(self) -> None:
        """The turn has an answer, which is being said; or something is said that nobody asked for."""
        self._answering = True
        if self.state is not State.INTERRUPTED:
            self.state = State.SPEAKING

    def finished(self, follow_up_ms: int = 0) -> list[Order]:
        """The turn is over and its answer said to the end. `follow_up_ms`: so long no wake word is needed."""
        if self.state not in (State.WORKING, State.SPEAKING, State.INTERRUPTED):
            return []
        interrupted, self._answering = self.state is State.INTERRUPTED, False
        orders = self._forget()
        if follow_up_ms or self.rules.always_on:
            orders += self._attend(follow_up_ms)
            if interrupted:
                self.state = State.HEARING  # whoever spoke over us is heard to the end
            return orders
        self.state = State.ASLEEP
        return [*orders, Order(Do.SLEEP)]

    @property
    def span(self) -> Span:
        """The utterance so far."""
        return Span(self._first, self.now)

    @property
    def is_idle(self) -> bool:
        """Nobody is heard, answered or waited for."""
        waits = self.rules.always_on and self.state is State.AWAKE
        return self.state is State.ASLEEP or (waits and self._run == 0)

    # --- the steps ---------------------------------------------------------------------------------------------------

    @property
    def _quiet_ms(self) -> int:
        return self._quiet * FRAME_MS

    @property
    def _silent_ms(self) -> int:
        """Since the last sound of the speaker: what voice activity says, set right by how still the room is."""
        if self._still_ms is None:
            return self._quiet_ms
        most_ms = max(self._quiet_ms, self._unsure * FRAME_MS + self.rules.sooner_ms)
        return min(max(self._still_ms, self._quiet_ms - self.rules.later_ms), most_ms)

    def _attend(self, attention_ms: int) -> list[Order]:
        """Wait for words. They may have begun a moment ago."""
        self.state, self._floor = State.AWAKE, self.now - _frames(96)
        self._considering, self._deaf = False, False
        if self.rules.always_on:
            return []
        self._until = self.now + _frames(attention_ms)
        return [Order(Do.ATTEND)]

    def _drop(self) -> list[Order]:
        """That was nothing; what time was left for a first word still is."""
        orders = self._forget()
        self.state, self._floor = State.AWAKE, self.now
        return orders

    def _consider(self) -> list[Order]:
        self._considering, self._finish = True, None
        return [Order(Do.CONSIDER, self.span)]

    def _forget(self) -> list[Order]:
        considering, self._considering, self._finish = self._considering, False, None
        return [Order(Do.FORGET)] if considering else []

    def _act(self) -> list[Order]:
        self.state, self._answering, self._considering = State.WORKING, False, False
        return [Order(Do.ACT, self.span)]

    def _resume(self) -> list[Order]:
        self._considering = False
        self.state = State.SPEAKING if self._answering else State.WORKING
        return [Order(Do.RESUME)]


def _frames(ms: int) -> int:
    return ms // FRAME_MS


def with_silence(rules: Rules, silence_ms: int) -> Rules:
    """The same rules, with another usual silence; the shorter and the longer wait keep their places around it."""
    patience = rules.patience
    changed = Patience(
        min(patience.pause_ms, silence_ms),
        min(patience.over_ms, silence_ms),
        min(patience.complete_ms, silence_ms),
        silence_ms,
        max(patience.unfinished_ms, 2 * silence_ms),
    )
    return replace(rules, patience=changed)
