"""Run a set: every case through exactly what answers people, its evidence written before anything is counted.

A case with words is decided from them. One with a recording is heard as well, and one tagged `voice:en+f3` is spoken
by that espeak-ng voice (tag `snr:10`: under noise, 10 dB below it) and heard, so that each clip stands beside its own
words. Taught phrases are left out: they would answer cases by heart.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from assistant import models
from assistant.assemble import open_skills, open_transcriber
from assistant.audio import Audio, AudioError, read_audio
from assistant.commands.frame import UsageError
from assistant.config import Settings
from assistant.core import Decides, Transcribes
from assistant.decide import Decider
from assistant.process import WorkerFailed
from assistant.prompt import plain, prompt_hash
from assistant.readers import Unreadable, read_arguments
from assistant.registry import SkillSet
from assistant.skill import ConfigError
from assistant.turn import Decision, Transcript, args_to_json
from evals import runs
from evals.cases import Case
from evals.machine import kept_settings
from evals.runs import Evidence, Inputs, Recorder, Run
from evals.scoring import headline, score
from evals.sets import EvalSet, hold_skills, open_set
from evals.spoken import spoken
from evals.track import tracked

CLOCK = dt.datetime(2026, 3, 2, 10, 0)
"""The wall clock of every run, a Monday morning: "tomorrow" is the same day whenever a run is made."""
QUIETEST, LOUDEST = -100, 60
"""Noise under spoken cases, in dB over the speech."""
WARM_UP = "what time is it"
MADE_BY = "made_by"
"""In a variant: the command that brings a decider of its own, so that nothing else can repeat or resume its runs."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run, and how."""

    set: str = ""
    """A set's name, or the path of its file; "" for that of the run that is resumed."""
    data: Path | None = None
    """The folder of a public set."""
    limit: int | None = None
    """So many cases, taken evenly over the set; None for all."""
    noise: tuple[float, ...] = ()
    """dB of speech over noise that every spoken case is heard at, instead of what its tags say."""
    voices: tuple[str, ...] = ()
    """espeak-ng voices that speak every case without a recording, instead of the one that its tags name."""
    name: str = ""
    resume: str = ""
    """The run to go on with."""
    seed: int = 0
    variant: Mapping[str, Any] = field(default_factory=dict)
    """How it is decided otherwise than the household does (evals.variants); {} for as it does."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Who decides and hears; None for the household's own, started when they are needed."""

    decider: Decides | None = None
    transcriber: Transcribes | None = None


HOUSEHOLD = Parts()


@dataclass(frozen=True, slots=True)
class House:
    """What a decision is made with, beside the models."""

    settings: Settings
    skills: SkillSet
    now: dt.datetime
    seed: int
    folder: Path
    """Where the set's recordings are looked for."""
    variant: Mapping[str, Any]
    """As in the order."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A run whose folder is there, and what of it is left to do."""

    recorder: Recorder
    house: House
    items: Sequence[Evidence]

    @property
    def run(self) -> Run:
        """The run as it stands."""
        return self.recorder.run


def prepare(settings: Settings, order: Order) -> Prepared:
    """Open the set, and make the run's folder or take up the one that is resumed.

    Raises:
        UsageError: there is no such set or run, or the run cannot be continued.
        ConfigError, MissingPiece: there is no such voice, or scipy is not installed.
    """
    before = runs.load(order.resume, settings) if order.resume else None
    if before is not None:
        order = _as_before(order, before.meta)
    inputs, house, items = planned(settings, order)
    for voice in order.voices:  # now, and not after all cases that were decided from their words
        spoken("hello", voice)
    recorder = runs.resume(before, inputs) if before is not None else runs.start(settings, inputs, order.name)
    return Prepared(recorder, house, items)


def planned(settings: Settings, order: Order) -> tuple[Inputs, House, Sequence[Evidence]]:
    """What a run of this order would be; nothing is made yet. Raises UsageError: there is no such set, or no case."""
    if not order.set:
        raise UsageError("name a set to run: must-pass, quick, or a file of cases")
    found, skills = open_set(order.set, order.data), open_skills(settings)
    hold_skills(found, order.set, [skill.name for skill in skills.skills])
    items = items_of(_limited(found.cases, order.limit), order.noise, order.voices)
    if not items:
        raise UsageError(f"there is no case in {order.set}")
    if order.noise and all(item.kind != "voice" for item in items):
        raise UsageError(f"no case of {order.set} is spoken, so there is nothing to put noise under; say --voice en-us")
    inputs = _inputs(settings, order, skills, (found, len(items)))
    now = CLOCK.replace(tzinfo=settings.now().tzinfo)
    house = House(settings, skills, now, order.seed, found.folder, order.variant)
    return inputs, house, items


