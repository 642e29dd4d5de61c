"""The rows that a task is learned from, and the phrasings that are held out to measure it by.

The new skill's rows grow from its own signed examples; everything else is replay: sentences of the skills that ship
and talk for nobody, which say what is not meant. What grows from one example is one group, on one side.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.config import Settings
from assistant.prompt import plain
from assistant.skill import Skill
from evals.cases import Case
from evals.sets import Kept, group_key, kept_from_training
from finetune import grow
from finetune.data.build import gate_of
from finetune.data.growth import Wish, grown, make_case
from finetune.data.misses import content_words
from finetune.data.templates import Fillers, Sentence, group_of
from finetune.disturb import Part, disturb
from finetune.learn.talk import is_kept
from finetune.learn.task import Task
from finetune.piles_of_words import Piles
from finetune.rows import shipped_skills

OWN = 1600
"""Rows of each new skill, with its near misses."""
REPLAY = 8000
QUALIFIED = 0.25
"""How often an open text argument of theirs has another word before what it names."""
HELD_SHARE, FEWEST, FEWEST_OWN = 0.5, 6, 3
"""How many of a skill's examples are held out while it is measured, from how many on any are (three that gain are the
fewest that tell), and how many sentences of the household's own tell as much."""
PHRASINGS = 84
"""Sentences that grow from them, before those for nobody are left out."""
VARIANTS = 24
"""Of each labelled turn: with another greeting, other words for its arguments, a word misheard."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What is learned from; every case is in plain form and holds its own words."""

    own: tuple[Case, ...]
    """Of new skills, near misses of them, of labelled turns, and those that a person found good."""
    replay: tuple[Case, ...]
    held: tuple[Case, ...] = ()
    """Phrasings of the skills that are learned; `own` was grown without their examples."""


@dataclass(frozen=True, slots=True)
class House:
    """What rows are made for."""

    settings: Settings
    skills: Sequence[Skill]
    known: Sequence[str]
    """The skills that the shipped model was trained on."""
    seed: int = 0
    measured: Sequence[str] = ()
    """Sentences that the household measures by; nothing like them is learned."""


def rows_of(task: Task, house: House) -> tuple[Rows, Rows]:
    """The rows of both trainings: without what is held out, with phrasings grown from that; and all there is to learn.

    Held out are half of the examples of each new skill, and of a skill that is not new half of the groups of its
    accepted rows.
    """
    replay = _replay(task, house)
    return _holding_out(task, house, replay), Rows(_own(task, task.skills, house), replay)


def _holding_out(task: Task, house: House, replay: tuple[Case, ...]) -> Rows:
    kept = [without_held(skill, house.seed) for skill in task.skills]
    held = [
        replace(skill, examples=tuple(e for e in skill.examples if e not in rest.examples))
        for skill, rest in zip(task.skills, kept, strict=True)
    ]
    asked = [skill for skill in held if skill.examples]
    found = _grown(asked, PHRASINGS, house, house.seed + 1)
    out = {group_of(example) for skill in held for example in skill.examples} | held_groups(task, house.seed)
    rest = replace(task, accepted=tuple(case for case in task.accepted if case.group not in out))
    own = _own(rest, kept, house)
    taught = {group_key(case.text) for case in own}
    asked_for = [case for case in (*found, *task.accepted) if case.group in out and case.skill != "none"]
    return Rows(own, replay, tuple(case for case in asked_for if group_key(case.text) not in taught))


def without_held(skill: Skill, seed: int) -> Skill:
    """The skill without the examples that are held out."""
    held = _held_examples(skill, seed)
    return replace(skill, examples=tuple(e for at, e in enumerate(skill.examples) if at not in held))


def is_measurable(skill: Skill, own: Sequence[Case]) -> bool:
    """Whether enough is held out of a new skill, or said in the household's own cases, to see if it gets better."""
    return _can_spare(skill) or own_tell(skill.name, own)


def own_tell(skill: str, own: Sequence[Case]) -> bool:
    """Whether the household's own cases say enough for a skill to see if it gets better."""
    return len({case.group or case.text for case in own if case.skill == skill}) >= FEWEST_OWN


def _can_spare(skill: Skill) -> bool:
    """Whether it has enough examples that differ."""
    return len({example.text for example in skill.examples}) >= FEWEST


def _held_examples(skill: Skill, seed: int) -> frozenset[int]:
    """Which examples are held out: always the same ones; none where there are too few to spare any."""
    if not _can_spare(skill):
        return frozenset()
    count = len(skill.examples)
    return frozenset(random.Random(f"{seed} {skill.name}").sample(range(count), round(count * HELD_SHARE)))


def held_groups(task: Task, seed: int) -> frozenset[str]:
    """Which groups of accepted rows are held out, of skills that are not new: half where there are enough to spare."""
    new = {skill.name for skill in task.skills}
    groups: dict[str, set[str]] = defaultdict(set)
    for case in task.accepted:
        if case.skill not in new and case.skill != "none" and case.group:
            groups[case.skill].add(case.group)
    found: set[str] = set()
    for name, mine in groups.items():
        if len(mine) >= FEWEST:
            found |= set(random.Random(f"{seed} {name}").sample(sorted(mine), round(len(mine) * HELD_SHARE)))
    return frozenset(found)


def _own(task: Task, skills: Sequence[Skill], house: House) -> tuple[Case, ...]:
    """Rows of the new skills, the labelled turns and the accepted rows, through the gate that all rows of ours go
    through: a sentence of an evaluation set is not learned, whoever found it good."""
    mine = Kept(group_key(text) for text in house.measured)
    gate = gate_of(house.settings, tuple(house.skills))
    made = _grown(skills, OWN, house, house.seed)
    learnable = [case for case in (*task.accepted, *made, *_labelled(task, house)) if not is_kept(case)]
    return tuple(case for case in learnable if not mine.repeats(case.text) and not gate.reason(case))


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
    kept = Kept({*kept_from_training(), *map(group_key, house.measured)})

    def serves(case: Case) -> bool:
        if case.skill not in house.known or is_kept(case) or kept.repeats(case.text):
            return False
        return case.skill != "none" or not theirs & set(case.text.split())

    return tuple(filter(serves, grow.grow(shipped, [], REPLAY, house.seed)))
