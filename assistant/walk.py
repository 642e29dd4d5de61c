"""What a model wrote under a grammar, and how sure it was at each choice: plain values, without the native library."""

from __future__ import annotations

import math
from dataclasses import dataclass


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
