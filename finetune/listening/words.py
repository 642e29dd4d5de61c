"""Make the word model that stands beside the listening model: which words follow which, in what people say.

An interpolated n-gram model with modified Kneser-Ney discounts (Chen and Goodman 1999), thinned, kept in bytes; and a
spelling model of letters for words that nobody wrote. Its reader is `assistant/ngram.py`.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.ngram import EDGE, END, ID_BITS, LETTERS, SPECIAL, SPELLING, START, STEP, UNKNOWN
from evals.sets.kept import Kept, group_key
from finetune.listening.sentences import Grammar, held_out, human, normal

ORDER, SEED = 3, 1
LEAST_GAIN = 1.0
GRAMMAR_SENTENCES = 60_000
MOST_LETTERS = 18
"""A longer "word" is none."""

Run = tuple[int, ...]


def texts(data: Path, seed: int) -> set[str]:
    """Every sentence that may be learned from, in normal form; none that is held out, or says one that is in disguise.

    Args:
        seed: of the grammar's sentences.
    """
    written = [plain for plain in (normal(text) for text, _ in human(data)) if plain]
    keys = {group_key(text) for text in written if held_out(text)}
    found = {text for text in written if not held_out(text) and group_key(text) not in keys}
    grammar = Grammar(seed)
    found.update(text for text in (grammar.sentence() for _ in range(GRAMMAR_SENTENCES)) if not held_out(text))
    sets = Kept()
    return {text for text in found if not sets.repeats(text)}


# --- counting --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Runs:
    """The runs of one length, all of them in the order of their keys."""

    chances: dict[Run, float]
    """log probability of the last word after the others"""
    rests: dict[Run, float]
    """what backing off from this run costs, for the words that were not kept after it"""


def estimate(sentences: Iterable[Run], order: int, size: int, least_gain: float) -> list[Runs]:
    """The model of 1 to `order` words.

    Args:
        sentences: word numbers, without start and end.
        size: how many words there are, the three special ones included.
        least_gain: a run of the greatest length is kept if it makes the training text likelier by so much (Seymore and
            Rosenfeld 1996), in natural logarithms.
    """
    raw = [Counter[Run]() for _ in range(order)]
    for sentence in sentences:
        padded = (START, *sentence, END)
        for length in range(1, order + 1):
            raw[length - 1].update(padded[at : at + length] for at in range(length == 1, len(padded) - length + 1))
    levels: list[Runs] = []
    chances: dict[Run, float] = {(word,): 1 / size for word in range(size)}
    for length in range(1, order + 1):
        counts = raw[length - 1] if length == order else _continued(raw[length - 1], raw[length])
        chances = _smoothed(counts, chances)
        levels.append(Runs(chances, {}))
    kept = levels[-1].chances
    for run in [run for run in kept if _gain(run, raw[-1][run], levels) < least_gain]:
        del kept[run]
    for shorter, longer in itertools.pairwise(levels):
        shorter.rests.update(_rests(shorter.chances, longer.chances))
    return levels


def _continued(counts: Counter[Run], longer: Counter[Run]) -> Counter[Run]:
    """After how many different words each run stands; a run that begins a sentence keeps its own count."""
    found = Counter({run: times for run, times in counts.items() if run[0] == START})
    found.update(run[1:] for run in longer)
    return found


def _smoothed(counts: Counter[Run], shorter: Mapping[Run, float]) -> dict[Run, float]:
    """Probabilities, interpolated with those of the shorter runs; every shorter one too where a run is one word."""
    of = Counter(min(times, 4) for times in counts.values() if times <= 4)
    share = of[1] / max(1, of[1] + 2 * of[2])
    free = [n - (n + 1) * share * of[n + 1] / max(1, of[n]) for n in (1, 2, 3)]
    # Of few sentences the estimate may fall outside of what can be taken away.
    discounts = [0.0] + [min(max(one, 0.1), n - 0.1) for n, one in enumerate(free, 1)]
    totals: dict[Run, float] = defaultdict(float)
    freed: dict[Run, float] = defaultdict(float)
    for run, times in counts.items():
        totals[run[:-1]] += times
        freed[run[:-1]] += discounts[min(times, 3)]
    found = {
        run: (times - discounts[min(times, 3)] + freed[run[:-1]] * shorter[run[1:] or run]) / totals[run[:-1]]
        for run, times in counts.items()
    }
    if () in totals:
        found.update({run: freed[()] * chance / totals[()] for run, chance in shorter.items() if run not in found})
    return found


def _gain(run: Run, times: int, levels: Sequence[Runs]) -> float:
    """How much likelier the training text is with this run than without it, as far as its own words go."""
    shorter = levels[-2].chances[run[1:]]
    return times * math.log(levels[-1].chances[run] / shorter)


def _rests(shorter: Mapping[Run, float], longer: Mapping[Run, float]) -> dict[Run, float]:
    """Context -> what is left for words that were not kept after it, over what the shorter runs give them."""
    kept: dict[Run, float] = defaultdict(float)
    left: dict[Run, float] = defaultdict(float)
    for run, chance in longer.items():
        kept[run[:-1]] += chance
        left[run[:-1]] += shorter[run[1:]]
    return {context: (1 - kept[context]) / max(1e-9, 1 - left[context]) for context in kept}


def spelling(words: Iterable[str]) -> np.ndarray:
    """How each letter follows the three before it, in steps; uint8, shape (28, 28, 28, 28), the last axis the letter's.

    Witten and Bell's interpolation over 3, 2, 1 and 0 letters.
    """
    size = len(LETTERS) + 1
    counts = np.zeros((size,) * SPELLING)
    for word in words:
        numbers = [EDGE] * (SPELLING - 1) + [LETTERS.index(letter) for letter in word] + [EDGE]
        for at in range(len(word) + 1):
            counts[tuple(numbers[at : at + SPELLING])] += 1
    chances = np.full(size, 1 / size)
    for length in range(1, SPELLING + 1):
        seen = counts.sum(axis=tuple(range(SPELLING - length)))
        kinds = (seen > 0).sum(axis=-1, keepdims=True)
        longer = (seen + kinds * chances) / np.maximum(1, seen.sum(axis=-1, keepdims=True) + kinds)
        chances = np.where(kinds > 0, longer, chances)
    return steps(chances)


def steps(chances: np.ndarray) -> np.ndarray:
    """Probabilities as bytes, see `assistant.ngram.STEP`."""
    whole: np.ndarray = np.clip(np.round(-np.log(np.maximum(chances, 1e-30)) / STEP), 0, 255).astype(np.uint8)
    return whole


# --- writing ---------------------------------------------------------------------------------------------------------


def write(sentences: Iterable[str], path: Path, settings: Mapping[str, float], least_gain: float = LEAST_GAIN) -> None:
    """Write the model of these sentences; `settings` are the weights that `assistant.rescore` reads beside it."""
    split = [text.split() for text in sorted(sentences)]
    times = Counter(word for words in split for word in words if len(word) <= MOST_LETTERS)
    listed = [*SPECIAL, *(word for word, _ in sorted(times.items(), key=lambda item: (-item[1], item[0])))]
    if len(listed) > 1 << ID_BITS:
        raise ValueError(f"{len(listed)} words are more than {ID_BITS} bits can number")
    ids = {word: number for number, word in enumerate(listed)}
    levels = estimate([tuple(ids.get(w, UNKNOWN) for w in words) for words in split], ORDER, len(listed), least_gain)
    arrays: dict[str, Any] = {"words": np.frombuffer("\n".join(listed).encode(), np.uint8), "order": np.array(ORDER)}
    arrays |= {"spelling": spelling(times), "settings": np.array(sorted(settings), "U16")}
    arrays |= {f"setting_{name}": np.array(value) for name, value in settings.items()}
    numbers: dict[Run, int] = {(word,): word for word in range(len(listed))}
    for length, level in enumerate(levels, 1):
        keyed = sorted((numbers[run[:-1]] << ID_BITS | run[-1] if length > 1 else run[0], run) for run in level.chances)
        arrays[f"chances{length}"] = steps(np.array([level.chances[run] for _, run in keyed]))
        if length < ORDER:
            arrays[f"rests{length}"] = steps(np.array([min(1.0, level.rests.get(run, 1.0)) for _, run in keyed]))
        if length > 1:
            keys = np.array([key for key, _ in keyed], np.uint64)
            arrays[f"gaps{length}"] = np.diff(keys, prepend=np.uint64(0)).astype(np.uint32)
        numbers = {run: at for at, (_, run) in enumerate(keyed)}
    beside = path.with_name(path.name + ".part")
    with beside.open("wb") as file:
        np.savez_compressed(file, **arrays)
    beside.replace(path)
