"""Train the shipped skill model from scratch: a small Llama that reads the transcript in both directions.

The prompt is a prefix: its tokens see each other in both directions (llama.cpp can do so too), the call is causal.
Writes a checkpoint every few minutes and goes on from the last one.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import LlamaConfig, LlamaForCausalLM

from assistant.skill import SkillError
from finetune.checkpoint import decisive, read_checkpoint
from finetune.processor import has_bfloat16
from finetune.schedule import rate_at
from finetune.skillmodel.batches import IGNORED, NO_MARK, Batch, View, batches, count
from finetune.skillmodel.tokens import Encoded, alphabet

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shape:
    """The architecture."""

    width: int = 256
    layers: int = 6
    heads: int = 4
    feed_forward: int = 768
    dropout: float = 0.1
    context: int = 512
    two_way: bool = True
    """Whether the prompt is read in both directions."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard."""

    seed: int = 7
    passes: float = 4.0
    tokens_per_step: int = 4608
    peak_rate: float = 2e-3
    warmup_steps: int = 200
    decay: float = 0.1
    """AdamW's weight decay."""
    renamed: float = 0.3
    """See `View.renamed`."""
    forgotten: float = 0.05
    """Share of the words that a step does not see."""
    tags: float = 0.5
    """Weight of the tags' loss beside that of the calls; see `Encoded.tags`."""
    smoothing: float = 0.05
    average: float = 0.998
    """Share of the running average of the weights that is kept at each step; the average is what ships."""
    restarts: int = 0
    """How often the rate goes up again after it has come down. What ships is then the mean of the averages at the ends:
    each end errs on a few sentences of its own, their mean on fewer (Izmailov et al. 2018)."""
    restart_passes: float = 0.5
    restart_rate: float = 0.5
    """Share of the peak rate that a restart begins with."""
    muon: bool = False
    """Muon (Jordan et al. 2024) for the matrices inside layers, AdamW for the rest; False: AdamW for all."""
    checkpoint_minutes: float = 3.0
    """Infinity for no checkpoint at all, not even at the end."""
    half: bool = True
    """Compute in bfloat16 where the processor does."""
    compile: bool = True
    """Fuse the step with torch.compile: twice as fast on a CPU, after half a minute per batch shape."""


def new_model(shape: Shape, vocabulary: int) -> LlamaForCausalLM:
    """A Llama with random weights; input and output embeddings are one matrix."""
    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=shape.width,
        intermediate_size=shape.feed_forward,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.heads,
        max_position_embeddings=shape.context,
        attention_dropout=shape.dropout,
        tie_word_embeddings=True,
        rms_norm_eps=1e-5,
        bos_token_id=0,
        eos_token_id=1,
        use_cache=False,
    )
    config._attn_implementation = "sdpa"
    return LlamaForCausalLM(config)


def loss_of(model: torch.nn.Module, batch: Batch, plan: Plan) -> torch.Tensor:
    """Mean cross-entropy over the tokens of the calls, rows weighted, and a share of the same over the tags."""
    ids = _forget_words(batch, plan.forgotten) if plan.forgotten and model.training else batch.ids
    read = embedded(model, ids, batch.marks)
    hidden = model.model(inputs_embeds=read, attention_mask=batch.mask).last_hidden_state
    loss = _cross_entropy(model, hidden[:, :-1], batch.labels[:, 1:], batch.weight, plan.smoothing)
    if plan.tags:
        loss = loss + plan.tags * _cross_entropy(model, hidden, batch.tags, batch.weight, plan.smoothing)
    return loss


def _cross_entropy(
    model: torch.nn.Module, hidden: torch.Tensor, labels: torch.Tensor, weight: torch.Tensor, smoothing: float
) -> torch.Tensor:
    taught = labels != IGNORED
    logits = model.lm_head(hidden[taught]).float()  # only where something is learned
    losses = torch.nn.functional.cross_entropy(logits, labels[taught], label_smoothing=smoothing, reduction="none")
    weights = weight[:, None].expand_as(labels)[taught]
    return (losses * weights).sum() / weights.sum().clamp(min=1e-6)


def embedded(model: torch.nn.Module, ids: torch.Tensor, marks: torch.Tensor) -> torch.Tensor:
    """What the model reads, (b, t, width): each token's embedding, and that of its mark added to it."""
    table = model.get_input_embeddings()
    return table(ids) + table(marks.clamp(min=0)) * (marks != NO_MARK)[..., None]


