"""Choices that nobody named: a skill's argument exchanged for a choice among kinds of things, said by their members.

A plugin's examples name few of the words that mean a choice ("water the [roses](part=flowers)"). Kinds of things and
their members, written for this, and the groups of the thesaurus make as many such skills as are wanted; kinds that a
program would offer beside one another ("petrol", "diesel", "electric") are told apart with more care than any others.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.shown import ROLE, SIGNS, Line, Slot, words_of
from assistant.synonyms import STAR, shipped
from finetune.fewshot.pool import Taught

FILE, NEIGHBOURS = (Path(__file__).parent / name for name in ("kinds.txt", "choices.txt"))
"""Kinds of all sorts; sets of kinds that stand beside one another."""
FEWEST, MOST = 2, 5
"""Kinds to choose among."""
BESIDE = 0.7
"""So often they are neighbours."""
BY_NAME, IN_EXAMPLES = 0.3, 0.9
"""So often a choice is said by the name of its kind; in the examples of every other skill, whose authors tend to it."""
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
    """Those of all sorts. Raises ValueError for a line that is none."""
    return tuple(one for _, one in _read(FILE))


@functools.cache
def neighbours() -> tuple[tuple[Kind, ...], ...]:
    """Sets of kinds that a program would offer beside one another. Raises ValueError for a line that is none."""
    found: dict[int, list[Kind]] = {}
    for which, one in _read(NEIGHBOURS):
        found.setdefault(which, []).append(one)
    return tuple(map(tuple, found.values()))


def _read(path: Path) -> Iterator[tuple[int, Kind]]:
    """The kinds of a file, and how many empty lines stand before each."""
    empty = 0
    for at, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        name, colon, members = line.partition(":")
        if not line.strip():
            empty += 1
        elif line.startswith("#"):
            continue
        elif not colon or not name.strip() or not members.strip():
            raise ValueError(f"{path.name}, line {at}: write `kind: member, member`")
        else:
            yield empty, Kind(words_of(name), tuple(words_of(member) for member in members.split(",")))


@functools.cache
def kinds() -> tuple[Kind, ...]:
    """Those of all sorts, then the thesaurus' groups of words; no name twice."""
    found = {one.name: one for one in written()}
    for group in shipped():
        plain = [words_of(one) for one in group.members if STAR not in one]
        short = [one for one in plain if one and len(one) <= LONGEST_MEMBER]
        if len(short) >= LEAST_MEMBERS:
            found.setdefault(short[0], Kind(short[0], tuple(short[1:])))
    return tuple(found.values())


def with_neighbours(some: Sequence[Kind]) -> tuple[Kind, ...]:
    """These kinds and all neighbours, for the words they are said by."""
    return (*some, *(one for beside in neighbours() for one in beside))


def by_kinds(one: Taught, chance: random.Random) -> Taught | None:
    """The skill with a choice among kinds in the place of a free text, or of the choices that an argument has; None
    where it has nothing to exchange."""
    places = [] if one.source == "ours" else [place for place in _places(one.slots) if _room(one, place) >= FEWEST]
    if not places:
        return None
    place = chance.choice(places)
    chosen = _chosen(min(MOST, _room(one, place)), chance)
    argument = one.slots[place.start].argument
    choices = tuple(Slot(argument, " ".join(kind.name), ROLE["choice"], kind.name) for kind in chosen)
    exchange = _Exchange(place, chosen, chance)
    named = chance.choice((BY_NAME, IN_EXAMPLES))
    return replace(
        one,
        slots=(*one.slots[: place.start], *choices, *one.slots[place.stop :]),
        examples=[replace(said, line=exchange.of(said.line, named)) for said in one.examples],
        phrasings=[replace(said, line=exchange.of(said.line, BY_NAME)) for said in one.phrasings],
    )


def _places(slots: Sequence[Slot]) -> list[range]:
    """The slots of each argument that can be exchanged; of a flag both have one name, and neither is a thing."""
    found: dict[str, range] = {}
    for at, slot in enumerate(slots):
        if slot.role in (ROLE["text"], ROLE["choice"]):
            found[slot.argument] = range(found[slot.argument].start if slot.argument in found else at, at + 1)
    return [place for place in found.values() if len({slots[at].name for at in place}) == len(place)]


def _room(one: Taught, place: range) -> int:
    """For so many slots, where those of this argument go."""
    return SIGNS - len(one.slots) + len(place)


def _chosen(most: int, chance: random.Random) -> Sequence[Kind]:
    """The kinds that an argument gets; a set of neighbours whole, as far as there is room."""
    if chance.random() < BESIDE:
        beside = chance.choice(neighbours())
        return chance.sample(beside, min(len(beside), most))
    return chance.sample(kinds(), chance.randint(FEWEST, most))


class _Exchange:
    """Puts one of the kinds in the place of an argument's words."""

    def __init__(self, place: range, chosen: Sequence[Kind], chance: random.Random) -> None:
        self._place, self._chosen, self._chance = place, chosen, chance
        self._said: Mapping[Phrase, int] = _whose(chosen)

    def of(self, one: Line, named: float) -> Line:
        """The line with the slots as they are counted now; `named`: how often a choice is said by its name."""
        more = len(self._chosen) - len(self._place)
        slots = [slot + more if slot >= self._place.stop else slot for slot in one.slots]
        own = [at for at, slot in enumerate(one.slots) if slot in self._place]
        if not own:
            return Line(one.words, one.roles, tuple(slots))
        words, which = self._drawn(named)
        first, end = own[0], own[-1] + 1
        return Line(
            (*one.words[:first], *words, *one.words[end:]),
            (*one.roles[:first], *[ROLE["choice"]] * len(words), *one.roles[end:]),
            (*slots[:first], *[self._place.start + which] * len(words), *slots[end:]),
        )

    def _drawn(self, named: float) -> tuple[Phrase, int]:
        which = self._chance.randrange(len(self._chosen))
        kind = self._chosen[which]
        if self._chance.random() < named:
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
