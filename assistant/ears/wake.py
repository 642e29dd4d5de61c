"""The wake word: pymicro-wakeword's models, openWakeWord's by path, or none."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from assistant.config import Listen
from assistant.skill import ConfigError, MissingPiece

CARRIED = ("okay_nabu", "hey_jarvis", "hey_mycroft", "alexa")
"""The models inside pymicro-wakeword."""
_OPEN_SAMPLES = 1280
_OPEN_FEATURES = ("melspectrogram.onnx", "embedding_model.onnx")
MOST_EASILY = 0.45
"""So much below its own threshold a model wakes at the highest sensitivity."""


class Wakes(Protocol):
    """Hears the wake word."""

    def heard(self, frame: np.ndarray) -> bool:
        """Whether the wake word ended in this frame: mono, shape (512,), float32, 16 kHz."""


class WakeWord:
    """A wake word's model, and the probability above which it wakes."""

    def __init__(self, model: _Micro | _Open, sensitivity: float) -> None:
        self._model = model
        self.own = model.own
        """The threshold at a sensitivity of 0.5."""
        self._threshold = threshold(model.own, sensitivity)

    def heard(self, frame: np.ndarray) -> bool:
        """Whether the wake word ended in this frame: mono, shape (512,), float32, 16 kHz."""
        return self.probability(frame) > self._threshold

    def probability(self, frame: np.ndarray) -> float:
        """The highest probability, 0..1, that it ended somewhere in this frame; shape and rate as for `heard`."""
        return self._model.probability(to_int16(frame))


def check_wake_word(name: str) -> None:
    """Raises ConfigError where the setting names no model, before anything is opened."""
    if name not in (*CARRIED, "key", "none") and Path(name).suffix not in (".json", ".onnx"):
        known = ", ".join((*CARRIED, "key", "none"))
        raise ConfigError(f'listen.wake_word "{name}" is none of {known}, and no file ending in .onnx or .json')


def open_wake_word(settings: Listen) -> WakeWord | None:
    """The household's wake word; None where there is none, or a key takes its place.

    Raises:
        ConfigError: the setting names no model.
        MissingPiece: the library or a file is missing.
    """
    name = settings.wake_word
    check_wake_word(name)
    if name in ("none", "key"):
        return None
    path = Path(name).expanduser()
    model = _Open(path) if path.suffix == ".onnx" else _Micro(name, path)
    return WakeWord(model, settings.sensitivity)


def threshold(own: float, sensitivity: float) -> float:
    """The probability that wakes: the model's own at 0.5, less above it, nearly 1 at 0."""
    if sensitivity >= 0.5:
        return own - MOST_EASILY * (sensitivity - 0.5) * 2
    return own + (0.999 - own) * (0.5 - sensitivity) * 2


class _Micro:
    """A microWakeWord model."""

    def __init__(self, name: str, path: Path) -> None:
        try:
            import pymicro_wakeword
        except (ImportError, OSError) as error:
            raise MissingPiece(
                f"the wake word needs pymicro-wakeword ({error}); install it with `pip install 'hark[mic]'`, or set "
                'wake_word = "none" under [listen]'
            ) from None
        try:
            if name in CARRIED:
                self._word = pymicro_wakeword.MicroWakeWord.from_builtin(pymicro_wakeword.Model(name))
            else:
                self._word = pymicro_wakeword.MicroWakeWord.from_config(path)
        except (OSError, ValueError, KeyError) as error:
            raise ConfigError(f'listen.wake_word "{name}" cannot be opened: {error}') from None
        self.own = float(self._word.probability_cutoff)
        self._features: Any = pymicro_wakeword.MicroWakeWordFeatures()

    def probability(self, samples: np.ndarray) -> float:
        # The library keeps the samples that fill no window of 10 ms yet.
        windows = self._features.process_streaming(samples.tobytes())
        return max((self._word.process_streaming_prob(window) or 0.0 for window in windows), default=0.0)


class _Open:
    """An openWakeWord model, run with onnxruntime alone; the two models that make its features lie beside it.

    Source: openWakeWord 0.6 (Apache-2.0): 80 ms of 16-bit samples -> 8 columns of a mel spectrogram, scaled by x/10 + 2
    -> every 8 columns one embedding of the last 76 -> the word's model over the last embeddings.
    """

    own = 0.5
    _COLUMNS = 76

    def __init__(self, path: Path) -> None:
        for file in (path, *(path.with_name(name) for name in _OPEN_FEATURES)):
            if not file.is_file():
                raise ConfigError(
                    f"listen.wake_word needs {file}, which does not exist; openWakeWord's releases have it"
                )
        self._mel, self._embed, self._word = (
            _session(file) for file in (*(path.with_name(name) for name in _OPEN_FEATURES), path)
        )
        self._count = int(self._word.get_inputs()[0].shape[1])
        self._rest = np.zeros(0, np.int16)
        self._before = np.zeros(480, np.int16)  # three columns' worth: the first columns of a block look back
        self._columns = np.ones((self._COLUMNS, 32), np.float32)
        self._embeddings: deque[np.ndarray] = deque(maxlen=self._count)

    def probability(self, samples: np.ndarray) -> float:
        self._rest, found = np.concatenate([self._rest, samples]), 0.0
        while len(self._rest) >= _OPEN_SAMPLES:
            block, self._rest = self._rest[:_OPEN_SAMPLES], self._rest[_OPEN_SAMPLES:]
            found = max(found, self._of_block(block))
        return found

    def _of_block(self, block: np.ndarray) -> float:
        seen = np.concatenate([self._before, block])
        self._before = seen[-480:]
        new = _run(self._mel, seen.astype(np.float32)[None]).reshape(-1, 32) / 10 + 2
        self._columns = np.concatenate([self._columns, new])[-self._COLUMNS :]
        self._embeddings.append(_run(self._embed, self._columns[None, :, :, None]).reshape(-1))
        if len(self._embeddings) < self._count:
            return 0.0
        return float(_run(self._word, np.stack(self._embeddings)[None]).reshape(-1)[0])


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own errors share no class below it
        raise ConfigError(f"{path} is no model that onnxruntime can read") from error


def _run(session: Any, values: np.ndarray) -> np.ndarray:
    found: np.ndarray = session.run(None, {session.get_inputs()[0].name: values.astype(np.float32)})[0]
    return found


def to_int16(samples: np.ndarray) -> np.ndarray:
    """Samples in -1..1 as 16-bit integers."""
    whole: np.ndarray = (np.clip(samples, -1, 1) * 32767).astype(np.int16)
    return whole
