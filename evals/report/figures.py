"""The headline of a report, and its sections that count: skill by skill, and what is taken for what.

The figures are those of `evals.scoring`; only what it leaves to the eye (every single time) is taken from the evidence.
"""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evals.cases import FAMILIES, FAMILY_OF, family_of
from evals.intervals import Share
from evals.report import charts, tallies
from evals.report.charts import percent
from evals.report.page import Drawn, Section, Table, Tile
from evals.report.text import interval
from evals.runs import Evidence, Run
from evals.scoring import KINDS, score_evidence

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """A run, its evidence, and the figures of that evidence."""

    run: Run
    evidence: Sequence[Evidence]

    @functools.cached_property
    def score(self) -> Json:
        """What `evals.scoring` makes of it, now; a score that was kept may be an older one."""
        return score_evidence(self.evidence, self.run.meta.get("arguments") or {}, int(self.run.meta.get("seed") or 0))

    @functools.cached_property
    def kind(self) -> str:
        """The kind that the headline is of: the words themselves where they were decided, else what has most cases."""
        decided = {kind: sum(one.kind == kind and bool(one.case.skill) for one in self.evidence) for kind in KINDS}
        every = {kind: sum(one.kind == kind for one in self.evidence) for kind in KINDS}
        return "text" if decided["text"] else max(KINDS, key=lambda kind: (decided[kind], every[kind]))

    @property
    def figures(self) -> Json:
        """The figures of that kind; {} where there is no evidence at all."""
        found: Json = self.score["kinds"].get(self.kind, {})
        return found

    @property
    def decided(self) -> list[Evidence]:
        """The evidence of that kind that counts."""
        return [one for one in self.evidence if one.kind == self.kind and one.case.skill and not one.failed]


def as_share(figure: Json) -> Share:
    """A share of the score's JSON."""
    return Share(figure["right"], figure["n"], figure["low"], figure["high"])


def tiles(seen: Seen) -> list[Tile]:
    """The figures beside the headline."""
    figures = seen.figures
    if not figures:
        return []
    named = {
        "skill right": "skill_right",
        "missed though asked for": "missed_calls",
        "of them declined as unsure": "false_declines",
        "wrong skill called": "wrong_calls",
        "asked back": "questions",
        "called though nobody asked": "false_calls",
    }
    found = [_tile(name, as_share(figures[key])) for name, key in named.items()]
    calibration = figures["calibration"]
    error = calibration["call"].get("ece_equal_mass") or calibration["skill"].get("ece_equal_mass")
    if error:
        found.append(Tile("calibration error", percent(error["value"]), spread(error)))
    found += [
        Tile(f"time to {stage}", tallies.milliseconds(ms["median"]["value"]),
             f"median; 95% within {tallies.milliseconds(ms['p95']['value'])}")
        for stage, ms in figures["ms"].items()
    ]  # fmt: skip
    unscored = sum(one["unscored"]["n"] for one in seen.score["kinds"].values())
    return [*found, Tile("could not be scored", f"{unscored:,}", f"of {len(seen.evidence):,}")]


def _tile(name: str, figure: Share) -> Tile:
    return Tile(name, percent(figure.value), interval(figure)) if figure.n else Tile(name, "–", "no such case")


def spread(figure: Json) -> str:
    """The interval of a figure that is no share."""
    if figure.get("low") is None or figure.get("high") is None:
        return f"n {figure['n']:,}"
    return f"{percent(figure['low'])} to {percent(figure['high'])}, n {figure['n']:,}"


# --- skill by skill --------------------------------------------------------------------------------------------------


def by_skill(seen: Seen) -> Section:
    """A panel of bars for each family; families of one skill share a panel."""
    cuts = seen.figures["by"]
    skills: dict[str, list[str]] = defaultdict(list)
    for skill in sorted(cuts["skill"], key=_position):
        skills[family_of(skill)].append(skill)
    drawn, single = [], []
    for family in [*FAMILIES, *sorted(skills.keys() - FAMILIES.keys())]:
        rows = [_bar(skill, cuts["skill"][skill]) for skill in skills[family]]
        if len(rows) == 1:
            single += rows
        elif rows:
            drawn.append(_panel(family, [_bar(f"all {family}", cuts["family"][family], strong=True), *rows]))
    if single:
        drawn.append(_panel("families of one skill", single))
    types = [_bar(kind, {"right": row["right"]}) for kind, row in seen.figures["argument_types"].items()]
    if types:
        drawn.append(_panel("arguments, by their type", types))
    lead = (
        "A bar is the share of whole calls that are right, or of skills where a case says no more; the whisker is its "
        "95% interval, the violet mark the share whose skill alone is right. Arguments are counted where the skill is "
        "right, and are right when their values are."
    )
    details = [_cut_table(cuts[cut], said) for cut, said in _CUTS.items() if cuts.get(cut)]
    details += [_arguments_table(seen.figures["arguments"])] if seen.figures["arguments"] else []
    return Section("skills", "Skill by skill", lead, drawn, details=details)


