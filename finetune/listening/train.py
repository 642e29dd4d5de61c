"""Train the listening model from scratch: three losses, one of which is of the model that ships.

The decoder's cross-entropy alone stays on a plateau for thousands of steps. A CTC loss on the encoder's output tells
it which characters occur in which order, and a frame-wise loss in its middle which phone is heard when; the latter
fades out as the former take over.
"""

from __future__ import annotations

import copy
import json
import logging
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from finetune.checkpoint import read_checkpoint
from finetune.listening.augment import augment
from finetune.listening.batches import IGNORE, Batch, Clips
from finetune.listening.clips import UNKNOWN_PHONE
from finetune.listening.model import TEXT, VOCABULARY, Listener, Shape, encode_text

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """How to train."""

    steps: int
    minutes: float
    """whichever of steps and minutes is over first ends the run; the learning rate follows the nearer one"""
    batch_frames: int = 9_216
    learning_rate: float = 1.5e-3
    warmup_steps: int = 250
    dropout: float = 0.0
    strength: float = 1.0
    oversample: tuple[tuple[str, int], ...] = ()
    muon: bool = True
    seed: int = 1


def losses(model: Listener, batch: Batch, noise: Tensor, strength: float) -> tuple[Tensor, Tensor, Tensor]:
    """Return the decoder's, the CTC and the phone loss of a batch."""
    mel, phones = augment(batch.mel, batch.phones, batch.frames, noise, strength)
    letters, phone_logits, ctc_logits = model(mel.to(model.phone_head.weight.dtype), batch.tokens)
    decoder = functional.cross_entropy(
        letters.float().view(-1, VOCABULARY), batch.wanted.flatten(), ignore_index=IGNORE, label_smoothing=0.05
    )
    known = phones.clone()
    known[known == UNKNOWN_PHONE] = IGNORE
    phone = functional.cross_entropy(phone_logits.float().flatten(0, 1), known.flatten(), ignore_index=IGNORE)
    spoken = [encode_text(text) for text in batch.texts]
    ctc = functional.ctc_loss(
        ctc_logits.float().log_softmax(-1).transpose(0, 1),
        torch.tensor([letter for text in spoken for letter in text], dtype=torch.long),
        torch.full((len(spoken),), ctc_logits.shape[1]),
        torch.tensor([len(text) for text in spoken]),
        blank=len(TEXT),
        reduction="sum",
        zero_infinity=True,
    ) / max(1, sum(len(text) for text in spoken))
    return decoder, ctc, torch.nan_to_num(phone)


