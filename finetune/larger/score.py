"""Score one GGUF file as the model that decides, through the same run machinery as everything else.

The larger model of a house is asked only when the shipped model is unsure. Here it stands alone, in the shipped
model's place, so that the figures are its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.assemble import open_skills
from assistant.config import Settings
from assistant.decide import Decider, DecidingModels
from assistant.skill import MissingPiece, Skill
from assistant.worker import Job, Worker, Written
from evals import runs
from evals.running import Order, Parts, measure, prepare
from evals.scoring import Shown, headline
from evals.scoring import score as score_again
from finetune.larger.nearest import NearestExamples

ALONE = '{"skill": [1, 0], "call": [1, 0]}'
"""Its probabilities are taken as they are: a larger model has no calibration of its own."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A file's run on one set."""

    run: str
    figures: Mapping[str, float]


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


Told = Callable[[str, int, int], None]
"""set, cases that are done, cases in all"""


def score(settings: Settings, file: Path, sets: Sequence[str], name: str, told: Told) -> dict[str, Scored]:
    """Run every set with this file and score it; a run that was broken off is continued.

    Args:
        name: of the runs; the set's name is added.
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
    with Decider(skills, house, parts=DecidingModels(Alone(Worker(job), skills.skills), None)) as decider:
        for one in sets:
            found[one] = _run(house, decider, one, f"{name}-{Path(one).stem}", told)
    return found


def _run(house: Settings, decider: Decider, of: str, name: str, told: Told) -> Scored:
    before = next((run for run in runs.all(house) if run.name == name), None)
    if before is None or before.meta["status"] != runs.DONE:
        prepared = prepare(house, Order(set=of, name=name, resume=before.name if before else ""))
        total = len(prepared.items)
        before = measure(prepared, lambda done: told(of, done, total), Parts(decider=decider))
    figures = headline(before.score() or score_again(before))
    return Scored(name, {key: value.value if isinstance(value, Shown) else value for key, value in figures.items()})
