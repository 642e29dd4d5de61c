"""The sections on sound and on time: what hearing costs, and how long each stage takes."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from assistant.commands.frame import so_many
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
        rows += [charts.Bar(name, as_share(cut["right"])) for name, cut in _noises(one["by"]["condition"])]
        error = one["word_error"]
        said = "–" if error is None else f"{percent(error['value'])} ({spread(error)})"
        table.append((KIND_WORDS[kind], *cells(as_share(one["right"])), said))
    for kind, lost in seen.score["loss"].items():
        difference = lost["difference"]
        if difference is not None and difference["low"] is not None:
            sentences.append(
                f"Of {so_many(lost['n'], 'clip')} decided both ways, {percent(lost['text']['value'])} are right "
                f"from their words and {percent(lost['heard']['value'])} from {KIND_WORDS[kind]}: "
                f"{100 * difference['value']:+.1f} points ({100 * difference['low']:+.1f} to "
                f"{100 * difference['high']:+.1f})."
            )
    chart = charts.bars(rows, "Share right by how the words came", "; ".join(f"{r.label}: {r.share}" for r in rows))
    head = ("", "right", "95% interval", "n", "word error")
    return Section("sound", "From words to sound", " ".join(sentences), [Drawn(chart, table=Table(head, table))])


def _noises(conditions: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The levels of noise over all voices, the quietest first."""
    levels = [(name, cut) for name, cut in conditions.items() if "," not in name]
    levels.sort(key=lambda pair: -math.inf if pair[0] == "quiet" else -float(pair[0].removesuffix(" dB")))
    return [("quiet" if name == "quiet" else f"noise, {name}", cut) for name, cut in levels]


def times(seen: Seen) -> list[Drawn]:
    """How long each stage took of what could be scored, a drawing for each kind; none where nothing was timed."""
    timed = [kind for kind, figures in seen.score["kinds"].items() if figures["ms"]]
    return [_times(seen, kind, "" if len(timed) == 1 else f", {KIND_WORDS[kind]}") for kind in timed]


def _times(seen: Seen, kind: str, over: str) -> Drawn:
    stages: dict[str, list[float]] = defaultdict(list)
    for one in seen.evidence:
        if one.kind != kind or one.failed:
            continue
        for stage, ms in one.ms.items():
            stages[stage].append(ms)
        if len(one.ms) > 1:
            stages["together"].append(sum(one.ms.values()))
    rows = [
        (
            stage,
            *(tallies.milliseconds(tallies.percentile(sorted(mine), at)) for at in SHOWN_PERCENTILES),
            f"{len(mine):,}",
        )
        for stage, mine in stages.items()
    ]
    table = Table(("stage", "5th percentile", "median", "95th percentile", "longest", "n"), rows)
    about = "; ".join(f"{row[0]}: median {row[2]}, 95th percentile {row[3]}" for row in rows)
    chart = tallies.latency(stages, f"Time by stage{over}", about)
    return Drawn(chart, f"How long it takes{over}", "Each bar counts cases; the axis is logarithmic.", table)
