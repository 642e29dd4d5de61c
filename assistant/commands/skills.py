"""`hark skills`: what is installed, a new one from a template, what is wrong with mine."""

from __future__ import annotations

import datetime as dt
import keyword
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.frame import SAID, UsageError, frame, so_many
from assistant.skill import Argument, Household, Skill, SkillError

if TYPE_CHECKING:
    from assistant.registry import Fault, SkillSet


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Skills: what is installed, a new one, what is wrong with mine.", no_args_is_help=True)
    group.command("list")(show)
    group.command("new")(new)
    group.command("check")(check)
    app.add_typer(group, name="skills")


def show(context: typer.Context) -> None:
    """What is installed, one line each."""
    from assistant.assemble import open_skills

    skills = open_skills(frame(context).settings)
    for module in skills.modules:
        typer.echo(f"{module.name}  ({module.path})")
        for skill in module.skills:
            typer.echo(f"  {signature(skill)}  {skill.purpose}")
    typer.echo(f"{so_many(len(skills.skills), 'skill')} in {so_many(len(skills.modules), 'module')}")


def signature(skill: Skill) -> str:
    """`set_timer(duration, name?)`."""
    return f"{skill.name}({', '.join(a.name + ('' if a.required else '?') for a in skill.arguments)})"


_SKILL = '''"""Coffee: what {name} can do, in a sentence."""

from __future__ import annotations

from assistant.skill import Context, Number, SkillError, skill

# What the household may set in hark.toml under [skills.{name}], with the values used until it does.
SETTINGS = {{"most_cups": 6}}


@skill(
    examples=[
        "make [two](cups) cups of {said}",
        "{said} for [four](cups) please",
        "i would like some {said}",
    ]
)
def make_{name}(context: Context, *, cups: Number = 1) -> str:
    """Make {said} and say how much."""
    most = context.settings["most_cups"]
    if cups > most:
        raise SkillError(f"I can make {{most}} cups at most.")
    return f"I am making {{cups:g}} {{'cup' if cups == 1 else 'cups'}} of {said}."
'''

_TEST = '''"""Tests of the skill {name}: run them with `pytest {test}`."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.registry import load_file
from assistant.skill import Context, SkillError

LOADED = load_file(Path(__file__).with_name("{name}.py"))


def context() -> Context:
    """What the house would give the skill; this one needs its settings only."""
    return Context(now=None, settings=LOADED.modules[0].settings, database=None)  # type: ignore[arg-type]


def test_the_declaration_has_no_fault() -> None:
    """Hark accepts the file as it stands."""
    assert [str(fault) for fault in LOADED.faults] == []


def test_the_answer_says_what_is_made() -> None:
    """Two cups are answered with two cups."""
    answer = LOADED.by_name["make_{name}"].run(context(), cups=2.0)
    assert answer == "I am making 2 cups of {said}."


def test_too_much_is_refused() -> None:
    """More than the household's setting is a sentence, not a failure."""
    with pytest.raises(SkillError, match="6 cups at most"):
        LOADED.by_name["make_{name}"].run(context(), cups=7.0)
'''


def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The new file's name: small letters, digits, _, a letter first.")],
    folder: Annotated[Path | None, typer.Option(help="Where; your first skills folder unless said.")] = None,
) -> None:
    """Write a working skill and its test."""
    from assistant.hub import write_whole
    from assistant.registry import NAMED, load_skills

    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UsageError(f'"{name}" is no good name for a skill; {NAMED}')
    if keyword.iskeyword(name):
        raise UsageError(f'"{name}" is a word of Python itself, so no skill can be called so; choose another')
    settings = frame(context).settings
    taken = next((module.path for module in load_skills(settings).modules if module.name == name), None)
    if taken is not None:
        raise SkillError(f"the name {name} is taken by {taken}; choose another")
    into = (folder or settings.skills.folders[0]).absolute() if folder or settings.skills.folders else Path.cwd()
    skill, test = into / f"{name}.py", into / f"test_{name}.py"
    for file in (skill, test):
        if file.exists():
            raise SkillError(f"{file} is there already; choose another name or remove it")
    fill = {"name": name, "said": name.replace("_", " "), "test": test}
    try:
        write_whole(skill, _SKILL.replace("Coffee:", f"{name.replace('_', ' ').capitalize()}:").format(**fill).encode())
        write_whole(test, _TEST.format(**fill).encode())
    except OSError as error:
        raise SkillError(f"{into} cannot be written: {error.strerror}") from None
    typer.echo(f"wrote {skill} and {test}")
    if into not in [known.absolute() for known in settings.skills.folders]:
        typer.echo(f'add it to hark.toml: [skills] folders = ["{into}"]')
    typer.echo(f'try it: hark ask "make two cups of {fill["said"]}"')


