"""The training loop: packs in, the best adapter out, with a checkpoint to go on from after a pulled plug.

One process or several (`accelerate launch`): a step's packs are dealt out to the processes and its loss is the mean
over all tokens it teaches, so that the number of processes changes the time and not the result.
"""

from __future__ import annotations

import contextlib
import logging
import math
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import set_seed

from assistant.skill import ConfigError, SkillError
from finetune.checkpoint import read_checkpoint
from finetune.larger.network import enough_memory, put_in_place
from finetune.larger.recipe import Plan
from finetune.larger.rows import Pack, Row, make_packs, steps_of

log = logging.getLogger(__name__)
CHECKPOINT = "checkpoint.pt"
ADAPTER = "adapter"


@dataclass(slots=True)
class Progress:
    """How far a training is: what a checkpoint holds beside weights."""

    step: int = 0
    seconds: float = 0.0
    losses: list[tuple[int, float]] = field(default_factory=list)
    """(step, mean loss of the tokens it taught, in nats)"""
    validations: list[tuple[int, float]] = field(default_factory=list)
    best: float = math.inf
    """The lowest validation loss, whose adapter is kept."""
    best_step: int = 0
    worse: int = 0
    """Validations since then."""
    ended: str = ""
    """Why it is over; "" while it is not."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What is taught, in tokens."""

    prefix: Sequence[int]
    train: Sequence[Row]
    validation: Sequence[Row]


Tell = Callable[[Progress, int], None]
"""Told after every step, with the number of steps in all."""


