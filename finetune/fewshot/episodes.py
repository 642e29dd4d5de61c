"""Episodes: a skill known by ten sentences, and sentences that are for it or not."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.shown import FIRST, NAMED, ROLES, SIGNS, UNKNOWN, Line, Slot, asked, grams, spelt
from finetune.fewshot.edges import cut_otherwise
from finetune.fewshot.kinds import by_kinds, kinds, with_neighbours
from finetune.fewshot.pool import Pool, Said, Taught

SHARES = {"invented": 0.7, "ours": 0.1, "clinc": 0.08, "hwu": 0.06, "snips": 0.06}
"""Of the episodes, by the source of the skill."""
EXAMPLES, RIGHT, NEAR, CONFUSABLE, OTHERS, SERVED, TALK, UNSERVED = 10, 13, 3, 3, 2, 2, 2, 2
"""Sentences of an episode: examples, others for the skill, and those that are not for it: its near misses, for skills
like it, for any skill, for one of ours, talk, and wishes that no skill of ours serves."""
ASKED = RIGHT + NEAR + CONFUSABLE + OTHERS + SERVED + TALK + UNSERVED
READ, SLOTS, NAME = 16, SIGNS, NAMED
"""Words of a sentence in training, slots of a skill, words of a slot's name."""
SHORTER = 0.3
"""So many episodes show fewer than ten examples."""
BY_ANOTHER = 9
"""So many of the sentences for a skill are by another author than its examples, as in a house, where there are any."""
TWICE = 2
"""So often a skill with such sentences is drawn beside one without."""
AS_WRITTEN = 0.6
"""So many show the examples of the skill's author, where there are any, and not others among them."""
OTHER_VALUE = 0.4
"""So many free texts are exchanged for those of another sentence of any skill."""
ODD_VALUES = ((0.6, 0.0), (0.25, 0.15), (0.15, 0.6))
"""Share of the episodes, and of the free texts in them that are exchanged for a piece of talk, as titles and messages
are: "let it be", "i'll be late". Where such words begin and end their frame tells, and no word of theirs."""
ODD_WORDS = 7
"""Of such a piece, at most."""
BY_KINDS = 0.35
"""So many skills have a choice among kinds of things in the place of a free text or of another choice."""
IN_ITS_WORDS = 0.15
"""So many of the sentences for a skill are an example that is shown, with the words of another sentence's arguments:
authors of phrasings avoid such plain wishes, and those of near misses do not."""
FREE = ROLES.index("text")


class Words:
    """The table of words: those that are said at least twice in the pool."""

    def __init__(self, known: Sequence[str]) -> None:
        self.known = tuple(known)
        self._at = {word: at for at, word in enumerate(known, FIRST + 1)}
        self._grams: dict[str, tuple[int, ...]] = {}

    @staticmethod
    def of(pool: Pool, least: int = 2) -> Words:
        """Counted over everything that is said, purposes and names of arguments included."""
        times: Counter[str] = Counter()
        for words in pool.plain_texts:
            times.update(words)
        for one in pool.taught.values():
            for words in (*(said.line.words for said in one.said()), *(near.words for near in one.near)):
                times.update(words)
            times.update({word: least for slot in one.slots for word in slot.name})
            times.update(one.purpose.words)
        for kind in with_neighbours(kinds()):
            times.update({word: least for words in (kind.name, *kind.members) for word in words})
        return Words(sorted({spelt(word) for word, n in times.items() if n >= least}))

    def __len__(self) -> int:
        return len(self.known) + FIRST + 1

    def place(self, word: str) -> int:
        """In the table; UNKNOWN for a word that is not in it."""
        return self._at.get(spelt(word), UNKNOWN)

    def grams(self, word: str) -> tuple[int, ...]:
        """As `assistant.fewshot.grams`, remembered."""
        if word not in self._grams:
            self._grams[word] = grams(spelt(word))
        return self._grams[word]


@dataclass(frozen=True, slots=True)
class Episode:
    """One skill, what it is known by, and what is asked."""

    lines: tuple[Line, ...]
    slots: tuple[Slot, ...]
    asked: tuple[Said, ...]
    right: tuple[bool, ...]


