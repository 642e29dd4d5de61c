"""`hark finetune RECIPE.toml`: a larger model, tuned to the household's skills; and `hark finetune sweep`."""

from __future__ import annotations

import functools
import importlib.util
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from assistant.commands.frame import LINE_EVERY_S, claim_output, frame, progress, tell, write_json
from assistant.skill import MissingPiece

if TYPE_CHECKING:
    from assistant.skill import Skill
    from finetune.larger.recipe import Recipe

Wanted = Literal["train", "merge", "convert", "quantize", "score", "all"]
NEEDED = ("torch", "transformers", "peft", "accelerate", "sentencepiece")


class _RecipeFirst(TyperGroup):
    """`hark finetune FILE.toml` means `hark finetune recipe FILE.toml`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ("-h", "--help"):
            args = ["recipe", *args]
        return super().parse_args(ctx, args)


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(
        cls=_RecipeFirst,
        help="Tune a larger model to your skills: hark finetune RECIPE.toml --rows FOLDER.",
        no_args_is_help=True,
    )
    group.command("recipe")(finetune)
    group.command("sweep")(sweep)
    app.add_typer(group, name="finetune")


def _check_extra() -> None:
    """One sentence where the train extra is not installed. Raises MissingPiece."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingPiece(f"fine-tuning needs {', '.join(missing)}; install it with: pip install 'hark[train]'")


def finetune(
    context: typer.Context,
    recipe: Annotated[Path, typer.Argument(help="The recipe; those of this project are in finetune/recipes.")],
    rows: Annotated[Path | None, typer.Option(help="The folder with train.jsonl.", metavar="FOLDER")] = None,
    work: Annotated[
        Path | None, typer.Option(help="Where everything is made; in the data folder unless said.", metavar="FOLDER")
    ] = None,
    step: Annotated[Wanted, typer.Option(help="One step alone.")] = "all",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with an unfinished training.")] = False,
    measure: Annotated[
        bool, typer.Option("--measure", help="Random weights: memory and steps per second, nothing learned.")
    ] = False,
) -> None:
    """From a recipe to a scored GGUF file: train, merge, convert, quantize, score."""
    from assistant.assemble import open_skills
    from finetune.larger.recipe import read_recipe

    settings = frame(context).settings
    chosen = read_recipe(recipe)
    _check_extra()
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it misses an optional kernel on every processor
    folder = work or settings.paths.data / "finetune" / chosen.name
    skills = open_skills(settings)
    if measure:
        _measure(chosen, skills.skills, folder)
        return
    from finetune.larger.steps import STEPS, Order, Pipeline, is_helper

    bar = functools.partial(progress, line_every_s=LINE_EVERY_S)
    order = Order(chosen, settings, skills, folder, rows, resume, bar, tell)
    pipeline = Pipeline(order)
    try:
        pipeline.run(*(STEPS if step == "all" else (step,)))
    except KeyboardInterrupt:
        if not is_helper():
            tell(f"hark: stopped; {pipeline.way_on()}.")
        raise
    if step in ("all", "quantize", "score") and pipeline.file.is_file():
        typer.echo(f"{pipeline.file} is ready; `hark models use {pipeline.file}` makes it the larger model")


def _measure(recipe: Recipe, skills: Sequence[Skill], folder: Path) -> None:
    from finetune.larger.measure import STEPS, WARM_UP
    from finetune.larger.measure import measure as measured

    output = claim_output()
    try:
        with progress("random weights, then steps of training", WARM_UP + STEPS, LINE_EVERY_S) as told:
            found = measured(recipe, skills, folder, told=told)
    except KeyboardInterrupt:
        tell("hark: stopped; nothing was measured, and nothing is kept.")
        raise
    write_json(output, found.to_json())


def sweep(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="The sweep: what is varied, and how.", metavar="SWEEP.toml")],
    rows: Annotated[Path | None, typer.Option(help="The folder with train.jsonl.", metavar="FOLDER")] = None,
    work: Annotated[
        Path | None, typer.Option(help="Where everything is made; shared by all machines.", metavar="FOLDER")
    ] = None,
    ray: Annotated[
        str, typer.Option(help="A Ray cluster: host:port, auto, or local for one on this machine.", metavar="ADDRESS")
    ] = "",
) -> None:
    """Variants of a recipe or of an evaluation, here or over many machines."""
    from finetune.larger import sweep as sweeping

    settings = frame(context).settings
    wanted = sweeping.read_sweep(file)
    name = wanted.name
    folder = work or settings.paths.data / "sweeps" / name
    variants = sweeping.variants_of(file, settings, rows, folder)
    try:
        with progress(f"sweep {name}", len(variants), LINE_EVERY_S) as done:
            run = sweeping.run_on_ray(variants, ray, done, tell) if ray else sweeping.run_here(variants, done)
    except KeyboardInterrupt:
        way_on = (
            "goes on where this was" if wanted.kind == "finetune" else "begins again; the runs made so far are kept"
        )
        tell(f"hark: stopped; the same command {way_on}.")
        raise
    sweeping.write_outcomes(run, folder)
    for one in run:
        for line in one.lines():
            typer.echo(line)
    tell(f"kept in {folder / sweeping.RESULT}")
    if any(one.failed for one in run):
        raise typer.Exit(1)
