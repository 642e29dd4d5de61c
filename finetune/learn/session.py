"""One session of learning: rows, two trainings, a verdict, and the switch.

The first training leaves half of the examples out, so that there is something honest to measure the new skill by; the
second goes on with all of them, and is what is taken into use, beside the model that ships, and what talk is measured
with. Nothing is in use before the last line of it.
"""

from __future__ import annotations

import contextlib
import copy
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from transformers import LlamaForCausalLM

from assistant import learned, models
from assistant.assemble import open_database, open_skills
from assistant.commands.frame import so_many
from assistant.config import Settings
from assistant.registry import SkillSet
from assistant.skill import ConfigError, SkillError
from assistant.trace import Trace
from evals.cases import Case
from evals.sets import open_set
from evals.track import Tracked, tracked
from finetune.learn import rows as growing
from finetune.learn.adapt import Effort, Known, adapt, write
from finetune.learn.inputs import inputs_of
from finetune.learn.loading import Loaded, extend, load
from finetune.learn.outcome import Outcome, sentence_of
from finetune.learn.scoring import Bench, Sets, slug
from finetune.learn.talk import talk_for
from finetune.learn.task import Task, accepted_rows, find, with_known
from finetune.learn.trial import (
    CORRECTED,
    QUICK,
    TALK,
    Draft,
    Trial,
    asked_about,
    check_measurable,
    held_out,
    own_cases,
    to_judge,
)
from finetune.rows import shipped_skills

FIRST = 0.6
"""Of the steps: those of the training that leaves examples out."""
TAKEN = "what was learned was taken into use"
"""For the history, where what is in use is another matter."""

Told = Callable[[str, int, int], None]
"""Stage, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How to learn."""

    dry_run: bool = False
    """Score, but do not switch."""
    effort: Effort = field(default_factory=Effort)
    sets: Sets = field(default_factory=Sets)
    rows: tuple[Path, ...] = ()
    """Folders whose `accepted.jsonl` is learned from, too, or such files."""
    measure: Path | None = None
    """A file of the household's own cases: part of the judgement, and never learned from."""
    told: Told = lambda _stage, _done, _total: None


