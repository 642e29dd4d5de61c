"""From a recipe to a scored GGUF file: train, merge, convert, quantize, score.

Each step leaves its output in the work folder and notes in `steps.json` what it was made from. A step whose output is
there, made from the same inputs, is passed over; so the same command goes on wherever it was broken off.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import json
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from assistant.commands.frame import UsageError, written_whole
from assistant.config import Settings
from assistant.files import json_text
from assistant.hub import sha256
from assistant.prompt import prompt_hash
from assistant.registry import SkillSet
from assistant.skill import MissingPiece
from evals.cases import Case
from evals.machine import kept_settings
from evals.sets import WRITTEN, open_set
from evals.track import Tracked, tracked
from finetune.data.gate import bare, measured, measured_by
from finetune.data.near import Block
from finetune.larger import convert, source
from finetune.larger.recipe import Recipe

if TYPE_CHECKING:
    from finetune.larger.rows import Sides

Step = Literal["train", "merge", "convert", "quantize", "score"]
STEPS: tuple[Step, ...] = ("train", "merge", "convert", "quantize", "score")
NOTES = "steps.json"
CHECKPOINT = "checkpoint.pt"
ADAPTER_WEIGHTS = "adapter_model.safetensors"

Bar = Callable[[str, int | None], contextlib.AbstractContextManager[Callable[[int], None]]]
"""`assistant.commands.frame.progress`: a title and a total; tells how far the work is."""


@contextlib.contextmanager
def no_bar(_title: str, _total: int | None) -> Iterator[Callable[[int], None]]:
    """Shows nothing."""
    yield lambda _done: None


@dataclass(frozen=True)
class Order:
    """What is to be made, of what, and where."""

    recipe: Recipe
    settings: Settings
    skills: SkillSet
    work: Path
    rows: Path | None = None
    """The folder with train.jsonl; None for steps that need none."""
    resume: bool = False
    bar: Bar = no_bar
    say: Callable[[str], None] = field(default=lambda _sentence: None)


class Pipeline:
    """The steps of one order."""

    def __init__(self, order: Order) -> None:
        self.order, self.recipe, self.work = order, order.recipe, order.work
        self._source: source.Source | None = None

    @property
    def base(self) -> source.Source:
        """The base model, fetched at the first use. Raises MissingPiece, ConfigError."""
        if self._source is None:
            self._source = source.fetch_base(self.recipe.base, self.order.say)
        return self._source

    @property
    def rows(self) -> Path:
        """The folder with train.jsonl. Raises UsageError: it was not named."""
        if self.order.rows is None:
            raise UsageError("say where the rows to train on are: --rows FOLDER (with its train.jsonl)")
        return self.order.rows

    @functools.cached_property
    def sides(self) -> Sides:
        """What is trained on and what is validated on. Raises UsageError, MissingPiece, ConfigError."""
        from finetune.larger.rows import read_sides

        with (no_bar if is_helper() else self.order.bar)("checking rows", None) as done:
            count = itertools.count(1)

            own = _own_sets(self.recipe)

            def checked(case: Case) -> str:
                done(next(count))
                return kept_back(case, own)

            return read_sides(self.rows, self.recipe.plan, checked)

    @property
    def adapter(self) -> Path:
        """The folder of the best adapter."""
        return self.work / "adapter"

    @property
    def merged(self) -> Path:
        """The folder of the merged model."""
        return self.work / "merged"

    @property
    def converted(self) -> Path:
        """The GGUF in 16-bit floats."""
        return self.work / f"{self.recipe.name}-f16.gguf"

    @property
    def file(self) -> Path:
        """The finished GGUF."""
        return self.converted if self.recipe.quantized == "f16" else self.work / (
            f"{self.recipe.name}-{self.recipe.quantized}.gguf"
        )  # fmt: skip

    def run(self, *wanted: Step) -> dict[str, Any]:
        """Do these steps, in their order, tracked; returns the notes of all that are done.

        Raises:
            UsageError: rows are not named, or the work folder holds something else.
            ConfigError, MissingPiece: see the steps.
        """
        inputs: dict[str, Any] = {"recipe": self.recipe.model_dump(mode="json", exclude_none=True)}
        if self.order.rows is not None:
            inputs["rows"] = self.order.rows / "train.jsonl"
        inputs |= {"skills": self.order.skills.hash, "prompt": prompt_hash(self.order.skills.skills)}
        self._check(wanted)
        first = not is_helper()
        with contextlib.ExitStack() as stack:
            stack.enter_context(_folder(self.work))
            tracking = None
            if first:
                keeping = tracked(self.order.settings, kind="finetune", name=self.recipe.name, inputs=inputs)
                tracking = stack.enter_context(keeping)
            for step in wanted:
                if first or step == "train":
                    self._one(step, tracking)
        return self.notes()

    def way_on(self) -> str:
        """How to go on with what was broken off."""
        if self.notes().get("train"):
            return "what is done is kept, and the same command goes on with the rest"
        if (self.work / CHECKPOINT).exists():
            return f"the same command with --resume goes on from {self.work / CHECKPOINT}"
        return "there was no checkpoint yet, and the same command begins again"

    def _check(self, wanted: Collection[Step]) -> None:
        """Whatever can be refused without waiting, before anything is fetched or begun. Raises as `run` does."""
        if not {"train", "score"} & {*wanted}:
            return
        for name in self.recipe.score_on:  # before training, too: what is scored on later is not trained on now
            open_set(name)
        if "train" in wanted:
            self._check_training()
        if self.order.rows is not None:
            _ = self.sides  # also where training is done: the set to score on may be another one since

    def _check_training(self) -> None:
        from finetune.larger.rows import rows_file

        rows_file(self.rows)
        if not self.notes().get("train"):
            from finetune.larger.network import device_of

            self._refuse_to_begin_again()
            device_of(self.recipe)
            if source.is_folder(self.recipe.base):
                source.fetch_base(self.recipe.base)

    def _refuse_to_begin_again(self) -> None:
        if (self.work / CHECKPOINT).exists() and not self.order.resume:
            raise UsageError(f"there is an unfinished training in {self.work}; say --resume to go on with it")

    def _one(self, step: Step, tracking: Tracked | None) -> None:
        made_from = self._inputs(step)
        if self._is_done(step, made_from):
            self.order.say(f"{step}: done already, from the same inputs")
            return
        outcome = self._work(step, tracking, made_from)
        if not is_helper():
            self._note(step, made_from, outcome)

    def _work(self, step: Step, tracking: Tracked | None, made_from: str) -> dict[str, Any]:
        if step == "train":
            return self._train(tracking, made_from)
        if step == "merge":
            return self._merge()
        if step == "convert":
            return self._convert()
        return self._quantize(tracking) if step == "quantize" else self._score(tracking)

    # --- what a step was made from -----------------------------------------------------------------------------------

    def notes(self) -> dict[str, Any]:
        """Step -> {"from": digest of its inputs, ... what came of it}."""
        try:
            found = json.loads((self.work / NOTES).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _note(self, step: Step, made_from: str, outcome: Mapping[str, Any]) -> None:
        with written_whole(self.work / NOTES) as out:
            json.dump({**self.notes(), step: {"from": made_from, **outcome}}, out, indent=1)
            out.write("\n")

    def _is_done(self, step: Step, made_from: str) -> bool:
        note = self.notes().get(step, {})
        outputs = {
            "train": self.adapter / ADAPTER_WEIGHTS,
            "merge": self.merged / "config.json",
            "convert": self.converted,
            "quantize": self.file,
            "score": self.work / NOTES,
        }
        return note.get("from") == made_from and outputs[step].exists()

    def _inputs(self, step: Step) -> str:
        """A digest of all that decides what the step gives.

        Raises:
            MissingPiece: the step before has not been done, or there are no rows.
            UsageError: training needs rows.
        """
        recipe = self.recipe
        if step == "train":
            from finetune.larger.rows import rows_file  # brings torch

            digest = sha256(rows_file(self.rows))
            skills = self.order.skills
            tables = recipe.digest("method", "without_gpu", "device", "precision", "lora", "plan")
            return _digest(tables, self.base.fingerprint, digest, skills.hash, prompt_hash(skills.skills))
        if step == "merge":
            return _digest(self.base.fingerprint, self._before("train", "adapter"))
        if step == "convert":
            return _digest(self._before("merge", "from"), convert.version())
        if step == "quantize":
            return _digest(self._before("convert", "sha256"), recipe.quantized)
        skills = self.order.skills
        sets = [f"{name}:{open_set(name).sha256}" for name in recipe.score_on]
        kept = kept_settings(self.order.settings)
        decides = json_text([kept["decide"], kept["household"]])
        return _digest(self._before("quantize", "sha256"), skills.hash, prompt_hash(skills.skills), decides, *sets)

    def _before(self, step: Step, key: str) -> str:
        note = self.notes().get(step)
        if not note:
            raise MissingPiece(
                f"there is no output of the step {step} in {self.work}; run it first, with --step {step}"
            )
        return str(note[key])

    # --- the steps ---------------------------------------------------------------------------------------------------

    def _train(self, tracking: Tracked | None, identity: str) -> dict[str, Any]:
        from finetune.larger.training import train

        if self.notes().get("train", {}).get("from", identity) != identity:
            raise UsageError(
                f"{self.work} holds a finished training of another recipe, other rows or other skills; choose another "
                "--work, or delete that folder"
            )
        if self.notes().get("train"):  # done, but not passed over
            raise self._adapter_is_gone()
        self._refuse_to_begin_again()
        started = time.monotonic()
        progress = train(self, identity, tracking)
        if not is_helper() and not (self.adapter / ADAPTER_WEIGHTS).is_file():  # a checkpoint that had ended
            raise self._adapter_is_gone()
        whole = time.monotonic() - started
        if not is_helper():
            self.order.say(
                f"train: {progress.step} steps, {progress.seconds / 60:.1f} minutes of training; {whole / 60:.1f} "
                "minutes with reading rows, loading and validating; validation loss "
                f"{progress.best:.4f} at step {progress.best_step} ({progress.ended})"
            )
        return {
            "adapter": "" if is_helper() else sha256(self.adapter / ADAPTER_WEIGHTS),
            "steps": progress.step,
            "best": {"step": progress.best_step, "loss": progress.best},
            "ended": progress.ended,
            "seconds": round(progress.seconds, 1),
        }

    def _adapter_is_gone(self) -> UsageError:
        return UsageError(
            f"the training in {self.work} is finished and its adapter is gone; delete {self.work} to train anew"
        )

    def _merge(self) -> dict[str, Any]:
        from finetune.larger.network import merge

        self.order.say("merge: working the adapter into the weights")
        merge(self.base, self.adapter, self.merged)
        return {}

    def _convert(self) -> dict[str, Any]:
        self.order.say("convert: to GGUF, by llama.cpp's own converter")
        convert.convert(self.merged, self.converted, self.order.settings.paths.cache)
        return {"sha256": sha256(self.converted)}

    def _quantize(self, tracking: Tracked | None) -> dict[str, Any]:
        if self.file != self.converted:
            from finetune.larger.vocabulary import silence
            from finetune.skillmodel.export import quantize  # brings torch

            self.order.say(f"quantize: to {self.recipe.quantized}")
            silence()
            quantize(self.converted, self.file, self.recipe.quantized)
        if tracking:
            tracking.artefact(self.file, copy=False)
        return {"file": self.file.name, "sha256": sha256(self.file), "bytes": self.file.stat().st_size}

    def _score(self, tracking: Tracked | None) -> dict[str, Any]:
        from finetune.larger.score import intervals_of, score, values_of

        name = f"{self.recipe.name}-{self._before('quantize', 'sha256')[:8]}"
        with contextlib.ExitStack() as stack:
            bars: dict[str, Callable[[int], None]] = {}

            def tell(of: str, done: int, total: int) -> None:
                if of not in bars:
                    bars[of] = stack.enter_context(self.order.bar(f"scoring on {of}", total))
                bars[of](done)

            found = score(self.order.settings, self.file, self.recipe.score_on, name, tell)
        for label, scored in found.items():
            if tracking:
                tracking.metrics({f"{label}.{key}": value for key, value in scored.figures.items()})
            self.order.say(f"score: {label}: {scored.sentence()}")
        return {
            "runs": {label: scored.run for label, scored in found.items()},
            "figures": {label: values_of(scored.figures) for label, scored in found.items()},
            "intervals": {label: intervals_of(scored.figures) for label, scored in found.items()},
            "answers": {label: dict(scored.tiers) for label, scored in found.items()},
        }


@contextlib.contextmanager
def _folder(path: Path) -> Iterator[None]:
    """Make a folder; where nothing came of it, it is gone again, with those above it that were made for it."""
    made = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError):  # something is in it, which stays
            for folder in made:
                folder.rmdir()
        raise


def kept_back(case: Case, others: Mapping[str, Block] | None = None) -> str:
    """The evaluation set that holds this sentence, or nearly, by the gate of all rows; "" for none.

    Args:
        others: sets that are not ours, by their names.
    """
    text = bare(case.text)
    if _ours().near(text):
        return "one of Hark's own"
    return next((name for name, block in (others or {}).items() if block.near(text)), "")


@functools.cache
def _ours() -> Block:
    return measured()


def _own_sets(recipe: Recipe) -> dict[str, Block]:
    """The sets of the recipe that do not come with Hark. Raises UsageError: there is no such set."""
    return {name: measured_by(open_set(name).cases) for name in recipe.score_on if name not in WRITTEN}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def is_helper() -> bool:
    """Whether this is not the first of several processes that `accelerate launch` started."""
    return os.environ.get("RANK", "0") != "0"
