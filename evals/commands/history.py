"""`hark eval history`: every evaluation and training there was, found by what was run, on what, and what came of it."""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.commands.frame import UsageError, claim_output, frame, so_many, write_json
from assistant.layers import suggest

if TYPE_CHECKING:
    from pathlib import Path

    from assistant.config import Settings
    from evals.track.journal import Record

KINDS = ("eval", "finetune", "learn", "train")
SHOWN = 3
"""Figures of a run on its line."""
MOST = 1_000_000
UNITS = ("_ms", "_s", "_mb")
"""Ends of figures that have a unit; any other that has an interval is a share, or a ratio such as a word error."""
COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
_COMPARISON = re.compile(r"([\w./:-]+)\s*(>=|<=|>|<)\s*(-?(?:\d+(?:\.\d*)?|\.\d+)(?:e-?\d+)?)\Z")
_MEANT = re.compile(r"([\w./:-]+)\s*(>=|<=|>|<)\s*(\S*)\Z")
"""What looks like a comparison; a regular expression with such a sign in it says [>] or has spaces."""


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command()(history)


def history(
    context: typer.Context,
    regex: Annotated[
        str,
        typer.Argument(help="Found in name=, kind=, settings, inputs, metrics; or METRIC>=NUMBER.", metavar="REGEX"),
    ] = "",
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="How many, newest first.")] = 20,
    within: Annotated[bool, typer.Option("--all", help="Also what a learning or training measured within it.")] = False,
    note: Annotated[
        tuple[str, str] | None, typer.Option(metavar="RUN TEXT", help="Write a remark to a run instead.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """What was measured and trained, newest first: the failed and the interrupted too."""
    from evals.track import journal

    settings = frame(context).settings
    if note is not None:
        _write(settings, *note)
        return
    if kind and kind not in KINDS:
        raise UsageError(f"there is no kind {kind}; the kinds are {', '.join(KINDS)}")
    fits, wanted = _filter(regex)
    every, damaged = journal.records(settings)[::-1], journal.damaged(settings)
    fitting = [one for one in every if kind in ("", one.kind) and fits(one)]
    hidden = [] if within or regex else _within(fitting, every)
    found = _grouped([one for one in fitting if one not in hidden], limit)
    if as_json:
        write_json(
            claim_output(),
            {"runs": [_whole(one) for one in found], "hidden": len(hidden), "damaged": list(map(str, damaged))},
        )
        return
    for line in _table(found, wanted, settings.now().tzinfo):
        typer.echo(line)
    if hidden:
        typer.echo(f"{len(hidden)} made within another run are left out; --all shows them, and a REGEX finds them")
    elif not found and (every or not damaged):
        typer.echo(_nothing(regex, every))
    if damaged:
        typer.echo(_cannot_be_read(damaged))


def _cannot_be_read(damaged: list[Path]) -> str:
    """Names them, by the folder that each lies in."""
    names = ", ".join(folder.name for folder in damaged)
    return f"{so_many(len(damaged), 'run')} in {damaged[0].parent} cannot be read, run.json is damaged: {names}"


def _within(runs: list[Record], others: list[Record]) -> list[Record]:
    """Those that were made within one of the others, as a learning measures what it learned."""
    ids = {one.id for one in others}
    return [one for one in runs if one.parent in ids]


def _grouped(fitting: list[Record], limit: int) -> list[Record]:
    """The newest first, as many as the limit; each followed by what was made within it, which does not count."""
    inner = _within(fitting, fitting)

    def group(one: Record) -> Iterator[Record]:
        yield one
        for child in reversed(inner):
            if child.parent == one.id:
                yield from group(child)

    return [one for outer in [one for one in fitting if one not in inner][:limit] for one in group(outer)]


def _write(settings: Settings, name: str, text: str) -> None:
    from evals.track import journal, mirrors

    record = journal.find(settings, name)
    mirrors.note(settings, record, text)
    typer.echo(f"noted on {record.id} {record.name}")


def _filter(regex: str) -> tuple[Callable[[Record], bool], str]:
    """Whether a run is looked for, and which figures then are shown first. Raises UsageError."""
    comparison = _COMPARISON.match(regex)
    if not comparison and (meant := _MEANT.match(regex)):
        figure, sign, said = meant.groups()
        fault = f"{said!r} is no number" if said else "the number is missing"
        raise UsageError(f"{regex!r}: {fault}; a figure is compared with one, a share from 0 to 1: {figure}{sign}0.95")
    if comparison:
        name, compare, number = comparison[1], COMPARED[comparison[2]], float(comparison[3])
        return lambda record: any(
            compare(line["value"], number) for key, line in record.figures().items() if _is_called(key, name)
        ), rf"(^|\.){re.escape(name)}$"
    try:
        pattern = re.compile(regex, re.IGNORECASE | re.MULTILINE)
    except re.error as error:
        raise UsageError(f"{regex!r} is no regular expression: {error}") from None
    return lambda record: bool(pattern.search("\n".join(_facts(record)))), regex


def _nothing(regex: str, every: list[Record]) -> str:
    """Why nothing is shown."""
    if not every:
        return "nothing was tracked yet; `hark eval run quick` makes a beginning"
    comparison = _COMPARISON.match(regex)
    known = {key for record in every for key in record.figures()}
    if comparison and not any(_is_called(key, comparison[1]) for key in known):
        last = {key.rpartition(".")[2] for key in known}
        return f"no run has a figure {comparison[1]}{suggest(comparison[1], known | last)}"
    return "no run fits"


def _is_called(key: str, name: str) -> bool:
    """Whether `name` is a figure's whole name or the last of its parts: skill_right is text.skill_right."""
    return key == name or key.endswith(f".{name}")


def _facts(record: Record) -> Iterator[str]:
    """All that is known of a run, a line each: `inputs.set=quick`, `skill=0.95`."""
    from evals.track.journal import flat

    yield f"id={record.id}"
    yield from (f"{name}={value}" for name, value in flat({k: v for k, v in record.meta.items() if k != "figures"}))
    yield from (f"{name}={line['value']:.6g}" for name, line in record.figures().items())
    yield from (f"note={text}" for text in record.notes())


def _whole(record: Record) -> dict[str, Any]:
    from evals.track.journal import finite

    figures = {name: {**line, "value": finite(line["value"])} for name, line in record.figures().items()}
    return {**record.meta, "id": record.id, "journal": str(record.folder), "figures": figures, "notes": record.notes()}


def _table(found: list[Record], wanted: str, zone: dt.tzinfo | None) -> Iterator[str]:
    """For each run a line in columns as wide as they must be, and below it what came of it and what was said of it."""
    inner = _within(found, found)
    rows = [_row(record, zone, record in inner) for record in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for record, row in zip(found, rows, strict=True):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        yield from (f"    {name} {_figure(name, line)}" for name, line in _key_figures(record, wanted))
        yield from (f"    taken into use: learned {one['sha256'][:8]}" for one in _learned(record))
        if record.meta.get("reason"):
            yield f"    {record.meta['reason']}"
        yield from (f"    note: {text}" for text in record.notes())


def _learned(record: Record) -> list[Mapping[str, Any]]:
    """What a learning took into use."""
    return list(record.meta.get("artefacts", ())) if record.kind == "learn" else []


def _row(record: Record, zone: dt.tzinfo | None, inner: bool) -> tuple[str, ...]:
    """Its cells; the name of one that was made within the run above it is indented."""
    meta, code = record.meta, record.meta.get("code", {})
    when = dt.datetime.fromisoformat(meta["started"]).astimezone(zone)
    commit = str(code.get("commit") or code.get("sources", ""))[:8] + ("+" if code.get("dirty") else "")
    models = meta.get("models", {})
    beside = f", learned {models['learned'][:8]}" if models.get("learned") else ""
    return (
        f"{when:%Y-%m-%d %H:%M}",
        record.id,
        record.kind,
        "undone" if record.undone else record.status,
        f"  {record.name}" if inner else record.name,
        f"model {str(models.get('skill', ''))[:8]}{beside}",
        f"code {commit}",
    )


def _key_figures(record: Record, wanted: str) -> list[tuple[str, Mapping[str, Any]]]:
    """What was asked for first, then what has an interval, then as they were written."""
    figures = record.figures()
    order = sorted(figures, key=lambda name: (not (wanted and _asked(wanted, name)), "low" not in figures[name]))
    return [(name, figures[name]) for name in order[:SHOWN]]


def _asked(wanted: str, name: str) -> bool:
    return bool(re.search(wanted, name, re.IGNORECASE))


def _figure(name: str, line: Mapping[str, Any]) -> str:
    if "low" not in line:
        return f"{line['value']:.4g}"
    interval = (line["value"], line["low"], line["high"])
    if name.endswith(UNITS):
        value, low, high = (f"{number:.4g}" for number in interval)
        return f"{value} ({low} to {high}, n={line.get('n', '?')})"
    value, low, high = (f"{100 * number:.1f}" for number in interval)
    return f"{value} % ({low} to {high}, n={line.get('n', '?')})"
