"""`hark eval run` and `hark eval score`: measure a set, or count the evidence of an old run again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from assistant.commands.frame import UsageError, claim_output, frame, progress, tell, write_json
from assistant.skill import SkillError

if TYPE_CHECKING:
    from evals.runs import Run


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command()(run)
    group.command()(score)


def run(
    context: typer.Context,
    set: Annotated[str, typer.Argument(help="must-pass, quick, a public set's name, or a file of cases.")] = "",
    data: Annotated[Path | None, typer.Option(help="The folder of a public set.", metavar="FOLDER")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="So many cases, evenly over the set.")] = None,
    name: Annotated[str, typer.Option(help="What to call the run.")] = "",
    resume: Annotated[str, typer.Option(help="Go on with this run.", metavar="RUN")] = "",
    noise: Annotated[
        list[float] | None, typer.Option(help="Hear spoken cases so many dB over noise; may be said again.")
    ] = None,
    voice: Annotated[
        list[str] | None, typer.Option(help="Have every case without a recording spoken by this espeak-ng voice, too.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Measure a set of cases; the evidence is kept, case by case."""
    from evals.running import Order, checked_level, measure, prepare

    output = claim_output()
    if resume and name:
        raise UsageError("a run that is resumed keeps its name; leave out --name")
    order = Order(set, data, limit, tuple(map(checked_level, noise or ())), tuple(voice or ()), name, resume)
    prepared = prepare(frame(context).settings, order)
    try:
        with progress("measuring", len(prepared.items)) as bar:
            found = measure(prepared, bar)
    except KeyboardInterrupt:
        tell(f"hark: stopped; `hark eval run --resume {prepared.run.name}` goes on where this was.")
        raise
    _show(output, found, as_json)


def score(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="A run's name, its folder, or last.", metavar="RUN")],
    as_json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Count an old run's evidence again; nothing is run."""
    from evals import runs, scoring

    output = claim_output()
    found = runs.load(run, frame(context).settings)
    if not found.evidence():
        raise SkillError(f"no case of the run {found.name} ran yet; `hark eval run --resume {found.name}` goes on")
    scoring.score(found)
    _show(output, found, as_json)


def _show(output: TextIO, found: Run, as_json: bool) -> None:
    figures = found.score() or {}
    if as_json:
        kept = ("set_sha256", "started", "finished", "status", "git", "models", "prompt_hash", "skills_hash", "options")
        write_json(output, {**figures, "folder": str(found.folder), **{key: found.meta.get(key) for key in kept}})
        return
    from evals.scoring_table import show, show_wrong

    show(output, figures)
    show_wrong(output, found.evidence())
    output.write(f"evidence: {found.folder}\n")
