"""Shopping lists, to-do lists and any other list by name."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from assistant.readers import say_list
from assistant.skill import Ask, Context, SkillError, names, skill
from skills._names import matches, means_all

SHOPPING = "shopping"
"""The list that is meant when none is named."""
MOST = 500
"""More entries than any list needs; what adds more is a loop."""

_SHOPPING_NAMES = frozenset(("shopping", "grocery", "groceries", "shop", "supermarket", "weekly shop", "food"))
_TO_DO_NAMES = frozenset(
    ("to do", "to-do", "todo", "to dos", "todos", "task", "tasks", "chores", "chore", "things to do")
)
_ONE_THING = frozenset(
    (
        "mac and cheese",
        "macaroni and cheese",
        "salt and vinegar",
        "fish and chips",
        "peanut butter and jelly",
        "half and half",
        "rum and coke",
        "gin and tonic",
        "sweet and sour sauce",
    )
)
"""What is bought as one although it has an "and"."""
_AND = re.compile(rf"\b((?:{'|'.join(sorted(_ONE_THING))})\b[^,]*?(?=,| and |$))|,(?!\d)| and ", re.IGNORECASE)
"""What stands between two things, or is one of those: a split keeps it."""

_PRONOUNS = frozenset(("it", "that", "this", "them", "these", "those", "something"))

_TABLE = """
CREATE TABLE IF NOT EXISTS list_items (
    id INTEGER PRIMARY KEY,
    list TEXT NOT NULL,
    item TEXT NOT NULL
) STRICT
"""


@contextmanager
def _open(context: Context) -> Iterator[sqlite3.Connection]:
    with context.database() as db:
        db.execute(_TABLE)
        yield db


def _name(said: str | None) -> str:
    """The one name of a list that people call by several: "groceries", "grocery list" -> "shopping"."""
    if said is None:
        return SHOPPING
    name = re.sub(r"\b(?:my|our|the|list|lists)\b", " ", said.casefold())
    name = " ".join(name.split()) or SHOPPING
    if name in _SHOPPING_NAMES:
        return SHOPPING
    return "to do" if name in _TO_DO_NAMES else name


def _names(db: sqlite3.Connection) -> list[str]:
    return [name for (name,) in db.execute("SELECT DISTINCT list FROM list_items ORDER BY list")]


def _existing(db: sqlite3.Connection, said: str | None) -> str:
    """The list that is meant among those there are; the name itself where there is none like it."""
    name, names = _name(said), _names(db)
    if said is None and name not in names and len(names) == 1:
        return names[0]
    found = matches(name, names)
    return names[found[0]] if len(found) == 1 else name


def _items(db: sqlite3.Connection, name: str) -> list[tuple[int, str]]:
    return db.execute("SELECT id, item FROM list_items WHERE list = ? ORDER BY id", (name,)).fetchall()


def _split(item: str, name: str) -> list[str]:
    """The things in "milk, eggs and butter", each once; on other lists than the shopping list "and" joins one thing."""
    parts = [item] if name != SHOPPING else _AND.split(item)
    things = {thing.casefold(): thing for part in parts if part and (thing := part.strip(" ,"))}
    return [*things.values()]


@skill(
    examples=[
        "add [milk](item) to my [shopping](list) list",
        "put [two cartons of milk](item) on the [shopping](list) list",
        "add [eggs](item) to the list",
        "we're out of [coffee](item)",
        "we need more [toilet paper](item)",
        "please add [butter and jam](item) to my [grocery](list) list",
        "add [call the bank](item) to my [to do](list) list",
        "can you put [sunscreen](item) on the [packing](list) list",
        "[bananas](item) on the [shopping](list) list please",
        "i'm low on [olive oil](item) can you add that to the [shopping](list) list",
        "write [wash the car](item) on my [to-do](list) list",
        "stick [batteries](item) on the [hardware store](list) list",
        "include [a birthday card for mia](item) in my list",
        "i need to buy [dog food](item)",
        "could you add [finish the report](item) to my [work](list) list",
        "put [the matrix](item) on my list of [movies to watch](list)",
        "new item for the [groceries](list) list [brown rice](item)",
        "add [six apples](item)",
        "remember [cat litter](item) for the [weekly shop](list) list",
        "make sure [paprika](item) is on the [shopping](list) list",
    ]
)
def add_to_list(context: Context, *, item: str, list: str | None = None) -> str:
    """Put something on a list."""
    if item.casefold() in _PRONOUNS:
        raise Ask("What shall I add?", "item")
    with _open(context) as db:
        name = _existing(db, list) if list is not None else SHOPPING
        there = [known for _, known in _items(db, name)]
        wanted = _split(item, name)
        if not wanted:
            raise Ask("What shall I add?", "item")
        if len(there) + len(wanted) > MOST:
            raise SkillError(f"The {name} list is full; take something off first.")
        new = [thing for thing in wanted if thing.casefold() not in {known.casefold() for known in there}]
        db.executemany("INSERT INTO list_items (list, item) VALUES (?, ?)", [(name, thing) for thing in new])
    old = [thing for thing in wanted if thing not in new]
    if not new:
        return f"{_capital(say_list(wanted))} {_is_are(wanted)} already on the {name} list."
    before = f"; {say_list(old)} {_is_are(old)} there already" if old else ""
    return f"{_capital(say_list(new))} {_is_are(new)} on the {name} list{before}."


@skill(
    examples=[
        "remove [milk](item) from my [shopping](list) list",
        "take [eggs](item) off the list",
        "take [frozen pizza](item) off my [shopping](list) list",
        "delete [call the bank](item) from my [to do](list) list",
        "cross [bananas](item) off the [grocery](list) list please",
        "i bought the [coffee](item) take it off the list",
        "scratch [sunscreen](item) from the [packing](list) list",
        "we don't need [olive oil](item) anymore remove it from the [shopping](list) list",
        "could you remove [the batteries](item)",
        "tick off [wash the car](item) on my [to-do](list) list",
        "get [bread](item) off the [shopping](list) list",
        "erase [dog food](item) from my list",
        "please drop [mow the lawn](item) from my [chores](list) list",
        "i've done [the laundry](item) cross it off my [to do](list) list",
        "clear [everything](item) from the [shopping](list) list",
    ]
)
def remove_from_list(context: Context, *, item: str, list: str | None = None) -> str:
    """Take something off a list."""
    with _open(context) as db:
        name = _existing(db, list)
        items = _items(db, name)
        if not items:
            raise SkillError(f"The {name} list is empty.")
        if means_all(item):
            gone = items
        else:
            gone = [found for thing in _split(item, name) for found in _find(thing, items, name)]
            if not gone:
                raise Ask("What shall I take off?", "item")
        db.executemany("DELETE FROM list_items WHERE id = ?", [(number,) for number, _ in gone])
    if means_all(item):
        return f"The {name} list is empty now."
    things = [thing for _, thing in gone]
    return f"{_capital(say_list(things))} {_is_are(things)} off the {name} list."


@skill(
    examples=[
        "what's on my [shopping](list) list",
        "read my list",
        "read me the [grocery](list) list",
        "what do i need to buy",
        "what's on the list",
        "tell me what's on my [to do](list) list please",
        "show me my [packing](list) list",
        "is there anything on the [shopping](list) list",
        "do i have anything on my [to-do](list) list",
        "could you read out my [work](list) list",
        "what's left on my list of [chores](list)",
        "go through the [hardware store](list) list with me",
        "how many things are on my [shopping](list) list",
        "what do i still have to do",
        "open the [movies to watch](list) list",
        "check my [shopping](list) list",
        "what lists do i have",
    ]
)
def read_list(context: Context, *, list: str | None = None) -> str:
    """Say what is on a list."""
    with _open(context) as db:
        name = _existing(db, list)
        things = [thing for _, thing in _items(db, name)]
        others = [other for other in _names(db) if other != name]
    if list is None and re.search(r"\b(?:what|which|all|read|tell|show)\b.*\blists\b", context.said.casefold()):
        return _say_lists([*([name] if things else []), *others])
    if not things:
        also = f" {_say_lists(others)}" if others else ""
        return f"The {name} list is empty.{also}"
    count = "one thing" if len(things) == 1 else f"{len(things)} things"
    return f"On the {name} list {'is' if len(things) == 1 else 'are'} {count}: {say_list(things)}."


def _say_lists(lists: Sequence[str]) -> str:
    """Which lists there are, for somebody who asks or who found his empty."""
    told = say_list([f"{'an' if name[0] in 'aeiou' else 'a'} {name} list" for name in lists])
    return f"There {'is' if len(lists) == 1 else 'are'} {told}." if lists else "There is nothing on any list."


@names
def list_names(context: Context) -> Sequence[str]:
    """What the household calls its lists, and what stands on them."""
    with _open(context) as db:
        return [name for row in db.execute("SELECT DISTINCT list, item FROM list_items") for name in row]


def _find(thing: str, items: Sequence[tuple[int, str]], name: str) -> Sequence[tuple[int, str]]:
    """The one entry that is meant. Raises Ask where it could be several, SkillError where there is none."""
    found = [items[index] for index in matches(thing, [known for _, known in items])]
    if not found:
        raise SkillError(f"{_capital(thing)} is not on the {name} list.")
    if len({known for _, known in found}) > 1:
        raise Ask(f"Which one: {say_list([known for _, known in found], 'or')}?", "item")
    return found


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


_ONE_OF = re.compile(r"(?:an?|one|the|another|1)\b", re.IGNORECASE)
_MASS = re.compile(r"\w*(?:ss|us|is)$", re.IGNORECASE)
"""Words that end in "s" and are no plural: hummus, asparagus, watercress."""


def _is_are(things: Sequence[str]) -> str:
    """ "are" for several things, and for one that is a plural ("beans", "frozen peas")."""
    (*_, last) = things
    plural = len(last.split()) < 4 and last.endswith("s") and not _ONE_OF.match(last) and not _MASS.search(last)
    return "are" if len(things) > 1 or plural else "is"
