"""Choices that nobody named: a skill's free text exchanged for a choice among kinds of things, said by their members.

A plugin's examples name few of the words that mean a choice ("water the [roses](part=flowers)"). Kinds of things and
their members, written for this, and the groups of the thesaurus make as many such skills as are wanted.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.shown import ROLE, SIGNS, Line, Slot, words_of
from assistant.synonyms import STAR, shipped
from finetune.fewshot.pool import Taught

FILE = Path(__file__).parent / "kinds.txt"
FEWEST, MOST = 2, 5
"""Kinds to choose among."""
BY_NAME = 0.3
"""So often a choice is said by the name of its kind."""
LEAST_MEMBERS, LONGEST_MEMBER = 4, 3
"""Of a group of the thesaurus that is taken for a kind: members, and words of one."""
Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """Things that one word means, and the words for each."""

    name: Phrase
    members: tuple[Phrase, ...]


@functools.cache
def written() -> tuple[Kind, ...]:
    """Those of the file. Raises ValueError for a line that is none."""
    found = []
    for at, line in enumerate(FILE.read_text(encoding="utf-8").splitlines(), 1):
        name, colon, members = line.partition(":")
        if line.startswith("#"):
            continue
        if not colon or not name.strip() or not members.strip():
            raise ValueError(f"{FILE.name}, line {at}: write `kind: member, member`")
        found.append(Kind(words_of(name), tuple(words_of(member) for member in members.split(","))))
    return tuple(found)


@functools.cache
def kinds() -> tuple[Kind, ...]:
    """Those of the file, then the thesaurus' groups of words; no name twice."""
    found = {one.name: one for one in written()}
    for group in shipped():
        plain = [words_of(one) for one in group.members if STAR not in one]
        short = [one for one in plain if one and len(one) <= LONGEST_MEMBER]
        if len(short) >= LEAST_MEMBERS:
            found.setdefault(short[0], Kind(short[0], tuple(short[1:])))
    return tuple(found.values())


def by_kinds(one: Taught, chance: random.Random) -> Taught | None:
    """The skill with a choice among kinds in the place of one of its free texts; None where it has none to exchange."""
    free = [at for at, slot in enumerate(one.slots) if slot.role == ROLE["text"] and not slot.choice]
    room = SIGNS - len(one.slots) + 1
    if not free or room < FEWEST or one.source == "ours":
        return None
    at = chance.choice(free)
    chosen = chance.sample(kinds(), chance.randint(FEWEST, min(MOST, room)))
    argument = one.slots[at].argument
    choices = tuple(Slot(argument, " ".join(kind.name), ROLE["choice"], kind.name) for kind in chosen)
    exchange = _Exchange(at, chosen, chance)
    return replace(
        one,
        slots=(*one.slots[:at], *choices, *one.slots[at + 1 :]),
        examples=[replace(said, line=exchange.of(said.line)) for said in one.examples],
        phrasings=[replace(said, line=exchange.of(said.line)) for said in one.phrasings],
    )


class _Exchange:
    """Puts one of the kinds in the place of a slot's words."""

    def __init__(self, at: int, chosen: Sequence[Kind], chance: random.Random) -> None:
        self._at, self._chosen, self._chance, self._more = at, chosen, chance, len(chosen) - 1
        self._said: Mapping[Phrase, int] = _whose(chosen)

    def of(self, one: Line) -> Line:
        """The line with the slots as they are counted now."""
        slots = [slot + self._more if slot > self._at else slot for slot in one.slots]
        own = [place for place, slot in enumerate(one.slots) if slot == self._at]
        if not own:
            return Line(one.words, one.roles, tuple(slots))
        words, which = self._drawn()
        first, end = own[0], own[-1] + 1
        return Line(
            (*one.words[:first], *words, *one.words[end:]),
            (*one.roles[:first], *[ROLE["choice"]] * len(words), *one.roles[end:]),
            (*slots[:first], *[self._at + which] * len(words), *slots[end:]),
        )

    def _drawn(self) -> tuple[Phrase, int]:
        which = self._chance.randrange(len(self._chosen))
        kind = self._chosen[which]
        if self._chance.random() < BY_NAME:
            return kind.name, which
        words = self._chance.choice(kind.members)
        return (words, which) if self._said.get(words) == which else (kind.name, which)


def _whose(chosen: Sequence[Kind]) -> dict[Phrase, int]:
    """Members -> the one kind that has them; what two have says neither."""
    found: dict[Phrase, int] = {}
    for which, kind in enumerate(chosen):
        for words in kind.members:
            found[words] = -1 if words in found else which
    return found
