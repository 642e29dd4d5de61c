"""What came of a learning, and how it is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finetune.learn.confidence import Calibrated
from finetune.learn.scoring import Verdict
from finetune.learn.task import Task


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    task: Task
    deciding: frozenset[str]
    """The skills that what was learned decides about, where it is taken into use."""
    verdict: Verdict
    switched: bool
    seconds: float
    sentence: str
    calibrated: Calibrated | None = None
    """On quick; None where nothing of it could be measured."""


def sentence_of(
    verdict: Verdict, switched: bool, dry_run: bool, at_first: Sequence[str] = (), named: bool = False
) -> str:
    """What is said of a verdict, and why.

    Args:
        at_first: what got worse before the model had to be surer.
        named: whether the settings name what was learned, which only a dry run passes over.
    """
    if verdict.worse:
        return f"what was learned is not taken into use, for this got worse: {'; '.join(verdict.worse)}"
    if not verdict.gained:
        counts = ((name, *verdict.examples(name)) for name in verdict.new)
        told = [f"; of {name} {better} examples got better and {worse} worse" for name, better, worse in counts]
        why = f"so sure that nothing gets worse ({'; '.join(at_first)}), it makes nothing better" if at_first else ""
        return f"what was learned is not taken into use, for {why or 'nothing got better on the whole'}{''.join(told)}"
    if switched:
        return "what was learned is in use from the next start; hark learn --undo goes back"
    if not dry_run:
        return ""
    setting = ", once models.learned is removed from the settings" if named else ""
    return f"nothing got worse; hark learn without --dry-run would switch{setting}"
