"""Rows from the skills' own signed examples: reworded, filled with other words, said as people say things.

Serves a skill of somebody else's the moment it is installed. For the skills that Hark ships, the templates that this
project wrote are taken beside the examples. What grows from one example is one paraphrase group.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from assistant.prompt import plain
from assistant.skill import Skill, SkillError
from evals.cases import FAMILY_OF, Case, stands_in
from finetune import grow
from finetune.data.combine import combined, tails
from finetune.data.contrast import unserved
from finetune.data.falter import falter
from finetune.data.misses import content_words, near_misses
from finetune.data.otherwise import Otherwise
from finetune.data.reword import reword
from finetune.data.templates import Fillers, Sentence, known_templates, sentences
from finetune.disturb import disturb
from finetune.piles_of_words import Piles

COUNT = 2000
SEED = 20261120
NONE_SHARE = 0.28
"""Of the rows that are asked for: sentences that are for nobody."""
NEAR_MISS_SHARE = 0.6
"""Of those, near misses of the very skills that grow, as far as their words go; the others are talk of our own."""
OTHERWISE = 0.75
"""How often an example is said in other words of the thesaurus before it is reworded."""
UNSERVED_SHARE = 0.2
"""Of them: wishes like those of the skills that grow, for what they do not do."""
TRIES = 4
"""So many for each row that is wanted: a short example soon says nothing new."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to grow."""

    skills: Sequence[Skill]
    count: int = COUNT
    """Rows, `none` included, before any is refused."""
    seed: int = SEED
    paraphrases: Mapping[str, Sequence[Sentence]] = field(default_factory=dict)
    """Group -> paraphrases of its example (finetune.data.paraphrase); they are grown from as examples are."""
    known: Sequence[Skill] = ()
    """All skills of the house; `none` talk must not be a request of one that does not grow this time."""
    qualified: float = 0.0
    """See `Fillers`."""


def chosen(skills: Sequence[Skill], names: Sequence[str]) -> tuple[Skill, ...]:
    """The named skills, or all but `none` where none is named. Raises SkillError for a name that is unknown."""
    by_name = {skill.name: skill for skill in skills if skill.name != "none"}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise SkillError(f"there is no skill {unknown[0]}; `hark skills list` shows them")
    return tuple(by_name[name] for name in names) if names else tuple(by_name.values())


def grown(wish: Wish, told: Callable[[int], None] = lambda _: None) -> Iterator[Case]:
    """About `wish.count` distinct rows, even over the skills and over each skill's examples. Deterministic by seed."""
    chance = random.Random(wish.seed)
    piles = Piles.read(grow.PILES, {})
    fillers = Fillers(wish.skills, piles, wish.qualified)
    templates: dict[str, list[grow.Template]] = defaultdict(list)
    for template in known_templates(wish.skills):
        templates[template.skill].append(template)
    for_nobody = int(wish.count * NONE_SHARE)
    each = max(1, (wish.count - for_nobody) // max(1, len(wish.skills)))
    done = 0
    for skill in wish.skills:
        own = [*sentences([skill]), *_paraphrases(wish, skill)]
        makers = [_from_example(own, fillers, chance)]
        if templates[skill.name]:
            makers.append(_from_template(templates[skill.name], piles, chance))
        for case in _distinct(makers, each, chance):
            done += 1
            told(done)
            yield case
    yield from _for_nobody(wish, for_nobody, piles, chance)


def _paraphrases(wish: Wish, skill: Skill) -> Iterator[Sentence]:
    for found in wish.paraphrases.values():
        yield from (sentence for sentence in found if sentence.skill.name == skill.name)


Maker = Callable[[], Case | None]


def _distinct(makers: Sequence[Maker], wanted: int, chance: random.Random) -> Iterator[Case]:
    seen: set[str] = set()
    for _ in range(wanted * TRIES):
        if len(seen) >= wanted:
            return
        case = chance.choice(makers)()
        if case is not None and case.text not in seen:
            seen.add(case.text)
            yield case


def _from_example(own: Sequence[Sentence], fillers: Fillers, chance: random.Random) -> Maker:
    others, otherwise = tails(own), Otherwise(own[0].skill)

    def make() -> Case | None:
        sentence = combined(chance.choice(own), others, chance)
        parts, framed = sentence.parts, False
        if chance.random() < OTHERWISE:
            parts, framed = otherwise.said(parts, chance)
        return make_case(replace(sentence, parts=parts if framed else reword(parts, chance)), fillers, chance)

    return make


def _from_template(templates: Sequence[grow.Template], piles: Piles, chance: random.Random) -> Maker:
    return lambda: grow.make(chance.choice(templates), piles, chance)


def make_case(sentence: Sentence, fillers: Fillers, chance: random.Random) -> Case | None:
    """One row of a sentence; None where its words no longer stand in it."""
    parts = fillers.fill(sentence, chance)
    others = [part.text for part in fillers.fill(sentence, chance) if part.argument and not part.choice][:1]
    parts = falter(parts, chance, others if len(others) == sum(bool(p.argument) for p in parts) else ())
    said = disturb(list(parts), sentence.skill.name, chance)
    # "... for me please" after an open text may as well be part of it.
    last = parts[-1]
    if last.argument and sentence.skill.argument(last.argument).kind == "text" and said[-1] != last:
        said = said[:-1]
    text = plain(plain("".join(part.text for part in said)))
    words = {}
    for part in said:
        if part.argument:
            words[part.argument] = part.choice or plain(part.text)
            if not part.choice and not stands_in(words[part.argument], text):
                return None
    return Case(text, sentence.skill.name, words, source=f"grown-{sentence.source}", group=sentence.group)


def _for_nobody(wish: Wish, wanted: int, piles: Piles, chance: random.Random) -> Iterator[Case]:
    """Near misses of the skills that grow, then talk and wishes that no skill serves."""
    misses = list(near_misses(wish.skills, int(wanted * NEAR_MISS_SHARE), chance))
    for skill in wish.skills:
        if skill.name not in FAMILY_OF:
            some = int(wanted * UNSERVED_SHARE / len(wish.skills))
            misses += islice(unserved(skill, wish.known, Fillers([skill], piles), chance), some)
    yield from misses
    talk = [template for template in grow.read_templates() if template.skill == "none"]
    theirs = _mentions([skill for skill in (*wish.skills, *wish.known) if skill.name not in FAMILY_OF])
    for case in _distinct([_from_template(talk, piles, chance)], wanted - len(misses), chance):
        if not theirs & set(case.text.split()):
            yield case


def _mentions(skills: Sequence[Skill]) -> frozenset[str]:
    """What the skills' examples are about: a wish with such a word may be theirs, though it was written for nobody."""
    return frozenset(word for skill in skills for words in content_words(skill) for word in words)
