"""Hours of sound that is not meant for the assistant: rooms that make noise, music, and people who talk to one another.

Noise and music are made here, or recorded; talk is said by synthetic voices, in turns, near and far, alone or with a
television or a kitchen under it. The same seed gives the same noise and music, and the same order of it all.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from assistant.audio import RATE_HZ
from assistant.ears.measure import GAP_S, room_noise
from evals.wake_sounds import LEVELS_DB, LOUDNESS, Room
from evals.wake_voices import SyntheticVoice

Kind = Literal["noise", "music", "talk"]
Samples = npt.NDArray[np.float32]
Chance = np.random.Generator

KINDS: tuple[Kind, ...] = ("noise", "music", "talk")
PIECE_S = 30.0
"""Of noise or music; then the room is quiet for a moment, so that each piece answers for what it led to."""
LINES = 6
"""That people say to one another before the room is quiet."""
BETWEEN_S = (0.2, 3.0)
"""From one line to the next: an answer at once, or a thought."""
QUIET = 0.0005
"""Amplitude of a room in which nothing happens."""
KEYS_HZ = (110.0, 123.5, 130.8, 146.8, 164.8)
SCALE = (0, 2, 4, 5, 7, 9, 11, 12)
CHORDS = ((0, 4, 7), (5, 9, 12), (7, 11, 14), (9, 12, 16))
"""In semitones: the four that most songs are made of."""
VOWELS_HZ = ((730, 1090, 2440), (530, 1840, 2480), (270, 2290, 3010), (570, 840, 2410), (300, 870, 2240))
"""The first three formants of five vowels. Source: Peterson and Barney 1952, men's means."""


@dataclass(frozen=True)
class Piece:
    """Half a minute of one kind of sound, at 16 kHz, with a quiet room at its end."""

    kind: Kind
    name: str
    samples: Samples


@dataclass(frozen=True)
class Sources:
    """What it is made of."""

    hours: float
    sentences: tuple[str, ...]
    voices: tuple[SyntheticVoice, ...]
    recorded: tuple[tuple[Kind, str, Samples], ...] = ()
    """Recordings of noise, or of people who say nothing that is meant for us."""
    seed: int = 1
    room: Room = field(default_factory=Room)
    """Noise under talk."""


def pieces(sources: Sources) -> Iterator[Piece]:
    """A third of each kind, in turn, until the hours are over. Raises RuntimeError where a voice fails."""
    left = dict.fromkeys(KINDS, sources.hours * 3600 / len(KINDS))
    each = {"noise": _noise(sources), "music": _music(sources), "talk": _talk(sources)}
    while any(seconds > 0 for seconds in left.values()):
        kind = max(KINDS, key=lambda one: left[one])
        piece = next(each[kind])
        left[kind] -= len(piece.samples) / RATE_HZ
        yield piece


def _piece(kind: Kind, name: str, samples: npt.NDArray[np.floating], chance: Chance) -> Piece:
    """As loud as chance has it, between across the room and beside the microphone."""
    loudness = float(np.exp(chance.uniform(*np.log(LOUDNESS))))
    scaled = samples * (loudness / max(1e-6, float(np.abs(samples).max(initial=0.0))))
    return _in_quiet(kind, name, scaled, chance)


def _in_quiet(kind: Kind, name: str, samples: npt.NDArray[np.floating], chance: Chance) -> Piece:
    whole = np.concatenate([samples, np.zeros(int(GAP_S * RATE_HZ))])
    return Piece(kind, name, (whole + QUIET * chance.standard_normal(len(whole))).astype(np.float32))


def _stretch(samples: Samples, chance: Chance) -> Samples:
    """So much of a recording as a piece holds, from anywhere; a short one as often as it fits, with pauses."""
    count = int(PIECE_S * RATE_HZ)
    if len(samples) >= count:
        first = int(chance.integers(len(samples) - count + 1))
        return samples[first : first + count]
    padded = np.concatenate([samples, np.zeros(int(chance.uniform(0.1, 2.0) * RATE_HZ), np.float32)])
    return np.resize(padded, count)


# --- noise -----------------------------------------------------------------------------------------------------------


def _noise(sources: Sources) -> Iterator[Piece]:
    chance = np.random.default_rng(sources.seed)
    recorded = [(name, samples) for kind, name, samples in sources.recorded if kind == "noise"]
    for number in itertools.count():
        make = NOISES[number % len(NOISES)]
        yield _piece("noise", make.__name__.strip("_"), make(int(PIECE_S * RATE_HZ), chance), chance)
        if recorded:
            name, samples = recorded[number % len(recorded)]
            yield _piece("noise", name, _stretch(samples, chance), chance)


def _room(count: int, chance: Chance) -> Samples:
    return room_noise(count, chance)


