"""What a skill author needs: `@skill`, the argument types, `Context` and the errors.

Standard library only, so that a skill imports in milliseconds on any board. A skill is a function whose
keyword-only arguments are what the model may fill; the first line of its docstring is what a model is told;
what it returns is what is said.
"""

from __future__ import annotations

import datetime as dt
import inspect
import re
import sqlite3
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, overload

from assistant.kinds import Date, Day, Duration, Expression, Kind, Number, PartOfDay, Repeating, Time, When
from assistant.tense import has_gone_by

__all__ = [
    "Announcement", "Argument", "Ask", "BadExamples", "Call", "ConfigError", "Context", "Date", "Day", "Duration",
    "Example", "Expression", "Household", "MissingPiece", "Number", "PartOfDay", "Repeating", "Skill", "SkillError",
    "Time", "When", "due", "names", "on_stop", "parse_example", "skill",
]  # fmt: skip


class SkillError(Exception):
    """The turn failed for a reason that is said aloud; the message is that sentence."""


class Ask(SkillError):
    """A question back to the speaker ("Which light?"), said instead of an answer.

    Args:
        question: what is said.
        argument: the argument that the next words fill; the skill is called again with it.
    """

    def __init__(self, question: str = "", argument: str = "") -> None:
        super().__init__(question)
        self.argument = argument


class MissingPiece(Exception):
    """Something must be installed or downloaded; the message holds the command that does it."""


class ConfigError(Exception):
    """A setting is wrong; the message names it and says what to write instead."""


class BadExamples(ValueError):
    """Examples that do not fit their skill's signature; `args` has a sentence for each."""

    rest: Skill
    """The skill with its other examples."""

    def __str__(self) -> str:
        return "; ".join(self.args)


# --- arguments, calls and skills -------------------------------------------------------------------------------------


CLOSED = ("choice", "flag")
"""Kinds whose value is picked from a list; every other kind points at words of the transcript."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One keyword-only parameter of a skill."""

    name: str
    kind: str
    """text, duration, number, time, date, day, when, expression, choice or flag"""
    required: bool
    choices: tuple[str, ...] = ()
    """What may be written for a closed kind; () for an open one."""
    whole: bool = False
    """A number that its function takes as an int."""
    past: bool = False
    """A `when` that has gone by, as its examples show: "i took it [last night](taken)"."""

    @property
    def reader(self) -> str:
        """The kind by which its words are read: its own, or `past`."""
        return "past" if self.past else self.kind


@dataclass(frozen=True, slots=True)
class Call:
    """A skill's name and, for each argument given, the words pointed at (or the choice picked)."""

    skill: str
    words: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """The one line of call language: `set_timer(duration="five minutes", name="pasta")`."""
        arguments = ", ".join(f'{name}="{words}"' for name, words in self.words.items())
        return f"{self.skill}({arguments})"


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence a person says, and the call it means."""

    text: str
    call: Call
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Character positions in `text` of each pointed-at argument (closed arguments: of the words that say it)."""


@dataclass(frozen=True, slots=True)
class Skill:
    """Everything Hark knows of one skill, read from its function."""

    name: str
    purpose: str
    arguments: tuple[Argument, ...]
    examples: tuple[Example, ...]
    run: Callable[..., Any]
    confirm: bool = False
    deadline_s: float = 8.0
    source: str = ""
    """`file:line` of the function, for messages."""
    addressed: bool = False
    """People say the same to one another: only after the wake word, or to a question of ours, is it for Hark."""

    def argument(self, name: str) -> Argument:
        """The argument called `name`; raises KeyError."""
        for argument in self.arguments:
            if argument.name == name:
                return argument
        raise KeyError(name)

    def is_whole(self, words: Mapping[str, str]) -> bool:
        """Whether every argument that it requires is among those that are said."""
        return all(argument.name in words for argument in self.arguments if argument.required)


# --- what a skill is given -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Household:
    """What the whole house shares."""

    place: str = ""
    """Where the device stands ("Lyon"); "" when the household has not said."""
    units: Literal["metric", "imperial"] = "metric"
    language: str = "en"
    twelve_hour: bool = True


