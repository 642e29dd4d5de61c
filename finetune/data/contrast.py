"""Wishes like a skill's that it does not serve: its example with another thing, or another deed.

"Where is my parcel" is for `track_parcel`, "where is my wallet" is not, and neither is "sell the parcel". Near misses
of talk (`finetune.data.misses`) do not teach that: they are no wishes. All of these are `none()`.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from assistant.prompt import plain
from assistant.skill import Skill
from assistant.wording import ARTICLES, token, word_set
from evals.cases import Case
from finetune.data.inflect import plural
from finetune.data.otherwise import Otherwise, kinds, words_of
from finetune.data.templates import Fillers, Sentence, sentences
from finetune.disturb import Part, disturb


def unserved(skill: Skill, house: Sequence[Skill], fillers: Fillers, chance: random.Random) -> Iterator[Case]:
    """Wishes for nobody without end; none where the examples hold no word that the thesaurus knows.

    Args:
        house: all skills; what one of their examples speaks of may be a wish for that one, and is not put in.
    """
    near = Otherwise(skill)
    served = {token(word) for one in (*house, skill) for e in one.examples for word in plain(e.text).split()}
    things = [word for word in words_of("thing") if plural(word) != word]
    others = {
        kind: [word for word in words if near.is_far(word) and token(word) not in served]
        for kind, words in (("thing", things), ("deed", _DEEDS))
    }
    places = [place for one in sentences([skill]) for place in _places(one) if others[place[2]]]
    while places:
        sentence, at, of = chance.choice(places)
        words = "".join(part.text for part in fillers.fill(sentence, chance)).split()
        at += len(words) if at < 0 else 0
        words[at] = chance.choice(others[of])
        said = plain("".join(part.text for part in disturb([Part(" ".join(words))], "none", chance)))
        digest = hashlib.sha256(sentence.group.encode()).hexdigest()[:10]
        yield Case(said, "none", source="unserved", group=f"unserved:{skill.name}:{digest}")


_DEEDS = sorted(
    word_set(
        "sell paint repair fix hide pack move insure label inspect describe compare replace rent donate borrow return "
        "count weigh measure photograph film draw carry lift drop steal find order buy compliment review ignore keep"
    )
)
"""What can be done with any thing that is wished for; "honk a wash" and "dislike the towels" are said by none."""


_DEFINITE = ARTICLES - {"a", "an", "some"}
"""Behind these stands a thing that there is; "the lettuce could use an excursion" is said by none."""


def _of_it(rest: Sequence[Part]) -> Iterator[Part]:
    """The things that an argument stands before."""
    words = rest[0].text.split() if rest and not rest[0].argument else []
    things = " ".join(takewhile(lambda word: "thing" in kinds(word), words))
    if things:
        yield Part(f" {things}")


def _places(sentence: Sentence) -> Iterator[tuple[Sentence, int, str]]:
    """Where the one thing or the one deed stands that tells what is wished for: its place from the start or the end.

    What follows the argument of a deed hangs on that deed, and is left out, but for the thing that it is said of:
    "pull the study blinds up" becomes "sell the study blinds".
    """
    parts = sentence.parts
    first = parts[0].text.split() if not parts[0].argument else []
    named = len(parts) > 1 and parts[1].argument and sentence.skill.argument(parts[1].argument).kind == "text"
    deed, rest = "deed" in kinds(first[0] if first else ""), first[1:]
    if deed and len(rest) > 1 and rest[0] in ARTICLES and "thing" in kinds(rest[1]):
        named_so = takewhile(lambda word: "thing" in kinds(word), rest[1:])
        yield replace(sentence, parts=(Part(" ".join((*first[:2], *named_so))),)), 0, "deed"
    elif deed and named and (not rest or (len(rest) == 1 and rest[0] in ARTICLES)):
        yield replace(sentence, parts=(*parts[:2], *_of_it(parts[2:]))), 0, "deed"
    last = parts[-1].text.split() if not parts[-1].argument else []
    things = [word for part in parts if not part.argument for word in part.text.split() if kinds(word) & {"thing"}]
    if len(last) > 1 and things == [last[-1]] and last[-2] in _DEFINITE and plural(last[-1]) != last[-1]:
        yield sentence, -1, "thing"
