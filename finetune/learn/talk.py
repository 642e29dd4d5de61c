"""Talk that nobody means for the assistant, to count what is newly answered by; nothing of it is learned from.

A fixed sample of overheard talk, from the side of our chatter that no shipped skill model was trained on; and, for each
skill that is learned, near misses: its words in frames that no row is grown in, and lines of our own that say them to
somebody else. None of it is a line of an evaluation set.
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from assistant.overheard import log_odds
from assistant.prompt import plain
from assistant.skill import Skill
from assistant.wording import DAY, NUMBER, tokens, weight
from evals.answers import Answer
from evals.cases import Case
from evals.sets import Kept, on_held_side
from finetune import grow, invented
from finetune.data.misses import near_misses

OVERHEARD = 300
"""Lines of overheard talk."""
GROWN, SAID = 40, 60
"""Near misses of each skill: those that are grown, and lines that say its words."""
FRAMES = 4
"""Every so many frames of a near miss is kept for measuring."""
TELLING = 5.8
"""What a word must weigh for a line with it to be a near miss; see `assistant.wording.weight`."""
SOUNDS_LIKE_TALK = 2.0
"""Log odds: a line less like talk may well be a wish for a skill that nobody had in mind who wrote it."""
NEAR = "near:"
SEED = 20261121


@dataclass(frozen=True, slots=True)
class Talk:
    """Cases for nobody, each text once; those of `near` are tagged with the skills that they nearly mean."""

    overheard: tuple[Case, ...] = ()
    near: tuple[Case, ...] = ()

    @property
    def cases(self) -> tuple[Case, ...]:
        """All of it."""
        return (*self.overheard, *self.near)


def is_kept(case: Case) -> bool:
    """Whether a row is not learned from, so that its like can be measured by: overheard talk, and frames."""
    if case.skill != "none":
        return False
    if case.group.startswith("near-miss:"):
        return _number(case.group.rpartition(":")[2]) % FRAMES == 0
    return case.group.startswith("chatter:") and on_held_side(case.group)


def talk_for(skills: Iterable[Skill]) -> Talk:
    """What is measured by where these skills are learned; always the same lines for the same skills."""
    lines = {plain(one.line): one.group for one in grow.read_templates() if one.source == "chatter"}
    measured = Kept()
    kept = sorted((text for text, group in lines.items() if on_held_side(group)), key=_digest)
    sample = islice((text for text in kept if not measured.repeats(text)), OVERHEARD)
    overheard = tuple(Case(text, "none", source="overheard", group=lines[text]) for text in sample)
    said = dict.fromkeys(invented.near_misses(), "")
    said |= {text: lines[text] for text in kept}
    for case in overheard:
        said.pop(case.text, None)
    found: dict[str, tuple[str, list[str]]] = {}
    for skill in skills:
        saying = islice((one for one in _saying(skill, said) if not measured.repeats(one[0])), SAID)
        for text, group in (*_grown(skill), *saying):
            found.setdefault(text, (group, []))[1].append(f"{NEAR}{skill.name}")
    near = (Case(text, "none", source="near-miss", group=of, tags=tuple(tags)) for text, (of, tags) in found.items())
    return Talk(overheard, tuple(near))


def near_to(skill: str, answers: Sequence[Answer]) -> list[Answer]:
    """Those to near misses of a skill."""
    return [answer for answer in answers if f"{NEAR}{skill}" in answer.case.tags]


def overheard_of(answers: Sequence[Answer]) -> list[Answer]:
    """Those to overheard talk."""
    return [answer for answer in answers if answer.case.source == "overheard"]


def _grown(skill: Skill) -> Iterator[tuple[str, str]]:
    """Near misses that grow from the skill's examples, in frames of which no row is made, with their groups."""
    chance = random.Random(f"{SEED} {skill.name}")
    every = {case.text: case.group for case in near_misses([skill], 10_000, chance) if is_kept(case)}
    yield from list(every.items())[:GROWN]


def _saying(skill: Skill, lines: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Talk that says a telling word of the skill's examples, as even over the words as there are lines."""
    telling = {one for example in skill.examples for one in tokens(plain(example.text).split()) if _tells(one)}
    having: dict[str, list[str]] = defaultdict(list)
    for text in sorted(lines, key=_digest):
        for word in telling.intersection(tokens(text.split())):
            having[word].append(text)
    order = [(turn, word) for word, texts in having.items() for turn in range(len(texts))]
    seen: set[str] = set()
    for turn, word in sorted(order):
        text = having[word][turn]
        if text not in seen and log_odds(text) >= SOUNDS_LIKE_TALK:
            seen.add(text)
            yield text, lines[text]


def _tells(one: str) -> bool:
    return one not in (NUMBER, DAY) and weight(one) >= TELLING


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _number(digest: str) -> int:
    return int(digest[:8], 16)
