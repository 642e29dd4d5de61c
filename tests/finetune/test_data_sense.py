"""What grows from a stranger's skill is what somebody might say: words in the sense that is meant."""

from __future__ import annotations

import random
from itertools import islice
from typing import Literal

from assistant.skill import Context, Date, Duration, Number, Skill, skill
from finetune import grow
from finetune.data.combine import combined
from finetune.data.contrast import unserved
from finetune.data.growth import Wish, grown
from finetune.data.misses import content_words, near_misses
from finetune.data.otherwise import Otherwise
from finetune.data.templates import Fillers, sentences
from finetune.disturb import Part
from finetune.piles_of_words import Piles


@skill(
    examples=[
        "wash the [towels](load)",
        "run the washing machine with the [bed sheets](load) for [forty minutes](duration)",
        "put the [school uniforms](load) through a [thirty minute](duration) cycle",
        "the [curtains](load) need washing",
        "give the [baby clothes](load) another spin",
        "i need my [work shirts](load) clean by tonight",
        "start a wash for my [gym clothes](load)",
    ]
)
def launder(_context: Context, *, load: str, duration: Duration | None = None) -> str:
    """Wash a load."""
    return f"{load} {duration}"


@skill(
    examples=[
        "[lower](direction=down) the blinds in the [study](room)",
        "i want the [guest room](room) shades [up](direction=up)",
        "pull the [bedroom](room) blinds [down](direction=down)",
    ]
)
def blinds(_context: Context, *, direction: Literal["up", "down"], room: str = "") -> str:
    """Move blinds."""
    return direction + room


@skill(
    examples=[
        "did the [postman](person) come [today](day)",
        "has the [plumber](person) been here",
        "who came by on [monday](day)",
        "give the [beans](bed) [ten](litres) litres",
        "has the [ikea](person) delivery arrived",
    ]
)
def mixed(_context: Context, *, person: str = "", day: Date | None = None, bed: str = "", litres: Number = 0) -> str:
    """Stand for examples of several shapes."""
    return f"{person}{day}{bed}{litres}"


LAUNDER, BLINDS, MIXED = (one.__skill__ for one in (launder, blinds, mixed))  # type: ignore[attr-defined]


def said(parts: tuple[Part, ...], of: Skill) -> list[str]:
    otherwise, chance = Otherwise(of), random.Random(3)
    return ["".join(part.text for part in otherwise.said(parts, chance)[0]) for _ in range(400)]


def test_a_word_of_many_senses_is_said_otherwise_in_the_known_one_only() -> None:
    """Washing is laundering and no bath, and "run", which may mean much, is left alone."""
    washed = said((Part("wash the "), Part("towels", "load")), LAUNDER)
    assert any("launder" in one for one in washed)
    assert not any("bath" in one for one in washed)
    run = said((Part("run the washing machine with the "), Part("towels", "load")), LAUNDER)
    assert not any(wrong in one for one in run for wrong in ("jog", "race", "execute", "carry out", "headed"))


def test_words_keep_the_place_that_they_stand_in() -> None:
    """Curtains need washing and no laundry, another spin is not "different spin", and "put through" stays one verb."""
    need = said((Part("the "), Part("curtains", "load"), Part(" need washing")), LAUNDER)
    assert not any(one.endswith(("laundry", "clothes", "load")) for one in need)
    spin = said((Part("give the "), Part("towels", "load"), Part(" another spin")), LAUNDER)
    assert all("another" in one for one in spin)
    two = said(
        (Part("make "), Part("two", "n"), Part(" "), Part("rye", "loaf"), Part(" loaves for "), Part("six", "at")),
        LAUNDER,
    )
    assert not any("for to" in one for one in two)
    put = said((Part("put the "), Part("towels", "load"), Part(" through a cycle")), LAUNDER)
    assert not any(one.startswith(("add ", "include ")) for one in put)


def test_near_misses_are_about_things() -> None:
    """Prepositions, pronouns, participles and adverbs of the examples are nobody's "price of the ..."."""
    things, deeds = content_words(LAUNDER)
    assert {"washing", "machine"} <= set(things)
    assert {"wash", "run"} <= set(deeds)
    assert not {"through", "another", "tonight", "clean", "the", "been"} & set(things)
    assert "been" not in content_words(MIXED)[0]
    texts = [case.text for case in near_misses([BLINDS], 200, random.Random(1))]
    assert texts
    assert not any(
        wrong in text for text in texts for wrong in ("needs a blinds", "blinds is", "blinds was", "nice blinds")
    )


def test_a_wish_for_something_else_has_sense() -> None:
    """What is wished of a thing can be done with any thing, and its argument keeps no "for an hour" of another deed."""
    fillers = Fillers([LAUNDER], Piles.read(grow.PILES, {}))
    found = list(islice(unserved(LAUNDER, (LAUNDER,), fillers, random.Random(2)), 150))
    assert len({case.text for case in found}) > 80
    assert not any(wrong in case.text.split() for case in found for wrong in ("through", "minutes", "hours", "another"))


def test_an_argument_is_left_out_where_a_thing_is_left() -> None:
    """ "Has the delivery arrived" does without its shop; "did the come" is said by none."""
    left = {
        "".join(part.text for part in combined(one, [], random.Random(seed)).parts)
        for one in sentences([MIXED])
        for seed in range(120)
    }
    assert "has the delivery arrived" in left
    assert not {one for one in left if one.startswith(("did the come", "has the been"))}


def test_two_arguments_side_by_side_grow() -> None:
    """ "Give the [beans](bed) [ten](litres) litres", with nothing but a space between, grows rows as any other."""
    rows = [case for case in grown(Wish([MIXED], count=300)) if {"bed", "litres"} <= case.words.keys()]
    assert len(rows) > 10


def test_days_behind_on_are_days_that_stand_there() -> None:
    """ "Who came by on monday" becomes no "on tomorrow"."""
    rows = [case for case in grown(Wish([MIXED], count=900)) if " by on " in case.text and "day" in case.words]
    assert len(rows) > 30
    assert not [case.text for case in rows if case.words["day"].startswith(("tomorrow", "today", "next", "this"))]
