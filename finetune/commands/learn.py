"""`hark learn`: take up new skills and corrections, on this board; `--undo` goes back."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.commands.frame import claim_output, frame, progress, write_json
from assistant.config import Settings
from assistant.skill import MissingPiece, SkillError

if TYPE_CHECKING:
    from finetune.learn.confidence import Calibrated
    from finetune.learn.scoring import Pair
    from finetune.learn.session import Outcome

NEEDED = ("torch", "transformers", "tokenizers", "num2words", "datasketch")
NOTHING = (
    "there is no new skill and no correction to learn; `hark skills new NAME` or `hark trace label` makes one, and "
    "--rows names a folder that you reviewed"
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
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Learn new skills and corrected turns; what was learned is taken into use only if nothing gets worse."""
    output = claim_output()
    settings = frame(context).settings
    if undo:
        found: dict[str, Any] = {"switched": True, "sentence": _undone(settings)}
        lines = [found["sentence"]]
    else:
        _check_extra()
        outcome = _learned(settings, dry_run, tuple(rows or ()))
        found = _as_json(outcome) if outcome else {"switched": False, "sentence": NOTHING}
        lines = _table(outcome) if outcome else [NOTHING]
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

    try:
        state = learned.undo(settings, models.checksum(settings, models.bundled_skill_model()))
    except LookupError as error:
        raise SkillError(str(error)) from None
    if not state.steps:
        return "the skill model that ships is in use alone again, from the next start"
    return f"what was learned on {learned.day_of(state.steps[-1])} is in use again, from the next start"


def _learned(settings: Settings, dry_run: bool, rows: tuple[Path, ...]) -> Outcome | None:
    from finetune.learn import session

    with _bars() as told:
        return session.learn(settings, session.Wish(dry_run=dry_run, rows=rows, told=told))


@contextlib.contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    """One bar after another, a bar for each stage."""
    with contextlib.ExitStack() as stack:
        now: dict[str, Any] = {}

        def told(stage: str, done: int, total: int) -> None:
            if now.get("stage") != stage:
                stack.close()
                now.update(stage=stage, bar=stack.enter_context(progress(stage, total)))
            now["bar"](done)

        yield told


# --- what came of it -------------------------------------------------------------------------------------------------


def _table(outcome: Outcome) -> list[str]:
    pairs = outcome.verdict.pairs
    width = max((len(pair.name) for pair in pairs), default=0)
    lines = [f"{'':{width}}  {'before':>14}  {'after':>14}"] if pairs else []
    lines += [f"{pair.name:{width}}  {_share(pair, 0):>14}  {_share(pair, 1):>14}{_changed(pair)}" for pair in pairs]
    taught = [skill.name for skill in outcome.task.skills if not outcome.verdict.new[skill.name].n]
    lines += [
        f"{name} has too few examples to hold any out, so how well it is known was not measured" for name in taught
    ]
    lines += [_calibration(outcome.calibrated)] if outcome.calibrated and outcome.calibrated.n else []
    return [*lines, f"{outcome.sentence} ({outcome.seconds:.0f} s)"]


def _calibration(found: Calibrated) -> str:
    return f"calibration error on quick (n={found.n}): {found.before:.3f} before, {found.after:.3f} after"


def _share(pair: Pair, which: int) -> str:
    right = pair.right[which]
    return f"{right}/{pair.n} {right / pair.n:4.0%}"


def _changed(pair: Pair) -> str:
    lost, gained = len(pair.lost), pair.gained
    return f"  {gained} gained, {lost} lost" if lost or gained else ""


def _as_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "switched": outcome.switched,
        "sentence": outcome.sentence,
        "seconds": round(outcome.seconds, 1),
        "skills": [skill.name for skill in outcome.task.skills],
        "corrections": len(outcome.task.corrections),
        "reviewed_rows": len(outcome.task.accepted),
        "calibration": asdict(outcome.calibrated) if outcome.calibrated else None,
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
            }
            for pair in outcome.verdict.pairs
        ],
    }
