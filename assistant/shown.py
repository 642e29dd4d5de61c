"""A skill and a sentence as the few-shot network (`assistant.fewshot`) reads them: words, what is known of each, and
the slots that they may belong to.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.prompt import chunks, clean_run, plain
from assistant.skill import CLOSED, Example, Skill
from assistant.wording import ARTICLES, token, tokens

PAD, UNKNOWN, FIRST = 0, 1, 2
"""Places in the table of words; FIRST stands before every sentence, and points at nothing."""
GRAMS = 1 << 13
"""Buckets for the runs of letters inside a word; the last place is for none."""
_SPELT = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ROLES = ("outside", "purpose", "asked", "text", "number", "duration", "time", "date", "day", "when", "choice")
"""What a word is to the skill: no argument's, its purpose's, the sentence's that is compared, or an argument's."""
ROLE = {name: at for at, name in enumerate(ROLES)}
ROLE |= {"expression": ROLE["number"], "level": ROLE["number"], "flag": ROLE["choice"]}
NAMED = 3
"""Words of a slot's name that are read."""
SIGNS = 12
"""Marks without a meaning by which one slot's words are told from another's; slots beyond that share them."""
HUNDRED, THOUSAND, LONGEST_NUMBER = 100, 1000, 12
SHORT = 2.5
"""Words of a name, in the mean of the examples: a message may begin with an article."""
LONGEST = 24
"""Words of a sentence that are read."""
PLACES = 17
"""That are told apart, the one before the first word among them; all later words are known as the last."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What a run of words may be: an open argument, or one choice of a closed one."""

    argument: str
    choice: str
    """"" for an open argument."""
    role: int
    name: tuple[str, ...]
    """Words that the argument or the choice is called by."""


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence with what is known of its words; `slots` counts from 0, -1 is none."""

    words: tuple[str, ...]
    roles: tuple[int, ...]
    slots: tuple[int, ...]

    def run(self, slot: int) -> tuple[int, int]:
        """The words that say a slot: the first, and one past the last; (0, 0) where it is not said."""
        at = [place for place, of in enumerate(self.slots) if of == slot]
        return (at[0], at[-1] + 1) if at else (0, 0)


@dataclass(frozen=True, slots=True)
class Shown:
    """A skill as the network is shown it."""

    lines: tuple[Line, ...]
    slots: tuple[Slot, ...]


def slots_of(skill: Skill) -> tuple[Slot, ...]:
    """In the order of the signature, choices in theirs."""
    found: list[Slot] = []
    for argument in skill.arguments:
        role = ROLE[argument.kind if argument.kind not in CLOSED else "choice"]
        for choice in argument.choices if argument.kind in CLOSED else ("",):
            name = argument.name if argument.kind == "flag" or not choice else choice
            found.append(Slot(argument.name, choice, role, words_of(plain(name.replace("_", " ")))))
    return tuple(found)


def words_of(plain_text: str) -> tuple[str, ...]:
    """The words of a text, as they are counted for spans; at most LONGEST."""
    return tuple(clean_run(part) for part in chunks(plain_text))[:LONGEST]


def asked(words: Sequence[str]) -> Line:
    """A sentence that is compared."""
    return Line(tuple(words), (ROLE["asked"],) * len(words), (-1,) * len(words))


def line(example: Example, slots: Sequence[Slot]) -> Line:
    """An example with its arguments' words marked."""
    owner, words = cut(example)
    at = {(one.argument, one.choice): place for place, one in enumerate(slots)}
    named = example.call.words
    of = [at.get((name, ""), at.get((name, named.get(name, "")), -1)) if name else -1 for name in owner]
    roles = tuple(slots[one].role if one >= 0 else ROLE["outside"] for one in of)
    return Line(tuple(words)[:LONGEST], roles[:LONGEST], tuple(of)[:LONGEST])


def shown(skill: Skill, examples: Iterable[Example]) -> Shown:
    """The skill's purpose and the given examples of it."""
    slots = slots_of(skill)
    purpose = words_of(plain(f"{skill.name.replace('_', ' ')} {skill.purpose}"))
    first = Line(purpose, (ROLE["purpose"],) * len(purpose), (-1,) * len(purpose))
    return Shown((first, *(line(example, slots) for example in examples)), slots)


