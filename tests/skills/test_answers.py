"""Questions, stories and jokes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from servers import ChatServer

from assistant.server import Server
from assistant.skill import Context, SkillError
from skills.answers import JOKES, MAX_CHARACTERS, ask, tell_joke, tell_story

Make = Callable[..., Context]


def test_question_is_passed_on(make_context: Make) -> None:
    """The whole question reaches the larger model behind a server, and its answer is what is said."""
    with ChatServer("Ulaanbaatar.") as server:
        said = ask(
            make_context(answer=Server(f"{server.url}/v1", "m", "", ()).complete),
            question="what is the capital of mongolia",
        )
        assert said == "Ulaanbaatar."
        assert "what is the capital of mongolia" in server.seen[0].body["messages"][0]["content"]


def test_story_about(make_context: Make) -> None:
    """A story is asked for with what it shall be about."""
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return "Once upon a time."

    assert tell_story(make_context(answer=answer), about="two otters") == "Once upon a time."
    tell_story(make_context(answer=answer))
    assert "about two otters" in asked[0] and "about" not in asked[1]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("**Yes.** It is `so`.", "Yes. It is so."),
        ("# Title\n- one\n- two", "Title one two"),
        ("<think>hm, Mongolia</think>\nUlaanbaatar.", "Ulaanbaatar."),
        ("1. First\n2. Second", "First Second"),
    ],
)
def test_markup_is_not_read_aloud(make_context: Make, written: str, said: str) -> None:
    """Marks that a voice cannot read, and a model's thinking aloud, are taken out."""
    assert ask(make_context(answer=lambda _: written), question="why") == said


def test_long_answer_ends_with_a_sentence(make_context: Make) -> None:
    """An answer too long to listen to ends after its last whole sentence."""
    said = ask(make_context(answer=lambda _: "This is one sentence. " * 500), question="why")
    assert len(said) <= MAX_CHARACTERS and said.endswith("sentence.")


def test_answer_that_was_cut_off(make_context: Make) -> None:
    """A long answer that stopped in the middle of a sentence ends with the one before; a short one is left alone."""
    story = "The otter swam on. " * 30
    assert tell_story(make_context(answer=lambda _: story + "Then the river")) == story.strip()
    assert ask(make_context(answer=lambda _: "Well. Ulaanbaatar"), question="why") == "Well. Ulaanbaatar"


@pytest.mark.parametrize("written", ["", "   ", "<think>forever", "***"])
def test_empty_answer(make_context: Make, written: str) -> None:
    """A model that says nothing is said to have said nothing."""
    with pytest.raises(SkillError, match="had no answer"):
        ask(make_context(answer=lambda _: written), question="why")


def test_no_larger_model(context: Context) -> None:
    """Without a larger model the sentence says how to add one; nothing is made up."""
    with pytest.raises(SkillError, match=r"larger under \[models\]"):
        ask(context, question="why is the sky blue")
    with pytest.raises(SkillError, match="server_url"):
        tell_story(context, about="pirates")


def test_jokes_do_not_repeat(context: Context) -> None:
    """A joke comes again only after at least half of the others, over restarts too."""
    told = [tell_joke(context) for _ in range(3 * len(JOKES))]
    assert set(told) <= set(JOKES)
    half = len(JOKES) // 2
    assert all(joke not in told[max(0, place - half) : place] for place, joke in enumerate(told))


def test_joke_without_a_disk(context: Context) -> None:
    """A database that cannot be written costs the memory, not the joke."""

    def database() -> AbstractContextManager[sqlite3.Connection]:
        raise sqlite3.OperationalError("database or disk is full")

    assert tell_joke(Context(now=context.now, settings={}, database=database)) in JOKES


def test_jokes_are_short_and_different() -> None:
    """Every joke is a breath long and stands once."""
    assert len(set(JOKES)) == len(JOKES) >= 30
    assert all(20 < len(joke) < 160 for joke in JOKES)
