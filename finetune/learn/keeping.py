"""Training on without forgetting: where the model was right before, it is held to the very answer that it gave.

Rows of what is new change the weights for everything else as well. Beside the loss of the rows stands how far the model
has moved from its old self at each token that this one had right (Li & Hoiem 2016, "Learning without forgetting").
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import torch

from finetune.learn.loading import Loaded
from finetune.skillmodel.batches import IGNORED, Batch
from finetune.skillmodel.train import Plan, Trainer, embedded, loss_of

HELD = 1.0
"""What a nat between the old answer and the new one weighs, beside a nat of the rows' own loss."""
RIGHT = 0.5
"""The old model knew a token that it held at least so probable."""


class KeepingTrainer(Trainer):
    """Runs a plan on a model that is to stay as it is where it was right."""

    def __init__(self, loaded: Loaded, plan: Plan) -> None:
        """Begin with the loaded model; nothing is written."""
        super().__init__(loaded.shape, plan, loaded.tokenizer, Path(), loaded.model)
        self.known = loaded.known
        before = loaded.model if loaded.before is None else loaded.before
        self.before = copy.deepcopy(before).eval().requires_grad_(False)
        self._read = torch.empty(0)
        self.model.model.register_forward_hook(self._keep_reading)

    def _keep_reading(self, _module: torch.nn.Module, _given: Any, read: Any) -> None:
        self._read = read.last_hidden_state

    def loss(self, batch: Batch) -> torch.Tensor:
        """The loss of the rows and, at the tokens that the model knew, the divergence from what it said before."""
        loss = loss_of(self.model, batch, self.plan)
        taught = batch.labels[:, 1:] != IGNORED
        answer = batch.labels[:, 1:][taught]
        with torch.no_grad():
            read = embedded(self.before, batch.ids, batch.marks)
            hidden = self.before.model(inputs_embeds=read, attention_mask=batch.mask).last_hidden_state
            logits = self.before.lm_head(hidden[:, :-1][taught]).float()
            logits[:, self.known :] = -torch.inf
            old = logits.softmax(dim=-1)
        knew = old.gather(1, answer[:, None])[:, 0] >= RIGHT
        if not knew.any():
            return loss
        new = self.model.lm_head(self._read[:, :-1][taught][knew]).float().log_softmax(dim=-1)
        moved = torch.nn.functional.kl_div(new, old[knew], reduction="batchmean")
        return loss + HELD * moved