def measure(prepared: Prepared, told: Callable[[int], None] | None = None, parts: Parts = HOUSEHOLD) -> Run:
    """Do what is left of a run, and score it.

    Args:
        told: is told after each case how many lines of evidence there are.
    Raises:
        ConfigError, MissingPiece, OSError: a part could not be had; the evidence until then is kept.
    """
    recorder, meta = prepared.recorder, prepared.run.meta
    inputs = {key: meta[key] for key in ("set", "set_sha256", "n", "prompt_hash", "skills_hash", "seed", "options")}
    with tracked(
        prepared.house.settings,
        kind="eval",
        name=prepared.run.name,
        inputs={"run": prepared.run.name, "run_started": meta["started"], **inputs},
    ) as tracking:
        with recorder:
            done = Counter(one.key for one in recorder.run.evidence())
            for evidence in _work(prepared.house, _left(prepared.items, done), parts):
                recorder.add(evidence)
                if told is not None:
                    told(recorder.done)
        tracking.metrics(headline(score(recorder.run)))
        tracking.artefact(recorder.run.folder / runs.SCORE)
        tracking.artefact(recorder.run.folder / runs.EVIDENCE, copy=False)
    return recorder.run


def run_set(settings: Settings, order: Order, parts: Parts = HOUSEHOLD) -> Run:
    """Run a set, or the rest of a run, and score it. Raises as `prepare` and `measure` do."""
    return measure(prepare(settings, order), parts=parts)


def order_of(meta: Mapping[str, Any]) -> Order:
    """What was asked for when a run was made, by its run.json."""
    options = meta.get("options") or {}
    data = options.get("data")
    return Order(
        set=str(options.get("from") or meta.get("set", "")),
        data=Path(data) if data else None,
        limit=options.get("limit"),
        noise=tuple(options.get("noise") or ()),
        voices=tuple(options.get("voices") or ()),
        seed=int(meta.get("seed") or 0),
        variant=options.get("variant") or {},
    )


def _as_before(order: Order, meta: Mapping[str, Any]) -> Order:
    """What was not said this time is as it was said for the run that is resumed."""
    said = {
        item.name: value for item in fields(order) if (value := getattr(order, item.name)) not in ("", None, (), 0, {})
    }
    return replace(order_of(meta), **said)


def _inputs(settings: Settings, order: Order, skills: SkillSet, found: tuple[EvalSet, int]) -> Inputs:
    known, count = found
    given = str(Path(order.set).absolute()) if Path(order.set).is_file() else order.set
    data = str(order.data.absolute()) if order.data else None
    kinds = {skill.name: {argument.name: argument.kind for argument in skill.arguments} for skill in skills.skills}
    return Inputs(
        set=known.name,
        set_sha256=known.sha256,
        n=count,
        models=models.checksums(settings),
        prompt_hash=prompt_hash(skills.skills),
        skills_hash=skills.hash,
        seed=order.seed,
        options={
            "from": given, "data": data, "limit": order.limit, "noise": list(order.noise), "clock": CLOCK.isoformat(),
            **({"voices": list(order.voices)} if order.voices else {}),
            **({"variant": dict(order.variant)} if order.variant else {}),
        },
        settings=kept_settings(settings),
        arguments={name: known for name, known in kinds.items() if known},
    )  # fmt: skip


