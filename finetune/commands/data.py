"""`hark data`: grow rows, build a dataset, check it, review it, take what the diary taught."""

from __future__ import annotations

import contextlib
import os
import shlex
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.frame import SAID, UsageError, frame, so_many, tell
from assistant.skill import SkillError

if TYPE_CHECKING:
    from finetune.data.dataset import Dataset
    from finetune.data.recipe import Recipe

MOST_FAULTS = 50
"""So many sentences about a bad file are read by nobody to the end."""

To = Annotated[Path, typer.Option("--to", help="The dataset's folder; one that is there already grows.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Rows to learn from: grow, check, review, keep.", no_args_is_help=True)
    group.command("grow")(grow)
    group.command("build")(build)
    group.command("card")(card)
    group.command("check")(check)
    group.command("review")(review)
    group.command("from-trace")(from_trace)
    app.add_typer(group, name="data")


@contextlib.contextmanager
def _sentences() -> Iterator[None]:
    """A bad row or a diary that cannot be read is one sentence."""
    from evals.cases import BadCase

    try:
        yield
    except BadCase as fault:
        raise SkillError(f"{fault}; nothing was written") from None
    except sqlite3.Error as error:
        raise SkillError(f"the diary cannot be used: {error}") from None


def grow(
    context: typer.Context,
    to: To,
    skills: Annotated[str, typer.Option(help="Names, with commas between; all skills unless said.")] = "",
    count: Annotated[int, typer.Option(min=1, max=5_000_000, help="Rows to make, before any is refused.")] = 2000,
    seed: Annotated[int, typer.Option(help="Another seed makes other rows.")] = 20261120,
    paraphrase: Annotated[
        str, typer.Option(metavar="URL-OR-GGUF", help="A model that says the examples in other words.")
    ] = "",
    heard: Annotated[bool, typer.Option("--heard", help="Speak a third of the rows, hear them, keep both.")] = False,
) -> None:
    """Grow rows from the skills' own signed examples."""
    from finetune.data import recipe as recipes
    from finetune.data.hear import SHARE

    names = tuple(name.strip() for name in skills.split(",") if name.strip())
    wish = recipes.Grow(kind="grow", skills=names, count=count, paraphrase=paraphrase, heard=SHARE if heard else 0.0)
    said = (("--skills", skills), ("--count", count), ("--seed", seed), ("--paraphrase", paraphrase))
    command = ["hark", "data", "grow", "--to", str(to), *(str(word) for pair in said if pair[1] for word in pair)]
    command += ["--heard"] if heard else []
    _make(context, recipes.single(wish, seed, to.name), to, shlex.join(command))


def build(
    context: typer.Context,
    recipe: Annotated[Path, typer.Argument(help="The recipe, a TOML file.")],
    to: To,
) -> None:
    """Build a dataset from a recipe's sources."""
    from finetune.data.recipe import read_recipe

    _make(context, read_recipe(recipe), to, shlex.join(["hark", "data", "build", str(recipe), "--to", str(to)]))


def _make(context: typer.Context, recipe: Recipe, to: Path, command: str) -> None:
    from finetune.data.build import Build
    from finetune.data.card import write_card
    from finetune.data.review import State

    try:
        with _sentences():
            dataset = Build(frame(context).settings, recipe, to, command).run()
            write_card(to, dataset, State.read(to))
    except KeyboardInterrupt:
        kept = ", with what was paraphrased and heard so far" if any(to.glob("*.kept")) else ""
        tell(f"hark: stopped before all of {to} was written; the same command begins again{kept}.")
        raise
    _tell(dataset, to)


def _tell(dataset: Dataset, folder: Path) -> None:
    from finetune.data.card import counts, sizes, weaknesses

    typer.echo(counts(dataset))
    for reason, count in sorted({**dataset.facts.refused, **dataset.facts.dropped}.items()):
        typer.echo(f"left out: {count:6} {reason}")
    for skill, count in sorted(dataset.facts.capped.items()):
        typer.echo(f"left out: {count:6} {skill}: more than the caps allow")
    for sentence in weaknesses(dataset):
        typer.echo(f"weak: {sentence}")
    typer.echo(f"{folder}: version {dataset.version}, {sizes(dataset)}")


def card(folder: Annotated[Path, typer.Argument(help="The dataset's folder.")]) -> None:
    """Write the dataset's card again, and show it."""
    from finetune.data.card import CARD, write_card
    from finetune.data.dataset import load
    from finetune.data.review import State

    with _sentences():
        write_card(folder, load(folder), State.read(folder))
    typer.echo((folder / CARD).read_text(encoding="utf-8"), nl=False)


def check(
    context: typer.Context, path: Annotated[Path, typer.Argument(help="A dataset's folder, or a file of rows.")]
) -> None:
    """Say what is wrong with rows: each fault with its file and line."""
    from assistant.assemble import open_skills
    from finetune.data.build import gate_of
    from finetune.data.faults import faults

    settings = frame(context).settings
    gate = gate_of(settings, open_skills(settings).skills)
    found = 0
    for sentence in faults(path, gate):
        found += 1
        if found <= MOST_FAULTS:
            typer.echo(sentence)
    if found > MOST_FAULTS:
        typer.echo(f"... and {found - MOST_FAULTS} more")
    if found:
        typer.echo(f"{path}: {found} fault{'' if found == 1 else 's'}")
        raise typer.Exit(SAID)
    typer.echo(f"{path}: {_held(path)}; nothing wrong")


def _held(path: Path) -> str:
    """What a good dataset or file holds, with the counts that a bad one would spoil. Raises BadCase, SkillError."""
    from finetune.data.card import sizes
    from finetune.data.dataset import is_dataset, load, rows_of

    cases = [case for _, case in rows_of(path)]
    skills = len({case.skill for case in cases} - {"none"})
    some = sum(case.skill == "none" for case in cases)
    kinds = f"{so_many(skills, 'skill')}, {some:,} for nobody"
    if path.is_dir() and is_dataset(path):
        return f"{sizes(load(path))}, {kinds}"
    groups = len({case.group or case.text for case in cases})
    return f"{so_many(len(cases), 'row')} of {so_many(groups, 'paraphrase group')}, {kinds}"


def review(context: typer.Context, folder: Annotated[Path, typer.Argument(help="The dataset's folder.")]) -> None:
    """Look at rows, one key each; every key is kept at once."""
    from assistant.assemble import open_skills
    from finetune.data.build import gate_of
    from finetune.data.card import write_card
    from finetune.data.dataset import load
    from finetune.data.review import ACCEPTED, State, alone, apply, waiting
    from finetune.data.screen import sit
    from finetune.data.sitting import Sitting

    settings = frame(context).settings
    with _sentences():
        load(folder)
        if not (os.isatty(0) and sys.stdout.isatty()):
            raise UsageError("hark data review needs a terminal: run it in one, with nothing piped in or out")
        with alone(folder):
            state = State.read(folder)
            dataset = apply(folder, state)  # decisions of a sitting that was cut off
            gate = gate_of(settings, open_skills(settings).skills)
            gate.hold_back(case.text for side in ("test", "dev") for case in dataset.sides[side])
            try:
                sit(Sitting(waiting(dataset, state), state, gate), folder)
            finally:
                dataset = apply(folder, state)
                write_card(folder, dataset, state)
    for source, share in state.shares().items():
        typer.echo(f"{source}: good as it was {share}")
    rate = f", {state.per_minute:.0f} a minute" if state.seconds else ""
    typer.echo(f"{so_many(state.looked_at, 'row')} looked at{rate}, {len(waiting(dataset, state))} left")
    typer.echo(f"{folder / ACCEPTED} holds the training rows you found good; version {dataset.version}")


def from_trace(
    context: typer.Context,
    to: Annotated[Path, typer.Option("--to", help="The file of rows, JSON lines; or a folder for it.")],
) -> None:
    """Turns of the diary that you labelled, as rows; their words stay on this device."""
    from assistant.assemble import open_database, open_skills
    from assistant.trace import Trace
    from evals.cases import write_cases
    from finetune.data.build import gate_of
    from finetune.data.diary import diary_rows
    from finetune.data.gate import passed

    settings = frame(context).settings
    with _sentences():
        gate = gate_of(settings, open_skills(settings).skills)
        trace = Trace(open_database(settings))
        found = list(diary_rows(trace, {skill.name for skill in gate.skills}))
        rows = passed(found, gate)
        labelled = len(trace.taught())
        if not labelled:
            raise SkillError(
                "no turn of the diary is labelled, so nothing was written; `hark trace list` shows the turns, and "
                "`hark trace label last 'set_timer(duration=\"ten minutes\")'` says what the last one meant"
            )
        if to.is_dir():
            to = to / "diary.jsonl"
        to.parent.mkdir(parents=True, exist_ok=True)
        to.touch(mode=0o600)
        write_cases(to, rows)
        to.chmod(0o600)
    gone = {"of a skill that is not installed": labelled - len(found)} if labelled > len(found) else {}
    for reason, count in sorted({**gate.refused, **gone}.items()):
        typer.echo(f"left out: {count:6} {reason}")
    typer.echo(f"{so_many(len(rows), 'row')} in {to}; they are your own words: keep the file to yourself")
