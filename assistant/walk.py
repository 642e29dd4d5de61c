"""Walking a grammar over a language model: forced tokens are appended, and only real choices are put to the model.

Where somebody has a *guess* at what follows, its tokens are evaluated together with those that are due, in one batch;
where the model chooses otherwise, the rest of the guess is dropped. So what comes out is what would have been written
without it, and a right guess costs one pass over the weights instead of one for every word (speculative decoding,
Leviathan et al. 2023, greedy and without a second model).

Plain code: the native libraries stay behind `Reader` and `Matcher`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

MAX_CALL_TOKENS = 160
"""A call longer than this is cut off: no sentence needs it."""
MAX_CHOICES = 64
MAX_GUESSED_TOKENS = 48
"""No more is evaluated on the strength of a guess."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One point where the grammar left more than one way."""

    probability: float
    """Of what was taken, among what the grammar allowed."""
    taken: int
    others: tuple[tuple[int, float], ...] = ()
    """The next best tokens and their probabilities, best first."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What the model wrote."""

    text: str
    choices: tuple[Choice, ...]
    head_choices: int
    """How many of the choices spelled what came before `then` was asked."""
    finished: bool

    @property
    def probability(self) -> float:
        """The product over all choices: how sure the model is of the whole text."""
        return math.prod(choice.probability for choice in self.choices)

    @property
    def head_probability(self) -> float:
        """The product over the choices of the head: how sure it is of the skill."""
        return math.prod(choice.probability for choice in self.choices[: self.head_choices])


class Matcher(Protocol):
    """A compiled grammar and how far it has been followed; llguidance's LLMatcher."""

    def deep_copy(self) -> Matcher:
        """Another one at the same place."""

    def compute_ff_tokens(self) -> list[int]:
        """The tokens that must come next."""

    def consume_tokens(self, tokens: list[int]) -> bool:
        """Go on by these; False where they are not allowed."""

    def is_stopped(self) -> bool:
        """Nothing can follow."""

    def is_accepting(self) -> bool:
        """It may end here."""

    def unsafe_compute_mask_ptr(self, address: int, size_bytes: int) -> None:
        """Write the bit mask of the tokens that may come next."""


