"""Build the rows that the shipped skill model is trained on, and the held-out sentences it is measured on.

`python -m finetune.rows build --data DIR --work DIR` writes train.jsonl, dev.jsonl and report.json. Human sentences
come from the public sets (finetune.sources), grown ones from the skills' own signed examples and our templates
(finetune.grow). Every row is held against its own text; one bad row stops the build and is named. `... heard --clips
DIR --work DIR` then takes the human ones as the listening model hears them (finetune.heard) and writes heard.jsonl.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import skills as skills_package
from assistant.skill import Skill
from evals.cases import BadCase, Case, check, read_cases, write_cases
from evals.sets.kept import Kept, on_held_side
from finetune import grow
from finetune.sources.read import group_key, human_cases

GROWN = 230_000
SEED = 20261120
NONE_SHARE = 0.38
"""`none` may be at most this share of the training rows: one project's model drowned in 78 % of it."""
HEARD_CALLS = 4
"""How often a sentence that a skill serves is heard, in other noise each time; what comes out unchanged is no row."""
HEARD_NONE = 16_000
"""How many sentences that no skill serves are heard; about a quarter of them have a clip."""
LISTENING = Path("assistant/bundled/listening")
GROWN_WEIGHT = 0.5
"""A grown call counts half a human one: what is measured is how people speak. Talk counts whole: the public sets have
wishes no skill serves, and hardly any."""

Closed = Mapping[str, Mapping[str, tuple[str, ...]]]


def shipped_skills() -> tuple[Skill, ...]:
    """The skills of the package `skills`, in the order of their files."""
    found = []
    for module in sorted(pkgutil.iter_modules(skills_package.__path__), key=lambda info: info.name):
        for value in vars(importlib.import_module(f"skills.{module.name}")).values():
            skill = getattr(value, "__skill__", None)
            if isinstance(skill, Skill) and value.__module__ == f"skills.{module.name}":
                found.append(skill)
    return tuple(found)


def choices(skills: Sequence[Skill]) -> Closed:
    """Skill -> argument -> its choices, () for an open one."""
    return {skill.name: {argument.name: argument.choices for argument in skill.arguments} for skill in skills}


def agree(cases: Iterable[Case]) -> list[Case]:
    """One case for each text. Where sources disagree about a text, the call most give it; ours before `none`.

    Among equals one whose arguments are known stands first.
    """
    by_text: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_text[case.text].append(case)
    kept = []
    for same in by_text.values():
        votes = Counter(case.skill for case in same)
        best = max(same, key=lambda case: (votes[case.skill], case.skill != "none", case.args_known))
        kept.append(best)
    return kept


@dataclass(frozen=True, slots=True)
class Split:
    """What is trained on and what is kept back."""

    train: list[Case]
    dev: list[Case]


class KeptBack:
    """Says of a text whether training may not see it: it repeats a kept-back row, or nearly one of a committed set."""

    def __init__(self, dev: Iterable[Case]) -> None:
        self._groups = {group_key(case.text) for case in dev}
        self._sets = Kept()

    def __call__(self, text: str) -> bool:
        return group_key(text) in self._groups or bool(self._sets.repeats(text))


def split_human(human: Sequence[Case]) -> Split:
    """Keep a tenth of every source's groups back, and everything that nearly repeats them out of training."""
    dev = [case for case in human if on_held_side(case.group)]
    kept_back = KeptBack(dev)
    train = [case for case in human if not on_held_side(case.group) and not kept_back(case.text)]
    return Split(train, dev)


def add_grown(human: Split, grown: Iterable[Case], seed: int) -> Split:
    """Grown sentences to the training side; a tenth of our chatter's groups is kept back, too."""
    train, dev = list(human.train), list(human.dev)
    mine = list(grown)
    dev += _few_of_each(case for case in mine if _is_held_chatter(case))
    kept_back = KeptBack(dev)
    seen = {case.text for case in train}
    for case in mine:
        if _is_held_chatter(case):
            continue
        if case.text not in seen and not kept_back(case.text):
            seen.add(case.text)
            train.append(replace(case, weight=case.weight * (1.0 if case.skill == "none" else GROWN_WEIGHT)))
    return Split(_capped(train, seed), dev)


def _few_of_each(cases: Iterable[Case]) -> list[Case]:
    """A written line measures no more in ten disguises than in two; a template makes a new sentence each time."""
    by_group: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        if len(by_group[case.group]) < (2 if case.source == "grown-chatter" else 10):
            by_group[case.group].append(case)
    return [case for few in by_group.values() for case in few]


def _is_held_chatter(case: Case) -> bool:
    return case.group.startswith("chatter:") and on_held_side(case.group)


def _capped(train: list[Case], seed: int) -> list[Case]:
    """Shuffle, and leave out what `none` has too much of."""
    chance = random.Random(seed)
    ours = [case for case in train if case.skill != "none"]
    none = [case for case in train if case.skill == "none"]
    chance.shuffle(none)
    room = int(len(ours) * NONE_SHARE / (1 - NONE_SHARE))
    rows = ours + none[:room]
    chance.shuffle(rows)
    return rows


