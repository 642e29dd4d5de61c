"""What else a thing, a deed or a wish is called: the thesaurus that ships, as the likeness of sentences needs it.

A member of a group is a word, a phrase, or a frame in which a star stands for some words ("what does * cost").
"""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.models import BUNDLED
from assistant.wording import tokens, weight

FILE = BUNDLED / "synonyms.txt"
STAR = "*"
WIDEST = 7
"""Tokens that a star stands for, at most."""
LEAST = 4.5
"""A member whose words all weigh less than this ("let me have") means nothing by itself."""


@dataclass(frozen=True, slots=True)
class Group:
    """What means the same."""

    theme: str
    """The heading it stands under: "things: laundry"."""
    members: tuple[str, ...]
    """As they are written, the most common first."""


def read(path: Path) -> tuple[Group, ...]:
    """The groups of a thesaurus. Raises OSError."""
    groups, theme = [], ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            theme = line.lstrip("# ")
        elif line.strip():
            groups.append(Group(theme, tuple(member.strip() for member in line.split("|"))))
    return tuple(groups)


@functools.cache
def shipped() -> tuple[Group, ...]:
    """The groups that ship; none in a copy without them."""
    return read(FILE) if FILE.is_file() else ()


@dataclass(frozen=True, slots=True)
class Meant:
    """A member of a group, found in a sentence."""

    group: int
    places: tuple[int, ...]
    """Of its tokens in the sentence."""


Pieces = tuple[tuple[str, ...], ...]
"""A member's tokens; a star stands between two pieces."""


class Synonyms:
    """Finds the groups that a sentence's words belong to."""

    def __init__(self, groups: Iterable[Group]) -> None:
        self._by_first: defaultdict[str, dict[tuple[Pieces, int], None]] = defaultdict(dict)
        for number, group in enumerate(groups):
            for pieces in map(_pieces, group.members):
                if pieces and max(weight(one) for piece in pieces for one in piece) >= LEAST:
                    self._by_first[pieces[0][0]][pieces, number] = None

    def meant(self, tokens: Sequence[str]) -> tuple[Meant, ...]:
        """Every member that stands in the sentence.

        Args:
            tokens: as `assistant.wording.token` gives them; "" for a word that does not count.
        """
        places = [at for at, one in enumerate(tokens) if one]
        kept = [tokens[at] for at in places]
        found: dict[Meant, None] = {}
        for first, one in enumerate(kept):
            for pieces, group in self._by_first.get(one, ()):
                at = _match(pieces, kept, first)
                if at is not None:
                    found[Meant(group, tuple(places[place] for place in at))] = None
        return tuple(found)


@functools.cache
def known() -> Synonyms:
    """Those that ship."""
    return Synonyms(shipped())


def _pieces(member: str) -> Pieces:
    pieces = (tokens(piece.split()) for piece in member.split(STAR))
    return tuple(piece for piece in pieces if piece)


def _match(pieces: Pieces, tokens: Sequence[str], first: int) -> tuple[int, ...] | None:
    """The places of a member's tokens, its first at `first`; None where it does not stand there."""
    places: list[int] = []
    at = first
    for number, piece in enumerate(pieces):
        starts: Iterator[int] = iter((at,)) if not number else iter(range(at + 1, min(at + WIDEST, len(tokens)) + 1))
        begin = next((start for start in starts if tuple(tokens[start : start + len(piece)]) == piece), None)
        if begin is None:
            return None
        places += range(begin, begin + len(piece))
        at = begin + len(piece)
    return tuple(places)


def together(values: Iterable[float]) -> float:
    """What words weigh as one: the length of the vector they make."""
    return math.sqrt(sum(value * value for value in values))
