"""What `hark bench` measures: our way and the stock way side by side in one run, on this board.

Every figure is a list of times in milliseconds, or a ratio of two such lists measured in turn. The stock way runs in a
process of its own (`python -m assistant.stock`), because on some processors it crashes.
"""

from __future__ import annotations

import dataclasses
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.audio import read_audio
from assistant.config import Settings
from assistant.decide import Decider
from assistant.gguf_llama import LlamaFile, LlamaShape, byte_vocabulary, random_tensors, vocabulary_of, write_llama
from assistant.prompt import larger_prefix, plain
from assistant.registry import SkillSet, skills_hash
from assistant.skill import Skill
from assistant.transcribe import Transcriber
from assistant.turn import Transcript
from assistant.worker import Job, Worker

WARM_UP = 5
LARGE = LlamaShape(width=1024, layers=16, heads=16, feed_forward=4096, context=4096)
"""0.27 billion parameters with the vocabulary below: the size of the smallest instruction-following models."""
LARGE_VOCABULARY = 32000
STOCK_TOKENS = 48
"""Where the stock way's JSON is cut off: a call is about half as long."""


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds of many runs of one thing."""

    ms: tuple[float, ...]

    @property
    def median(self) -> float:
        """Half were faster."""
        return statistics.median(self.ms)

    @property
    def p95(self) -> float:
        """Nineteen of twenty were faster (nearest rank)."""
        return sorted(self.ms)[max(0, -(-95 * len(self.ms) // 100) - 1)]


def measured(run: Callable[[str], object], texts: Sequence[str]) -> Times:
    """Time `run` over each text, after a few that do not count."""
    for text in texts[:WARM_UP]:
        run(text)
    found = []
    for text in texts:
        started = time.perf_counter()
        run(text)
        found.append((time.perf_counter() - started) * 1000)
    return Times(tuple(found))


def sentences(skills: SkillSet, count: int) -> list[str]:
    """Plain sentences of every skill in turn, from its own examples."""
    each = [[plain(example.text) for example in skill.examples] for skill in skills.skills]
    turn = [row[at] for at in range(max(map(len, each))) for row in each if at < len(row)]
    return (turn * (1 + count // len(turn)))[:count]


def deciding(skills: SkillSet, settings: Settings, texts: Sequence[str]) -> Times:
    """Text -> call: prompt, grammar compile, model, readers, and the way to the model's process and back."""
    with Decider(skills, settings) as decider:
        now = settings.now()
        return measured(lambda text: decider.decide(Transcript(text=text), now=now), texts)


def crowd(skills: SkillSet, count: int) -> SkillSet:
    """So many skills: the installed ones, and copies under other names that no model was trained on."""
    kept = list(skills.skills[:count])
    others = [skill for skill in skills.skills if skill.name != "none"]
    for at in range(count - len(kept)):
        like = others[at % len(others)]
        kept.append(_renamed(like, f"{like.name}_{at}"))
    return SkillSet((), tuple(kept), (), skills_hash(kept))


def _renamed(skill: Skill, name: str) -> Skill:
    examples = tuple(
        dataclasses.replace(
            example,
            text=example.text + f" {name}",
            call=dataclasses.replace(example.call, skill=name),
        )
        for example in skill.examples
    )
    return dataclasses.replace(skill, name=name, examples=examples)


def growing(skills: SkillSet, settings: Settings, texts: Sequence[str], counts: tuple[int, int]) -> tuple[Times, Times]:
    """The time per call with few and with many skills installed, measured in turn on one model process each."""
    few, many = crowd(skills, counts[0]), crowd(skills, counts[1])
    now = settings.now()
    with Decider(few, settings) as one, Decider(many, settings) as other:
        found: tuple[list[float], list[float]] = ([], [])
        for at, text in enumerate([*texts[:WARM_UP], *texts]):
            for decider, times in ((one, found[0]), (other, found[1])):
                started = time.perf_counter()
                decider.decide(Transcript(text=text), now=now)
                if at >= WARM_UP:
                    times.append((time.perf_counter() - started) * 1000)
    return Times(tuple(found[0])), Times(tuple(found[1]))


# --- the stock way ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StockFailed(Exception):
    """The stock way did not get through; the message says how it ended."""

    sentence: str

    def __str__(self) -> str:
        return self.sentence


