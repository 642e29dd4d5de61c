"""Find how much the word model should count beside the sound: on clips of sentences that neither model has seen.

The sentences are one in 25 by their hash, another one than the held-out ones, less those of the training clips; the
voices are training voices, said anew, clean and in a room with kitchen noise. The word model is made without those
sentences for the purpose. The weights are written beside, for the model that is made with them.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import jiwer
import numpy as np
import soundfile

from assistant.audio import Audio
from assistant.ngram import WordModel
from assistant.rescore import Rescorer, Weights
from assistant.transcribe import Again, Transcriber, speech_spans, windows
from evals.sets.kept import group_key
from finetune.listening.recipe import Recipe
from finetune.listening.rooms import KITCHEN_TRAIN_S, RATE_HZ, at_rate, level, room
from finetune.listening.sentences import Grammar, corpus, held_out, human, normal, spoken
from finetune.listening.voices import Espeak, random_voice, say
from finetune.listening.words import texts, write

COUNT, SEED = 300, 77
NOISE_DB = 7.0
SHARES = (0.0, 0.15, 0.25, 0.35, 0.45, 0.6)
EACH = (0.5, 1.0, 1.5, 2.5)


@dataclass(frozen=True)
class Taken:
    """One clip and the recognizer's own hypotheses of it, so that many weights can be tried on it."""

    wanted: str
    heard: list[tuple[str, float]]
    again: Remembered


class Remembered:
    """What the listening model says of a text, each asked once."""

    def __init__(self, again: Again) -> None:
        self._again = again
        self._sounds: dict[str, float] = {}
        self._ends: dict[str, float] = {}

    def sounds(self, texts: Sequence[str]) -> list[float]:
        """As `Again.sounds`."""
        new = [text for text in texts if text not in self._sounds]
        if new:
            self._sounds.update(zip(new, self._again.sounds(new), strict=True))
        return [self._sounds[text] for text in texts]

    def ends(self, text: str) -> float:
        """As `Again.ends`."""
        if text not in self._ends:
            self._ends[text] = self._again.ends(text)
        return self._ends[text]


def kept_for_tuning(text: str) -> bool:
    """Whether a sentence is one that weights are found on; never one that is held out."""
    return not held_out(text) and int(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(), 16) % 25 == 1


def sentences(recipe: Recipe, data: Path, count: int) -> list[str]:
    """Half written by people, half of the grammar; none that a training clip says."""
    heard = {t for series in recipe.clips for t in corpus(data, int(recipe.sentences * 1.1), series.seed)}
    plain = (normal(text) for text, _ in human(data))
    drawn = {text for text in plain if text and len(text.split()) <= 14 and len(text) <= 90}
    written = sorted(text for text in drawn - heard if kept_for_tuning(text))
    random.Random(SEED).shuffle(written)
    grown = (text for text in iter(Grammar(SEED).sentence, "") if kept_for_tuning(text) and text not in heard)
    return [*written[: count // 2], *itertools.islice((t for t in grown if len(t.split()) <= 14), count - count // 2)]


def said(chosen: Sequence[str], data: Path) -> Iterator[tuple[str, np.ndarray]]:
    """(sentence, samples at 16 kHz): each once clean and once far away with noise."""
    kitchen, _ = soundfile.read(data / "audio/noise/picovoice_kitchen.wav", dtype="float32")
    kitchen = kitchen[: KITCHEN_TRAIN_S * RATE_HZ]
    engine, r = Espeak(), random.Random(SEED)
    for text in chosen:
        speech = say(engine, spoken(text), random_voice(r), r)
        samples, quiet = at_rate(speech.samples, speech.rate_hz), np.zeros(RATE_HZ // 3, np.float32)
        loud = 0.1 / float(np.sqrt((samples**2).mean()) + 1e-9)
        samples = np.concatenate([quiet, samples * loud, quiet]).clip(-1, 1).astype(np.float32)
        yield text, samples
        far = room(samples, r, np.ones(1, np.float32))[: len(kitchen)]
        start = r.randrange(len(kitchen) - len(far) + 1)
        noise = kitchen[start : start + len(far)]
        loud = 10 ** (-NOISE_DB / 20) * np.sqrt((far**2).mean() / ((noise**2).mean() + 1e-9))
        yield text, level(far + noise * loud).clip(-1, 1).astype(np.float32)


def taken(transcriber: Transcriber, clips: Iterator[tuple[str, np.ndarray]]) -> Iterator[Taken]:
    """The clips that are one window long and of which anything was heard."""
    for text, samples in clips:
        audio = Audio(samples, RATE_HZ)
        found = windows(speech_spans(audio), audio.seconds, transcriber.window_s)
        if len(found) == 1:
            start, end = (int(at * RATE_HZ) for at in found[0])
            heard, again = transcriber.hypotheses(samples[start:end])
            if heard:
                yield Taken(text, heard, Remembered(again))


def tune(recipe: Recipe, data: Path, model: Path, work: Path) -> str:
    """Write WORK/words.json with the best weights; returns a table of all that were tried."""
    chosen = sentences(recipe, data, COUNT)
    keys = {group_key(text) for text in chosen}
    known = {text for text in texts(data, SEED) if not kept_for_tuning(text) and group_key(text) not in keys}
    write(known, work / "words-tuning.npz", {})
    clips = list(taken(Transcriber(model), said(chosen, data)))
    rescorer = Rescorer(WordModel(work / "words-tuning.npz"))
    tried: list[tuple[float, int, Weights]] = []
    for share, each in itertools.product(SHARES, EACH):
        weights = Weights(share, each)
        if share or each == EACH[0]:
            tried.append((*_scored(clips, rescorer.weighing(weights)), weights))
    tried.sort(key=lambda one: (one[0], -one[1]))
    work.mkdir(parents=True, exist_ok=True)
    (work / "words.json").write_text(json.dumps(asdict(tried[0][2])) + "\n", encoding="utf-8")
    own = _counted([(clip.wanted, clip.heard[0][0]) for clip in clips])
    lines = [f"{len(clips)} clips; word error, sentences right, weights", f"{own[0]:.2%} {own[1]} the sound alone"]
    return "\n".join(lines + [f"{error:.2%} {right} {asdict(weights)}" for error, right, weights in tried])


def _scored(clips: Sequence[Taken], rescorer: Rescorer) -> tuple[float, int]:
    return _counted([(clip.wanted, rescorer.order(clip.heard, clip.again)[0].text) for clip in clips])


def _counted(pairs: Sequence[tuple[str, str]]) -> tuple[float, int]:
    """Word error, and how many sentences are right."""
    error = jiwer.wer([wanted for wanted, _ in pairs], [heard for _, heard in pairs])
    return float(error), sum(wanted == heard for wanted, heard in pairs)
