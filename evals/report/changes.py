"""What changed since an earlier run: the verdict, skill by skill, and each case that changed sides."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.commands.frame import so_many
from assistant.skill import SkillError
from evals.compare import compare
from evals.report import tallies
from evals.report.charts import percent
from evals.report.figures import as_share, cells
from evals.report.page import Drawn, Section, Table
from evals.report.text import KIND_WORDS
from evals.runs import DONE, Run

MEASURES = {
    "right": "right",
    "skill_right": "skill right",
    "call_right": "whole call right",
    "false_calls": "called though nobody asked",
}
SHOWN = 60


def before(run: Run, every: Sequence[Run]) -> Run | None:
    """The last whole run of the same set that started before this one and that `changes` can hold against it.

    They have a case in common that something was decided of; a run whose evidence cannot be read is passed over. None
    for none.
    """
    mine = _decided(run)
    earlier = [
        one
        for one in every
        if one.name != run.name
        and one.meta.get("set") == run.meta.get("set")
        and one.meta.get("status") == DONE
        and _variant(one) == _variant(run)
        and str(one.meta.get("started")) <= str(run.meta.get("started"))
    ]
    for one in reversed(earlier):
        with contextlib.suppress(SkillError, OSError):
            if not mine.isdisjoint(_decided(one)):
                return one
    return None


def _decided(run: Run) -> set[object]:
    """What tells its cases that have a skill from others. Raises SkillError, OSError."""
    return {one.key for one in run.evidence() if one.case.skill}


def _variant(run: Run) -> object:
    """How it was decided: a step of a ladder is held against the same step alone."""
    return (run.meta.get("options") or {}).get("variant")


def changes(run: Run, earlier: Run) -> Section:
    """The two runs case by case. Raises UsageError where they have no case in common, MissingPiece."""
    found = compare(earlier, run)
    lead = " ".join([found["sentence"], *(f"Note: {remark}." for remark in found["remarks"])])
    drawn, tables, details = [], [], []
    for kind, mine in found["kinds"].items():
        over = "" if len(found["kinds"]) == 1 else f", {KIND_WORDS[kind]}"
        tables.append(_measures(mine["measures"], f"{so_many(mine['n'], 'case')} that both runs have{over}"))
        skills = {name: row for name, row in mine["by_skill"].items() if row["gained"] or row["lost"]}
        if skills:
            drawn.append(_by_skill(skills, f"Cases that changed sides{over}"))
        details += _cases(mine["changed"], over)
    return Section("changes", f"What changed since {earlier.name}", lead, drawn, tables, details)


def _measures(measures: Mapping[str, Any], caption: str) -> Table:
    rows = []
    for key, name in MEASURES.items():
        one = measures[key]
        if one["n"]:
            value = one["difference"]
            spread = "–" if value["low"] is None else f"{100 * value['low']:+.1f} to {100 * value['high']:+.1f}"
            was, now = (percent(as_share(one[side]).value) for side in "ab")
            rows.append((name, was, now, f"{100 * value['value']:+.1f}", spread, f"{one['p']:.2g}", f"{one['n']:,}"))
    return Table(("", "before", "now", "points", "95% interval", "p (McNemar)", "n"), rows, caption)


def _by_skill(skills: Mapping[str, Any], name: str) -> Drawn:
    rows = sorted(skills.items(), key=lambda item: (item[1]["gained"] - item[1]["lost"], -item[1]["lost"]))
    about = "; ".join(f"{skill}: {row['gained']} put right, {row['lost']} broken" for skill, row in rows)
    table = Table(
        ("skill", "put right", "broken", "now", "95% interval", "n", "p (Holm)"),
        [
            (skill, str(row["gained"]), str(row["lost"]), *cells(as_share(row["b"])), f"{row['p_holm']:.2g}")
            for skill, row in rows
        ],
    )
    counts = [(skill, row["gained"], row["lost"]) for skill, row in rows]
    return Drawn(tallies.both_ways(counts, name, about), name, table=table)


def _cases(changed: Sequence[Mapping[str, Any]], over: str) -> list[Table]:
    found = []
    for better, name in ((False, "Broken"), (True, "Put right")):
        mine = [one for one in changed if one["better"] == better]
        if mine:
            rows = [
                (f"“{one['text']}”", _call(one["wanted"]), _call(one["a"]), _call(one["b"])) for one in mine[:SHOWN]
            ]
            cut = f", the first {SHOWN}" if len(mine) > SHOWN else ""
            found.append(
                Table(("said", "wanted", "before", "now"), rows, f"{name}{over}: {len(mine):,}{cut}", words=True)
            )
    return found


def _call(said: Mapping[str, Any]) -> str:
    words = ", ".join(f'{name}="{value}"' for name, value in said["words"].items())
    sure = f" {percent(said['confidence'], 0)}" if "confidence" in said else ""
    return f"{said['skill']}({words}){sure}"
