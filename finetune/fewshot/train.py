"""Train the few-shot network; writes a checkpoint every few minutes and goes on from the last one.

Where `torch.distributed` has several processes, each takes a share of every step's sentences, and all go on with the
mean of their gradients.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import distributed
from torch.nn import functional as f
from torch.nn.utils import clip_grad_norm_, parameters_to_vector, vector_to_parameters

from assistant.shown import FIRST, GRAMS, PAD, UNKNOWN, words_of
from assistant.skill import SkillError
from assistant.synonyms import STAR, shipped
from finetune.checkpoint import decisive, read_checkpoint
from finetune.fewshot.batch import IGNORED, Tensors
from finetune.fewshot.episodes import READ, Episodes, Words
from finetune.fewshot.kinds import with_neighbours, written
from finetune.fewshot.network import Fewshot, Shape, losses
from finetune.processor import has_bfloat16
from finetune.schedule import rate_at

log = logging.getLogger(__name__)
Drawn = TypeVar("Drawn")
TOLD_EVERY = 100
PHRASE = 6
"""Words of a synonym that are read."""
ENTRIES = ("shape", "plan", "words", "network", "average", "optimizers", "step", "seconds", "losses")
"""Of a checkpoint."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard."""

    seed: int = 5
    steps: int = 4000
    episodes: int = 24
    """In a step."""
    reading_steps: int = 0
    """The first of the steps: they show no skills, only sentences whose hidden words are guessed."""
    reading: int = 512
    """Sentences in each of those."""
    sentences: int = 48
    """Whose hidden words are guessed in a step."""
    groups: int = 96
    """Of synonyms, or of things of one kind, in a step."""
    meaning: float = 0.1
    """Weight of the loss that lays two of a group beside each other."""
    hidden: float = 0.2
    """Share of their words."""
    guessing: float = 0.15
    """Weight of that loss."""
    forgotten: float = 0.1
    """Share of the words that a step knows by their letters alone."""
    peak_rate: float = 2e-3
    warmup_steps: int = 200
    decay: float = 0.1
    average: float = 0.998
    """Share of the running average of the weights that is kept at each step; the average is what ships."""
    checkpoint_minutes: float = 3.0
    compile: bool = True
    half: bool = True
    """Compute in bfloat16 where the processor does."""


