"""Held-out human sentences, balanced over the families, and overheard talk.

Nothing here is trained on. The sentences come from the rows that finetune.rows keeps back (whole paraphrase groups).
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from assistant.prompt import plain
from evals.cases import Case, read_cases

OUTSIDE_FAMILIES = (
    *("clock", "timers", "alarms", "weather", "music", "volume", "math", "units", "news", "lists", "home", "none"),
)
"""The twelve families that a headline figure is taken over: what people ask a house for, and what is for nobody."""
OUTSIDE_SIZE = 690
OVERHEARD = Path(__file__).parents[1] / "data" / "overheard.txt"


def held_out(rows: Path) -> list[Case]:
    """Every human sentence that was kept back. `rows` is the folder that holds dev.jsonl."""
    return [case for case in read_cases(rows / "dev.jsonl") if not case.source.startswith("grown")]


def chatter(rows: Path) -> list[Case]:
    """Overheard talk and wishes no skill serves, of groups that were kept back."""
    return [case for case in read_cases(rows / "dev.jsonl") if case.group.startswith("chatter:")]


def overheard() -> list[Case]:
    """Plain talk that nobody meant for the assistant; each line is a group of its own."""
    lines = (OVERHEARD.read_text(encoding="utf-8")).splitlines()
    return [Case(plain(line), "none", source="overheard", group=line) for line in lines if line and line[0] != "#"]


def balanced(cases: Sequence[Case], size: int = OUTSIDE_SIZE, seed: int = 0) -> list[Case]:
    """About `size` sentences, as even over the twelve families as there are sentences for it.

    A family that has too few gives all it has; the others share what is left.
    """
    chance = random.Random(seed)
    by_family: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if case.family in OUTSIDE_FAMILIES:
            by_family[case.family].append(case)
    for mine in by_family.values():
        chance.shuffle(mine)
    return [case for mine in _shared_out(by_family, size) for case in mine]


def _shared_out(by_family: dict[str, list[Case]], size: int) -> Iterator[list[Case]]:
    """Smallest families first, each taking its even part of what is left."""
    left, families = size, sorted(by_family, key=lambda name: len(by_family[name]))
    for position, name in enumerate(families):
        part = left // (len(families) - position)
        taken = by_family[name][:part]
        left -= len(taken)
        yield taken
