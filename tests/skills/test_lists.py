"""Lists: by any name people call them, and found again by any name people call a thing."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from assistant.skill import Ask, Context, SkillError
from skills._names import matches
from skills.lists import MOST, add_to_list, read_list, remove_from_list

Say = Callable[..., str]


def test_add_and_read(context: Context, say: Say) -> None:
    """What is added is read back; "and" and commas separate things to buy."""
    assert say(read_list, context) == "The shopping list is empty."
    assert say(add_to_list, context, item="two cartons of milk") == "Two cartons of milk is on the shopping list."
    assert say(read_list, context) == "On the shopping list is one thing: two cartons of milk."
    said = say(add_to_list, context, item="eggs, bread and butter", list="shopping")
    assert said == "Eggs, bread and butter are on the shopping list."
    assert say(read_list, context, list="shopping") == (
        "On the shopping list are 4 things: two cartons of milk, eggs, bread and butter."
    )


def test_one_thing(context: Context, say: Say) -> None:
    """What has an "and" and is one thing stays one, and on a to-do list everything does."""
    say(add_to_list, context, item="mac and cheese")
    say(add_to_list, context, item="wash and dry the car", list="to do")
    assert "is one thing: mac and cheese" in say(read_list, context)
    more = (
        "Salt and vinegar crisps, fish and chips and ketchup are on the shopping list; mac and cheese is there already."
    )
    assert say(add_to_list, context, item="mac and cheese, salt and vinegar crisps, fish and chips and ketchup") == more
    assert "is one thing: wash and dry the car" in say(read_list, context, list="to-do")


def test_twice(context: Context, say: Say) -> None:
    """What is on the list already is not added again."""
    say(add_to_list, context, item="milk")
    assert say(add_to_list, context, item="Milk") == "Milk is already on the shopping list."
    assert say(read_list, context) == "On the shopping list is one thing: milk."
    assert say(add_to_list, context, item="bread, Bread and bread") == "Bread is on the shopping list."
    assert say(read_list, context) == "On the shopping list are 2 things: milk and bread."
    assert say(remove_from_list, context, item="bread and bread") == "Bread is off the shopping list."


@pytest.mark.parametrize("name", ["grocery", "groceries", "shopping list", "my shopping", "the grocery list"])
def test_names_of_the_shopping_list(context: Context, say: Say, name: str) -> None:
    """The shopping list has many names."""
    say(add_to_list, context, item="milk", list=name)
    assert say(read_list, context) == "On the shopping list is one thing: milk."


def test_other_lists(context: Context, say: Say) -> None:
    """Every name makes a list of its own; an empty one says which others there are."""
    say(add_to_list, context, item="sunscreen", list="packing")
    assert say(read_list, context, list="packing list") == "On the packing list is one thing: sunscreen."
    assert say(read_list, context, list="chores") == "The to do list is empty. There is a packing list."
    assert say(remove_from_list, context, item="the sunscreen") == "Sunscreen is off the packing list."


def test_remove(context: Context, say: Say) -> None:
    """Things are found without their article, in singular or plural, by one of their words, or misheard."""
    say(add_to_list, context, item="two cartons of milk, eggs, bananas, toilet paper and tomatoes")
    assert say(remove_from_list, context, item="the milk") == "Two cartons of milk is off the shopping list."
    assert say(remove_from_list, context, item="banana") == "Bananas are off the shopping list."
    assert say(remove_from_list, context, item="tomato and eggs") == "Tomatoes and eggs are off the shopping list."
    assert say(remove_from_list, context, item="toilet papers") == "Toilet paper is off the shopping list."
    with pytest.raises(SkillError, match="The shopping list is empty"):
        say(remove_from_list, context, item="milk")


def test_remove_nothing_else(context: Context, say: Say) -> None:
    """What is not there, or could be two things, is asked about, and everything stays."""
    say(add_to_list, context, item="oat milk, cow milk and beer")
    with pytest.raises(Ask, match=re.escape("Which one: oat milk or cow milk?")):
        say(remove_from_list, context, item="milk")
    with pytest.raises(SkillError, match="Wine is not on the shopping list"):
        say(remove_from_list, context, item="wine")
    with pytest.raises(SkillError, match="Wine is not"):
        say(remove_from_list, context, item="beer and wine")
    assert "3 things" in say(read_list, context)


def test_clear(context: Context, say: Say) -> None:
    """ "Everything" empties one list and leaves the others."""
    say(add_to_list, context, item="milk and eggs")
    say(add_to_list, context, item="sunscreen", list="packing")
    assert say(remove_from_list, context, item="everything", list="shopping") == "The shopping list is empty now."
    assert say(read_list, context, list="packing") == "On the packing list is one thing: sunscreen."


def test_flood(context: Context, say: Say) -> None:
    """A list takes no more than a list needs."""
    for start in range(0, MOST, 100):
        say(add_to_list, context, item=", ".join(f"x{n}" for n in range(start, start + 100)))
    with pytest.raises(SkillError, match="full"):
        say(add_to_list, context, item="one more")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("egg", [1]),
        ("the eggs", [1]),
        ("pasta", [0]),
        ("spagetti", [4]),
        ("berry", [3]),
        ("cheese", [2]),
        ("frozen pizza", []),
        ("pizza", []),
        ("rice", []),
        ("", []),
    ],
)
def test_matches(said: str, meant: list[int]) -> None:
    """A name is matched as people mean it, and by nothing that only looks a little like it."""
    assert matches(said, ["pasta", "eggs", "grated cheese", "berries", "spaghetti"]) == meant


def test_which_lists(make_context: Callable[..., Context], say: Say) -> None:
    """Who asks which lists there are hears their names, and not what is on one of them."""
    asking = make_context(said="What lists do I have?")
    assert say(read_list, asking) == "There is nothing on any list."
    say(add_to_list, asking, item="milk")
    assert say(read_list, asking) == "There is a shopping list."
    say(add_to_list, asking, item="soap", list="bathroom")
    assert say(read_list, asking) == "There are a shopping list and a bathroom list."
    assert say(read_list, make_context(said="read my list")) == "On the shopping list is one thing: milk."


@pytest.mark.parametrize(
    ("item", "answer"),
    [
        ("frozen peas", "Frozen peas are on"),
        ("hummus", "Hummus is on"),
        ("a bag of crisps", "A bag of crisps is on"),
        ("watercress", "Watercress is on"),
        ("milk", "Milk is on"),
        ("1,500 grams of flour", "1,500 grams of flour is on"),
    ],
)
def test_is_or_are(context: Context, say: Say, item: str, answer: str) -> None:
    """One entry that is a plural are, everything else is."""
    assert say(add_to_list, context, item=item).startswith(answer)


@pytest.mark.parametrize("name", ["shopping", "to do"])
@pytest.mark.parametrize("item", [",", " , ,"])
def test_nothing_said(context: Context, say: Say, item: str, name: str) -> None:
    """A comma alone is no thing: the house asks what is meant."""
    with pytest.raises(Ask, match=re.escape("What shall I add?")):
        say(add_to_list, context, item=item, list=name)
    say(add_to_list, context, item="milk", list=name)
    with pytest.raises(Ask, match=re.escape("What shall I take off?")):
        say(remove_from_list, context, item=item, list=name)


def test_it_is_no_thing(context: Context, say: Say) -> None:
    """ "Add it" asks what; no list ever holds "it"."""
    with pytest.raises(Ask, match=re.escape("What shall I add?")):
        say(add_to_list, context, item="it")
    assert say(read_list, context) == "The shopping list is empty."
