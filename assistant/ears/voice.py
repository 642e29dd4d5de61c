"""Voice activity, frame by frame: the Silero model that faster-whisper carries, with its state kept between frames."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from assistant.skill import MissingPiece

FRAME = 512
"""Samples at 16 kHz; the model knows no other length."""
_CONTEXT = 64
"""Samples of the frame before that the model sees again."""
_STATE = (1, 1, 128)


class Voice:
    """How likely somebody speaks. Raises MissingPiece."""

    def __init__(self) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = options.intra_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(str(_model()), options, providers=["CPUExecutionProvider"])
        self.reset()

    def reset(self) -> None:
        """Forget what was heard."""
        self._h, self._c = np.zeros(_STATE, np.float32), np.zeros(_STATE, np.float32)
        self._before = np.zeros(_CONTEXT, np.float32)

    def probability(self, frame: np.ndarray) -> float:
        """0..1, for one frame: mono, shape (512,), float32 in -1..1, 16 kHz."""
        seen = np.concatenate([self._before, frame])[None]
        found, self._h, self._c = self._session.run(None, {"input": seen, "h": self._h, "c": self._c})
        self._before = frame[-_CONTEXT:]
        return float(found.squeeze())


def _model() -> Path:
    # Found without importing faster_whisper, which would bring all of Whisper's libraries into this process.
    found = importlib.util.find_spec("faster_whisper")
    folder = Path(found.origin).parent / "assets" if found and found.origin else Path()
    models = sorted(folder.glob("silero_vad*.onnx"))
    if not models:
        raise MissingPiece("faster-whisper's voice-activity model is missing; run `pip install --force-reinstall hark`")
    return models[-1]
