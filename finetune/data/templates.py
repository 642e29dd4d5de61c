"""Signed examples as templates: each marked argument gives way to words of its kind.

Works from the signature alone, so that it serves a skill that was written a minute ago. A shipped skill's arguments
are known more closely (finetune.grow); what stands here is for all others.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.prompt import plain, plain_parts
from assistant.skill import Argument, Example, Skill
from assistant.wording import ARTICLES
from evals.cases import FAMILY_OF
from finetune import grow
from finetune.disturb import Part
from finetune.piles_of_words import Piles, invented
from finetune.say import digits_or_words

OWN = 0.4
"""How often an open text argument keeps words that the author wrote for it."""
INVENTED = 0.15
"""How often it takes words that nobody has said before, so that a model copies instead of remembering."""

_BY_NAME: Mapping[str, str] = {
    **dict.fromkeys(("place", "city", "town", "location", "destination", "where", "station", "address"), "place"),
    **dict.fromkeys(("room", "area", "zone"), "room"),
    **dict.fromkeys(("color", "colour"), "color"),
    **dict.fromkeys(("song", "title", "track", "album", "movie", "film", "book", "show"), "title"),
    **dict.fromkeys(("artist", "band", "singer", "author"), "artist"),
    **dict.fromkeys(("person", "who", "contact", "recipient", "friend", "user", "guest", "child"), "firstname"),
    **dict.fromkeys(("food", "dish", "meal", "recipe", "drink"), "food"),
    **dict.fromkeys(("item", "product", "ingredient", "items"), "item"),
    **dict.fromkeys(("device", "appliance", "machine"), "device"),
    **dict.fromkeys(("animal", "pet"), "animal"),
    **dict.fromkeys(("topic", "subject", "theme"), "topic"),
    **dict.fromkeys(("note", "message", "content", "memo"), "note"),
    **dict.fromkeys(("task", "todo", "what", "chore", "reason"), "todo"),
    **dict.fromkeys(("program", "app", "application", "game"), "program"),
    **dict.fromkeys(("lamp", "light"), "lamp"),
    **dict.fromkeys(("name", "plant", "thing"), "thing"),
    **{pile: pile for pile in ("genre", "playlist", "unit", "word")},
    "list": "listname",
}
"""A text argument's name, or the last word of it -> the pile that may stand for it."""
_BY_KIND: Mapping[str, tuple[str, ...]] = {
    "time": ("clock",),
    "date": ("date", "date", "onday", "monthday"),
    "day": ("weatherday",),
    "when": ("whenclock", "whenday", "whenlater"),
    "past": ("whenpast",),
    "expression": ("expression",),
}
_AFTER: Mapping[tuple[str, str], str] = {
    ("date", "on"): "onday",  # never "on tomorrow"
    ("past", "on"): "weekday",
    **dict.fromkeys((("past", word) for word in ("at", "around", "about", "by")), "clock"),
    **dict.fromkeys((("past", word) for word in ("for", "from", "since")), "daypast"),
}
"""The reader of an argument and the word before it -> the pile of what may follow that word."""
_ADJECTIVE = re.compile(r"(?:second|minute|hour|day|week)$")
_SOME = re.compile(r"\b(?:an|another|half|more|extra)\b")
_NUMBER_WORDS = re.compile(
    r"(?:\d[\d.,]*|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh"
    r"|nine)teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|and|a half|point)(?=\s|$)"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One signed example, or a rewording of one: its parts in plain form, and the group its sentences share."""

    skill: Skill
    parts: tuple[Part, ...]
    group: str
    source: str = "examples"


def group_of(example: Example) -> str:
    """The paraphrase group of everything that grows from one example; hangs on the author's own words."""
    digest = hashlib.sha256(plain(example.text).encode()).hexdigest()[:10]
    return f"example:{example.call.skill}:{digest}"


def sentence_of(example: Example, skill: Skill) -> Sentence:
    """An example as its parts; joined they are its plain form."""
    marks = sorted(example.spans.items(), key=lambda item: item[1])
    between, *rest = plain_parts(example.text, [place for _, span in marks for place in span])
    parts = [Part(between)]
    for (name, _), marked, after in zip(marks, rest[::2], rest[1::2], strict=True):
        # An argument begins and ends with a word; the spaces at its ends are its neighbours'.
        said = marked.strip()
        before = parts.pop().text
        if marked.startswith(" "):
            before += " "
        choice = example.call.words[name] if skill.argument(name).choices else ""
        parts += [Part(before), Part(said, name, choice), Part(f" {after}" if marked.endswith(" ") else after)]
    return Sentence(skill, tuple(part for part in parts if part.text), group_of(example))


class Fillers:
    """What may stand for each argument of each skill."""

    def __init__(self, skills: Sequence[Skill], piles: Piles, qualified: float = 0.0) -> None:
        """`qualified`: how often an open text argument has another word before what it names ("the old dog")."""
        self._piles, self._qualifying = piles, qualified
        self._own: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for skill in skills:
            for example in skill.examples:
                for part in sentence_of(example, skill).parts:
                    if part.argument:
                        self._own[skill.name, part.argument, part.choice].add(part.text)

    def fill(self, sentence: Sentence, chance: random.Random) -> tuple[Part, ...]:
        """The sentence with other words for its arguments."""
        before = ("", *(part.text for part in sentence.parts))
        pairs = zip(before, sentence.parts, strict=False)
        return tuple(self._filled(part, said, sentence.skill, chance) for said, part in pairs)

    def _filled(self, part: Part, before: str, skill: Skill, chance: random.Random) -> Part:
        if not part.argument:
            return part
        argument = skill.argument(part.argument)
        if argument.choices:
            return self._chosen(part, argument, chance)
        if argument.kind == "text":
            words = self._text(part, skill, argument, chance)
            if self._qualifying and chance.random() < self._qualifying:
                words = self._qualified(part.text, words, chance)
            return replace(part, text=plain(words))
        pile = _AFTER.get((argument.reader, before.split()[-1] if before.split() else ""))
        if pile is not None:
            return replace(part, text=plain(self._take(pile, chance)))
        return replace(part, text=plain(self._measure(part.text, argument.reader, chance)))

    def _chosen(self, part: Part, argument: Argument, chance: random.Random) -> Part:
        """Another choice where the choice itself was said: `turn it [up](direction=up)` says `down` as well."""
        if part.text == part.choice.replace("_", " ") and argument.kind == "choice":
            choice = chance.choice(argument.choices)
            return replace(part, text=plain(choice.replace("_", " ")), choice=choice)
        return part

    def _text(self, part: Part, skill: Skill, argument: Argument, chance: random.Random) -> str:
        own = sorted(self._own[skill.name, argument.name, ""])
        kind = chance.random()
        if kind < OWN or part.text not in own:
            return chance.choice(own) if own else part.text
        if kind < OWN + INVENTED:
            return invented(self._piles, chance)
        pile = _BY_NAME.get(argument.name) or _BY_NAME.get(argument.name.rpartition("_")[2])
        if pile is not None:
            return self._take(pile, chance)
        return self._anything(chance)

    def _qualified(self, said: str, words: str, chance: random.Random) -> str:
        """As many as were said of it, or another adjective: what stands before a thing is of the argument as well."""
        number = _NUMBER_WORDS.match(said)
        if number and said != number[0]:
            return f"{_number(number[0], chance)} {words}"
        first, _, rest = words.partition(" ")
        before, thing = (f"{first} ", rest) if first in ARTICLES and rest else ("", words)
        return f"{before}{self._take('adjective', chance)} {thing}"

    def _anything(self, chance: random.Random) -> str:
        adjective, thing = self._take("adjective", chance), self._take("thing", chance)
        name = f"{invented(self._piles, chance)} {chance.choice((thing, invented(self._piles, chance)))}"
        others = (self._take(pile, chance) for pile in ("item", "artist", "place"))
        return chance.choice((thing, f"{adjective} {thing}", f"{thing} {self._take('thing', chance)}", name, *others))

    def _measure(self, said: str, kind: str, chance: random.Random) -> str:
        """Other words for a duration, a number, a time ... of the same shape as those said."""
        if kind == "duration":
            return self._take(
                "adjduration" if _ADJECTIVE.search(said) and not _SOME.search(said) else "duration", chance
            )
        if kind == "number":
            return _number(said, chance)
        piles = _BY_KIND.get(kind)
        return self._take(chance.choice(piles), chance) if piles else said

    def _take(self, pile: str, chance: random.Random) -> str:
        """Words of a pile; a pile's word may itself take from a pile."""
        parts = grow.expand(f"<{pile}>", self._piles, chance)
        return "".join(part.text for part in parts)


def _number(said: str, chance: random.Random) -> str:
    """Another number, mostly small; the words behind it ("percent", "cups") stay."""
    rest, had = said, False
    while match := _NUMBER_WORDS.match(rest):
        rest, had = rest[match.end() :].lstrip(), True
    if not had:
        return said
    kind = chance.random()
    number = chance.randrange(1, 13) if kind < 0.6 else chance.randrange(1, 100) if kind < 0.95 else 150
    return f"{digits_or_words(number, chance)} {rest}".strip()


def sentences(skills: Sequence[Skill]) -> Iterator[Sentence]:
    """Every signed example."""
    for skill in skills:
        for example in skill.examples:
            yield sentence_of(example, skill)


def known_templates(skills: Sequence[Skill]) -> list[grow.Template]:
    """The templates that this project wrote for those of the skills that it ships."""
    names = {skill.name for skill in skills if skill.name in FAMILY_OF}
    shipped = [skill for skill in skills if skill.name in names]
    examples = [example for skill in shipped for example in skill.examples]
    grown = [
        replace(template, of=group_of(example))
        for example, template in zip(examples, grow.example_templates(shipped), strict=True)
    ]
    return grown + [template for template in grow.read_templates() if template.skill in names]
