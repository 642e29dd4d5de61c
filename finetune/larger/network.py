"""The network that is trained: a base model, frozen, with an adapter; and the two merged again.

Low-rank adapters (Hu et al. 2021) through peft; under qlora the frozen weights are 4-bit NF4, doubly quantised
(Dettmers et al. 2023), through bitsandbytes.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import psutil
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
from transformers.utils import logging as transformers_logging

from assistant.skill import ConfigError, MissingPiece
from finetune.larger.recipe import Recipe
from finetune.larger.source import TOKENIZER_FILES, Source

log = logging.getLogger(__name__)
Device = Literal["cpu", "cuda"]
ROOM = 1.25
"""Memory that loading needs, in sizes of the model: the weights and, for a moment, one shard twice."""


def device_of(recipe: Recipe) -> tuple[Device, bool]:
    """Where this recipe runs here, and whether in 4 bits.

    Raises:
        ConfigError: it needs a CUDA GPU and there is none.
    """
    has_gpu = torch.cuda.is_available()
    if recipe.device == "cuda" and not has_gpu:
        raise ConfigError("this recipe needs a CUDA GPU and there is none; run it where there is one")
    if recipe.device == "cpu":
        return "cpu", recipe.method == "qlora"
    if has_gpu:
        return "cuda", recipe.method == "qlora"
    if recipe.method == "qlora" and recipe.without_gpu == "refuse":
        raise ConfigError(
            "this recipe is QLoRA, which needs a CUDA GPU, and there is none; run it where there is one, or write "
            'without_gpu = "lora" into the recipe to train in 16 bits on the processor (slow)'
        )
    return "cpu", False


def load_base(source: Source, recipe: Recipe, device: Device, four_bits: bool, process: int = 0) -> Any:
    """The base model, frozen, on its device.

    Args:
        process: which GPU of this machine, where several processes train together.
    Raises:
        MissingPiece: there is not enough memory; how much is wanted is said.
        ConfigError: transformers cannot read it, or cannot train it in packs.
    """
    kind = torch.bfloat16 if recipe.precision == "bfloat16" else torch.float32
    options: dict[str, Any] = {"dtype": kind, "attn_implementation": "sdpa"}
    if four_bits:
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
        options["device_map"] = {"": process if device == "cuda" else "cpu"}
    elif device == "cpu":
        check_memory(source.bytes * (2 if kind is torch.float32 else 1), source.folder.name)
    with enough_memory(), _quietly():
        model = _load(source.folder, options)
        model = model if four_bits or device == "cpu" else model.to(f"cuda:{process}")
    if "logits_to_keep" not in inspect.signature(model.forward).parameters:
        raise ConfigError(f"{type(model).__name__} cannot be asked for single positions; choose another base model")
    model.config.use_cache = False
    return model


def _load(folder: Path, options: dict[str, Any]) -> Any:
    try:
        return AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, **options)
    except ImportError as error:
        raise MissingPiece(
            f"{str(error).strip().splitlines()[0]}; install it with: pip install 'hark[train]'"
        ) from None
    except (ValueError, KeyError, OSError, SafetensorError) as error:
        raise ConfigError(f"{folder} cannot be loaded: {str(error).strip().splitlines()[0]}") from None


def with_adapter(model: Any, recipe: Recipe, *, save_memory: bool) -> Any:
    """Add an untrained adapter, fixed by the seed; `save_memory` computes activations twice instead of keeping them."""
    torch.manual_seed(recipe.plan.seed)
    lora = recipe.lora
    targets = lora.targets if isinstance(lora.targets, str) else list(lora.targets)
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=targets,
    )
    if save_memory:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    try:
        with _peft_as_it_is():
            return get_peft_model(model, config)
    except ValueError as error:
        raise ConfigError(f"lora.targets: {str(error).splitlines()[0]}") from None


@contextlib.contextmanager
def _peft_as_it_is() -> Iterator[None]:
    """Without the one warning that peft asks transformers for a name which it will lose: nobody here can mend that."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
        yield


def merge(source: Source, adapter: Path, target: Path) -> None:
    """Write the base model with the adapter worked into its weights, in 16 bits, with the base's own tokenizer files.

    Raises:
        MissingPiece: there is not enough memory or room on the disk.
    """
    check_memory(source.bytes, source.folder.name)
    beside = target.with_name(target.name + ".part")
    shutil.rmtree(beside, ignore_errors=True)
    free = shutil.disk_usage(target.parent).free
    if free < source.bytes * ROOM:
        raise MissingPiece(f"merging needs {source.bytes * ROOM / 1e9:.1f} GB on the disk of {target}; free some space")
    with enough_memory(), _quietly(), _peft_as_it_is():
        model = _load(source.folder, {"dtype": torch.bfloat16})
        merged = PeftModel.from_pretrained(model, adapter).merge_and_unload()
        merged.save_pretrained(beside)
    for name in TOKENIZER_FILES:
        if (source.folder / name).is_file():
            shutil.copy2(source.folder / name, beside / name)
    put_in_place(beside, target)


def put_in_place(beside: Path, target: Path) -> None:
    """Give a folder that is whole its name; the one that had it stands aside until then."""
    old = target.with_name(target.name + ".old")
    if target.exists():
        shutil.rmtree(old, ignore_errors=True)
        target.rename(old)
    beside.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def check_memory(weights_bytes: int, name: str) -> None:
    """Raises MissingPiece when weights of this size do not fit into what is free."""
    needed, free = weights_bytes * ROOM, psutil.virtual_memory().available
    if needed > free:
        raise MissingPiece(
            f"{name} needs about {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free; choose a smaller "
            "base model, or a machine with more"
        )


@contextlib.contextmanager
def enough_memory() -> Iterator[None]:
    """Turn "out of memory" of any device into one sentence. Raises MissingPiece."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise MissingPiece(
            "the GPU's memory is not enough; lower plan.tokens_per_pack or lora.rank in the recipe, or choose a "
            "smaller base model"
        ) from None
    except MemoryError:
        raise MissingPiece("this machine's memory is not enough; choose a smaller base model") from None
    except RuntimeError as error:
        if "not enough memory" not in str(error) and "alloc" not in str(error).lower():
            raise
        raise MissingPiece("this machine's memory is not enough; choose a smaller base model") from None


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    """Without transformers' own bars and remarks."""
    level = transformers_logging.get_verbosity()
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(level)
        transformers_logging.enable_progress_bar()
