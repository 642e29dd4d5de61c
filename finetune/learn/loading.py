"""A skill model's GGUF back as torch weights and a tokenizer, so that it can go on learning, with room for names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaForCausalLM

from assistant.gguf_llama import CONTROL, vocabulary_of
from assistant.skill import ConfigError, Skill
from finetune.skillmodel.export import tensor_names, to_halves
from finetune.skillmodel.tokens import call_tokens
from finetune.skillmodel.train import Shape, new_model

NOISE = 0.1
"""Of a new token's weights, beside their mean: two new names must not begin as the same one."""
DAMAGED = (ValueError, LookupError, TypeError, RuntimeError)
"""What the reader, NumPy and torch raise for bytes that nobody has written."""


@dataclass(frozen=True)
class Loaded:
    """A skill model that can go on learning."""

    model: LlamaForCausalLM
    tokenizer: Tokenizer
    shape: Shape
    notes: Mapping[str, str]
    """Its `hark.*` metadata without the prefix: skills, calibration, version."""

    @property
    def skills(self) -> tuple[str, ...]:
        """The skills it knows."""
        return tuple(json.loads(self.notes["skills"]))


def load(path: Path, dropout: float = 0.1) -> Loaded:
    """Read a GGUF that `finetune.skillmodel.export` wrote, whatever it was quantised to.

    Raises:
        ConfigError: it is no skill model of Hark's, or not whole.
        OSError: it cannot be read.
    """
    try:
        reader = gguf.GGUFReader(str(path))
        fields: dict[str, Any] = {name: field.contents() for name, field in reader.fields.items()}
        shape = Shape(
            width=fields["llama.embedding_length"],
            layers=fields["llama.block_count"],
            heads=fields["llama.attention.head_count"],
            feed_forward=fields["llama.feed_forward_length"],
            context=fields["llama.context_length"],
            dropout=dropout,
            two_way=bool(fields["hark.prompt_two_way"]),
        )
        notes = {name: str(fields[f"hark.{name}"]) for name in ("skills", "calibration", "version")}
        tokenizer = _tokenizer(path)
        weights = {t.name: _floats(t) for t in reader.tensors}
        model = new_model(shape, tokenizer.get_vocab_size())
        model.load_state_dict(_state(weights, shape))
    except DAMAGED as fault:
        raise ConfigError(f"{path} is no skill model of Hark's ({fault}); it cannot go on learning") from None
    return Loaded(model, tokenizer, shape, notes)


def _floats(tensor: Any) -> NDArray[np.float32]:
    """One tensor in 32-bit floats, (out, in) or (width,)."""
    return np.ascontiguousarray(gguf.quants.dequantize(tensor.data, tensor.tensor_type), dtype=np.float32)


def _state(weights: Mapping[str, NDArray[np.float32]], shape: Shape) -> dict[str, torch.Tensor]:
    """llama.cpp's names and rotary order -> those of transformers."""
    state = {}
    for theirs, ours in tensor_names(shape.layers).items():
        tensor = weights[ours]
        if ours.endswith(("attn_q.weight", "attn_k.weight")):
            tensor = to_halves(tensor, shape.heads)
        state[theirs] = torch.from_numpy(tensor.copy())
    state["lm_head.weight"] = state["model.embed_tokens.weight"]
    return state


def _tokenizer(path: Path) -> Tokenizer:
    """The tokenizer of the file, every id as it was. Raises ValueError where an id would change."""
    vocabulary = vocabulary_of(path)
    last = max(number for number, token in enumerate(vocabulary.tokens) if token not in vocabulary.whole)
    pieces = {token: number for number, token in enumerate(vocabulary.tokens[: last + 1])}
    merges = [(first, second) for first, _, second in (merge.partition(" ") for merge in vocabulary.merges)]
    tokenizer = Tokenizer(models.BPE(vocab=pieces, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(list(CONTROL))
    whole = [token for token in vocabulary.tokens if token in vocabulary.whole]
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in whole])
    if any(tokenizer.token_to_id(token) != number for number, token in enumerate(vocabulary.tokens)):
        raise ValueError("its tokens are not in the order that the trainer gives them")
    return tokenizer


def extend(loaded: Loaded, skills: Sequence[Skill], seed: int = 0) -> tuple[str, ...]:
    """Give the model tokens for the names of new skills and arguments, after all it has; returns the new tokens.

    A new token begins as the mean of those of its kind: a skill's name among skills' names, `, size=` among arguments.
    """
    known = loaded.tokenizer.get_vocab()
    new = tuple(token for token in call_tokens(skills) if token not in known)
    if not new:
        return ()
    loaded.tokenizer.add_tokens([AddedToken(token, normalized=False) for token in new])
    generator = torch.Generator().manual_seed(seed)
    old = loaded.model.get_input_embeddings().weight.detach().clone()
    rows = [_beginning(old, known, _kind(token), generator) for token in new]
    loaded.model.resize_token_embeddings(len(known) + len(new), mean_resizing=False)
    with torch.no_grad():
        table = loaded.model.get_input_embeddings().weight
        table[: len(old)] = old
        table[len(old) :] = torch.stack(rows)
    return new


def _kind(token: str) -> str:
    """`make_coffee(` -> "(", `, size=` -> ", =", `size=` -> "="."""
    return "(" if token.endswith("(") else ", =" if token.startswith(", ") else "="


def _beginning(table: torch.Tensor, known: Mapping[str, int], kind: str, generator: torch.Generator) -> torch.Tensor:
    alike = [number for token, number in known.items() if len(token) > 1 and token[-1] in "(=" and _kind(token) == kind]
    if not alike:
        return table.mean(dim=0)
    rows = table[alike]
    return rows.mean(dim=0) + NOISE * rows.std(dim=0, correction=0) * torch.randn(table.shape[1], generator=generator)
