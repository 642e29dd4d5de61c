"""Some minutes of training on from the shipped weights, with the loop that the shipped model was trained with.

What comes of it stands beside the shipped model and decides about what it was taught alone: what it forgets of all
else costs nothing.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from transformers import LlamaForCausalLM

from assistant.skill import Skill
from evals.cases import Case
from finetune.learn.loading import Loaded
from finetune.learn.rows import Rows
from finetune.processor import threads
from finetune.skillmodel.export import quantize, write_gguf
from finetune.skillmodel.tokens import Encoded, encode
from finetune.skillmodel.train import Plan, Trainer

LONGEST = 96
"""Tokens; longer rows are left out, as they were when the shipped model was trained."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how hard."""

    steps: int = 420
    tokens_per_step: int = 704
    rate: float = 8e-4
    """At 2e-3 it forgets what the time in another town is, and calls what was learned instead."""
    own_share: float = 0.5
    """Of the tokens: those of what is new; the others are replay."""
    forgotten: float = 0.2
    """Share of the words that a step does not see: what is new has few, and none of them may decide alone."""
    seed: int = 3
    threads: int = 0
    """0 for as many as pay."""


def adapt(
    loaded: Loaded,
    rows: Rows,
    skills: Mapping[str, Skill],
    effort: Effort = Effort(),
    told: Callable[[int], None] = lambda _: None,
) -> LlamaForCausalLM:
    """Train the loaded model on; returns the averaged one.

    Args:
        skills: every skill of the house.
        told: is told how many steps are done.
    """
    own = _encoded(rows.own, loaded, skills)
    replay = _encoded(rows.replay, loaded, skills)
    mine, theirs = _tokens(own), _tokens(replay)
    times = effort.own_share / (1 - effort.own_share) * theirs / max(1, mine) if replay else 1.0
    every = [*(replace(row, times=times) for row in own), *replay]
    plan = Plan(
        seed=effort.seed,
        tokens_per_step=effort.tokens_per_step,
        peak_rate=effort.rate,
        warmup_steps=min(15, effort.steps // 4),
        decay=0.01,
        forgotten=effort.forgotten,
        average=0.96,
        checkpoint_minutes=math.inf,
        compile=False,
    )
    torch.set_num_threads(effort.threads or threads())
    trainer = Trainer(loaded.shape, plan, loaded.tokenizer, Path(), loaded.model)
    trainer.plan = replace(plan, passes=effort.steps / trainer.steps_of_a_pass(every))
    trainer.told = lambda done, _total: told(min(done, effort.steps))
    return trainer.run(every)


def _encoded(cases: Sequence[Case], loaded: Loaded, skills: Mapping[str, Skill]) -> list[Encoded]:
    found = (encode(case, loaded.tokenizer, skills) for case in cases)
    return [row for row in found if len(row.ids) <= LONGEST]


def _tokens(rows: Sequence[Encoded]) -> int:
    return sum(len(row.ids) for row in rows)


def surer(notes: Mapping[str, str], by: float) -> str:
    """The calibration of a model that has to be surer than it was before it is believed.

    Args:
        notes: the model's, see `Loaded.notes`.
        by: how much, in the logarithm of the odds.
    """
    curves: Mapping[str, tuple[float, float]] = json.loads(notes["calibration"])
    return json.dumps({of: (slope, shift - by) for of, (slope, shift) in curves.items()})


@dataclass(frozen=True, slots=True)
class Known:
    """What a learned file says of itself."""

    skills: Sequence[str]
    """All that it was trained on."""
    own: Sequence[str]
    """Those that it decides about, beside the model that ships."""
    surer: float = 0.0
    """See `surer`."""


def write(model: LlamaForCausalLM, loaded: Loaded, known: Known, target: Path) -> None:
    """The model as the GGUF that runs, with the calibration of the one it was learned from."""
    notes = {
        **loaded.notes,
        "skills": json.dumps(list(known.skills)),
        "learned": json.dumps(list(known.own)),
        "calibration": surer(loaded.notes, known.surer),
    }
    whole = target.with_suffix(".f32")
    try:
        write_gguf(model.requires_grad_(False), loaded.tokenizer, notes, whole, loaded.shape.two_way)
        quantize(whole, target, "q8_0")
    finally:
        whole.unlink(missing_ok=True)
