"""What `hark bench listen` measures: the loop itself, in real time, over synthetic speech in a noisy room.

Nothing that is heard is done: where a skill would start, the clock is read.
"""

from __future__ import annotations

import contextlib
import random
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import psutil

from assistant.audio import RATE_HZ, Audio, resampled
from assistant.config import Settings, Speech
from assistant.core import Assistant, Considered, Response
from assistant.ears.echo import OwnVoice
from assistant.ears.loop import How, Loop
from assistant.ears.mouth import Mouth
from assistant.ears.senses import Senses
from assistant.ears.sensing import SensingProcess
from assistant.ears.size import workers
from assistant.ears.sources import FRAME, FRAME_S, paced
from assistant.ears.wake import Wakes, open_wake_word
from assistant.listen import Span
from assistant.speak import Speaker
from assistant.turn import Reply, Turn

VOICES = ("en-us", "en-gb", "en+f3", "en+m3", "en-us+m7", "en+f2", "en-us+f4", "en+m1")
NOISE_DB = 15.0
"""Speech is so much louder than the room."""
GAP_S = 2.2
"""Silence between two utterances: longer than the longest wait."""
PAUSE_MS = (100, 400)
"""Pauses inside half of the utterances, the longest included ..."""
LONG_PAUSE_MS = (340, 400)
"""... and those that are hardest to tell from an end."""
WAKE_WORD = {"okay_nabu": "okay naboo", "hey_jarvis": "hey jarvis", "hey_mycroft": "hey mycroft", "alexa": "alexa"}
"""How the voices must be told to say them."""


@dataclass(frozen=True)
class Utterance:
    """A sentence in a recording, in seconds from its beginning."""

    text: str
    begins_s: float
    ends_s: float
    """The last sound of the speaker."""
    pause_ms: int
    """The pause inside; 0 for none but the speaker's own."""


@dataclass(frozen=True)
class Delays:
    """What became of the utterances of one run."""

    started_ms: tuple[float, ...]
    """From the last sound of the speaker to the start of the skill, where there was one call after it."""
    endpoint_ms: tuple[float, ...]
    """From the last sound to the decision that it was the last."""
    cut_short: int
    """Utterances that were acted upon before their end."""
    unheard: int
    """Utterances that no skill would start for: not understood, or too unsure."""


def recording(
    texts: Sequence[str], seed: int = 1, pause_ms: tuple[int, int] = PAUSE_MS
) -> tuple[np.ndarray, list[Utterance]]:
    """The sentences one after another by several voices, with room noise; half of them with a pause inside."""
    chance, rng = random.Random(seed), np.random.default_rng(seed)
    parts, found, at = [np.zeros(RATE_HZ, np.float32)], [], RATE_HZ
    for number, text in enumerate(texts):
        inside_ms = chance.randint(*pause_ms) if number % 2 and len(text.split()) > 3 else 0
        said = _spoken(text, VOICES[number % len(VOICES)], inside_ms, chance)
        found.append(Utterance(text, at / RATE_HZ, (at + len(said)) / RATE_HZ, inside_ms))
        parts += [said, np.zeros(int(GAP_S * RATE_HZ), np.float32)]
        at += len(parts[-1]) + len(said)
    whole = np.concatenate(parts)
    speech = np.sqrt(np.mean(whole[np.abs(whole) > 0.01] ** 2))
    noisy: np.ndarray = whole + room_noise(len(whole), rng) * np.float32(speech * 10 ** (-NOISE_DB / 20))
    return noisy, found


def opening(samples: np.ndarray) -> Audio:
    """The first seconds of a recording, to warm the models with."""
    return Audio(samples[: 3 * RATE_HZ], RATE_HZ)


def _spoken(text: str, voice: str, pause_ms: int, chance: random.Random) -> np.ndarray:
    """A sentence without the silence around it, with a pause between two of its words."""
    speaker = Speaker(Speech(voice=voice, rate=chance.randrange(145, 185)))
    words = text.split()
    cut = chance.randrange(1, len(words)) if pause_ms else len(words)
    halves = [" ".join(words[:cut]), " ".join(words[cut:])]
    said = [_trimmed(resampled(speaker.speak(half), RATE_HZ).samples) for half in halves if half]
    loudest = max(float(np.abs(half).max()) for half in said)
    pause = np.zeros(int(pause_ms * RATE_HZ / 1000), np.float32)
    whole = np.concatenate([said[0], *(part for half in said[1:] for part in (pause, half))])
    scaled: np.ndarray = (whole * (0.3 / loudest)).astype(np.float32)
    return scaled


def _trimmed(samples: np.ndarray) -> np.ndarray:
    """Without what is 40 dB below the loudest at both ends."""
    loud = np.flatnonzero(np.abs(samples) > 0.01 * np.abs(samples).max())
    return samples[loud[0] : loud[-1] + 1]


