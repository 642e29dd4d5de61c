"""What a wake word is measured on: recordings of it, the same over noise, synthetic voices, and hours without it.

All of it falls into two halves, by the recording's path or by the voice: one chooses the setting, the other judges it.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from assistant.audio import RATE_HZ, AudioError, read_audio
from assistant.commands.frame import UsageError
from assistant.ears.measure import WAKE_WORD
from evals.spoken import LOUDEST, over, with_noise
from evals.wake_voices import SyntheticVoice

_VERSION = re.compile(r"_v[\d.]+$")

Half = Literal["tuning", "held-out"]
Kind = Literal["people", "synthetic", "noise"]
Samples = npt.NDArray[np.float32]

LEVELS_DB: tuple[float | None, ...] = (None, 15.0, 10.0)
"""Speech over noise; None for no noise."""
LEAD_S, TAIL_S = 2.0, 1.0
"""Around the word: a model hears the room before the speaker, and answers a moment after the word."""
GAP_S = 0.5
BLOCK = 5
"""Sentences that one voice says in one go."""
SOUNDS = (".wav", ".flac", ".mp3", ".ogg")
LOUDNESS = (0.05, 0.6)
"""The peaks between which synthetic talk varies: from across the room to beside the microphone."""


@dataclass(frozen=True)
class Saying:
    """The wake word, said once."""

    group: str
    """The recording, or the voice."""
    condition: str
    kind: Kind
    half: Half
    samples: Samples


@dataclass(frozen=True)
class Stretch:
    """Sound without the wake word, but for those named."""

    kind: Kind
    half: Half
    samples: Samples
    says: frozenset[str] = frozenset()
    """Wake words that are said in it."""


@dataclass(frozen=True)
class Room:
    """Noise to speak over: recordings, or none, which is pink noise."""

    noises: tuple[Samples, ...] = ()

    def filled(self, samples: Samples, level_db: float | None, seed: str) -> Samples:
        """The samples over a stretch of noise that the seed chooses, no louder than a microphone's full scale."""
        if level_db is not None:
            chance = np.random.default_rng(_number(seed))
            samples = self._over(samples, level_db, chance)
        peak = float(np.abs(samples).max(initial=0.0))
        return samples * np.float32(LOUDEST / peak) if peak > LOUDEST else samples

    def _over(self, samples: Samples, level_db: float, chance: np.random.Generator) -> Samples:
        if not self.noises:
            return with_noise(samples, level_db, chance)
        noise = self.noises[int(chance.integers(len(self.noises)))]
        return over(samples, np.resize(np.roll(noise, -int(chance.integers(len(noise)))), len(samples)), level_db)


def half_of(name: str) -> Half:
    """The half that a recording or a voice belongs to; always the same one."""
    return "tuning" if _number(name) % 2 else "held-out"


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


def name_of(word: str) -> str:
    """A wake word's name: the setting's, or of a model's file its stem without the version."""
    return _VERSION.sub("", word if Path(word).suffix not in (".onnx", ".json") else Path(word).stem)


def spoken_form(word: str) -> str:
    """What a synthetic voice must be told to say it."""
    name = name_of(word)
    return WAKE_WORD.get(name, name.replace("_", " "))


def said_in(text: str, words: Sequence[str]) -> frozenset[str]:
    """The wake words whose last part, the one that is rare, is written in a sentence."""
    parts = set(text.lower().replace("'", " ").split())
    return frozenset(word for word in words if {name_of(word).split("_")[-1], spoken_form(word).split()[-1]} & parts)


# --- the word --------------------------------------------------------------------------------------------------------


def sayings(word: str, clips: Path | None, voices: Sequence[SyntheticVoice], room: Room) -> Iterator[Saying]:
    """Every recording in the folder of the word's name, and every voice, without noise and over it.

    Raises:
        UsageError: a recording cannot be read.
    """
    folder = clips / name_of(word) if clips else None
    for path in recordings(folder) if folder and folder.is_dir() else []:
        yield from _in_noise(read_recording(path), path.name, "people", room)
    for voice in voices:
        yield from _in_noise(voice.say(spoken_form(word)), voice.name, "synthetic", room)


