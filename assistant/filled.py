"""Which words of a sentence are which argument of a skill, by what the few-shot network says of each word.

A typed argument gets words that its reader reads, a choice those that say it; no word is of two arguments.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.fewshot import Answer
from assistant.prompt import clean_run, plain
from assistant.shown import Habit, Shown, Slot, cut, habits, outside
from assistant.skill import CLOSED, Argument, Skill
from assistant.wording import ARTICLES, LINKS, token, tokens, word_set

Value = Callable[[str, str], object]
"""Kind and words -> what they say; None where the kind's reader cannot read them."""

OWN, EDGES = 0.6, 0.3
"""What the words' own tags say in a run's score, and what its two ends say."""
SURELY = 4.0
"""A word says at most so much for a run, or against it, in nats."""
KNOWN = 5.0
"""What it says for a run that an example has said the choice in the same words."""
SAID_BEFORE = 2.0
"""What it says for a run that it is a free text of an example, word for word, which the network may not know."""
COMMON = 5.0
"""What it says against a run that all its words stand in examples and are no argument's."""
LEAST = {"text": -2.0, "choice": 0.0, "typed": -3.0}
"""A run scores more than this, or the argument is not said; what a reader reads needs less."""
REQUIRED = 2.0
"""So much less is enough for an argument that must be said."""
COURTESIES = tuple(
    tuple(one.split())
    for one in ("please", "thanks", "thank you", "cheers", "for me", "will you", "would you", "can you", "could you")
)
"""What ends a sentence and no argument: "tell the house that [the shower is free] thanks"."""
NEEDED = LINKS | word_set("is are was be it's that's no yes say says said")
"""Words that need those after them."""
READ = 12
"""So many runs are put to a reader, the best first."""


@dataclass(frozen=True, slots=True)
class Run:
    """Words `first` up to `end` as a slot's."""

    score: float
    slot: int
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Form:
    """A skill's arguments, as its examples say them."""

    skill: Skill
    slots: tuple[Slot, ...]
    habits: tuple[Habit, ...]
    """One for each slot."""
    outside: frozenset[str]
    """Tokens of the examples that are no argument's."""
    known: Mapping[tuple[str, ...], Mapping[str, str]]
    """The words of an example -> its arguments."""

    @staticmethod
    def of(skill: Skill, shown: Shown) -> Form:
        """`shown`: the skill with its examples."""
        known = {tuple(cut(example)[1]): _as_heard(skill, example.call.words) for example in skill.examples}
        return Form(skill, shown.slots, habits(shown), outside(shown), known)


def fill(form: Form, parts: tuple[str, ...], answer: Answer, value: Value) -> dict[str, str]:
    """The arguments that are said: name -> its words, in the order of the signature; a closed one's choice.

    Args:
        parts: the chunks of the sentence; the network has read as many words, or the first of them.
        answer: of the network.
    """
    words = [clean_run(part) for part in parts]
    if tuple(words) in form.known:
        return dict(form.known[tuple(words)])
    found: dict[str, str] = {}
    taken: set[int] = set()
    for run in sorted(_runs(form, parts, answer, value), reverse=True, key=lambda one: one.score):
        slot = form.slots[run.slot]
        if slot.argument not in found and taken.isdisjoint(range(run.first, run.end)):
            first, end = _name(form, parts, run)
            first = run.first if first in taken else first
            found[slot.argument] = slot.choice or _said(parts, first, end)
            taken.update(range(min(first, run.first), run.end))
    return {a.name: found[a.name] for a in form.skill.arguments if a.name in found}


def _as_heard(skill: Skill, words: Mapping[str, str]) -> dict[str, str]:
    """An example's arguments as they are of a sentence that says the same: plain, in the order of the signature."""
    said = [a for a in skill.arguments if a.name in words]
    return {a.name: words[a.name] if a.kind in CLOSED else plain(words[a.name]) for a in said}


def _name(form: Form, parts: Sequence[str], run: Run) -> tuple[int, int]:
    """The run as its skill's examples cut a name: with the article or without, and without courtesies at the end of a
    sentence or the end of a possessive."""
    first, end, habit = run.first, run.end, form.habits[run.slot]
    if form.skill.argument(form.slots[run.slot].argument).kind != "text":
        return first, end
    end = _before_courtesy([clean_run(part) for part in parts], first, end)
    if end - first > 1 and end < len(parts) and parts[end - 1] == "'s" and not habit.possessive:
        end -= 1
    if habit.short:  # "[green](kind) tea" in the examples: the kind of "a pot of black tea" is "black"
        while end - first > 1 and _is_outside(form, habit, parts[end - 1]):
            end -= 1
        while end - first > 1 and _is_outside(form, habit, parts[first]):
            first += 1
    after = token(clean_run(parts[end])) if end < len(parts) else ""
    article = habit.article(after)
    if habit.bare or article < 0:
        while end - first > 1 and clean_run(parts[first]) in ARTICLES:
            first += 1
    elif habit.short and article > 0 and first and clean_run(parts[first]) not in ARTICLES:
        first -= clean_run(parts[first - 1]) in ARTICLES
    return first, end