def report(cases: Sequence[Case]) -> str:
    """Counts for each skill: rows, rows with known arguments, sources, and each argument."""
    lines = [f"{len(cases)} rows, {sum(case.skill == 'none' for case in cases) / max(1, len(cases)):.1%} none"]
    by_skill: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        by_skill[case.skill].append(case)
    for name, mine in sorted(by_skill.items(), key=lambda item: -len(item[1])):
        sources = Counter(case.source for case in mine)
        arguments = Counter(argument for case in mine for argument in case.words)
        known = sum(case.args_known for case in mine)
        lines.append(f"{name:16} {len(mine):7} known {known:7}  {_counts(sources)}  |  {_counts(arguments)}")
    return "\n".join(lines)


def _counts(counter: Counter[str]) -> str:
    return " ".join(f"{name}:{count}" for name, count in counter.most_common())


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a build is made of."""

    data: Path
    """The folder of the public sets."""
    work: Path
    """Where the rows are written; outside the repository."""
    grown: int = GROWN
    """How many rows to grow, `none` included."""
    seed: int = SEED


def build(recipe: Recipe) -> Split:
    """Build the rows and write them. Raises BadCase for a row that contradicts its own text."""
    skills = shipped_skills()
    closed = choices(skills)
    human = agree(human_cases(recipe.data))
    sides = split_human(human)
    grown = list(grow.grow(skills, sides.train, recipe.grown, recipe.seed))
    for case in (*human, *grown):
        check(case, closed)
    rows = add_grown(sides, grown, recipe.seed)
    recipe.work.mkdir(parents=True, exist_ok=True)
    write_cases(recipe.work / "train.jsonl", rows.train)
    write_cases(recipe.work / "dev.jsonl", rows.dev)
    facts = {"seed": recipe.seed, "train": len(rows.train), "dev": len(rows.dev), "human": len(human)}
    (recipe.work / "report.json").write_text(json.dumps(facts) + "\n", encoding="utf-8")
    return rows


def training_rows(folder: Path) -> list[Case]:
    """What a build wrote to train on, and what was heard of it where that was made. Raises BadCase."""
    files = [folder / name for name in ("train.jsonl", "heard.jsonl")]
    return [case for file in files if file.exists() for case in read_cases(file)]


def hear(recipe: Recipe, model: Path, clips: Path) -> int:
    """Write heard.jsonl: human rows of train.jsonl as the listening model in `model` writes them.

    Args:
        clips: the work folder of `python -m finetune.listening clips`.
    Returns:
        how many survived.
    """
    from finetune.heard import heard, open_booth  # needs the train extra

    chance = random.Random(recipe.seed)
    human = [case for case in read_cases(recipe.work / "train.jsonl") if not case.source.startswith("grown")]
    ours = [case for case in human if case.skill != "none" and case.args_known]
    none = [case for case in human if case.skill == "none"]
    chance.shuffle(none)
    chosen = [*(ours * HEARD_CALLS), *none[:HEARD_NONE]]
    chance.shuffle(chosen)
    kept_back = KeptBack(read_cases(recipe.work / "dev.jsonl"))
    found = heard(chosen, open_booth(model, clips), recipe.seed, choices(shipped_skills()))
    return write_cases(recipe.work / "heard.jsonl", (case for case in found if not kept_back(case.text)))


def main(arguments: Sequence[str] | None = None) -> int:
    """The command `python -m finetune.rows`."""
    parser = argparse.ArgumentParser(prog="python -m finetune.rows", description=__doc__)
    parser.add_argument("action", choices=("build", "heard", "report"))
    parser.add_argument("--data", type=Path, help="the folder of the public sets (build)")
    parser.add_argument("--clips", type=Path, help="the listening model's work folder (heard)")
    parser.add_argument("--model", type=Path, default=LISTENING, help="the listening model (heard)")
    parser.add_argument("--work", type=Path, required=True, help="where the rows are, or go")
    parser.add_argument("--grown", type=int, default=GROWN)
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args(arguments)
    if chosen.action != "report":
        needed = {"build": chosen.data, "heard": chosen.clips}[chosen.action]
        if needed is None:
            parser.error(f"{chosen.action} needs --{'data' if chosen.action == 'build' else 'clips'}")
        recipe = Recipe(needed, chosen.work, chosen.grown, chosen.seed)
        try:
            if chosen.action == "build":
                build(recipe)
            else:
                hear(recipe, chosen.model, needed)
        except (BadCase, FileNotFoundError) as fault:
            sys.stderr.write(f"{fault}\n")
            return 1
    for name in ("train", "dev"):
        sys.stdout.write(f"{name}: {report(list(read_cases(chosen.work / f'{name}.jsonl')))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
