"""The rows that a task is learned from, and the phrasings that are held out to measure it by.

The new skill's rows grow from its own signed examples; everything else is replay: sentences of the skills that ship
and talk for nobody, which say what is not meant. What grows from one example is one group, on one side.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.config import Settings
from assistant.prompt import plain
from assistant.skill import Skill
from evals.cases import Case
from evals.sets import Kept, group_key
from finetune import grow
from finetune.data.build import gate_of
from finetune.data.gate import Gate
from finetune.data.growth import Wish, grown, make_case
from finetune.data.misses import content_words
from finetune.data.templates import Fillers, Sentence, group_of
from finetune.disturb import Part, disturb
from finetune.learn.task import Task
from finetune.piles_of_words import Piles
from finetune.rows import shipped_skills

OWN = 1600
"""Rows of each new skill, with its near misses."""
REPLAY = 8000
QUALIFIED = 0.25
"""How often an open text argument of theirs has another word before what it names."""
HELD_SHARE, FEWEST = 0.2, 5
"""How many of a skill's examples are held out while it is measured, and from how many on any are."""
PHRASINGS = 48
"""Held-out sentences that grow from them, near misses included."""
VARIANTS = 24
"""Of each labelled turn: with another greeting, other words for its arguments, a word misheard."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What is learned from; every case is in plain form and holds its own words."""

    own: tuple[Case, ...]
    """Of new skills, near misses of them, of labelled turns, and those that a person found good."""
    replay: tuple[Case, ...]
    held: tuple[Case, ...] = ()
    """Phrasings that `own` was grown without."""


@dataclass(frozen=True, slots=True)
class House:
    """What rows are made for."""

    settings: Settings
    skills: Sequence[Skill]
    known: Sequence[str]
    """The skills that the shipped model was trained on."""
    seed: int = 0


def holding_out(task: Task, house: House) -> Rows:
    """Rows without every fifth example of each new skill, and phrasings grown from those that are held out."""
    kept = [without_held(skill, house.seed) for skill in task.skills]
    held = [
        replace(skill, examples=tuple(e for e in skill.examples if e not in rest.examples))
        for skill, rest in zip(task.skills, kept, strict=True)
    ]
    asked = [skill for skill in held if skill.examples]
    found = _grown(asked, PHRASINGS, house, house.seed + 1)
    # A near miss hangs on a frame, not on an example: one that is trained on measures nothing.
    out = {group_of(example) for skill in held for example in skill.examples}
    rest = replace(task, accepted=tuple(case for case in task.accepted if case.group not in out))
    own = _own(rest, kept, house)
    taught = {group_key(case.text) for case in own}
    return Rows(own, _replay(task, house), tuple(case for case in found if group_key(case.text) not in taught))


def everything(task: Task, house: House) -> Rows:
    """Rows of all there is to learn."""
    return Rows(_own(task, task.skills, house), _replay(task, house))


def without_held(skill: Skill, seed: int) -> Skill:
    """The skill without the examples that are held out."""
    held = _held_examples(skill, seed)
    return replace(skill, examples=tuple(e for at, e in enumerate(skill.examples) if at not in held))


def _held_examples(skill: Skill, seed: int) -> frozenset[int]:
    """Which examples are held out: always the same ones; none where there are too few to spare any."""
    count = len(skill.examples)
    if count < FEWEST:
        return frozenset()
    return frozenset(random.Random(f"{seed} {skill.name}").sample(range(count), max(1, round(count * HELD_SHARE))))


def _own(task: Task, skills: Sequence[Skill], house: House) -> tuple[Case, ...]:
    """Rows of the new skills, the labelled turns and the accepted rows, through the gate that all rows of ours go
    through: a sentence of an evaluation set is not learned, whoever found it good."""
    gate = gate_of(house.settings, tuple(house.skills))
    made = _grown(skills, OWN, house, house.seed)
    return tuple(_passed(gate, (*task.accepted, *made, *_labelled(task, house))))


def _passed(gate: Gate, cases: Sequence[Case]) -> Iterator[Case]:
    return (case for case in cases if not gate.reason(case))


def _grown(skills: Sequence[Skill], each: int, house: House, seed: int) -> list[Case]:
    """What each skill grows by itself, so that none loses its share to another."""
    found: list[Case] = []
    for skill in skills:
        found += grown(Wish([skill], each, seed, known=house.skills, qualified=QUALIFIED))
    return found


def _labelled(task: Task, house: House) -> Iterator[Case]:
    """Each labelled turn as it was said, and otherwise."""
    by_name = {skill.name: skill for skill in house.skills}
    chance = random.Random(house.seed)
    fillers = Fillers(house.skills, Piles.read(grow.PILES, {}))
    for case in task.labelled:
        yield case
        make = _variant(case, by_name[case.skill], fillers, chance)
        seen = {case.text}
        for _ in range(VARIANTS):
            found = make()
            if found is not None and found.text not in seen:
                seen.add(found.text)
                yield found


def _variant(case: Case, skill: Skill, fillers: Fillers, chance: random.Random) -> Callable[[], Case | None]:
    if skill.name == "none":
        return lambda: replace(case, text=_blurred(case.text, chance))
    sentence = Sentence(skill, parts_of(case, skill), case.group, "diary")
    return lambda: make_case(sentence, fillers, chance)


def _blurred(text: str, chance: random.Random) -> str:
    return plain("".join(part.text for part in disturb([Part(text)], "none", chance)))


def parts_of(case: Case, skill: Skill) -> tuple[Part, ...]:
    """A case cut at its arguments' words; a closed argument, which no words stand for, is an empty part at the end."""
    places = []
    for name, words in case.words.items():
        if not skill.argument(name).choices:
            places.append((f" {case.text} ".find(f" {words} "), name, words))
    parts, end = [], 0
    for start, name, words in sorted(places):
        if start < end:  # it stands inside a word ("5kg"), or two arguments share it: no variant but the turn itself
            return (Part(case.text),)
        parts += [Part(case.text[end:start]), Part(words, name)]
        end = start + len(words)
    parts.append(Part(case.text[end:]))
    closed = [Part("", name, words) for name, words in case.words.items() if skill.argument(name).choices]
    return (*(part for part in parts if part.text), *closed)


def _replay(task: Task, house: House) -> tuple[Case, ...]:
    """What the shipped model learned from, grown anew; nothing for nobody that a new skill may be meant by."""
    shipped = [skill for skill in shipped_skills() if skill.name in house.known]  # those that are switched off, too
    theirs = {word for skill in task.skills for words in content_words(skill) for word in words}
    kept = Kept()

    def serves(case: Case) -> bool:
        if case.skill not in house.known or kept.repeats(case.text):
            return False
        return case.skill != "none" or not theirs & set(case.text.split())

    return tuple(filter(serves, grow.grow(shipped, [], REPLAY, house.seed)))
