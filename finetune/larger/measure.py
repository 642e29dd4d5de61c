"""What a recipe costs on this machine: memory and steps per second, with random weights of the base model's shape.

Nothing is downloaded and nothing is learned; loading, packing, the loss and the optimizer are those of a training.
"""

from __future__ import annotations

import random
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from assistant.commands.frame import UsageError
from assistant.prompt import larger_prefix
from assistant.skill import Skill
from finetune.larger.network import check_memory, device_of, enough_memory, load_base, with_adapter
from finetune.larger.recipe import Recipe, Shape
from finetune.larger.rows import Row
from finetune.larger.source import Source
from finetune.larger.train import Lesson, Progress, Trainer

LETTERS_PER_TOKEN = 3.07
"""Of the prompt's list of skills under Llama 2's vocabulary, the least frugal of the recipes' (8,189 letters gave
2,670 tokens; Llama 3's gives 2,230)."""
READ, CALL = 115, 10
"""Tokens of a row: five nearest examples and the transcript (108 to 123), a call."""
STEPS = 8
CARD_GB = 16
"""The card of the talk this project grew from."""
WARM_UP = 2
"""Steps before those that count."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What a few steps took."""

    device: str
    four_bits: bool
    parameters: int
    trained: int
    tokens_per_step: int
    rows_per_step: int
    seconds_per_step: float
    steps_per_second: float
    peak_gb: float
    """On a GPU what torch had taken at most; on a processor the whole process at its largest."""
    load_seconds: float
    fits_card: bool
    """Into 16 GB."""

    def to_json(self) -> dict[str, Any]:
        """With the fields' names."""
        return asdict(self)


def measure(
    recipe: Recipe,
    skills: Sequence[Skill],
    work: Path,
    steps: int = STEPS,
    told: Callable[[int], None] = lambda _step: None,
) -> Measured:
    """Run a few steps of the recipe on random weights.

    Args:
        told: is told after each step how many there were, WARM_UP and `steps` in all.
    Raises:
        UsageError: the recipe has no [shape].
        ConfigError: the recipe needs a GPU and there is none.
        MissingPiece: the memory is not enough.
    """
    if recipe.shape is None:
        raise UsageError(
            "this recipe has no [shape] table to measure by; those in finetune/recipes show how to write one"
        )
    device, four_bits = device_of(recipe)
    work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work, prefix=".measure-") as folder:
        source = _random_model(recipe.shape, Path(folder))
        if device == "cuda":
            torch.cuda.reset_peak_memory_stats()
        started = time.perf_counter()
        network = load_base(source, recipe, device, four_bits)
        network = with_adapter(network, recipe, save_memory=device == "cuda")
        load_seconds = time.perf_counter() - started
        trained = sum(weight.numel() for weight in network.parameters() if weight.requires_grad)
        autocast = recipe.precision == "bfloat16"
        endless = {"passes": 99.0, "validate_steps": 10**9, "checkpoint_steps": 10**9}
        plan = recipe.plan.model_copy(update=endless)
        trainer = Trainer(network, plan, Path(folder), "measure", cpu=device == "cpu", autocast=autocast)
        return _timed(trainer, recipe, skills, (steps, load_seconds, trained, four_bits), told)


def _config(shape: Shape) -> Any:
    return AutoConfig.for_model(
        shape.model_type,
        vocab_size=shape.vocabulary,
        hidden_size=shape.width,
        intermediate_size=shape.feed_forward,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_value_heads,
        head_dim=shape.head_width or shape.width // shape.heads,
        max_position_embeddings=8192,
        tie_word_embeddings=shape.tied,
    )


def parameters_of(shape: Shape) -> int:
    """How many numbers a model of this shape has; none of them is made."""
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(_config(shape))
    return sum(weight.numel() for weight in model.parameters())


def _random_model(shape: Shape, folder: Path) -> Source:
    """A folder with random 16-bit weights of this shape."""
    count = parameters_of(shape)
    check_memory(2 * count, "a model of this shape")
    with enough_memory():
        AutoModelForCausalLM.from_config(_config(shape), dtype=torch.bfloat16).save_pretrained(folder)
    return Source(folder, "", 2 * count)


def lesson_of(recipe: Recipe, skills: Sequence[Skill], vocabulary: int, packs: int) -> Lesson:
    """Random tokens in the lengths of real rows, enough for so many packs."""
    chance = random.Random(recipe.plan.seed)

    def some(count: int) -> tuple[int, ...]:
        return tuple(chance.randrange(vocabulary) for _ in range(count))

    prefix = some(max(1, min(round(len(larger_prefix(skills)) / LETTERS_PER_TOKEN), recipe.plan.tokens_per_pack // 2)))
    each = max(1, (recipe.plan.tokens_per_pack - len(prefix)) // (READ + CALL))
    return Lesson(prefix, [Row(some(READ), some(CALL)) for _ in range(each * packs)], ())


def _timed(
    trainer: Trainer,
    recipe: Recipe,
    skills: Sequence[Skill],
    known: tuple[int, float, int, bool],
    told: Callable[[int], None],
) -> Measured:
    steps, load_seconds, trained, four_bits = known
    assert recipe.shape is not None  # noqa: S101 - refused before
    plan = recipe.plan
    lesson = lesson_of(recipe, skills, recipe.shape.vocabulary, plan.packs_per_step * (steps + WARM_UP))
    seconds: list[float] = []
    before = 0.0

    def tell(progress: Progress, _total: int) -> None:
        nonlocal before
        seconds.append(progress.seconds - before)
        before = progress.seconds
        told(progress.step)
        if progress.step >= steps + WARM_UP:
            progress.ended = "measured"

    trainer.run(lesson, tell)
    each = sum(seconds[WARM_UP:]) / max(1, len(seconds) - WARM_UP)
    on_gpu = trainer.accelerator.device.type == "cuda"
    peak = torch.cuda.max_memory_reserved() if on_gpu else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    rows = len(lesson.train) // (steps + WARM_UP)
    tokens = plan.packs_per_step * len(lesson.prefix) + rows * (READ + CALL)
    return Measured(
        device=torch.cuda.get_device_name() if on_gpu else "cpu",
        four_bits=four_bits,
        parameters=parameters_of(recipe.shape),
        trained=trained,
        tokens_per_step=tokens,
        rows_per_step=rows,
        seconds_per_step=round(each, 4),
        steps_per_second=round(1 / each, 4),
        peak_gb=round(peak / 1e9, 2),
        load_seconds=round(load_seconds, 1),
        fits_card=peak <= CARD_GB * 1e9,
    )
