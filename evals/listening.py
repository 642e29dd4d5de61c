"""Listening models beside one another: the same recordings through each in turn; its time, its memory, its words.

Each model has a process of its own, so that its memory is its own; each recording goes through all of them, one after
another, so that a busy minute is everybody's.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.audio import AudioError, read_audio
from assistant.benchmark import Times, resident_mb
from assistant.commands.frame import UsageError
from assistant.skill import MissingPiece, SkillError
from assistant.transcribe import Transcriber
from evals.intervals import Clusters
from evals.scoring_sound import word_errors
from evals.sets import open_set

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording and what is said in it."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Ear:
    """A model that is measured."""

    name: str
    folder: Path
    knows_words: bool = True
    """Whether its words mean anything; those of random weights do not."""


@dataclass(frozen=True, slots=True)
class Take:
    """One recording through one model."""

    text: str
    ms: float


def clips_of(where: str, data: Path | None = None) -> list[Clip]:
    """The recordings of a folder, each with a .txt of the same name beside it; or those of a set.

    Raises:
        UsageError, SkillError: there are none, or a text is missing.
    """
    folder = Path(where)
    if not folder.is_dir():
        found = open_set(where, data)
        clips = [Clip(found.folder / case.sound, case.text) for case in found.cases if case.sound and case.text]
    else:
        clips = [Clip(path, _said(path.with_suffix(".txt"))) for path in sorted(folder.glob("*.wav"))]
    if not clips:
        raise UsageError(f"there are no recordings with their words in {where}")
    return clips


def _said(path: Path) -> str:
    try:
        return " ".join(path.read_text(encoding="utf-8").split())
    except FileNotFoundError:
        raise UsageError(f"{path} is missing: it holds what is said in the recording") from None
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{path} cannot be read") from None


def compare(
    ears: Sequence[Ear], clips: Sequence[Clip], threads: int, told: Callable[[int], None] = lambda _done: None
) -> Json:
    """Hear every recording with every model.

    Returns:
        {"n", "models": [{"name", "median_ms", "p95_ms", "memory_mb", "window_s", "word_error", "faster",
        "texts"}]}; "faster" is the first model's time over this one's; "word_error" is None where words mean nothing.
        Both are {"value", "n", "low", "high"}.
    Raises:
        MissingPiece: a model cannot be opened. SkillError: a recording cannot be read, or a model's process died.
    """
    takes: list[list[Take]] = [[] for _ in ears]
    with ExitStack() as stack:
        rooms = [stack.enter_context(_room()) for _ in ears]
        try:
            opening = [room.submit(_open, ear.folder, threads) for room, ear in zip(rooms, ears, strict=True)]
            windows = [opened.result() for opened in opening]
            for room in rooms:
                room.submit(_hear, clips[0].path).result()  # the first one warms up, and does not count
            for at, clip in enumerate(clips):
                for turn in range(len(ears)):
                    one = (at + turn) % len(ears)
                    takes[one].append(rooms[one].submit(_hear, clip.path).result())
                told(at + 1)
            memory = [room.submit(resident_mb).result() for room in rooms]
        except BrokenProcessPool:
            raise MissingPiece(
                f"a process of {', '.join(ear.name for ear in ears)} ended: the model is damaged, or memory too small"
            ) from None
    rows = [
        {**_row(ear, mine, takes[0], clips), "window_s": window, "memory_mb": round(mb)}
        for ear, mine, window, mb in zip(ears, takes, windows, memory, strict=True)
    ]
    return {"n": len(clips), "models": rows}


def _room() -> ProcessPoolExecutor:
    # A fork would inherit the threads of libraries that are open here, and their memory.
    return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))


_open_ears: list[Transcriber] = []
"""In a model's own process: the model."""


def _open(folder: Path, threads: int) -> float:
    """Open the model in its own process; returns its window in seconds."""
    _open_ears.append(Transcriber(folder, threads=threads))
    return _open_ears[0].window_s


def _hear(path: Path) -> Take:
    try:
        audio = read_audio(path)
    except (AudioError, OSError) as error:
        raise SkillError(f"{path} cannot be read: {error}") from None
    started = time.perf_counter()
    heard = _open_ears[0].transcribe(audio)
    return Take(heard.text, (time.perf_counter() - started) * 1000)


def _row(ear: Ear, takes: Sequence[Take], first: Sequence[Take], clips: Sequence[Clip]) -> Json:
    times = Times(tuple(take.ms for take in takes))
    clusters = Clusters([clip.text for clip in clips])
    counts = [word_errors(clip.text, take.text) for clip, take in zip(clips, takes, strict=True)]
    error = clusters.ratio([wrong for wrong, _ in counts], [words for _, words in counts])
    faster = clusters.ratio([take.ms for take in first], times.ms)
    return {
        "name": ear.name,
        "median_ms": times.median,
        "p95_ms": times.p95,
        "faster": faster.to_json(),
        "word_error": error.to_json() if ear.knows_words else None,
        "texts": [take.text for take in takes] if ear.knows_words else None,
    }


def sentences(found: Json) -> Iterator[str]:
    """The comparison, a line for each model."""
    yield f"{found['n']} recordings through each model in turn"
    for at, row in enumerate(found["models"]):
        words = "its words mean nothing (random weights)"
        if row["word_error"]:
            words = f"word error {_share(row['word_error'])}"
        ratio = f", {_times(row['faster'])} as fast as {found['models'][0]['name']}" if at else ""
        yield (
            f"{row['name']}, window {row['window_s']:g} s: median {row['median_ms']:.0f} ms, 95 % within "
            f"{row['p95_ms']:.0f} ms{ratio}; {row['memory_mb']} MB; {words}"
        )


def _share(figure: Json) -> str:
    if figure["low"] is None:
        return f"{figure['value']:.1%}"
    return f"{figure['value']:.1%} ({figure['low']:.1%} to {figure['high']:.1%})"


def _times(figure: Json) -> str:
    if figure["low"] is None:
        return f"{figure['value']:.2f} times"
    return f"{figure['value']:.2f} times ({figure['low']:.2f} to {figure['high']:.2f})"