class Reader(Protocol):
    """The model as a walk needs it: a prompt, and the text written after it so far."""

    size: int
    """How many tokens there are."""

    def evaluate(self, ids: Sequence[int], rows: Sequence[int]) -> NDArray[np.float32]:
        """Read on by `ids`; the logits after ids[row] for each row, shape (len(rows), size)."""

    def keep(self, count: int) -> bool:
        """Forget what was written but for its first `count` tokens; False where the model cannot."""

    def tokenize(self, text: str) -> list[int]:
        """Token ids of a text."""

    def text(self, ids: Sequence[int]) -> str:
        """Tokens as text."""

    def adjusted(self, written: Sequence[int], logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """The logits as they count: those given, unless somebody steers the model."""


Then = Callable[[str], Matcher]
"""Given what the first grammar led to, the matcher of what follows (the arguments of the skill that was picked)."""
Guess = Callable[[str], str]
"""Given what is written so far, what may follow; "" where one cannot say."""


@dataclass(slots=True)
class _Place:
    """How far a walk has come: in the grammar, and in the text."""

    matcher: Matcher
    in_head: bool
    written: list[int] = field(default_factory=list)

    def append(self, tokens: Sequence[int]) -> None:
        if tokens and not self.matcher.consume_tokens(list(tokens)):
            raise RuntimeError("the grammar refused its own tokens")  # its own account would quote what was said
        self.written += tokens

    def copy(self) -> _Place:
        return _Place(self.matcher.deep_copy(), self.in_head, list(self.written))


class Walker:
    """One walk. Raises RuntimeError where the model cannot be evaluated."""

    def __init__(self, reader: Reader, then: Then | None, guess: Guess | None = None) -> None:
        self._reader, self._then, self._guess = reader, then, guess
        self._tails: dict[str, Matcher] = {}
        self._mask = np.zeros((reader.size + 31) // 32, dtype=np.int32)
        self._read: list[int] = []
        self._rows: dict[int, NDArray[np.float32]] = {}
        self._due: list[int] = []

    def walk(self, matcher: Matcher, ready: NDArray[np.float32] | Sequence[int]) -> Walk:
        """Write greedily.

        Args:
            ready: the logits after the prompt, shape (size,), or the tokens of the prompt that are still to be read.
        """
        if isinstance(ready, np.ndarray):
            self._rows[0] = ready
        else:
            self._due = list(ready)
        now, choices, head_choices = _Place(matcher, self._then is not None), list[Choice](), 0
        going = True
        while going and len(now.written) < MAX_CALL_TOKENS and len(choices) < MAX_CHOICES:
            was_head = now.in_head
            going = self._to_choice(now)
            if was_head and not now.in_head:
                head_choices = len(choices)
            if going:
                choices.append(self._choose(self._logits(now), now))
                now.append([choices[-1].taken])
        return Walk(self._reader.text(now.written), tuple(choices), head_choices, finished=not going)

    def _go_on(self, now: _Place) -> bool:
        """Append what is forced, and cross into what follows the head; True at the end of the text."""
        while True:
            now.append(now.matcher.compute_ff_tokens())
            if not (now.matcher.is_stopped() or now.matcher.is_accepting()):
                return False
            if not now.in_head or self._then is None:
                return True
            head = self._reader.text(now.written)
            if head not in self._tails:
                self._tails[head] = self._then(head)
            now.matcher, now.in_head = self._tails[head].deep_copy(), False

    def _only_way(self, now: _Place) -> int | None:
        """The single token allowed here, or None; leaves the mask in `self._mask`."""
        now.matcher.unsafe_compute_mask_ptr(self._mask.ctypes.data, self._mask.nbytes)
        filled = np.flatnonzero(self._mask)
        if len(filled) == 1:
            word = int(self._mask[filled[0]]) & 0xFFFFFFFF
            if word & (word - 1) == 0:
                return int(filled[0]) * 32 + word.bit_length() - 1
        return None

    def _choose(self, logits: NDArray[np.float32], now: _Place) -> Choice:
        """The best of what the mask allows."""
        logits = self._reader.adjusted(now.written, logits)
        allowed = np.flatnonzero(np.unpackbits(self._mask.view(np.uint8), bitorder="little")[: self._reader.size])
        scores = logits[allowed].astype(np.float64)
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        best = np.argsort(shares)[::-1][:4]
        others = tuple((int(allowed[at]), float(shares[at])) for at in best[1:])
        return Choice(float(shares[best[0]]), int(allowed[best[0]]), others)

    # --- evaluating, and guessing ahead ------------------------------------------------------------------------------

    def _logits(self, now: _Place) -> NDArray[np.float32]:
        """The logits after what is written, shape (size,); leaves the mask of this place in `self._mask`."""
        count = len(now.written)
        shared = _shared(self._read, now.written)
        if shared == count and count in self._rows:
            return self._rows[count]
        if shared < len(self._read) and not self._reader.keep(shared):
            raise RuntimeError("the model cannot take back what was guessed")
        mask = self._mask.copy()
        tokens, choices = self._ahead(now)
        self._mask = mask
        first = len(self._due) - shared - 1
        rows = self._reader.evaluate([*self._due, *tokens[shared:]], [first + at for at in choices])
        self._rows = dict(zip(choices, rows, strict=True))
        self._read, self._due = tokens, []
        return self._rows[count]

    def _ahead(self, now: _Place) -> tuple[list[int], list[int]]:
        """What is written and what a guess adds, up to the last place where the model will be asked.

        Returns:
            the tokens; the places where there is a choice, as numbers of tokens before them, this one first.
        """
        path, choices = now.copy(), [len(now.written)]
        if self._guess is not None:
            so_far = self._reader.text(now.written)
            guessed = so_far + self._guess(so_far)
            while len(path.written) < min(len(now.written) + MAX_GUESSED_TOKENS, MAX_CALL_TOKENS):
                token = self._guessed(path, guessed)
                if token is None:
                    break
                path.append([token])
                if not self._to_choice(path):
                    break
                choices.append(len(path.written))
        return path.written[: choices[-1]], choices

    def _guessed(self, path: _Place, guessed: str) -> int | None:
        """The next token of the guessed text; None where the path has left it, or the grammar does not allow it."""
        text = self._reader.text(path.written)
        rest = guessed[len(text) :] if guessed.startswith(text) else ""
        token = self._reader.tokenize(rest)[0] if rest else -1
        return token if token >= 0 and int(self._mask[token // 32]) >> token % 32 & 1 else None

    def _to_choice(self, path: _Place) -> bool:
        """Go on by what is forced; False where the text ends before the next choice, whose mask is left else."""
        while not self._go_on(path):
            only = self._only_way(path)
            if only is None:
                return True
            path.append([only])
        return False


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """How many tokens two texts begin with alike."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))
