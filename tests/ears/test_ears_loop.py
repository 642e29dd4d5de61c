"""The loop over real sound: spoken clips, the real voice activity and echo guard, and a room that echoes.

What a clip says is told by its loudness, so that the transcriber can be scripted and the timing is what is tested.
"""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from fakes import House, call, make_house

from assistant.audio import RATE_HZ, Audio, read_audio, resampled
from assistant.config import Speech
from assistant.core import Assistant, Parts
from assistant.ears.echo import OwnVoice
from assistant.ears.loop import DEAF, Event, How, Loop
from assistant.ears.mouth import Mouth
from assistant.ears.senses import Senses, Voices
from assistant.ears.thought import TROUBLE
from assistant.ears.voice import Voice
from assistant.speak import Speaker
from assistant.transcribe import Heard
from assistant.turn import Decision
from assistant.worker import WorkerFailed

ROOT = Path(__file__).parents[2]
FRAME = 512
SKILLS = '''
"""Skills of a house that is listened to."""
import threading
from assistant.skill import Announcement, Ask, Context, Duration, due, on_stop, skill

RINGING: list[str] = []
DONE: list[str] = []


@skill(examples=["brew [five minutes](time)"])
def brew(context: Context, *, time: Duration) -> str:
    """Brew."""
    DONE.append("brew")
    return "The tea will be ready in five minutes, and I will tell you when it is, so that it does not get bitter."


@skill(examples=["open the tap"], confirm=True)
def tap(context: Context) -> str:
    """Open the tap."""
    DONE.append("tap")
    return "Open."


@skill(examples=["x"])
def stop(context: Context) -> str:
    """Stop."""
    DONE.append("stop")
    return "Okay."


@skill(examples=["x"], deadline_s=0.2)
def hangs(context: Context) -> str:
    """Hang."""
    threading.Event().wait(20)


@due
def ring(context: Context) -> list[Announcement]:
    """Ring."""
    found = [Announcement(text, ring=True) for text in RINGING]
    RINGING.clear()
    return found


@on_stop
def silence(context: Context) -> None:
    """Fall silent."""
    DONE.append("silenced")
'''
SCRIPT = {
    "brew five minutes": call("brew", time="five minutes").model_copy(update={"args": {"time": 300}}),
    "brew": Decision(skill="brew", confidence=0.9, tier="ask", question="For how long?"),
    "open the tap": call("tap"),
    "stop": call("stop"),
    "hang": call("hangs"),
}
BREW, STOP, TAP, YES, CHATTER, HANG, HALF, NOISE = 0.9, 0.75, 0.62, 0.5, 0.4, 0.3, 0.22, 0.1
TEXTS: Mapping[float, str] = {
    BREW: "brew five minutes",
    STOP: "stop",
    TAP: "open the tap",
    YES: "yes",
    CHATTER: "and then she said",
    HANG: "hang",
    HALF: "brew",
    NOISE: "",
}


@dataclass
class ByLoudness:
    """Hears in a clip what its loudness stands for; fails for as often as it is told to."""

    failures: int = 0
    heard: list[str] = field(default_factory=list)

    def transcribe(self, audio: Audio) -> Heard:
        if self.failures:
            self.failures -= 1
            raise WorkerFailed("the listening model stopped working twice")
        loudest = float(np.abs(audio.samples).max())
        self.heard.append(TEXTS[min(TEXTS, key=lambda level: abs(level - loudest))])
        return Heard(self.heard[-1], "en", 0.8, audio.seconds)


@functools.cache
def spoken(text: str) -> np.ndarray:
    """A sentence at 16 kHz, loudest sample 1."""
    said = resampled(Speaker(Speech(rate=165)).speak(text), RATE_HZ).samples
    loud = np.flatnonzero(np.abs(said) > 0.02)
    return said[loud[0] : loud[-1]] / np.abs(said).max()


@functools.cache
def command() -> np.ndarray:
    """A command of two seconds, spoken by a person's voice, loudest sample 1."""
    samples = read_audio(ROOT / "samples/pasta-timer.wav").samples
    loud = np.flatnonzero(np.abs(samples) > 0.1 * np.abs(samples).max())
    return samples[loud[0] : loud[-1]] / np.abs(samples).max()


class RecordingMouth(Mouth):
    """Keeps what it played, frame by frame."""

    def __init__(self) -> None:
        super().__init__()
        self.history: list[np.ndarray] = []

    def played(self) -> np.ndarray | None:
        frame = super().played()
        self.history.append(np.zeros(FRAME, np.float32) if frame is None else frame)
        return frame

    def loudness(self, since_s: float, until_s: float) -> float:
        """The loudest sample that it played then."""
        return float(np.abs(self.history[int(since_s / 0.032) : int(until_s / 0.032)]).max(initial=0))