def _in_noise(samples: Samples, name: str, kind: Kind, room: Room) -> Iterator[Saying]:
    whole = np.concatenate(
        [np.zeros(int(LEAD_S * RATE_HZ), np.float32), samples, np.zeros(int(TAIL_S * RATE_HZ), np.float32)]
    )
    for level_db in LEVELS_DB:
        filled = room.filled(whole, level_db, f"{name} {level_db}")
        yield Saying(name, condition(level_db), kind, half_of(name), filled)


def condition(level_db: float | None) -> str:
    """clean, or so many dB."""
    return "clean" if level_db is None else f"{level_db:g} dB"


# --- everything else -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Surroundings:
    """Where sound without the wake words comes from."""

    words: tuple[str, ...]
    clips: Path | None = None
    """Recordings of wake words, a folder for each; those of other words are speech without this one."""
    talk: tuple[Path, ...] = ()
    """Folders of recordings in which none of the words is said."""
    noise: tuple[Path, ...] = ()
    sentences: tuple[str, ...] = ()
    voices: tuple[SyntheticVoice, ...] = ()
    hours: float = 0.0
    """Of synthetic talk."""
    room: Room = field(default_factory=Room)


def stretches(around: Surroundings) -> Iterator[Stretch]:
    """Noise, people, and then hours of synthetic talk. Raises UsageError where a recording cannot be read."""
    seen: set[Path] = set()
    for kind, path, says in _recorded(around):
        if path.resolve() not in seen:
            seen.add(path.resolve())
            silence = np.zeros(int(GAP_S * RATE_HZ), np.float32)
            yield Stretch(kind, half_of(path.name), np.concatenate([read_recording(path), silence]), says)
    yield from _talk(around)


def _recorded(around: Surroundings) -> Iterator[tuple[Kind, Path, frozenset[str]]]:
    """Noise first: what lies in a folder of noise and of talk is noise."""
    for folder in around.noise:
        yield from (("noise", path, frozenset()) for path in recordings(folder))
    for folder in sorted(around.clips.iterdir()) if around.clips else []:
        says = frozenset(word for word in around.words if name_of(word) == folder.name)
        yield from (("people", path, says) for path in recordings(folder) if folder.is_dir())
    for folder in around.talk:
        yield from (("people", path, frozenset()) for path in recordings(folder))


def _talk(around: Surroundings) -> Iterator[Stretch]:
    """Blocks of sentences by one voice after another, quiet and loud, with and without noise."""
    left = around.hours * 3600 * RATE_HZ
    if left and not (around.sentences and around.voices):
        raise UsageError("hours of synthetic talk need sentences and voices")
    texts = itertools.cycle(around.sentences)
    for number, voice in enumerate(itertools.cycle(around.voices)):
        if left <= 0:
            return
        said = list(itertools.islice(texts, BLOCK))
        chance = np.random.default_rng(number)
        whole = np.concatenate([voice.say(". ".join(said)), np.zeros(int(GAP_S * RATE_HZ), np.float32)])
        whole *= np.float32(np.exp(chance.uniform(*np.log(LOUDNESS))) / max(1e-6, float(np.abs(whole).max())))
        level_db = LEVELS_DB[int(chance.integers(len(LEVELS_DB)))]
        says = frozenset(word for text in said for word in said_in(text, around.words))
        left -= len(whole)
        yield Stretch("synthetic", half_of(voice.name), around.room.filled(whole, level_db, str(number)), says)


def room_of(folders: Sequence[Path]) -> Room:
    """The noises long enough to speak over. Raises UsageError."""
    noises = [read_recording(path) for folder in folders for path in recordings(folder)]
    return Room(tuple(one for one in noises if len(one) >= 5 * RATE_HZ and one.any()))


def recordings(folder: Path) -> list[Path]:
    """Every recording below a folder, in order."""
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SOUNDS and path.is_file())


def read_recording(path: Path) -> Samples:
    """A recording at 16 kHz. Raises UsageError."""
    try:
        return read_audio(path).samples
    except AudioError as error:
        raise UsageError(str(error).rstrip(".")) from None
