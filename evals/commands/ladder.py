"""`hark eval ladder`: the staircase from the weakest variant to what ships."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from assistant.commands.frame import (
    UsageError,
    claim_output,
    frame,
    progress,
    so_many,
    tell,
    write_json,
    written_whole,
)
from assistant.files import refuse_folder

OURS = Path(__file__).parents[1] / "ladders"
"""The ladders that come with Hark; they may be named without folder and ending."""


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command()(ladder)


def ladder(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A ladder's TOML file, or shipped, or larger.", metavar="LADDER.toml")],
    as_json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
    to: Annotated[
        Path | None, typer.Option(help="Where table and chart go; else the household's own folder.", metavar="FOLDER")
    ] = None,
) -> None:
    """Score variants on one set: a table, and a staircase with intervals; what was run before is kept."""
    output = claim_output()
    from evals import ladder as ladders
    from evals.report.staircase import ladders_folder

    settings = frame(context).settings
    path = Path(file)
    if not path.is_file() and (OURS / f"{file}.toml").is_file():
        path = OURS / f"{file}.toml"
    if not path.is_file():
        known = ", ".join(sorted(one.stem for one in OURS.glob("*.toml")))
        raise UsageError(f"there is no ladder {file}; name a file, or one of those that come with Hark: {known}")
    wanted = ladders.read_ladder(path)
    steps = ladders.ready(settings, wanted, path.parent)
    names, n = [step.variant.name for step in steps], steps[0].inputs.n
    folder = to or ladders_folder(settings) / wanted.name
    if to is not None and not to.absolute().parent.is_dir():
        raise UsageError(f"the folder {to.absolute().parent} does not exist")
    refuse_folder(folder)
    with progress(wanted.name, n * len(steps)) as bar:
        try:
            found = ladders.climb(wanted, steps, lambda name, done: bar(n * names.index(name) + done))
        except KeyboardInterrupt:
            tell(f"hark: stopped; `hark eval ladder {file}` goes on where this was.")
            raise
    folder.mkdir(parents=True, exist_ok=True)
    _keep(folder, found)
    if as_json:
        write_json(output, {**found, "folder": str(folder)})
    else:
        _show(output, found, folder)


def _keep(folder: Path, found: Mapping[str, Any]) -> None:
    """Write result, table and chart, each whole."""
    import json

    from evals.report import staircase

    with written_whole(folder / staircase.RESULT) as out:
        json.dump(found, out, ensure_ascii=False, indent=1)
        out.write("\n")
    with written_whole(folder / "ladder.svg") as out:
        out.write(staircase.chart(found).alone())
    with written_whole(folder / "ladder.md") as out:
        out.write(f"{so_many(found['n'], 'case')} of {found['set']}.\n\n")
        for row in (staircase.HEAD, ["---"] * len(staircase.HEAD), *staircase.rows(found)):
            out.write("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n")


def _show(output: TextIO, found: Mapping[str, Any], folder: Path) -> None:
    from rich.table import Table

    from evals.report import staircase
    from evals.scoring_table import console_on

    table = Table(title=f"{found['name']}: {so_many(found['n'], 'case')} of {found['set']}", title_justify="left")
    for name in staircase.HEAD:
        table.add_column(name, justify="left" if name == "variant" else "right")
    for row in staircase.rows(found):
        table.add_row(*row)
    console_on(output).print(table)
    kept = sum(step["kept"] for step in found["steps"])
    if kept:
        output.write(f"{kept} of {len(found['steps'])} variants were run before with the same inputs and code\n")
    output.write(f"table and chart: {folder}\n")
