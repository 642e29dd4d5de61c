"""The card that lies beside the shipped skill model, its figures filled in by the run that made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.overheard import BUCKETS, LONGEST_RUN, Shift
from evals.metrics import Share, Summary

SOURCES = """| source | licence | used for |
|---|---|---|
| CLINC150 (clinc/oos-eval), Larson et al. 2019 | CC BY 3.0 | skills, out-of-scope requests |
| HWU64 (xliuhw/NLU-Evaluation-Data), Liu et al. 2019 | CC BY 4.0 | skills and arguments |
| Snips NLU benchmark (sonos/nlu-benchmark), Coucke et al. 2018 | CC0 1.0 | weather and music, arguments |
| Thingpedia user sentences (stanford-oval/thingpedia-common-devices) | BSD-3-Clause | skills |
| Home Assistant intents (home-assistant/intents), English | CC BY 4.0 | home, timers, lists |
| BFCL (ShishirPatil/gorilla) | Apache-2.0 | questions and requests that no skill serves |
| home-llm piles (acon96/home-llm) | MIT | words that fill arguments |
| Hark's own examples, templates and talk (`skills/`, `finetune/piles*`) | Apache-2.0 | everything |
| human sentences of the sets above, spoken by espeak-ng and flite and heard by Hark's listening model | as above | what a recognizer makes of them |

The sentences were mapped to Hark's calls by rules (`evals/adapters/`, `evals/mapping.py`); the mapping is ours, and so
are its mistakes. None of the sentences is in this repository."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the run knows of itself."""

    recipe: Mapping[str, Any]
    parameters: int
    sha256: str
    bytes: int
    shift: Shift
    """What sounding like talk does to a call."""


def write_card(path: Path, facts: Facts, found: Mapping[str, Summary]) -> None:
    """Write the card beside its name, then rename."""
    beside = path.with_name(path.name + ".part")
    beside.write_text(_card(facts, found), encoding="utf-8")
    beside.replace(path)


def _card(facts: Facts, found: Mapping[str, Summary]) -> str:
    shape, plan = facts.recipe["shape"], facts.recipe["plan"]
    return f"""# The skill model that ships with Hark

Reads a transcript, writes one call. Trained from scratch by this project; made again by
`finetune/recipes/skillmodel.toml`. This card is written by the run that makes the file.

| | |
|---|---|
| architecture | Llama, {shape["layers"]} layers of width {shape["width"]}, {shape["heads"]} heads, feed-forward {shape["feed_forward"]}, context {shape["context"]}; the transcript is read in both directions, the call is written forward |
| pointing | every token of a word is read together with the word's mark (the sum of two embeddings); an argument is written as the marks of its first and its last word |
| parameters | {facts.parameters / 1e6:.1f} million, one matrix for input and output embeddings |
| vocabulary | {facts.recipe["vocabulary"]} byte-level pieces; every skill name and argument name is one piece |
| file | GGUF, {facts.recipe["quantized"]}, {facts.bytes / 1e6:.1f} MB, SHA-256 `{facts.sha256}` |
| beside it | `overheard.npz`: logistic regression over {BUCKETS:,} hashed runs of one to {LONGEST_RUN} words, request or talk; its log odds of talk above {facts.shift.start:g} are added to those of `none()`, and {facts.shift.lift:g} to those of every call |
| second opinion | where a skill is between 1.5 and 97 % probable, {facts.recipe["second"]["weight"]:g} of the log odds that the few-shot network gives it, and {facts.recipe["second"]["lift"]:g}, are added to its own |
| training | by the recipe: {_passes(plan)}, {plan["tokens_per_step"]} tokens a step, seed {plan["seed"]}; on one core of a 2-core x86-64 machine with AMX (bfloat16 autocast) |
| languages | English |

{facts.recipe["made"]}

## Data

{SOURCES}

One tenth of every human source was kept back by paraphrase group before anything was grown from it; near-duplicates of
what was kept back, and of the sentences in `evals/data`, were removed from the training rows (`finetune/rows.py`).

## Accuracy

Of this very file, through `decide`; with n and a 95 % interval clustered by paraphrase group.

{_table(found)}

By family, on {_names(found)[1]}:

{_families(found[_names(found)[1]])}

The confidence is calibrated on the same kept-back rows (Platt's curve, two parameters per curve), so its error on them
flatters a little. How much sounding like talk and the second opinion count was chosen while the overheard lines and
must-pass were looked at, too.

## What it cannot do

- English only, lower case: other languages are mostly answered with `none()`.
- One call for one sentence; "turn off the lights and play jazz" gets one of the two.
- It points at words and cannot repair what was misheard.
- The labels of the human sentences come from rules over other people's intents: on what is "a question for a larger
  model" and what is "not for us" the sources themselves disagree.
- Sentences of skills that it was not trained on are decided by their examples (`assistant/unseen.py`), not by it.
"""


def _passes(plan: Mapping[str, Any]) -> str:
    restarts, each = plan.get("restarts", 0), plan.get("restart_passes", 0)
    again = f" and {restarts} restarts of {each:g} passes each, the mean of all ends" if restarts else ""
    return f"{plan['passes']:g} passes{again}"


def _names(found: Mapping[str, Summary]) -> list[str]:
    return list(found)


def _table(found: Mapping[str, Summary]) -> str:
    rows = [
        "| set | family right | skill right | skill and words right | called or asked about though nobody asked |",
        "|---|---|---|---|---|",
    ]
    for name, summary in found.items():
        figures = (summary.family, summary.skill, summary.call, summary.false_calls)
        rows.append(f"| {name} | {' | '.join(_share(share) for share in figures)} |")
    return "\n".join(rows)


def _families(summary: Summary) -> str:
    rows = [f"| {name} | {_share(share)} |" for name, share in summary.by_family.items()]
    return "\n".join(["| family | right |", "|---|---|", *rows])


def _share(share: Share) -> str:
    return str(share) if share.n else "-"
