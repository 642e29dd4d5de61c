"""Many variants of a recipe or of a run's settings, one after another here, or side by side on a Ray cluster.

A variant is a plain value that any machine can work off, given the same code and a folder that all machines see.
What is computed is the same either way; Ray decides where and when.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.assemble import open_skills
from assistant.commands.frame import UsageError, so_many, written_whole
from assistant.config import Settings, known_keys
from assistant.layers import suggest_key
from assistant.skill import ConfigError, MissingPiece, SkillError
from evals.sets import open_set
from evals.toml_file import read_as
from finetune.larger.recipe import NAME, Recipe, changed, read_recipe

RESULT = "sweep.json"


VariantName = Annotated[str, Field(pattern=NAME)]


class Sweep(BaseModel):
    """The file: what is varied, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=NAME)
    kind: Literal["finetune", "eval"]
    recipe: str = ""
    """Of a finetune sweep: the recipe's file, beside this one."""
    set: str = "quick"
    """Of an eval sweep: the set that is run."""
    limit: int | None = Field(default=None, ge=1)
    """Of an eval sweep: so many cases of it."""
    variants: dict[VariantName, dict[str, Any]] = Field(min_length=1)
    """Name -> changes: keys of the recipe ("lora.rank" = 8), or settings ("decide.threshold" = 0.7)."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant, ready to be sent anywhere: strings, numbers and lists alone."""

    name: str
    kind: str
    changes: Mapping[str, Any]
    settings: Mapping[str, Any]
    recipe: str
    rows: str
    work: str
    set: str
    limit: int | None
    token: str
    """What the file `.sweep` in the work folder holds, if this machine sees the same folder."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a variant."""

    name: str
    figures: Mapping[str, float]
    failed: str = ""
    """Why there are none."""
    intervals: Mapping[str, tuple[float, float, int]] = field(default_factory=dict)
    """Of figures that have one: the ends of the 95 % interval, and n."""

    def lines(self) -> Iterator[str]:
        """Its figures as one reads them, one to a line: `text.right 95.0% (93.1% to 96.4%, n=666)`."""
        if self.failed:
            yield f"{self.name}: {self.failed}"
            return
        yield f"{self.name}:"
        for name, value in self.figures.items():
            form = ".1%" if _is_share(name) else ".4g"
            beside = ""
            if name in self.intervals:
                low, high, n = self.intervals[name]
                beside = f" ({low:{form}} to {high:{form}}, n={n})"
            yield f"  {name} {value:{form}}{beside}"


def _is_share(name: str) -> bool:
    """Whether a figure is a share: of what was scored ("text.right"), all but the times are."""
    return "." in name and not name.endswith("_ms")


def read_sweep(path: Path) -> Sweep:
    """Read a sweep. Raises ConfigError."""
    sweep = read_as(Sweep, path, "sweep")
    if sweep.kind == "finetune" and not sweep.recipe:
        raise ConfigError(f'{path}: a finetune sweep names its recipe: recipe = "FILE.toml"')
    return sweep


def variants_of(path: Path, settings: Settings, rows: Path | None, work: Path) -> list[Variant]:
    """Every variant of a sweep, checked before the first is begun; the work folder is made.

    Raises:
        ConfigError: the file, its recipe or a change is wrong.
        UsageError: a finetune sweep needs rows; there is no such set.
        SkillError: a review of the rows was broken off.
        MissingPiece: there are no rows.
    """
    sweep = read_sweep(path)
    recipe = path.parent / sweep.recipe
    if sweep.kind == "finetune":
        if rows is None:
            raise UsageError("say where the rows to train on are: --rows FOLDER (with its train.jsonl)")
        from finetune.larger.rows import rows_file

        whole = read_recipe(recipe)
        rows_file(rows)
        for changes in sweep.variants.values():
            changed(whole, changes, recipe)
    else:
        open_set(sweep.set)
        for changes in sweep.variants.values():
            changed_settings(settings, changes)
    work.mkdir(parents=True, exist_ok=True)
    token = secrets.token_hex(8)
    with written_whole(work / ".sweep") as out:
        out.write(token)
    dumped = settings.model_dump(mode="json")
    return [
        Variant(
            name, sweep.kind, changes, dumped, str(recipe.absolute()), str(rows.absolute()) if rows else "",
            str(work.absolute()), sweep.set, sweep.limit, token,
        )
        for name, changes in sweep.variants.items()
    ]  # fmt: skip


