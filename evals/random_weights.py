"""A model that knows nothing: a GGUF file's shape, words and notes, with random numbers for weights."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np

from assistant.hub import sha256

SEED = 0
SPREAD = 0.02
"""Standard deviation of an untrained weight, as transformers initialises them."""
OURS = "hark."
KEPT = ("hark.skills", "hark.version", "hark.prompt_two_way")
"""Of our notes those that are true without training; the others speak of files beside the model, or were fitted."""
UNFITTED = json.dumps({"skill": [1, 0], "call": [1, 0]})
"""A calibration that takes every probability as it is."""


def is_skill_model(path: Path) -> bool:
    """Whether the file is a model that reads the sentence alone: it names the skills it was trained on."""
    return "hark.skills" in gguf.GGUFReader(str(path)).fields


def random_weights(like: Path, folder: Path) -> Path:
    """The model's untrained double, written once: the same numbers, and the same checksum, on every machine."""
    to = folder / f"untrained-{sha256(like)[:12]}.gguf"
    if to.is_file():
        return to
    folder.mkdir(parents=True, exist_ok=True)
    reader = gguf.GGUFReader(str(like))
    beside = to.with_suffix(".part")
    writer = gguf.GGUFWriter(str(beside), str(reader.fields["general.architecture"].contents()))
    for field in _fields(reader):
        inner = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(field.name, field.contents(), field.types[0], inner)
    if "hark.skills" in reader.fields:
        writer.add_string("hark.calibration", UNFITTED)
    chance = np.random.default_rng(SEED)
    for tensor in reader.tensors:
        shape = tuple(int(size) for size in reversed(tensor.shape))
        if len(shape) == 1:
            writer.add_tensor(tensor.name, np.ones(shape, dtype=np.float32))
            continue
        weights = chance.standard_normal(shape, dtype=np.float32) * np.float32(SPREAD)
        kind = gguf.GGMLQuantizationType.Q8_0
        writer.add_tensor(tensor.name, gguf.quants.quantize(weights, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    beside.replace(to)
    return to


def _fields(reader: gguf.GGUFReader) -> Iterator[gguf.ReaderField]:
    """All that a file says of itself but what only its trained weights make true."""
    for name, field in reader.fields.items():
        if name.startswith(OURS) and name not in KEPT:
            continue
        if not name.startswith("GGUF.") and name != "general.architecture":
            yield field
