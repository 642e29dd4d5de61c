"""Disfluencies: people repeat a word, stop to think, begin again, and correct themselves.

`finetune.disturb` adds politeness and loses, doubles or mishears a word; this is what it has not.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from finetune.disturb import Part, words_between

SHARE = 0.12
"""Of the sentences that falter at all."""
_THINKING = ("um", "uh", "er", "hmm", "like", "let me think", "you know", "what was it")
_SORRY = ("no", "no wait", "sorry", "uh no", "i mean", "wait no", "make that", "actually", "or rather")


def falter(parts: Sequence[Part], chance: random.Random, others: Sequence[str] = ()) -> tuple[Part, ...]:
    """The sentence as somebody unsure says it, now and then; arguments keep their words.

    Args:
        others: words that might have been said first for the last argument ("five minutes no ten minutes").
    """
    if chance.random() >= SHARE:
        return tuple(parts)
    kind = chance.random()
    if kind < 0.3 and others:
        return _corrected(parts, chance.choice(others), chance)
    if kind < 0.65:
        return _thinking(parts, chance)
    return _begun_again(parts, chance)


def _corrected(parts: Sequence[Part], wrong: str, chance: random.Random) -> tuple[Part, ...]:
    """A wrong word before an open argument, taken back at once; what was taken back is no part of the call."""
    places = [at for at, part in enumerate(parts) if part.argument and not part.choice and part.text != wrong]
    if not places:
        return tuple(parts)
    at = chance.choice(places)
    return (*parts[:at], Part(f"{wrong} {chance.choice(_SORRY)} "), *parts[at:])


def _thinking(parts: Sequence[Part], chance: random.Random) -> tuple[Part, ...]:
    """A pause that is heard, before some word that is no argument's."""
    places = [(at, match.start()) for at, match in words_between(parts)]
    places += [(at, 0) for at, part in enumerate(parts) if part.argument]
    if not places:
        return tuple(parts)
    at, start = chance.choice(places)
    sound = chance.choice(_THINKING)
    if parts[at].argument:
        return (*parts[:at], Part(f"{sound} "), *parts[at:])
    text = parts[at].text
    return (*parts[:at], replace(parts[at], text=f"{text[:start]}{sound} {text[start:]}"), *parts[at + 1 :])


def _begun_again(parts: Sequence[Part], chance: random.Random) -> tuple[Part, ...]:
    """The first words twice: "set a set a timer"."""
    if not parts or parts[0].argument:
        return tuple(parts)
    words = parts[0].text.split()
    if not words:
        return tuple(parts)
    again = " ".join(words[: chance.randrange(1, min(3, len(words)) + 1)])
    return (replace(parts[0], text=f"{again} {parts[0].text.lstrip()}"), *parts[1:])
