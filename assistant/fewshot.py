"""A small network that reads a skill's examples beside a sentence: is the sentence for that skill, and which words are
its arguments? It was taught on thousands of other skills (Matching Networks, Vinyals et al. 2016), so that ten examples
of a new one are enough; which skill it is it cannot know, it never learned any.

The sentence and the examples pass the same encoder; then the sentence's words look at those of all examples
(cross-attention). One number comes out for the match, and for every word whose it is.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.overheard import DAMAGED
from assistant.shown import FIRST, NAMED, PLACES, ROLE, SIGNS, UNKNOWN, Line, Shown, Slot, asked, grams, spelt
from assistant.skill import MissingPiece

Array = NDArray[np.float32]
WORDS, LETTERS = "word.weight", "gram.weight"
"""Tables of which a sentence needs a few rows."""
SMALL = 4096
"""Numbers of a matrix that is not worth packing."""
GROUP = 64
"""At most so many numbers of a row in four bits share a scale."""
CLIPPED = (1.0, 0.9, 0.8, 0.7, 0.6)
"""Shares of a group's largest number that its scale may reach to; what is larger is cut off."""
REMEMBERED = 2000
"""Words whose vectors are kept."""
FORBIDDEN = -1e4
"""Added to the attention that goes to no word."""
TRIAL = Shown((Line(("a",), (ROLE["outside"],), (-1,)),), (Slot("a", "", ROLE["text"], ("a",)),))
"""A skill on which a file is tried."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the network says of a sentence beside one skill."""

    match: float
    """Log odds that it is for the skill."""
    begins: Array
    """Log probabilities over places: (slots, words + 1), the first for nowhere."""
    ends: Array
    tags: Array
    """Log probabilities of each word's slot: (words, 1 + slots), the first for none."""

    @property
    def surely(self) -> float:
        """How probable the likeliest slots of all words are together, 0..1."""
        return float(np.exp(self.tags.max(1).sum()))


@dataclass(frozen=True, slots=True)
class Memory:
    """A skill as the network remembers it."""

    slots: tuple[Slot, ...]
    seen: tuple[tuple[Array, Array], ...]
    """Keys and values of all its examples' words for each crossed layer: (heads, words, width of a head)."""
    pointed: Array
    """(slots, width)."""
    heads: Array
    """Each example as one direction: (examples, n), of length 1."""
    middle: Array
    """Theirs together: (n,), of length 1."""


class _Table:
    """Rows of numbers, packed as long as nobody reads them."""

    def __init__(self, file: Mapping[str, NDArray[np.generic]], name: str) -> None:
        self._rows, self._scale = file[name], file[f"{name}/scale"]

    def __getitem__(self, at: int | list[int]) -> Array:
        return _scaled(self._rows[at], self._scale[at])