def room_noise(count: int, rng: np.random.Generator) -> np.ndarray:
    """Noise whose power falls with the frequency, as in rooms; standard deviation 1."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)) / count * RATE_HZ, 50.0))
    noise = np.fft.irfft(spectrum, count)
    scaled: np.ndarray = (noise / noise.std()).astype(np.float32)
    return scaled


def frames_of(samples: np.ndarray) -> Iterator[np.ndarray]:
    """Whole frames of a recording."""
    for at in range(0, len(samples) - FRAME + 1, FRAME):
        yield samples[at : at + FRAME]


@dataclass
class _Clock:
    """When things happened, in seconds from the beginning of the recording."""

    now: Callable[[], float] = lambda: 0.0
    starts: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)


class _Observed(Assistant):
    """Reads the clock where a skill would start, and does nothing."""

    clock: _Clock

    def conclude(self, considered: Considered, *, quiet: bool = False, sound: Audio | None = None) -> Response:
        decision = considered.decision
        if decision.skill != "none" and decision.tier not in ("ask", "decline"):
            self.clock.starts.append(self.clock.now())
        turn = Turn(
            id=secrets.token_hex(6),
            at=self.settings.now(),
            transcript=considered.transcript,
            decision=considered.decision,
            reply=Reply(text="", ok=not quiet and sound is not None),
        )
        return Response(turn)


class _ObservedLoop(Loop):
    """Reads the clock when an utterance is over."""

    clock: _Clock

    def _act(self, span: Span) -> None:
        self.clock.ends.append(self.clock.now())
        super()._act(span)


def delays(
    assistant: Assistant, samples: np.ndarray, utterances: Sequence[Utterance], *, lockstep: bool = False
) -> Delays:
    """Play a recording to the loop, always on, and see when skills would start.

    Args:
        lockstep: as fast as it goes, with thinking that takes no time: what is left is the waiting for the end.
    """
    clock = _Clock()
    observed = _Observed(assistant.settings, assistant.skills, assistant.database, assistant.parts)
    with contextlib.closing(SensingProcess(assistant.settings.listen)) as sensing:
        sensing.check()
        how = How(lockstep=lockstep)
        loop = _ObservedLoop(observed, Senses(sensing, OwnVoice()), Mouth(), how, lambda _event: None)
        observed.clock = loop.clock = clock
        began = time.perf_counter()
        clock.now = (lambda: loop.listener.now * FRAME_S) if lockstep else (lambda: time.perf_counter() - began)
        loop.run(frames_of(samples) if lockstep else paced(frames_of(samples)))
    return judged(utterances, clock.starts, clock.ends)


def judged(utterances: Sequence[Utterance], starts_s: Sequence[float], ends_s: Sequence[float]) -> Delays:
    """Lay what happened beside what was said, all in seconds from the beginning of the recording."""
    started, endpoints, cut, unheard = [], [], 0, 0
    for one in utterances:
        until = one.ends_s + GAP_S
        if any(one.begins_s < at < one.ends_s for at in ends_s):
            cut += 1
            continue
        after = [at - one.ends_s for at in starts_s if one.ends_s <= at < until]
        ended = [at - one.ends_s for at in ends_s if one.ends_s <= at < until]
        if not after:
            unheard += 1
            continue
        started.append(after[0] * 1000)
        endpoints.append(ended[0] * 1000)
    return Delays(tuple(started), tuple(endpoints), cut, unheard)


def idle_share(assistant: Assistant, seconds: float) -> float:
    """The share of one core that the loop takes in a quiet room, in real time, of all its processes together."""
    noise = room_noise(int(seconds * RATE_HZ), np.random.default_rng(1)) * 0.003
    assistant.consider(Audio(noise[:RATE_HZ], RATE_HZ))
    assistant.announce()
    with contextlib.closing(SensingProcess(assistant.settings.listen)) as sensing:
        sensing.check()
        wake = sensing if sensing.has_wake_word else None
        loop = Loop(assistant, Senses(sensing, OwnVoice(), wake), Mouth(), How(), lambda _event: None)
        everyone = [psutil.Process(), *workers()]
        started, before_s = time.perf_counter(), _cpu_s(everyone)
        loop.run(paced(frames_of(noise)))
        return (_cpu_s(everyone) - before_s) / (time.perf_counter() - started)


def _cpu_s(processes: Sequence[psutil.Process]) -> float:
    return sum(sum(each.cpu_times()[:2]) for each in processes)


@dataclass(frozen=True)
class Wakings:
    """How well the wake word is heard."""

    said: int
    missed: int
    other_s: float
    """Seconds of speech without it."""
    false: int


def wakings(settings: Settings, texts: Sequence[str]) -> Wakings:
    """The wake word by every voice in noise, and speech without it. None of it in real time."""
    words, missed = [], 0
    rng = np.random.default_rng(3)
    for voice in VOICES:
        for rate in (135, 150, 165):
            speaker = Speaker(Speech(voice=voice, rate=rate))
            words.append(_trimmed(resampled(speaker.speak(WAKE_WORD[settings.listen.wake_word]), RATE_HZ).samples))
    for word in words:
        quiet = np.zeros(RATE_HZ, np.float32)
        whole = np.concatenate([quiet, word * (0.3 / np.abs(word).max()), quiet])
        noise = room_noise(len(whole), rng) * np.sqrt(np.mean(word**2)) * 10 ** (-NOISE_DB / 20)
        missed += not _wakes(open_wake_word(settings.listen), whole + noise)
    samples, _ = recording(texts)
    return Wakings(len(words), missed, len(samples) / RATE_HZ, _wakes(open_wake_word(settings.listen), samples))


def _wakes(wake: Wakes | None, samples: np.ndarray) -> int:
    """How often it is heard, one second apart."""
    if wake is None:
        return 0
    found, last_s = 0, -1.0
    for number, frame in enumerate(frames_of(samples.astype(np.float32))):
        if wake.heard(frame) and number * FRAME_S - last_s >= 1.0:
            found, last_s = found + 1, number * FRAME_S
    return found
