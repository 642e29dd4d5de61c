"""The recipe of a larger model, read from TOML into typed, frozen settings; an unknown key is an error."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from assistant.skill import ConfigError
from evals.toml_file import no_key, read_toml, typed

Method = Literal["qlora", "lora"]
Quantized = Literal["f16", "q8_0", "q4_k_m"]
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
"""Of a recipe, a sweep or a variant: part of the names of folders, model files and runs."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Base(_Table):
    """`[base]`: the model that is tuned."""

    model: str = Field(min_length=1)
    """A folder in Hugging Face's form, or a repository of a hub (`HF_ENDPOINT` names another hub)."""
    revision: str = "main"
    licence: str = ""
    """For people; what the model's page says."""


class Lora(_Table):
    """`[lora]`: the adapter (Hu et al. 2021; with 4-bit NF4 below it, Dettmers et al. 2023)."""

    rank: int = Field(default=16, ge=1, le=512)
    alpha: float = Field(default=32, gt=0)
    dropout: float = Field(default=0.05, ge=0, lt=1)
    targets: str | tuple[str, ...] = "all-linear"
    """Which layers: every linear one but the output, or those whose names end so."""


class Plan(_Table):
    """`[plan]`: how long and how hard."""

    seed: int = 7
    passes: float = Field(default=2.0, gt=0)
    most_rows: int = Field(default=20_000, ge=1)
    """Of the training side, drawn by the seed; each pass sees all, but what its order packs into a step more."""
    tokens_per_pack: int = Field(default=4096, ge=16)
    """Rows that share one reading of the unchanging prompt; the prompt itself counts once."""
    packs_per_step: int = Field(default=4, ge=1)
    peak_rate: float = Field(default=2e-4, gt=0)
    warmup_steps: int = Field(default=20, ge=0)
    decay: float = Field(default=0.0, ge=0)
    """AdamW's weight decay."""
    clip: float = Field(default=1.0, gt=0)
    """The norm that gradients are cut to."""
    validation_share: float = Field(default=0.05, gt=0, lt=0.5)
    """Of the paraphrase groups of train.jsonl; never trained on, and no evaluation set."""
    most_validation_rows: int = Field(default=400, ge=1)
    validate_steps: int = Field(default=50, ge=1)
    patience: int = Field(default=4, ge=1)
    """Stop after so many validations without a better one; the best adapter is kept."""
    checkpoint_steps: int = Field(default=25, ge=1)


class Shape(_Table):
    """`[shape]`: the base model's architecture, for `--measure` with random weights and no download."""

    model_type: str = "llama"
    vocabulary: int = Field(ge=8)
    width: int = Field(ge=8)
    feed_forward: int = Field(ge=8)
    layers: int = Field(ge=1)
    heads: int = Field(ge=1)
    key_value_heads: int = Field(ge=1)
    head_width: int = Field(default=0, ge=0)
    """0 for width / heads."""
    tied: bool = False
    """Whether input and output embeddings are one matrix."""


class Recipe(_Table):
    """Everything that decides how the model comes out, beside the rows and the skills."""

    name: str = Field(pattern=NAME)
    """Of the files that are made."""
    method: Method = "qlora"
    without_gpu: Literal["refuse", "lora"] = "refuse"
    """What a qlora recipe does where there is no CUDA GPU."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["bfloat16", "float32"] = "bfloat16"
    """Of the frozen weights (lora) and of the arithmetic; the adapter itself is always float32."""
    quantized: Quantized = "q4_k_m"
    score_on: tuple[str, ...] = ("quick",)
    """Sets of `hark eval run` that the finished file is scored on."""
    base: Base
    lora: Lora = Lora()
    plan: Plan = Plan()
    shape: Shape | None = None

    @model_validator(mode="after")
    def _four_bits_need_a_gpu(self) -> Recipe:
        if self.method == "qlora" and self.precision != "bfloat16":
            raise ValueError("qlora computes in bfloat16; leave precision out")
        return self

    def digest(self, *fields: str) -> str:
        """SHA-256 over the named fields: what a step's output depends on."""
        chosen = self.model_dump(mode="json", include=set(fields))
        return hashlib.sha256(json.dumps(chosen, sort_keys=True).encode()).hexdigest()


def read_recipe(path: Path) -> Recipe:
    """Read a recipe. Raises ConfigError: no such file, no TOML, an unknown key or a value out of range."""
    return parse_recipe(read_toml(path, "recipe"), path)


def parse_recipe(tables: Mapping[str, Any], path: Path) -> Recipe:
    """A recipe from its tables; a base model that is a relative folder is looked for beside the recipe first.

    Raises:
        ConfigError: an unknown key or a value out of range; the first of them is named.
    """
    recipe = typed(Recipe, tables, path, "recipe")
    beside = path.parent / recipe.base.model
    if not Path(recipe.base.model).is_absolute() and beside.is_dir():
        base = recipe.base.model_copy(update={"model": str(beside.resolve())})
        return recipe.model_copy(update={"base": base})
    return recipe


def changed(recipe: Recipe, changes: Mapping[str, Any], path: Path) -> Recipe:
    """The recipe with some values replaced: {"lora.rank": 8, "plan.seed": 3}. Raises ConfigError."""
    tables = recipe.model_dump(mode="json", exclude_none=True)
    for key, value in changes.items():
        if isinstance(value, Mapping):  # as TOML reads lora.rank = 8; it would take the place of the whole table
            inner = next(iter(value), "...")
            raise ConfigError(f'{path}: {key} is a table; write the key of a change in quotes, as in "{key}.{inner}"')
        *above, last = key.split(".")
        table = tables
        for name in above:
            table = table.setdefault(name, {})
            if not isinstance(table, dict):
                raise ConfigError(f"{path}: {no_key(key, Recipe, 'recipe')}")
        table[last] = value
    return parse_recipe(tables, path)
