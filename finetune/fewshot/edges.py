"""Where an argument's words begin and end is a habit of its skill: "the [blue] lamp", "[the blue lamp]".

In many episodes all sentences of a skill, those that are shown and those that are asked, are cut otherwise than their
author cut them, so that the network looks for the habit in the examples and learns none by heart.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from assistant.shown import ROLE, Line
from assistant.wording import ARTICLES, LINKS, token
from finetune.fewshot.pool import Said, Taught

TAKEN_IN, LEFT_OUT = 0.2, 0.25
"""In so many episodes every article of a name is part of it, or none is; possessives are drawn apart."""
MOVED = 0.35
"""In so many a word that often stands at a name's edge changes sides."""
OFTEN = 3
"""So many of the author's examples have such a word."""
POINTING = ("a", "an", "the")


@dataclass(frozen=True, slots=True)
class Cut:
    """Words that are taken into a name where they stand beside it, or left out where they are its edge."""

    before: frozenset[str] = frozenset()
    head: frozenset[str] = frozenset()
    tail: frozenset[str] = frozenset()
    after: frozenset[str] = frozenset()

    def of(self, one: Line, first: int, end: int) -> tuple[int, int]:
        """The run as it is cut now; one word of it stays, and nothing is taken from another slot."""
        if first and one.slots[first - 1] < 0 and one.words[first - 1] in self.before:
            first -= 1
        elif end - first > 1 and one.words[first] in self.head:
            first += 1
        if end < len(one.words) and one.slots[end] < 0 and one.words[end] in self.after:
            end += 1
        elif end - first > 1 and one.words[end - 1] in self.tail:
            end -= 1
        return first, end


def cut_otherwise(one: Taught, chance: random.Random) -> Taught:
    """The skill with the habits of another author; free texts alone have such habits."""
    for place, slot in enumerate(one.slots):
        if slot.role == ROLE["text"]:
            for cut in _drawn(one, place, chance):
                one = replace(
                    one,
                    examples=[_cut(said, place, cut) for said in one.examples],
                    phrasings=[_cut(said, place, cut) for said in one.phrasings],
                )
    return one


def _drawn(one: Taught, place: int, chance: random.Random) -> Iterator[Cut]:
    for words in (frozenset(POINTING), ARTICLES - {*POINTING}):
        which = chance.random()
        if which < TAKEN_IN:
            yield Cut(before=words)
        elif which < TAKEN_IN + LEFT_OUT:
            yield Cut(head=words)
    if chance.random() < MOVED:
        often = list(_often(one.examples, place))
        if often:
            yield chance.choice(often)


def _often(examples: Iterable[Said], place: int) -> Iterator[Cut]:
    """The cuts by which a word would change sides that many examples have at an edge of this slot."""
    edges = {name: Counter[str]() for name in ("before", "head", "tail", "after")}
    for one in (said.line for said in examples):
        first, end = one.run(place)
        if not end:
            continue
        if first and one.slots[first - 1] < 0:
            edges["before"][one.words[first - 1]] += 1
        if end < len(one.words) and one.slots[end] < 0:
            edges["after"][one.words[end]] += 1
        if end - first > 1:
            edges["head"][one.words[first]] += 1
            edges["tail"][one.words[end - 1]] += 1
    for name, times in edges.items():
        for word, n in times.items():
            # What links, points or only greets is no part of a name's habit.
            if n >= OFTEN and token(word) and word not in LINKS | ARTICLES:
                yield Cut(**{name: frozenset({word})})


def _cut(said: Said, place: int, cut: Cut) -> Said:
    one = said.line
    if place not in one.slots:
        return said
    inside = range(*cut.of(one, *one.run(place)))
    slots = tuple(place if at in inside else -1 if of == place else of for at, of in enumerate(one.slots))
    roles = tuple(
        ROLE["text"] if at in inside else ROLE["outside"] if of == place else role
        for at, (of, role) in enumerate(zip(one.slots, one.roles, strict=True))
    )
    return replace(said, line=Line(one.words, roles, slots))
