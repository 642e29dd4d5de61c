"""Our way and the stock way beside each other: the same model file, sentences, skills, threads, and the same calls.

Both are steered to the call that is known to be right (`assistant.steering`), because what a model writes that was not
trained for it, and how long, is chance. They take turns sentence by sentence, each in a process of its own, so that
whatever else the machine does weighs on both.
"""

from __future__ import annotations

import dataclasses
import json
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.config import Settings
from assistant.decide import Decider, DecidingModels
from assistant.process import Process, Task
from assistant.prompt import larger_prefix, larger_suffix, plain, write_call
from assistant.registry import SkillSet, skills_hash
from assistant.skill import Call, Skill
from assistant.turn import Transcript
from assistant.worker import SMALL_BYTES, Job, Worker, Written

FIRST_S = 900.0
"""The first call reads the list of all skills, which takes a small board minutes."""
WARM_UP = 2
DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence and the call that both ways write."""

    text: str
    """As a model reads it."""
    call: Call


@dataclass(frozen=True, slots=True)
class Cost:
    """What one call cost."""

    ms: float
    tokens: int
    """Evaluated."""
    passes: int
    """Times that the weights were gone through."""
    processor_ms: float
    """Of the model's process, all its threads: what a busy machine does not stretch."""


@dataclass(frozen=True, slots=True)
class Beside:
    """What the same calls cost each way."""

    stock: tuple[Cost, ...]
    ours: tuple[Cost, ...]

    @property
    def ratio(self) -> float:
        """The stock way's median time over ours."""
        return statistics.median(c.ms for c in self.stock) / statistics.median(c.ms for c in self.ours)

    @property
    def interval(self) -> tuple[float, float]:
        """Of the ratio, 95 %: a percentile bootstrap over the sentences."""
        stock, ours = np.array([c.ms for c in self.stock]), np.array([c.ms for c in self.ours])
        drawn = np.random.default_rng(1).integers(0, len(stock), (DRAWS, len(stock)))
        ratios = np.median(stock[drawn], axis=1) / np.median(ours[drawn], axis=1)
        low, high = np.quantile(ratios, [0.025, 0.975])
        return float(low), float(high)


def held_back(skills: SkillSet, count: int) -> tuple[SkillSet, list[Case]]:
    """The last example of each skill as a sentence, and the skills without it: no guess is right by having seen it."""
    kept, cases = [], []
    for skill in skills.skills:
        *others, last = skill.examples
        if len(others) < 2:
            kept.append(skill)
            continue
        kept.append(dataclasses.replace(skill, examples=tuple(others)))
        words = {name: plain(said) for name, said in last.call.words.items()}
        cases.append(Case(plain(last.text), Call(skill.name, words)))
    return SkillSet((), tuple(kept), (), skills_hash(kept)), cases[:count]


def schema(skills: Sequence[Skill]) -> dict[str, object]:
    """The calls as a JSON schema: one object per skill, arguments as strings."""
    kinds = []
    for skill in skills:
        arguments = {a.name: {"enum": list(a.choices)} if a.choices else {"type": "string"} for a in skill.arguments}
        properties: dict[str, object] = {"skill": {"const": skill.name}, **arguments}
        required = ["skill", *(argument.name for argument in skill.arguments if argument.required)]
        kinds.append({"type": "object", "properties": properties, "required": required, "additionalProperties": False})
    return {"anyOf": kinds}


def as_json(call: Call, skill: Skill) -> str:
    """The call as the schema's grammar has it: required arguments first, no blanks, which is as short as it can be."""
    order = sorted(skill.arguments, key=lambda argument: not argument.required)
    words = {argument.name: call.words[argument.name] for argument in order if argument.name in call.words}
    return json.dumps({"skill": call.skill, **words}, separators=(",", ":"), ensure_ascii=False)


class StockWay:
    """The stock way's process. Raises WorkerFailed where it crashes or hangs."""

    def __init__(self, model: Path, skills: Sequence[Skill], threads: int) -> None:
        job = {"path": str(model), "schema": schema(skills), "threads": threads}
        self._process = Process(Task("stock", "the stock way", job))
        self._skills = {skill.name: skill for skill in skills}

    def write(self, case: Case, messages: Sequence[Mapping[str, str]]) -> Cost:
        """Have one call written. Raises RuntimeError where it is another."""
        wanted = as_json(case.call, self._skills[case.call.skill])
        started = time.perf_counter()
        answer = self._process.ask({"do": "write", "messages": list(messages), "toward": wanted}, FIRST_S)
        cost = _cost(answer, (time.perf_counter() - started) * 1000)
        if answer["text"] != wanted:
            raise RuntimeError(f"the stock way wrote {answer['text']} instead of {wanted}")
        return cost

    def start(self) -> None:
        """Wait until the model is loaded."""
        self._process.ask({"do": "notes"})

    def close(self) -> None:
        """End the process."""
        self._process.close()


