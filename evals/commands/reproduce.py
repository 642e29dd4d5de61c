"""`hark eval reproduce`: do a run again, and say whether it came out the same."""

from __future__ import annotations

import contextlib
import shlex
import subprocess
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from assistant.commands.frame import SAID, UsageError, claim_output, frame, progress, tell, write_json
from assistant.skill import SkillError

if TYPE_CHECKING:
    from assistant.config import Settings
    from evals.runs import Run
    from evals.track.anew import Again
    from evals.track.journal import Record
    from evals.track.repeat import Compared

SHOWN = 10
"""Differences that are printed; the others are counted."""
STDERR = 2
"""File number: what a training prints is no part of the answer."""
TO_END_S = 10.0
"""After Ctrl-C in a terminal, which a training is told of, too; a step of a large one takes seconds."""


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command()(reproduce)


def reproduce(
    context: typer.Context,
    run: Annotated[
        str, typer.Argument(help="A run's id or name as `hark eval history` shows it, or last.", metavar="RUN")
    ],
    train: Annotated[bool, typer.Option("--train", help="Run a training again; else it is only said how.")] = False,
    tolerance: Annotated[float, typer.Option(min=0, help="Confidences and figures may differ by so much.")] = 0.001,
    as_json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Repeat a run and say whether it came out the same; exit code 1 where it did not, or cannot be repeated."""
    settings = frame(context).settings
    output = claim_output()
    found, record = _find(settings, run)
    try:
        if found is not None:
            compared, name = _evaluate(settings, found, tolerance)
        elif record is not None:
            again = _plan(settings, record)
            if not train:
                _tell_how(output, record, again, as_json)
                return
            compared, name = _train(settings, record, again, tolerance)
        else:
            raise UsageError(f"there is no run {run}; `hark eval history` shows them")
    except KeyboardInterrupt:
        tell(f"hark: stopped before all was repeated, so nothing was compared; {run} is as it was.")
        raise
    _tell(output, (run, name), compared, as_json)
    if not compared.same:
        raise typer.Exit(SAID)


def _find(settings: Settings, name: str) -> tuple[Run | None, Record | None]:
    """The evaluation of this name, or the training. Raises UsageError."""
    from evals import runs
    from evals.track import journal

    try:
        record = journal.find(settings, name)
    except UsageError:
        return runs.load(name, settings), None  # made while tracking was off, or elsewhere
    if record.kind != "eval":
        return None, record
    inputs = record.meta.get("inputs") or {}
    run = runs.load(str(inputs.get("run", record.name)), settings)
    if inputs.get("run_started") not in (None, run.meta.get("started")):
        raise SkillError(f"the evidence of {record.id} is not there any more; {run.name} is another run by now")
    return run, record


def _evaluate(settings: Settings, run: Run, tolerance: float) -> tuple[Compared, str]:
    """The evaluation held against a new one, and the new one's name. Raises SkillError where it cannot be repeated."""
    from evals.running import measure
    from evals.track import repeat

    prepared = repeat.prepare_again(settings, run)
    for remark in repeat.remarks(run.meta):
        tell(f"hark: {remark}.")
    if len(run.evidence()) < int(run.meta.get("n") or 0):
        tell(f"hark: {run.name} has {len(run.evidence())} of {run.meta['n']} cases; these are compared.")
    with progress("repeating", len(prepared.items)) as bar:
        again = measure(prepared, bar)
    return repeat.hold_against(run, again, tolerance, settings), again.name


def _train(settings: Settings, record: Record, again: Again, tolerance: float) -> tuple[Compared, str]:
    """The training held against a new one, and the new one's identifier. Raises SkillError, OSError."""
    from evals.track import journal, repeat
    from evals.track.anew import make_folder

    if not record.figures():
        raise SkillError(f"{record.name} has no figures to hold a repetition against")
    if again.work is not None:
        tell(f"hark: training anew in {again.work}; it may be deleted afterwards.")
    make_folder(record, again)
    seen = {one.id for one in journal.records(settings)}
    code = _run(again)
    made = [one for one in journal.records(settings) if one.id not in seen and one.kind == record.kind]
    new = next((one for one in made if one.name == record.name), None)
    if code or new is None:
        raise SkillError(f"{shlex.join(again.command)} ended with code {code} and left no whole training")
    compared = repeat.compare_figures(record, new, tolerance)
    repeat.tell_outcome(record.id, new, compared)
    return compared, new.id


def _run(again: Again) -> int:
    """Run the command; its exit code. Ctrl-C is for it, too, and it is given time to write down how it was left."""
    with subprocess.Popen(again.command, cwd=again.folder, stdout=STDERR) as training:
        try:
            return training.wait()
        except KeyboardInterrupt:
            with contextlib.suppress(subprocess.TimeoutExpired):
                training.wait(TO_END_S)
            training.terminate()  # nothing to one that has ended
            training.wait()
            raise


def _plan(settings: Settings, record: Record) -> Again:
    """How the training is repeated. Raises SkillError where it cannot be."""
    from evals.track import anew, inputs, repeat

    changed = inputs.changed_inputs(record, repeat.settings_of(settings, record.meta))
    if changed:
        raise SkillError(f"{record.name} cannot be repeated: {'; '.join(changed)}")
    for remark in repeat.remarks(record.meta):
        tell(f"hark: {remark}.")
    return anew.plan_again(record, settings)


def _tell_how(output: TextIO, record: Record, again: Again, as_json: bool) -> None:
    """Say how a training is repeated, with every input as it was."""
    command = shlex.join(again.command)
    if as_json:
        write_json(output, {"run": record.id, "command": command, "folder": str(again.folder), "same": None})
        return
    output.write(f"cd {shlex.quote(str(again.folder))} && {command}\n")
    output.write("its inputs are as they were; --train runs this and compares\n")


def _tell(output: TextIO, names: tuple[str, str], compared: Compared, as_json: bool) -> None:
    before, after = names
    if as_json:
        different = [{"what": one.what, "before": one.before, "after": one.after} for one in compared.different]
        figures = {"n": compared.n, "largest_difference": compared.largest, "different": different}
        write_json(output, {"run": before, "again": after, "same": compared.same, **figures})
        return
    for one in compared.different[:SHOWN]:
        output.write(f"{one.what}\n    before {one.before}\n    now    {one.after}\n")
    if len(compared.different) > SHOWN:
        output.write(f"... and {len(compared.different) - SHOWN} more\n")
    if compared.same:
        output.write(f"the same: all {compared.n} as before, the largest difference {compared.largest:.2g} ({after})\n")
    else:
        output.write(f"not the same: {len(compared.different)} came out otherwise, {compared.n} compared ({after})\n")
