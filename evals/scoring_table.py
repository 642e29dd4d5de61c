"""A score as tables for a terminal or a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

from rich.console import Console
from rich.table import Table

from assistant.commands.frame import so_many
from evals.answers import NONE
from evals.cases import shortened
from evals.runs import Evidence

PIPE_COLUMNS = 110
"""How wide a table is drawn where there is no terminal."""
WRONG = 15
"""Wrong cases that are shown; the evidence has them all."""
_HEADLINES = (
    ("right", "right"),
    ("skill_right", "skill right"),
    ("call_right", "whole call right"),
    ("missed_calls", "missed: none() or declined, though asked"),
    ("false_declines", "  of them declined as unsure"),
    ("wrong_calls", "called the wrong skill"),
    ("questions", "asked back"),
    ("false_calls", "called, though nobody asked"),
    ("false_questions", "asked back, though nobody asked"),
)
_KINDS = {"text": "from the words", "voice": "from synthetic voices", "sound": "from recordings"}
Figure = Mapping[str, Any]


def console_on(output: TextIO) -> Console:
    """Draws on a terminal as wide as it is, and in a pipe without colours."""
    return Console(file=output, width=None if output.isatty() else PIPE_COLUMNS, highlight=False, markup=False)


def written(call: Mapping[str, Any]) -> str:
    """A call as one reads it: `set_timer(duration="ten minutes")`."""
    words = ", ".join(f'{name}="{value}"' for name, value in call.get("words", {}).items())
    return f"{call['skill']}({words})"


def show(output: TextIO, score: Mapping[str, Any]) -> None:
    """Print every kind's figures."""
    console = console_on(output)
    for kind, figures in score.get("kinds", {}).items():
        _show_kind(console, f"{score.get('set', '')}, {_KINDS.get(kind, kind)}", figures)
    for kind, found in score.get("loss", {}).items():
        if found["difference"] is not None:
            lost = in_points(found["difference"])
            console.print(f"the same {found['n']} clips, {_KINDS.get(kind, kind)} instead of their words: {lost}")


def show_wrong(output: TextIO, evidence: Sequence[Evidence], most: int = WRONG) -> None:
    """Print the cases that are wrong, the most confident first: those are what nobody is warned of."""
    wrong = [one for one in evidence if one.case.skill and not one.failed and not one.right]
    if not wrong:
        return
    console = console_on(output)
    console.print(f"wrong, the most confident first: {len(wrong)}" + (f", of them {most}" if most < len(wrong) else ""))
    for one in sorted(wrong, key=lambda one: -one.confidence)[:most]:
        heard = "" if one.heard is None else f' (heard: "{one.heard}")'
        wanted = written({"skill": one.case.skill, "words": one.case.words})
        said = written({"skill": one.skill or NONE, "words": one.words})
        unsure = {"ask": ", asked", "decline": ", declined"}.get(one.tier, "")
        text = shortened(one.case.text or one.case.sound)
        calls = f"wanted {shortened(wanted)}, got {shortened(said)}{unsure}"
        line = f'  {one.confidence:4.0%}  "{text}"{heard}: {calls}'
        console.print(line, soft_wrap=True)


def _show_kind(console: Console, title: str, figures: Mapping[str, Any]) -> None:
    table = new_table(f"{title}: {so_many(figures['n'], 'case')}", ("", "share", "95 % interval", "n"))
    for row in _headline(figures):
        table.add_row(*row)
    unscored = figures["unscored"]
    table.add_row("could not be scored", str(unscored["n"]), "", str(unscored["of"]))
    console.print(table)
    for sentence, count in list(unscored["why"].items())[:3]:
        console.print(f"  {count} x {sentence}")
    for cut in ("family", "skill", "tag", "source", "condition"):
        _show_cut(console, cut, figures["by"].get(cut, {}))
    _show_arguments(console, figures["argument_types"])
    console.print(_table_of_times(figures["ms"]))


def _headline(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    for key, said in _HEADLINES:
        if figures[key]["n"]:
            yield (said, *_cells(figures[key]))
    for key, said in (("out_of_scope", "requests no skill serves, let be"), ("chatter", "chatter, let be")):
        if figures[key]["declined"]["n"]:
            yield (said, *_cells(figures[key]["declined"]))
    calibration = figures["calibration"]["call"]
    if calibration["n"]:
        yield ("calibration error (bins of equal mass)", *_cells(calibration["ece_equal_mass"]))
        yield ("Brier score", *_cells(calibration["brier"], percent=False))
        yield ("area under coverage and risk", *_cells(calibration["coverage_risk"]["area"], percent=False))
    if figures["word_error"] is not None:
        yield ("word error", *_cells(figures["word_error"]))
    if figures.get("details") is not None:
        yield ("every named detail heard", *_cells(figures["details"]))


def _show_cut(console: Console, name: str, cut: Mapping[str, Any]) -> None:
    """One row for each name; nothing where all cases have the same one."""
    if len(cut) < 2:
        return
    table = new_table("", (name, "skill right", "95 % interval", "n", "whole call", "95 % interval", "n", "unscored"))
    for key, row in cut.items():
        table.add_row(key, *_cells(row["skill_right"]), *_cells(row["call_right"]), str(row["unscored"] or ""))
    console.print(table)


def _show_arguments(console: Console, types: Mapping[str, Any]) -> None:
    if not types:
        return
    table = new_table("", ("argument type", "found", "95 % interval", "n", "of those given", "95 % interval", "n"))
    for key, row in types.items():
        table.add_row(key, *_cells(row["recall"]), *_cells(row["precision"]))
    console.print(table)


def _table_of_times(stages: Mapping[str, Any]) -> Table:
    table = new_table("", ("stage", "median ms", "95 % interval", "p95 ms", "95 % interval", "n"))
    for stage, row in stages.items():
        cells = [part for key in ("median", "p95") for part in _cells(row[key], percent=False)[:2]]
        table.add_row(stage, *cells, str(row["median"]["n"]))
    return table


def new_table(title: str, heads: Sequence[str]) -> Table:
    """An empty table without lines; the first column is words, the others are numbers."""
    table = Table(title=title or None, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for at, head in enumerate(heads):
        table.add_column(head, justify="right" if at else "left", no_wrap=True)
    return table


def _cells(figure: Figure, percent: bool = True) -> tuple[str, str, str]:
    """Value, interval and n of a figure."""

    def said(value: float | None) -> str:
        if value is None:
            return "–"
        return f"{value:.1%}" if percent else f"{value:.1f}" if value >= 10 else f"{value:.3f}"

    if not figure["n"]:
        return "–", "", "0"
    interval = "too few or too alike" if figure["low"] is None else f"{said(figure['low'])} to {said(figure['high'])}"
    return said(figure["value"]), interval, str(figure["n"])


def in_points(figure: Figure) -> str:
    """A difference in percentage points, with its interval."""
    value = f"{100 * figure['value']:+.1f} points"
    if figure["low"] is None:
        return f"{value} (too few or too alike for an interval)"
    return f"{value} ({100 * figure['low']:+.1f} to {100 * figure['high']:+.1f})"