@dataclass
class Session:
    """Learns what there is to learn. Raises as `learn` does."""

    settings: Settings
    wish: Wish
    tracking: Tracked
    work: Path
    base: Path = field(init=False)
    base_sha256: str = field(init=False)
    """Of the model that is learned from: another one may be installed meanwhile."""
    house: SkillSet = field(init=False)
    own: tuple[Case, ...] = field(init=False)
    """The household's own sentences to measure by."""
    plain: Loaded = field(init=False)
    """The shipped model with room for the new names, not trained."""

    def __post_init__(self) -> None:
        self.base = models.bundled_skill_model()
        self.base_sha256 = models.checksum(self.settings, self.base)
        self.house = open_skills(self.settings)
        self.own = own_cases(self.wish.measure, self.house)

    def task(self) -> Task:
        """What there is to learn."""
        return find(
            self.house, load(self.base).skills, Trace(open_database(self.settings)), accepted_rows(self.wish.rows)
        )

    def run(self, task: Task) -> Outcome:
        """Learn, measure, switch."""
        started = time.monotonic()
        self.wish.told("learning", 0, self.wish.effort.steps)  # rows are grown first, which is long silent
        self.plain = self._extended(task)
        known = self.plain.skills
        said = tuple(case.text for case in self.own)
        making = growing.House(self.settings, self.house.skills, known, self.wish.effort.seed, said)
        without, with_held = growing.rows_of(task, making)
        self._tell_rows(task, without, with_held)
        first, second = self._split_steps()
        by_name = {skill.name: skill for skill in (*shipped_skills(), *self.house.skills)}
        halfway = adapt(self._extended(task), without, by_name, first, self._steps(0))
        going_on = replace(self._extended(task), model=copy.deepcopy(halfway))
        final = adapt(going_on, with_held, by_name, second, self._steps(first.steps))
        draft = self._judged(task, self._trial(task, without.held), halfway, final)
        verdict = draft.verdict
        switched = not verdict.worse and verdict.gained and not self.wish.dry_run
        if switched:
            self._adopt(task, draft.file)
        sentence = sentence_of(
            verdict, switched, self.wish.dry_run, draft.at_first, named=bool(self.settings.models.learned)
        )
        self._track(draft, switched, sentence)
        seconds = time.monotonic() - started
        return Outcome(task, self.deciding(task), verdict, switched, seconds, sentence, draft.calibrated)

    # --- weights -----------------------------------------------------------------------------------------------------

    def _extended(self, task: Task) -> Loaded:
        """The shipped model anew, with room for the new names: a training changes the weights it is given."""
        found = load(self.base)
        extend(found, task.skills, self.wish.effort.seed)
        return found

    def _split_steps(self) -> tuple[Effort, Effort]:
        effort = self.wish.effort
        first = max(1, round(effort.steps * FIRST))
        return replace(effort, steps=first), replace(effort, steps=max(1, effort.steps - first), seed=effort.seed + 1)

    def _steps(self, before: int) -> Callable[[int], None]:
        return lambda done: self.wish.told("learning", before + done, self.wish.effort.steps)

    def _write(self, model: LlamaForCausalLM, target: Path, task: Task, surer: float = 0.0) -> None:
        names = [*self.plain.skills, *(skill.name for skill in task.skills)]
        write(model, self.plain, Known(names, sorted(self.deciding(task)), surer), target)

    def deciding(self, task: Task) -> frozenset[str]:
        """The skills that what is learned decides about: a new one that nothing is measured by is not among them."""
        blind = {skill.name for skill in task.skills if not growing.is_measurable(skill, self.own)}
        return task.taught - (blind - {case.skill for case in task.corrections})

    # --- measuring ---------------------------------------------------------------------------------------------------

    def _judged(self, task: Task, trial: Trial, half: LlamaForCausalLM, final: LlamaForCausalLM) -> Draft:
        """The draft that was chosen, with the verdict on it."""

        def made(surer: float) -> tuple[Path, Path]:
            files = self.work / f"after-{surer:g}.gguf", self.work / f"half-{surer:g}.gguf"
            for model, file in zip((final, half), files, strict=True):
                self._write(model, file, task, surer)
            return files

        return trial.chosen(made, self.tracking.note)

    def _trial(self, task: Task, held: Sequence[Case]) -> Trial:
        """Measure what is in use; of what is new, as if nothing of it had been learned."""
        new = asked_about(task, held, self.own)
        mine = {held_out(name): [case for case in held if case.skill == name] for name in new}
        by_name, near = self.house.by_name, sorted(self.deciding(task) & self.house.by_name.keys())
        own = f"your {self.wish.measure.name}" if self.wish.measure else ""
        common: dict[str, str | Sequence[Case]] = {
            CORRECTED: task.corrections,
            **({own: self.own} if own else {}),
            "must-pass": self._to_judge(self.wish.sets.must_pass, task),
            TALK: talk_for([by_name[name] for name in near]).cases,
            QUICK: self._to_judge(self.wish.sets.quick, task),
        }
        # What nobody has an example of today is what is held out: only so is before to after as today is to tomorrow.
        less, every = self._house_without(task), {**mine, **common}
        bench = self._bench("measuring what is in use", every)
        before = dict(bench.answers(self.settings.models.learned, "before", common))
        done = sum(map(len, before.values()))
        before |= replace(bench, skills=less).answers(models.NOTHING_LEARNED, "before", mine, done)
        bench = self._bench("measuring what was learned", every)
        return Trial(bench, replace(bench, skills=less), common, mine, before, own, new, near)

    def _to_judge(self, of: str, task: Task) -> str | Sequence[Case]:
        """What of a set can be judged in this house: mostly the set as it is, by its name."""
        every = open_set(of).cases
        found = to_judge(every, task.skills)
        if len(found) == len(every):
            return of
        left_out = [case.text for case in every if case not in found]
        self.tracking.note(f"left out of {of}, for a new skill may be meant: {', '.join(left_out)}")
        return found

    def _bench(self, stage: str, sets: Mapping[str, str | Sequence[Case]]) -> Bench:
        total = sum(len(open_set(cases).cases) if isinstance(cases, str) else len(cases) for cases in sets.values())
        stamp = f"learn-{self.settings.now():%Y-%m-%d-%H%M%S}"
        told = self.wish.told
        return Bench(self.settings, stamp, self.work, told=lambda done: told(stage, min(done, total), total))

    def _house_without(self, task: Task) -> SkillSet:
        """The house as it would be without the examples that are held out."""
        new = {skill.name for skill in task.skills}
        seed = self.wish.effort.seed
        skills = (growing.without_held(one, seed) if one.name in new else one for one in self.house.skills)
        return replace(self.house, skills=tuple(skills))

    # --- the end -----------------------------------------------------------------------------------------------------

    def _adopt(self, task: Task, draft: Path) -> None:
        digest = models.checksum(self.settings, draft)
        step = learned.Step(
            file=f"skill-{digest[:12]}.gguf",
            sha256=digest,
            at=learned.now(self.settings),
            skills={name: known for name, known in task.skill_hashes.items() if name in self.deciding(task)},
            corrections=task.corrections_hash,
            rows=task.rows_hash,
            rows_from=[str(path) for path in self.wish.rows],
        )
        learned.adopt(self.settings, self.base_sha256, draft, step)
        self.tracking.artefact(learned.folder(self.settings) / step.file, copy=False)

    def _tell_rows(self, task: Task, without: growing.Rows, whole: growing.Rows) -> None:
        names = ", ".join(skill.name for skill in task.skills)
        self.tracking.note(
            f"learning {names or 'no new skill'} and {so_many(len(task.corrections), 'corrected turn')}: "
            f"{so_many(len(whole.own), 'row')} of their own ({len(without.own):,} with "
            f"{so_many(len(without.held), 'phrasing')} held out), {len(whole.replay):,} replay"
        )

    def _track(self, draft: Draft, switched: bool, sentence: str) -> None:
        self.tracking.metrics(draft.calibrated.tracked())
        for pair in draft.verdict.pairs:
            before, after = pair.right
            name = slug(pair.name)
            self.tracking.metrics({f"{name}.before": before / pair.n, f"{name}.after": after / pair.n})
        self.tracking.metric("switched", float(switched))
        self.tracking.note(TAKEN if switched else sentence)


