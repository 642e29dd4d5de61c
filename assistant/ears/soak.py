"""What `hark soak` measures: the always-on loop over many turns, and what it makes of what goes wrong.

The real loop with the real models and skills over recordings, as fast as they go, in a temporary data folder. The
key opens the ears, so that every recording is a turn; the wake word listens all the while. Only recordings are used
that ask for nothing outside the data folder: no lamp, no volume, no network.
"""

from __future__ import annotations

import contextlib
import random
import resource
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from assistant.audio import RATE_HZ
from assistant.config import Settings, Skills
from assistant.core import Assistant, Response
from assistant.ears.echo import OwnVoice
from assistant.ears.loop import Event, How, Loop
from assistant.ears.measure import frames_of, room_noise
from assistant.ears.mouth import Mouth
from assistant.ears.pulled import PulledMicrophone
from assistant.ears.senses import Senses
from assistant.ears.sensing import SensingProcess
from assistant.ears.size import Growth, Size, from_a_tenth, size, workers
from assistant.ears.sources import FRAME, FRAME_S
from assistant.hands_apart import HandsProcess
from assistant.listen import State
from assistant.skill import SkillError
from assistant.sound import Microphone

CLIPS = ("miles", "pasta-timer", "shopping", "times")
TIMER = "pasta-timer"
STUCK = "chatter"
"""Calls the skill below."""
PLUGIN = '''"""A skill that never returns, in one of three ways."""

import random
import time

from assistant.skill import Context, skill

CHANCE = random.Random()


@skill(examples=["where did you put the strawberries", "where did you put the [keys](thing)"], deadline_s=0.5)
def find_thing(context: Context, *, thing: str = "") -> str:
    """Say where something was put."""
    time.sleep(CHANCE.uniform(0.0, 0.2))
    way = CHANCE.choice(("waits", "turns", "holds"))
    if way == "waits":
        time.sleep(1e6)
    if way == "holds":
        with context.database() as db:
            db.execute("CREATE TABLE IF NOT EXISTS found (thing TEXT)")
            db.execute("INSERT INTO found VALUES (?)", (thing,))
            time.sleep(1e6)
    while True:
        pass
'''
KILLED, DEAF, STILL, HANDS, PULLED, STOPPED, FULL = KINDS = (
    "model killed",
    "ears killed",
    "ears hang",
    "skills killed",
    "microphone gone",
    "skill never returns",
    "disk full",
)
MOST_TIMERS = 40
"""A house holds fifty; so they are looked for and taken away before ..."""
SOON_S = 360.0
"""... and before one of them ends, for then it is no longer there; they are for twelve minutes."""
REST_FRAMES = int(60 / FRAME_S)
"""A turn that has not come to rest after a minute of sound is lost."""
STRETCH_S = 30.0
TURN_EVERY = 20
"""Stretches of a day between two turns: ten minutes."""
TRIES = 3
"""On a machine that is busy with other things a skill may be cut off even when all is well."""
PATIENCE_S = 0.3
"""More than sound.HICCUP_S: a microphone that is given up sooner is never waited for."""
PULLED_S = 1.5


@dataclass(frozen=True)
class Survived:
    """What became of the faults of one kind."""

    kind: str
    n: int
    answered_after: int
    """Faults whose next utterance was answered as ever."""
    felt: int
    """Faults that cost the turn they fell into."""
    growth: Growth
    """From a tenth of them to all."""


@dataclass(frozen=True)
class Turns:
    """What became of many turns without faults."""

    n: int
    lost: int
    growth: Growth
    """From a tenth of them to all."""
    seconds: float


@dataclass(frozen=True)
class Day:
    """What became of hours of sound, with a turn now and then."""

    hours: float
    turns: int
    lost: int
    growth: Growth
    """From a tenth of them to all."""
    seconds: float


@dataclass(frozen=True)
class Timers:
    """Timers that were confirmed aloud, and those of them that were not in the database."""

    n: int
    lost: int


Told = Survived | Turns | Day | Timers


@dataclass(frozen=True)
class Plan:
    """What is done, one after another."""

    turns: int = 0
    hours: float = 0.0
    faults: int = 0
    """Of each kind."""
    kinds: Sequence[str] = KINDS
    sound: Sequence[np.ndarray] = ()
    """Recordings that are heard in those hours beside noise that is made: shape (n,), float32, 16 kHz."""
    done: Callable[[int], None] = lambda _minutes: None
    """Is told how many minutes of the hours have passed."""


def prepared(settings: Settings, folder: Path) -> Settings:
    """The household's settings, with another data folder, and of plugins the one that never returns. Raises OSError."""
    plugins = folder / "plugins"
    plugins.mkdir(parents=True)
    (plugins / "stuck.py").write_text(PLUGIN, encoding="utf-8")
    changes = {
        "paths": settings.paths.model_copy(update={"data": folder / "data"}),
        "skills": Skills(folders=(plugins,)),
        "listen": settings.listen.model_copy(update={"follow_up": "question", "hook": ()}),
    }
    return settings.model_copy(update=changes)


