"""`hark learn`: take up new skills and corrections, on this board; `--undo` goes back."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.commands.frame import LINE_EVERY_S, UsageError, claim_output, frame, progress, tell, write_json
from assistant.config import Settings
from assistant.skill import MissingPiece, SkillError

if TYPE_CHECKING:
    from assistant.learned import Step
    from finetune.learn.confidence import Calibrated
    from finetune.learn.outcome import Outcome
    from finetune.learn.scoring import Pair, Verdict

NEEDED = ("torch", "transformers", "tokenizers", "num2words", "datasketch")
NOTHING = (
    "there is no new skill and no correction to learn; `hark skills new NAME` or `hark trace label` makes one, and "
    "--rows names a folder that you reviewed"
)
KNOWN = "what there is to learn is in use already; hark models list shows it, and hark learn --undo goes back"
BROKEN_OFF = "hark: broken off; nothing was changed, and what was in use before is in use."
TOO_LATE = "hark: broken off when what was learned was in use already; hark learn --undo goes back."
HELD_OUT = (
    "before: as in use today, after: with what was learned; but what is held out is asked of a house without those "
    "examples, so both are less than you will see"
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(learn)


def learn(
    context: typer.Context,
    undo: Annotated[bool, typer.Option("--undo", help="Go back to what was learned before, or nothing.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Learn and measure, but take nothing into use.")] = False,
    rows: Annotated[
        list[Path] | None,
        typer.Option(metavar="FOLDER", help="Learn from what you found good there, too; may be said again."),
    ] = None,
    measure: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Cases of your own, asked before and after; part of what decides."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Learn new skills and corrected turns; used only if it is better and harms nothing."""
    from assistant import models

    output = claim_output()
    settings = frame(context).settings
    if undo:
        if dry_run or rows or measure:
            raise UsageError("--undo goes back at once and takes no other option with it but --json")
        found: dict[str, Any] = {"switched": True, "sentence": _undone(settings)}
        lines = [found["sentence"]]
    else:
        _check_extra()
        outcome = _learned(settings, {"dry_run": dry_run, "rows": tuple(rows or ()), "measure": measure})
        nothing = KNOWN if models.learned_step(settings) else NOTHING
        found = _as_json(outcome) if outcome else {"switched": False, "sentence": nothing}
        lines = table(outcome) if outcome else [nothing]
    if as_json:
        write_json(output, found)
    else:
        output.write("\n".join(lines) + "\n")