def learn(settings: Settings, wish: Wish) -> Outcome | None:
    """Learn what there is to learn, and take it into use where it is better and harms nothing.

    Returns:
        None where there is no new skill, no correction and no reviewed row.
    Raises:
        ConfigError: the settings name a skill model of the household's own; or what was learned, and it is no dry run.
        SkillError: another process learns at this moment, or a skill has too few examples to measure by.
        UsageError: a folder of rows was not reviewed, or `measure` is no file of cases.
        MissingPiece: no skill model ships with this copy.
        OSError: the disk refuses; all stays as it was.
    """
    if settings.models.skill:
        raise ConfigError(
            "models.skill names a model of your own, and only the one that ships can learn; "
            "go back to it with hark models use shipped --as skill"
        )
    if settings.models.learned and not wish.dry_run:
        raise ConfigError("models.learned says what was learned, so nothing new would be used; remove that setting")
    with _alone(settings), _workplace(settings) as work:
        step = models.learned_step(settings)
        wish = replace(wish, rows=with_known(wish.rows, step))
        asking = Session(settings, wish, Tracked(None, None), work)
        task = asking.task()
        if task.is_learned(step, asking.deciding(task)):
            return None
        check_measurable(task, asking.own, wish.effort.seed)
        inputs = inputs_of(task, asking.house, wish.rows, settings)
        inputs |= {"measure": wish.measure} if wish.measure else {}
        with tracked(settings, kind="learn", name="learn", inputs=inputs) as asking.tracking:
            return asking.run(task)


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    try:
        with learned.locked(settings):
            yield
    except BlockingIOError:
        raise SkillError("another hark learn is at work; wait until it has finished") from None


@contextlib.contextmanager
def _workplace(settings: Settings) -> Iterator[Path]:
    """An empty folder beside the learned models, so that taking one into use is a rename; gone at the end.

    One that a killed session left is emptied.
    """
    folder = learned.folder(settings) / "work"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
