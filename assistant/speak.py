"""Text to sound: espeak-ng, which is always there, or a Piper voice where the household has one.

Does not play anything; that is `assistant.sound`.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import logging
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.audio import Audio
from assistant.config import Speech
from assistant.files import read_json
from assistant.skill import ConfigError, MissingPiece

log = logging.getLogger(__name__)

PAUSE_S = 0.15
"""Between two sentences."""
MAX_SENTENCE = 400
"""Characters handed to an engine at once; longer ones are broken at a comma or a space."""
PIPER_S = 60.0
NORMAL_RATE = 165
"""Words per minute at which a Piper voice speaks by itself, near enough."""
_MAX_PATH = 150
"""espeak-ng 1.52 keeps its data folder in 160 bytes (N_PATH_HOME), the name of the folder itself included."""
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+")
_VOICES = {"en": "en-us", "zh": "cmn", "pt": "pt-br"}
"""The voice for a household's language, where espeak-ng knows it by another name."""
_OTHER_NAMES = {"en-gb": "en", "fr-fr": "fr", "es-es": "es", "de-de": "de"}
"""What its own command accepts, though its library lists the voice under another name."""

Samples = npt.NDArray[np.int16]


def sentences(text: str) -> list[str]:
    """The text in pieces that an engine takes at once, none longer than MAX_SENTENCE characters."""
    found: list[str] = []
    for sentence in _SENTENCE.split(text):
        rest = sentence.strip()
        while len(rest) > MAX_SENTENCE:
            at = max(rest.rfind(", ", 0, MAX_SENTENCE) + 1, 0) or rest.rfind(" ", 0, MAX_SENTENCE)
            at = at if at > 0 else MAX_SENTENCE
            found.append(rest[:at].strip())
            rest = rest[at:].strip()
        if rest:
            found.append(rest)
    return found


class Speaker:
    """The household's voice.

    Raises:
        ConfigError: the voice that the settings name is not there.
        MissingPiece: the Piper program is not installed.
    """

    def __init__(self, speech: Speech, language: str = "en") -> None:
        self._engine: _Piper | _Espeak = _Piper(speech) if speech.piper else _Espeak(speech, language)
        self.name = self._engine.name

    def speak(self, text: str) -> Audio:
        """The text as sound, mono float32 in -1..1; no samples for empty text. Raises RuntimeError, OSError."""
        rate_hz, parts = self._engine.rate_hz, []
        pause = np.zeros(int(PAUSE_S * rate_hz), dtype=np.int16)
        for sentence in sentences(text.replace("\0", " ")):
            parts += [self._engine.say(sentence), pause]
        samples = np.concatenate(parts[:-1]) if parts else np.zeros(0, dtype=np.int16)
        return Audio(samples.astype(np.float32) / 32768.0, rate_hz)


# --- espeak-ng -------------------------------------------------------------------------------------------------------

_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
# From speak_lib.h.
_RETRIEVE_IN_MEMORY, _DO_NOT_EXIT, _UTF8, _RATE, _OK = 2, 0x8000, 1, 1, 0


