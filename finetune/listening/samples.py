"""Make the recordings in `samples/`: held-out sentences by held-out voices, in a small room with mild noise."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import soundfile

from finetune.listening.rooms import RATE_HZ, at_rate, coloured, room
from finetune.listening.sentences import held_out, spoken
from finetune.listening.voices import HELD_OUT, Espeak, say

SAMPLES = {
    "pasta-timer": ("flite-rms", "set a pasta timer for twelve minutes"),
    "weather-tomorrow": ("espeak-gbcwmd", "what's the weather in dublin tomorrow"),
    "lamp-on": ("flite-rms", "turn on the lamp in the nursery"),
    "times": ("espeak-annie", "what is twenty seven times eighty one"),
    "miles": ("flite-rms", "convert twenty two miles to kilometers"),
    "volume": ("espeak-m5", "set the volume to forty two percent"),
    "shopping": ("espeak-f3", "add beans to the shopping list"),
    "chatter": ("flite-rms", "where did you put the strawberries"),
}


def make(folder: Path, seed: int = 8) -> None:
    """Write the eight recordings, 16 kHz mono, 16 bits, and beside each what is said."""
    engine, r = Espeak(), random.Random(seed)
    folder.mkdir(exist_ok=True)
    for name, (voice, text) in SAMPLES.items():
        if not held_out(text):
            raise ValueError(f"'{text}' may be trained on; choose another sentence for samples/{name}.wav")
        speech = say(engine, spoken(text), HELD_OUT[voice], None)
        samples = at_rate(speech.samples, speech.rate_hz)
        quiet = np.zeros(int(0.35 * RATE_HZ), np.float32)
        samples = room(np.concatenate([quiet, samples, quiet]), r, np.ones(1, np.float32))
        samples *= 0.1 / float(np.sqrt((samples**2).mean()))
        noise = coloured(np.random.default_rng(r.getrandbits(32)), len(samples) / RATE_HZ, 1.0)[: len(samples)]
        samples[: len(noise)] += noise * 10 ** (-22 / 20)
        (folder / f"{name}.txt").write_text(text + "\n", encoding="utf-8")
        soundfile.write(folder / f"{name}.wav", np.clip(samples, -1, 1), RATE_HZ, subtype="PCM_16")
