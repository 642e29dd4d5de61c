"""A case's words as sound: espeak-ng says them, under as much noise as is asked for; the same again each time.

espeak-ng says nothing twice alike: it goes on with its waves where the last words left them. So each case is spoken by
a process that has said nothing yet, forked in a few hundredths of a second from one that has the library loaded.
"""

from __future__ import annotations

import functools
import hashlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import numpy as np
import numpy.typing as npt

from assistant.audio import RATE_HZ, Audio
from assistant.config import Speech
from assistant.skill import MissingPiece
from assistant.speak import Speaker

PAD_S = 0.3
"""Before and after the words, as a microphone that was opened in time hears it."""
FRAME_S = 0.02
SPOKEN = 1e-3
"""A frame with this share of the loudest frame's power (30 dB below) holds speech; pauses are no part of its level."""
LOUDEST = 0.9

Samples = npt.NDArray[np.float32]


def spoken(text: str, voice: str, snr_db: float | None = None, seed: int = 0) -> Audio:
    """The words in this espeak-ng voice, at 16 kHz.

    Args:
        snr_db: the speech's level over that of pink noise, in dB; None for no noise.
        seed: of the noise; the same words, voice and seed give the same samples.
    Raises:
        ConfigError: there is no such voice.
        MissingPiece: scipy is not installed.
        RuntimeError: espeak-ng could not say it.
    """
    clean = _at_16_khz(_said(text, voice))
    pad = np.zeros(int(PAD_S * RATE_HZ), dtype=np.float32)
    samples = np.concatenate([pad, clean, pad])
    if snr_db is not None:
        digest = hashlib.sha256(f"{seed}\0{voice}\0{snr_db}\0{text}".encode()).digest()
        chance = np.random.default_rng(int.from_bytes(digest[:8], "big"))
        samples = with_noise(samples, snr_db, chance)
    peak = float(np.abs(samples).max(initial=0.0))
    return Audio(samples * np.float32(LOUDEST / peak) if peak > LOUDEST else samples, RATE_HZ)


def _said(text: str, voice: str) -> Audio:
    try:
        return _fresh_processes().submit(_say, text, voice).result()
    except BrokenProcessPool:
        _fresh_processes.cache_clear()
        raise RuntimeError(f"espeak-ng broke down over {text!r}") from None


def _say(text: str, voice: str) -> Audio:
    return Speaker(Speech(voice=voice)).speak(text)


@functools.cache
def _fresh_processes() -> ProcessPoolExecutor:
    """Runs each piece of work in a process of its own, one after another."""
    forks = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if forks else "spawn")
    if forks:
        context.set_forkserver_preload([__name__, "espeakng_loader"])
    return ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1)


def _at_16_khz(audio: Audio) -> Samples:
    if audio.rate_hz == RATE_HZ:
        same: Samples = audio.samples.astype(np.float32)
        return same
    try:
        from scipy.signal import resample_poly
    except ImportError:
        raise MissingPiece("spoken cases need scipy; run `pip install 'hark[eval]'`") from None
    found: Samples = resample_poly(audio.samples, RATE_HZ, audio.rate_hz).astype(np.float32)
    return found


def with_noise(samples: Samples, snr_db: float, chance: np.random.Generator) -> Samples:
    """Speech with pink noise under it, shape (n,): the mean power of the frames with speech over that of the noise."""
    return over(samples, _pink(len(samples), chance), snr_db)


def over(samples: Samples, noise: npt.NDArray[np.floating], snr_db: float) -> Samples:
    """Speech over any noise of the same shape, by the same measure; the noise may not be silence."""
    gain = np.sqrt(_speech_power(samples) / 10 ** (snr_db / 10) / (noise.astype(np.float64) ** 2).mean())
    mixed: Samples = (samples + gain * noise).astype(np.float32)
    return mixed


def _speech_power(samples: Samples) -> float:
    size = int(FRAME_S * RATE_HZ)
    frames = samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)
    powers = (frames**2).mean(axis=1)
    loud = powers[powers >= SPOKEN * powers.max(initial=0.0)]
    return float(loud.mean()) if len(loud) else 0.0


def _pink(count: int, chance: np.random.Generator) -> npt.NDArray[np.float64]:
    """Noise whose power falls with frequency, as that of rooms does; mean power 1."""
    spectrum = np.fft.rfft(chance.standard_normal(count))
    spectrum[1:] /= np.sqrt(np.arange(1, len(spectrum)))
    spectrum[0] = 0
    noise = np.fft.irfft(spectrum, count)
    found: npt.NDArray[np.float64] = noise / np.sqrt((noise**2).mean())
    return found
