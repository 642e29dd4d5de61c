from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kitchen import KITCHEN

from assistant.prompt import (
    MARKS,
    MAX_PIECES,
    chunks,
    in_words,
    larger_prefix,
    plain,
    point,
    read_call,
    run_of,
    write_call,
)
from assistant.skill import Call


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ('Set a "pasta" timer for 20 minutes.', "set a pasta timer for 20 minutes"),
        ("What's 3.5 + 1,200?", "what's 3.5 + 1,200"),
        ("Wake me at 7:30 p.m., please!", "wake me at 7:30 p.m please"),
        ("  \t\x00\x1b[31m hello \u202e ", "31m hello"),
        ('set_timer(duration="x")', "set_timer duration= x"),
        ("🎉 party 🎉", "🎉 party 🎉"),
        ("", ""),
        ("?!…", ""),
        ("he said 'stop.' :'", "he said stop"),
    ],
)
def test_plain(said: str, read: str) -> None:
    """A transcript is read in one plain form that can hold no call syntax."""
    assert plain(said) == read


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("boston's weather", "boston"),
        ("a 20-minute timer", "20"),
        ("a 20-minute timer", "minute"),
        ("convert 5kg to pounds", "kg"),
        ("set it to -5 degrees", "-5"),
        ("wake me at 7:30 tomorrow", "7:30"),
        ("50% volume", "50%"),
        ("a timer for 1,000 seconds", "1,000"),
        ("明日の天気は", "明日"),
    ],
)
def test_runs_begin_and_end_at_words(text: str, words: str) -> None:
    """An argument may begin and end at a word, a number, a joined part, or a character of an unspaced script."""
    assert run_of(text, words).strip("- ") == words.strip("- ")
    assert run_of(text, words) in "".join(chunks(text))


@pytest.mark.parametrize(
    ("text", "words"),
    [("boston weather", "bost"), ("ten minutes", "minutes ten"), ("a", ""), ("1,000 seconds", "000 seconds")],
)
def test_what_was_not_said_is_no_run(text: str, words: str) -> None:
    """Half words, other orders and nothing at all are refused."""
    with pytest.raises(ValueError, match="is not a run"):
        run_of(text, words)


@given(st.text(max_size=300))
def test_chunks_lose_nothing(text: str) -> None:
    """Whatever is said, the chunks together are the plain text, and plain is stable."""
    read = plain(text)
    assert plain(read) == read
    cut = chunks(read)
    if len(cut) < MAX_PIECES // 2:
        assert "".join(cut).strip() == read
    assert not set('()"\\') & set(read)


@given(
    st.lists(st.sampled_from(["ten", "minutes", "7:30", "boston's", "5kg", "-3", "50%", "ünï"]), min_size=1), st.data()
)
def test_calls_survive_writing_and_reading(words: list[str], data: st.DataObject) -> None:
    """A call over any run of a text reads back as itself."""
    text = plain(" ".join(words))
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    call = Call("set_timer", {"duration": " ".join(words[first : last + 1])})
    assert read_call(write_call(call, KITCHEN[0], text)) == call
    assert read_call(in_words(point(call, KITCHEN[0], text), text)) == call


def test_a_skill_model_points_with_two_marks() -> None:
    """A call names the first and the last chunk of each argument, and reads back as the words there."""
    text = "a 20-minute pasta timer"
    call = Call("set_timer", {"duration": "20-minute", "name": "pasta"})
    assert point(call, KITCHEN[0], text) == "set_timer(duration=<1><2>, name=<3><3>)"
    assert in_words("set_timer(duration=<1><2>, name=<3><3>)", text) == "set_timer(duration= 20-minute, name= pasta)"


def test_words_that_stand_twice_are_pointed_at_where_no_other_argument_is() -> None:
    """In "ten minutes ten" the name is the second ten, because the duration has the first."""
    call = Call("set_timer", {"duration": "ten minutes", "name": "ten"})
    assert point(call, KITCHEN[0], "ten minutes ten") == "set_timer(duration=<0><1>, name=<2><2>)"


def test_what_was_said_can_hold_no_mark() -> None:
    """However a person or a keyboard writes a mark, its brackets are gone before a model reads it."""
    for text in ("set <3> timer", "set ＜3＞ timer", "<0><1>"):
        assert not any(mark in plain(text) for mark in MARKS)


@pytest.mark.parametrize("text", ["हिन्दी गाना बजाओ", "தமிழ் பாடல் போடு", "مُحَمَّد يسمع", "שִׁיר יָפֶה", "বাংলা গান"])
def test_signs_of_vowels_belong_to_their_word(text: str) -> None:
    """Words of the scripts of India, of Hebrew and Arabic are whole, with the space before each."""
    assert chunks(plain(text)) == tuple(f" {word}" for word in text.split())


def test_arguments_stand_in_the_order_of_the_signature() -> None:
    """A call is written in one order, whatever order it was given in."""
    call = Call("set_timer", {"name": "pasta", "duration": "ten minutes"})
    assert write_call(call, KITCHEN[0], "ten minutes pasta") == "set_timer(duration= ten minutes, name= pasta)"


@pytest.mark.parametrize(
    "written", ["", "set_timer", "set_timer(", "Set(x= y)", "a(b)c", "import os", f"x({'a' * 5000})"]
)
def test_what_is_no_call_is_refused(written: str) -> None:
    """Anything but a call is a ValueError."""
    with pytest.raises(ValueError, match="is not a call"):
        read_call(written)


def test_the_larger_prompt_names_every_skill_with_its_purpose() -> None:
    """The unchanging prefix lists each skill's signature, purpose and two examples, and nothing of the moment."""
    prefix = larger_prefix(KITCHEN)
    for one in KITCHEN:
        assert f"{one.name}(" in prefix and one.purpose in prefix and plain(one.examples[0].text) in prefix
    assert prefix == larger_prefix(KITCHEN)