@dataclass(frozen=True, slots=True)
class Context:
    """What a skill may touch besides its arguments."""

    now: dt.datetime
    """The household's wall clock, with its time zone."""
    settings: Mapping[str, Any]
    """The module's `SETTINGS`, overlaid with the table `[skills.<module>]` of hark.toml."""
    database: Callable[[], AbstractContextManager[sqlite3.Connection]]
    """Opens the household's SQLite file: `with context.database() as db:` commits at the end, or rolls back."""
    household: Household = Household()
    skills: Sequence[Skill] = ()
    last_reply: str = ""
    """What was said last, for "say that again"."""
    said: str = ""
    """The whole sentence as it was written down, for what no argument holds ("cancel *all* alarms"); "" in hooks."""
    answer: Callable[[str], str] | None = None
    """Asks the household's larger model; None where there is none. Raises SkillError."""
    stop: Callable[[], None] = lambda: None
    """Runs every module's `@on_stop` function: what rings or plays falls silent."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something a skill says without being asked, because its time has come."""

    text: str
    ring: bool = False
    """True for a sound that goes on until somebody says stop."""


# --- declaring -------------------------------------------------------------------------------------------------------

F = TypeVar("F", bound=Callable[..., Any])
_MARKED = re.compile(r"\[([^\[\]]+)\]\(([a-z_][a-z0-9_]*)(?:=([^()]*))?\)")


def parse_example(marked: str, skill_name: str) -> Example:
    """Read `set a timer for [ten minutes](duration)`; `[louder](direction=up)` says a closed argument's choice.

    Raises:
        ValueError: an argument is marked twice, or brackets are left over.
    """
    text, words, spans, end = "", {}, {}, 0
    for match in _MARKED.finditer(marked):
        said, name, choice = match.groups()
        if name in words:
            raise ValueError(f'the example "{marked}" marks {name} twice')
        text += marked[end : match.start()]
        spans[name] = (len(text), len(text) + len(said))
        text += said
        words[name] = said if choice is None else choice
        end = match.end()
    text += marked[end:]
    if "](" in text:
        raise ValueError(f'the example "{marked}" has a mark that cannot be read; write [words](argument)')
    return Example(text, Call(skill_name, words), spans)


def _argument(name: str, annotation: Any, required: bool) -> Argument:
    """Read one parameter's annotation. Raises TypeError for a type no reader serves."""
    if get_origin(annotation) in (typing.Union, types.UnionType):
        inner = [a for a in get_args(annotation) if a is not type(None)]
        if len(inner) != 1:
            raise TypeError(f"{name}: {annotation} is not one type")
        annotation = inner[0]
    if get_origin(annotation) is Literal:
        if not all(isinstance(choice, str) for choice in get_args(annotation)):
            raise TypeError(f"{name}: the choices of {annotation} must be texts in quotes; for a number use int")
        return Argument(name, "choice", required, get_args(annotation))
    if annotation is bool:
        return Argument(name, "flag", required, ("yes", "no"))
    if get_origin(annotation) is Annotated:
        for note in get_args(annotation)[1:]:
            if isinstance(note, Kind):
                return Argument(name, note.name, required)
    plain = {str: "text", float: "number", int: "number"}
    if annotation in plain:
        return Argument(name, plain[annotation], required, whole=annotation is int)
    raise TypeError(
        f"{name}: the type {getattr(annotation, '__name__', annotation)} is not supported; use str, Number, int, "
        "Duration, Time, Date, Day, When, Expression, bool or Literal[...]"
    )


def _check_example(example: Example, arguments: Sequence[Argument]) -> None:
    """Raises ValueError when an example does not fit the signature."""
    known = {argument.name: argument for argument in arguments}
    for name, words in example.call.words.items():
        if name not in known:
            raise ValueError(f'the example "{example.text}" marks {name}, which is not an argument')
        if known[name].choices and words not in known[name].choices:
            choices = ", ".join(known[name].choices)
            raise ValueError(f'the example "{example.text}" says {name}={words}, which is not one of {choices}')
    for argument in arguments:
        if argument.required and argument.name not in example.call.words:
            raise ValueError(f'the example "{example.text}" does not mark {argument.name}, which is required')


def _check_options(name: str, examples: Sequence[str], deadline_s: float) -> None:
    """Raises TypeError or ValueError when what stands in `@skill(...)` is not what it should be."""
    if not examples:
        raise ValueError(f"{name} has no examples; give @skill(examples=[...]) at least two sentences")
    # A single string is a sequence of strings too, each one letter long.
    if isinstance(examples, str) or not all(isinstance(example, str) for example in examples):
        raise TypeError(f"the examples of {name} must be a list of sentences, each in quotes")
    if not all(any(letter.isalnum() for letter in example) for example in examples):
        raise ValueError(f"{name} has an example without a word; write a sentence or take it out")
    if not isinstance(deadline_s, (int, float)) or not 0 < deadline_s < float("inf"):
        raise ValueError(f"deadline_s of {name} must be a number of seconds above 0; it is {deadline_s!r}")


