from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest
from kitchen import doll

from assistant.gguf_file import read_tensor
from assistant.gguf_llama import LlamaFile, LlamaShape, byte_vocabulary, random_tensors, write_llama
from assistant.skill import ConfigError

SHAPE = LlamaShape(width=32, layers=1, heads=2, feed_forward=64)


def by_the_package(path: Path, name: str) -> np.ndarray:
    tensor = next(one for one in gguf.GGUFReader(str(path)).tensors if one.name == name)
    return gguf.quants.dequantize(tensor.data, tensor.tensor_type)


@pytest.mark.parametrize("q8", [True, False])
def test_a_tensor_is_what_the_gguf_package_reads(tmp_path: Path, q8: bool) -> None:
    """Quantised or not, the numbers are those of the reference reader."""
    words = byte_vocabulary()
    path = tmp_path / "x.gguf"
    write_llama(path, LlamaFile(SHAPE, words, {}), random_tensors(SHAPE, len(words.tokens), seed=4), q8=q8)
    for name in ("token_embd.weight", "blk.0.ffn_down.weight"):
        found = read_tensor(path, name)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, by_the_package(path, name))


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A tensor that is not there, a cut-off file and a foreign one are one sentence each."""
    with pytest.raises(ConfigError, match=r"no blk\.9"):
        read_tensor(doll(), "blk.9")
    whole = doll().read_bytes()
    for size, reason in ((len(whole) - 40, "cut off"), (200, "damaged")):
        (tmp_path / "cut.gguf").write_bytes(whole[:size])
        with pytest.raises(ConfigError, match=reason):
            read_tensor(tmp_path / "cut.gguf", "blk.1.ffn_norm.weight")
    (tmp_path / "foreign.gguf").write_bytes(b"RIFF" + whole[4:])
    with pytest.raises(ConfigError, match="damaged"):
        read_tensor(tmp_path / "foreign.gguf", "token_embd.weight")