class Network:
    """The weights, and what is computed with them; `finetune.fewshot.network` is the same in torch."""

    def __init__(self, file: Mapping[str, NDArray[np.generic]], words: Sequence[str], heads: int) -> None:
        """`file`: what `packed` made of the weights."""
        self._words, self._grams = _Table(file, WORDS), _Table(file, LETTERS)
        self._w = {n: unpacked(file, n) for n in file if n not in (WORDS, LETTERS) and not n.endswith("/scale")}
        self._heads = heads
        self._at = {word: at for at, word in enumerate(words, FIRST + 1)}
        self._vectors: dict[str, Array] = {}
        self._layers = 1 + max(int(name.split(".")[1]) for name in self._w if name.startswith("encoder."))
        self._crossed = 1 + max(int(name.split(".")[1]) for name in self._w if name.startswith("crossed."))

    @staticmethod
    def read(path: Path) -> Network:
        """From a file that `finetune.fewshot` wrote. Raises MissingPiece."""
        try:
            with np.load(path, allow_pickle=False) as found:
                note = json.loads(str(found["note"]))
                weights = {name: found[name] for name in found.files if name not in ("note", "words")}
                words = str(found["words"]).split("\n")
            if not all(np.isfinite(value).all() for value in weights.values()):
                raise ValueError("its weights are no weights")
            network = Network(weights, words, int(note["heads"]))
            # A weight that is missing or of another shape is known now, and not in the middle of a turn.
            network.compare(network.encode(TRIAL.lines[0].words), [network.remember(TRIAL)])
            return network
        except DAMAGED as error:
            raise MissingPiece(f"{path.name} is missing or damaged; install Hark again") from error

    def remember(self, skill: Shown) -> Memory:
        """Read a skill's lines."""
        lines = [one for one in skill.lines if one.words]
        there = np.arange(1 + max(len(one.words) for one in lines)) <= np.array([[len(one.words)] for one in lines])
        read = self._encode(lines, there)
        owner = np.full(there.shape, -1)
        for row, one in enumerate(lines):
            owner[row, 1 : len(one.slots) + 1] = one.slots
        states, owner = _normed(read, self._w["memory_norm.weight"])[there], owner[there]
        seen = []
        for at in range(self._crossed):
            key, value = np.split(states @ self._w[f"crossed.{at}.1.kv.weight"].T, 2, axis=-1)
            seen.append((self._split(key), self._split(value)))
        examples = [at for at, one in enumerate(lines) if one.roles[0] != ROLE["purpose"]] or [0]
        heads = _unit(read[examples, 0] @ self._w["middle.weight"].T)
        pointed = [self._slot(at, slot, states[owner == at]) for at, slot in enumerate(skill.slots)]
        made = np.stack(pointed) if pointed else np.zeros((0, read.shape[-1]), np.float32)
        return Memory(skill.slots, tuple(seen), made, heads, _unit(heads.sum(0)))

    def encode(self, words: Sequence[str]) -> Array:
        """A sentence that will be compared: (words + 1, width)."""
        found: Array = self._encode([asked(words)], np.ones((1, len(words) + 1), bool))[0]
        return found

    def compare(self, sentence: Array, skills: Sequence[Memory]) -> list[Answer]:
        """A sentence, as `encode` gives it, with each of some skills."""
        x = np.broadcast_to(sentence, (len(skills), *sentence.shape))
        longest = max(one.seen[0][0].shape[1] for one in skills)
        beyond = np.arange(longest) >= np.array([[one.seen[0][0].shape[1]] for one in skills])
        hidden = np.where(beyond, FORBIDDEN, 0).astype(np.float32)[:, None, None, :]
        for at in range(self._crossed):
            seen = (
                _stacked([one.seen[at][0] for one in skills], longest),
                _stacked([one.seen[at][1] for one in skills], longest),
            )
            x = self._attend(x, f"crossed.{at}.0", None)
            x = self._attend(x, f"crossed.{at}.1", seen, hidden)
            x = self._feed(x, f"crossed.{at}.2")
        x = _normed(x, self._w["final_norm.weight"])
        direction = _unit(sentence[0] @ self._w["middle.weight"].T)
        return [self._answer(one, direction, skill) for one, skill in zip(x, skills, strict=True)]

    def _answer(self, x: Array, direction: Array, skill: Memory) -> Answer:
        each = np.sort(skill.heads @ direction)[::-1]
        numbers = np.array([direction @ skill.middle, each[0], each[:3].mean()], np.float32)
        hidden = self._w["head.weight"] @ np.concatenate([x[0], numbers]) + self._w["head.bias"]
        match = self._w["match.weight"] @ np.maximum(hidden, 0) + self._w["match.bias"]
        scale = x.shape[-1] ** -0.5
        begins, ends, tags = (
            skill.pointed @ (x @ self._w[f"{side}.weight"].T).T * scale for side in ("begin", "end", "tag")
        )
        no_tag = x @ self._w["no_tag.weight"].T + self._w["no_tag.bias"]
        whose = _log_softmax(np.concatenate([no_tag, tags.T], -1))[1:]
        return Answer(float(match[0]), _log_softmax(begins), _log_softmax(ends), whose)

    def _vector(self, word: str) -> Array:
        """What the network reads for a word."""
        if word not in self._vectors:
            if len(self._vectors) >= REMEMBERED:
                self._vectors.clear()
            said = spelt(word)
            letters = self._grams[list(grams(said))].mean(0)
            self._vectors[word] = self._words[self._at.get(said, UNKNOWN)] + letters
        found: Array = self._vectors[word]
        return found

    def _slot(self, at: int, slot: Slot, own: Array) -> Array:
        width = self._w["role.weight"].shape[1]
        mean = own.mean(0) if len(own) else np.zeros(width, np.float32)
        name = [self._vector(word) for word in slot.name[:NAMED]]
        named = np.mean(name, axis=0) if name else np.zeros(width, np.float32)
        known = self._w["role.weight"][slot.role] + self._w["sign.weight"][_sign(at)]
        found: Array = self._w["slot_own.weight"] @ mean + self._w["slot_name.weight"] @ named + known
        return found

    def _encode(self, lines: Sequence[Line], there: NDArray[np.bool_]) -> Array:
        """Lines of one kind, filled up to (lines, places); `there` is False beyond a line's end."""
        first = ROLE["asked"] if lines[0].roles and lines[0].roles[0] == ROLE["asked"] else ROLE["outside"]
        x = np.zeros((*there.shape, self._w["place.weight"].shape[1]), np.float32)
        for row, one in enumerate(lines):
            read = np.stack([self._words[FIRST], *map(self._vector, one.words)])
            places = np.minimum(np.arange(len(read)), PLACES - 1)
            read += self._w["place.weight"][places] + self._w["role.weight"][[first, *one.roles]]
            if first != ROLE["asked"]:
                read += self._w["sign.weight"][[0, *map(_sign, one.slots)]]
            x[row, : len(read)] = read
        hidden = np.where(there, 0, FORBIDDEN).astype(np.float32)[:, None, None, :]
        for at in range(self._layers):
            x = self._feed(self._attend(x, f"encoder.{at}.0", None, hidden), f"encoder.{at}.1")
        return x

    def _attend(self, x: Array, part: str, seen: tuple[Array, Array] | None, hidden: Array | None = None) -> Array:
        y = _normed(x, self._w[f"{part}.norm.weight"])
        if seen is None:
            key, value = np.split(y @ self._w[f"{part}.kv.weight"].T, 2, axis=-1)
            seen = self._split(key), self._split(value)
        query = self._split(y @ self._w[f"{part}.q.weight"].T)
        scores = query @ seen[0].swapaxes(-1, -2) * query.shape[-1] ** -0.5
        scores = scores if hidden is None else scores + hidden
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        mixed = scores / scores.sum(-1, keepdims=True) @ seen[1]
        found: Array = x + mixed.swapaxes(-2, -3).reshape(x.shape) @ self._w[f"{part}.out.weight"].T
        return found

    def _feed(self, x: Array, part: str) -> Array:
        up = np.maximum(_normed(x, self._w[f"{part}.norm.weight"]) @ self._w[f"{part}.up.weight"].T, 0)
        found: Array = x + up * up @ self._w[f"{part}.down.weight"].T
        return found

    def _split(self, x: Array) -> Array:
        """(..., words, width) -> (..., heads, words, width of a head)."""
        return x.reshape(*x.shape[:-1], self._heads, -1).swapaxes(-2, -3)


