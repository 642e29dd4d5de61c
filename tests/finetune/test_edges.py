"""Where an argument's words begin and end, as another author would have marked them."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from assistant.shown import ROLE, line, shown
from assistant.skill import Argument, Skill, parse_example
from finetune.fewshot import edges
from finetune.fewshot.edges import cut_otherwise
from finetune.fewshot.pool import Said, Taught

EXAMPLES = (
    "paint the [north] room [blue](colour)",
    "the [big] room [dark red](colour)",
    "[my old] room in [green](colour)",
    "[bath] room",
)
ASKED = ("could the [guest] room be [the white we had](colour)", "do [it] today", "[room] please")


def marked(text: str) -> str:
    return text.replace("]", "](room)").replace("](room)(colour)", "](colour)")


def taught() -> Taught:
    arguments = (Argument("room", "text", False), Argument("colour", "text", False))
    skill = Skill("paint", "Paints.", arguments, (), run=lambda: "")
    card = shown(skill, ())
    examples, asked = (
        [Said(line(parse_example(marked(one), "paint"), card.slots)) for one in of] for of in (EXAMPLES, ASKED)
    )
    return Taught("paint", "invented:test", card.lines[0], card.slots, examples, asked)


def names(said: Iterable[Said], place: int = 0) -> list[str]:
    return [" ".join(w for w, of in zip(one.line.words, one.line.slots, strict=True) if of == place) for one in said]


def drawn(monkeypatch: pytest.MonkeyPatch, *, taken_in: float = 0, left_out: float = 0, moved: float = 0) -> Taught:
    for name, value in (("TAKEN_IN", taken_in), ("LEFT_OUT", left_out), ("MOVED", moved)):
        monkeypatch.setattr(edges, name, value)
    return cut_otherwise(taught(), random.Random(1))


def test_every_article_is_part_of_the_name_or_none_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """In what is shown and in what is asked alike; a possessive counts as one."""
    inside = drawn(monkeypatch, taken_in=1)
    assert names(inside.examples) == ["the north", "the big", "my old", "bath"]
    assert names(inside.phrasings) == ["the guest", "it", "room"]
    left_out = drawn(monkeypatch, left_out=1)
    assert names(left_out.examples) == ["north", "big", "old", "bath"]
    assert names(left_out.phrasings, 1) == ["white we had", "", ""]


def test_a_word_that_often_stands_beside_a_name_becomes_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """ "[north] room" is cut as "[north room]" in every sentence, for many examples show it."""
    made = drawn(monkeypatch, moved=1)
    assert names(made.examples) == ["north room", "big room", "my old room", "bath room"]
    assert names(made.phrasings) == ["guest room", "it", "room"]


def test_what_is_cut_otherwise_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words and their order stay, roles are those of the slots, and no argument loses its last word."""
    every = [drawn(monkeypatch, taken_in=1), drawn(monkeypatch, left_out=1), drawn(monkeypatch, moved=1)]
    for made in every:
        for before, after in zip(taught().said(), made.said(), strict=True):
            assert after.line.words == before.line.words
            roles = zip(after.line.slots, after.line.roles, strict=True)
            assert all(role == (made.slots[of].role if of >= 0 else ROLE["outside"]) for of, role in roles)
            assert {*before.line.slots, -1} == {*after.line.slots, -1}


def test_nothing_drawn_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no habit is drawn the skill is as its author wrote it."""
    assert drawn(monkeypatch) == taught()