def _read_skill(
    run: Callable[..., Any], examples: Sequence[str], confirm: bool, deadline_s: float, addressed: bool
) -> Skill:
    """Build the Skill of a function. Raises TypeError or ValueError with a sentence that names the fault."""
    name = run.__name__
    try:
        hints = typing.get_type_hints(run, include_extras=True)
    except (NameError, AttributeError, SyntaxError) as error:
        raise TypeError(f"{name} has a type that is not known: {error}") from error
    arguments = []
    first, *rest = inspect.signature(run).parameters.values() or (None,)
    if first is None or first.kind is inspect.Parameter.KEYWORD_ONLY:
        raise TypeError(f"{name} takes no context; write def {name}(context, ...)")
    if inspect.iscoroutinefunction(run):
        raise TypeError(f"{name} is an async function, which nobody awaits; write def without async")
    for parameter in rest:
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY:
            raise TypeError(f"{name}: {parameter.name} must come after `*` (def {name}(context, *, {parameter.name}))")
        if parameter.name not in hints:
            raise TypeError(f"{name}: {parameter.name} has no type")
        required = parameter.default is inspect.Parameter.empty
        arguments.append(_argument(parameter.name, hints[parameter.name], required))
    _check_options(name, examples, deadline_s)
    purpose = (inspect.getdoc(run) or "").partition("\n")[0].strip()
    if not purpose:
        raise ValueError(f"{name} has no docstring; its first line is what the model is told")
    parsed, wrong = [], []
    for marked in examples:
        try:
            example = parse_example(marked, name)
            _check_example(example, arguments)
            parsed.append(example)
        except ValueError as fault:
            wrong.append(str(fault))
    source = f"{run.__code__.co_filename}:{run.__code__.co_firstlineno}"
    said = {one.name: [example.call.words.get(one.name, "") for example in parsed] for one in arguments}
    signature = tuple(replace(one, past=one.kind == "when" and has_gone_by(said[one.name])) for one in arguments)
    found = Skill(name, purpose, signature, tuple(parsed), run, confirm, deadline_s, source, addressed)
    if wrong:
        bad = BadExamples(*wrong)
        bad.rest = found
        raise bad
    return found


@overload
def skill(run: F) -> F: ...
@overload
def skill(
    *, examples: Sequence[str] = (), confirm: bool = False, deadline_s: float = 8.0, addressed: bool = False
) -> Callable[[F], F]: ...
def skill(
    run: F | None = None,
    *,
    examples: Sequence[str] = (),
    confirm: bool = False,
    deadline_s: float = 8.0,
    addressed: bool = False,
) -> F | Callable[[F], F]:
    """Declare a function as a skill.

    Args:
        examples: what people say, arguments marked: `[twenty minute](duration) [pasta](name) timer`.
        confirm: ask "shall I?" before acting.
        deadline_s: how long it may take before it is cut off, in seconds.
        addressed: people say the same to one another ("i love this song"); where no wake word is asked for, do nothing.
    Raises:
        TypeError, ValueError: the declaration is wrong; the message is one sentence.
    """

    def mark(function: F) -> F:
        function.__skill__ = _read_skill(function, examples, confirm, deadline_s, addressed)  # type: ignore[attr-defined]
        return function

    return mark(run) if run is not None else mark


def due(function: F) -> F:
    """Mark `f(context) -> list[Announcement]`: called at start and every second; says what has fallen due."""
    function.__hark_hook__ = "due"  # type: ignore[attr-defined]
    return function


def on_stop(function: F) -> F:
    """Mark `f(context) -> None`: called when somebody says stop."""
    function.__hark_hook__ = "stop"  # type: ignore[attr-defined]
    return function


def names(function: F) -> F:
    """Mark `f(context) -> Iterable[str]`: what the household calls its things, so that the recognizer listens for it.

    Called beside the turns, at the start and after a turn, in a thread of its own; it may take a few seconds.
    """
    function.__hark_hook__ = "names"  # type: ignore[attr-defined]
    return function
