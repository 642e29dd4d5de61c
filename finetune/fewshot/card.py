"""The card that lies beside the few-shot network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from finetune.fewshot.kinds import neighbours, written
from finetune.fewshot.network import Shape


@dataclass(frozen=True, slots=True)
class Facts:
    """What the export knows."""

    recipe: Mapping[str, Any]
    shape: Shape
    parameters: int
    words: int
    skills: int
    """Invented ones."""
    by_others: int
    """How many of these have phrasings by other authors than their examples'."""
    steps: int
    bytes: int
    sha256: str


def _training(facts: Facts) -> str:
    """How long and on what; `facts.steps` are those of the last round where the recipe of this export has several."""
    plan, further = facts.recipe["plan"], facts.recipe.get("further", [])
    reading, steps = plan.get("reading_steps", 0), plan["steps"] if further else facts.steps
    begun = (
        f"{reading:,} steps in which hidden words of sentences are guessed, then {steps - reading:,} of "
        f"{plan['episodes']} episodes, seed {plan['seed']}; one core of a 2-core x86-64 machine with AMX (bfloat16 autocast)"
    )
    if not further:
        return begun
    rounds = [(one["steps"], one["seed"], one["share"]) for one in further[:-1]]
    rounds.append((facts.steps, further[-1]["seed"], further[-1]["share"]))
    told = "; then ".join(
        f"{steps:,} further steps from there, seed {seed}, whose weights are {share:.0%} of the mean with those before"
        for steps, seed, share in rounds
    )
    return f"{begun}. Then {told}; these without bfloat16 (in 32 bits)"


def card(facts: Facts) -> str:
    """The text."""
    shape = facts.shape
    return f"""# The few-shot network that ships with Hark

Reads a skill's examples beside a sentence: is the sentence for that skill, and whose is each of its words? It is asked
about skills that the skill model was not trained on, so that a new one is understood the moment it is installed.
Trained from scratch by this project; made again by `finetune/recipes/fewshot.toml`.

| | |
|---|---|
| architecture | {facts.words:,} words and the runs of letters in them, width {shape.width}, {shape.heads} heads; {shape.layers} layers that examples and sentence pass apart, {shape.crossed} in which the sentence looks at the examples (Matching Networks, Vinyals et al. 2016) |
| parameters | {facts.parameters / 1e6:.1f} million |
| file | numpy, the words in four bits with a scale for 64 numbers, other large matrices in eight bits with one for each row, {facts.bytes / 1e6:.1f} MB, SHA-256 `{facts.sha256}` |
| training | {_training(facts)} |
| languages | English |

## Data

| source | licence | used for |
|---|---|---|
| invented skills (`finetune/invented`): {facts.skills:,} with ten examples, some 35 phrasings and 13 near misses each, and {facts.by_others:,} of them with a dozen phrasings by another author, written for this project by language models | Apache-2.0 | most episodes |
| CLINC150 (clinc/oos-eval), Larson et al. 2019 | CC BY 3.0 | intents as skills, wishes for nobody |
| HWU64 (xliuhw/NLU-Evaluation-Data), Liu et al. 2019 | CC BY 4.0 | intents as skills, their slots |
| Snips NLU benchmark (sonos/nlu-benchmark), Coucke et al. 2018 | CC0 1.0 | intents as skills, their slots |
| Thingpedia user sentences (stanford-oval/thingpedia-common-devices) | BSD-3-Clause | sentences for our own skills |
| Home Assistant intents (home-assistant/intents), English | CC BY 4.0 | sentences for our own skills |
| the rows of the skill model (see its card) | as there | talk; guessing hidden words |
| Hark's thesaurus (`assistant/bundled/synonyms.txt`) | Apache-2.0 | what means the same lies together; choices |
| kinds of things (`finetune/fewshot/kinds.txt`): {len(written()):,} with their members, and {len(neighbours()):,} sets of choices (`choices.txt`) with their phrases, written for this project by language models | Apache-2.0 | choices that are said by other words than their names |

No episode held a sentence of the evaluation sets, of the kept-back rows, or of `examples/newcomers`, nor one that nearly
repeats one (`finetune/fewshot/__main__.py`), but for the signed examples of our own skills, which ship with them.
{facts.recipe.get("made", "").strip()}
Skills like those of `examples/newcomers` are among the invented ones: their authors had not seen them, but people want
the same things.

## Accuracy

In the README, under "How good, how fast", with the sets it was measured on.

## What it cannot do

- English only.
- It tells the order of a sentence's first sixteen words; those after them, up to the 24th, it knows as later.
- A skill whose words nobody thought of is known by its examples' own words alone.
"""
