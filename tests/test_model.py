from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from kitchen import KITCHEN, TRAINED, doll

from assistant.gguf_llama import LlamaFile, LlamaShape, byte_vocabulary, random_tensors, write_llama
from assistant.grammar import head_grammar, tail_grammar
from assistant.model import Model
from assistant.prompt import chunks, read_call
from assistant.skill import MissingPiece
from assistant.worker import Job
from assistant.writer import Writer


def test_whatever_the_weights_the_call_is_one_of_ours() -> None:
    """Even a model of random weights can write nothing but a call over the words that were said."""
    writer = Writer(Job(doll(), KITCHEN, shipped=True))
    text = "switch on the lamp in five minutes"
    best = read_call(writer.write(text, [])[0].call)
    assert best.skill in {one.name for one in TRAINED}
    for words in best.words.values():
        assert words in text


def test_a_two_way_prompt_differs_from_a_causal_one() -> None:
    """Reading in both directions is real: the same weights give other numbers than reading forward only."""
    both, forward = Model(doll(True)), Model(doll(False))
    ids = both.tokenize("<s> set a timer<call>", special=True)
    assert both.two_way and not forward.two_way
    assert not np.allclose(both.read_prompt(ids), forward.read_prompt(ids), atol=1e-4)


def test_a_call_leaves_nothing_behind() -> None:
    """The same words give the same answer whatever was said in between."""
    writer = Writer(Job(doll(), KITCHEN, shipped=True))
    before = writer.write("set a timer for five minutes", [])
    for other in ("play some music", "switch off everything in the whole house right now", "x"):
        writer.write(other, [])
    assert writer.write("set a timer for five minutes", []) == before


def test_a_kept_prefix_changes_nothing_but_the_time(tmp_path: Path) -> None:
    """A prompt prefix comes back from memory and from disk, and the numbers are the same."""
    first = Model(doll(False))
    prefix, rest = first.tokenize("one two three four five"), first.tokenize(" six seven")
    plain = first.read_prompt([*prefix, *rest])
    assert first.keep_prefix(prefix, tmp_path) is False
    kept = first.read_prompt(rest)
    assert first.keep_prefix(prefix, tmp_path) is True
    second = Model(doll(False))
    assert second.keep_prefix(prefix, tmp_path) is True
    np.testing.assert_allclose(kept, plain, atol=1e-3)
    np.testing.assert_allclose(second.read_prompt(rest), plain, atol=1e-3)


def test_a_damaged_prefix_file_is_made_again(tmp_path: Path) -> None:
    """What was cut off on disk is evaluated anew."""
    first = Model(doll(False))
    prefix = first.tokenize("one two three four five")
    first.keep_prefix(prefix, tmp_path)
    (saved,) = tmp_path.glob("*.prefix")
    saved.write_bytes(saved.read_bytes()[:100])
    second = Model(doll(False))
    assert second.keep_prefix(prefix, tmp_path) is False
    assert Model(doll(False)).keep_prefix(prefix, tmp_path) is True


def test_a_larger_model_reads_the_list_of_skills() -> None:
    """Any GGUF writes calls of every skill, the untrained one among them, from a prompt that lists them."""
    writer = Writer(Job(doll(False), KITCHEN, shipped=False))
    best = read_call(writer.write("brew a large latte", [("brew tea", "brew(drink= tea)")])[0].call)
    assert best.skill in {one.name for one in KITCHEN}


def test_forced_tokens_are_not_asked_for() -> None:
    """Where the grammar leaves one way no choice is made: a skill without arguments costs one choice at most."""
    model = Model(doll())
    logits = model.read_prompt(model.tokenize("<s> hello<call>", special=True))
    head = model.matcher(head_grammar(["none"]))
    walk = model.write(logits, head, lambda _: model.matcher(tail_grammar(TRAINED[-1], chunks("hello"))))
    assert walk.text == "none()" and walk.finished and walk.probability == pytest.approx(1.0)


def test_probabilities_are_shares_of_what_was_allowed() -> None:
    """At each choice the probability taken and the others add up to at most one."""
    model = Model(doll())
    logits = model.read_prompt(model.tokenize("<s> hello<call>", special=True))
    walk = model.write(logits, model.matcher(head_grammar(one.name for one in TRAINED)))
    assert walk.choices
    for choice in walk.choices:
        assert 0 < choice.probability <= 1
        assert choice.probability + sum(share for _, share in choice.others) <= 1 + 1e-9
        assert all(choice.probability >= share for _, share in choice.others)


@pytest.mark.parametrize("content", [b"", b"GG", b"not a model at all", b"GGUF", b"GGUF" + bytes(60)])
def test_foreign_files_are_one_sentence(tmp_path: Path, content: bytes) -> None:
    """A file that is no model is refused by name, never by a crash."""
    path = tmp_path / "model.gguf"
    path.write_bytes(content)
    with pytest.raises(MissingPiece, match=r"model\.gguf"):
        Model(path)


def test_a_truncated_model_is_one_sentence(tmp_path: Path) -> None:
    """Half a model is refused."""
    path = tmp_path / "half.gguf"
    whole = doll().read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MissingPiece, match=r"half\.gguf"):
        Model(path)


def test_a_token_is_read_together_with_its_mark() -> None:
    """Without marks reading by embeddings is reading by tokens; with one, the mark's embedding is added."""
    model = Model(doll())
    ids = model.tokenize("<s> brew tea<call>", special=True)
    plain_logits = model.read_prompt(ids)
    assert abs(model.read_marked(ids, [-1] * len(ids)) - plain_logits).max() < 1e-3
    (mark,) = model.tokenize("<3>")
    marked = model.read_marked(ids, [-1, *[mark] * (len(ids) - 2), -1])
    assert abs(marked - plain_logits).max() > 1e-2
    assert abs(model.read_prompt(ids) - plain_logits).max() < 1e-4


def test_a_model_without_marks_is_no_skill_model(tmp_path: Path) -> None:
    """A skill model of another time, which could not point, is refused with one sentence."""
    shape = LlamaShape(width=32, layers=1, heads=2, feed_forward=64)
    words = byte_vocabulary([f"{one.name}(" for one in TRAINED])
    path = tmp_path / "old.gguf"
    notes = {"skills": json.dumps([one.name for one in TRAINED])}
    write_llama(path, LlamaFile(shape, words, notes), random_tensors(shape, len(words.tokens), seed=1), q8=True)
    with pytest.raises(MissingPiece, match="not a skill model of this version"):
        Writer(Job(path, KITCHEN, shipped=True))
