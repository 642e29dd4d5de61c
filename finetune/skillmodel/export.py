"""A trained skill model as one GGUF file: weights, vocabulary, and what Hark must know to drive it.

Written with llama.cpp's own `gguf` package; quantised by the library that runs it.
"""

from __future__ import annotations

import ctypes
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import LlamaForCausalLM

from finetune.skillmodel.tokens import BOS, CALL, EOS, to_json

TYPES = {"f32": 0, "f16": 1, "q8_0": 7, "q4_k_m": 15}
"""llama.cpp's `llama_ftype` numbers."""


def write_gguf(
    model: LlamaForCausalLM, tokenizer: Tokenizer, notes: Mapping[str, Any], path: Path, two_way: bool
) -> None:
    """Write the model in 32-bit floats. `notes` become metadata `hark.*` (strings, or lists of strings).

    Source: the tensor names and the order of rotary halves are those of llama.cpp's converter for Llama.
    """
    beside = path.with_suffix(".part")
    writer = gguf.GGUFWriter(str(beside), "llama")
    _write_shape(writer, model)
    _write_vocabulary(writer, tokenizer)
    writer.add_bool("hark.prompt_two_way", two_way)
    for name, note in notes.items():
        (writer.add_array if isinstance(note, (list, tuple)) else writer.add_string)(f"hark.{name}", note)
    for name, tensor in _tensors(model):
        writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    beside.replace(path)


def _write_shape(writer: gguf.GGUFWriter, model: LlamaForCausalLM) -> None:
    config = model.config
    writer.add_name("Hark skill model")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_rope_freq_base(float(config.rope_parameters["rope_theta"]))
    writer.add_vocab_size(config.vocab_size)
    writer.add_file_type(TYPES["f32"])


def _write_vocabulary(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    parsed = to_json(tokenizer)
    by_id = {number: token for token, number in tokenizer.get_vocab(with_added_tokens=True).items()}
    added = {token["id"]: token for token in parsed["added_tokens"]}
    tokens, kinds = [], []
    for number in range(len(by_id)):
        special = added.get(number)
        tokens.append(by_id[number].encode())
        kind = gguf.TokenType.NORMAL if special is None else gguf.TokenType.USER_DEFINED
        kinds.append(gguf.TokenType.CONTROL if by_id[number] in (BOS, EOS, CALL) else kind)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    merges = parsed["model"]["merges"]
    writer.add_token_merges([pair if isinstance(pair, str) else " ".join(pair) for pair in merges])
    writer.add_bos_token_id(tokenizer.token_to_id(BOS))
    writer.add_eos_token_id(tokenizer.token_to_id(EOS))
    writer.add_add_bos_token(False)


def _tensors(model: LlamaForCausalLM) -> Sequence[tuple[str, np.ndarray[Any, Any]]]:
    heads = model.config.num_attention_heads
    names = {
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
    state = {name: value.float().numpy() for name, value in model.state_dict().items()}
    found = [
        ("token_embd.weight", state["model.embed_tokens.weight"]),
        ("output_norm.weight", state["model.norm.weight"]),
    ]
    for layer in range(model.config.num_hidden_layers):
        for theirs, ours in names.items():
            tensor = state[f"model.layers.{layer}.{theirs}.weight"]
            if ours in ("attn_q", "attn_k"):
                tensor = _interleave(tensor, heads)
            found.append((f"blk.{layer}.{ours}.weight", tensor))
    return found


def _interleave(weight: np.ndarray[Any, Any], heads: int) -> np.ndarray[Any, Any]:
    """From rotary halves side by side (transformers) to interleaved pairs (llama.cpp); shape (out, in)."""
    out, width = weight.shape
    return np.ascontiguousarray(weight.reshape(heads, 2, out // heads // 2, width).swapaxes(1, 2).reshape(out, width))


def quantize(source: Path, target: Path, to: str = "q8_0") -> None:
    """Quantise a GGUF with llama.cpp itself. Raises RuntimeError when it refuses."""
    import llama_cpp

    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = TYPES[to]
    params.nthread = 2
    beside = target.with_suffix(".part")
    failed = llama_cpp.llama_model_quantize(str(source).encode(), str(beside).encode(), ctypes.byref(params))
    if failed:
        raise RuntimeError(f"llama.cpp could not quantise {source.name} to {to} (code {failed})")
    beside.replace(target)


def read_notes(path: Path) -> dict[str, Any]:
    """The `hark.*` metadata of a GGUF."""
    fields = gguf.GGUFReader(str(path)).fields
    return {name: field.contents() for name, field in fields.items() if name.startswith("hark.")}


def write_tokenizer(tokenizer: Tokenizer, path: Path) -> None:
    """Keep the tokenizer beside a checkpoint, so that training can go on."""
    path.write_text(json.dumps(to_json(tokenizer)), encoding="utf-8")


def model_from_average(model: LlamaForCausalLM) -> LlamaForCausalLM:
    """In 32-bit floats, in evaluation mode, without gradients."""
    return model.to(torch.float32).eval().requires_grad_(False)