def _forget_words(batch: Batch, share: float) -> torch.Tensor:
    """Replace a few tokens of the words by `</s>`, so that no single one decides alone."""
    return torch.where((batch.marks != NO_MARK) & (torch.rand(batch.ids.shape) < share), 1, batch.ids)


def optimizers(model: LlamaForCausalLM, plan: Plan) -> list[torch.optim.Optimizer]:
    """What changes the weights; norms and other vectors never decay."""
    named = list(model.named_parameters())
    inner = {name for name, value in named if plan.muon and value.dim() == 2 and ".layers." in name}
    vectors = [value for _, value in named if value.dim() <= 1]
    rest = [value for name, value in named if value.dim() > 1 and name not in inner]
    groups = [{"params": rest, "weight_decay": plan.decay}, {"params": vectors, "weight_decay": 0.0}]
    made: list[torch.optim.Optimizer] = [torch.optim.AdamW(groups, lr=plan.peak_rate, betas=(0.9, 0.98))]
    if inner:
        matrices = [value for name, value in named if name in inner]
        made.append(torch.optim.Muon(matrices, plan.peak_rate, weight_decay=plan.decay, adjust_lr_fn="match_rms_adamw"))
    return made


@dataclass(frozen=True, slots=True)
class Descent:
    """A stretch of steps in which the learning rate comes down."""

    first: int
    last: int
    """The step after its last one."""
    peak: float


def descents(plan: Plan, per_pass: int) -> list[Descent]:
    """The first one and the restarts; `per_pass` is the number of steps of a pass."""
    ends = [math.ceil(per_pass * (plan.passes + plan.restart_passes * done)) for done in range(plan.restarts + 1)]
    again = plan.peak_rate * plan.restart_rate
    later = [Descent(first, last, again) for first, last in itertools.pairwise(ends)]
    return [Descent(0, ends[0], plan.peak_rate), *later]


Weights = dict[str, torch.Tensor]
ENTRIES = ("shape", "plan", "rows", "model", "average", "ends", "optimizers", "step", "seconds", "losses", "torch")
"""Of a checkpoint."""


