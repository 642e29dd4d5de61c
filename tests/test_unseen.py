"""Skills that no model was trained on, as the shipped few-shot network recognises them from their examples."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.compared import Compared
from assistant.prompt import plain
from assistant.readers import Unreadable, read
from assistant.skill import Context, Household, Number, Skill, Time, skill
from assistant.unseen import Unseen

pytestmark = pytest.mark.model
NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)


@skill(
    examples=[
        "feed [the dog](animal)",
        "give [bella](animal) [fifty](grams) grams of food",
        "feed [max](animal) at [six pm](at)",
        "put [a hundred](grams) grams in [luna](animal)'s bowl",
        "fill the bowl of [rex](animal)",
        "can you give [the puppies](animal) their food",
        "[eighty](grams) grams for [the tortoise](animal) at [half past five](at)",
        "it is time to feed [charlie](animal)",
        "let [the chickens](animal) have [two hundred](grams) grams",
    ]
)
def feed_animal(_context: Context, *, animal: str, grams: Number = 60, at: Time | None = None) -> str:
    """Fill an animal's bowl."""
    return f"{animal} {grams} {at}"


@skill(
    examples=[
        "[open](position=open) the blinds",
        "[close](position=closed) the blinds in [the bedroom](room)",
        "[pull down](position=closed) the blinds please",
        "blinds [up](position=open) in [the kitchen](room)",
        "put the [office](room) blinds [half way](position=half)",
        "[shut](position=closed) the blinds",
        "can you [raise](position=open) the blinds in [the study](room)",
        "[lower](position=closed) the [bathroom](room) blinds",
        "i want the blinds [half](position=half) open",
    ]
)
def move_blinds(_context: Context, *, position: Literal["open", "closed", "half"], room: str | None = None) -> str:
    """Open or close the blinds."""
    return f"{position} {room}"


@skill(
    examples=[
        "shade [the den](room)",
        "shade [the hall](room) [half way](how=half)",
        "pull the shades of [the office](room)",
        "put some shade in [the kitchen](room) please",
        "[half](how=half) shade for [the study](room)",
        "shade [the bedroom](room) [all the way](how=all)",
        "make [the attic](room) shady",
        "i need [the nursery](room) shaded",
    ]
)
def shade(_context: Context, *, room: str, how: Literal["all", "half"] = "all") -> str:
    """Pull down the shades of a room."""
    return f"{room} {how}"


SHADES: Skill = shade.__skill__  # type: ignore[attr-defined]
BLINDS: Skill = move_blinds.__skill__  # type: ignore[attr-defined]
FEED: Skill = feed_animal.__skill__  # type: ignore[attr-defined]


@functools.cache
def unseen(*names: str) -> Unseen:
    """These skills, all of which nobody trained on; two of them, unless others are named."""
    return Unseen(names or ("feed_animal", "move_blinds"), Compared([FEED, BLINDS, SHADES]))


def value(kind: str, words: str) -> object:
    try:
        return read(kind, words, now=NOW, household=Household())
    except Unreadable:
        return None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("can you feed the cat", {"animal": "the cat"}),
        ("feed my rabbit please", {"animal": "my rabbit"}),
        ("at eight am feed jack", {"animal": "jack", "at": "eight am"}),
        ("feed the hamster ten grams", {"animal": "the hamster", "grams": "ten"}),
        ("give teddy thirty grams of food", {"animal": "teddy", "grams": "thirty"}),
        ("would you feed max at half past seven", {"animal": "max", "at": "half past seven"}),
    ],
)
def test_a_skill_is_recognised_by_its_examples(said: str, words: dict[str, str]) -> None:
    """Words in an order that no example has give the skill, and each argument by its kind and place."""
    match = unseen().best(said, value)
    assert match is not None
    assert (match.call.skill, dict(match.call.words)) == ("feed_animal", words)
    assert match.skill > 0.5


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("open the blinds please", {"position": "open"}),
        ("close the blinds in the den", {"position": "closed", "room": "the den"}),
        ("open the blinds half way", {"position": "half"}),
        ("can you pull down the blinds", {"position": "closed"}),
    ],
)
def test_a_choice_is_what_an_example_says_for_it(said: str, words: dict[str, str]) -> None:
    """A choice is found by its own name and by the words marked in examples; the rarer of two is meant."""
    match = unseen().best(said, value)
    assert match is not None
    assert (match.call.skill, dict(match.call.words)) == ("move_blinds", words)


def test_what_is_meant_without_a_required_argument_is_a_match_in_part() -> None:
    """ "Adjust the blinds in the kitchen" is for the blinds, although nobody said which way."""
    match = unseen().best("adjust the blinds in the kitchen", value)
    assert match is not None
    assert (match.call.skill, dict(match.call.words)) == ("move_blinds", {"room": "the kitchen"})


@pytest.mark.parametrize(
    "said",
    [
        "my brother said he would feed it himself",
        "set a timer for ten minutes",
        "the food in this show is so fake i can not watch it",
        "she told me about her dog for an hour",
        "play some music in the kitchen",
        "what is the weather tomorrow",
        "",
        "...",
    ],
)
def test_talk_and_other_requests_are_no_match(said: str) -> None:
    """What people tell one another, and what another skill serves, is for no unseen skill with any confidence."""
    match = unseen().best(plain(said), value)
    assert match is None or match.skill < 0.4


@pytest.mark.parametrize("said", ["feed the dog", "give bella fifty grams of food", "pull down the blinds"])
def test_an_example_itself_is_sure(said: str) -> None:
    """An example said word for word is believed as surely as anything is."""
    match = unseen().best(said, value)
    assert match is not None
    assert match.skill > 0.9


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["feed ", "bowl ", "give grams food "]))
def test_whatever_is_said_arguments_are_words_of_it(said: str, before: str) -> None:
    """Nothing that is said breaks it, and no open argument has a word that was not said."""
    text = plain(before + said)
    match = unseen().best(text, value)
    for name, words in match.call.words.items() if match else ():
        known = {one.name: one for one in (FEED, BLINDS)}[match.call.skill]
        assert words in (known.argument(name).choices or text)
        assert words
