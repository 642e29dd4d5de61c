"""The training step, put together: vocabulary, rows, network, loop, curve."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from accelerate import PartialState

from evals.track import Tracked
from finetune.larger import convert
from finetune.larger.curve import write_curve
from finetune.larger.network import device_of, load_base, with_adapter
from finetune.larger.rows import Encoder
from finetune.larger.train import Lesson, Progress, Trainer
from finetune.larger.vocabulary import Vocabulary

if TYPE_CHECKING:
    from finetune.larger.steps import Pipeline


def train(pipeline: Pipeline, identity: str, tracking: Tracked | None) -> Progress:
    """Train the recipe's adapter; the best one lies in `pipeline.adapter`, the curve beside it.

    Raises:
        ConfigError: no GPU for a recipe that needs one, rows that may not be trained on, another training's checkpoint.
        SkillError: the checkpoint is damaged.
        MissingPiece: rows, base model, converter or memory are missing.
    """
    recipe, work = pipeline.recipe, pipeline.work
    device, four_bits = device_of(recipe)
    together = PartialState(cpu=device == "cpu")
    with together.main_process_first():
        lesson = _lesson(pipeline)
    network = load_base(pipeline.base, recipe, device, four_bits, together.local_process_index)
    network = with_adapter(network, recipe, save_memory=device == "cuda")
    autocast = recipe.precision == "bfloat16"
    trainer = Trainer(network, recipe.plan, work, identity, cpu=device == "cpu", autocast=autocast)
    if pipeline.order.resume and trainer.resume() and trainer.is_first:
        pipeline.order.say(f"train: going on after step {trainer.progress.step}")
    _, total = trainer.steps(lesson)
    with pipeline.order.bar(f"training {recipe.name}", total) if trainer.is_first else contextlib.nullcontext() as bar:

        def tell(progress: Progress, _total: int) -> None:
            if not trainer.is_first:
                return
            if bar is not None:
                bar(progress.step)
            if tracking:
                tracking.metric("loss", progress.losses[-1][1], progress.step)
            validated = progress.validations and progress.validations[-1][0] == progress.step
            if tracking and validated:
                tracking.metric("validation_loss", progress.validations[-1][1], progress.step)
            if validated or progress.ended:
                write_curve(progress, work, recipe.name)

        progress = trainer.run(lesson, tell)
    if tracking:
        tracking.metrics({"best_validation_loss": progress.best, "seconds": progress.seconds})
        tracking.artefact(work / "losses.json")
        tracking.artefact(work / "losses.svg")
        tracking.artefact(pipeline.adapter, copy=False)
    return progress


def _lesson(pipeline: Pipeline) -> Lesson:
    """Every row in the tokens of run time."""
    order = pipeline.order
    sides, base = pipeline.sides, pipeline.base
    vocabulary = Vocabulary(convert.vocabulary_of(base.folder, base.fingerprint, order.settings.paths.cache, order.say))
    try:
        encoder = Encoder(vocabulary, order.skills.skills)
        with order.bar("reading rows", len(sides.train) + len(sides.validation)) as done:
            train = encoder.rows(sides.train, done)
            validation = encoder.rows(sides.validation, lambda count: done(len(train) + count))
    finally:
        vocabulary.close()
    return Lesson(encoder.prefix, train, validation)
