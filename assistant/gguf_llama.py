"""Write a Llama-shaped model as one GGUF file: trained weights for shipping, random ones for benchmarks and tests.

Uses llama.cpp's own `gguf` package; the tensor names are those of llama.cpp's converter for Llama.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np
from numpy.typing import NDArray

CONTROL = ("<s>", "</s>", "<call>")
"""Start, end of the call, "now write the call": the first three tokens of a skill model."""


@dataclass(frozen=True, slots=True)
class LlamaShape:
    """The architecture; input and output embeddings are one matrix."""

    width: int
    layers: int
    heads: int
    feed_forward: int
    context: int = 512
    norm_epsilon: float = 1e-5
    rope_base: float = 10000.0


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A byte-level BPE with GPT-2's pre-tokenizer; tokens in GPT-2's printable alphabet."""

    tokens: tuple[str, ...]
    merges: tuple[str, ...]
    whole: frozenset[str] = frozenset()
    """Tokens that are matched before anything is cut: skill names with their parenthesis, and the like."""


@dataclass(frozen=True, slots=True)
class LlamaFile:
    """What goes into the file besides the tensors. `notes` become metadata `hark.*`: strings."""

    shape: LlamaShape
    vocabulary: Vocabulary
    notes: Mapping[str, str]
    name: str = "Hark skill model"
    two_way: bool = True
    """The prompt is read in both directions (`hark.prompt_two_way`)."""


def write_llama(path: Path, file: LlamaFile, tensors: Iterable[tuple[str, NDArray[np.float32]]], *, q8: bool) -> None:
    """Write the file beside its name, then rename.

    Args:
        tensors: name -> shape (out, in) or (width,); the rotary halves interleaved, as llama.cpp has them.
        q8: store matrices as Q8_0, 8.5 bits a weight; else 32-bit floats.
    """
    beside = path.with_suffix(".part")
    writer = gguf.GGUFWriter(str(beside), "llama")
    _write_shape(writer, file, q8)
    _write_vocabulary(writer, file.vocabulary)
    writer.add_bool("hark.prompt_two_way", file.two_way)
    for name, note in file.notes.items():
        writer.add_string(f"hark.{name}", note)
    for name, tensor in tensors:
        if q8 and tensor.ndim == 2:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(tensor, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, tensor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    beside.replace(path)


def _write_shape(writer: gguf.GGUFWriter, file: LlamaFile, q8: bool) -> None:
    shape = file.shape
    writer.add_name(file.name)
    writer.add_block_count(shape.layers)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_layer_norm_rms_eps(shape.norm_epsilon)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_vocab_size(len(file.vocabulary.tokens))
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_Q8_0 if q8 else gguf.LlamaFileType.ALL_F32)


def _write_vocabulary(writer: gguf.GGUFWriter, vocabulary: Vocabulary) -> None:
    kinds = []
    for token in vocabulary.tokens:
        whole = gguf.TokenType.USER_DEFINED if token in vocabulary.whole else gguf.TokenType.NORMAL
        kinds.append(gguf.TokenType.CONTROL if token in CONTROL else whole)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([token.encode() for token in vocabulary.tokens])
    writer.add_token_types(kinds)
    writer.add_token_merges(list(vocabulary.merges))
    writer.add_bos_token_id(vocabulary.tokens.index("<s>"))
    writer.add_eos_token_id(vocabulary.tokens.index("</s>"))
    writer.add_add_bos_token(False)


def random_tensors(shape: LlamaShape, vocabulary_size: int, seed: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Tensors of the right shapes with small random numbers: a model that costs what a real one costs."""
    random = np.random.default_rng(seed)

    def matrix(out: int, inside: int) -> NDArray[np.float32]:
        return random.standard_normal((out, inside), dtype=np.float32) * np.float32(0.02)

    ones = np.ones(shape.width, dtype=np.float32)
    yield "token_embd.weight", matrix(vocabulary_size, shape.width)
    yield "output_norm.weight", ones
    for layer in range(shape.layers):
        block = f"blk.{layer}."
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            yield f"{block}{name}.weight", matrix(shape.width, shape.width)
        yield f"{block}ffn_gate.weight", matrix(shape.feed_forward, shape.width)
        yield f"{block}ffn_up.weight", matrix(shape.feed_forward, shape.width)
        yield f"{block}ffn_down.weight", matrix(shape.width, shape.feed_forward)
        yield f"{block}attn_norm.weight", ones
        yield f"{block}ffn_norm.weight", ones


def byte_vocabulary(whole: Iterable[str] = (), fillers: int = 0) -> Vocabulary:
    """The smallest vocabulary there is: 256 bytes, the control tokens, some whole tokens, and idle ones to size."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [byte for byte in range(256) if byte not in printable]
    alphabet = [chr(byte) for byte in printable] + [chr(256 + at) for at in range(len(hidden))]
    whole = tuple(whole)
    idle = tuple(f"<idle {at}>" for at in range(fillers))
    # One merge, because llama.cpp refuses a vocabulary that has none.
    return Vocabulary((*CONTROL, *alphabet, "in", *whole, *idle), ("i n",), frozenset(whole))


def vocabulary_of(path: Path) -> Vocabulary:
    """The vocabulary of a GGUF that `write_llama` wrote."""
    fields = gguf.GGUFReader(str(path)).fields
    tokens: list[Any] = fields["tokenizer.ggml.tokens"].contents()
    kinds: list[Any] = fields["tokenizer.ggml.token_type"].contents()
    merges: list[Any] = fields["tokenizer.ggml.merges"].contents()
    whole = frozenset(t for t, kind in zip(tokens, kinds, strict=True) if kind == gguf.TokenType.USER_DEFINED)
    return Vocabulary(tuple(tokens), tuple(merges), whole)
