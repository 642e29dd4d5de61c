"""How often it is right, and how sure that figure is. Every figure has its n and a 95 % interval (evals.intervals)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evals.answers import Answer
from evals.intervals import Share, clustered, share_of, wilson

__all__ = ["Answer", "Share", "Summary", "clustered", "share", "summarise", "wilson"]


def share(answers: Iterable[Answer], right: Callable[[Answer], bool]) -> Share:
    """How many answers are right, clustered by the cases' groups; answers that could not be scored are left out."""
    counted = [answer for answer in answers if not answer.failed]
    return share_of([right(answer) for answer in counted], [answer.group for answer in counted])


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of one run."""

    family: Share
    skill: Share
    call: Share
    """Over cases whose arguments are known."""
    false_calls: Share
    """Over cases that are for nobody: the share on which a skill was called."""
    unscored: int
    by_family: Mapping[str, Share]


def summarise(answers: Sequence[Answer]) -> Summary:
    """All figures of a run."""
    by_family: dict[str, list[Answer]] = defaultdict(list)
    for answer in answers:
        by_family[answer.case.family].append(answer)
    return Summary(
        family=share(answers, lambda answer: answer.family_right),
        skill=share(answers, lambda answer: answer.skill_right),
        call=share((a for a in answers if a.case.args_known), lambda answer: answer.call_right),
        false_calls=share((a for a in answers if not a.wants_call), lambda answer: answer.false_call),
        unscored=sum(bool(answer.failed) for answer in answers),
        by_family={name: share(mine, lambda answer: answer.family_right) for name, mine in sorted(by_family.items())},
    )
