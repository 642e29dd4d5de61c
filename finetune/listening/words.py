"""Make the word model that stands beside the listening model: which words follow which, in what people say.

An interpolated n-gram model with modified Kneser-Ney discounts (Chen and Goodman 1999), thinned, kept in bytes; and a
spelling model of letters for words that nobody wrote. Its reader is `assistant/ngram.py`.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.ngram import EDGE, END, ID_BITS, LETTERS, SPECIAL, SPELLING, START, STEP, UNKNOWN
from evals.sets.kept import Kept, group_key
from finetune.listening.sentences import Grammar, held_out, human, normal

ORDER = 3
FEWEST = (1, 1, 2)
"""Runs of one, two, three words that were counted less often are not kept."""
GRAMMAR_SENTENCES = 60_000
MOST_LETTERS = 18
"""A longer "word" is none."""

Run = tuple[int, ...]


@dataclass(frozen=True)
class Table:
    """The runs of one length: log probability of the last word after the others, and what backing off costs."""

    chances: dict[Run, float]
    rests: dict[Run, float]


def texts(data: Path, rows: Path | None, seed: int) -> set[str]:
    """Every sentence that may be learned from, in normal form; none that is held out, or grown from one that is.

    Args:
        rows: what `python -m finetune.rows build` wrote for training; None to do without.
        seed: of the grammar's sentences.
    """
    written = [plain for plain in (normal(text) for text, _ in human(data)) if plain]
    kept_back = {text for text in written if held_out(text)}
    keys = {group_key(text) for text in kept_back}
    found = {text for text in written if not held_out(text) and group_key(text) not in keys}
    grammar = Grammar(seed)
    found.update(text for text in (grammar.sentence() for _ in range(GRAMMAR_SENTENCES)) if not held_out(text))
    if rows is not None:
        found.update(_of_rows(rows, keys, _Inside(kept_back)))
    sets = Kept()
    return {text for text in found if not sets.is_kept(text)}


def _of_rows(rows: Path, keys: set[str], inside: _Inside) -> Iterable[str]:
    for line in rows.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        text = normal(row["text"])
        source = row["group"].partition(":")[2]
        if text and not held_out(text) and source not in keys and group_key(text) not in keys and text not in inside:
            yield text


class _Inside:
    """Answers whether a text has a whole held-out sentence in it."""

    def __init__(self, sentences: Iterable[str], fewest: int = 3) -> None:
        self._runs = {tuple(words) for text in sentences if len(words := text.split()) >= fewest}
        self._lengths = sorted({len(run) for run in self._runs})

    def __contains__(self, text: str) -> bool:
        words = tuple(text.split())
        return any(
            words[at : at + length] in self._runs
            for length in self._lengths
            for at in range(len(words) - length + 1)
        )


# --- counting --------------------------------------------------------------------------------------------------------


def count(sentences: Iterable[Run], order: int) -> list[Counter[Run]]:
    """How often each run of 1 to `order` words occurs; of shorter ones, after how many different words (Kneser-Ney)."""
    longest: Counter[Run] = Counter()
    for sentence in sentences:
        padded = (START, *sentence, END)
        for end in range(1, len(padded)):
            longest[padded[max(0, end + 1 - order) : end + 1]] += 1
    counts = [Counter[Run]() for _ in range(order)]
    # A run that begins a sentence has nothing before it that could vary: it keeps its own count.
    for run, times in longest.items():
        counts[len(run) - 1][run] += times
    for length in range(order, 1, -1):
        for run in counts[length - 1]:
            if run[0] != START or length > 2:
                counts[length - 2][run[1:]] += 1 if run[1] != START else 0
    return counts
