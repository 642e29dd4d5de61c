"""Is a sentence meant for an assistant at all, or is it talk among people? Its runs of one to three words say.

A linear model beside the skill model. It is no better than that one alone, but errs on other sentences: it knows no
skill, and never takes "i'm on level forty now" for a volume. What it says moves the skill model's odds of `none()`.
"""

from __future__ import annotations

import functools
import json
import math
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from assistant.models import BUNDLED, OVERHEARD
from assistant.skill import MissingPiece

NOTE = "overheard"
BUCKETS = 1 << 18
DAMAGED = (OSError, ValueError, TypeError, KeyError, EOFError, SyntaxError, BadZipFile, TokenError, zlib.error)
"""What numpy lets through of a file that is not whole."""
LONGEST_RUN = 3
START, END = "<", ">"


@dataclass(frozen=True, slots=True)
class Shift:
    """What a sentence's log odds of being talk add to the log odds of `none()`: what is above `start`, less `lift`.

    Evidence adds up by its log odds (as if both models erred apart). The lift is given back to every call, for the
    skill model has learned to expect talk by itself; it is chosen on kept-back sentences when the model is exported.
    """

    start: float
    lift: float

    def __call__(self, log_odds: float) -> float:
        """Nats, below 0 for a plain request."""
        return max(0.0, log_odds - self.start) - self.lift


def buckets(plain_text: str) -> Counter[int]:
    """How often each of the hashed runs of words stands in a sentence."""
    return Counter(zlib.crc32(run.encode()) % BUCKETS for run in _runs(plain_text))


def _runs(plain_text: str) -> Iterator[str]:
    words = [START, *plain_text.split(), END]
    for length in range(1, LONGEST_RUN + 1):
        for first in range(len(words) - length + 1):
            yield " ".join(words[first : first + length])


class Overheard:
    """The log odds that a sentence is talk among people."""

    def __init__(self, weights: NDArray[np.float16], bias: float) -> None:
        """`weights`: shape (BUCKETS,), one for each bucket."""
        self._weights, self._bias = weights, bias

    @staticmethod
    def read(path: Path) -> Overheard:
        """From a file that `save` wrote. Raises MissingPiece."""
        try:
            with np.load(path, allow_pickle=False) as found:
                weights, bias = found["weights"], float(found["bias"])
            if weights.shape != (BUCKETS,) or not np.isfinite(weights).all() or not math.isfinite(bias):
                raise ValueError("its weights are no weights")
        except DAMAGED as error:
            told = f"{path.name} is missing or damaged beside the skill model; install Hark again"
            raise MissingPiece(told) from error
        return Overheard(weights, bias)

    def save(self, path: Path) -> None:
        """Write beside, then rename."""
        beside = path.with_name("part." + path.name)
        np.savez_compressed(beside, weights=self._weights, bias=self._bias)
        beside.replace(path)

    def __call__(self, plain_text: str) -> float:
        """Log odds, below 0 for a request."""
        counts = buckets(plain_text)
        values = np.fromiter(counts.values(), np.float32, len(counts))
        weights = self._weights[np.fromiter(counts, np.intp, len(counts))]
        return float(weights.astype(np.float32) @ values / np.linalg.norm(values)) + self._bias


@functools.cache
def _shipped() -> Callable[[str], float]:
    """The one that ships; one that takes nothing for talk in a copy without it."""
    path = BUNDLED / "skill" / OVERHEARD
    return Overheard.read(path) if path.is_file() else lambda _plain_text: 0.0


@functools.lru_cache(maxsize=1)  # a sentence is compared with one skill after another
def log_odds(plain_text: str) -> float:
    """Of being talk, as the one that ships has it."""
    return _shipped()(plain_text)


class Doubt:
    """How much less likely a call is for what a sentence sounds like."""

    def __init__(self, model: Path, note: str) -> None:
        """`note`: that of the skill model in `model`. Raises MissingPiece."""
        try:
            self._shift = Shift(**json.loads(note))
        except (ValueError, TypeError) as error:
            raise MissingPiece(
                f"{model.name} says of itself what no version of Hark wrote; see: hark models"
            ) from error
        self._overheard = Overheard.read(model.with_name(OVERHEARD))

    def __call__(self, plain_text: str) -> float:
        """What is added to the log odds of `none()`, in nats."""
        return self._shift(self._overheard(plain_text))