class Trainer:
    """Runs a plan; `checkpoint.pt` in the work folder holds all that is needed to go on."""

    def __init__(
        self, shape: Shape, plan: Plan, tokenizer: Tokenizer, work: Path, start: LlamaForCausalLM | None = None
    ) -> None:
        """`start`: the model to go on from; a new one with random weights otherwise."""
        torch.manual_seed(plan.seed)
        self.shape, self.plan, self.work = shape, plan, work
        self.view = View(alphabet(tokenizer), shape.two_way, plan.renamed)
        self.model = new_model(shape, tokenizer.get_vocab_size()) if start is None else start
        if plan.compile:
            torch._dynamo.config.cache_size_limit = 32  # one entry per batch shape
            self.model.model.compile(dynamic=False)
        self.average = {name: value.detach().clone() for name, value in self.model.state_dict().items()}
        self.ends: list[Weights] = []
        """The averages at the ends of the descents that are done."""
        self.optimizers = optimizers(self.model, plan)
        self.rows = ""
        """Names what is learned from; "" where no checkpoint is kept."""
        self.step = 0
        self.seconds = 0.0
        self.losses: list[tuple[int, float]] = []
        self.told: Callable[[int, int], None] = lambda _step, _total: None
        """Is told after each step how many are done, and of how many."""

    @property
    def checkpoint(self) -> Path:
        """Where the last state is kept."""
        return self.work / "checkpoint.pt"

    def save(self) -> None:
        """Write the state beside the old one, then rename."""
        state = {
            "shape": asdict(self.shape),
            "plan": asdict(self.plan),
            "rows": self.rows,
            "model": self.model.state_dict(),
            "average": self.average,
            "ends": self.ends,
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
            "step": self.step,
            "seconds": self.seconds,
            "losses": self.losses,
            "torch": torch.get_rng_state(),
        }
        beside = self.checkpoint.with_suffix(".part")
        torch.save(state, beside)
        beside.replace(self.checkpoint)

    def resume(self, rows: Sequence[Encoded]) -> bool:
        """Go on from the last checkpoint, if there is one. Raises SkillError where it is damaged, or of another plan,
        another shape or other rows than these."""
        if not self.checkpoint.exists():
            return False
        state = read_checkpoint(self.checkpoint, *ENTRIES)
        if (asdict(self.shape), decisive(asdict(self.plan))) != (state["shape"], decisive(state["plan"])):
            raise SkillError(f"{self.checkpoint} was made by another plan; name another --work, or remove it")
        if state["rows"] != _digest(rows):
            raise SkillError(f"{self.checkpoint} was made with other rows; name another --work, or remove it")
        self.model.load_state_dict(state["model"])
        self.average, self.step, self.seconds = state["average"], state["step"], state["seconds"]
        self.losses, self.ends = [tuple(pair) for pair in state["losses"]], state["ends"]
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        torch.set_rng_state(state["torch"])
        return True

    def rate(self, descent: Descent) -> float:
        """Learning rate at this step; only the first descent warms up."""
        warmup = 0 if descent.first else self.plan.warmup_steps
        return rate_at(self.step - descent.first, descent.last - descent.first, descent.peak, warmup)

    def run(self, rows: Sequence[Encoded], stop_after_steps: int | None = None) -> LlamaForCausalLM:
        """Train to the plan's end (or so many steps further); returns the averaged model."""
        if math.isfinite(self.plan.checkpoint_minutes):
            self.rows = _digest(rows)
        per_pass = self.steps_of_a_pass(rows)
        way = descents(self.plan, per_pass)
        last = way[-1].last if stop_after_steps is None else min(way[-1].last, self.step + stop_after_steps)
        self.model.train()
        while self.step < last:
            number, skip = divmod(self.step, per_pass)
            for at, batch in enumerate(self.batches(rows, number)):
                if at >= skip:
                    self._one_step(batch, way)
                if self.step >= last:
                    break
            else:
                self.step = max(self.step, (number + 1) * per_pass)  # passes differ by a batch or two
        if self.step >= way[-1].last and 0 < len(self.ends) == self.plan.restarts:
            self._keep_end()
            self.average = {name: sum(end[name] for end in self.ends) / len(self.ends) for name in self.average}
        if math.isfinite(self.plan.checkpoint_minutes):
            self.save()
        return self.averaged()

    def batches(self, rows: Sequence[Encoded], number: int) -> Iterator[Batch]:
        """Those of pass `number`, the same whenever it is asked for."""
        return batches(rows, self.view, self.plan.tokens_per_step, self._seed(number))

    def steps_of_a_pass(self, rows: Sequence[Encoded]) -> int:
        """Of the first; others differ by a batch or two."""
        return count(rows, self.plan.tokens_per_step, self._seed(0))

    def _seed(self, number: int) -> int:
        return self.plan.seed * 1000 + number

    def loss(self, batch: Batch) -> torch.Tensor:
        """What a step makes smaller."""
        return loss_of(self.model, batch, self.plan)

    def _one_step(self, batch: Batch, way: Sequence[Descent]) -> None:
        started = time.perf_counter()
        total = way[-1].last
        number, descent = next((at, one) for at, one in enumerate(way) if self.step < one.last)
        if number > len(self.ends):  # here, not at the last step before: the end of a pass may step over that one
            self._keep_end()
        for group in (group for optimizer in self.optimizers for group in optimizer.param_groups):
            group["lr"] = self.rate(descent)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.plan.half and has_bfloat16()):
            loss = self.loss(batch)
        self.model.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        self.step += 1
        self.told(self.step, total)
        self._take_into_average(self.step - descent.first)
        before, self.seconds = self.seconds, self.seconds + time.perf_counter() - started
        if self.step % 50 == 0 or self.step == total:
            self.losses.append((self.step, float(loss.detach())))
            log.info("step %d of %d, loss %.4f, %.0f s", self.step, total, float(loss.detach()), self.seconds)
        if before // (60 * self.plan.checkpoint_minutes) < self.seconds // (60 * self.plan.checkpoint_minutes):
            self.save()

    def _take_into_average(self, done: int) -> None:
        """A running average for each descent, begun anew with it."""
        keep = min(self.plan.average, done / (done + 10))
        for name, value in self.model.state_dict().items():
            self.average[name].lerp_(value, 1 - keep)

    def _keep_end(self) -> None:
        self.ends.append({name: value.clone() for name, value in self.average.items()})

    def averaged(self) -> LlamaForCausalLM:
        """The model with the running average of its weights."""
        model = new_model(self.shape, self.model.config.vocab_size)
        model.load_state_dict(self.average)
        return model.eval()


def _digest(rows: Sequence[Encoded]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(repr(row).encode())
    return digest.hexdigest()


def write_losses(trainer: Trainer, path: Path) -> None:
    """The loss curve as JSON: [[step, loss], ...]."""
    path.write_text(json.dumps(trainer.losses), encoding="utf-8")
