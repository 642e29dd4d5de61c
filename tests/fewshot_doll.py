"""A doll-sized few-shot network with random weights, for tests that want numbers and no sense."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.fewshot import Network, packed
from assistant.shown import FIRST, GRAMS, ROLES, SIGNS

Array = NDArray[np.float32]
WIDTH, HEADS, FEED, LAYERS, CROSSED, LONGEST, DIRECTION = 16, 2, 24, 2, 1, 32, 64
WORDS = ("the", "feed", "dog", "cat", "open", "blinds", "please", "at", "six")


def shapes() -> dict[str, tuple[int, ...]]:
    """Every weight's name and shape, as training writes them."""
    d = WIDTH
    found: dict[str, tuple[int, ...]] = {
        "word.weight": (FIRST + 1 + len(WORDS), d),
        "gram.weight": (GRAMS + 1, d),
        "place.weight": (LONGEST, d),
        "role.weight": (len(ROLES), d),
        "sign.weight": (SIGNS + 1, d),
        "memory_norm.weight": (d,),
        "final_norm.weight": (d,),
        **{f"{name}.weight": (d, d) for name in ("slot_own", "slot_name", "tag", "begin", "end")},
        "no_tag.weight": (1, d),
        "no_tag.bias": (1,),
        "middle.weight": (DIRECTION, d),
        "head.weight": (64, d + 3),
        "head.bias": (64,),
        "match.weight": (1, 64),
        "match.bias": (1,),
    }
    for layer in range(LAYERS):
        found |= _attention(f"encoder.{layer}.0") | _feed(f"encoder.{layer}.1")
    for layer in range(CROSSED):
        found |= _attention(f"crossed.{layer}.0") | _attention(f"crossed.{layer}.1") | _feed(f"crossed.{layer}.2")
    return found


def _attention(part: str) -> dict[str, tuple[int, ...]]:
    d = WIDTH
    whole = {"norm": (d,), "q": (d, d), "kv": (2 * d, d), "out": (d, d)}
    return {f"{part}.{name}.weight": shape for name, shape in whole.items()}


def _feed(part: str) -> dict[str, tuple[int, ...]]:
    return {f"{part}.norm.weight": (WIDTH,), f"{part}.up.weight": (FEED, WIDTH), f"{part}.down.weight": (WIDTH, FEED)}


def weights(seed: int = 0) -> dict[str, Array]:
    """Random ones, large enough that whatever is read changes what comes out."""
    chance = np.random.default_rng(seed)
    return {name: chance.normal(0, 0.4, shape).astype(np.float32) for name, shape in shapes().items()}


def doll(seed: int = 0) -> Network:
    """A network of random weights."""
    return Network(packed(weights(seed)), WORDS, HEADS)


def write(path: Path, made: Mapping[str, Array] | None = None, known: Iterable[str] = WORDS) -> Path:
    """The file of a doll."""
    note = json.dumps({"heads": HEADS})
    np.savez_compressed(path, note=note, words="\n".join(known), **packed(made or weights()))  # type: ignore[arg-type]
    return path
