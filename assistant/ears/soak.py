"""What `hark soak` measures: the always-on loop over many turns, and what it makes of what goes wrong.

The real loop with the real models and skills over recordings, as fast as they go, in a temporary data folder. The
key opens the ears, so that every recording is a turn; the wake word listens all the while. Only recordings are used
that ask for nothing outside the data folder: no lamp, no volume, no network.
"""

from __future__ import annotations

import contextlib
import random
import resource
import statistics
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from assistant.config import Settings, Skills
from assistant.core import Assistant, Response
from assistant.ears.echo import OwnVoice
from assistant.ears.loop import Event, How, Loop, Senses
from assistant.ears.mouth import Mouth
from assistant.ears.pulled import PulledMicrophone
from assistant.ears.sources import FRAME, FRAME_S
from assistant.ears.voice import Voice
from assistant.ears.wake import open_wake_word
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

CHANCE = random.Random(1)


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
KILLED, PULLED, STOPPED, FULL = KINDS = ("worker killed", "microphone gone", "skill never returns", "disk full")
FLAT = 0.02
"""So much memory may grow between a tenth of the turns and all of them."""
WINDOW = 9
"""Turns whose median is the memory at one point: between two readings it moves by more than it grows."""
MOST_TIMERS = 40
"""A house holds fifty; so they are looked for and taken away before."""
REST_FRAMES = int(60 / FRAME_S)
"""A turn that has not come to rest after a minute of sound is lost."""
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


@dataclass(frozen=True)
class Size:
    """What all our processes take."""

    main_mb: float
    workers_mb: float
    threads: int
    files: int

    @property
    def whole_mb(self) -> float:
        """Resident memory, in MB of a million bytes; what processes share counts in each."""
        return self.main_mb + self.workers_mb


@dataclass(frozen=True)
class Turns:
    """What became of many turns without faults."""

    n: int
    lost: int
    early: Size
    """After a tenth of them."""
    late: Size
    seconds: float

    @property
    def growth(self) -> float:
        """Of the memory, as a share."""
        return self.late.whole_mb / self.early.whole_mb - 1

    @property
    def is_flat(self) -> bool:
        """Whether they could go on for ever."""
        grown = self.late.threads > self.early.threads or self.late.files > self.early.files
        return self.growth <= FLAT and not grown


@dataclass(frozen=True)
class Timers:
    """Timers that were confirmed aloud, and those of them that were not in the database."""

    n: int
    lost: int


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


def workers() -> list[psutil.Process]:
    """The models' processes."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if "assistant.process" in child.cmdline():
                found.append(child)
    return found


def size() -> Size:
    """What we take now."""
    main, others = psutil.Process(), workers()
    everyone = [main, *others]
    return Size(
        main.memory_info().rss / 1e6,
        sum(each.memory_info().rss for each in others) / 1e6,
        sum(each.num_threads() for each in everyone),
        sum(each.num_fds() for each in everyone),
    )


class Soak:
    """The loop, with somebody who speaks to it and breaks things. Raises MissingPiece."""

    def __init__(self, assistant: Assistant, clips: Mapping[str, Sequence[np.ndarray]], seed: int = 1) -> None:
        """`clips`: name -> frames, for CLIPS and STUCK."""
        self._assistant, self._clips, self._chance = assistant, clips, random.Random(seed)
        self._card = PulledMicrophone()
        self._sound = Microphone(library=self._card, patience_s=PATIENCE_S).frames()
        self._mouth, self._pressed = Mouth(), False
        wake = open_wake_word(assistant.settings.listen)
        senses = Senses(Voice(), OwnVoice(), wake, self._was_pressed)
        self._loop = Loop(assistant, senses, self._mouth, How(lockstep=True), self._take)
        self._answers: list[Response] = []
        self._meant: dict[str, str] = {}
        self._turn_s = 0.0
        self._limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        self._confirmed: list[float] = []
        self._timers = Timers(0, 0)

    def run(self, turns: int, faults: int, tell: Callable[[Survived | Turns | Timers], None]) -> Timers:
        """So many turns, then so many faults of each kind; each part is told when it is over.

        Raises:
            SkillError: a recording is not understood even when all is well.
        """
        try:
            self._loop.run(self._all(turns, faults, tell))
        finally:
            self._mend()
        self._look_for_timers()
        tell(self._timers)
        return self._timers

    def _all(self, turns: int, faults: int, tell: Callable[[Survived | Turns | Timers], None]) -> Iterator[np.ndarray]:
        yield from self._learn()
        if turns:
            tell((yield from self._go_on(turns)))
        for kind in KINDS if faults else ():
            tell((yield from self._break(kind, faults)))

    # --- speaking ----------------------------------------------------------------------------------------------------

    def _was_pressed(self) -> bool:
        pressed, self._pressed = self._pressed, False
        return pressed

    def _take(self, event: Event) -> None:
        if event.response is None:
            return
        self._answers.append(event.response)
        turn = event.response.turn
        if turn.decision.skill == self._meant.get(TIMER) and turn.reply.ok:
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
        if len(self._confirmed) >= MOST_TIMERS:
            self._look_for_timers()

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
                yield from self._say(name)
                if len(self._answers) != 1 or not self._answers[0].turn.reply.ok:
                    raise SkillError(f"the recording {name} is not understood, so nothing can be measured with it")
                self._meant[name] = self._answers[0].turn.decision.skill
            self._turn_s = (time.monotonic() - started) / len(CLIPS)

    # --- many turns --------------------------------------------------------------------------------------------------

    def _go_on(self, n: int) -> Generator[np.ndarray, None, Turns]:
        started, lost, recent = time.monotonic(), 0, deque[Size](maxlen=WINDOW)
        early = size()
        for number in range(1, n + 1):
            name = self._chance.choice(CLIPS)
            yield from self._say(name)
            lost += not self._is_answered(name)
            recent.append(size())
            if number == max(1, n // 10):
                early = _median(recent)
        return Turns(n, lost, early, _median(recent), time.monotonic() - started)

    # --- what goes wrong ---------------------------------------------------------------------------------------------

    def _break(self, kind: str, n: int) -> Generator[np.ndarray, None, Survived]:
        after = felt = 0
        for _ in range(n):
            name = STUCK if kind == STOPPED else self._chance.choice(CLIPS)
            strike = threading.Timer(self._chance.uniform(0.0, self._turn_s), self._strike, (kind,))
            strike.start()
            yield from self._say(name)
            strike.join()
            self._mend()
            if kind == STOPPED:
                felt += len(self._answers) == 1 and not self._answers[0].turn.reply.ok
            else:
                felt += not self._is_answered(name)
            name = self._chance.choice(CLIPS)
            yield from self._say(name)
            after += self._is_answered(name)
        return Survived(kind, n, after, felt)

    def _strike(self, kind: str) -> None:
        """In a thread of its own, at a moment of its own."""
        if kind == KILLED:
            found = workers()
            if found:
                with contextlib.suppress(psutil.Error):
                    self._chance.choice(found).kill()
        elif kind == PULLED:
            self._card.pull(self._chance.uniform(0.05, PULLED_S))
        elif kind == FULL:
            # Whatever this process writes into a file is refused, as by a disk without room.
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, self._limits[1]))

    def _mend(self) -> None:
        """The disk has room again."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self._limits)

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


def _median(sizes: Sequence[Size]) -> Size:
    """Of each figure by itself; of the threads and files the fewest, for one may be on its way out."""
    return Size(
        statistics.median(each.main_mb for each in sizes),
        statistics.median(each.workers_mb for each in sizes),
        min(each.threads for each in sizes),
        min(each.files for each in sizes),
    )
