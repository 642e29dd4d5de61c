"""Near-duplicates are found, however many texts there are."""

from __future__ import annotations

import random

from rapidfuzz import fuzz

from finetune.data.near import FEW, LIKENESS, Block

WORDS = (
    "lamp",
    "kitchen",
    "timer",
    "basil",
    "water",
    "coffee",
    "garden",
    "morning",
    "music",
    "window",
    "radio",
    "pasta",
)


def some_sentences(count: int, seed: int = 1) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(chance.choice(WORDS) + chance.choice("abcdefgh") for _ in range(7)) for _ in range(count)]


def test_a_letter_is_no_difference_and_another_wish_is_one() -> None:
    """A misspelling is near its sentence; a sentence with another word for a thing is not."""
    block = Block(["turn on the kitchen light"])
    assert block.near("turn on the kitchen lights") == ["turn on the kitchen light"]
    assert block.near("turn on the bedroom heater") == []
    assert Block().near("anything") == []


def test_the_index_finds_what_comparing_all_finds() -> None:
    """Among hundreds of texts, at least 95 % of the near pairs that comparing every pair finds are found."""
    texts, chance = some_sentences(600), random.Random(2)
    block = Block(texts)
    assert len(block) > FEW
    wanted = found = 0
    for text in texts:
        at = chance.randrange(len(text))
        changed = text[:at] + text[at + 1 :]
        right = {one for one in texts if fuzz.ratio(changed, one) >= LIKENESS}
        got = set(block.near(changed))
        assert got <= right
        wanted, found = wanted + len(right), found + len(got)
    assert wanted >= 600
    assert found / wanted >= 0.95
