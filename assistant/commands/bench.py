"""`hark bench`: this board's own figures, with the stock path beside ours in the same run."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant.commands.frame import claim_output, frame, progress
from assistant.config import Settings

PARTS = ("deciding", "stock", "growing", "larger", "starting", "hearing", "idle")
LISTEN = "listen"
"""Takes many minutes, because people speak in real time; so it is measured only when it is asked for."""
IDLE_S = 30.0
SAMPLES = Path(__file__).parents[2] / "samples"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure, as it is printed and as it goes into JSON."""

    name: str
    sentence: str
    values: dict[str, Any]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(bench)


def bench(
    context: typer.Context,
    part: Annotated[str, typer.Argument(help='"listen" measures the always-on loop, in real time.')] = "",
    only: Annotated[list[str] | None, typer.Option(help=f"Parts to run: {', '.join(PARTS)}; all by default.")] = None,
    count: Annotated[int, typer.Option(help="Sentences per figure.", min=10, max=5000)] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Measure this board: text to call, against the stock way, with many skills, from cold, from sound."""
    if part not in ("", LISTEN):
        raise typer.BadParameter(f'there is nothing called {part} to measure; write "hark bench {LISTEN}"')
    chosen = (LISTEN,) if part else tuple(only or PARTS)
    unknown = [part for part in chosen if part not in _MEASURES]
    if unknown:
        raise typer.BadParameter(f"there is no part {unknown[0]}; choose from {', '.join(PARTS)}")
    output = claim_output()
    settings = frame(context).settings
    found: dict[str, Any] = {}
    with progress("measuring", len(chosen)) as done:
        for at, part in enumerate(chosen):
            for line in _MEASURES[part](settings, count):
                found[line.name] = line.values
                if not as_json:
                    output.write(line.sentence + "\n")
                    output.flush()
            done(at + 1)
    if as_json:
        output.write(json.dumps(found) + "\n")


def _deciding(settings: Settings, count: int) -> Iterator[Line]:
    from assistant import benchmark
    from assistant.assemble import open_skills

    skills = open_skills(settings)
    times = benchmark.deciding(skills, settings, benchmark.sentences(skills, count))
    yield Line(
        "deciding",
        f"text to call, {len(skills.skills)} skills: median {times.median:.1f} ms, 95 % within {times.p95:.1f} ms "
        f"(n={len(times.ms)}; aim: 20 and 40)",
        {"median_ms": times.median, "p95_ms": times.p95, "n": len(times.ms)},
    )


def _stock(settings: Settings, count: int) -> Iterator[Line]:
    from assistant import beside, models
    from assistant.assemble import open_skills
    from assistant.worker import WorkerFailed

    path = models.skill_model(settings)
    what = f"the skill model ({path.stat().st_size / 1e6:.1f} MB)"
    try:
        yield _ratio("stock", what, beside.shipped(path, open_skills(settings), settings, max(10, count // 5)))
    except WorkerFailed as error:
        yield Line("stock", f"{what}: {error}", {"failed": str(error)})


def _ratio(name: str, what: str, found: Any) -> Line:
    from statistics import median

    stock, ours = median(cost.ms for cost in found.stock), median(cost.ms for cost in found.ours)
    low, high = found.interval
    values = {"stock_ms": stock, "ours_ms": ours, "ratio": found.ratio, "low": low, "high": high, "n": len(found.ours)}
    read = ""
    if any(cost.passes for cost in found.ours):
        for way, costs in (("stock", found.stock), ("ours", found.ours)):
            for field in ("tokens", "passes", "processor_ms"):
                values[f"{way}_{field}"] = median(getattr(cost, field) for cost in costs)
        read = (
            "; {stock_tokens:g} tokens in {stock_passes:g} passes against {ours_tokens:g} in {ours_passes:g}, "
            "{stock_processor_ms:.0f} against {ours_processor_ms:.0f} ms of the processor"
        ).format(**values)
    return Line(
        name,
        f"{what}, the same calls: stock way median {stock:.0f} ms, ours {ours:.1f} ms, {found.ratio:.1f} times faster "
        f"({low:.1f} to {high:.1f}, n={len(found.ours)}; aim: 5){read}",
        values,
    )


def _growing(settings: Settings, count: int) -> Iterator[Line]:
    from assistant import benchmark
    from assistant.assemble import open_skills

    skills = open_skills(settings)
    texts = benchmark.sentences(benchmark.crowd(skills, 30), count)
    few, many = benchmark.growing(skills, settings, texts, (30, 300))
    growth = many.median / few.median - 1
    yield Line(
        "growing",
        f"30 skills: median {few.median:.1f} ms; 300 skills: {many.median:.1f} ms, {growth:+.0%} "
        f"(n={len(texts)}; aim: at most +33 %)",
        {"few_ms": few.median, "many_ms": many.median, "growth": growth, "n": len(texts)},
    )


def _larger(settings: Settings, count: int) -> Iterator[Line]:
    from assistant import benchmark, beside, models
    from assistant.assemble import open_skills
    from assistant.worker import WorkerFailed

    skills, n = open_skills(settings), max(10, count // 10)
    own = models.larger_model(settings)
    with tempfile.TemporaryDirectory(prefix="hark-bench-") as folder:
        for tokens in benchmark.LARGE if own is None else (0,):
            path = own or benchmark.large_model(Path(folder), models.skill_model(settings), tokens)
            what = path.name if own else f"0.28 billion random weights, vocabulary of {tokens:,}"
            name, what = f"larger {tokens or path.name}", f"{what}, {len(skills.skills)} skills"
            try:
                alone, shown = beside.larger(path, skills, settings, n)
            except WorkerFailed as error:
                yield Line(name, f"{what}: {error}", {"failed": str(error)})
                continue
            yield _ratio(name, what, alone)
            yield _ratio(f"{name} shown", f"{what}, and five examples like the sentence in both prompts", shown)


def _starting(_: Settings, count: int) -> Iterator[Line]:
    from assistant import benchmark

    times = benchmark.starting(["what time is it"] * max(3, min(5, count // 40)))
    yield Line(
        "starting",
        f"`hark ask`, start to answer: median {times.median / 1000:.2f} s, slowest {max(times.ms) / 1000:.2f} s "
        f"(n={len(times.ms)}; aim: 2.5)",
        {"median_ms": times.median, "slowest_ms": max(times.ms), "n": len(times.ms)},
    )


def _hearing(settings: Settings, count: int) -> Iterator[Line]:
    from assistant import benchmark
    from assistant.assemble import open_skills, open_transcriber
    from assistant.decide import Decider
    from assistant.turn import Transcript

    clips = sorted(SAMPLES.glob("*.wav"))
    if not clips:
        yield Line("hearing", f"no recordings in {SAMPLES}: sound to text was not measured", {"n": 0})
        return
    with Decider(open_skills(settings), settings) as decider:
        decider.decide(Transcript(text="what time is it"), now=settings.now())
        transcriber = open_transcriber(settings)
        list(benchmark.hearing(transcriber, clips[:1]))
        rows = [row for _ in range(max(1, count // 20)) for row in benchmark.hearing(transcriber, clips)]
        memory = benchmark.resident_mb()
    times = benchmark.Times(tuple(ms for _, _, ms in rows))
    length = sum(seconds for _, seconds, _ in rows) / len(rows)
    yield Line(
        "hearing",
        f"sound to text: median {times.median:.0f} ms, 95 % within {times.p95:.0f} ms, for clips of {length:.1f} s "
        f"(n={len(rows)})",
        {"median_ms": times.median, "p95_ms": times.p95, "clip_s": length, "n": len(rows)},
    )
    yield Line(
        "memory",
        f"memory of a running assistant, both models loaded, all its processes: {memory:.0f} MB (aim: 600)",
        {"mb": memory},
    )


def _listening(settings: Settings, count: int) -> Iterator[Line]:
    from assistant import benchmark
    from assistant.assemble import Wanted, assemble, open_skills
    from assistant.ears import measure

    yield from _idle(settings, count)
    texts = benchmark.sentences(open_skills(settings), count)
    samples, utterances = measure.recording(texts)
    for early in (True, False):
        # Nothing is done, but the diary's file is opened: so it is another one than the household's.
        with tempfile.TemporaryDirectory(prefix="hark-bench-") as folder:
            # Every utterance is meant, as after a wake word; none stands in the recording, so that all of it is heard.
            meant = {"unasked_sure": 0.0, "unasked_heard": 0.0, "amid_talk_sure": 0.0}
            listen = settings.listen.model_copy(update={"wake_word": "none", "early": early, **meant})
            paths = settings.paths.model_copy(update={"data": Path(folder)})
            changed = settings.model_copy(update={"listen": listen, "paths": paths})
            with assemble(changed, Wanted(hears=True, apart=True)) as assistant:
                assistant.consider(measure.opening(samples))
                if early:
                    yield _endpoints(measure.delays(assistant, samples, utterances, lockstep=True), len(utterances))
                    slow, spoken = measure.recording(texts, pause_ms=measure.LONG_PAUSE_MS)
                    paused = sum(one.pause_ms > 0 for one in spoken)
                    yield _endpoints(measure.delays(assistant, slow, spoken, lockstep=True), paused, "long pauses")
                yield _delays(early, measure.delays(assistant, samples, utterances), len(utterances))
    if settings.listen.wake_word in measure.WAKE_WORD:
        yield _wakings(
            settings.listen.wake_word, measure.wakings(settings, benchmark.sentences(open_skills(settings), 400))
        )


def _idle(settings: Settings, _count: int) -> Iterator[Line]:
    from assistant.assemble import Wanted, assemble
    from assistant.ears import measure

    with tempfile.TemporaryDirectory(prefix="hark-bench-") as folder:
        paths = settings.paths.model_copy(update={"data": Path(folder)})
        with assemble(settings.model_copy(update={"paths": paths}), Wanted(hears=True, apart=True)) as assistant:
            share = measure.idle_share(assistant, IDLE_S)
    word = settings.listen.wake_word
    yield Line(
        "idle",
        f"listening in a quiet room, wake word {word}, all processes: {share:.1%} of one core in {IDLE_S:.0f} s "
        "(aim: 15 %)",
        {"wake_word": word, "share": share, "seconds": IDLE_S},
    )


def _endpoints(found: Any, n: int, how: str = "") -> Line:
    """`n`: utterances that may be cut short."""
    from assistant.benchmark import Times
    from assistant.ears.measure import LONG_PAUSE_MS

    ends = Times(found.endpoint_ms or (0.0,))
    inside = f", pauses of {LONG_PAUSE_MS[0]} to {LONG_PAUSE_MS[1]} ms inside" if how else ""
    return Line(
        f"endpoint {how}".strip(),
        f"waiting for the end alone, if thinking took no time{inside}: median {ends.median:.0f} ms, 95 % within "
        f"{ends.p95:.0f} ms (n={len(found.endpoint_ms)}); {found.cut_short} of {n} cut short (aim: 0)",
        {"median_ms": ends.median, "p95_ms": ends.p95, "cut_short": found.cut_short, "n": n},
    )


def _delays(early: bool, found: Any, n: int) -> Line:
    from assistant.benchmark import Times

    how = "with early work" if early else "without early work"
    values = {"n": n, "cut_short": found.cut_short, "unheard": found.unheard}
    if not found.started_ms:
        return Line(f"listening {how}", f"{how}: none of {n} utterances led to a call", values)
    times, ends = Times(found.started_ms), Times(found.endpoint_ms)
    return Line(
        f"listening {how}",
        f"last sound to the start of the skill, {how}: median {times.median:.0f} ms, 95 % within {times.p95:.0f} ms "
        f"(n={len(times.ms)}; aim: 450 and 900); the end was seen after {ends.median:.0f} ms; "
        f"{found.cut_short} of {n} cut short (aim: 0), {found.unheard} led to no call",
        {**values, "median_ms": times.median, "p95_ms": times.p95, "endpoint_median_ms": ends.median},
    )


def _wakings(word: str, found: Any) -> Line:
    hours = found.other_s / 3600
    return Line(
        "wake word",
        f"{word}, synthetic voices at 15 dB: {found.missed} of {found.said} missed; {found.false} false wakes in "
        f"{hours:.2f} hours of other speech (aim: 10 % and 0.5 an hour)",
        {"missed": found.missed, "said": found.said, "false": found.false, "hours": hours},
    )


_MEASURES = {
    LISTEN: _listening,
    "deciding": _deciding,
    "stock": _stock,
    "growing": _growing,
    "larger": _larger,
    "starting": _starting,
    "hearing": _hearing,
    "idle": _idle,
}