class WakeAt:
    """Hears the wake word at given frames."""

    def __init__(self, *seconds: float) -> None:
        self.frames, self.now = {int(at / 0.032) for at in seconds}, 0

    def heard(self, frame: np.ndarray) -> bool:
        self.now += 1
        return self.now in self.frames


@dataclass
class Scene:
    """A house, what is said in it and when, and what came of it."""

    house: House
    ears: ByLoudness
    mouth: RecordingMouth
    events: list[tuple[float, Event]] = field(default_factory=list)
    echo: float = 0.0
    actions: list[tuple[float, object]] = field(default_factory=list)
    voice: Callable[[], Voices] = Voice

    def play(self, seconds: float, *said: tuple[float, float, np.ndarray], wake: tuple[float, ...] = ()) -> Loop:
        """Run the loop over so many seconds in which (when, how loud, what) is said."""
        room = np.random.default_rng(0).standard_normal(int(seconds * RATE_HZ)).astype(np.float32) * 0.001
        for at_s, level, clip in said:
            first = int(at_s * RATE_HZ)
            room[first : first + len(clip)] += level * clip[: len(room) - first]
        always = self.house.settings.listen.wake_word == "none"
        senses = Senses(self.voice(), OwnVoice(), None if always else WakeAt(*wake))
        loop = Loop(self.house.assistant, senses, self.mouth, How(lockstep=True), self._note)
        self.now_s = 0.0
        loop.run(self._frames(room))
        return loop

    def _frames(self, room: np.ndarray) -> Iterator[np.ndarray]:
        for at in range(0, len(room) - FRAME, FRAME):
            self.now_s = at / RATE_HZ
            for due_s, do in [one for one in self.actions if one[0] <= self.now_s]:
                self.actions.remove((due_s, do))
                do()
            heard = room[at : at + FRAME].copy()
            if self.echo and len(self.mouth.history) > 3:
                heard += self.echo * self.mouth.history[-3] + 0.3 * self.echo * self.mouth.history[-4]
            yield heard

    def _note(self, event: Event) -> None:
        self.events.append((self.now_s, event))

    def kinds(self) -> list[str]:
        """What was told."""
        return [event.kind for _, event in self.events]

    def when(self, kind: str) -> float:
        """When it was first told, in seconds."""
        return next(at for at, event in self.events if event.kind == kind)

    def turns(self) -> list[str]:
        """The skills that were called."""
        return [e.response.turn.decision.skill for _, e in self.events if e.response is not None]

    @property
    def done(self) -> list[str]:
        """What the skills did."""
        return sys.modules[self.house.assistant.skills.skills[0].run.__module__].DONE

    @property
    def ringing(self) -> list[str]:
        """What is to ring."""
        return sys.modules[self.house.assistant.skills.skills[0].run.__module__].RINGING


@pytest.fixture
def scene(tmp_path: Path, request: pytest.FixtureRequest) -> Scene:
    """A house that is always on; a parameter gives other settings."""
    flags = getattr(request, "param", ("listen.wake_word=none",))
    house = make_house(tmp_path, SKILLS, SCRIPT, flags=flags)
    ears, old = ByLoudness(), house.assistant.parts
    parts = Parts(old.decider, old.trace, ears, Speaker(house.settings.speech))
    house.assistant = Assistant(house.settings, house.assistant.skills, house.assistant.database, parts)
    return Scene(house, ears, RecordingMouth())


WOKEN = pytest.mark.parametrize("scene", [("listen.wake_word=okay_nabu", "listen.wake_sound=false")], indirect=True)


def test_a_command_is_done_once_and_answered(scene: Scene) -> None:
    """One utterance is one call, its answer is said, and the turn is in the diary."""
    scene.play(6, (1.0, BREW, command()))
    assert (scene.turns(), scene.done) == (["brew"], ["brew"])
    assert len(scene.house.trace.turns()) == 1
    assert scene.mouth.loudness(0, 99) > 0.1


def test_nothing_is_done_before_the_end(scene: Scene) -> None:
    """The call is made after the last word and within 0.7 s of it, although early work knew it before."""
    ends_s = 1.0 + len(command()) / RATE_HZ
    scene.actions.append((ends_s, lambda: scene.done.append("the end")))
    scene.play(6, (1.0, BREW, command()))
    assert scene.done == ["the end", "brew"]
    assert ends_s < scene.when("turn") < ends_s + 0.7