def _stacked(arrays: Sequence[Array], longest: int) -> Array:
    """(heads, words, n) each -> (arrays, heads, longest, n), zeros where one has fewer words."""
    heads, _, width = arrays[0].shape
    found = np.zeros((len(arrays), heads, longest, width), np.float32)
    for at, one in enumerate(arrays):
        found[at, :, : one.shape[1]] = one
    return found


def _sign(slot: int) -> int:
    return 0 if slot < 0 else 1 + slot % SIGNS


def _normed(x: Array, weight: Array) -> Array:
    found: Array = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5) * weight
    return found


def _unit(x: Array) -> Array:
    found: Array = x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-12)
    return found


def _log_softmax(x: Array) -> Array:
    x = x - x.max(-1, keepdims=True) if x.size else x
    found: Array = x - np.log(np.exp(x).sum(-1, keepdims=True))
    return found


def packed(weights: Mapping[str, Array]) -> dict[str, NDArray[np.generic]]:
    """For a file: the table of words in four bits, with a scale for each 64 numbers; other large matrices in eight,
    with a scale for each row; the rest in sixteen.
    """
    found: dict[str, NDArray[np.generic]] = {}
    for name, value in weights.items():
        if name == WORDS and value.shape[1] % 2 == 0:
            found[name], found[f"{name}/scale"] = _nibbles(value)
        elif name in (WORDS, LETTERS) or (value.ndim == 2 and value.size > SMALL):
            scale = np.abs(value).max(1, keepdims=True) / 127 + 1e-12
            found[name] = np.round(value / scale).astype(np.int8)
            found[f"{name}/scale"] = scale.astype(np.float32)
        else:
            found[name] = value.astype(np.float16)
    return found


def unpacked(file: Mapping[str, NDArray[np.generic]], name: str) -> Array:
    """A matrix that `packed` made small, as it was but for the rounding."""
    scale = file.get(f"{name}/scale")
    return file[name].astype(np.float32) if scale is None else _scaled(file[name], scale)


def _nibbles(value: Array) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    """(rows, n) -> two numbers in a byte, -8..7 each (rows, n / 2), and the scales (rows, groups) with which they are
    nearest to the value.
    """
    groups = value.reshape(len(value), -1, math.gcd(GROUP, value.shape[1]))
    largest = np.abs(groups).max(-1) / 7 + 1e-6
    scales = [(share * largest).astype(np.float16) for share in CLIPPED]
    tried = [np.clip(np.round(groups / one[..., None].astype(np.float32)), -8, 7) for one in scales]
    errors = [((one * scale[..., None] - groups) ** 2).sum(-1) for one, scale in zip(tried, scales, strict=True)]
    best = np.argmin(errors, 0)
    scale = np.choose(best, scales)
    digits = (np.choose(best[..., None], tried) + 8).astype(np.uint8).reshape(len(value), -1, 2)
    return digits[..., 0] | digits[..., 1] << 4, scale


def _scaled(rows: NDArray[np.generic], scale: NDArray[np.generic]) -> Array:
    """Rows (..., n), of bytes that hold two numbers (..., n / 2), times the scales of their groups (..., groups)."""
    if rows.dtype == np.uint8:
        pairs = rows.astype(np.int16)
        rows = np.stack([pairs % 16, pairs // 16], -1).reshape(*rows.shape[:-1], -1) - 8
    found: Array = rows.astype(np.float32).reshape(*scale.shape, -1) * scale.astype(np.float32)[..., None]
    return found.reshape(rows.shape)