class Episodes:
    """Draws episodes. Not thread-safe."""

    def __init__(self, pool: Pool, seed: int) -> None:
        self._pool, self._seed, self._chance, self._odd = pool, seed, random.Random(seed), 0.0
        self._of: dict[str, dict[str, int]] = {}  # source -> its skills -> how often each is drawn
        for name, one in pool.taught.items():
            if len(one.said()) >= EXAMPLES + 10 and len(one.slots) <= SLOTS:
                often = TWICE if any(said.by_another for said in one.phrasings) else 1
                self._of.setdefault(one.source.split(":")[0], {})[name] = often
        self._values = [
            said.line.words[slice(*said.line.run(place))]
            for names in self._of.values()
            for name in names
            for said in pool.taught[name].said()
            for place in _free(said.line)
        ]

    def at(self, step: int, count: int) -> list[Episode]:
        """Those of a step, the same whenever they are asked for."""
        self._chance = random.Random(f"{self._seed}:{step}")
        return [self.draw() for _ in range(count)]

    def texts(self, step: int, count: int) -> list[tuple[str, ...]]:
        """Sentences of that step whose words are to be guessed."""
        return random.Random(f"texts {self._seed}:{step}").choices(self._pool.plain_texts, k=count)

    def draw(self) -> Episode:
        """The next."""
        sources = list(self._of)
        source = self._chance.choices(sources, [SHARES[one] for one in sources])[0]
        names = self._of[source]
        one = self._pool.taught[self._chance.choices(list(names), list(names.values()))[0]]
        if self._chance.random() < BY_KINDS:
            one = by_kinds(one, self._chance) or one
        return self.of(cut_otherwise(one, self._chance))

    def of(self, one: Taught) -> Episode:
        """An episode about one skill."""
        chance = self._chance
        self._odd = chance.choices([rate for _, rate in ODD_VALUES], [share for share, _ in ODD_VALUES])[0]
        every = [said for said in one.said() if len(said.line.words) <= READ]
        marked = [said for said in every if said.closed_known and not said.by_another]
        written = [said for said in one.examples if len(said.line.words) <= READ]
        if len(written) >= EXAMPLES and chance.random() < AS_WRITTEN:
            examples = chance.sample(written, EXAMPLES)
        else:
            examples = chance.sample(marked, min(EXAMPLES, max(4, len(marked) - 4)))
        if chance.random() < SHORTER:
            examples = examples[: chance.randint(4, EXAMPLES)]
        shown = {said.line.words for said in examples}
        rest = [said for said in every if said.line.words not in shown]
        right = self._right(rest)
        wrong = self._wrong(one)
        right = [(chance.random() < IN_ITS_WORDS and self._in_its_words(examples, every)) or said for said in right]
        asked_ = [*(replace(said, line=self._with_other_values(said.line)) for said in right), *map(Said, wrong)]
        purpose = Line(one.purpose.words[:READ], one.purpose.roles[:READ], one.purpose.slots[:READ])
        lines = (purpose, *(self._with_other_values(said.line) for said in examples))
        if chance.random() < 0.3:
            lines = lines[1:]
        return Episode(lines, one.slots, tuple(asked_), (True,) * len(right) + (False,) * len(wrong))

    def _right(self, rest: Sequence[Said]) -> list[Said]:
        """Sentences for a skill, those of other authors among them."""
        others = [said for said in rest if said.by_another]
        others = self._chance.sample(others, min(BY_ANOTHER, len(others)))
        same = [said for said in rest if not said.by_another]
        return [*others, *self._chance.sample(same, min(RIGHT - len(others), len(same)))]

    def _wrong(self, one: Taught) -> list[Line]:
        chance, pool = self._chance, self._pool
        near = chance.sample(one.near, min(NEAR, len(one.near)))
        same = one.confusable
        found = [self._any(chance.choice(same)) for _ in range(CONFUSABLE + (0 if near else NEAR)) if same]
        among = list(self._of.get("invented", ()))
        # A public set's intent may be one of ours, or another set's: those are asked beside invented skills alone.
        if one.source.startswith("invented"):
            ours = list(self._of.get("ours", ()))
            found += [self._any(other) for other in chance.sample(ours, min(SERVED, len(ours)))]
            found += chance.sample(pool.unserved, UNSERVED)
            among = [name for names in self._of.values() for name in names]
        found += [self._any(other) for other in chance.sample(among, min(OTHERS, len(among))) if other != one.name]
        found += chance.sample(pool.talk, TALK)
        return [Line(one.words[:READ], one.roles[:READ], one.slots[:READ]) for one in (*near, *found)]

    def _any(self, name: str) -> Line:
        other = self._pool.taught[name]
        if other.near and self._chance.random() < 0.15:
            return self._chance.choice(other.near)
        return asked(self._chance.choice(other.said()).line.words)

    def _in_its_words(self, shown: Sequence[Said], every: Sequence[Said]) -> Said | None:
        """An example, each of its arguments in the words of another sentence of the skill; None where that is no
        other sentence, or too long a one."""
        said = self._chance.choice(shown)
        one = said.line
        for place in sorted({of for of in one.slots if of >= 0}):
            other = self._chance.choice([other.line for other in every if place in other.line.slots])
            one = _exchanged(one, *one.run(place), other.words[slice(*other.run(place))])
        known = one.words in {example.line.words for example in shown}
        return None if known or len(one.words) > READ else replace(said, line=one)

    def _with_other_values(self, one: Line) -> Line:
        """The line with other words in one of its free texts."""
        for place in _free(one):
            odd = self._chance.random() < self._odd
            if odd or self._chance.random() < OTHER_VALUE:
                words = self._piece() if odd else self._chance.choice(self._values)
                found = _exchanged(one, *one.run(place), words)
                if len(found.words) <= READ:
                    return found
        return one

    def _piece(self) -> tuple[str, ...]:
        """Some words of talk that follow one another."""
        words = self._chance.choice(self._pool.talk).words
        first = self._chance.randrange(len(words))
        return words[first : first + self._chance.randint(1, ODD_WORDS)]


def _exchanged(one: Line, first: int, end: int, words: tuple[str, ...]) -> Line:
    """The line with other words in the place of a slot's."""
    slot, role = one.slots[first], one.roles[first]
    return Line(
        (*one.words[:first], *words, *one.words[end:]),
        (*one.roles[:first], *[role] * len(words), *one.roles[end:]),
        (*one.slots[:first], *[slot] * len(words), *one.slots[end:]),
    )


def _free(one: Line) -> list[int]:
    """The slots of its free texts."""
    return sorted({of for of, role in zip(one.slots, one.roles, strict=True) if role == FREE and of >= 0})