class Soak:
    """The loop, with somebody who speaks to it and breaks things. Raises MissingPiece."""

    def __init__(
        self,
        assistant: Assistant,
        sensing: SensingProcess,
        clips: Mapping[str, Sequence[np.ndarray]],
        seed: int = 1,
    ) -> None:
        """`clips`: name -> frames, for CLIPS and STUCK. The skills must run in a process of their own."""
        self._assistant, self._clips, self._chance = assistant, clips, random.Random(seed)
        self._sensing = sensing
        self._card = PulledMicrophone()
        self._sound = Microphone(library=self._card, patience_s=PATIENCE_S).frames()
        self._mouth, self._pressed = Mouth(), False
        senses = Senses(sensing, OwnVoice(), sensing if sensing.has_wake_word else None, self._was_pressed)
        self._loop = Loop(assistant, senses, self._mouth, How(lockstep=True), self._take)
        self._answers: list[Response] = []
        self._meant: dict[str, str] = {}
        self._turn_s = 0.0
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        self._confirmed: list[float] = []
        self._timers = Timers(0, 0)

    def run(self, plan: Plan, tell: Callable[[Told], None]) -> Timers:
        """Do what is planned; each part is told when it is over.

        Raises:
            SkillError: a recording is not understood even when all is well.
        """
        try:
            self._loop.run(self._all(plan, tell))
        finally:
            self._mend()
        self._look_for_timers()
        tell(self._timers)
        return self._timers

    def _all(self, plan: Plan, tell: Callable[[Told], None]) -> Iterator[np.ndarray]:
        yield from self._learn()
        if plan.turns:
            tell((yield from self._go_on(plan.turns)))
        if plan.hours:
            tell((yield from self._live(plan)))
        for kind in plan.kinds if plan.faults else ():
            tell((yield from self._break(kind, plan.faults)))

    # --- speaking ----------------------------------------------------------------------------------------------------

    def _was_pressed(self) -> bool:
        pressed, self._pressed = self._pressed, False
        return pressed

    def _take(self, event: Event) -> None:
        if event.response is None:
            return
        self._answers.append(event.response)
        turn = event.response.turn
        # Half a sentence, because the microphone was pulled, leads to a question.
        if turn.decision.skill == self._meant.get(TIMER) and turn.reply.ok and not turn.reply.question:
            self._confirmed.append(turn.at.timestamp() + float(turn.decision.args["duration"]))

    def _say(self, name: str) -> Iterator[np.ndarray]:
        """The key, the recording, and silence until the answer is over."""
        self._answers.clear()
        self._pressed = True
        for frame in self._clips[name]:
            yield self._heard(frame)
        for _ in range(REST_FRAMES):
            yield self._heard(np.zeros(FRAME, np.float32))
            if self._loop.listener.state is State.ASLEEP and not self._mouth.is_busy:
                break
        else:
            self._answers.clear()

    def _heard(self, frame: np.ndarray) -> np.ndarray:
        self._card.hear(frame)
        return next(self._sound)

    def _is_answered(self, name: str) -> bool:
        """Whether the recording was answered once, aloud, by the skill that answers it when all is well."""
        if len(self._answers) != 1 or self._answers[0].audio is None:
            return False
        turn = self._answers[0].turn
        return turn.reply.ok and turn.decision.skill == self._meant[name]

    def _learn(self) -> Iterator[np.ndarray]:
        """What each recording leads to when all is well, and how long that takes."""
        for _ in range(2):
            started = time.monotonic()
            for name in CLIPS:
                for _ in range(TRIES):
                    yield from self._say(name)
                    if len(self._answers) == 1 and self._answers[0].turn.reply.ok:
                        break
                else:
                    raise SkillError(f"the recording {name} is not understood, so nothing can be measured with it")
                self._meant[name] = self._answers[0].turn.decision.skill
            self._turn_s = (time.monotonic() - started) / len(CLIPS)

    # --- many turns --------------------------------------------------------------------------------------------------

    def _go_on(self, n: int) -> Generator[np.ndarray, None, Turns]:
        started, lost = time.monotonic(), 0
        sizes: list[Size] = []
        for _ in range(n):
            name = self._chance.choice(CLIPS)
            yield from self._say(name)
            lost += not self._is_answered(name)
            self._look_for_many_timers()
            sizes.append(size())
        return Turns(n, lost, from_a_tenth(sizes), time.monotonic() - started)

    # --- many hours --------------------------------------------------------------------------------------------------

    def _live(self, plan: Plan) -> Generator[np.ndarray, None, Day]:
        started, turns, lost = time.monotonic(), 0, 0
        n = max(1, round(plan.hours * 3600 / STRETCH_S))
        sizes: list[Size] = []
        chance = np.random.default_rng(self._chance.randrange(1 << 32))
        pool = [*plan.sound, *(room_noise(int(STRETCH_S * RATE_HZ), chance) / 10 for _ in range(4))]
        for number in range(1, n + 1):
            yield from map(self._heard, frames_of(_stretch(pool, chance)))
            if number % TURN_EVERY == 0:
                name = self._chance.choice(CLIPS)
                yield from self._say(name)
                turns, lost = turns + 1, lost + (not self._is_answered(name))
                self._look_for_many_timers()
            sizes.append(size())
            plan.done(int(number * STRETCH_S / 60))
        return Day(n * STRETCH_S / 3600, turns, lost, from_a_tenth(sizes), time.monotonic() - started)

    # --- what goes wrong ---------------------------------------------------------------------------------------------

    def _break(self, kind: str, n: int) -> Generator[np.ndarray, None, Survived]:
        after = felt = 0
        sizes: list[Size] = []
        for _ in range(n):
            name = STUCK if kind == STOPPED else self._chance.choice(CLIPS)
            strike = threading.Timer(self._chance.uniform(0.0, self._turn_s), self._strike, (kind,))
            strike.start()
            yield from self._say(name)
            strike.join()
            self._mend()
            while not self._card.is_heard:  # the turn may be over before the microphone is back
                yield self._heard(np.zeros(FRAME, np.float32))
            if kind == STOPPED:
                felt += len(self._answers) == 1 and not self._answers[0].turn.reply.ok
            else:
                felt += not self._is_answered(name)
            name = self._chance.choice(CLIPS)
            yield from self._say(name)
            after += self._is_answered(name)
            self._look_for_many_timers()  # not before the disk has room again
            sizes.append(size())
        return Survived(kind, n, after, felt, from_a_tenth(sizes))

    def _strike(self, kind: str) -> None:
        """In a thread of its own, at a moment of its own."""
        if kind in (KILLED, DEAF, STILL, HANDS):
            found = [each for each in workers() if self._is_struck(kind, each.pid)]
            with contextlib.suppress(psutil.Error, IndexError):
                self._chance.choice(found).send_signal(signal.SIGSTOP if kind == STILL else signal.SIGKILL)
        elif kind == PULLED:
            self._card.pull(self._chance.uniform(0.05, PULLED_S))
        elif kind == FULL:
            # Whatever our processes write into a file is refused, as by a disk without room.
            self._limit(0)

    def _is_struck(self, kind: str, pid: int) -> bool:
        """Whether a fault of this kind may befall this process."""
        hands = self._assistant.parts.hands
        ears_pid, hands_pid = self._sensing.pid, hands.pid if isinstance(hands, HandsProcess) else 0
        if kind == HANDS:
            return pid == hands_pid
        return pid == ears_pid if kind in (DEAF, STILL) else pid not in (ears_pid, hands_pid)

    def _mend(self) -> None:
        """The disk has room again."""
        self._limit(self._limits[0])

    def _limit(self, most_bytes: int) -> None:
        """So large a file may be written, by any of our processes, those that start from now on too."""
        limits = (most_bytes, self._limits[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        for each in workers():
            with contextlib.suppress(psutil.Error):
                each.rlimit(psutil.RLIMIT_FSIZE, limits)

    def _look_for_many_timers(self) -> None:
        if are_due(self._confirmed, time.time()):
            self._look_for_timers()

    def _look_for_timers(self) -> None:
        """Look for every timer that was confirmed since the last look, and take them all away."""
        if not self._confirmed:
            return
        with self._assistant.database.open() as db:
            kept = [row[0] for row in db.execute("SELECT ends_at FROM timers")]
            db.execute("DELETE FROM timers")
        lost = sum(not any(abs(at - ends_at) < 1e-3 for at in kept) for ends_at in self._confirmed)
        self._timers = Timers(self._timers.n + len(self._confirmed), self._timers.lost + lost)
        self._confirmed.clear()


def are_due(ends_at: Sequence[float], now: float) -> bool:
    """Whether timers must be looked for now; all in seconds since 1970."""
    return len(ends_at) >= MOST_TIMERS or (len(ends_at) > 0 and min(ends_at) - now < SOON_S)


def _stretch(pool: Sequence[np.ndarray], chance: np.random.Generator) -> np.ndarray:
    """Half a minute of a day: one of the recordings from anywhere in it on, softer or louder, or next to nothing."""
    samples = pool[int(chance.integers(len(pool)))]
    loudness = np.float32(chance.choice([0.003, 0.1, 0.3, 1.0]))
    rolled = np.roll(samples, -int(chance.integers(len(samples))))
    return np.resize(rolled, int(STRETCH_S * RATE_HZ)) * loudness
