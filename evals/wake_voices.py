"""Many synthetic voices: espeak-ng's accents and variants, and flite's recorded speakers where flite is installed."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.audio import RATE_HZ, Audio, read_audio, resampled
from assistant.config import Speech
from assistant.speak import Speaker

ACCENTS = ("en-us", "en", "en-gb-scotland", "en-029", "en-gb-x-rp", "en-gb-x-gbclan", "en-us-nyc")
VARIANTS = ("", "m1", "m2", "m3", "m4", "m6", "m7", "m8", "f1", "f2", "f3", "f4", "f5")
RATES = (140, 160, 180)
"""Words per minute; 165 is the engine's own."""
RECORDED = ("awb", "rms", "slt", "kal16")
LENGTHS = (0.9, 1.0, 1.15)
"""How much slower than the recorded speaker."""
ONE_RECORDED_IN = 4
TIMEOUT_S = 60
_PEAK = 0.3

Samples = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SyntheticVoice:
    """One voice, at one speed."""

    engine: str
    """espeak-ng or flite"""
    voice: str
    speed: float
    """Words per minute of espeak-ng; a stretch of flite's sounds."""

    @property
    def name(self) -> str:
        """Who speaks, at whatever speed: the group of an interval."""
        return f"{self.engine} {self.voice}"

    def say(self, text: str) -> Samples:
        """The text at 16 kHz, with a peak of 0.3. Raises ConfigError, RuntimeError."""
        audio = self._flite(text) if self.engine == "flite" else self._espeak(text)
        samples = resampled(audio, RATE_HZ).samples
        peak = float(np.abs(samples).max(initial=0.0))
        return samples * np.float32(_PEAK / peak) if peak else samples

    def _espeak(self, text: str) -> Audio:
        return Speaker(Speech(voice=self.voice, rate=int(self.speed))).speak(text)

    def _flite(self, text: str) -> Audio:
        with tempfile.TemporaryDirectory(prefix="hark-flite-") as folder:
            wav = Path(folder) / "said.wav"
            command = ["flite", "-voice", self.voice, "--setf", f"duration_stretch={self.speed}"]
            try:
                subprocess.run(
                    [*command, "-t", text, "-o", str(wav)], check=True, capture_output=True, timeout=TIMEOUT_S
                )
            except subprocess.SubprocessError as error:
                raise RuntimeError(f"flite could not speak: {error}") from None
            return read_audio(wav)


def voices() -> tuple[SyntheticVoice, ...]:
    """All of them: every accent with every variant, and every fourth a recorded speaker, where flite is installed."""
    made = [
        SyntheticVoice("espeak-ng", f"{accent}+{variant}" if variant else accent, RATES[number % len(RATES)])
        for number, (variant, accent) in enumerate((v, a) for v in VARIANTS for a in ACCENTS)
    ]
    recorded = [SyntheticVoice("flite", voice, length) for length in LENGTHS for voice in RECORDED]
    if not recorded or shutil.which("flite") is None:
        return tuple(made)
    found: list[SyntheticVoice] = []
    for number, one in enumerate(made):
        found.append(one)
        if number % (ONE_RECORDED_IN - 1) == 0:
            found.append(recorded[number // (ONE_RECORDED_IN - 1) % len(recorded)])
    return tuple(found)
