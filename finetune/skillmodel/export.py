"""A trained skill model as one GGUF file: transformers' weights in llama.cpp's order, quantised by llama.cpp itself."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import llama_cpp
import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM

from assistant.gguf_llama import LlamaFile, LlamaShape, Vocabulary, write_llama
from finetune.skillmodel.tokens import to_json

TYPES = {"f16": 1, "q8_0": 7, "q4_k_m": 15}
"""llama.cpp's `llama_ftype` numbers."""
_NAMES = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def write_gguf(
    model: LlamaForCausalLM, tokenizer: Tokenizer, notes: Mapping[str, str], path: Path, two_way: bool
) -> None:
    """Write the model in 32-bit floats, with its vocabulary and `notes` (metadata `hark.*`)."""
    config = model.config
    shape = LlamaShape(
        width=config.hidden_size,
        layers=config.num_hidden_layers,
        heads=config.num_attention_heads,
        feed_forward=config.intermediate_size,
        context=config.max_position_embeddings,
        norm_epsilon=config.rms_norm_eps,
        rope_base=float(config.rope_parameters["rope_theta"]),
    )
    file = LlamaFile(shape, _vocabulary(tokenizer), notes, two_way=two_way)
    write_llama(path, file, _tensors(model), q8=False)


def _vocabulary(tokenizer: Tokenizer) -> Vocabulary:
    parsed = to_json(tokenizer)
    by_id = {number: token for token, number in tokenizer.get_vocab(with_added_tokens=True).items()}
    merges = tuple(pair if isinstance(pair, str) else " ".join(pair) for pair in parsed["model"]["merges"])
    whole = frozenset(token["content"] for token in parsed["added_tokens"] if not token["special"])
    return Vocabulary(tuple(by_id[number] for number in range(len(by_id))), merges, whole)


def tensor_names(layers: int) -> dict[str, str]:
    """transformers' name of each tensor -> llama.cpp's, in the order they are written."""
    found = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}
    for layer in range(layers):
        for theirs, ours in _NAMES.items():
            found[f"model.layers.{layer}.{theirs}.weight"] = f"blk.{layer}.{ours}.weight"
    return found


def _tensors(model: LlamaForCausalLM) -> Sequence[tuple[str, NDArray[np.float32]]]:
    heads = model.config.num_attention_heads
    state: dict[str, NDArray[Any]] = {name: value.float().numpy() for name, value in model.state_dict().items()}
    found = []
    for theirs, ours in tensor_names(model.config.num_hidden_layers).items():
        rotary = ours.endswith(("attn_q.weight", "attn_k.weight"))
        found.append((ours, _interleave(state[theirs], heads) if rotary else state[theirs]))
    return found


def _interleave(weight: NDArray[Any], heads: int) -> NDArray[Any]:
    """From rotary halves side by side (transformers) to interleaved pairs (llama.cpp); shape (out, in)."""
    out, width = weight.shape
    return np.ascontiguousarray(weight.reshape(heads, 2, out // heads // 2, width).swapaxes(1, 2).reshape(out, width))


def to_halves(weight: NDArray[Any], heads: int) -> NDArray[Any]:
    """The way back: from llama.cpp's interleaved pairs to transformers' rotary halves; shape (out, in)."""
    out, width = weight.shape
    return np.ascontiguousarray(weight.reshape(heads, out // heads // 2, 2, width).swapaxes(1, 2).reshape(out, width))


def quantize(source: Path, target: Path, to: str) -> None:
    """Quantise a GGUF with llama.cpp itself. Raises RuntimeError when it refuses."""
    llama_cpp.llama_log_set(_quiet, ctypes.c_void_p(0))
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = TYPES[to]
    params.nthread = 2
    beside = target.with_suffix(".part")
    failed = llama_cpp.llama_model_quantize(str(source).encode(), str(beside).encode(), ctypes.byref(params))
    if failed:
        raise RuntimeError(f"llama.cpp could not quantise {source.name} to {to} (code {failed})")
    beside.replace(target)


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
def _quiet(level: int, text: bytes, data: Any) -> None:
    """llama.cpp tells of every tensor on standard error; whether it failed comes back as a return code."""