def _hum(count: int, chance: Chance) -> Samples:
    """A transformer: the mains and its harmonics, beating slowly."""
    at = np.arange(count) / RATE_HZ
    mains = float(chance.choice([50.0, 60.0]))
    parts = [np.sin(2 * np.pi * mains * n * at + chance.uniform(0, 6)) / n for n in (1, 2, 3, 4, 6, 8, 12)]
    swell = 1 + 0.3 * np.sin(2 * np.pi * chance.uniform(0.1, 1.5) * at)
    return (sum(parts) * swell + 0.05 * chance.standard_normal(count)).astype(np.float32)


def _water(count: int, chance: Chance) -> Samples:
    """A tap that is turned on and off: bright noise that bubbles."""
    bright = _band(chance.standard_normal(count), 400, 6000)
    bubbles = _slow(count, chance.uniform(6, 20), chance)
    on = _slow(count, 0.15, chance)
    return (bright * (0.6 + 0.4 * np.abs(bubbles)) * (on > np.quantile(on, 0.4))).astype(np.float32)


def _machine(count: int, chance: Chance) -> Samples:
    """A vacuum cleaner or a mixer: a whine over a roar, faster and slower."""
    speed = chance.uniform(80, 400) * (1 + 0.1 * _slow(count, 0.5, chance))
    turned = np.cumsum(speed) / RATE_HZ
    whine = sum(np.sin(2 * np.pi * turned * n) / n for n in (1, 2, 3, 5, 8))
    return (whine * 0.3 + _band(chance.standard_normal(count), 200, 5000)).astype(np.float32)


def _knocks(count: int, chance: Chance) -> Samples:
    """Cups, doors, steps, typing: short hits that ring, by ones and by dozens."""
    samples = np.zeros(count)
    at = 0
    while at < count:
        length = min(count - at, int(chance.uniform(0.02, 0.4) * RATE_HZ))
        fall = np.exp(-np.arange(length) / (length / chance.uniform(4, 9)))
        ring = np.sin(2 * np.pi * chance.uniform(120, 4000) * np.arange(length) / RATE_HZ)
        samples[at : at + length] += chance.uniform(0.1, 1) * fall * (ring + chance.standard_normal(length))
        at += int(chance.choice([chance.uniform(0.05, 0.3), chance.uniform(0.3, 3)]) * RATE_HZ)
    return samples.astype(np.float32)


def _coughs(count: int, chance: Chance) -> Samples:
    """Coughs, sneezes, sighs: bursts of breath through a throat, one to four in a row."""
    samples = np.zeros(count)
    at = int(chance.uniform(0.2, 2) * RATE_HZ)
    while at < count - RATE_HZ:
        for _ in range(int(chance.integers(1, 5))):
            length = min(count - at, int(chance.uniform(0.12, 0.5) * RATE_HZ))
            shape = np.exp(-np.arange(length) / (length / 5)) * np.minimum(1, np.arange(length) / 200)
            breath = _formants(chance.standard_normal(length), VOWELS_HZ[int(chance.integers(len(VOWELS_HZ)))])
            samples[at : at + length] += chance.uniform(0.4, 1) * shape * breath / max(1e-9, np.abs(breath).max())
            at = min(count - 1, at + length + int(chance.uniform(0.05, 0.4) * RATE_HZ))
        at += int(chance.uniform(1, 6) * RATE_HZ)
    return samples.astype(np.float32)


NOISES: tuple[Callable[[int, Chance], Samples], ...] = (_room, _hum, _water, _machine, _knocks, _coughs)


def _band(samples: npt.NDArray[np.floating], low_hz: float, high_hz: float) -> npt.NDArray[np.float64]:
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    return np.asarray(np.fft.irfft(spectrum * ((hz >= low_hz) & (hz <= high_hz)), len(samples)))


def _slow(count: int, hz: float, chance: Chance) -> npt.NDArray[np.float64]:
    """A curve that wanders about 0, in -1..1, so many times a second."""
    points = chance.uniform(-1, 1, max(2, int(count / RATE_HZ * hz) + 2))
    return np.interp(np.arange(count), np.linspace(0, count, len(points)), points)


