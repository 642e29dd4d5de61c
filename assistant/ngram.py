"""How likely words are to follow one another: a small n-gram model, read from one file.

Made by `finetune/listening/words.py` from what people say to an assistant. A word that nobody ever wrote is not
impossible: it is as likely as the unknown word in its place, spelled letter by letter.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from assistant.skill import MissingPiece

START, END, UNKNOWN = 0, 1, 2
"""The first three words of every model: before the first word, after the last one, and any word not listed."""
SPECIAL = ("<s>", "</s>", "<unk>")
STEP = 1 / 16
"""Log probabilities are kept in whole steps of this size, natural logarithm, 0 down to -255 steps."""
ID_BITS = 16
"""A word's number; a run's key is the number of the run without its last word, shifted by so much, plus that word's."""
LETTERS = "abcdefghijklmnopqrstuvwxyz'"
EDGE = len(LETTERS)
"""Before a word and after it."""
SPELLING = 4
"""Letters in a run of the spelling model."""


class WordModel:
    """Log probabilities (natural) of sentences in the listening model's normal form: lower case, no punctuation."""

    def __init__(self, path: Path) -> None:
        """Open a model; some 30 ms.

        Raises:
            MissingPiece: the file is cut off, or of something else.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                self.words: tuple[str, ...] = tuple(bytes(file["words"]).decode().split("\n"))
                self.order = int(file["order"])
                self._chances = [file[f"chances{n}"] for n in range(1, self.order + 1)]
                self._rests = [file[f"rests{n}"] for n in range(1, self.order)]
                self._keys = [np.cumsum(file[f"gaps{n}"], dtype=np.uint64) for n in range(2, self.order + 1)]
                self._spelling = file["spelling"]
                self.settings = {str(name): float(file[f"setting_{name}"]) for name in file["settings"]}
        except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise MissingPiece(f"The word model {path} is cut off or damaged ({type(error).__name__}).") from error
        self._ids = {word: number for number, word in enumerate(self.words)}
        self._spelled: dict[str, float] = {}

    def knows(self, word: str) -> bool:
        """Whether anybody wrote this word."""
        return word in self._ids

    def log_probability(self, words: Sequence[str]) -> float:
        """Of a whole sentence, its end included."""
        return sum(self.each(words))

    def each(self, words: Sequence[str]) -> list[float]:
        """The log probability of every word after those before it, and of the end; one longer than `words`."""
        context, found = [START], []
        for word in (*words, SPECIAL[END]):
            number = self._ids.get(word, UNKNOWN)
            chance = self._after(context, number)
            found.append(chance + self.spelled(word) if number == UNKNOWN else chance)
            context = [*context, number][-(self.order - 1) :]
        return found

    def ends(self, words: Sequence[str]) -> float:
        """How likely it is that nothing follows these words: log probability."""
        return self.each(words)[-1]

    def spelled(self, word: str) -> float:
        """The log probability that an unknown word is spelled so."""
        known = self._spelled.get(word)
        if known is None:
            numbers = [EDGE] * (SPELLING - 1) + [max(0, LETTERS.find(letter)) for letter in word] + [EDGE]
            runs = [numbers[at : at + SPELLING] for at in range(len(word) + 1)]
            known = self._spelled[word] = -STEP * float(self._spelling[tuple(np.array(runs).T)].sum(dtype=np.int64))
            if len(self._spelled) > 10_000:
                self._spelled.clear()
        return known

    def _after(self, context: Sequence[int], word: int) -> float:
        """By the longest run that was seen, each shortening paid for (Katz's backing off)."""
        paid = 0.0
        for first in range(len(context)):
            run = self._run(context[first:])
            if run < 0:
                continue
            length = len(context) - first
            at = self._find(length + 1, run, word)
            if at >= 0:
                return paid - STEP * float(self._chances[length][at])
            paid -= STEP * float(self._rests[length - 1][run])
        return paid - STEP * float(self._chances[0][word])

    def _run(self, words: Sequence[int]) -> int:
        """The number of a run of words among the runs of its length; -1 for one that was not kept."""
        run = words[0]
        for length, word in enumerate(words[1:], 2):
            run = self._find(length, run, word)
            if run < 0:
                return -1
        return run

    def _find(self, length: int, before: int, word: int) -> int:
        keys = self._keys[length - 2]
        key = np.uint64(before << ID_BITS | word)
        at = int(keys.searchsorted(key))
        return at if at < len(keys) and keys[at] == key else -1