class _Library:
    """espeak-ng keeps its state in C globals: one for the whole program, and one caller at a time."""

    def __init__(self) -> None:
        import espeakng_loader

        self._lock = threading.Lock()
        self._parts: list[bytes] = []
        self._c = ctypes.CDLL(espeakng_loader.get_library_path())
        self._c.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
            ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        with _short_path(Path(espeakng_loader.get_data_path()).parent) as folder:
            self.rate_hz = int(self._c.espeak_Initialize(_RETRIEVE_IN_MEMORY, 0, str(folder).encode(), _DO_NOT_EXIT))
        if self.rate_hz <= 0:
            raise MissingPiece(
                "espeak-ng finds no data; reinstall it with `pip install --force-reinstall espeakng-loader`"
            )
        self._callback = _CALLBACK(self._collect)
        self._c.espeak_SetSynthCallback(self._callback)

    def _collect(self, samples: ctypes.Array[ctypes.c_short], count: int, _events: int) -> int:
        if samples and count > 0:
            self._parts.append(ctypes.string_at(samples, count * 2))
        return 0

    def has_voice(self, voice: str) -> bool:
        with self._lock:
            return bool(self._c.espeak_SetVoiceByName(voice.encode()) == _OK)

    def say(self, text: str, voice: str, rate: int) -> Samples:
        """One sentence as 16-bit samples. Raises RuntimeError."""
        raw = text.encode("utf-8", "ignore") + b"\0"
        with self._lock:
            self._parts = []
            if self._c.espeak_SetVoiceByName(voice.encode()) != _OK:
                raise RuntimeError(f"espeak-ng has no voice {voice}")
            self._c.espeak_SetParameter(_RATE, rate, 0)
            if self._c.espeak_Synth(raw, len(raw), 0, 0, 0, _UTF8, None, None) != _OK:
                raise RuntimeError("espeak-ng could not speak a sentence")
            return np.frombuffer(b"".join(self._parts), dtype=np.int16)


@functools.cache
def _library() -> _Library:
    return _Library()


@contextlib.contextmanager
def _short_path(folder: Path) -> Iterator[Path]:
    """The folder by a path that fits espeak-ng's buffer; the link must live as long as the library reads through it."""
    if len(str(folder).encode()) <= _MAX_PATH:
        yield folder
        return
    link = Path(tempfile.mkdtemp(prefix="espeak")) / "d"
    link.symlink_to(folder, target_is_directory=True)
    yield link


class _Espeak:
    name = "espeak-ng"

    def __init__(self, speech: Speech, language: str) -> None:
        self._library = _library()
        self.rate_hz = self._library.rate_hz
        self._rate = speech.rate
        self._voice = speech.voice or _VOICES.get(language, language)
        if not self._library.has_voice(self._voice):
            self._voice = _OTHER_NAMES.get(self._voice, self._voice)
        if not self._library.has_voice(self._voice):
            if speech.voice:
                raise ConfigError(f'speech.voice "{speech.voice}" is no voice of espeak-ng; try "en-us" or "en+f3"')
            log.warning("espeak-ng has no voice for the language %s; it speaks English", language)
            self._voice = "en-us"

    def say(self, text: str) -> Samples:
        return self._library.say(text, self._voice, self._rate)


# --- Piper -----------------------------------------------------------------------------------------------------------


class _Piper:
    """A Piper voice, spoken by the `piper` program, one process per sentence."""

    def __init__(self, speech: Speech) -> None:
        voice = Path(speech.piper)
        description = voice.with_name(voice.name + ".json")
        for file in (voice, description):
            if not file.is_file():
                raise ConfigError(f"speech.piper needs the file {file}, which does not exist")
        program = shutil.which(speech.piper_program)
        if program is None:
            raise MissingPiece(f"the program {speech.piper_program} is not installed; run `pip install piper-tts`")
        try:
            self.rate_hz = int(read_json(description.read_text(encoding="utf-8"))["audio"]["sample_rate"])
        except (ValueError, KeyError, TypeError, OSError):
            raise ConfigError(f"{description} does not describe a Piper voice; download it again") from None
        self.name = f"Piper, {voice.stem}"
        slowness = f"{NORMAL_RATE / speech.rate:.3f}"
        self._command = [program, "--model", str(voice), "--output_raw", "--length_scale", slowness]

    def say(self, text: str) -> Samples:
        """Raises RuntimeError when the program fails or takes longer than PIPER_S."""
        line = " ".join(text.split()) + "\n"
        try:
            done = subprocess.run(self._command, input=line.encode(), capture_output=True, timeout=PIPER_S, check=True)
        except subprocess.CalledProcessError as error:
            last = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise RuntimeError(f"piper failed: {' '.join(last)}") from None
        except subprocess.TimeoutExpired:
            raise RuntimeError(f"piper did not answer within {PIPER_S:g} seconds") from None
        return np.frombuffer(done.stdout[: len(done.stdout) // 2 * 2], dtype=np.int16)