def check(
    context: typer.Context,
    path: Annotated[Path | None, typer.Argument(help="A skill file or a folder of them.", exists=True)] = None,
) -> None:
    """One line for each thing that is wrong; all installed skills unless you name some."""
    skills, faults = _look(context, path)
    for fault in faults:
        typer.echo(str(fault))
    if faults:
        raise typer.Exit(SAID)
    typer.echo(f"{so_many(len(skills), 'skill')}, nothing wrong")


def _look(context: typer.Context, path: Path | None) -> tuple[list[Skill], list[Fault]]:
    """The skills meant and everything that is wrong with them, loaded beside all the others."""
    from assistant.registry import load_file, load_skills

    settings = frame(context).settings
    if path is not None and path.is_file():
        alone = load_file(path)
        beside = load_skills(settings)
        clashes = _taken(alone, beside, path)
        return list(alone.skills), [*alone.faults, *clashes, *_unreadable(alone.skills)]
    if path is not None:
        folder = path.absolute()
        known = [*(each for each in settings.skills.folders if each.resolve() != folder.resolve()), folder]
        settings = settings.model_copy(update={"skills": settings.skills.model_copy(update={"folders": tuple(known)})})
        found = load_skills(settings)
        mine = [skill for skill in found.skills if skill.source.startswith(f"{folder}/")]
        faults = [fault for fault in found.faults if fault.where.startswith(f"{folder}/")]
        return mine, [*faults, *_unreadable(mine)]
    found = load_skills(settings)
    return list(found.skills), [*found.faults, *_unreadable(found.skills)]


def _taken(alone: SkillSet, beside: SkillSet, path: Path) -> list[Fault]:
    """Names of a single file that an installed skill has already."""
    from assistant.registry import Fault

    file = str(path.absolute())
    clashes = []
    for skill in alone.skills:
        other = beside.by_name.get(skill.name)
        if other is not None and not other.source.startswith(f"{file}:"):
            clashes.append(
                Fault(skill.source, f"the name {skill.name} is taken by {other.source}; rename one of the two")
            )
    return clashes


def _unreadable(skills: list[Skill] | tuple[Skill, ...]) -> list[Fault]:
    """Examples' marked words that their own reader can read at no hour of a day."""
    from assistant.registry import Fault

    faults = []
    for skill in skills:
        for example in skill.examples:
            for argument in skill.arguments:
                words = example.call.words.get(argument.name)
                if words is None or any(_reads(skill, argument, words, hour) for hour in (10, 0, 23)):
                    continue
                where = f'in the example "{example.text}" of {skill.name}'
                faults.append(Fault(skill.source, f'{where}, "{words}" cannot be read as a {argument.kind}'))
    return faults


def _reads(skill: Skill, argument: Argument, words: str, hour: int) -> bool:
    """Whether the words have a value half past this hour."""
    from assistant import readers

    now = dt.datetime(2026, 3, 4, hour, 30, tzinfo=dt.UTC)
    alone = replace(skill, arguments=(argument,))
    try:
        readers.read_arguments(alone, {argument.name: words}, now=now, household=Household())
    except readers.Unreadable:
        return False
    return True
