"""`hark eval report`: a run as one HTML page."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.frame import UsageError, claim_output, frame
from assistant.skill import SkillError

if TYPE_CHECKING:
    from evals.runs import Run


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command()(report)


def report(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="A run's name or folder.")] = "last",
    against: Annotated[
        str, typer.Option(help="The run to hold it against, instead of the last one of the same set.")
    ] = "",
    to: Annotated[
        Path | None, typer.Option(help="The page; report.html in the run's folder if you do not say.")
    ] = None,
    show: Annotated[bool, typer.Option("--open", help="Show it in the browser.")] = False,
) -> None:
    """One HTML page that needs no network: figures with intervals, curves, times, the worst errors, what changed."""
    output = claim_output()
    from evals import runs
    from evals.report.build import Beside, report
    from evals.report.changes import before
    from evals.report.staircase import last_ladder

    settings = frame(context).settings
    found = runs.load(run, settings)
    page = to or found.folder / "report.html"
    if not page.absolute().parent.is_dir():
        raise UsageError(f"the folder {page.absolute().parent} does not exist")
    earlier = runs.load(against, settings) if against else before(found, runs.all(settings))
    report(found, page, Beside(earlier, last_ladder(settings, str(found.meta.get("set"))), _recordings(found)))
    output.write(f"{page}\n")
    output.flush()
    if show:
        import webbrowser

        webbrowser.open(page.absolute().as_uri())


def _recordings(run: Run) -> Path | None:
    """The folder of the set's recordings; None where the set is no longer where it was."""
    from evals.sets import open_set

    options = run.meta.get("options") or {}
    data = options.get("data")
    with contextlib.suppress(UsageError, SkillError, OSError):
        return open_set(str(options.get("from", "")), Path(data) if data else None).folder
    return None
