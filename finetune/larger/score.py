"""Score one GGUF file as the model that decides, through the same run machinery as everything else.

The larger model of a house is asked only when the shipped model is unsure. Here it stands alone, in the shipped
model's place, so that the figures are its own.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.assemble import open_skills
from assistant.config import Settings
from assistant.decide import Decider, DecidingModels
from assistant.registry import SkillSet
from assistant.skill import MissingPiece, Skill
from assistant.turn import Decision, Transcript
from assistant.worker import Job, Worker, Written
from evals import runs
from evals.running import MADE_BY, Order, Parts, measure, planned, prepare
from evals.scoring import Shown, headline
from evals.scoring import score as score_again
from finetune.larger.nearest import NearestExamples

ALONE = '{"skill": [1, 0], "call": [1, 0]}'
"""Its probabilities are taken as they are: a larger model has no calibration of its own."""


Figures = Mapping[str, Shown | float]
"""As `evals.scoring.headline` gives them: "text.right", "text.decide_ms" ..."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A file's run on one set."""

    run: str
    figures: Figures
    tiers: Mapping[str, int]
    """Who answered -> how many: `larger` is the file itself, `ask` and `decline` are what came of its being unsure."""

    def sentence(self) -> str:
        """How many are right, with n and the 95 % interval, and how many answers are the file's own."""
        right, counts = self.figures.get("text.right"), Counter(self.tiers)
        share = "" if right is None else f"{_right(right)}; "
        told = "".join(
            f"; {said}: {counts[tier]}"
            for tier, said in (("ask", "asked back"), ("decline", "declined as unsure"))
            if counts[tier]
        )
        return f"{share}answered by the file itself: {counts['larger']} of {counts.total()}{told} (run {self.run})"


def _right(figure: Shown | float) -> str:
    if not isinstance(figure, Shown):
        return f"{figure:.1%} right (too few groups for an interval)"
    return f"{figure.value:.1%} right ({figure.low:.1%} to {figure.high:.1%}, n={figure.n})"


def values_of(figures: Figures) -> dict[str, float]:
    """The figures alone."""
    return {name: one.value if isinstance(one, Shown) else one for name, one in figures.items()}


def intervals_of(figures: Figures) -> dict[str, tuple[float, float, int]]:
    """Of each figure that has one: the low and the high end of its 95 % interval, and n."""
    return {name: (one.low, one.high, one.n) for name, one in figures.items() if isinstance(one, Shown)}


def labels(sets: Sequence[str]) -> list[str]:
    """A short name for each set, in their order: its own, or its file's without folder and ending, made unique."""
    found: list[str] = []
    for one in sets:
        stem = Path(one).stem
        numbered = (f"{stem}-{number}" for number in itertools.count(2))
        found.append(stem if stem not in found else next(name for name in numbered if name not in found))
    return found


class Alone:
    """A larger model in the skill model's place: `assistant.decide.Writes`."""

    def __init__(self, worker: Worker, skills: Sequence[Skill]) -> None:
        self._worker, self._nearest = worker, NearestExamples(skills)
        self._names = sorted(skill.name for skill in skills)

    def notes(self) -> dict[str, str]:
        """It has been told of every skill."""
        return {"hark.skills": json.dumps(self._names), "hark.calibration": ALONE, "hark.version": ""}

    def write(
        self, plain_text: str, nearest: Sequence[tuple[str, str]] = (), drafts: Sequence[str] = ()
    ) -> tuple[Written, ...]:
        """Calls, the most probable first."""
        return self._worker.write(plain_text, nearest or self._nearest(plain_text), drafts)

    def complete(self, prompt: str, most_tokens: int = 160) -> str:
        """A free answer."""
        return self._worker.complete(prompt, most_tokens)

    def close(self) -> None:
        """End its process."""
        self._worker.close()


class AloneDecider(Decider):
    """Decides by one larger model alone, and says so."""

    def __init__(self, skills: SkillSet, house: Settings, worker: Worker) -> None:
        super().__init__(skills, house, parts=DecidingModels(Alone(worker, skills.skills), None))

    def decide(self, transcript: Transcript, *, now: dt.datetime) -> Decision:
        """As every house decides; what is kept of it does not name the shipped model, which has no part in it."""
        decision = super().decide(transcript, now=now)
        return decision.model_copy(update={"tier": "larger"}) if decision.tier == "shipped" else decision


VARIANT = {MADE_BY: "hark finetune RECIPE --step score"}
"""Of the runs made here: `AloneDecider` answers, not the household's own decider."""
Told = Callable[[str, int, int], None]
"""the set's label, cases that are done, cases in all"""


def score(settings: Settings, file: Path, sets: Sequence[str], name: str, told: Told) -> dict[str, Scored]:
    """Run every set with this file and score it; a run that was broken off is continued.

    Args:
        name: of the runs; the set's label is added.
    Returns:
        the label of each set (`labels`) and its run.
    Raises:
        MissingPiece: the file cannot be run.
        UsageError: there is no such set.
    """
    house = settings.model_copy(update={"models": settings.models.model_copy(update={"larger": str(file)})})
    skills = open_skills(house)
    if not file.is_file():
        raise MissingPiece(f"there is no {file} to score; make it first, with --step quantize")
    job = Job(file, skills.skills, shipped=False, threads=house.models.threads, cache=house.paths.cache / "prefix")
    found: dict[str, Scored] = {}
    with AloneDecider(skills, house, Worker(job)) as decider:
        for one, label in zip(sets, labels(sets), strict=True):
            order = Order(set=one, variant=VARIANT)
            run, before = _place(house, order, f"{name}-{label}")
            if before is None or before.meta["status"] != runs.DONE:
                prepared = prepare(house, replace(order, name=run, resume=before.name if before else ""))
                tell = functools.partial(_tell, told, label, len(prepared.items))
                before = measure(prepared, tell, Parts(decider=decider))
            figures = headline(before.score() or score_again(before))
            tiers = Counter("larger" if one.tier == "shipped" else one.tier for one in before.evidence())
            found[label] = Scored(run, figures, tiers)
    return found


def _tell(told: Told, label: str, total: int, done: int) -> None:
    told(label, done, total)


def _place(house: Settings, order: Order, name: str) -> tuple[str, runs.Run | None]:
    """What the run is called, and the one that is there already and was made with the very same."""
    inputs, _, _ = planned(house, order)
    there = {run.name: run for run in runs.all(house)}
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    called = next(one for one in names if one not in there or not runs.made_otherwise(there[one], inputs))
    return called, there.get(called)
