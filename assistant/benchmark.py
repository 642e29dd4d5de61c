"""What `hark bench` measures on this board; our way and the stock way beside each other are in `assistant.beside`.

Every figure is a list of times in milliseconds, or a ratio of two such lists measured in turn.
"""

from __future__ import annotations

import dataclasses
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.audio import read_audio
from assistant.config import Settings
from assistant.decide import Decider
from assistant.gguf_llama import (
    CONTROL,
    LlamaFile,
    LlamaShape,
    Vocabulary,
    byte_vocabulary,
    random_tensors,
    vocabulary_of,
    write_llama,
)
from assistant.prompt import plain
from assistant.registry import SkillSet, skills_hash
from assistant.skill import Skill
from assistant.transcribe import Transcriber
from assistant.turn import Transcript

WARM_UP = 5
LARGE: Mapping[int, LlamaShape] = {
    32_000: LlamaShape(width=1024, layers=15, heads=16, feed_forward=4096, context=4096),
    128_000: LlamaShape(width=1024, layers=12, heads=16, feed_forward=2816, context=4096),
}
"""Vocabulary -> the rest of 0.28 billion parameters: the size of the smallest models that follow instructions. Those of
today have 32,000 to 262,000 tokens; a grammar is asked about each of them."""
CHAT_MARKS = ("<|im_start|>", "<|im_end|>")


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


# --- larger models ----------------------------------------------------------------------------------------------------


def general_vocabulary(like: Path, size: int) -> Vocabulary:
    """So many tokens, as any model's vocabulary has them: of what either way writes it favours nothing.

    A skill model's own has whole tokens for the beginnings of our calls and none for words after a quotation mark. Here
    a call's names are spelled as any words are, each word also stands without a space before it, and what joins the
    parts of JSON are single tokens, as are the marks of a chat. The rest of the tokens are idle.
    """
    pairs = [tuple(merge.split(" ")) for merge in vocabulary_of(like).merges]
    bare = [(left[1:], right) for left, right in pairs if left[0] == "Ġ" and len(left) > 1]
    joining = [("{", '"'), ('"', ":"), ('":', '"'), ('"', ","), ('",', '"'), ('"', "}")]
    merges = list(dict.fromkeys([*pairs, *bare, *joining]))
    letters = byte_vocabulary().tokens[: len(CONTROL) + 256]
    tokens = list(dict.fromkeys([*letters, *CHAT_MARKS, *("".join(pair) for pair in merges)]))
    idle = [f"<idle {at}>" for at in range(size - len(tokens))]
    return Vocabulary((*tokens, *idle), tuple(" ".join(pair) for pair in merges), frozenset(CHAT_MARKS))


def large_model(folder: Path, like: Path, tokens: int) -> Path:
    """Write a model of 0.28 billion random weights (300 MB) and so many tokens, a key of LARGE; about ten seconds."""
    path = folder / f"random-{tokens}-q8_0.gguf"
    file = LlamaFile(LARGE[tokens], general_vocabulary(like, tokens), {}, "Random weights, for timing", two_way=False)
    write_llama(path, file, random_tensors(LARGE[tokens], tokens, seed=1), q8=True)
    return path


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