class OurWay(Worker):
    """A larger model's process that writes the calls of the cases; `assistant.decide.Writes`."""

    def __init__(self, job: Job, cases: Sequence[Case]) -> None:
        super().__init__(job, room="steered")
        skills = {skill.name: skill for skill in job.skills}
        self._toward = {case.text: write_call(case.call, skills[case.call.skill], case.text) for case in cases}
        self.shown = True
        """The nearest examples stand in the prompt."""
        self.nearest: Sequence[tuple[str, str]] = ()
        """Those of the last prompt."""
        self.cost = Cost(0, 0, 0, 0)
        """Of the last call, without the time on the wall."""

    def write(
        self, plain_text: str, nearest: Sequence[tuple[str, str]] = (), drafts: Sequence[str] = ()
    ) -> tuple[Written, ...]:
        """As a Worker's."""
        self.nearest = nearest if self.shown else ()
        message = {"do": "write", "text": plain_text, "nearest": list(self.nearest), "drafts": list(drafts)}
        self._read_skills()
        answer = self.ask({**message, "toward": self._toward[plain_text]}, FIRST_S)
        if answer["written"][0]["call"] != self._toward[plain_text]:
            raise RuntimeError(f"our way wrote {answer['written'][0]['call']} instead of {self._toward[plain_text]}")
        self.cost = _cost(answer, 0.0)
        return tuple(Written(**one) for one in answer["written"])


def _cost(answer: Mapping[str, Any], ms: float) -> Cost:
    return Cost(ms, answer["tokens"], answer["passes"], answer["processor_ms"])


def larger(model: Path, skills: SkillSet, settings: Settings, count: int) -> tuple[Beside, Beside]:
    """A larger model, asked for every sentence: text to call, the way that `decide` goes, and the stock way.

    Returns:
        what it cost where both prompts hold the same list of skills and the same sentence; and where both hold the
        examples nearest to the sentence, too, as those of `decide` do.
    Raises:
        WorkerFailed: one of the ways crashed or hung.
        RuntimeError: one of the ways wrote another call than the right one.
    """
    skills, cases = held_back(skills, count)
    threads = settings.models.threads
    always = settings.model_copy(update={"decide": settings.decide.model_copy(update={"larger_threshold": 1.0})})
    ours = OurWay(Job(model, skills.skills, shipped=False, threads=threads), cases)
    stock = StockWay(model, skills.skills, threads)
    found: dict[bool, tuple[list[Cost], list[Cost]]] = {False: ([], []), True: ([], [])}
    prefix = larger_prefix(skills.skills)
    try:
        ours.notes()
        stock.start()
        with Decider(skills, always, parts=DecidingModels(None, ours)) as decider:
            for at, case in enumerate([*cases[:WARM_UP], *cases], -len(cases[:WARM_UP])):
                for ours.shown, costs in found.items():
                    pair = _ours(case, decider, ours, settings), _stocks(case, stock, prefix, ours)
                    if at >= 0:
                        costs[0].append(pair[0])
                        costs[1].append(pair[1])
    finally:
        stock.close()
        ours.close()
    alone, shown = (Beside(tuple(stocks), tuple(own)) for own, stocks in found.values())
    return alone, shown


def shipped(model: Path, skills: SkillSet, settings: Settings, count: int) -> Beside:
    """The skill model: text to call as `decide` has it, and the stock way, told of the skills by its grammar alone.

    Ours is not steered: it was trained for this. Sentences where it writes another call are left out.

    Raises:
        WorkerFailed: one of the ways crashed or hung.
        RuntimeError: the stock way wrote another call than the right one.
    """
    _, cases = held_back(skills, count)
    threads = 1 if model.stat().st_size < SMALL_BYTES else settings.models.threads
    stock = StockWay(model, skills.skills, threads)
    found: tuple[list[Cost], list[Cost]] = ([], [])
    try:
        stock.start()
        with Decider(skills, settings) as decider:
            for at, case in enumerate([*cases[:WARM_UP], *cases], -len(cases[:WARM_UP])):
                started = time.perf_counter()
                decision = decider.decide(Transcript(text=case.text), now=settings.now())
                ours = Cost((time.perf_counter() - started) * 1000, 0, 0, 0)
                theirs = stock.write(case, [{"role": "user", "content": case.text}])
                if at >= 0 and (decision.skill, decision.words) == (case.call.skill, case.call.words):
                    found[0].append(theirs)
                    found[1].append(ours)
    finally:
        stock.close()
    return Beside(tuple(found[0]), tuple(found[1]))


def _ours(case: Case, decider: Decider, ours: OurWay, settings: Settings) -> Cost:
    started = time.perf_counter()
    decider.decide(Transcript(text=case.text), now=settings.now())
    return dataclasses.replace(ours.cost, ms=(time.perf_counter() - started) * 1000)


def _stocks(case: Case, stock: StockWay, prefix: str, ours: OurWay) -> Cost:
    said = larger_suffix(case.text, ours.nearest) if ours.nearest else case.text
    return stock.write(case, [{"role": "system", "content": prefix}, {"role": "user", "content": said}])