def stock(model: Path, skills: Sequence[Skill], texts: Sequence[str], threads: int, prefix: str) -> Times:
    """llama-cpp-python's own chat completion with a JSON-schema grammar, on the same file and the same sentences.

    Raises:
        StockFailed: its process crashed or hung.
    """
    task = {
        "model": str(model),
        "schema": _schema(skills),
        "texts": list(texts),
        "threads": threads,
        "prefix": prefix,
        "tokens": STOCK_TOKENS,
        "warm_up": 1,
    }
    command = [sys.executable, "-m", "assistant.stock"]
    try:
        done = subprocess.run(command, input=json.dumps(task), capture_output=True, text=True, timeout=900, check=False)
    except subprocess.TimeoutExpired as error:
        raise StockFailed("it did not end within 15 minutes") from error
    if done.returncode:
        raise StockFailed(f"its process ended with code {done.returncode}")
    return Times(tuple(json.loads(done.stdout.splitlines()[-1])))


def _schema(skills: Sequence[Skill]) -> dict[str, object]:
    """The calls as a JSON schema: one object per skill, arguments as strings."""
    kinds = []
    for skill in skills:
        arguments: dict[str, object] = {}
        for argument in skill.arguments:
            closed = {"enum": list(argument.choices)} if argument.choices else {"type": "string", "maxLength": 24}
            arguments[argument.name] = closed
        properties: dict[str, object] = {"skill": {"const": skill.name}, **arguments}
        required = ["skill", *(argument.name for argument in skill.arguments if argument.required)]
        kinds.append({"type": "object", "properties": properties, "required": required, "additionalProperties": False})
    return {"anyOf": kinds}


def large_model(folder: Path, like: Path) -> Path:
    """Write a model of 0.27 billion random weights (290 MB) with the shipped model's words; about ten seconds."""
    base = vocabulary_of(like)
    fillers = byte_vocabulary(fillers=LARGE_VOCABULARY - len(base.tokens)).tokens[
        -(LARGE_VOCABULARY - len(base.tokens)) :
    ]
    vocabulary = dataclasses.replace(base, tokens=(*base.tokens, *fillers))
    path = folder / "random-0.27b-q8_0.gguf"
    file = LlamaFile(LARGE, vocabulary, {}, name="Random weights, for timing", two_way=False)
    write_llama(path, file, random_tensors(LARGE, LARGE_VOCABULARY, seed=1), q8=True)
    return path


def larger_ours(model: Path, skills: Sequence[Skill], texts: Sequence[str], threads: int) -> Times:
    """Our way on a larger model: prefix evaluated once, grammar walked, forced tokens appended."""
    worker = Worker(Job(model, tuple(skills), shipped=False, threads=threads))
    try:
        return measured(worker.write, texts)
    finally:
        worker.close()


def stock_prefix(skills: Sequence[Skill]) -> str:
    """The same list of skills that our prompt has, as the stock way's system message."""
    return larger_prefix(skills)


# --- the whole assistant ---------------------------------------------------------------------------------------------


def starting(texts: Sequence[str]) -> Times:
    """`hark ask TEXT`, from the start of the process to its end: what a person at the terminal waits for."""
    found = []
    for text in texts:
        started = time.perf_counter()
        command = [sys.executable, "-c", "import assistant.cli; assistant.cli.main()", "ask", "--no-act", text]
        done = subprocess.run(command, capture_output=True, check=False, timeout=120)
        if not done.stdout:
            raise RuntimeError("`hark ask` gave no answer, so there is nothing to time")
        found.append((time.perf_counter() - started) * 1000)
    return Times(tuple(found))


def hearing(transcriber: Transcriber, clips: Sequence[Path]) -> Iterator[tuple[str, float, float]]:
    """Each clip's name, its length in seconds, and the milliseconds from sound to text."""
    for clip in clips:
        audio = read_audio(clip)
        started = time.perf_counter()
        transcriber.transcribe(audio)
        yield clip.name, len(audio.samples) / audio.rate_hz, (time.perf_counter() - started) * 1000


def resident_mb() -> float:
    """Memory of this process and its children, in megabytes, pages they share counted once (PSS)."""
    import psutil

    own = psutil.Process(os.getpid())
    return sum(_pss(process.pid) for process in (own, *own.children(recursive=True))) / 1e6


def _pss(pid: int) -> int:
    """Bytes; the plain resident size where the system does not report shares."""
    import psutil

    process = psutil.Process(pid)
    try:
        return int(process.memory_full_info().pss)
    except (AttributeError, psutil.Error):
        return int(process.memory_info().rss)