def _formants(samples: npt.NDArray[np.floating], formants_hz: Sequence[float]) -> npt.NDArray[np.float64]:
    """As a throat that is shaped for a vowel lets it through."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(len(samples), 1 / RATE_HZ)
    gain = sum(np.exp(-(((hz - middle) / (60 + middle / 12)) ** 2)) / (n + 1) for n, middle in enumerate(formants_hz))
    return np.asarray(np.fft.irfft(spectrum * (gain + 0.02), len(samples)))


# --- music -----------------------------------------------------------------------------------------------------------


def _music(sources: Sources) -> Iterator[Piece]:
    chance = np.random.default_rng(sources.seed + 1)
    for number in itertools.count():
        name = ("chords", "band", "sung")[number % 3]
        yield _piece("music", name, _song(name, chance), chance)


def _song(name: str, chance: Chance) -> npt.NDArray[np.float64]:
    """Chords on an instrument; the same with drums and a tune; the same with the tune sung in vowels."""
    count = int(PIECE_S * RATE_HZ)
    samples, beat = np.zeros(count), int(60 / chance.uniform(70, 150) * RATE_HZ)
    key_hz, harmonics = float(chance.choice(KEYS_HZ)), int(chance.integers(2, 9))
    order = chance.permutation(len(CHORDS))
    for number, at in enumerate(range(0, count, beat)):
        if number % 4 == 0:
            for step in CHORDS[int(order[number // 4 % len(order)])]:
                _add(samples, at, _note(key_hz * 2 ** (step / 12), 4 * beat, harmonics), 0.25)
        if name == "chords":
            continue
        _add(samples, at, _kick(beat) if number % 2 == 0 else _snare(beat, chance), 0.8)
        for half in (0, beat // 2):
            tune_hz = 2 * key_hz * 2 ** (int(chance.choice(SCALE)) / 12)
            length = int(beat * chance.choice([0.5, 1.0]))
            tune = _sung(tune_hz, length, chance) if name == "sung" else _note(tune_hz, length, 5)
            _add(samples, at + half, tune, 0.7 if name == "sung" else 0.4)
    return samples


def _add(samples: npt.NDArray[np.float64], at: int, sound: npt.NDArray[np.float64], loudness: float) -> None:
    part = sound[: max(0, len(samples) - at)]
    samples[at : at + len(part)] += loudness * part


def _note(hz: float, count: int, harmonics: int) -> npt.NDArray[np.float64]:
    """A plucked or struck string: its harmonics die away, the high ones first."""
    at = np.arange(count) / RATE_HZ
    tones = (np.sin(2 * np.pi * hz * n * at) * np.exp(-at * n) / n for n in range(1, harmonics + 1))
    return np.asarray(sum(tones) * np.minimum(1, at * 200))


def _sung(hz: float, count: int, chance: Chance) -> npt.NDArray[np.float64]:
    """A vowel with vibrato, as from a throat."""
    at = np.arange(count) / RATE_HZ
    turned = np.cumsum(hz * (1 + 0.02 * np.sin(2 * np.pi * 5.5 * at))) / RATE_HZ
    buzz = 2 * (turned % 1) - 1
    vowel = _formants(buzz, VOWELS_HZ[int(chance.integers(len(VOWELS_HZ)))])
    edge = np.minimum(1, np.minimum(np.arange(count), np.arange(count)[::-1]) / 480)
    return np.asarray(vowel / max(1e-9, float(np.abs(vowel).max(initial=0.0))) * edge)


def _kick(count: int) -> npt.NDArray[np.float64]:
    at = np.arange(min(count, RATE_HZ // 4)) / RATE_HZ
    return np.asarray(np.sin(2 * np.pi * (50 * at - 12 * np.exp(-at * 25))) * np.exp(-at * 12))


def _snare(count: int, chance: Chance) -> npt.NDArray[np.float64]:
    length = min(count, RATE_HZ // 5)
    return np.asarray(chance.standard_normal(length) * np.exp(-np.arange(length) / 700) * 0.4)


# --- talk ------------------------------------------------------------------------------------------------------------


def _talk(sources: Sources) -> Iterator[Piece]:
    """Two or three voices in turn, each near or far; and between them the recordings of people."""
    chance = np.random.default_rng(sources.seed + 2)
    voices = [sources.voices[int(at)] for at in chance.permutation(len(sources.voices))]
    texts, spoken = itertools.cycle(sources.sentences), itertools.cycle(voices)
    recorded = itertools.cycle([one for one in sources.recorded if one[0] == "talk"])
    for number in itertools.count():
        people = list(itertools.islice(spoken, 2 + number % 2))
        said = [_line(people[at % len(people)], next(texts), chance) for at in range(LINES)]
        level_db = LEVELS_DB[number % len(LEVELS_DB)]
        filled = sources.room.filled(np.concatenate(said), level_db, f"{sources.seed} {number}")
        yield _in_quiet("talk", ", ".join(sorted({one.name for one in people})), filled, chance)
        if number % 4 == 3:
            for _, name, samples in itertools.islice(recorded, 1):
                yield _piece("talk", name, samples[: int(PIECE_S * RATE_HZ)], chance)


def _line(voice: SyntheticVoice, text: str, chance: Chance) -> Samples:
    said = voice.say(text)
    loudness = float(np.exp(chance.uniform(*np.log(LOUDNESS)))) / max(1e-6, float(np.abs(said).max(initial=0.0)))
    pause = np.zeros(int(chance.uniform(*BETWEEN_S) * RATE_HZ), np.float32)
    return np.concatenate([said * np.float32(loudness), pause])