def changed_settings(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Settings with some values replaced, {"decide.threshold": 0.7}. Raises ConfigError."""
    tables = settings.model_dump(mode="json")
    for key, value in changes.items():
        table, _, name = key.partition(".")
        if not isinstance(tables.get(table), dict) or name not in tables[table]:
            raise ConfigError(f"{key} is no setting that a sweep can change{suggest_key(key, known_keys())}")
        tables[table][name] = value
    try:
        return Settings.model_validate(tables)
    except ValidationError as error:
        fault = error.errors()[0]
        raise ConfigError(f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}") from None


def work_off(variant: Mapping[str, Any]) -> dict[str, Any]:
    """Do one variant, wherever this runs; what fails in a way that can be said is an outcome, too."""
    one = Variant(**variant)
    try:
        _check_shared(one)
        figures, intervals = _finetune(one) if one.kind == "finetune" else _evaluate(one)
    # torch says RuntimeError of a card that failed and of a disk that is full
    except (ConfigError, MissingPiece, SkillError, UsageError, ValueError, OSError, RuntimeError) as error:
        return asdict(Outcome(one.name, {}, " ".join(str(error).split())))
    return asdict(Outcome(one.name, figures, intervals=intervals))


def _check_shared(one: Variant) -> None:
    mark = Path(one.work) / ".sweep"
    if not mark.is_file() or mark.read_text(encoding="utf-8") != one.token:
        raise MissingPiece(
            f"this machine does not see {one.work}; a sweep over several machines needs a --work folder that all share"
        )


Found = tuple[dict[str, float], dict[str, tuple[float, float, int]]]
"""Figures and intervals, as in an `Outcome`."""


def _finetune(one: Variant) -> Found:
    from finetune.larger.steps import STEPS, Order, Pipeline

    settings, recipe = Settings.model_validate(one.settings), _recipe_of(one)
    recipe = recipe.model_copy(update={"name": f"{recipe.name}-{one.name}"})
    work = Path(one.work) / one.name
    order = Order(recipe, settings, open_skills(settings), work, Path(one.rows), resume=True)
    steps = STEPS if recipe.score_on else STEPS[:1]
    notes = Pipeline(order).run(*steps)
    figures = {"validation_loss": float(notes["train"]["best"]["loss"]), "steps": float(notes["train"]["steps"])}
    scored = notes.get("score", {})
    for of, found in scored.get("figures", {}).items():
        figures |= {f"{of}.{name}": float(value) for name, value in found.items()}
    named = (
        (f"{of}.{name}", edges) for of, found in scored.get("intervals", {}).items() for name, edges in found.items()
    )
    return figures, {name: (float(low), float(high), int(n)) for name, (low, high, n) in named}


def _recipe_of(one: Variant) -> Recipe:
    """A finetune variant's recipe, with its changes. Raises ConfigError."""
    path = Path(one.recipe)
    return changed(read_recipe(path), one.changes, path)


def _evaluate(one: Variant) -> Found:
    from evals import runs
    from evals.running import Order, run_set
    from evals.scoring import headline
    from evals.scoring import score as score_again
    from finetune.larger.score import intervals_of, values_of

    settings = changed_settings(Settings.model_validate(one.settings), one.changes)
    run = run_set(settings, Order(set=one.set, limit=one.limit, name=runs.dated(settings, one.set, one.name)))
    figures = headline(run.score() or score_again(run))
    return values_of(figures), intervals_of(figures)


def run_here(variants: list[Variant], told: Callable[[int], None]) -> list[Outcome]:
    """One after another."""
    found = []
    for number, variant in enumerate(variants, 1):
        found.append(Outcome(**work_off(asdict(variant))))
        told(number)
    return found


def run_on_ray(
    variants: list[Variant], address: str, told: Callable[[int], None], say: Callable[[str], None] = lambda _: None
) -> list[Outcome]:
    """Side by side on a Ray cluster; in the variants' order.

    Args:
        address: of the cluster (`host:port`, `auto`, `ray://host:port`), or `local` for one started here.
        say: is told what is waited for: a cluster of this machine takes up to minutes where others use its processors.
    Raises:
        MissingPiece: Ray is not installed, there is no cluster at this address, or it has no GPU for a variant that
            needs one.
    """
    try:
        import ray
    except ImportError:
        raise MissingPiece("a sweep over machines needs Ray; install it with: pip install 'hark[sweep]'") from None
    say("starting Ray on this machine" if address == "local" else f"joining the Ray cluster at {address}")
    try:
        ray.init(address=address, log_to_driver=False, configure_logging=False, include_dashboard=False)
    except (ConnectionError, ValueError) as error:
        raise MissingPiece(f"there is no Ray cluster at {address}: {str(error).splitlines()[0]}") from None
    try:
        remote = ray.remote(num_cpus=1, max_calls=1)(work_off)
        there = ray.cluster_resources()
        gpus = [_gpus(variant, there.get("GPU", 0)) for variant in variants]  # whoever needs one is told before all
        has = " and ".join(so_many(round(there.get(kind, 0)), kind) for kind in ("CPU", "GPU"))
        say(f"Ray has {has}; {so_many(len(variants), 'variant')} given out, each to a process that loads Hark first")
        waiting = {
            remote.options(num_gpus=count).remote(asdict(variant)): variant.name
            for variant, count in zip(variants, gpus, strict=True)
        }
        outcomes: dict[str, Outcome] = {}
        while waiting:
            done, _ = ray.wait(list(waiting))
            name = waiting.pop(done[0])
            try:
                outcomes[name] = Outcome(**ray.get(done[0]))
            except ray.exceptions.RayError as error:
                outcomes[name] = Outcome(name, {}, str(error).strip().splitlines()[-1])
            say(f"{name}: {'failed' if outcomes[name].failed else 'done'}")
            told(len(outcomes))
    finally:
        ray.shutdown()
    return [outcomes[variant.name] for variant in variants]


def _gpus(one: Variant, there: float) -> int:
    """How many GPUs to ask for: one where the recipe uses one; Ray waits for ever for one that is not there.

    Args:
        there: the GPUs of the cluster.
    Raises:
        MissingPiece: there is none, and the recipe cannot do without.
    """
    recipe = _recipe_of(one) if one.kind == "finetune" else None
    if recipe is None or recipe.device == "cpu":
        return 0
    if there < 1 and (recipe.device == "cuda" or (recipe.method == "qlora" and recipe.without_gpu == "refuse")):
        raise MissingPiece(
            f"{one.name} needs a CUDA GPU and the Ray cluster has none; add a machine that has one, or take this "
            "variant out"
        )
    return min(1, int(there))


def write_outcomes(outcomes: list[Outcome], work: Path) -> None:
    """Keep them as sweep.json. Raises OSError."""
    with written_whole(work / RESULT) as out:
        json.dump([asdict(one) for one in outcomes], out, indent=1)
        out.write("\n")