def optimizers(model: Listener, plan: Plan) -> list[torch.optim.Optimizer]:
    """Muon for the matrices inside layers, AdamW for the rest; or AdamW for all."""
    matrices: list[torch.nn.Parameter] = []
    rest: list[torch.nn.Parameter] = []
    for name, value in model.named_parameters():
        if value.requires_grad:
            (matrices if plan.muon and value.ndim == 2 and ".layers." in name else rest).append(value)
    out: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(rest, plan.learning_rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    ]
    if matrices:
        out.append(torch.optim.Muon(matrices, plan.learning_rate, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"))
    return out


def rate_at(progress: float, step: int, plan: Plan) -> float:
    """Warm up, hold, and fall to nothing over the second half along a cosine."""
    warm = min(1.0, (step + 1) / plan.warmup_steps)
    return warm * (1.0 if progress < 0.5 else 0.5 * (1 + math.cos(math.pi * min(1.0, (progress - 0.5) / 0.5))) + 0.005)


class Run:
    """One training run that can be stopped and resumed."""

    def __init__(self, work: Path, shape: Shape, plan: Plan) -> None:
        torch.manual_seed(plan.seed)
        self.work, self.shape, self.plan = work, shape, plan
        self.clips = Clips(work / "shards")
        self.noise = torch.from_numpy(np.load(work / "noise.npy"))
        self.model = Listener(shape, plan.dropout)
        self.average = copy.deepcopy(self.model)
        self.fast = copy.deepcopy(self.model).bfloat16()  # a step on it takes two thirds of one under autocast
        self.optimizers = optimizers(self.model, plan)
        self.step, self.seconds, self.passes = 0, 0.0, 0
        self.last: dict[str, float] = {}  # the latest losses
        self.checkpoint = work / "checkpoint.pt"
        if self.checkpoint.exists():
            self.load()

    def load(self) -> None:
        """Go on from the checkpoint. Raises SkillError where it is damaged."""
        state = read_checkpoint(self.checkpoint)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.fast.load_state_dict(state["model"])
        self.step, self.seconds, self.passes = state["step"], state["seconds"], state["passes"]

    def save(self) -> None:
        state = {
            "model": self.model.state_dict(), "average": self.average.state_dict(), "step": self.step,
            "optimizers": [o.state_dict() for o in self.optimizers], "seconds": self.seconds, "passes": self.passes,
        }  # fmt: skip
        beside = self.checkpoint.with_suffix(".part")
        torch.save(state, beside)
        beside.rename(self.checkpoint)

    @property
    def progress(self) -> float:
        return max(self.step / self.plan.steps, self.seconds / 60 / self.plan.minutes)

    def run(self, until_step: int | None = None) -> None:
        """Train to the end of the plan, or pause at a step of it."""
        weight = dict(self.plan.oversample)
        seen: list[tuple[float, ...]] = []
        last = until_step or self.plan.steps
        while self.progress < 1 and self.step < last:
            self.clips.refresh()
            self.passes += 1
            for rows, length in self.clips.pass_over(
                self.plan.batch_frames, self.plan.seed * 1000 + self.passes, weight
            ):
                if self.progress >= 1 or self.step >= last:
                    break
                started = time.monotonic()
                batch = self.clips.batch(rows, length)
                seen.append((*self.update(batch), float(len(rows))))
                self.seconds += time.monotonic() - started
                if self.step % 25 == 0:
                    self.report(seen)
                    seen = []
                if self.step % 100 == 0:
                    self.save()
        self.save()

    def update(self, batch: Batch) -> tuple[float, ...]:
        """Take one step; return the three losses."""
        rate = self.plan.learning_rate * rate_at(self.progress, self.step, self.plan)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = rate
        strength = self.plan.strength * min(1.0, 0.2 + self.step / 1500)
        decoder, ctc, phone = losses(self.fast, batch, self.noise, strength)
        fading = max(0.1, 1 - self.step / 2000)
        (decoder + 0.5 * ctc + fading * phone).backward()
        precise = [p for p in self.model.parameters() if p.requires_grad]
        quick = [p for p in self.fast.parameters() if p.requires_grad]
        for ours, theirs in zip(precise, quick, strict=True):
            ours.grad = theirs.grad.float() if theirs.grad is not None else None
            theirs.grad = None
        torch.nn.utils.clip_grad_norm_(precise, 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        keep = min(0.998, self.step / (self.step + 50))
        with torch.no_grad():
            torch._foreach_copy_(quick, precise)
            torch._foreach_lerp_([p for p in self.average.parameters() if p.requires_grad], precise, 1 - keep)
        self.step += 1
        return decoder.item(), ctc.item(), phone.item()

    def report(self, seen: list[tuple[float, ...]]) -> None:
        means = np.mean(seen, axis=0)
        named = zip(("decoder", "ctc", "phone", "batch"), means, strict=True)
        row = {
            "step": self.step, "minutes": round(self.seconds / 60, 2), "passes": self.passes,
            "clips": len(self.clips.rows), "progress": round(self.progress, 3),
            **{name: round(float(mean), 3) for name, mean in named},
        }  # fmt: skip
        self.last = {name: row[name] for name in ("decoder", "ctc", "phone")}
        LOG.info("%s", json.dumps(row))
