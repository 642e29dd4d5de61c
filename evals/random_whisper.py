"""A Whisper that knows nothing: the shape of one of OpenAI's, with random numbers for weights.

Its time and memory are the real model's; its words are noise. It ends a text after so many tokens as a command has, as
the real one would, because what is written costs time, too.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

SEED = 0
SPREAD = 0.02
MELS, POSITIONS, TEXT_POSITIONS = 80, 1500, 448
VOCABULARY = 51_864
"""Of the English models."""
SPECIAL = ("<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|translate|>", "<|transcribe|>", "<|startoflm|>",
           "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>")  # fmt: skip
TOKENS = 10
"""Of the text: a command has about so many."""
SURE = 6.0
"""How far the wish to go on, and then to end, stands out of the noise."""

Numbers = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Shape:
    """A Whisper's size. Source: Radford et al. 2022, table 1."""

    width: int
    layers: int
    """Of the encoder, and as many of the decoder."""
    heads: int


SHAPES: Mapping[str, Shape] = {"tiny": Shape(384, 4, 6), "base": Shape(512, 6, 8), "small": Shape(768, 12, 12)}


def random_whisper(name: str, folder: Path) -> Path:
    """A folder in CTranslate2's int8 format with a shape of `SHAPES`, written once: the same on every machine."""
    to = folder / f"random-{name}"
    if (to / "model.bin").is_file():
        return to
    beside = to.with_name(f".{to.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    write_whisper(SHAPES[name], beside)
    beside.rename(to)
    return to


def write_whisper(shape: Shape, folder: Path, vocabulary: int = VOCABULARY) -> None:
    """Write a random Whisper of this shape into a folder that is there."""
    from ctranslate2.specs import WhisperSpec, model_spec
    from tokenizers import AddedToken, Tokenizer, models

    chance = np.random.default_rng(SEED)
    end = chance.standard_normal(shape.width).astype(np.float32)
    end -= end.mean()

    def fill(part: object, name: str, value: object) -> None:
        leaf = name.rpartition("/")[2]
        if name == "decoder/projection/weight":
            part.weight = spec.decoder.embeddings.weight  # type: ignore[attr-defined]  # one matrix, as in Whisper
        elif value is None or (leaf in ("bias", "encodings") and name != "decoder/projection/bias"):
            setattr(part, leaf, _numbers(name, shape, vocabulary, chance, end))

    spec = WhisperSpec(shape.layers, shape.heads, shape.layers, shape.heads)
    model_spec.visit_spec(spec, fill)
    words = [f"w{number}" for number in range(vocabulary - len(SPECIAL))]
    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(words)}, unk_token="w0"))  # noqa: S106  a word, no password
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in SPECIAL])
    spec.register_vocabulary([*words, *SPECIAL])
    spec.config.alignment_heads = [[shape.layers - 1, 0]]
    spec.validate()
    spec.optimize(quantization="int8")
    spec.save(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "suppress_ids": [], "suppress_ids_begin": []}))


def _numbers(name: str, shape: Shape, vocabulary: int, chance: np.random.Generator, end: Numbers) -> Numbers:
    """One variable, by its name."""
    width = shape.width
    *_, part, leaf = name.split("/")
    if leaf in ("gamma", "beta"):
        return np.full(width, leaf == "gamma", dtype=np.float32)
    rows = {"linear_0": 4, "linear_1": 1} if "/ffn/" in name else {"linear_0": 3, "linear_1": 1}
    if "/attention/" in name:
        rows = {"linear_0": 1, "linear_1": 2, "linear_2": 1}
    if leaf == "bias":
        return np.zeros(rows.get(part, 1) * width, dtype=np.float32)
    inner = 4 if part == "linear_1" and "/ffn/" in name else 1
    sizes = {
        "encodings": (POSITIONS if name.startswith("encoder") else TEXT_POSITIONS, width),
        "conv1": (width, MELS, 3), "conv2": (width, width, 3), "embeddings": (vocabulary, width),
    }  # fmt: skip
    size = sizes.get(leaf) or sizes.get(part) or (rows[part] * width, inner * width)
    found = chance.standard_normal(size, dtype=np.float32) * np.float32(SPREAD)
    if name == "decoder/position_encodings/encodings":
        # What is added to a place of the text points at the end of the text, or away from it.
        found += np.where(np.arange(TEXT_POSITIONS) > TOKENS, SURE, -SURE)[:, None].astype(np.float32) * end
    if name == "decoder/embeddings/weight":
        found[vocabulary - len(SPECIAL)] = end * np.float32(SPREAD * SURE)
    return found
