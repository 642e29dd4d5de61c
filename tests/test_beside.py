"""Our way and the stock way beside each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from kitchen import KITCHEN, doll, kitchen_set

from assistant.benchmark import CHAT_MARKS, general_vocabulary
from assistant.beside import Beside, Case, Cost, StockWay, as_json, held_back, larger
from assistant.commands.bench import _ratio
from assistant.config import Settings, load_settings
from assistant.gguf_llama import LlamaFile, LlamaShape, random_tensors, write_llama
from assistant.model import Model
from assistant.skill import Call, Context, skill
from assistant.steering import Steering

PIECES = (b"", b"a", b"b", b"ab", b"abc", b"x", b" ")
END = 0


@skill(examples=["feed the [cat](pet)", "feed my [dog](pet)", "feed the [rabbit](pet)"])
def feed(context: Context, *, pet: str) -> str:
    """Feed an animal."""
    return pet


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(None, {}, [f"paths.data={tmp_path}"])


def test_the_longest_token_that_goes_on_is_the_best() -> None:
    """Of all tokens that go on with the text the longest wins, whatever the model would have taken."""
    steering = Steering(PIECES, END)
    steering.toward("xabx")
    logits = np.array([9, 8, 7, 1, 50, 6, 5], dtype=np.float32)
    assert steering([5], logits).argmax() == 3
    assert steering([5, 3], logits).argmax() == 5
    assert steering([5, 1], logits).argmax() == 2
    assert logits.max() == 50


def test_at_the_end_of_the_text_the_answer_ends() -> None:
    """Once all is written the ending token is raised; a text that was left is not steered any more."""
    steering = Steering(PIECES, END)
    steering.toward("ab")
    logits = np.zeros(len(PIECES), dtype=np.float32)
    assert steering([3], logits).argmax() == END
    assert steering([5], logits).max() == 0


def test_no_sentence_stands_among_the_examples_that_are_left() -> None:
    """What is measured with was held back from the skills; a skill of two examples gives none."""
    skills, cases = held_back(kitchen_set(), 9)
    assert [case.text for case in cases] == ["i need coffee"]
    assert cases[0].call == Call("brew", {"drink": "coffee"})
    assert all(case.text not in {e.text for s in skills.skills for e in s.examples} for case in cases)
    assert {skill.name for skill in skills.skills} == {skill.name for skill in KITCHEN}


def test_json_has_required_arguments_first_and_no_blanks() -> None:
    """A call in JSON is as short as the schema's grammar lets it be."""
    call = Call("set_timer", {"name": "pasta", "duration": "ten minutes"})
    assert as_json(call, KITCHEN[0]) == '{"skill":"set_timer","duration":"ten minutes","name":"pasta"}'


def test_both_ways_write_the_right_call_on_random_weights(settings: Settings) -> None:
    """Steered, either way writes the held-back sentence's own call, and ours needs fewer passes over the weights."""
    skills = kitchen_set((feed.__skill__, *KITCHEN))  # type: ignore[attr-defined]
    alone, shown = larger(doll(False), skills, settings, 1)
    for found in (alone, shown):
        assert len(found.ours) == len(found.stock) == 1
        assert 0 < found.ours[0].passes < found.stock[0].passes
        assert 0 < found.ours[0].processor_ms < found.ours[0].ms
    assert 0 < alone.ours[0].tokens < shown.ours[0].tokens
    assert 0 < alone.stock[0].tokens < shown.stock[0].tokens


def test_another_call_than_the_right_one_is_said() -> None:
    """The stock way cannot be timed over a call that its grammar does not allow."""
    stock = StockWay(doll(False), KITCHEN, threads=1)
    with pytest.raises(RuntimeError, match="instead of"):
        stock.write(Case("x", Call("switch", {"device": "lamp", "state": "maybe"})), [{"role": "user", "content": "x"}])
    stock.close()


def test_the_interval_holds_the_ratio_and_narrows() -> None:
    """The interval of a ratio lies around it, and more sentences make it narrower."""
    random = np.random.default_rng(0)

    def beside(n: int) -> Beside:
        stock = [Cost(ms, 30, 20, ms) for ms in random.normal(500, 80, n)]
        return Beside(tuple(stock), tuple(Cost(ms, 20, 2, ms) for ms in random.normal(100, 20, n)))

    few, many = beside(10), beside(400)
    for one in (few, many):
        assert one.interval[0] <= one.ratio <= one.interval[1]
    assert many.interval[1] - many.interval[0] < few.interval[1] - few.interval[0]
    line = _ratio("larger", "random weights", many)
    assert line.values["ratio"] == many.ratio and "30 tokens in 20 passes against 20 in 2" in line.sentence


def test_a_general_vocabulary_favours_neither_way(tmp_path: Path) -> None:
    """No beginning of a call is a token of its own; what joins the parts of JSON and the marks of a chat are."""
    words = general_vocabulary(doll(), 1000)
    shape = LlamaShape(width=32, layers=1, heads=2, feed_forward=64)
    path = tmp_path / "general.gguf"
    tensors = random_tensors(shape, len(words.tokens), seed=1)
    write_llama(path, LlamaFile(shape, words, {}, two_way=False), tensors, q8=True)
    model = Model(path)
    assert model.size == 1000
    assert len(model.tokenize("set_timer(")) > 3
    for joint in ('{"', '":"', '","', '"}'):
        assert len(model.tokenize(f"a{joint}a")) == 3
    assert all(len(model.tokenize(mark, special=True)) == 1 for mark in CHAT_MARKS)