class Trainer:
    """Runs a plan over a lesson. All processes make one and call `run`; the first alone writes.

    Args:
        identity: what the outcome depends on (recipe, rows, skills, base); a checkpoint of another one is refused.
    Raises:
        ConfigError: the plan cannot be shared out evenly among the processes.
    """

    def __init__(self, model: Any, plan: Plan, work: Path, identity: str, *, cpu: bool, autocast: bool) -> None:
        self.plan, self.work, self.identity = plan, work, identity
        self.accelerator = Accelerator(cpu=cpu)
        self._autocast = autocast
        self.processes = self.accelerator.num_processes
        if plan.packs_per_step % self.processes:
            raise ConfigError(
                f"plan.packs_per_step is {plan.packs_per_step}, which {self.processes} processes cannot share evenly"
            )
        set_seed(plan.seed)
        trained = [weight for weight in model.parameters() if weight.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=plan.peak_rate, weight_decay=plan.decay)
        self.model, self.optimizer = self.accelerator.prepare(model, optimizer)
        self.progress = Progress()

    @property
    def is_first(self) -> bool:
        """Whether this is the process that writes."""
        return bool(self.accelerator.is_main_process)

    def is_over(self) -> bool:
        """Whether there is nothing left to do."""
        return bool(self.progress.ended)

    # --- going on ----------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Write the state beside the old one, then rename."""
        if not self.is_first:
            return
        state = {
            "identity": self.identity,
            "progress": asdict(self.progress),
            "adapter": self._adapter(),
            "optimizer": self.optimizer.state_dict(),
        }
        beside = (self.work / CHECKPOINT).with_suffix(".part")
        torch.save(state, beside)
        beside.replace(self.work / CHECKPOINT)

    def resume(self) -> bool:
        """Go on from the checkpoint, if there is one.

        Raises:
            ConfigError: it belongs to another recipe, other rows or other skills.
            SkillError: it is damaged.
        """
        path = self.work / CHECKPOINT
        if not path.is_file():
            return False
        state = read_checkpoint(path)
        if state.get("identity") != self.identity:  # None: of a trainer that is not this one
            raise ConfigError(
                f"the unfinished training in {self.work} is of another recipe, other rows or other skills; choose "
                "another --work, or delete that folder"
            )
        saved = state["progress"]
        pairs = {name: [(int(step), float(loss)) for step, loss in saved[name]] for name in ("losses", "validations")}
        self.progress = Progress(**{**saved, **pairs})
        named = dict(self._trained())
        for name, value in state["adapter"].items():
            named[name].data.copy_(value)
        self.optimizer.load_state_dict(state["optimizer"])
        return True

    def _trained(self) -> list[tuple[str, torch.nn.Parameter]]:
        model = self.accelerator.unwrap_model(self.model)
        return [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]

    def _adapter(self) -> dict[str, torch.Tensor]:
        return {name: weight.detach().cpu() for name, weight in self._trained()}

    def _keep_best(self) -> None:
        """Write the adapter as peft does, beside the old one, then put it in its place."""
        if not self.is_first:
            return
        target = self.work / ADAPTER
        beside = target.with_name(ADAPTER + ".part")
        shutil.rmtree(beside, ignore_errors=True)
        self.accelerator.unwrap_model(self.model).save_pretrained(beside)
        put_in_place(beside, target)

    # --- the loop ----------------------------------------------------------------------------------------------------

    def steps(self, lesson: Lesson) -> tuple[int, int]:
        """Steps of the given order's pass, which every pass has, and steps in all."""
        packs = len(make_packs(lesson.prefix, lesson.train, self.plan.tokens_per_pack))
        each = math.ceil(packs / self.plan.packs_per_step)  # a last step that is not full is one, too
        return each, max(1, round(each * self.plan.passes))

    def run(self, lesson: Lesson, tell: Tell = lambda _progress, _total: None) -> Progress:
        """Train to the plan's end, or until validation has not got better for long.

        Raises:
            MissingPiece: the memory is not enough.
            SkillError: the loss is no number any more; nothing of that step is kept.
        """
        each, total = self.steps(lesson)
        with enough_memory():
            while not self.is_over():
                number, skip = divmod(self.progress.step, each)
                found = list(steps_of(lesson.prefix, lesson.train, self.plan, number))
                for at in range(skip, each):
                    self._step(found[at % len(found)], total)  # some orders pack into a step more or less
                    self._after(lesson, total)
                    tell(self.progress, total)
                    if self.is_over():
                        break
        return self.progress

    def _after(self, lesson: Lesson, total: int) -> None:
        """Validate and save, where it is time."""
        now = self.progress
        if not math.isfinite(now.losses[-1][1]):
            raise SkillError(
                f"the training diverged: the loss of step {now.step} is no number; lower plan.peak_rate in the recipe, "
                "and choose another --work or delete the old one"
            )
        if now.step >= total:
            now.ended = "the plan's end"
        if now.step % self.plan.validate_steps == 0 or now.ended:
            self._validate(lesson)
        if now.step % self.plan.checkpoint_steps == 0 or now.ended:
            self.save()

    def _step(self, packs: Sequence[Pack], total: int) -> None:
        started = time.perf_counter()
        now = self.progress
        torch.manual_seed(self.plan.seed * 1_000_003 + now.step)  # dropout is the same after a resume
        for group in self.optimizer.param_groups:
            group["lr"] = rate(self.plan, now.step, total)
        self.model.train()
        mine = self._deal(packs)
        whole = float(sum(pack.weight.sum() for pack in packs))
        lost = torch.zeros((), device=self.accelerator.device)
        for at, pack in enumerate(mine):
            last = at == len(mine) - 1
            with self.accelerator.no_sync(self.model) if not last else contextlib.nullcontext():
                loss = self._loss(self.model, pack) / whole
                self.accelerator.backward(loss * self.processes)  # several processes average their gradients
            lost += loss.detach()
        self.accelerator.clip_grad_norm_(self.model.parameters(), self.plan.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        now.step += 1
        now.losses.append((now.step, float(self.accelerator.reduce(lost, "sum"))))
        now.seconds += time.perf_counter() - started

    def _deal(self, packs: Sequence[Pack]) -> list[Pack]:
        """This process's share of a step; where packs run out, one that teaches nothing keeps the processes in step."""
        mine = list(packs[self.accelerator.process_index :: self.processes])
        most = -(-len(packs) // self.processes)
        idle = packs[0]
        nothing = Pack(idle.ids, idle.positions, idle.row, idle.ask, idle.learn, torch.zeros_like(idle.weight))
        return mine + [nothing] * (most - len(mine))

    def _loss(self, model: Any, pack: Pack) -> torch.Tensor:
        device = self.accelerator.device
        with torch.autocast(device.type, torch.bfloat16, enabled=self._autocast):
            return pack_loss(model, pack, device)

    def _validate(self, lesson: Lesson) -> None:
        now = self.progress
        loss = self.mean_loss(lesson.prefix, lesson.validation)
        now.validations.append((now.step, loss))
        if loss < now.best:
            now.best, now.best_step, now.worse = loss, now.step, 0
            self._keep_best()
        else:
            now.worse += 1
            if now.worse >= self.plan.patience and not now.ended:
                now.ended = f"no better validation loss since step {now.best_step}"
        log.info("step %d: validation loss %.4f", now.step, loss)

    def mean_loss(self, prefix: Sequence[int], rows: Sequence[Row]) -> float:
        """Mean loss over the tokens of all calls, in nats, with no dropout."""
        packs = make_packs(prefix, rows, self.plan.tokens_per_pack)
        _without_dropout(self.model)
        # Not the wrapped one: processes have different numbers of packs here, and it would wait for the others.
        model = self.accelerator.unwrap_model(self.model)
        lost = torch.zeros((), device=self.accelerator.device)
        with torch.no_grad():
            for pack in packs[self.accelerator.process_index :: self.processes]:
                lost += self._loss(model, pack)
        whole = float(sum(pack.weight.sum() for pack in packs))
        return float(self.accelerator.reduce(lost, "sum")) / whole


def _without_dropout(model: Any) -> None:
    """Evaluation mode; 4-bit layers stay as they are, lest bitsandbytes repack them on a processor."""
    model.eval()
    for module in model.modules():
        if type(module).__name__ == "Linear4bit":
            module.training = True


def pack_loss(model: Any, pack: Pack, device: torch.device) -> torch.Tensor:
    """The sum of weighted cross-entropies over the tokens that a pack teaches; nothing else is learned."""
    row = pack.row.to(device)
    placed = Pack(pack.ids, pack.positions, row, pack.ask, pack.learn, pack.weight)
    logits = model(
        input_ids=pack.ids[None].to(device),
        position_ids=pack.positions[None].to(device),
        attention_mask=placed.visible(),
        logits_to_keep=pack.ask.to(device),
    ).logits[0]
    losses = torch.nn.functional.cross_entropy(logits.float(), pack.learn.to(device), reduction="none")
    return (losses * pack.weight.to(device)).sum()


def rate(plan: Plan, step: int, total: int) -> float:
    """Learning rate: linear warm-up, then a cosine to a tenth."""
    if step < plan.warmup_steps:
        return plan.peak_rate * (step + 1) / plan.warmup_steps
    done = (step - plan.warmup_steps) / max(1, total - plan.warmup_steps)
    return plan.peak_rate * (0.1 + 0.45 * (1 + math.cos(math.pi * min(1.0, done))))
