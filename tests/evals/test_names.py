"""The eval of the household's names counts what they gain and what they cost."""

from __future__ import annotations

from evals.names import NAMES, Pair, gain, sentences


def test_gains_changes_and_losses_are_counted_apart() -> None:
    """A name heard only once it is known is a gain; a changed sentence without one and a lost word are counted."""
    pairs = [
        Pair("play gnocchi", "gnocchi", "play nyoki", "play gnocchi"),
        Pair("turn on the larder", "larder", "turn on the larder", "turn on the larder"),
        Pair("is the larder on", "larder", "is the ladder on", "is the ladder on"),
        Pair("what time is it", "", "what time is it", "what time is larder"),
        Pair("stop", "", "stop", ""),
    ]
    found = gain(pairs)
    assert (found.unknown.right, found.known.right, found.known.n) == (1, 2, 3)
    assert (found.changed.right, found.changed.n) == (2, 2)
    assert (found.swallowed.right, found.swallowed.n) == (1, 5)


def test_one_word_fewer_is_no_loss() -> None:
    """A name that joins two words ("side board") swallows nothing; two words fewer do."""
    joined = Pair("side board lamp", "sideboard lamp", "side board lamp", "sideboard lamp")
    cut = Pair("turn on the lamp", "", "turn on the lamp", "turn on")
    assert (gain([joined, cut]).swallowed.right, gain([joined, cut]).known.right) == (1, 1)


def test_sentences_without_a_name_hold_none() -> None:
    """Half of what is said has a name in it, and the other half not one word of any."""
    words = {word for name in NAMES for word in name.lower().split()}
    chosen = list(sentences())
    without = [text for text, name in chosen if not name]
    assert len(without) >= 30 and len(chosen) - len(without) == 2 * len(NAMES)
    assert not any(words & set(text.split()) for text in without)
    assert all(name in text for text, name in chosen if name)
