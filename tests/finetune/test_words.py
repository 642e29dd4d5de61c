"""Making the word model: what it may learn from, that its chances are chances, and that its reader reads them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from assistant.ngram import EDGE, SPECIAL, START, STEP, UNKNOWN, WordModel
from evals.sets.kept import group_key
from finetune.listening import words
from finetune.listening.sentences import held_out

pytestmark = pytest.mark.train

SENTENCES = [
    "turn on the lamp", "turn on the lights", "turn off the lamp", "play some jazz", "play some music please",
    "turn the lamp off", "what time is it", "is it raining", "turn on the radio", "play the radio",
]  # fmt: skip


@pytest.fixture
def model(tmp_path: Path) -> WordModel:
    words.write(SENTENCES, tmp_path / "words.npz", {"words": 0.25, "each": 1.5}, least_gain=0.0)
    return WordModel(tmp_path / "words.npz")


def test_chances_add_up_to_one(model: WordModel) -> None:
    """After any context, seen or not, the chances of all words together are one, to the rounding of the bytes."""
    number = {word: at for at, word in enumerate(model.words)}
    for said in ([], ["turn"], ["turn", "on"], ["the", "lamp"], ["radio", "jazz"], ["play", "some"]):
        context = [START, *(number[word] for word in said)][-2:]
        total = sum(math.exp(model._after(context, word)) for word in range(1, len(model.words)))
        assert total == pytest.approx(1.0, abs=0.04), said


def test_what_was_said_often_is_likelier(model: WordModel) -> None:
    """A word is likelier where it was seen, a sentence that was said likelier than its words in another order."""
    assert model.each(["turn", "on", "the"])[2] > model.each(["play", "on", "the"])[2] > -STEP * 255
    assert model.log_probability(["turn", "on", "the", "lamp"]) > model.log_probability(["lamp", "the", "on", "turn"])
    assert model.settings == {"words": 0.25, "each": 1.5}
    assert not model.knows("lampe") and model.words[: len(SPECIAL)] == SPECIAL


def test_what_gains_little_is_left_out(tmp_path: Path) -> None:
    """Long runs that hardly help are not kept, and the chances still add up to one."""
    words.write(SENTENCES * 3, tmp_path / "all.npz", {}, least_gain=-9.0)
    words.write(SENTENCES * 3, tmp_path / "few.npz", {}, least_gain=1.5)
    whole, thin = WordModel(tmp_path / "all.npz"), WordModel(tmp_path / "few.npz")
    assert 0 < len(thin._chances[2]) < len(whole._chances[2])
    context = [thin.words.index("turn"), thin.words.index("on")]
    total = sum(math.exp(thin._after(context, word)) for word in range(1, len(thin.words)))
    assert total == pytest.approx(1.0, abs=0.04)


def test_spelling_adds_up_to_one_and_likes_what_it_saw() -> None:
    """After any three letters the letters' chances are one, and known endings are likelier than others."""
    table = np.exp(-STEP * words.spelling(["lamp", "damp", "stamp"]).astype(float))
    assert np.allclose(table.sum(axis=-1), 1.0, atol=0.06)
    a, m, p, q = (ord(letter) - ord("a") for letter in "ampq")
    assert table[EDGE, a, m, p] > table[EDGE, a, m, q] > 0
    assert table[a, m, p, EDGE] > 0.3


def test_held_out_sentences_are_never_learned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a held-out sentence nor the same one with politeness or other numbers is among the texts."""
    places = "abcdefghijklmnopqrstuvwxyz"
    told = [(f"polish {number} {place}{place} quietly", 1.0) for number in ("six", "seven") for place in places]
    monkeypatch.setattr(words, "human", lambda _: iter(told))
    monkeypatch.setattr(words, "GRAMMAR_SENTENCES", 200)
    found = words.texts(tmp_path, seed=1)
    kept_back = {text for text, _ in told if held_out(text)}
    assert kept_back and found and not any(held_out(text) for text in found)
    keys = {group_key(text) for text in kept_back}
    assert not any(group_key(text) in keys for text, _ in told if text in found)


def test_a_word_too_long_to_be_one_is_unknown(tmp_path: Path) -> None:
    """A run of letters that nobody says gets no number; the sentence counts all the same."""
    words.write([*SENTENCES, "turn on the " + "a" * 40], tmp_path / "words.npz", {}, least_gain=0.0)
    model = WordModel(tmp_path / "words.npz")
    assert not model.knows("a" * 40)
    assert model._chances[0][UNKNOWN] < 255
