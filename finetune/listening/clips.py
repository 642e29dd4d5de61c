"""Make the training clips: a sentence, a voice, a room; kept as unnormalised log-mel frames in shards.

A shard is one `.npz`-like folder of three files: `mel.npy` float16 (frames, 80) of all its clips one after the other,
`phone.npy` uint8 (positions,) with 255 where nobody knows, and `clips.json` with text, frames, and voice of each.
Noise, gain, warps and masks are not here: they are drawn anew at every pass (`augment.py`).
"""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from faster_whisper.audio import decode_audio

from finetune.listening.features import FRAME_S, RATE_HZ, WINDOW_FRAMES, log_mel, phone_frames
from finetune.listening.rooms import at_rate, noises, room
from finetune.listening.sentences import Grammar, corpus, held_out, normal, sentences_of_people, spoken
from finetune.listening.voices import HELD_OUT, Espeak, random_voice, say

UNKNOWN_PHONE = 255
SHARD_CLIPS = 500


@dataclass(frozen=True)
class Clip:
    """One clip in features."""

    mel: np.ndarray
    """float16, shape (frames, 80), log10 power; `frames` is even"""
    phones: np.ndarray
    """uint8, shape (frames / 2,)"""
    text: str
    voice: str


@dataclass(frozen=True)
class Series:
    """Synthetic clips that are made alike."""

    seed: int
    count: int
    hesitant: bool = False
    """the speaker pauses between words now and then, as people do who think while they speak"""
    accented: float = 0.0
    """how strong the random accents of espeak-ng's voices are at most; a fifth of them have none"""


