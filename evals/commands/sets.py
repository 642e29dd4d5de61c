"""`hark eval sets list/show/check/build`: what is measured on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.frame import SAID, UsageError, frame, so_many
from assistant.skill import SkillError

if TYPE_CHECKING:
    from assistant.config import Settings
    from assistant.skill import Call
    from evals.cases import Case

_PLAIN_TAGS = 24
"""So many tags are listed; a set of recordings has hundreds of others, one for each detail that is said."""


def register(group: typer.Typer) -> None:
    """Add the group `sets`."""
    sets = typer.Typer(help="The sets that are measured on.", no_args_is_help=True)
    sets.command("list")(list_sets)
    sets.command("show")(show)
    sets.command("check")(check)
    sets.command("build")(build)
    group.add_typer(sets, name="sets")


Data = Annotated[Path | None, typer.Option(help="The folder of the public sets.", metavar="FOLDER", file_okay=False)]


def list_sets(data: Data = None) -> None:
    """Every set: ours, and the public ones that are run from your own copy of them."""
    from evals.adapters import ADAPTERS, open_adapter
    from evals.sets import WRITTEN, open_set

    for name in WRITTEN:
        typer.echo(f"{name:22} {len(open_set(name).cases):6} cases")
    typer.echo(f"{'nightly':22} {'':6} built by hark eval sets build nightly --to FOLDER")
    for name, adapter in ADAPTERS.items():
        origin = adapter.origin
        told = f"GitHub {origin.repo}, {origin.licence}"
        if data is not None:
            try:
                told = f"in {open_adapter(name, data).folder}"
            except UsageError as absent:
                told = str(absent)
        typer.echo(f"{name:22} {'':6} {told}")


def show(
    name: Annotated[str, typer.Argument(help="A set's name, or a file of cases.", metavar="SET")],
    data: Data = None,
) -> None:
    """How many cases a set has, of each skill, family and tag."""
    from evals.sets import open_set

    found = open_set(name, data)
    cases = found.cases
    sounds = sum(bool(case.sound) for case in cases)
    held = f"{so_many(len(cases), 'case')} in {so_many(len({_group(case) for case in cases}), 'group')}"
    typer.echo(f"{found.name}: {held}, {sounds} with a recording, {found.sha256[:12]}")
    _table("family", (case.family for case in cases))
    _table("skill", (case.skill or "(only heard)" for case in cases))
    _table("argument", (f"{case.skill}.{name}" for case in cases for name in case.words))
    _table("tag", (tag for case in cases for tag in case.tags if not tag.startswith("says:")))
    _table("tier", (case.tier for case in cases if case.tier))


def _group(case: Case) -> str:
    return case.group or case.text or case.sound


def _skills(cases: Sequence[Case]) -> Iterator[str]:
    """How many skills are asked for, and how many cases are for nobody or are only heard."""
    yield so_many(len({case.skill for case in cases} - {"", "none"}), "skill")
    nobody, heard = (sum(case.skill == name for case in cases) for name in ("none", ""))
    if nobody:
        yield f"{nobody:,} for nobody"
    if heard:
        yield f"{heard:,} only heard"


def _table(title: str, names: Iterable[str]) -> None:
    counts = Counter(names)
    if not counts:
        return
    typer.echo(f"\n{title}")
    for name, count in counts.most_common(_PLAIN_TAGS if title == "tag" else None):
        typer.echo(f"  {name:28} {count:6}")


def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A file of cases.", metavar="FILE")],
) -> None:
    """Name every malformed case of a file, with its line; exit code 1 where there is one."""
    from assistant.registry import load_skills
    from evals.cases import read_cases
    from evals.sets import must_exist, problems
    from evals.sets.opened import closed_arguments, readers_of

    must_exist(file)
    settings = frame(context).settings
    skills = load_skills(settings).skills
    reads = readers_of(skills, settings.now(), settings.household)
    found = list(problems(file, closed_arguments(skills), reads))
    for sentence in found:
        typer.echo(sentence)
    if found:
        raise typer.Exit(SAID)
    cases = list(read_cases(file))
    held = ", ".join((so_many(len({_group(case) for case in cases}), "group"), *_skills(cases)))
    typer.echo(f"{file}: {so_many(len(cases), 'case')} in {held}; every case is well formed")


def build(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="nightly", metavar="SET")],
    to: Annotated[Path, typer.Option(help="Where it is built.", metavar="FOLDER", file_okay=False)],
    data: Data = None,
    recordings: Annotated[
        Path | None, typer.Option(help="A file of cases with recordings of your own.", metavar="FILE")
    ] = None,
    spoken: Annotated[int, typer.Option(min=0, help="So many sentences are spoken by synthetic voices.")] = 150,
    seed: Annotated[int, typer.Option(help="Another seed, other sentences are spoken.")] = 0,
    diary: Annotated[bool, typer.Option(help="Take the labelled turns of the diary, too.")] = True,
) -> None:
    """Build the nightly set: thousands of cases, the same for the same seed and data."""
    from evals.sets.nightly import Plan, build_nightly

    if name != "nightly":
        raise UsageError(f"there is nothing to build for {name}; nightly is the set that is built")
    turns = _labelled(frame(context).settings) if diary else []
    try:
        built = build_nightly(Plan(to, data, recordings, turns, spoken, seed))
    except OSError as error:
        raise SkillError(f"{to} cannot be written: {error.strerror}") from None
    for sentence in built.missing:
        typer.echo(f"left out: {sentence}", err=True)
    for part, count in built.counts.items():
        typer.echo(f"{part:22} {count:6} cases")
    typer.echo(f"run it: hark eval run nightly --data {to}")


def _labelled(settings: Settings) -> list[tuple[str, Call, Path | None]]:
    """The diary's labelled turns with their recordings; none where there is no diary."""
    import sqlite3

    from assistant.assemble import open_database
    from assistant.trace import Trace

    trace = Trace(open_database(settings))
    try:
        turns = [(turn, call, trace.sound(turn.id)) for turn, call in trace.labelled()]
    except sqlite3.Error:
        return []
    return [(turn.transcript.text, call, Path(sound) if sound else None) for turn, call, sound in turns]
