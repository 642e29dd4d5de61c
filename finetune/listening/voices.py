"""Voices: espeak-ng's variants and flite's recorded speakers, each clip with the time of every phone.

espeak-ng is driven through its library (`espeakng-loader` carries it), flite through its command. Both report where
each phone begins; that is what lets an encoder be told, frame by frame, what it hears.
"""

from __future__ import annotations

import ctypes
import random
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import espeakng_loader
import numpy as np
import soundfile

from finetune.listening.accents import SOUNDS, accent, spoken_with
from finetune.listening.phones import phone_of

ACCENTS = ["en-us", "en-us", "en-us", "en", "en", "en-gb-scotland", "en-029", "en-gb-x-rp", "en-gb-x-gbclan",
           "en-us-nyc"]  # fmt: skip
VARIANTS = (  # noqa: SIM905
    "Alex Alicia Andrea Andy AnxiousAndy Denis Diogo Gene Gene2 Henrique Hugo Jacky Lee Marco Mario Mike Mr Nguyen "
    "Reed RicishayMax RicishayMax2 RicishayMax3 Storm Tweaky UniRobot adam anika announcer antonio aunty belinda "
    "benjamin boris caleb david ed edward edward2 f1 f2 f4 f5 grandma grandpa gustave ian iven iven2 iven3 iven4 john "
    "kaukovalta klatt klatt2 klatt3 klatt4 klatt5 klatt6 linda m1 m2 m3 m4 m6 m7 m8 marcelo max michel miguel mike2 "
    "norbert pablo paul pedro quincy rob robert robosoft robosoft2 robosoft4 robosoft6 sandro shelby steph steph2 "
    "steph3 travis victor whisper zac"
).split()
FLITE = ["awb", "slt", "slt", "kal", "kal16"]

# Whole voices that no training clip may use: an accent, two women, two men, and a recorded person.
HELD_OUT = {
    "espeak-gbcwmd": ("en-gb-x-gbcwmd", ""),
    "espeak-annie": ("en-us", "Annie"),
    "espeak-f3": ("en", "f3"),
    "espeak-m5": ("en-us", "m5"),
    "espeak-michael": ("en-us", "Michael"),
    "flite-rms": ("flite", "rms"),
}


@dataclass(frozen=True)
class Speech:
    """One synthesised sentence."""

    samples: np.ndarray
    """float32, shape (n,), -1..1"""
    rate_hz: int
    phones: list[tuple[float, int]]
    """(start in seconds, phone class), in order; the last one lasts to the end"""


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int), ("unique", ctypes.c_uint), ("text_position", ctypes.c_int), ("length", ctypes.c_int),
        ("audio_ms", ctypes.c_int), ("sample", ctypes.c_int), ("user_data", ctypes.c_void_p),
        ("string", ctypes.c_char * 8),
    ]  # fmt: skip


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))
_PHONEME_EVENT, _RATE, _PITCH, _RANGE, _WORD_GAP = 7, 1, 3, 4, 7
_UTF8, _PHONEMES = 1, 0x100


