"""What a rule makes of one sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Found:
    """A call read from a sentence."""

    skill: str
    words: Mapping[str, str] = field(default_factory=dict)
    known: bool = True
    """False: the skill is sure, the arguments are not."""


Slots = Mapping[str, str]
"""What the source's annotators marked: slot -> words, already in plain form."""

Rule = Callable[[str, Slots], Found | None]
"""Reads a plain text; None where the label does not say enough."""


def call(skill: str, known: bool = True, /, **words: str) -> Found:
    """A call with those of its arguments that were found; an unsure one carries no arguments at all."""
    return Found(skill, {name: said for name, said in words.items() if said} if known else {}, known)


def word_set(text: str) -> frozenset[str]:
    """A set of words, written as a line of them."""
    return frozenset(text.split())


NONE = Found("none")


def fixed(skill: str) -> Rule:
    """The rule of a label that is one call without arguments."""
    return lambda _text, _slots: Found(skill)