def _check_extra() -> None:
    """Raises MissingPiece, in one sentence, where the train extra is not installed."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingPiece(f"learning needs {', '.join(missing)}; install it with: pip install 'hark[train]'")


def _undone(settings: Settings) -> str:
    """Go back one step; says what is in use now. Raises SkillError, OSError."""
    from assistant import learned, models

    last = learned.read(settings).steps[-1:]
    try:
        state = learned.undo(settings, models.checksum(settings, models.bundled_skill_model()))
    except LookupError as error:
        raise SkillError(str(error)) from None
    for step in last:
        _note_undone(settings, step.sha256)
    if not state.steps:
        return "the skill model that ships is in use alone again, from the next start"
    return f"what was learned on {learned.day_of(state.steps[-1])} is in use again, from the next start"


def _note_undone(settings: Settings, sha256: str) -> None:
    """Write to the learning that made this model that it is out of use; a disk that refuses costs the remark alone."""
    from evals.track import journal, mirrors

    with contextlib.suppress(OSError):
        made = journal.maker(settings, sha256)
        if made is not None:
            mirrors.note(settings, made.change(undone=journal.now()), "undone: it is out of use again")


def _learned(settings: Settings, wish: Mapping[str, Any]) -> Outcome | None:
    steps = _steps(settings)
    try:
        from finetune.learn import session

        with _bars() as told:
            return session.learn(settings, session.Wish(**wish, told=told))
    except KeyboardInterrupt:
        tell(BROKEN_OFF if _steps(settings) == steps else TOO_LATE)
        raise


def _steps(settings: Settings) -> tuple[Step, ...]:
    """What was learned; nothing where that cannot be read, which a learning says itself."""
    from assistant import learned

    try:
        return learned.read(settings).steps
    except SkillError:
        return ()


@contextlib.contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    """One bar after another, a bar for each stage."""
    with contextlib.ExitStack() as stack:
        now: dict[str, Any] = {}

        def told(stage: str, done: int, total: int) -> None:
            if now.get("stage") != stage:
                stack.close()
                now.update(stage=stage, bar=stack.enter_context(progress(stage, total, LINE_EVERY_S)))
            now["bar"](done)

        yield told


# --- what came of it -------------------------------------------------------------------------------------------------


def table(outcome: Outcome) -> list[str]:
    verdict = outcome.verdict
    notes = _notes(verdict)
    width = max((len(pair.name) for pair in verdict.pairs), default=0)
    lines = [f"{'':{width}}  {'n':>5}  {'right before':>12}  {'right after':>12}"] if verdict.pairs else []
    lines += [
        f"{pair.name:{width}}  {pair.n:>5}  {_share(pair, 0):>12}  {_share(pair, 1):>12}{notes.get(pair.name, '')}"
        for pair in verdict.pairs
    ]
    if any(pair.n for pair in verdict.new.values()):
        lines.append(HELD_OUT)
    blind = [skill.name for skill in outcome.task.skills if skill.name not in outcome.deciding]
    lines += [
        f"{name} has too few examples to hold any out: nothing says if it was learned, so its examples decide as before"
        for name in blind
    ]
    calibrated = outcome.calibrated
    lines += [f"calibration error on quick {calibrated}"] if calibrated and calibrated.n else []
    return [*lines, f"{outcome.sentence} ({outcome.seconds:.0f} s)"]


def _notes(verdict: Verdict) -> dict[str, str]:
    """Name of a row -> what is written behind its figures."""
    found = {pair.name: _changed(pair) for pair in verdict.pairs}
    for pair, most in verdict.bounds:
        found[pair.name] = f"  {len(pair.lost)} newly answered, {most} may be"
    for pair in verdict.new.values():
        examples = "of {} examples {} better, {} worse".format(len({a.group for a in pair.before}), *pair.groups)
        found[pair.name] = f"{_changed(pair)}; {examples}" if pair.lost or pair.gained else f"  {examples}"
    return found


def _share(pair: Pair, which: int) -> str:
    right = pair.right[which]
    return f"{right} {right / pair.n:6.1%}"


def _changed(pair: Pair) -> str:
    lost, gained = len(pair.lost), pair.gained
    return f"  {gained} gained, {lost} lost" if lost or gained else ""


def _calibration(found: Calibrated) -> dict[str, Any]:
    intervals = {"before": [found.before.low, found.before.high], "after": [found.after.low, found.after.high]}
    return {"before": found.before.value, "after": found.after.value, "n": found.n, "intervals": intervals}


def _as_json(outcome: Outcome) -> dict[str, Any]:
    most = {pair.name: bound for pair, bound in outcome.verdict.bounds}
    return {
        "switched": outcome.switched,
        "sentence": outcome.sentence,
        "seconds": round(outcome.seconds, 1),
        "skills": [skill.name for skill in outcome.task.skills],
        "corrections": len(outcome.task.corrections),
        "reviewed_rows": len(outcome.task.accepted),
        "calibration": _calibration(outcome.calibrated) if outcome.calibrated else None,
        "better": list(outcome.verdict.better),
        "worse": list(outcome.verdict.worse),
        "measured": [
            {
                "name": pair.name,
                "n": pair.n,
                "before": pair.right[0],
                "after": pair.right[1],
                "lost": [answer.case.text for answer in pair.lost],
                "gained": pair.gained,
                "p": pair.p,
                "groups_better": pair.groups[0],
                "groups_worse": pair.groups[1],
                "newly_answered_at_most": most.get(pair.name),
            }
            for pair in outcome.verdict.pairs
        ],
    }