def _before_courtesy(words: Sequence[str], first: int, end: int) -> int:
    """Where a run that ends with a sentence ends without its courtesies: "is it for me" and "thank you" stay whole."""
    while end == len(words):
        polite = next((one for one in COURTESIES if tuple(words[max(first, end - len(one)) : end]) == one), ())
        if not polite or end - len(polite) <= first or words[end - len(polite) - 1] in NEEDED:
            break
        words, end = words[: end - len(polite)], end - len(polite)
    return end


def _is_outside(form: Form, habit: Habit, part: str) -> bool:
    """Whether examples have the word, and never as part of this argument."""
    one = token(clean_run(part))
    return one in form.outside and one not in habit.own


def _runs(form: Form, parts: Sequence[str], answer: Answer, value: Value) -> Iterator[Run]:
    """Of each argument the runs that may be its words."""
    words = [clean_run(part) for part in parts]
    for argument in form.skill.arguments:
        slots = [at for at, slot in enumerate(form.slots) if slot.argument == argument.name]
        kind = argument.kind if argument.kind in ("text", *CLOSED) else "typed"
        least = LEAST["choice" if kind in CLOSED else kind] - REQUIRED * (argument.required and kind not in CLOSED)
        if kind in CLOSED:
            yield from _choice(form, slots, words, answer, least)
        else:
            scored = list(_scored(slots, answer))
            if kind == "text":
                scored = [_known(form, words, _doubted(form, words, one, form.habits[slots[0]].own)) for one in scored]
            scored = sorted(scored, reverse=True, key=lambda one: one.score)
            likely = [one for one in scored[: READ if kind == "typed" else 1] if one.score > least]
            yield from (run for run in likely if kind == "text" or _reads(argument, parts, run, value))


def _choice(form: Form, slots: Sequence[int], words: Sequence[str], answer: Answer, least: float) -> Iterator[Run]:
    """The run that says the argument, whichever choice it is, as the choice that it most probably says."""
    times = Counter(surface for at in slots for surface in form.habits[at].surfaces)
    # A flag's name is that of its yes and of its no; it tells that the flag is said, and not which.
    of = {surface: at for at in slots for surface in form.habits[at].surfaces if times[surface] == 1}
    said = [replace(one, score=one.score + KNOWN * (_tokens(words, one) in times)) for one in _scored(slots, answer)]
    own = frozenset(one for surface in times for one in surface)
    best = max((_doubted(form, words, one, own) for one in said), key=lambda one: one.score, default=None)
    if best is None or best.score <= least:
        return
    each = {at: next(_scored([at], answer, (best.first, best.end))).score for at in slots}
    same = of.get(_tokens(words, best))
    if same is not None:
        each[same] += KNOWN
    yield replace(best, slot=max(slots, key=lambda at: each[at]))


def _scored(slots: Sequence[int], answer: Answer, only: tuple[int, int] | None = None) -> Iterator[Run]:
    """Every run, or only one, as the words of any of these slots."""
    own = np.exp(answer.tags[:, [at + 1 for at in slots]]).sum(1)
    said = np.clip(np.log(own + 1e-6) - np.log(np.maximum(1 - own, 0) + 1e-6), -SURELY, SURELY)
    total = np.concatenate([[0.0], np.cumsum(said)])
    begins, ends = (
        np.clip((of[slots] - of[slots][:, :1]).max(0), -2 * SURELY, 2 * SURELY) for of in (answer.begins, answer.ends)
    )
    runs = [only] if only else [(at, end) for at in range(len(said)) for end in range(at + 1, len(said) + 1)]
    for first, end in runs:
        score = OWN * (total[end] - total[first]) + EDGES * (begins[first + 1] + ends[end])
        yield Run(float(score), slots[0], first, end)


def _doubted(form: Form, words: Sequence[str], run: Run, own: Collection[str]) -> Run:
    """Less sure where all of its words stand in examples that do not take them for an argument.

    Args:
        own: tokens that have been the argument's.
    """
    said = _tokens(words, run)
    if not said:  # an article names nothing
        return replace(run, score=-math.inf)
    common = all(one in form.outside and one not in own for one in said)
    return replace(run, score=run.score - COMMON) if common else run


def _known(form: Form, words: Sequence[str], run: Run) -> Run:
    """Surer where an example has said the argument so."""
    said = _tokens(words, run)
    known = said in form.habits[run.slot].surfaces and said != tokens(form.slots[run.slot].name)
    return replace(run, score=run.score + SAID_BEFORE * known)


def _tokens(words: Sequence[str], run: Run) -> tuple[str, ...]:
    return tokens(words[run.first : run.end])


def _reads(argument: Argument, parts: Sequence[str], run: Run, value: Value) -> bool:
    """Whether the run is nothing but what the argument's reader reads."""
    said = _said(parts, run.first, run.end)
    return said not in LINKS and value(argument.reader, said) is not None


def _said(parts: Sequence[str], first: int, end: int) -> str:
    return clean_run("".join(parts[first:end]))