def _limited(cases: Sequence[Case], limit: int | None) -> Sequence[Case]:
    """So many of them, evenly over the whole set, in its order."""
    if limit is None or limit >= len(cases):
        return cases
    return [cases[at * len(cases) // limit] for at in range(limit)]


# --- what is to be done ----------------------------------------------------------------------------------------------


def items_of(cases: Sequence[Case], noise: Sequence[float] = (), voices: Sequence[str] = ()) -> list[Evidence]:
    """Everything a set asks for, as evidence that has yet to be filled in: first the words, then what is heard.

    The words of a sentence that several clips say are decided once.

    Args:
        noise, voices: as of an `Order`.
    """
    spoken = [(case, _speakers(case, voices)) for case in cases]
    heard = [(case, speakers) for case, speakers in spoken if case.sound or speakers]
    found = [
        Evidence(case) for case, speakers in spoken if case.text and case.skill and not case.sound and not speakers
    ]
    decided = {item.sentence for item in found}
    clips: list[Evidence] = []
    for case, speakers in heard:
        words = Evidence(case)
        if case.text and case.skill and words.sentence not in decided:
            found.append(words)
            decided.add(words.sentence)
        if case.sound:
            clips.append(Evidence(case, kind="sound"))
        levels: Sequence[float | None] = noise or [_snr_db(case)]
        pairs = itertools.product(speakers, levels)
        clips += [Evidence(case, kind="voice", voice=voice, snr_db=level) for voice, level in pairs]
    return [*found, *clips]


def _speakers(case: Case, voices: Sequence[str]) -> Sequence[str]:
    """Who is to speak it: these voices, or those of its tags; nobody where it has a recording or no words."""
    if case.sound or not case.text:
        return ()
    return voices or [tag.removeprefix("voice:") for tag in case.tags if tag.startswith("voice:")]


def _snr_db(case: Case) -> float | None:
    """How loud the noise is that its tag asks for. Raises UsageError."""
    said = next((tag.removeprefix("snr:") for tag in case.tags if tag.startswith("snr:")), "")
    try:
        return checked_level(float(said)) if said else None
    except ValueError:
        raise UsageError(f"the tag snr:{said} of {case.text!r} is no number of dB") from None


def checked_level(snr_db: float) -> float:
    """Raises UsageError for what no noise is made of."""
    if not QUIETEST <= -snr_db <= LOUDEST:  # nor is what is not a number
        raise UsageError(f"{snr_db:g} dB over noise is no level; write one from {-LOUDEST} to {-QUIETEST}")
    return snr_db


def _left(items: Sequence[Evidence], done: Counter[tuple[object, ...]]) -> Iterator[Evidence]:
    for item in items:
        if done[item.key]:
            done[item.key] -= 1
        else:
            yield item


# --- doing it --------------------------------------------------------------------------------------------------------


def _work(house: House, items: Iterator[Evidence], parts: Parts) -> Iterator[Evidence]:
    """The evidence of each item; the models start with the first, and the listening one with the first clip."""
    first = next(items, None)
    if first is None:
        return
    with contextlib.ExitStack() as stack:
        decider = parts.decider or stack.enter_context(_deciding(house))
        with contextlib.suppress(WorkerFailed):  # so that the first case's time is not that of starting the model
            decider.decide(Transcript(text=WARM_UP), now=house.now)
        transcriber = parts.transcriber
        for item in itertools.chain((first,), items):
            if item.kind != "text":
                transcriber = transcriber or open_transcriber(house.settings)
            yield _filled(house, item, decider, transcriber)


def _deciding(house: House) -> contextlib.AbstractContextManager[Decides]:
    """Who decides: the household's own way, or a weaker one. Raises UsageError: nobody who is known here."""
    if made_by := house.variant.get(MADE_BY):
        raise UsageError(f"such a run is made by {made_by} alone; use that command")
    if not house.variant:
        return Decider(house.skills, house.settings)
    from evals.variants import Variant, opened

    return opened(Variant(name="variant", **house.variant), house.settings, house.skills)


def _filled(house: House, item: Evidence, decider: Decides, transcriber: Transcribes | None) -> Evidence:
    """One case's evidence; what stops it alone becomes its `failed`."""
    item = replace(item, expected=tuple(_expected(house, item.case)))
    transcript = Transcript(text=item.case.text, language=house.settings.household.language)
    try:
        if item.kind != "text" and transcriber is not None:
            audio = _sound_of(house, item)
            started = time.perf_counter()
            heard = transcriber.transcribe(audio)
            ms = {"transcribe": (time.perf_counter() - started) * 1000}
            item = replace(item, heard=heard.text, ms=ms)
            transcript = Transcript(
                text=heard.text, language=heard.language, confidence=heard.confidence, seconds=heard.seconds
            )
        return _decided(house, item, decider, transcript) if item.case.skill else item
    except (AudioError, WorkerFailed, RuntimeError, ConfigError) as fault:
        return replace(item, failed=str(fault) or type(fault).__name__)


def _sound_of(house: House, item: Evidence) -> Audio:
    if item.kind == "sound":
        return read_audio(house.folder / item.case.sound)
    return spoken(item.case.text, item.voice, item.snr_db, house.seed)


def _decided(house: House, item: Evidence, decider: Decides, transcript: Transcript) -> Evidence:
    decision = Decision(skill="none", tier="decline", confidence=1.0)
    if plain(transcript.text):
        decision = decider.decide(transcript, now=house.now)
    unknown = all(call["skill"] not in house.skills.by_name for call in item.expected)
    return replace(
        item,
        skill=decision.skill,
        words=decision.words,
        args=decision.args,
        confidence=decision.confidence,
        tier=decision.tier,
        runner_ups=tuple(one.model_dump() for one in decision.runner_ups),
        ms={**item.ms, "decide": decision.ms},
        failed=f"there is no skill {item.case.skill} in this house" if unknown else "",
    )


def _expected(house: House, case: Case) -> Iterator[dict[str, Any]]:
    """The acceptable calls with the values that their words have by the readers that answer people."""
    for name, words in case.acceptable:
        call: dict[str, Any] = {"skill": name, "words": dict(words), "args": {}}
        skill = house.skills.by_name.get(name)
        if skill is not None:
            with contextlib.suppress(Unreadable):
                values = read_arguments(skill, words, now=house.now, household=house.settings.household)
                call["args"] = args_to_json(values)
        yield call
