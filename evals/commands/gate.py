"""`hark eval gate`: may this change go in? Nothing of must-pass broken, quick not measurably worse."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.commands.frame import SAID, claim_output, frame, progress, write_json


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command()(gate)


def gate(
    context: typer.Context,
    accept: Annotated[bool, typer.Option("--accept", help="Make quick's answers of today the baseline.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Must-pass with no failure, quick against its committed baseline; exit code 1 where a change breaks either."""
    from evals import gate as gates
    from evals.sets import WRITTEN, open_set

    output = claim_output()
    before = None if accept else gates.read_baseline()
    with progress("measuring", sum(len(open_set(name).cases) for name in WRITTEN)) as bar:
        found = gates.measure(frame(context).settings, bar)
    if before is None:
        gates.write_baseline(found.quick, found.made)
        before = gates.read_baseline()
    verdict = gates.judge(found.must_pass, found.quick, before, found.made)
    if as_json:
        write_json(output, verdict.to_json())
    else:
        output.write("\n".join(gates.sentences(verdict)) + "\n")
    if not verdict.passed:
        raise typer.Exit(SAID)