def make_clip(mel: np.ndarray, phones: np.ndarray, text: str, voice: str) -> Clip:
    """Cut mel (80, frames) and phones to the same even length."""
    frames = min(mel.shape[1] // 2 * 2, len(phones) * 2)
    return Clip(mel[:, :frames].T.astype(np.float16), phones[: frames // 2], text, voice)


def synthetic(data: Path, sentences: int, series: Series) -> Iterator[Clip]:
    """Yield a series' clips of so many sentences: never a held-out sentence, never a held-out voice."""
    r = random.Random(series.seed)
    engine = Espeak()
    response, rate_hz = soundfile.read(data / "audio/noise/audiomentations_impulse_response_0.wav", dtype="float32")
    response = at_rate(response, rate_hz)
    response /= np.abs(response).max()
    texts = [text for text in corpus(data, int(sentences * 1.1), series.seed) if not held_out(text)]
    for text in texts[:sentences]:
        voice = random_voice(r)
        said = hesitating(spoken(text), r) if series.hesitant else spoken(text)
        accented = r.uniform(-0.25, 1) * series.accented if series.accented else 0.0
        speech = say(engine, said, voice, r, max(0.0, accented))
        samples = at_rate(speech.samples, speech.rate_hz)
        level = float(np.sqrt((samples**2).mean())) if len(samples) else 0.0
        if level < 1e-4 or len(samples) > (WINDOW_FRAMES - 90) * FRAME_S * RATE_HZ:
            continue
        samples = samples * (0.1 / level)
        lead_s = r.uniform(0.0, 0.6)
        after = np.zeros(int(r.uniform(0.05, 0.4) * RATE_HZ))
        samples = np.concatenate([np.zeros(int(lead_s * RATE_HZ)), samples, after]).astype(np.float32)
        if r.random() < 0.55:
            samples = room(samples, r, response)
        if r.random() < 0.05:
            samples = np.clip(samples, -0.2, 0.2)
        mel = log_mel(samples)
        phones = phone_frames(speech.phones, lead_s, mel.shape[1] // 2)
        yield make_clip(mel, phones, text, "+".join(voice))


def hesitating(text: str, r: random.Random) -> str:
    """Put commas and full stops, at which a voice pauses, between one to three pairs of words."""
    words = text.split()
    for place in r.sample(range(len(words)), min(len(words), r.randint(1, 3))):
        words[place] += r.choice([",", ",", ",", "."])
    return " ".join(words)


def speechless(data: Path, seed: int) -> Iterator[Clip]:
    """Yield clips of noise and of nothing, whose text is empty."""
    engine, r = Espeak(), random.Random(seed)
    for noise in [*noises(data, babble(engine, data, seed), seed), np.zeros(60 * RATE_HZ, np.float32)]:
        for _ in range(8):
            length = int(r.uniform(0.6, 4) * RATE_HZ)
            start = r.randrange(max(1, len(noise) - length))
            mel = log_mel(noise[start : start + length] * 10 ** r.uniform(-1.5, 0.3))
            yield make_clip(mel, np.zeros(mel.shape[1] // 2, np.uint8), "", "noise")


def babble(engine: Espeak, data: Path, seed: int) -> list[np.ndarray]:
    """Return 150 clips of training voices at 16 kHz, RMS 0.1, from which a crowd is mixed."""
    r = random.Random(seed)
    out = []
    for text in corpus(data, 150, seed):
        speech = say(engine, spoken(text), random_voice(r), r)
        samples = at_rate(speech.samples, speech.rate_hz)
        if len(samples) > RATE_HZ // 2:
            out.append(samples * (0.1 / float(np.sqrt((samples**2).mean()) + 1e-6)))
    return out


def recorded(data: Path) -> Iterator[tuple[str, np.ndarray, str, bool]]:
    """Yield (path, samples at 16 kHz, text, held out) of the human clips whose words and licence are known.

    One in three is held out, by its path; of single words recorded many times, one in five.
    """
    for line in (data / "audio/manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["source"] not in {"speech_to_phrase", "precise_notwake", "picovoice_wakeword", "ljspeech", "samples"}:
            continue
        text = normal(row.get("text") or "")
        if not text or row.get("lang") != "en":
            continue
        samples = decode_audio(str(data / "audio" / row["path"]))
        many = row["source"] in {"precise_notwake", "picovoice_wakeword"}
        yield row["path"], samples, text, sum(row["path"].encode()) % (5 if many else 3) == 0


def human(data: Path) -> Iterator[Clip]:
    """Yield the human clips that may be trained on."""
    for path, samples, text, kept_back in recorded(data):
        if not kept_back and len(samples) < WINDOW_FRAMES * FRAME_S * RATE_HZ:
            mel = log_mel(samples)
            yield make_clip(mel, np.full(mel.shape[1] // 2, UNKNOWN_PHONE, np.uint8), text, path.split("/")[0])


def test_clips(data: Path, count: int, seed: int) -> Iterator[tuple[str, str, str, np.ndarray]]:
    """Yield (voice, origin of the sentence, text, samples at 16 kHz), `count` clips of each held-out voice.

    All sentences are held out; half were written by people ("written"), half are of the grammar ("grown").
    """
    engine, grammar = Espeak(), Grammar(seed)
    written = [text for text in sentences_of_people(data, seed) if held_out(text)]
    grown = (text for text in iter(grammar.sentence, "") if held_out(text) and len(text.split()) <= 14)
    for number, (name, voice) in enumerate(HELD_OUT.items()):
        texts = [("written", text) for text in written[number :: len(HELD_OUT)][: count // 2]]
        texts += [("grown", text) for text in itertools.islice(grown, count - count // 2)]
        for origin, text in texts:
            speech = say(engine, spoken(text), voice, random.Random(seed + number) if number % 2 else None)
            samples = at_rate(speech.samples, speech.rate_hz)
            quiet = np.zeros(RATE_HZ // 3, np.float32)
            samples = np.concatenate([quiet, samples * (0.1 / float(np.sqrt((samples**2).mean()))), quiet])
            yield name, origin, text, np.clip(samples, -1, 1).astype(np.float32)


def write_shard(folder: Path, clips: list[Clip]) -> None:
    """Write a shard; its folder appears only when it is complete."""
    unfinished = folder.with_name(folder.name + ".part")
    unfinished.mkdir(parents=True, exist_ok=True)
    np.save(unfinished / "mel.npy", np.concatenate([clip.mel for clip in clips]))
    np.save(unfinished / "phone.npy", np.concatenate([clip.phones for clip in clips]))
    rows = [{"text": clip.text, "frames": len(clip.mel), "voice": clip.voice} for clip in clips]
    (unfinished / "clips.json").write_text(json.dumps(rows))
    unfinished.rename(folder)


def write_shards(clips: Iterator[Clip], work: Path, name: str) -> None:
    """Write all clips in shards called `name`-0000 and on."""
    batch: list[Clip] = []
    number = 0
    for clip in clips:
        batch.append(clip)
        if len(batch) == SHARD_CLIPS:
            write_shard(work / "shards" / f"{name}-{number:04d}", batch)
            batch, number = [], number + 1
    if batch:
        write_shard(work / "shards" / f"{name}-{number:04d}", batch)
