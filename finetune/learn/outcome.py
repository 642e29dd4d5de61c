"""What came of a learning, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass

from finetune.learn.confidence import Calibrated
from finetune.learn.scoring import Verdict
from finetune.learn.task import Task


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    task: Task
    verdict: Verdict
    switched: bool
    seconds: float
    sentence: str
    calibrated: Calibrated | None = None
    """On quick; None where nothing of it could be measured."""


def sentence_of(verdict: Verdict, switched: bool, dry_run: bool) -> str:
    """What is said of a verdict, and why."""
    if verdict.worse:
        return f"what was learned is not taken into use, for this got worse: {'; '.join(verdict.worse)}"
    if not verdict.gained:
        counts = ((name, *verdict.examples(name)) for name in verdict.new)
        told = [f"; of {name} {better} examples got better and {worse} worse" for name, better, worse in counts]
        return f"what was learned is not taken into use, for nothing got better on the whole{''.join(told)}"
    if switched:
        return "what was learned is in use from the next start; hark learn --undo goes back"
    return "nothing got worse; hark learn without --dry-run would switch" if dry_run else ""
