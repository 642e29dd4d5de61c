"""`hark eval ...`: accuracy, measured, compared and kept. Each command has a file of its own here."""

from __future__ import annotations

import typer

from evals.commands import compare, gate, history, ladder, listening, report, reproduce, run, sets, unmeant, wake


def register(app: typer.Typer) -> None:
    """Add the group `eval` with its commands."""
    group = typer.Typer(help="How often it is right, and how sure that is.", no_args_is_help=True)
    app.add_typer(group, name="eval")
    for command in (run, compare, ladder, listening, report, history, reproduce, gate, sets, wake, unmeant):
        command.register(group)
