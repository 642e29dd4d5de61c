"""`hark eval compare A B`: better, worse, or not to be told apart."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.commands.frame import claim_output, frame, write_json

_RUN = "A run's name, its folder, or last."


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command()(compare)


def compare(
    context: typer.Context,
    a: Annotated[str, typer.Argument(help=_RUN, metavar="A")],
    b: Annotated[str, typer.Argument(help=_RUN, metavar="B")],
    as_json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Is B better than A, over the cases that both have?"""
    from evals import compare as comparing
    from evals import runs
    from evals.compare_table import show

    output = claim_output()
    settings = frame(context).settings
    found = comparing.compare(runs.load(a, settings), runs.load(b, settings))
    if as_json:
        write_json(output, found)
    else:
        show(output, found)
