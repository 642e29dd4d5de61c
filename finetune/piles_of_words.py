"""Words to put into templates: piles from our files, and piles that are made (numbers, times, days, sums, names).

Numbers come in words and in digits, because recognizers write both. Invented words teach the model to copy what it
has never seen instead of remembering what it has.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from finetune import piles_of_sums as sums
from finetune import piles_of_time as times
from finetune.say import digits_or_words

LISTENING = Path(__file__).parent / "listening" / "grammar_en.txt"
_LISTENING_NAMES = {
    "item": "item",
    "artist": "artist",
    "song": "song",
    "city": "city",
    "land": "land",
    "thing": "thing",
    "todo": "todo",
}
MORE = 0.4
"""How often words from elsewhere are taken, where there are any."""


@dataclass(frozen=True)
class Piles:
    """Named piles of words."""

    words: Mapping[str, Sequence[str]]

    @classmethod
    def read(cls, folder: Path, more: Mapping[str, Sequence[str]]) -> Piles:
        """Our piles, the listening model's vocabulary, and words from elsewhere, under "more <name>"."""
        words: dict[str, list[str]] = {}
        for file in ("words.txt", "talk.txt"):
            for line in (folder / file).read_text(encoding="utf-8").splitlines():
                if line and not line.startswith("#"):
                    name, _, choices = line.partition(": ")
                    words[name] = choices.split("|")
        for line in LISTENING.read_text(encoding="utf-8").splitlines():
            found = re.match(r"(\w+): \((.*)\)$", line)
            if found and found[1] in _LISTENING_NAMES:
                kept = [choice for choice in found[2].split("|") if choice and not re.search(r"[<>()\[\]]", choice)]
                words.setdefault(found[1], []).extend(kept)
        for name, extra in more.items():
            words[f"more {name}"] = list(extra)
        return cls(words)

    def take(self, name: str, chance: random.Random) -> str:
        """A word or phrase of a pile. Raises KeyError for a pile that there is not."""
        extra = self.words.get(f"more {name}")
        if extra and chance.random() < MORE:
            return chance.choice(extra)
        if name in _MADE:
            return _MADE[name](self, chance)
        for made in (times.MADE, sums.MADE):
            if name in made:
                return made[name](chance)
        return chance.choice(self.words[name])


def invented(piles: Piles, chance: random.Random) -> str:
    """A word nobody has said before."""
    return "".join(chance.choice(piles.words["syllable"]) for _ in range(chance.choice((2, 2, 3))))


def _title(piles: Piles, chance: random.Random) -> str:
    kind = chance.random()
    noun, adjective = piles.take("noun", chance), piles.take("adjective", chance)
    if kind < 0.35:
        return piles.take("song", chance)
    if kind < 0.5:
        return f"{chance.choice(('', 'the ', 'my '))}{adjective} {noun}"
    if kind < 0.6:
        return f"{noun} {chance.choice(('of', 'in', 'on', 'and', 'without', 'by'))} the {piles.take('noun', chance)}"
    if kind < 0.7:
        return (
            f"{piles.take('verb', chance)}"
            f" {chance.choice(('with me', 'tonight', 'again', 'for you', 'to the ' + noun, 'me', 'baby', 'all night'))}"
        )
    if kind < 0.8:
        return chance.choice((noun, adjective, f"{noun} {digits_or_words(chance.randrange(2, 100), chance)}"))
    if kind < 0.9:
        return invented(piles, chance)
    return f"{invented(piles, chance)} {chance.choice((noun, invented(piles, chance)))}"


