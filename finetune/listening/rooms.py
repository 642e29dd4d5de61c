"""Rooms and noises, so that a clean voice sounds as if a microphone across the room had heard it."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import soundfile
from scipy.signal import fftconvolve, lfilter, resample_poly

RATE_HZ = 16_000
KITCHEN_TRAIN_S = 80  # the rest of the kitchen recording is kept for measuring


def at_rate(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """Resample to 16 kHz."""
    if rate_hz == RATE_HZ:
        return samples
    divisor = int(np.gcd(rate_hz, RATE_HZ))
    out: np.ndarray = resample_poly(samples, RATE_HZ // divisor, rate_hz // divisor).astype(np.float32)
    return out


def room(samples: np.ndarray, r: random.Random, measured: np.ndarray) -> np.ndarray:
    """Put a voice into a room: a measured impulse response now and then, else exponentially decaying noise."""
    if r.random() < 0.1:
        response = measured
    else:
        noise = np.random.default_rng(r.getrandbits(32))
        decay_s = r.uniform(0.08, 0.6)
        time_s = np.arange(int(decay_s * RATE_HZ)) / RATE_HZ
        tail = noise.standard_normal(len(time_s)) * 10 ** (-3 * time_s / decay_s)
        tail *= r.uniform(0.15, 1.1) / np.sqrt((tail**2).sum())  # reverberant against direct energy
        response = lfilter([1.0], [1.0, -r.uniform(0, 0.6)], tail)  # walls swallow treble
        response[: int(0.002 * RATE_HZ)] = 0
        response[0] = 1.0
    out: np.ndarray = fftconvolve(samples, response)[: len(samples) + RATE_HZ // 4].astype(np.float32)
    return out


def coloured(r: np.random.Generator, seconds: float, slope: float) -> np.ndarray:
    """Return noise whose power falls with frequency to the `slope` (0 white, 1 pink, 2 brown), RMS 0.1."""
    count = int(seconds * RATE_HZ)
    spectrum = np.fft.rfft(r.standard_normal(count))
    spectrum[1:] /= np.arange(1, len(spectrum)) ** (slope / 2)
    spectrum[0] = 0
    noise = np.fft.irfft(spectrum, count)
    return level(noise)


def level(samples: np.ndarray) -> np.ndarray:
    """Bring samples to RMS 0.1, float32."""
    out: np.ndarray = (0.1 * samples / (np.sqrt((samples**2).mean()) + 1e-9)).astype(np.float32)
    return out


def hum(r: np.random.Generator, seconds: float) -> np.ndarray:
    """Return mains hum or a motor: harmonics of one slowly wandering tone."""
    count = int(seconds * RATE_HZ)
    base = r.choice([50.0, 60.0, r.uniform(70, 400)]) * (1 + 0.02 * np.cumsum(r.standard_normal(count)) / count**0.5)
    phase = 2 * np.pi * np.cumsum(base) / RATE_HZ
    tones = np.sum([r.uniform(0, 1) / k * np.sin(k * phase + r.uniform(0, 6)) for k in range(1, 16)], axis=0)
    return level(tones) + np.float32(0.2) * coloured(r, seconds, 1)


def music(r: np.random.Generator, seconds: float) -> np.ndarray:
    """Return something like music: chords of decaying harmonics."""
    out = np.zeros(int(seconds * RATE_HZ), np.float32)
    step = int(r.uniform(0.15, 0.5) * RATE_HZ)
    for start in range(0, len(out) - 2 * step, step):
        time_s = np.arange(2 * step) / RATE_HZ
        for _ in range(int(r.integers(1, 4))):
            pitch = 55 * 2 ** (r.integers(0, 48) / 12)
            note = sum(np.sin(2 * np.pi * pitch * k * time_s) / k for k in range(1, 6) if pitch * k < 7000)
            out[start : start + 2 * step] += note * np.exp(-time_s * r.uniform(2, 8)) * r.uniform(0.2, 1)
    return level(out)


def noises(data: Path, voices: list[np.ndarray], seed: int) -> list[np.ndarray]:
    """Return the training noises, each at RMS 0.1: recorded ones, synthetic ones, and babble made of `voices`."""
    r = np.random.default_rng(seed)
    out = []
    for path in sorted((data / "audio/noise").glob("*.wav")):
        if "impulse" in path.name:
            continue
        samples, rate_hz = soundfile.read(path, dtype="float32")
        if "kitchen" in path.name:
            samples = samples[: KITCHEN_TRAIN_S * rate_hz]
        samples = at_rate(samples, rate_hz)
        repeat = 4 if len(samples) > 10 * RATE_HZ else max(1, 4 * RATE_HZ // len(samples))
        samples = np.tile(samples, repeat)
        out.append(level(samples))
    for slope in (0, 0, 0.5, 1, 1, 1.5, 2):
        out.append(coloured(r, 20, slope))
    out += [hum(r, 12) for _ in range(6)] + [music(r, 12) for _ in range(8)]
    for crowd in (2, 3, 4, 6, 8):
        mix = np.zeros(25 * RATE_HZ, np.float32)
        for _ in range(crowd * 12):
            clip = voices[int(r.integers(len(voices)))][: len(mix) - 1]
            start = int(r.integers(0, len(mix) - len(clip)))
            mix[start : start + len(clip)] += clip * r.uniform(0.3, 1)
        out.append(level(mix))
    return out
