"""Score the exported model as it ships: through `assistant.transcribe`, on voices and sentences never trained on.

Every case is written to a file first, then the file is scored, so that an old run can be scored again.
"""

from __future__ import annotations

import json
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import jiwer
import numpy as np
import soundfile
from faster_whisper.audio import decode_audio

from assistant.audio import Audio
from assistant.transcribe import Transcriber
from finetune.listening import orders
from finetune.listening.clips import recorded, test_clips
from finetune.listening.rooms import KITCHEN_TRAIN_S, RATE_HZ, level, noises, room
from finetune.listening.sentences import normal

NOISE_DB = 10.0


@dataclass(frozen=True)
class Case:
    """One clip and what was made of it."""

    group: str
    """a held-out voice or a folder of recordings"""
    condition: str
    """clean or noisy, for synthetic clips"""
    origin: str
    """who made the sentence, for synthetic clips: written by people, or grown from the grammar"""
    name: str
    wanted: str
    heard: str
    seconds: float
    ms: float
    slots: list[str]
    """phrases that must all occur, for clips without a transcript"""
    others: tuple[str, ...] = ()
    """the recognizer's runner-ups"""


def synthetic(data: Path, count: int, seed: int) -> Iterator[tuple[tuple[str, str, str], str, np.ndarray]]:
    """Yield ((voice, condition, origin), text, samples) of held-out voices.

    Clean, and in a room with a stretch of kitchen noise that was not trained on, 10 dB below the voice.
    """
    kitchen, _ = soundfile.read(data / "audio/noise/picovoice_kitchen.wav", dtype="float32")
    kitchen = kitchen[KITCHEN_TRAIN_S * RATE_HZ :]
    r = random.Random(seed)
    for voice, origin, text, samples in test_clips(data, count, seed):
        yield (voice, "clean", origin), text, samples
        far = room(samples, r, np.ones(1, np.float32))
        start = r.randrange(len(kitchen) - len(far))
        noise = kitchen[start : start + len(far)]
        mixed = far + noise * 10 ** (-NOISE_DB / 20) * np.sqrt((far**2).mean() / ((noise**2).mean() + 1e-9))
        yield (voice, "noisy", origin), text, level(mixed).clip(-1, 1)


def human(data: Path) -> Iterator[tuple[str, str, np.ndarray, list[str]]]:
    """Yield (path, text, samples, slots) of recordings of people that were not trained on."""
    for path, samples, text, kept_back in recorded(data):
        if kept_back:
            yield path, text, samples, []
    for line in (data / "audio/manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["source"] == orders.VOICE and orders.kept_back(row["path"]):
            slots = [normal(value) or "" for value in row["slots"].values()]
            yield row["path"], "", decode_audio(str(data / "audio" / row["path"])), slots


def transcribe_all(data: Path, model: Path, out: Path, count: int, seed: int) -> None:
    """Write one `Case` a line for all test clips, and for noise and silence, where nothing should be heard."""
    transcriber = Transcriber(model)

    def case(kind: tuple[str, str, str], name: str, wanted: str, samples: np.ndarray, slots: list[str]) -> str:
        started = time.perf_counter()
        heard = transcriber.transcribe(Audio(samples.astype(np.float32), RATE_HZ))
        ms = round(1000 * (time.perf_counter() - started), 1)
        return json.dumps(asdict(Case(*kind, name, wanted, heard.text, heard.seconds, ms, slots, heard.others))) + "\n"

    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8") as file:
        for kind, text, samples in synthetic(data, count, seed):
            file.write(case(kind, text, text, samples, []))
        for path, text, samples, slots in human(data):
            file.write(case(("human " + path.split("/")[0], "", ""), path, text, samples, slots))
        for number, noise in enumerate(noises(data, [np.zeros(RATE_HZ, np.float32)], seed)[:-5]):
            file.write(case(("noise", "", ""), str(number), "", noise[: 10 * RATE_HZ], []))


def report(cases: Path) -> str:
    """Return a table of word error (or of orders understood) with 95 % intervals, a line for each group."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for line in cases.read_text(encoding="utf-8").splitlines():
        case = Case(**json.loads(line))
        groups[f"{case.group} {case.condition}".strip()].append(case)
        if case.condition:
            groups[f"all held-out voices {case.condition}"].append(case)
            groups[f"all held-out voices {case.condition}, {case.origin}"].append(case)
    lines = ["| clips | n | measure | value | 95 % interval | median ms |", "|---|---|---|---|---|---|"]
    for group, members in sorted(groups.items()):
        measure, counts = measured(group, members)
        low, high = interval(counts)
        value = counts[:, 0].sum() / max(1, counts[:, 1].sum())
        ms = np.median([case.ms for case in members])
        lines.append(f"| {group} | {len(members)} | {measure} | {value:.1%} | {low:.1%} to {high:.1%} | {ms:.0f} |")
    return "\n".join(lines)


def measured(group: str, cases: list[Case]) -> tuple[str, np.ndarray]:
    """Return what is counted and, for each case, (how many, of how many), shape (n, 2)."""
    if group == "noise":
        return "text for nothing said", np.array([[bool(case.heard), 1] for case in cases])
    if cases[0].slots:
        right = [all(f" {slot} " in f" {case.heard} " for slot in case.slots) for case in cases]
        return "all slots heard", np.array([[ok, 1] for ok in right])
    counts = []
    for case in cases:
        result = jiwer.process_words(case.wanted, normal(case.heard) or "")
        errors = result.substitutions + result.deletions + result.insertions
        counts.append([errors, len(case.wanted.split())])
    return "word error", np.array(counts)


def interval(counts: np.ndarray, rounds: int = 1000, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of a ratio of sums, by drawing clips with replacement."""
    r = np.random.default_rng(seed)
    drawn = counts[r.integers(0, len(counts), (rounds, len(counts)))].sum(axis=1)
    ratios = drawn[:, 0] / np.maximum(1, drawn[:, 1])
    return float(np.quantile(ratios, 0.025)), float(np.quantile(ratios, 0.975))
