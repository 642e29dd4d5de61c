"""Near misses: sentences made of a skill's own words that nobody means for the assistant.

Whoever learns `make_coffee` from requests alone calls it whenever coffee is mentioned. Here coffee is mentioned, in
what people tell one another: of the past, of others, of themselves. All of them are `none()`.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator, Sequence

from assistant.nearest import CARRIERS
from assistant.prompt import plain
from assistant.skill import Skill
from assistant.wording import ARTICLES, LINKS
from evals.cases import Case
from finetune.data.inflect import past, plural
from finetune.data.otherwise import kinds
from finetune.data.reword import is_command
from finetune.data.templates import sentence_of
from finetune.disturb import Part, disturb
from finetune.sources.found import word_set

_OF_THINGS = (
    "the {} was better last year",
    "my {kin} never liked the {}",
    "i spilled the {} all over the floor",
    "she told me about her {} for an hour",
    "they sold their {} and moved to {city}",
    "is that your {} or mine i asked him",
    "we talked about the {} the whole evening",
    "remember the {} at grandma's place",
    "and then the {} fell off the table",
    "he said the {} was a gift from his {kin}",
    "it's not about the {} it's about you",
    "i read somewhere that the {} is bad for you",
    "nobody needs a {} like that anymore",
    "her {} costs more than my car",
    "the {} in this show is so fake",
    "you and your {}",
    "without the {} it would have been a nice day",
    "the guy with the {} came by again",
    "i dreamed about the {} last night",
    "they had the {} on the news yesterday",
    "my {kin} is allergic to the {}",
    "what a nice {} you have there mrs miller",
    "i still owe him money for the {}",
    "the price of the {} went up again",
    "did you like the {} at the wedding",
    "the company that makes the {} went broke",
    "we never had a {} when we were kids",
    "that's the third {} this month",
    "mom said no {} before dinner",
    "he wrote a whole book about the {}",
    "no i think the {} is in the garage with the other stuff",
    "people who love the {} are the worst",
)
_OF_ONE = re.compile(r"\b(?:was|is|costs|a|nice|third) (?:\w+ )?\{\}|\{\} (?:was|is|costs|fell)\b")
"""Frames that many things do not fit: "nobody needs a shutters"."""
_OF_DEEDS = (
    "i already {past} it yesterday",
    "why would anyone {} that",
    "he said he would {} it himself",
    "they {past} everything before we came",
    "you never {} anything around here",
    "my {kin} used to {} them every morning",
    "she can't {} and talk at the same time",
    "who told you to {} it",
    "i don't want to {} it anymore i told him",
    "we will {} it when the kids are back",
    "if they {} that again i'm leaving",
    "did he really {} it in front of everybody",
    "last time i tried to {} something it broke",
    "somebody has to {} it and it won't be me",
    "she {past} it and walked away",
    "don't let him {} it she said",
)
_KIN = ("mother", "father", "sister", "brother", "aunt", "uncle", "neighbor", "boss", "roommate", "cousin")
_CITIES = ("boston", "denver", "berlin", "madrid", "toronto", "leeds", "austin", "oslo")
_DULL = word_set("please need want like some give make take put tell show start stop turn how what when much let")


def content_words(skill: Skill) -> tuple[list[str], list[str]]:
    """What a skill's examples are about: things and deeds, without the words that any request holds.

    A thing is a word that the thesaurus calls one, or that it does not know and that stands behind an article: of
    "through", "another" and "tonight" nobody says "my mother never liked the another".
    """
    things: dict[str, None] = {}
    deeds: dict[str, None] = {}
    for example in skill.examples:
        first, before = True, ""
        for part in sentence_of(example, skill).parts:
            before = "" if part.argument else before
            for word in part.text.split() if not part.argument else ():
                bare = word.strip("'")
                if (first or bare in deeds) and _is_deed(bare):
                    deeds[bare] = None
                elif not _is_dull(bare) and _is_thing(bare, before):
                    things[bare] = None
                first = first and _is_dull(bare)
                before = bare
    return list(things), list(deeds)


def _is_dull(word: str) -> bool:
    plain_word = word.isalpha() and len(word) > 2
    return not plain_word or word in CARRIERS or word in _DULL or word in LINKS or word in ARTICLES


def _is_deed(word: str) -> bool:
    return is_command(word) or kinds(word) == {"deed"}


def _is_thing(word: str, before: str) -> bool:
    found = kinds(word)
    return ("thing" in found and "deed" not in found) or (before in ARTICLES and (not found or "thing" in found))


def near_misses(skills: Sequence[Skill], count: int, chance: random.Random) -> Iterator[Case]:
    """About `count` sentences, as even over the skills as their words allow; fewer where they hold no such word."""
    frames = [(skill, frame, word) for skill in skills for frame, word in _pairs(skill)]
    chance.shuffle(frames)
    for skill, frame, word in frames[:count]:
        text = frame.format(word, kin=chance.choice(_KIN), city=chance.choice(_CITIES), past=past(word))
        parts = disturb([Part(text)], "none", chance)
        said = plain("".join(part.text for part in parts))
        digest = hashlib.sha256(frame.encode()).hexdigest()[:10]
        yield Case(said, "none", source="near-miss", group=f"near-miss:{skill.name}:{digest}")


def _pairs(skill: Skill) -> Iterator[tuple[str, str]]:
    things, deeds = content_words(skill)
    for word in things:
        frames = (frame for frame in _OF_THINGS if plural(word) != word or not _OF_ONE.search(frame))
        yield from ((frame, word) for frame in frames)
    for word in deeds:
        yield from ((frame, word) for frame in _OF_DEEDS)