def test_two_halves_are_one_utterance(scene: Scene) -> None:
    """A pause of 0.4 s inside throws early work away: one call, made after the second half."""
    half = len(command()) / RATE_HZ + 1.4
    scene.play(9, (1.0, BREW, command()), (half, BREW, command()))
    assert scene.turns() == ["brew"] and len(scene.ears.heard) == 2


def test_what_lacks_its_end_is_waited_for(scene: Scene) -> None:
    """After a call without its argument the pause may be a second long."""
    second = len(command()) / RATE_HZ + 2.0
    scene.play(9, (1.0, HALF, command()), (second, BREW, command()))
    assert scene.turns() == ["brew"] and scene.done == ["brew"]


@WOKEN
def test_without_the_wake_word_nothing_is_heard(scene: Scene) -> None:
    """Talk that is not for us is not even transcribed."""
    scene.play(8, (1.0, BREW, command()), (4.0, STOP, command()))
    assert scene.ears.heard == [] and scene.events == []


@WOKEN
def test_the_wake_word_opens_the_ears_for_one_turn(scene: Scene) -> None:
    """After the answer it sleeps; the next talk is not for us."""
    scene.play(20, (1.5, BREW, command()), (16.0, BREW, command()), wake=(1.0,))
    assert scene.turns() == ["brew"]
    assert scene.kinds() == ["awake", "awake", "turn", "asleep"] or scene.kinds() == ["awake", "turn", "asleep"]


@WOKEN
def test_the_wake_word_cuts_the_answer_off(scene: Scene) -> None:
    """Within 200 ms of the wake word the answer is silent, and the next command is heard."""
    scene.play(12, (1.5, BREW, command()), (6.5, TAP, command()), wake=(1.0, 6.0))
    assert scene.mouth.loudness(5.0, 6.0) > 0.05
    assert scene.mouth.loudness(6.2, 8.5) == 0
    assert scene.turns() == ["brew", "tap"]


@WOKEN
def test_stop_cuts_the_answer_off(scene: Scene) -> None:
    """The answer halts within 200 ms of the word's beginning, is never gone on with, and no skill is called."""
    scene.play(12, (1.5, BREW, command()), (6.0, STOP, spoken("stop")), wake=(1.0,))
    assert scene.mouth.loudness(5.5, 6.0) > 0.05
    assert scene.when("held") - 6.0 <= 0.2
    assert scene.mouth.loudness(6.3, 99) == 0
    assert scene.turns() == ["brew"] and "cut" in scene.kinds()


@WOKEN
@pytest.mark.parametrize("level", [NOISE, CHATTER])
def test_a_false_interruption_resumes_the_answer(scene: Scene, level: float) -> None:
    """A sound or talk in the room holds the answer for a moment; then all the rest of it is said."""
    scene.play(15, (1.5, BREW, command()), (6.0, level, spoken("stop")), wake=(1.0,))
    kinds = scene.kinds()
    assert kinds.index("held") < kinds.index("resumed") and "cut" not in kinds
    said = np.concatenate(scene.mouth.history)
    answer = scene.house.trace.turns()[0].reply.text
    whole = resampled(Speaker(scene.house.settings.speech).speak(answer), RATE_HZ).samples
    assert np.sum(said**2) == pytest.approx(np.sum(whole**2), rel=0.01)


def test_its_own_voice_is_not_answered(scene: Scene) -> None:
    """As loud at the microphone as a speaker, the answer is said to its end and leads to nothing."""
    scene.echo = 1.0
    scene.play(26, (1.0, BREW, command()), (15.0, BREW, command()))
    assert scene.kinds().count("held") <= 2
    assert scene.turns() == ["brew", "brew"]
    assert scene.mouth.loudness(4, 9) > 0.05


@WOKEN
def test_stop_is_heard_over_its_own_voice(scene: Scene) -> None:
    """While the loudspeaker is heard, "stop" still cuts the answer off."""
    scene.echo = 0.5
    scene.play(14, (1.5, BREW, command()), (6.5, STOP, spoken("stop")), wake=(1.0,))
    assert "cut" in scene.kinds()
    assert scene.mouth.loudness(7.5, 99) == 0


@WOKEN
def test_a_yes_needs_no_wake_word(scene: Scene) -> None:
    """After "Shall I?" the yes is heard, and does it; nothing is done before."""
    scene.play(12, (1.5, TAP, command()), (7.5, YES, spoken("yes please")), wake=(1.0,))
    assert scene.done == ["tap"] and scene.turns() == ["tap", "tap"]