def _artist(piles: Piles, chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.4:
        return chance.choice(piles.words["artist"])
    if kind < 0.6:
        return f"{chance.choice(piles.words['firstname'][:28])} {invented(piles, chance)}"
    if kind < 0.75:
        return f"the {chance.choice((piles.take('adjective', chance) + ' ', ''))}{piles.take('noun', chance)}s"
    if kind < 0.88:
        return f"{invented(piles, chance)} {invented(piles, chance)}"
    return invented(piles, chance)


def _place(piles: Piles, chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.5:
        return chance.choice(piles.words["city"])
    if kind < 0.65:
        return chance.choice(piles.words["land"])
    if kind < 0.8:
        return f"{chance.choice(piles.words['city'])} {chance.choice(piles.words['land'])}"
    if kind < 0.93:
        return invented(piles, chance) + chance.choice(
            ("", "", "ville", " city", "ton", " beach", " falls", "burg", " springs")
        )
    return (
        f"{chance.choice(('port', 'san', 'st', 'new', 'mount', 'lake', 'north', 'upper', 'fort'))}"
        f" {invented(piles, chance)}"
    )


def _or_invented(name: str, share: float) -> Callable[[Piles, random.Random], str]:
    def take(piles: Piles, chance: random.Random) -> str:
        if chance.random() < share:
            return invented(piles, chance)
        return chance.choice(piles.words[name])

    return take


def _lamp(piles: Piles, chance: random.Random) -> str:
    light, room = piles.take("lightword", chance), piles.take("room", chance)
    kind = chance.random()
    if kind < 0.3:
        return light
    if kind < 0.65:
        return f"{room} {light}"
    if kind < 0.75:
        return f"{light} in the {room}"
    if kind < 0.9:
        return f"{piles.take('brandish', chance)} {light}"
    return f"{invented(piles, chance)} {chance.choice(('', light))}".strip()


def _device(piles: Piles, chance: random.Random) -> str:
    kind = chance.random()
    gadget, room = piles.take("gadget", chance), piles.take("room", chance)
    if kind < 0.45:
        return _lamp(piles, chance)
    if kind < 0.65:
        return gadget
    if kind < 0.8:
        return f"{room} {gadget}"
    if kind < 0.88:
        return f"{gadget} in the {room}"
    return f"{piles.take('brandish', chance)} {gadget}"


def _item(piles: Piles, chance: random.Random) -> str:
    kind = chance.random()
    item = chance.choice(piles.words["item"])
    if kind < 0.6:
        return item
    if kind < 0.75:
        other = chance.choice(piles.words["item"])
        return f"{item} and {other}"
    if kind < 0.85:
        amounts = (
            "some",
            "two",
            "three",
            "a bag of",
            "a box of",
            "a bottle of",
            "a dozen",
            "a pack of",
            "half a pound of",
            "six",
            "2",
            "more",
        )
        return f"{chance.choice(amounts)} {item}"
    if kind < 0.93:
        return f"{invented(piles, chance)} {chance.choice(('', item))}".strip()
    return (
        f"{chance.choice(('a present for', 'a card for', 'something for', 'food for'))}"
        f" {piles.take('firstname', chance)}"
    )


def _note(piles: Piles, chance: random.Random) -> str:
    """Anything may be noted: something to do, something that happened, something heard."""
    kind = chance.random()
    if kind < 0.3:
        return chance.choice(piles.words["note"])
    if kind < 0.5:
        return chance.choice(piles.words["todo"])
    who = piles.take("firstname", chance)
    if kind < 0.75:
        return (
            f"{who} {piles.take('verbed', chance)} {piles.take('thingnoun', chance)}"
            f" {chance.choice(('', times.MADE['date'](chance)))}"
        ).strip()
    what = chance.choice(("number", "code", "size", "address", "room", "account", "key"))
    return (
        f"{chance.choice(('the', 'my', 'our'))} {piles.take('noun', chance)} {what} is"
        f" {digits_or_words(chance.randrange(2, 9999), chance)}"
    )


def _todo(piles: Piles, chance: random.Random) -> str:
    kind = chance.random()
    if kind < 0.7:
        return chance.choice(piles.words["todo"])
    verb = chance.choice(("call", "email", "text", "visit", "thank", "write to", "pick up"))
    if kind < 0.85:
        return (
            f"{verb} {piles.take('firstname', chance)}"
            f" {chance.choice(('', 'back', 'about ' + piles.take('thingnoun', chance)))}"
        ).strip()
    return (
        f"{chance.choice(('buy', 'get', 'order', 'return', 'fix', 'clean', 'bring'))}"
        f" {piles.take(chance.choice(('item', 'thingnoun')), chance)}"
    )


def _mixed(
    name: str, other: Callable[[Piles, random.Random], str], share: float
) -> Callable[[Piles, random.Random], str]:
    def take(piles: Piles, chance: random.Random) -> str:
        return other(piles, chance) if chance.random() < share else chance.choice(piles.words[name])

    return take


_MADE: Mapping[str, Callable[[Piles, random.Random], str]] = {
    "title": _title,
    "artist": _artist,
    "place": _place,
    "lamp": _lamp,
    "device": _device,
    "item": _item,
    "invented": invented,
    "note": _note,
    "todo": _todo,
    "thing": _or_invented("thing", 0.12),
    "playlist": _mixed("playlist", _title, 0.25),
    "topic": _mixed("topic", _place, 0.2),
    "listname": _or_invented("listname", 0.08),
    "program": _or_invented("program", 0.15),
    "genre": _or_invented("genre", 0.02),
    "color": _or_invented("color", 0.0),
}