_CUTS = {"tag": "By tag", "source": "By source", "tier": "By tier"}


def _position(skill: str) -> tuple[int, str]:
    family = FAMILIES.get(FAMILY_OF.get(skill, ""), ())
    return (family.index(skill) if skill in family else len(family), skill)


def _bar(label: str, cut: Json, strong: bool = False) -> charts.Bar:
    return charts.Bar(
        label, as_share(cut["right"]), as_share(cut["skill_right"]) if "skill_right" in cut else None, strong
    )


def _panel(name: str, rows: Sequence[charts.Bar]) -> Drawn:
    lines = [(row.label, *two_cells(row.share), *(two_cells(row.second)[:1] if row.second else ())) for row in rows]
    table = Table(("", "right", "n", "skill right")[: len(lines[0])], lines)
    about = "; ".join(f"{row.label}: {row.share}" for row in rows)
    return Drawn(charts.bars(rows, f"{name}: share right", about), name, table=table)


def cells(share: Share) -> tuple[str, str, str]:
    """Value, interval and n, as cells of a table."""
    if not share.n:
        return ("–", "–", "0")
    return (percent(share.value), f"{percent(share.low)} to {percent(share.high)}", f"{share.n:,}")


def two_cells(share: Share) -> tuple[str, str]:
    """Value with its interval below it, and n: for a narrow table."""
    value, interval, n = cells(share)
    return (f"{value}\n{interval}" if share.n else value, n)


def _cut_table(cut: Json, caption: str) -> Table:
    rows = [
        (name, *two_cells(as_share(one["right"])), two_cells(as_share(one["skill_right"]))[0], str(one["unscored"]))
        for name, one in cut.items()
    ]
    return Table(("", "right", "n", "skill right", "not scored"), rows, caption)


def _arguments_table(arguments: Json) -> Table:
    rows = [
        (name, *two_cells(as_share(one["recall"])), *two_cells(as_share(one["precision"])))
        for name, one in arguments.items()
    ]
    return Table(("argument", "right of those wanted", "n", "right of those given", "n"), rows, "Argument by argument")


# --- what is taken for what ------------------------------------------------------------------------------------------


def confusion(seen: Seen) -> Section:
    """Families wanted by families got, and inside each family which skill was taken for which."""
    counts: Counter[tuple[str, str]] = Counter()
    inside: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for wanted, row in seen.figures["confusion"].items():
        for got, n in row.items():
            family = family_of(wanted)
            counts[family, family_of(got)] += n
            if wanted != got:
                inside[family][wanted, got] += n
    example: dict[tuple[str, str], str] = {}
    for one in seen.decided:
        example.setdefault((one.case.skill, one.skill or "none"), one.case.text or one.case.sound)
    present = {name for pair in counts for name in pair}
    names = [name for name in FAMILIES if name in present] + sorted(present - FAMILIES.keys())
    words = ("Families wanted and got", "Rows are the family that was wanted, columns the one that was called.")
    drawn = Drawn(
        tallies.confusion(names, counts, charts.NARROW, words),
        wide=tallies.confusion(names, counts, 640, words),
        caption="Rows: wanted. Columns: got. Blue is right, orange wrong; stronger is a larger share of its row.",
        table=Table(
            ("wanted \\ got", *names), [(row, *(str(counts.get((row, got), 0)) for got in names)) for row in names]
        ),
        kind="matrix",
    )
    details = [
        Table(
            ("wanted", "got", "cases", "for example"),
            [(wanted, got, str(n), f"“{example.get((wanted, got), '')}”") for (wanted, got), n in pairs.most_common()],
            f"{family}: {pairs.total():,} of {sum(n for pair, n in counts.items() if pair[0] == family):,}",
            words=True,
        )
        for family, pairs in sorted(inside.items(), key=lambda item: -item[1].total())
    ]
    lead = "Which skill was taken for which, family by family, is in the lists." if details else ""
    return Section("confusion", "What is taken for what", lead, [drawn], details=details, layout="beside")
