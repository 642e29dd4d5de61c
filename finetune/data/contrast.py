"""Wishes like a skill's that it does not serve: its example with another thing, or another deed.

"Where is my parcel" is for `track_parcel`, "where is my wallet" is not. Near misses of talk (`finetune.data.misses`)
do not teach that: they are no wishes. All of these are `none()`.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence

from assistant.prompt import plain
from assistant.skill import Skill
from assistant.wording import token
from evals.cases import Case
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
    others = {kind: [w for w in words_of(kind) if near.is_far(w) and token(w) not in served] for kind in _KINDS}
    places = [(one, at, of) for one in sentences([skill]) for at, of in _places(one)]
    while places and all(others.values()):
        sentence, at, of = chance.choice(places)
        words = "".join(part.text for part in fillers.fill(sentence, chance)).split()
        at += len(words) if at < 0 else 0
        words[at] = chance.choice(others[of])
        said = plain("".join(part.text for part in disturb([Part(" ".join(words))], "none", chance)))
        digest = hashlib.sha256(sentence.group.encode()).hexdigest()[:10]
        yield Case(said, "none", source="unserved", group=f"unserved:{skill.name}:{digest}")


_KINDS = ("thing", "deed")


def _places(sentence: Sentence) -> Iterator[tuple[int, str]]:
    """Where the one thing or the one deed stands that tells what is wished for: its place from the start or the end."""
    parts = sentence.parts
    first = parts[0].text.split() if not parts[0].argument else []
    if first and "deed" in kinds(first[0]) and sum(bool(part.argument) for part in parts):
        yield 0, "deed"
    last = parts[-1].text.split() if not parts[-1].argument else []
    things = [word for part in parts if not part.argument for word in part.text.split() if kinds(word) & {"thing"}]
    if last and things == [last[-1]]:
        yield -1, "thing"
