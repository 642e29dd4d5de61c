"""Where the numbers come from by which a skill is recognised that no model was trained on.

`words` counts how often a word is said in requests (`assistant.frequent`); `fit` fits the likeness
(`assistant.likeness`) on few-shot episodes: some skills and intents of public sets are newcomers to the house, with ten
examples each, and their other sentences are to be told from those of everybody else.

    python -m finetune.learn.newcomers words --rows ROWS
    python -m finetune.learn.newcomers fit --rows ROWS --data DATA
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from assistant.likeness import Features, Likeness, said
from assistant.places import Pattern, pattern
from assistant.prompt import chunks, clean_run, plain
from assistant.readers import Unreadable, read
from assistant.skill import Call, Example, Household, Skill
from assistant.spans import find
from evals.cases import read_cases
from finetune.rows import shipped_skills

HUMAN = ("clinc150", "hwu64", "thingpedia", "ha_intents", "snips")
TALK = ("grown-overheard", "grown-talk", "grown-daily")
FEWEST_REQUESTS, FEWEST_TALK = 0.0005, 0.004
"""A word is in the table from so large a share on."""
EXAMPLES, SENTENCES = 10, 12
"""Of each newcomer: what it is known by, and what is asked."""
NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Pool:
    """Sentences by what they ask for; "none" is talk."""

    by_name: Mapping[str, Sequence[str]]
    skills: Mapping[str, Skill] = field(default_factory=lambda: {skill.name: skill for skill in shipped_skills()})


def counted(rows: Path) -> Iterator[str]:
    """The entries of the table: word, ten times log(1 / share of requests)."""
    requests, talk, count = Counter[str](), Counter[str](), Counter[str]()
    for case in read_cases(rows / "train.jsonl"):
        source = case.source.split(":")[0]
        side = requests if source in HUMAN else talk if source in TALK else None
        if side is not None:
            side.update({clean_run(chunk) for chunk in chunks(case.text)})
            count["requests" if side is requests else "talk"] += 1
    often = {word for word, n in requests.items() if n >= FEWEST_REQUESTS * count["requests"]}
    often |= {word for word, n in talk.items() if n >= FEWEST_TALK * count["talk"]}
    for word in sorted(filter(str.isalpha, often)):
        yield f"{word},{round(-10 * math.log((requests[word] + 1) / count['requests']))}"


def pool_of(rows: Path, data: Path) -> Pool:
    """Intents of CLINC150 that no skill of ours serves, our own skills' sentences by people, and talk."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    served: Counter[str] = Counter()
    skill_of: dict[str, str] = {}
    for case in read_cases(rows / "train.jsonl"):
        source = case.source.split(":")[0]
        if source in TALK:
            found["none"].add(case.text)
        elif source in HUMAN and case.skill != "none":
            found[case.skill].add(case.text)
            skill_of[case.text] = case.skill
    intents = json.loads((data / "clinc150" / "data_dev.json").read_text(encoding="utf-8"))["train"]
    for text, intent in intents:
        found[f"clinc:{intent}"].add(plain(text))
        served[intent] += plain(text) in skill_of
    unserved = {
        name: sorted(texts) for name, texts in found.items() if served[name.removeprefix("clinc:")] < len(texts) / 4
    }
    return Pool({name: texts for name, texts in unserved.items() if len(texts) >= 2 * EXAMPLES})


def episode(pool: Pool, chance: random.Random) -> Iterator[tuple[Features, bool]]:
    """One house with eight newcomers: comparisons of a sentence and a newcomer, and whether it is meant."""
    ours = [name for name in pool.by_name if name in pool.skills]
    theirs = [name for name in pool.by_name if name.startswith("clinc:")]
    new = [*chance.sample(theirs, 5), *chance.sample(ours, 3)]
    texts = {name: chance.sample(pool.by_name[name], EXAMPLES + min(SENTENCES, EXAMPLES)) for name in new}
    skills = [_newcomer(name, texts[name][:EXAMPLES], pool, chance) for name in new]
    house = Likeness([*(skill for name, skill in pool.skills.items() if name not in new), *skills])
    patterns = {skill.name: pattern(skill) for skill in skills}
    asked = [(text, name) for name in new for text in texts[name][EXAMPLES:]]
    others = [name for name in pool.by_name if name not in new]
    asked += [(chance.choice(pool.by_name[chance.choice(others)]), "") for _ in range(130)]
    asked += [(text, "") for text in chance.sample(pool.by_name["none"], 50)]
    for text, name in asked:
        for one, features in _compared(text, name, house, patterns):
            yield features, one == name


def _newcomer(name: str, texts: Sequence[str], pool: Pool, chance: random.Random) -> Skill:
    if name in pool.skills:
        examples = pool.skills[name].examples
        return replace(pool.skills[name], examples=tuple(chance.sample(examples, min(EXAMPLES, len(examples)))))
    return Skill(name, "", (), tuple(Example(text, Call(name, {})) for text in texts), lambda *_, **__: "")


def _compared(text: str, name: str, house: Likeness, patterns: Mapping[str, Pattern]) -> Iterator[tuple[str, Features]]:
    """The right newcomer, and the two likest."""
    likest = house.likest(said(text))
    best = sorted((one for one in patterns if one in likest), key=lambda one: -likest[one])[:2]
    for one in {*best, *([name] if name else [])}:
        found = find(patterns[one], text, _value)
        if all(a.name in found.words for a in patterns[one].skill.arguments if a.required):
            yield one, house.features(said(text, found.free), one, likest)


def _value(kind: str, words: str) -> object:
    try:
        return read(kind, words, now=NOON, household=Household())
    except Unreadable:
        return None


def fitted(rows: Sequence[tuple[Features, bool]]) -> tuple[Features, float]:
    """Weights and bias of a logistic regression with a small ridge."""
    x = torch.tensor([features for features, _ in rows], dtype=torch.float64)
    y = torch.tensor([float(right) for _, right in rows], dtype=torch.float64)
    theta = torch.zeros(x.shape[1] + 1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([theta], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        logits = x @ theta[:-1] + theta[-1]
        value = torch.nn.functional.binary_cross_entropy_with_logits(logits, y, reduction="sum")
        value = value + (theta[:-1] ** 2).sum() / 2
        value.backward()
        return value

    optimizer.step(loss)
    *weights, bias = (round(float(value), 2) for value in theta.detach())
    return Features(*weights), bias


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("words", "fit"))
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path())
    parser.add_argument("--episodes", type=int, default=20)
    given = parser.parse_args()
    if given.what == "words":
        sys.stdout.write("\n".join(counted(given.rows)) + "\n")
        return
    pool, chance = pool_of(given.rows, given.data), random.Random(0)
    rows = [row for _ in range(given.episodes) for row in episode(pool, chance)]
    weights, bias = fitted(rows)
    right = sum(right for _, right in rows)
    sys.stdout.write(f"{len(rows)} comparisons, {right} right\n{weights}\nbias {bias}\n")


if __name__ == "__main__":
    main()
