"""A comparison as tables for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table

from assistant.commands.frame import so_many
from evals.scoring_table import console_on, in_points, new_table, written

_SAID = {
    "right": "right",
    "skill_right": "skill right",
    "call_right": "whole call right",
    "false_calls": "called, though nobody asked",
}
SHOWN = 40
"""Cases that changed sides, at most; `--json` has them all."""


def show(output: TextIO, found: Mapping[str, Any]) -> None:
    """Print the comparison; the sentence comes last, where it is read."""
    console = console_on(output)
    for kind, mine in found["kinds"].items():
        console.print(
            _measures(f"{found['a']['name']} -> {found['b']['name']}, {kind}: {so_many(mine['n'], 'case')}", mine)
        )
        skills = _skills(mine["by_skill"])
        if skills.row_count:
            console.print(skills)
            rows = so_many(len(mine["by_skill"]), "row")
            console.print(
                f"p by McNemar's exact test; Holm's is of whole groups, corrected for {rows}, the unchanged ones too"
            )
        _show_changed(console, mine["changed"])
    for remark in found["remarks"]:
        console.print(f"note: {remark}", soft_wrap=True)
    console.print(found["sentence"], soft_wrap=True)


def _measures(title: str, found: Mapping[str, Any]) -> Table:
    table = new_table(title, ("", "A", "B", "B - A in points", "gained", "lost", "p", "n"))
    for name, row in found["measures"].items():
        if row["n"]:
            table.add_row(_SAID[name], *_cells(row), f"{row['p']:.2g}", str(row["n"]))
    return table


def _skills(found: Mapping[str, Any]) -> Table:
    """The skills in which something changed."""
    table = new_table("", ("skill", "A", "B", "B - A in points", "gained", "lost", "p", "Holm's", "n"))
    for name, row in found.items():
        if row["gained"] or row["lost"]:
            table.add_row(name, *_cells(row), f"{row['p']:.2g}", f"{row['p_holm']:.2g}", str(row["n"]))
    return table


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    shares = (f"{row['a']['value']:.1%}", f"{row['b']['value']:.1%}")
    return (*shares, in_points(row["difference"]), str(row["gained"]), str(row["lost"]))


def _show_changed(console: Console, changed: list[Mapping[str, Any]]) -> None:
    for better, said in ((False, "right in A alone"), (True, "right in B alone")):
        mine = [one for one in changed if one["better"] is better]
        if not mine:
            continue
        console.print(f"{said}: {len(mine)}")
        for one in mine[:SHOWN]:
            wrong = one["a"] if better else one["b"]
            heard = f' (heard: "{wrong["heard"]}")' if "heard" in wrong else ""
            line = f'  "{one["text"]}"{heard}: wanted {_call(one["wanted"])}, got {_call(wrong)}'
            console.print(line, soft_wrap=True)
        if len(mine) > SHOWN:
            console.print(f"  and {len(mine) - SHOWN} more; --json has them all")


def _call(said: Mapping[str, Any]) -> str:
    return written(said) + {"ask": ", asked", "decline": ", declined"}.get(said.get("tier", ""), "")