@dataclass(frozen=True, slots=True)
class Habit:
    """How a skill's examples say one of its slots."""

    surfaces: frozenset[tuple[str, ...]]
    """Tokens that have said it, those of its name among them; only a choice is known by them."""
    own: frozenset[str]
    """Each token that an example has in it."""
    short: bool
    """A name of few words, not a message."""
    bare: bool
    """Such a name, and never with the article that stands before it."""
    possessive: bool
    """More examples have one that ends so, "to the [chemist's]", than leave the end out, "[tom]'s bowl"."""
    articles: Mapping[str, int]
    """Token after the name, "" is the end -> by how many more examples have its article inside than leave it out: "at
    [the gate]", "the [kitchen] camera"."""

    def article(self, after: str) -> int:
        """More than 0 where an article is part of the name, less where it is not, 0 where nobody knows."""
        return self.articles.get(after, 0) or (sum(self.articles.values()) if self.short else 0)


def habits(skill: Shown) -> tuple[Habit, ...]:
    """Of each slot."""
    return tuple(_habit(skill.lines, place, slot) for place, slot in enumerate(skill.slots))


def outside(skill: Shown) -> frozenset[str]:
    """Tokens that stand in examples, and are no argument's."""
    named = {token(word) for one in skill.lines for word, of in zip(one.words, one.slots, strict=True) if of >= 0}
    examples = [one for one in skill.lines if ROLE["purpose"] not in one.roles]
    said = {token(word) for one in examples for word, of in zip(one.words, one.slots, strict=True) if of < 0}
    return frozenset(said - named - {""})


def _habit(lines: Iterable[Line], place: int, slot: Slot) -> Habit:
    said = [(one, one.run(place)) for one in lines if place in one.slots]
    surfaces = {tokens(one.words[slice(*run)]) for one, run in said} | {tokens(slot.name)}
    lengths = [end - first for _, (first, end) in said]
    inside, left_out = Counter[str](), Counter[str]()
    for one, (first, end) in said:
        if one.words[first] in ARTICLES and end - first > 1:
            inside[_after(one, end)] += 1
        elif first and one.words[first - 1] in ARTICLES:
            left_out[_after(one, end)] += 1
    articles = {after: inside[after] - left_out[after] for after in {*inside, *left_out}}
    short = bool(said) and sum(lengths) <= SHORT * len(lengths)
    own = frozenset(one for line, run in said for one in tokens(line.words[slice(*run)]))
    ends = [(one.words[end - 1] == "s") - (one.words[end : end + 1] == ("s",)) for one, (_, end) in said]
    return Habit(frozenset(surfaces - {()}), own, short, short and not inside, sum(ends) > 0, articles)


def _after(one: Line, end: int) -> str:
    return token(one.words[end]) if end < len(one.words) else ""


def spelt(word: str) -> str:
    """A number in digits as its first word: the network has read none."""
    if not word.isdecimal() or len(word) > LONGEST_NUMBER:
        return word
    number = int(word)
    while number >= THOUSAND:
        number //= THOUSAND
    if number < len(_SPELT):
        return _SPELT[number]
    return _TENS[number // 10 - 1] if number < HUNDRED else _SPELT[number // HUNDRED]


def grams(word: str) -> tuple[int, ...]:
    """The buckets of a word's runs of three and four letters."""
    edged = f"<{word}>"
    return tuple(
        zlib.crc32(edged[at : at + length].encode()) % GRAMS
        for length in (3, 4)
        for at in range(len(edged) - length + 1)
    )


def cut(example: Example) -> tuple[list[str], list[str]]:
    """The words of an example in plain form, and before them for each the argument that it is of."""
    owner: list[str] = []
    words: list[str] = []
    end = 0
    for name, (start, stop) in sorted(example.spans.items(), key=lambda item: item[1]):
        for piece, of in ((example.text[end:start], ""), (example.text[start:stop], name)):
            found = _spoken(piece, bool(words))
            words += found
            owner += [of] * len(found)
        end = stop
    rest = _spoken(example.text[end:], bool(words))
    return [*owner, *[""] * len(rest)], [*words, *rest]


def _spoken(text: str, follows: bool) -> list[str]:
    """The words of a piece; what joins it to a word that it follows is no word: the apostrophe of "bella's"."""
    return [clean_run(part) for part in chunks(plain(text.lstrip("-'’") if follows else text))]