class Trainer:
    """Runs a plan; `checkpoint.pt` in the work folder holds all that is needed to go on."""

    def __init__(self, network: Fewshot, episodes: Episodes, words: Words, plan: Plan, work: Path) -> None:
        self.network, self.episodes, self.plan = network, episodes, plan
        self.words, self._tensors, self.checkpoint = words, Tensors(words), work / "checkpoint.pt"
        self.average = {name: value.detach().clone() for name, value in network.state_dict().items()}
        named = dict(network.named_parameters())
        inner = [v for n, v in named.items() if v.dim() == 2 and (n.startswith(("encoder", "crossed")))]
        chosen = {id(one) for one in inner}
        rest = [v for v in named.values() if id(v) not in chosen]
        self.optimizers: list[torch.optim.Optimizer] = [
            torch.optim.AdamW(rest, lr=plan.peak_rate, betas=(0.9, 0.98), weight_decay=0.01),
            torch.optim.Muon(inner, plan.peak_rate, weight_decay=plan.decay, adjust_lr_fn="match_rms_adamw"),
        ]
        self.step, self.seconds = 0, 0.0
        self.rank, self.processes = 0, 1
        """Which process this is, and how many there are."""
        if distributed.is_initialized():
            self.rank, self.processes = distributed.get_rank(), distributed.get_world_size()
        self.losses: list[tuple[int, float]] = []
        """Of the match, the mean since the one before."""
        members = [[words_of(one.replace(STAR, "")) for one in group.members] for group in shipped()]
        members += [[kind.name, *kind.members] for kind in with_neighbours(written())]
        self._groups = [[one for one in group if one] for group in members if len(list(filter(None, group))) > 1]
        if plan.compile:
            network.core = torch.compile(network.core, dynamic=False)  # type: ignore[method-assign]
            network.guessed = torch.compile(network.guessed)  # type: ignore[method-assign]
            network.directions = torch.compile(network.directions)  # type: ignore[method-assign]

    def save(self) -> None:
        """Write the state beside the old one, then rename; the first process does."""
        if self.rank:
            return
        state = {
            "shape": asdict(self.network.shape),
            "plan": asdict(self.plan),
            "words": self.words.known,
            "network": self.network.state_dict(),
            "average": self.average,
            "optimizers": [one.state_dict() for one in self.optimizers],
            "step": self.step,
            "seconds": self.seconds,
            "losses": self.losses,
        }
        beside = self.checkpoint.with_suffix(".part")
        torch.save(state, beside)
        beside.replace(self.checkpoint)

    def resume(self) -> int:
        """Go on from the last checkpoint, if there is one; returns its step. Raises SkillError."""
        if not self.checkpoint.exists():
            return 0
        state = read_checkpoint(self.checkpoint, *ENTRIES)
        if tuple(state["words"]) != self.words.known:
            raise SkillError(f"{self.checkpoint} was made with other sentences; remove it to begin anew")
        mine = asdict(self.network.shape), decisive(asdict(self.plan))
        if mine != (state["shape"], decisive(state["plan"])):
            raise SkillError(f"{self.checkpoint} was made by another plan; name another --work, or remove it")
        self.network.load_state_dict(state["network"])
        self.average, self.step, self.seconds = state["average"], state["step"], state["seconds"]
        self.losses = [tuple(one) for one in state["losses"]]
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        return self.step

    @staticmethod
    def last(work: Path) -> tuple[Fewshot, Words, int]:
        """The averaged network of the last checkpoint, its words and its steps.

        Raises:
            SkillError: it is damaged, or another training's.
            OSError: there is none.
        """
        state = read_checkpoint(work / "checkpoint.pt", *ENTRIES)
        words = Words(state["words"])
        network = Fewshot(Shape(**state["shape"]), len(words))
        network.load_state_dict(state["average"])
        return network.eval(), words, int(state["step"])

    def run(self) -> None:
        """Train to the plan's end."""
        self.network.train()
        told, since = torch.zeros(6), self.step
        while self.step < self.plan.steps:
            started = time.perf_counter()
            told += self._one_step()
            before, self.seconds = self.seconds, self.seconds + time.perf_counter() - started
            if self.step % TOLD_EVERY == 0 and not self.rank:
                match, spans, whole, like, guess, meant = (told / (self.step - since)).tolist()
                log.info(
                    "step %d of %d, match %.3f, spans %.3f, whole %.3f, like %.3f, guess %.3f, meant %.3f, %.0f s",
                    *(self.step, self.plan.steps, match, spans, whole, like, guess, meant, self.seconds),
                )
                self.losses.append((self.step, match))
                told, since = torch.zeros(6), self.step
            minutes = 60 * self.plan.checkpoint_minutes
            if before // minutes < self.seconds // minutes:
                self.save()
        self.save()

    def _one_step(self) -> torch.Tensor:
        plan = self.plan
        for group in (group for optimizer in self.optimizers for group in optimizer.param_groups):
            group["lr"] = self._rate()
        torch.manual_seed(self.plan.seed * 1_000_003 + self.processes * self.step + self.rank)
        np.random.seed(self.processes * self.step + self.rank)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.plan.half and has_bfloat16()):
            parts, loss = self._read() if self.step < plan.reading_steps else self._taught()
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self._share()
        clip_grad_norm_(self.network.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        self.step += 1
        keep = min(self.plan.average, self.step / (self.step + 10))
        for name, value in self.network.state_dict().items():
            self.average[name].lerp_(value, 1 - keep)
        return parts.detach().float()

    def _share(self) -> None:
        """Every process goes on with the mean of all their gradients."""
        if self.processes == 1:
            return
        gradients = [value.grad for value in self.network.parameters() if value.grad is not None]
        whole = parameters_to_vector(gradients)
        distributed.all_reduce(whole)
        vector_to_parameters(whole / self.processes, gradients)

    def _mine(self, drawn: Sequence[Drawn]) -> Sequence[Drawn]:
        """This process's share of what a step has drawn."""
        return drawn[self.rank :: self.processes]

    def _rate(self) -> float:
        """Each part of the plan warms up and cools down by itself."""
        plan, before = self.plan, self.plan.reading_steps
        if self.step < before:
            return rate_at(self.step, before, plan.peak_rate, plan.warmup_steps)
        return rate_at(self.step - before, plan.steps - before, plan.peak_rate, plan.warmup_steps)

    def _read(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The parts (6) of the loss of a step without skills, and the whole of it."""
        guess = self._guess(self._mine(self.episodes.texts(self.step, self.plan.reading)))
        meant = self._meant()
        none = torch.zeros(())
        return torch.stack([none, none, none, none, guess, meant]), guess + self.plan.meaning * meant

    def _taught(self) -> tuple[torch.Tensor, torch.Tensor]:
        """The parts (6) of the loss of a step's episodes, and the whole of it."""
        plan = self.plan
        batch = self._tensors.batch(self._mine(self.episodes.at(self.step, plan.episodes)))
        parts = losses(self.network(batch, plan.forgotten), batch)
        guess = self._guess(self._mine(self.episodes.texts(self.step, plan.sentences)))
        meant = self._meant()
        loss = parts.total() + plan.guessing * guess + plan.meaning * meant
        return torch.stack([parts.match, parts.spans, parts.whole, parts.like, guess, meant]), loss

    def _guess(self, texts: Sequence[Sequence[str]]) -> torch.Tensor:
        """The loss of guessing hidden words (masked language model)."""
        chance = random.Random(self.step)
        table: dict[str, int] = {}
        places = torch.zeros(len(texts), READ + 1, dtype=torch.long)
        wanted = torch.full((len(texts), READ + 1), IGNORED)
        for row, text in enumerate(texts):
            places[row, 0] = 1
            for at, word in enumerate(text[:READ], 1):
                if chance.random() < self.plan.hidden and self.words.place(word) != UNKNOWN:
                    places[row, at], wanted[row, at] = 2, self.words.place(word)
                else:
                    places[row, at] = table.setdefault(word, len(table) + 3)
        vectors = self._vectors(table)
        hidden = self.network.guessed(vectors, places)[wanted != IGNORED]
        return f.cross_entropy((hidden @ self.network.word.weight.T).float(), wanted[wanted != IGNORED])

    def _vectors(self, table: Mapping[str, int]) -> torch.Tensor:
        """Of words whose places count from 3; PAD, FIRST and UNKNOWN stand before them."""
        known = [PAD, FIRST, UNKNOWN, *map(self.words.place, table)]
        letters = [(), (), (), *map(self.words.grams, table)]
        widest = max(map(len, letters))
        filled = torch.tensor([[*one, *[GRAMS] * (widest - len(one))] for one in letters])
        return self.network.embedded(torch.tensor(known), filled)

    def _meant(self) -> torch.Tensor:
        """The loss of finding a synonym among the others' (InfoNCE)."""
        chance = random.Random(-self.step)
        table: dict[str, int] = {}
        groups = self._mine(chance.sample(self._groups, self.plan.groups))
        places = torch.zeros(2 * len(groups), PHRASE + 1, dtype=torch.long)
        for row, group in enumerate(groups):
            for side, member in enumerate(chance.sample(group, 2)):
                at = [1, *(table.setdefault(word, len(table) + 3) for word in member[:PHRASE])]
                places[2 * row + side, : len(at)] = torch.tensor(at)
        one = self.network.directions(self._vectors(table), places).unflatten(0, (-1, 2))
        like = one[:, 0] @ one[:, 1].T * 10
        return f.cross_entropy(like, torch.arange(len(like)))
