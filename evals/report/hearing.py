"""The sections on sound and on time: what hearing costs, and how long each stage takes."""

from __future__ import annotations

from collections import defaultdict

from evals.report import charts, tallies
from evals.report.charts import percent
from evals.report.figures import Seen, as_share, cells, spread
from evals.report.page import Drawn, Section, Table
from evals.report.text import KIND_WORDS

SHOWN_PERCENTILES = (0.05, 0.5, 0.95, 1.0)


def sound(seen: Seen) -> Section | None:
    """What hearing costs: each kind's share right, each condition's, and the word error; None for a run of words."""
    heard = {kind: one for kind, one in seen.score["kinds"].items() if kind != "text"}
    if not heard:
        return None
    rows, table, sentences = [], [], []
    for kind, one in seen.score["kinds"].items():
        rows.append(charts.Bar(KIND_WORDS[kind], as_share(one["right"]), strong=True))
        noises = {name: cut for name, cut in one["by"]["condition"].items() if "," not in name}
        rows += [charts.Bar(name, as_share(cut["right"])) for name, cut in noises.items()]
        error = one["word_error"]
        said = "–" if error is None else f"{percent(error['value'])} ({spread(error)})"
        table.append((KIND_WORDS[kind], *cells(as_share(one["right"])), said))
    for kind, lost in seen.score["loss"].items():
        difference = lost["difference"]
        if difference is not None and difference["low"] is not None:
            sentences.append(
                f"Of {lost['n']:,} sentences that were decided both ways, {percent(lost['text']['value'])} are right "
                f"from their words and {percent(lost['heard']['value'])} from {KIND_WORDS[kind]}: "
                f"{100 * difference['value']:+.1f} points ({100 * difference['low']:+.1f} to "
                f"{100 * difference['high']:+.1f})."
            )
    chart = charts.bars(rows, "Share right by how the words came", "; ".join(f"{r.label}: {r.share}" for r in rows))
    head = ("", "right", "95% interval", "n", "word error")
    return Section("sound", "From words to sound", " ".join(sentences), [Drawn(chart, table=Table(head, table))])


def times(seen: Seen) -> list[Drawn]:
    """How long each stage took, in one drawing; none where nothing was timed."""
    stages: dict[str, list[float]] = defaultdict(list)
    for one in seen.evidence:
        for stage, ms in one.ms.items():
            stages[stage].append(ms)
        if len(one.ms) > 1:
            stages["together"].append(sum(one.ms.values()))
    stages = {stage: sorted(ms for ms in mine if ms > 0) for stage, mine in stages.items()}
    stages = {stage: mine for stage, mine in stages.items() if mine}
    if not stages:
        return []
    rows = [
        (stage, *(tallies.milliseconds(tallies.percentile(mine, at)) for at in SHOWN_PERCENTILES), f"{len(mine):,}")
        for stage, mine in stages.items()
    ]
    table = Table(("stage", "5th percentile", "median", "95th percentile", "longest", "n"), rows)
    about = "; ".join(f"{row[0]}: median {row[2]}, 95th percentile {row[3]}" for row in rows)
    chart = tallies.latency(stages, "Time by stage", about)
    return [Drawn(chart, "How long it takes", "Each bar counts cases; the axis is logarithmic.", table)]
