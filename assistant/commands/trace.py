"""`hark trace`: the diary. A turn that a person has labelled is an evaluation case."""

from __future__ import annotations

import ast
import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.frame import frame, write_json, written_whole
from assistant.skill import Call, Skill, SkillError

if TYPE_CHECKING:
    from assistant.trace import Trace
    from assistant.turn import Turn

SHOWN = 100
"""Characters of a wrong call that its error repeats."""
MOST = 1_000_000
"""Turns that can be listed at once."""


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="The diary: every turn, and what it should have been.", no_args_is_help=True)
    group.command("list")(show_all)
    group.command("show")(show)
    group.command("label")(label)
    group.command("export")(export)
    app.add_typer(group, name="trace")


@contextlib.contextmanager
def _diary(context: typer.Context) -> Iterator[Trace]:
    """The household's diary; a file that cannot be used is one sentence."""
    from assistant.assemble import open_database
    from assistant.trace import Trace, complaint

    database = open_database(frame(context).settings)
    try:
        yield Trace(database)
    except sqlite3.Error as error:
        raise SkillError(complaint(database.path, error)) from None
    except LookupError as error:
        raise SkillError(str(error.args[0])) from None


def show_all(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="How many, newest first.")] = 20,
) -> None:
    """The latest turns, one line each."""
    with _diary(context) as trace:
        for turn in trace.turns(limit):
            mark = "=" if turn.label else " " if turn.reply.ok else "!"
            when = turn.at.strftime("%Y-%m-%d %H:%M")
            typer.echo(f"{turn.id} {when} {mark} {turn.transcript.text!r} -> {turn.decision.call}")


def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A turn's id, its beginning, or 'last'.")] = "last",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Everything about one turn."""
    with _diary(context) as trace:
        turn = trace.find(name)
        sound = trace.sound(turn.id)
    if as_json:
        import sys

        write_json(sys.stdout, {**turn.model_dump(mode="json"), "sound": sound})
        return
    for key, value in _lines(turn, sound):
        typer.echo(f"{key:10} {value}")


def _lines(turn: Turn, sound: str) -> Iterator[tuple[str, str]]:
    yield "id", turn.id
    yield "at", turn.at.isoformat(timespec="seconds")
    yield "heard", f"{turn.transcript.text} ({turn.transcript.language}, {turn.transcript.confidence:.0%})"
    yield "call", f"{turn.decision.call} ({turn.decision.confidence:.0%}, {turn.decision.tier})"
    for at, runner_up in enumerate(turn.decision.runner_ups):
        # Only a call that was declined has a confidence; what else was weighed has the model's own score.
        declined = not at and turn.decision.tier == "decline"
        chance = f"{runner_up.probability:.0%}" if declined else f"score {runner_up.probability:.2f}"
        yield "or", f"{runner_up.call} ({chance})"
    yield "answer" if turn.reply.ok else "failed", turn.reply.text
    if turn.label:
        yield "right", turn.label
    yield "time", ", ".join(f"{stage} {ms:g} ms" for stage, ms in turn.ms.items())
    for role, checksum in turn.models.items():
        yield "model", f"{role} {checksum[:12]}"
    yield "prompt", f"{turn.prompt_hash}, skills {turn.skills_hash}"
    if sound:
        yield "sound", sound


def label(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A turn's id, its beginning, or 'last'.")],
    call: Annotated[str, typer.Argument(help="""'right', or the call: 'set_timer(duration="five minutes")'.""")],
) -> None:
    """Say what a turn should have been; it becomes an evaluation case."""
    from assistant.assemble import open_skills
    from assistant.trace import Label

    skills = open_skills(frame(context).settings)
    with _diary(context) as trace:
        turn = trace.find(name)
        meant = turn.decision.call if call == "right" else read_label(call)
        skill = skills.by_name.get(meant.skill)
        if skill is None and meant.skill != "none":
            raise SkillError(f"there is no skill {meant.skill}; `hark skills list` shows them")
        if skill is not None:
            check_label(meant, skill, turn.transcript.text)
        trace.label(turn.id, Label(meant, str(meant)))
    typer.echo(f"{turn.id} {turn.transcript.text!r} should be {meant}")


def read_label(written: str) -> Call:
    """Read the call language. Raises SkillError."""
    shown = written if len(written) <= SHOWN else f"{written[:SHOWN]}..."
    wrong = SkillError(f"""{shown} is no call; write it like set_timer(duration="five minutes")""")
    try:
        node = ast.parse(written.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):  # the last two: brackets without end
        raise wrong from None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.args:
        raise wrong
    words: dict[str, str] = {}
    for keyword in node.keywords:
        value = keyword.value
        if keyword.arg is None or not isinstance(value, ast.Constant) or not isinstance(value.value, str):
            raise wrong
        words[keyword.arg] = value.value
    return Call(node.func.id, words)


def check_label(call: Call, skill: Skill, text: str) -> None:
    """Raises SkillError when the call does not fit the skill or points at words that were not said."""
    from assistant.prompt import plain, run_of

    known = {argument.name: argument for argument in skill.arguments}
    for name, words in call.words.items():
        if name not in known:
            raise SkillError(f"{skill.name} has no argument {name}; it has {', '.join(known) or 'none'}")
        choices = known[name].choices
        if choices and words not in choices:
            raise SkillError(f"{name} must be one of {', '.join(choices)}")
        if not choices:
            try:
                run_of(plain(text), plain(words))
            except ValueError:
                raise SkillError(f'"{words}" was not said in "{text}"; point at words of the sentence') from None
    for argument in skill.arguments:
        if argument.required and argument.name not in call.words:
            raise SkillError(f"{skill.name} needs {argument.name}")


def export(
    context: typer.Context,
    output: Annotated[Path | None, typer.Option(help="The file; standard output unless said.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Whole turns, labelled or not.")] = False,
) -> None:
    """Labelled turns as evaluation cases, one JSON object each line."""
    with _diary(context) as trace:
        rows = [t.model_dump(mode="json") for t in reversed(trace.turns(None))] if everything else trace.cases()
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    if output is None:
        for line in lines:
            typer.echo(line)
        return
    try:
        with written_whole(output) as out:
            out.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        raise SkillError(f"{output} cannot be written: {error.strerror}") from None
    typer.echo(f"{len(lines)} {'turns' if everything else 'cases'} in {output}")