class Espeak:
    """espeak-ng's library, one per process: it keeps its state in globals."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        path = str(Path(espeakng_loader.get_data_path()).parent).encode()
        self.rate_hz = self._library.espeak_Initialize(2, 0, path, 1)
        if self.rate_hz <= 0:
            raise RuntimeError("espeak-ng does not start")
        self._chunks: list[np.ndarray] = []
        self._phones: list[tuple[float, int]] = []
        self._callback = _CALLBACK(self._receive)  # kept: the library holds only a bare pointer
        self._library.espeak_SetSynthCallback(self._callback)
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._library.espeak_TextToPhonemes.argtypes = [ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int]

    def _receive(self, samples: ctypes._Pointer, count: int, events: ctypes._Pointer) -> int:  # type: ignore[type-arg]
        if samples and count > 0:
            self._chunks.append(np.ctypeslib.as_array(samples, (count,)).astype(np.float32) / 32768)
        position = 0
        while events and events[position].type:
            event = events[position]
            if event.type == _PHONEME_EVENT:
                self._phones.append((event.audio_ms / 1000, phone_of(event.string.decode("utf-8", "replace"))))
            position += 1
        return 0

    def say(self, text: str, voice: tuple[str, str], r: random.Random | None, accented: float = 0.0) -> Speech:
        """Speak; with `r`, at a random rate, pitch, intonation and word gap, else at the voice's own.

        `accented`: 0 for the voice's own accent, more for a random one of this strength.
        """
        language, variant = voice
        self._chunks, self._phones = [], []
        name = f"{language}+{variant}" if variant else language
        if self._library.espeak_SetVoiceByName(name.encode()):
            raise ValueError(f"espeak-ng has no voice {name}")
        settings = {_RATE: 165, _PITCH: 50, _RANGE: 50, _WORD_GAP: 0}
        if r:
            settings = {_RATE: int(r.triangular(115, 240, 165)), _PITCH: r.randint(15, 85), _RANGE: r.randint(15, 90),
                        _WORD_GAP: r.choice([0, 0, 0, 0, 1, 2, 4])}  # fmt: skip
        for key, value in settings.items():
            self._library.espeak_SetParameter(key, value, 0)
        if accented and r:
            text = f"[[{spoken_with(accent(r, accented), self.mnemonics(text))}]]"
        raw = text.encode()
        flags = _UTF8 | (_PHONEMES if accented else 0)
        self._library.espeak_Synth(raw, len(raw) + 1, 0, 0, 0, flags, None, None)
        samples = np.concatenate(self._chunks) if self._chunks else np.zeros(0, np.float32)
        return Speech(samples, self.rate_hz, self._phones)

    def mnemonics(self, text: str) -> str:
        """How the present voice would say a text: words apart by blanks, sounds by `|`, stress before them."""
        rest, parts = ctypes.c_char_p(text.encode()), []
        while rest.value:
            parts.append(self._library.espeak_TextToPhonemes(ctypes.byref(rest), _UTF8, ord(SOUNDS) << 8).decode())
        return " ".join(parts)


def flite(text: str, voice: str, r: random.Random | None) -> Speech:
    """Speak with one of flite's voices; with `r`, at a random length and height of voice."""
    settings = []
    if r:
        height = {"awb": 120, "rms": 100, "slt": 180, "kal": 100, "kal16": 100}[voice] * r.uniform(0.8, 1.3)
        wanted = {"duration_stretch": r.uniform(0.8, 1.35), "int_f0_target_mean": height,
                  "int_f0_target_stddev": r.uniform(8, 30)}  # fmt: skip
        settings = [part for name, value in wanted.items() for part in ("--setf", f"{name}={value:.2f}")]
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = ["flite", "-voice", voice, *settings, "-psdur", "-t", text, "-o", file.name]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        samples, rate_hz = soundfile.read(file.name, dtype="float32")
    phones, start = [], 0.0
    for part in said.split():
        name, end = part.rsplit(":", 1)
        phones.append((start, phone_of(name)))
        start = float(end)
    return Speech(samples, rate_hz, phones)


def warped(speech: Speech, factor: float) -> Speech:
    """Play a clip `factor` times as fast: pitch and formants rise, as if by a smaller speaker."""
    count = max(1, int(len(speech.samples) / factor))
    samples = np.interp(np.arange(count) * factor, np.arange(len(speech.samples)), speech.samples)
    return Speech(samples.astype(np.float32), speech.rate_hz, [(t / factor, p) for t, p in speech.phones])


def random_voice(r: random.Random) -> tuple[str, str]:
    """Choose a training voice: 40 % flite's, since they sound most like people, else espeak-ng's."""
    if r.random() < 0.4:
        return "flite", r.choice(FLITE)
    return r.choice(ACCENTS), r.choice(VARIANTS)


def say(engine: Espeak, text: str, voice: tuple[str, str], r: random.Random | None, accented: float = 0.0) -> Speech:
    """Speak with any voice of this file; with `r`, varied; `accented` is for espeak-ng's, see `Espeak.say`."""
    language, name = voice
    if language == "flite":
        speech = flite(text, name, r)
        return warped(speech, r.uniform(0.85, 1.2)) if r and r.random() < 0.8 else speech
    return engine.say(text, voice, r, accented)