@WOKEN
def test_a_timer_rings_until_stop(scene: Scene) -> None:
    """What rings goes on; "stop", without the wake word, ends it for good."""
    scene.actions.append((1.0, lambda: scene.ringing.append("Your tea is ready.")))
    scene.play(14, (11.3, STOP, spoken("stop")))
    assert scene.kinds()[0] == "announced"
    assert scene.mouth.loudness(8.0, 11.0) > 0.1
    assert scene.mouth.loudness(12.0, 99) == 0
    assert scene.done == ["silenced"]


def test_a_ring_waits_for_the_speaker(scene: Scene) -> None:
    """What falls due while somebody speaks is said after their turn."""
    scene.actions.append((1.1, lambda: scene.ringing.append("Your tea is ready.")))
    scene.play(20, (1.0, BREW, command()), (18.0, STOP, spoken("stop")))
    assert scene.turns()[0] == "brew" and "announced" in scene.kinds()


def test_ears_that_fail_are_said_and_the_next_turn_works(scene: Scene) -> None:
    """When the listening model died twice, the person hears one sentence; then all is well."""
    scene.ears.failures = 1
    scene.play(14, (1.0, BREW, command()), (9.0, BREW, command()))
    assert [event.text for _, event in scene.events if event.kind == "trouble"] == [TROUBLE]
    assert scene.mouth.loudness(3, 8) > 0.05
    assert scene.turns() == ["brew"]


def test_a_skill_that_hangs_costs_its_own_answer(scene: Scene) -> None:
    """The loop goes on, and the next command is done."""
    scene.play(12, (1.0, HANG, command()), (7.0, BREW, command()))
    assert scene.turns() == ["hangs", "brew"] and scene.done == ["brew"]


def test_silence_noise_and_hum_lead_to_nothing(scene: Scene) -> None:
    """Hiss, hum, clicks and bursts of noise are not transcribed, or have no words; nothing is called or said."""
    rng = np.random.default_rng(2)
    hiss = rng.standard_normal(6 * RATE_HZ).astype(np.float32)
    hum = np.sin(2 * np.pi * 100 * np.arange(6 * RATE_HZ) / RATE_HZ).astype(np.float32)
    burst = np.exp(-np.arange(4000) / 800) * rng.standard_normal(4000)
    scene.play(30, (1, 0.1, hiss), (9, 0.3, hum), *((17 + n, 0.5, burst.astype(np.float32)) for n in range(10)))
    assert scene.turns() == [] and scene.mouth.loudness(0, 99) == 0 and set(scene.kinds()) <= {"nothing"}


def test_the_kept_sound_does_not_grow(scene: Scene) -> None:
    """After a minute no more than the longest utterance is kept."""
    started = time.monotonic()
    loop = scene.play(60, (1.0, BREW, command()))
    assert len(loop._kept) * 0.032 < 36
    assert time.monotonic() - started < 50


class DeafFor:
    """Voice activity whose process is broken between two moments."""

    def __init__(self, first: int, last: int) -> None:
        self.voice, self.broken, self.now = Voice(), range(first, last), 0

    def probability(self, frame: np.ndarray) -> float:
        self.now += 1
        if self.now in self.broken:
            raise WorkerFailed("what hears stopped working twice")
        return self.voice.probability(frame)

    def reset(self) -> None:
        self.voice.reset()


def test_a_house_that_cannot_hear_says_so_and_hears_again(scene: Scene) -> None:
    """One sentence aloud while nothing can be heard, and what is said afterwards is done."""
    scene.voice = lambda: DeafFor(20, 60)
    scene.play(10, (5.5, BREW, command()))
    assert [event.text for _, event in scene.events if event.kind == "trouble"] == [DEAF]
    assert scene.mouth.loudness(0.6, 3.0) > 0.05
    assert scene.done == ["brew"]


def test_talk_makes_the_next_words_more_likely_talk(scene: Scene) -> None:
    """A call that is sure enough by itself is none right after words that were not for us, and is one again later."""
    scene.play(22, (1.0, CHATTER, command()), (5.0, BREW, command()), (16.0, BREW, command()))
    turns = [event.response.turn.decision for _, event in scene.events if event.response is not None]
    assert [(one.skill, one.tier) for one in turns] == [("none", "decline"), ("brew", "decline"), ("brew", "shipped")]
    assert scene.done == ["brew"]
