"""What the examples of a skill show of its arguments: their words, and the words around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.prompt import chunks, clean_run, plain
from assistant.skill import CLOSED, Example, Skill
from assistant.synonyms import same
from assistant.wording import ARTICLES, NUMBER, token, weight

TYPED = ("duration", "expression", "when", "time", "date", "day", "level", "number")
"""Kinds that a reader recognises, the most particular first: "five" of "five minutes" is no number of its own."""
START, END = "<", ">"
"""What stands before the first word and after the last."""
HEAVY = 5.0
"""Words of so much weight are things and names; lighter ones carry any request."""
RARE = 7.5
"""So much: hardly one request in two thousand holds it."""
LEAST_SURE = 1000
"""Other words for a choice are as unsure as one that a thousand examples say."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the examples show of one argument."""

    before: frozenset[str]
    after: frozenset[str]
    own: frozenset[str]
    """Tokens inside it."""
    longest: int
    """Tokens it has at most."""
    article: bool = False
    """Whether an example counts an article to it: "[the kitchen window](what)"."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What the examples show of one skill's arguments."""

    skill: Skill
    places: Mapping[str, Place]
    surfaces: Mapping[tuple[str, ...], tuple[str, str, int]]
    """Tokens that say a choice -> (argument, choice, how many examples say that choice)."""
    telling: frozenset[str]
    """Heavy tokens outside the arguments."""
    outside: frozenset[str]
    """Every token outside the arguments."""


def pattern(skill: Skill) -> Pattern:
    """Read a skill's examples."""
    around: dict[str, tuple[set[str], set[str], set[str]]] = {}
    surfaces: dict[tuple[str, ...], tuple[str, str]] = {}
    outside: set[str] = set()
    longest: dict[str, int] = {}
    with_article: set[str] = set()
    for argument in skill.arguments:
        for choice in argument.choices if argument.kind == "choice" else ():
            surfaces[_tokens(_words(choice.replace("_", " ")))] = (argument.name, choice)
    said: dict[tuple[str, str], int] = {}
    for example in skill.examples:
        owner, said_words = cut(example)
        words = _tokens(said_words)
        outside.update(one for one, of in zip(words, owner, strict=True) if not of)
        for name in example.spans:
            mine = [at for at, of in enumerate(owner) if of == name]
            if not mine:
                continue
            before, after, own = around.setdefault(name, (set(), set(), set()))
            articles = skill.argument(name).kind not in TYPED and words[mine[0]] in ARTICLES and len(mine) > 1
            if articles:
                with_article.add(name)
                mine = mine[1:]
            first = mine[0]
            while first and words[first - 1] in ARTICLES:
                first -= 1
            before.add(words[first - 1] if first else START)
            after.add(words[mine[-1] + 1] if mine[-1] + 1 < len(words) else END)
            own.update(words[at] for at in mine)
            longest[name] = max(longest.get(name, 0), len(mine))
            if skill.argument(name).kind in CLOSED:
                key = (name, example.call.words[name])
                surfaces[tuple(words[at] for at in mine)] = key
                said[key] = said.get(key, 0) + 1
    places = {
        name: Place(frozenset(before), frozenset(after), frozenset(own), longest[name], name in with_article)
        for name, (before, after, own) in around.items()
    }
    telling = frozenset(one for one in outside if weight(one) >= HEAVY)
    named = {one for place in places.values() for one in place.own}
    telling |= {run[0] for one in telling for run in same((one,)) if len(run) == 1 and weight(run[0]) >= HEAVY} - named
    counted = {run: (*key, said.get(key, 0)) for run, key in surfaces.items() if run}
    counted |= _other_words(counted, skill)
    return Pattern(skill, places, counted, telling, frozenset(outside))


def _other_words(
    surfaces: Mapping[tuple[str, ...], tuple[str, str, int]], skill: Skill
) -> dict[tuple[str, ...], tuple[str, str, int]]:
    """What else says a choice, by the thesaurus; not what says two, nor what an example says without the argument."""
    found: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for run, (name, choice, _) in surfaces.items():
        for other in same(run):
            # A number is no choice: "half past" is a time.
            if other not in surfaces and not {NUMBER, "half", "past"} & set(other) and sum(map(weight, other)) >= HEAVY:
                found.setdefault(other, set()).add((name, choice))
    without = {
        (name, run)
        for example in skill.examples
        for name in {argument.name for argument in skill.arguments} - set(example.spans)
        for run in _runs(_tokens(cut(example)[1]))
    }
    single = [(run, next(iter(keys))) for run, keys in found.items() if len(keys) == 1]
    return {run: (name, choice, LEAST_SURE) for run, (name, choice) in single if (name, run) not in without}


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[first:end]) for first in range(len(words)) for end in range(first + 1, len(words) + 1)}


def cut(example: Example) -> tuple[list[str], list[str]]:
    """The words of an example in plain form, and before them for each the argument that it is of."""
    owner: list[str] = []
    words: list[str] = []
    end = 0
    for name, (start, stop) in sorted(example.spans.items(), key=lambda item: item[1]):
        for piece, of in ((example.text[end:start], ""), (example.text[start:stop], name)):
            found = _words(piece)
            words += found
            owner += [of] * len(found)
        end = stop
    rest = _words(example.text[end:])
    return [*owner, *[""] * len(rest)], [*words, *rest]


def _words(text: str) -> list[str]:
    return [clean_run(part) for part in chunks(plain(text))]


def _tokens(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(token(word) or word for word in words)
