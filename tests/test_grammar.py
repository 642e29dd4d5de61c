from __future__ import annotations

import pytest
from kitchen import KITCHEN, doll

from assistant.grammar import head_grammar, tail_grammar
from assistant.model import Model
from assistant.prompt import MARKS, chunks, point, write_call
from assistant.prompt import plain as to_plain
from assistant.skill import Skill

BY_NAME = {one.name: one for one in KITCHEN}


@pytest.fixture(scope="module")
def model() -> Model:
    return Model(doll())


def accepts(model: Model, grammar: str, text: str) -> bool:
    matcher = model.matcher(grammar)
    ids = model.tokenize(text)
    return matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting()


@pytest.mark.parametrize(
    ("name", "text", "tail"),
    [
        ("set_timer", "a ten minute pasta timer", "duration= ten minute)"),
        ("set_timer", "a ten minute pasta timer", "duration= ten minute, name= pasta)"),
        ("switch", "kitchen light on", "device= kitchen light, state= off)"),
        ("play_music", "play abba", ")"),
        ("play_music", "play abba", "artist= abba)"),
        ("play_music", "play fernando by abba", "title= fernando, artist= abba)"),
        ("none", "", ")"),
        ("none", "hello", ")"),
    ],
)
def test_what_may_be_written(model: Model, name: str, text: str, tail: str) -> None:
    """Required arguments first, optional ones left out freely, every open one a run of the transcript."""
    assert accepts(model, tail_grammar(BY_NAME[name], chunks(text)), tail)


@pytest.mark.parametrize(
    ("name", "text", "tail"),
    [
        ("set_timer", "a ten minute timer", ")"),
        ("set_timer", "a ten minute timer", "duration= eleven minute)"),
        ("set_timer", "a ten minute timer", "duration= minute ten)"),
        ("set_timer", "a ten minute timer", "duration= ten min)"),
        ("set_timer", "a ten minute timer", "duration=)"),
        ("set_timer", "a ten minute timer", "duration= )"),
        ("set_timer", "a ten minute timer", "name= ten, duration= ten)"),
        ("switch", "kitchen light on", "device= kitchen light, state= dim)"),
        ("play_music", "play abba", "artist= abba, title= abba)"),
        ("play_music", "play abba", ", artist= abba)"),
        ("none", "hello", "x= hello)"),
    ],
)
def test_what_may_not_be_written(model: Model, name: str, text: str, tail: str) -> None:
    """Nothing invented, nothing half, nothing empty, nothing in another order, no unknown argument."""
    assert not accepts(model, tail_grammar(BY_NAME[name], chunks(text)), tail)


def test_the_head_is_one_of_the_names(model: Model) -> None:
    """Only installed skills can be named."""
    grammar = head_grammar(BY_NAME)
    assert all(accepts(model, grammar, f"{name}(") for name in BY_NAME)
    assert not accepts(model, grammar, "set(")
    assert not accepts(model, grammar, "open_door(")


@pytest.mark.parametrize("one", KITCHEN, ids=lambda one: one.name)
def test_every_example_fits_its_own_grammar(model: Model, one: Skill) -> None:
    """Every signed example, in plain form, can be written under the grammar made from its own sentence."""
    for example in one.examples:
        text = to_plain(example.text)
        tail = write_call(example.call, one, text).partition("(")[2]
        assert accepts(model, tail_grammar(one, chunks(text)), tail)
        pointed = point(example.call, one, text).partition("(")[2]
        assert accepts(model, tail_grammar(one, chunks(text), marks=MARKS), pointed)


@pytest.mark.parametrize(
    "tail",
    [
        "duration=<2><1>)",
        "duration=<1>)",
        "duration=<1><5>)",
        "duration=<5><5>)",
        "duration= ten minute)",
        "name=<1><1>, duration=<2><2>)",
        "duration=<1><2>, name=<3><3>",
        "duration=<1><2><3>)",
    ],
)
def test_where_a_skill_model_may_not_point(model: Model, tail: str) -> None:
    """Not backward, not past the end, not with one mark or three, not with words."""
    grammar = tail_grammar(BY_NAME["set_timer"], chunks("a ten minute pasta timer"), marks=MARKS)
    assert accepts(model, grammar, "duration=<1><2>, name=<3><3>)")
    assert accepts(model, grammar, "duration=<0><4>)")
    assert accepts(model, grammar, "name=<1><1>)"), "what was not said may be left out, and is asked for"
    assert not accepts(model, grammar, tail)
