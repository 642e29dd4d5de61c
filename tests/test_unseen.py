from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kitchen import KITCHEN

from assistant.nearest import Examples
from assistant.prompt import plain
from assistant.readers import Unreadable, read
from assistant.skill import Context, Household, Number, Skill, Time, skill
from assistant.unseen import Unseen

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)


@skill(
    examples=[
        "feed [the dog](animal)",
        "give [bella](animal) [fifty](grams) grams of food",
        "feed [max](animal) at [six pm](at)",
        "put [a hundred](grams) grams in [luna](animal)'s bowl",
    ]
)
def feed_animal(_context: Context, *, animal: str, grams: Number = 60, at: Time | None = None) -> str:
    """Fill an animal's bowl."""
    return f"{animal} {grams} {at}"


FEED: Skill = feed_animal.__skill__  # type: ignore[attr-defined]
HOUSE = (*KITCHEN, FEED)
UNSEEN = Unseen([FEED], HOUSE, Examples(HOUSE))


def reads(kind: str, words: str) -> bool:
    try:
        read(kind, words, now=NOW, household=Household())
    except Unreadable:
        return False
    return True


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("can you feed the cat", {"animal": "the cat"}),
        ("at eight am feed jack", {"at": "eight am", "animal": "jack"}),
        ("feed the hamster ten grams", {"animal": "the hamster", "grams": "ten"}),
        ("hand teddy thirty grams of dry food", {"animal": "teddy", "grams": "thirty"}),
        ("would you be feeding my rabbit", {"animal": "rabbit"}),
    ],
)
def test_a_skill_is_recognised_from_what_its_examples_are_about(said: str, words: dict[str, str]) -> None:
    """Words in an order that no example has give the skill, and each argument by its kind and place."""
    match = UNSEEN.best(said, reads)
    assert match is not None
    assert (match.call.skill, dict(match.call.words)) == ("feed_animal", words)
    assert 0.5 < match.score <= 0.85


@pytest.mark.parametrize(
    "said",
    [
        "my brother said he would feed it himself",
        "set a timer for ten minutes",
        "the food in this show is so fake i can not watch it",
        "she told me about her dog for an hour",
        "feed",
        "",
        "...",
    ],
)
def test_talk_and_other_requests_are_left_alone(said: str) -> None:
    """What people tell one another, what another skill serves, and what lacks a required argument match nothing."""
    assert UNSEEN.best(plain(said), reads) is None


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60), st.sampled_from(["feed ", "bowl ", "give grams food "]))
def test_whatever_is_said_arguments_are_words_of_it(said: str, before: str) -> None:
    """Nothing that is said breaks it, and no argument has a word that was not said."""
    text = plain(before + said)
    match = UNSEEN.best(text, reads)
    for words in match.call.words.values() if match else ():
        assert words
        assert words in text
