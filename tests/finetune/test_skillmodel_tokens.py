from __future__ import annotations

from pathlib import Path

import pytest
from kitchen import KITCHEN

from assistant.gguf_llama import LlamaFile, LlamaShape, Vocabulary, random_tensors, write_llama
from assistant.model import Model
from assistant.prompt import MARKS, chunks, plain
from evals.cases import Case
from finetune.skillmodel.tokens import encode, to_json, train_tokenizer

BY_NAME = {one.name: one for one in KITCHEN}
SENTENCES = [plain(example.text) for one in KITCHEN for example in one.examples] * 5


@pytest.fixture(scope="module")
def tokenizer():  # type: ignore[no-untyped-def]
    return train_tokenizer(SENTENCES, KITCHEN, 460)


def test_what_is_taught_is_the_call_and_nothing_else(tokenizer) -> None:  # type: ignore[no-untyped-def]
    """The prompt is read, the call with its end is learned, token for token."""
    case = Case("a ten minute pasta timer", "set_timer", {"duration": "ten minute", "name": "pasta"})
    row = encode(case, tokenizer, BY_NAME)
    read, taught = row.ids[: row.prompt], row.ids[row.prompt : row.taught]
    assert tokenizer.decode(read, skip_special_tokens=False) == "<s> a ten minute pasta timer<call>"
    assert tokenizer.decode(taught, skip_special_tokens=False) == "set_timer(duration=<1><2>, name=<3><3>)</s>"
    assert row.taught == len(row.ids)


def test_a_case_of_unknown_arguments_teaches_the_skill_alone(tokenizer) -> None:  # type: ignore[no-untyped-def]
    """Where only the skill is known, one token is learned: its name."""
    row = encode(Case("pasta timer", "set_timer", {}, args_known=False), tokenizer, BY_NAME)
    assert tokenizer.decode(row.ids[row.prompt : row.taught]) == "set_timer("


def test_an_argument_is_two_marks(tokenizer) -> None:  # type: ignore[no-untyped-def]
    """Pointing is one token for the first chunk and one for the last, rare words or not."""
    for words in ("ten minute", "xylophonic", "5kg", "boston"):
        row = encode(Case(f"brew {words} now", "brew", {"drink": words}), tokenizer, BY_NAME)
        pointed = [tokenizer.token_to_id(mark) for mark in (MARKS[1], MARKS[len(chunks(words))])]
        assert row.ids[-4:] == [*pointed, *tokenizer.encode(")</s>").ids]


def test_every_token_of_a_chunk_is_of_that_chunk(tokenizer) -> None:  # type: ignore[no-untyped-def]
    """However many pieces a word is cut into, they share one mark; the tokens around the transcript have none."""
    row = encode(Case("brew xylophonic 5kg", "brew", {"drink": "xylophonic"}), tokenizer, BY_NAME)
    assert row.chunk_of[0] == row.chunk_of[row.prompt - 1] == -1
    said = ["".join(tokenizer.decode([t]) for t, of in zip(row.ids, row.chunk_of, strict=False) if of == chunk)
            for chunk in range(row.chunks)]  # fmt: skip
    assert said == list(chunks("brew xylophonic 5kg"))
    assert row.chunk_of.count(1) > 1


def test_each_chunk_is_told_which_argument_it_is_of(tokenizer) -> None:  # type: ignore[no-untyped-def]
    """A tag begins an argument, goes on in it, or says that the chunk is of none."""
    case = Case("a ten minute pasta timer", "set_timer", {"duration": "ten minute", "name": "pasta"})
    row = encode(case, tokenizer, BY_NAME)
    tags = [tokenizer.id_to_token(tag) for _, tag in row.tags]
    assert tags == [")", "duration=", ", duration=", "name=", ")"]
    assert [row.chunk_of[at] for at, _ in row.tags] == [0, 1, 2, 3, 4]


def test_names_are_found_by_where_they_stand_and_nothing_else_is(tokenizer) -> None:  # type: ignore[no-untyped-def]
    """The tokens that training may swap are the timer's name, not its duration, a mark or the word around it."""
    case = Case("a ten minute pasta timer", "set_timer", {"duration": "ten minute", "name": "pasta"})
    row = encode(case, tokenizer, BY_NAME)
    assert tokenizer.decode([row.ids[at] for at in row.names]) == " pasta"
    lone = Case("play abba", "play_music", {"artist": "abba"})
    assert encode(lone, tokenizer, BY_NAME).names == ()


def test_words_that_were_not_said_are_refused(tokenizer) -> None:  # type: ignore[no-untyped-def]
    """A label that points at nothing stops the build."""
    with pytest.raises(ValueError, match="is not a run"):
        encode(Case("brew tea", "brew", {"drink": "coffee"}), tokenizer, BY_NAME)


def test_llama_cpp_reads_the_tokens_that_were_trained(tokenizer, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Tokens at run time are exactly those of training, for every example and for odd text."""
    parsed = to_json(tokenizer)
    by_id = {number: token for token, number in tokenizer.get_vocab(with_added_tokens=True).items()}
    merges = tuple(pair if isinstance(pair, str) else " ".join(pair) for pair in parsed["model"]["merges"])
    whole = frozenset(token["content"] for token in parsed["added_tokens"] if not token["special"])
    vocabulary = Vocabulary(tuple(by_id[number] for number in range(len(by_id))), merges, whole)
    shape = LlamaShape(width=32, layers=1, heads=2, feed_forward=64)
    path = tmp_path / "tokens.gguf"
    write_llama(path, LlamaFile(shape, vocabulary, {}), random_tensors(shape, len(by_id), seed=1), q8=False)
    model = Model(path)
    odd = ["it's 7:30 p.m", "5kg of ünïcödé", "50% $3 -4", "a  b", "明日の天気", "🎉", "don't we'll i'm"]
    for text in [*SENTENCES, *(plain(one) for one in odd)]:
        for part in chunks(text):
            assert model.tokenize(part) == tokenizer.encode(part).ids
    assert [model.tokenize(mark) for mark in MARKS] == [[tokenizer.token_to_id(mark)] for mark in MARKS]
