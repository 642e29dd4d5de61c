"""Some minutes of training on top of the shipped weights, with the loop that the shipped model was trained with."""

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
from finetune.learn.keeping import KeepingTrainer
from finetune.learn.loading import Loaded
from finetune.learn.rows import Rows
from finetune.skillmodel.export import quantize, write_gguf
from finetune.skillmodel.tokens import Encoded, encode
from finetune.skillmodel.train import Plan

LONGEST = 96
"""Tokens; longer rows are left out, as they were when the shipped model was trained."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how hard."""

    steps: int = 600
    tokens_per_step: int = 704
    rate: float = 6e-4
    own_share: float = 0.5
    """Of the tokens: those of what is new; the others are replay."""
    seed: int = 3
    threads: int = 1
    """Two spend their time waiting for each other on so small a model, the more so where the house goes on beside."""


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
        average=0.96,
        checkpoint_minutes=math.inf,
        half=_has_bfloat16(),
        compile=False,
    )
    torch.set_num_threads(effort.threads)
    trainer = KeepingTrainer(loaded, plan)
    per_pass = sum(1 for _ in trainer.batches(every, 0))
    trainer.plan = replace(plan, passes=effort.steps / per_pass)
    trainer.told = lambda done, _total: told(min(done, effort.steps))
    return trainer.run(every)


def _encoded(cases: Sequence[Case], loaded: Loaded, skills: Mapping[str, Skill]) -> list[Encoded]:
    found = (encode(case, loaded.tokenizer, skills) for case in cases)
    return [row for row in found if len(row.ids) <= LONGEST]


def _tokens(rows: Sequence[Encoded]) -> int:
    return sum(len(row.ids) for row in rows)


def _has_bfloat16() -> bool:
    """Whether this processor multiplies in bfloat16 by itself; an emulated product is slower than a 32-bit one."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def blend(old: LlamaForCausalLM, new: LlamaForCausalLM, share: float) -> LlamaForCausalLM:
    """Weights on the way from `old` to `new`; tokens that `old` does not have are those of `new`.

    Args:
        share: how much of the way, 0..1.
    Source: Wortsman et al. 2022, "Robust fine-tuning of zero-shot models".
    """
    before = old.state_dict()
    state = {}
    for name, value in new.state_dict().items():
        mixed, mine = value.clone(), before[name]
        mixed[: len(mine)] = torch.lerp(mine, value[: len(mine)], share)
        state[name] = mixed
    model = LlamaForCausalLM(new.config)
    model.load_state_dict(state)
    return model.eval()


def write(model: LlamaForCausalLM, loaded: Loaded, skills: Sequence[str], target: Path) -> None:
    """The model as the GGUF that runs, with the calibration of the one it was learned from.

    Args:
        skills: all that it knows now.
    """
    learned = [name for name in skills if name not in loaded.skills]
    notes = {**loaded.notes, "skills": json.dumps(list(skills)), "learned": json.dumps(learned)}
    whole = target.with_suffix(".f32")
    try:
        write_gguf(model.requires_grad_(False), loaded.tokenizer, notes, whole, loaded.shape.two_way)
        quantize(whole, target, "q8_0")
    finally:
        whole.unlink(missing_ok=True)
