"""Training sentences as the recognizer writes them: spoken by a voice, heard by the listening model, argument words
found again in what was heard.

A recognizer errs in ways that no list of misheard words foresees; a skill model that is to work behind it must have
seen them. Sentences keep their group, so that one that is held out is heard by nobody.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from assistant.audio import Audio
from assistant.prompt import plain
from assistant.transcribe import Transcriber
from evals.cases import Case, stands_in
from finetune.listening.clips import babble
from finetune.listening.features import RATE_HZ
from finetune.listening.rooms import at_rate, noises
from finetune.listening.sentences import normal, spoken
from finetune.listening.voices import Espeak, random_voice, say

LOST = 0.5
"""Share of the words that may be wrong; what is garbled more is no example of anything."""
QUIET_DB, LOUD_DB = 25.0, 8.0
"""Room noise, in decibels below the voice: from hardly any to a kitchen."""
CLOSED = frozenset({"state", "direction", "action"})


@dataclass(frozen=True, slots=True)
class Room:
    """Where sentences are heard."""

    transcriber: Transcriber
    noise: Sequence[np.ndarray]
    """Recordings at 16 kHz, of any level."""


def open_room(model: Path, data: Path, seed: int) -> Room:
    """The listening model in `model`, and the noises in the folder of public sets."""
    bank = [
        noise.astype(np.float32) for noise in noises(data, babble(Espeak(), data, seed), seed) if len(noise) > RATE_HZ
    ]
    return Room(Transcriber(model, threads=1), bank)


def heard(cases: Iterable[Case], room: Room, seed: int) -> Iterator[Case]:
    """Each case as it was heard, where its words survived. Deterministic by seed."""
    chance, engine = random.Random(seed), Espeak()
    for case in cases:
        said = normal(case.text)
        if said is None:
            continue
        speech = say(engine, spoken(said), random_voice(chance), chance)
        samples = _in_noise(at_rate(speech.samples, speech.rate_hz), room.noise, chance)
        if not len(samples):
            continue
        written = plain(room.transcriber.transcribe(Audio(samples, RATE_HZ)).text)
        found = aligned(case, said, written)
        if found is not None:
            yield found


def _in_noise(samples: np.ndarray, bank: Sequence[np.ndarray], chance: random.Random) -> np.ndarray:
    """The voice at a tenth of full scale, in a noise of some level, with a little silence around it."""
    level = float(np.sqrt((samples**2).mean())) if len(samples) else 0.0
    if level < 1e-4:
        return np.zeros(0, np.float32)
    quiet = np.zeros(RATE_HZ // 4, np.float32)
    samples = np.concatenate([quiet, samples * (0.1 / level), quiet])
    noise = chance.choice(bank)
    start = chance.randrange(max(1, len(noise) - len(samples)))
    part = np.resize(noise[start : start + len(samples)], len(samples))
    power = float(np.sqrt((part**2).mean())) + 1e-9
    loud = 0.1 * 10 ** (-chance.uniform(LOUD_DB, QUIET_DB) / 20)
    return np.clip(samples + part * (loud / power), -1, 1).astype(np.float32)


def aligned(case: Case, said: str, written: str) -> Case | None:
    """The case over the words that were written down; None where too much, or an argument, was lost."""
    before, after = said.split(), written.split()
    edits = Levenshtein.opcodes(before, after)
    wrong = sum(max(e.src_end - e.src_start, e.dest_end - e.dest_start) for e in edits if e.tag != "equal")
    if not after or wrong > LOST * len(before):
        return None
    place = _places(edits, len(before))
    words = {}
    for name, own in case.words.items():
        if name in CLOSED:
            words[name] = own
            continue
        run = _run(before, (normal(own) or "").split())
        first, last = (place[run[0]], place[run[1]]) if run else (None, None)
        if first is None or last is None:
            return None
        words[name] = " ".join(after[first : last + 1])
        if last < first or not stands_in(words[name], written):
            return None
    return replace(case, text=written, words=words, source=f"heard-{case.source}")


def _places(edits: Iterable[Levenshtein], count: int) -> list[int | None]:  # type: ignore[valid-type]
    """Where each word came to stand; None where it was lost."""
    place: list[int | None] = [None] * count
    for edit in edits:
        for step in range(min(edit.src_end - edit.src_start, edit.dest_end - edit.dest_start)):  # type: ignore[attr-defined]
            place[edit.src_start + step] = edit.dest_start + step  # type: ignore[attr-defined]
    return place


def _run(words: Sequence[str], part: Sequence[str]) -> tuple[int, int] | None:
    """Where `part` stands in `words`, first and last; None where it does not, or twice."""
    starts = [at for at in range(len(words) - len(part) + 1) if words[at : at + len(part)] == part]
    return (starts[0], starts[0] + len(part) - 1) if len(starts) == 1 and part else None
