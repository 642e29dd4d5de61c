"""Find the skills: installed packages (Hark's own among them) and the household's folders.

A plugin that is broken costs itself: every fault becomes one sentence, and the others load. Knows no skill by name.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib
import importlib.metadata
import importlib.util
import json
import keyword
import pkgutil
import re
import sys
import traceback
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.attempt import attempt
from assistant.config import Settings, own_folder, suggest_key
from assistant.layers import overlay
from assistant.plugin_file import Source, declaration_line, file_source
from assistant.prompt import MAX_PIECES, pieces, plain, read_call, write_call
from assistant.skill import Announcement, BadExamples, ConfigError, Context, Skill

GROUP = "hark.skills"
IMPORT_S = 10.0
"""How long one module may take to import; the slowest of ours takes 0.2 s, and a board is ten times slower."""
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
NAMED = "use small letters, digits and _, a letter first"
"""What a skill may be called."""

Due = Callable[[Context], list[Announcement]]
Stop = Callable[[Context], None]
Names = Callable[[Context], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a plugin."""

    where: str
    """A file, `file:line`, or the name of an installed package."""
    sentence: str

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence}"


@dataclass(frozen=True, slots=True)
class Module:
    """One file of skills."""

    name: str
    path: str
    skills: tuple[Skill, ...]
    due: tuple[Due, ...]
    stop: tuple[Stop, ...]
    settings: Mapping[str, Any]
    """The module's SETTINGS, overlaid with `[skills.<name>]`."""
    names: tuple[Names, ...] = ()


@dataclass(frozen=True)
class SkillSet:
    """Everything that loaded, in a stable order, and what did not."""

    modules: tuple[Module, ...]
    skills: tuple[Skill, ...]
    faults: tuple[Fault, ...]
    hash: str
    """The first 12 hex digits of a SHA-256 over names, signatures, purposes and examples."""

    @functools.cached_property
    def by_name(self) -> Mapping[str, Skill]:
        """Name -> skill."""
        return types.MappingProxyType({skill.name: skill for skill in self.skills})

    @functools.cached_property
    def _modules_by_skill(self) -> Mapping[str, Module]:
        return {skill.name: module for module in self.modules for skill in module.skills}

    def module_of(self, skill: Skill) -> Module:
        """The module a skill comes from. Raises KeyError."""
        return self._modules_by_skill[skill.name]


def load_skills(settings: Settings) -> SkillSet:
    """Import every skill that is installed or lies in a folder of the settings.

    Raises:
        ConfigError: a `[skills.<module>]` table names an unknown module or setting, or a value of the wrong type.
    """
    faults: list[Fault] = []
    modules: list[Module] = []
    found: dict[str, Source] = {}
    taken: dict[str, Skill] = {}
    disabled, known = set(settings.skills.disabled), set[str]()
    with contextlib.redirect_stdout(sys.stderr):
        for source in _sources(settings, faults):
            if source.name in found:
                first = found[source.name].where
                faults.append(Fault(source.where, f"the module name {source.name} is taken by {first}; rename one"))
                continue
            found[source.name] = source
            if source.name in disabled:
                continue
            loaded = _load(source, faults)
            if loaded is None:
                continue
            table = settings.skills.tables.get(source.name, {})
            module = _read_module(source, loaded, overlay(source.name, _defaults(source, loaded, faults), table))
            known.update(skill.name for skill in module.skills)
            kept = tuple(skill for skill in module.skills if skill.name not in disabled)
            kept = tuple(skill for skill in kept if _accept(skill, taken, faults))
            modules.append(replace(module, skills=kept))
    _check_tables(settings, found)
    # Where a file could not be imported an unknown name may be that of its skill.
    for name in () if faults else sorted(disabled - known - found.keys()):
        hint = suggest_key(name, known)
        faults.append(Fault("skills.disabled", f"{name} names no skill and no module of skills{hint}"))
    skills = tuple(skill for module in modules for skill in module.skills)
    return SkillSet(tuple(modules), skills, tuple(faults), skills_hash(skills))


def load_file(path: Path) -> SkillSet:
    """One skill file by itself, with its default settings, as `hark skills check FILE` looks at it."""
    faults: list[Fault] = []
    taken: dict[str, Skill] = {}
    source = file_source(path)
    with contextlib.redirect_stdout(sys.stderr):
        loaded = _load(source, faults)
    if loaded is None:
        return SkillSet((), (), tuple(faults), skills_hash(()))
    module = _read_module(source, loaded, _defaults(source, loaded, faults))
    skills = tuple(skill for skill in module.skills if _accept(skill, taken, faults))
    return SkillSet((module,), skills, tuple(faults), skills_hash(skills))


# --- finding ---------------------------------------------------------------------------------------------------------


def _sources(settings: Settings, faults: list[Fault]) -> Iterator[Source]:
    """Installed packages first (Hark's own before all), then folders; each by name."""
    entries = sorted(importlib.metadata.entry_points(group=GROUP), key=lambda e: (e.name != "builtin", e.name, e.value))
    for value in dict.fromkeys(entry.value for entry in entries):
        yield from _package_sources(value, faults)
    for folder in settings.skills.folders:
        if not folder.exists() and folder != own_folder(settings.paths.data):
            faults.append(Fault(str(folder), "there is no such folder; make it, or correct skills.folders"))
            continue
        try:
            files = sorted(folder.glob("*.py"))
        except OSError as error:
            faults.append(Fault(str(folder), f"the folder cannot be read: {error.strerror}"))
            continue
        for path in files:
            if path.name.startswith(("_", "test_")) or path.name == "conftest.py":
                continue
            if path.is_file():
                yield file_source(path)
            else:
                what = "a folder" if path.is_dir() else "no file that can be read"
                faults.append(Fault(str(path), f"is {what}, so no skills; take .py from its name, or remove it"))


def _package_sources(value: str, faults: list[Fault]) -> Iterator[Source]:
    """Every module of a package, or the one module that an entry point names."""
    package = _load(Source(value, f"package {value}", functools.partial(importlib.import_module, value)), faults)
    if package is None:
        return
    search = getattr(package, "__path__", None)
    if search is None:
        yield Source(value.rpartition(".")[2], getattr(package, "__file__", None) or value, lambda: package)
        return
    for module in sorted(pkgutil.iter_modules(search), key=lambda m: m.name):
        if not module.name.startswith(("_", "test_")):
            path = str(Path(getattr(module.module_finder, "path", "")) / f"{module.name}.py")
            load = functools.partial(importlib.import_module, f"{value}.{module.name}")
            yield Source(module.name, path, load)


# --- importing -------------------------------------------------------------------------------------------------------


def _load(source: Source, faults: list[Fault]) -> types.ModuleType | None:
    """Import a module; a skill that is declared wrongly costs itself, anything else the module (None)."""
    result = attempt(source.load, IMPORT_S, f"import {source.name}")
    wrong: set[int] = set()
    while isinstance(result, Exception):
        line = declaration_line(source, result)
        if line is None or line in wrong:
            break
        faults += _declaration_faults(source, result)
        wrong.add(line)
        if source.load_without is None:
            break
        rest = functools.partial(source.load_without, frozenset(wrong))
        result = attempt(rest, IMPORT_S, f"import {source.name}")
    if isinstance(result, types.ModuleType):
        return result
    if not wrong:
        faults.append(_import_fault(source, result))
    return None


def _declaration_faults(source: Source, error: Exception) -> Iterator[Fault]:
    """What an `@skill` was refused for: a sentence for each bad example, or the one that any other fault has."""
    first = _import_fault(source, error)
    if not isinstance(error, BadExamples):
        yield first
        return
    yield from (Fault(first.where, " ".join(sentence.split())) for sentence in error.args)
    yield from (Fault(first.where, sentence) for sentence in _cut_words(error.rest))


def _cut_words(skill: Skill) -> Iterator[str]:
    """A sentence for each example that marks part of a word."""
    for example in skill.examples:
        try:
            write_call(example.call, skill, plain(example.text))
        except ValueError:
            long = len(pieces(plain(example.text))) >= MAX_PIECES
            what = f"has more than {MAX_PIECES} words; shorten it" if long else "marks part of a word; mark whole words"
            yield f'the example "{example.text}" {what}'


def _import_fault(source: Source, error: BaseException) -> Fault:
    """The sentence for what an import raised, at the plugin's own line that raised it."""
    if isinstance(error, TimeoutError) and error.__traceback__ is None:
        return Fault(source.where, f"importing it did not end within {IMPORT_S:g} seconds; import quickly")
    if isinstance(error, SyntaxError):
        line = f":{error.lineno}" if error.lineno else ""
        return Fault(f"{error.filename or source.where}{line}", f"is not valid Python: {error.msg}")
    message = " ".join(str(error).split())
    if isinstance(error, ValueError) and "null bytes" in message:  # Python before 3.11.4 has no SyntaxError for it
        return Fault(source.where, f"is not valid Python: {message}")
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == source.where]
    where = f"{source.where}:{lines[-1]}" if lines else source.where
    if declaration_line(source, error) is not None:
        return Fault(where, message)
    if isinstance(error, ModuleNotFoundError):
        return Fault(where, f"needs the package {error.name}, which is not installed")
    if isinstance(error, SystemExit):
        return Fault(where, "leaves the program while it is imported (sys.exit)")
    return Fault(where, f"importing it failed: {type(error).__name__}{': ' if message else ''}{message}")


def _read_module(source: Source, loaded: types.ModuleType, settings: Mapping[str, Any]) -> Module:
    """What a module declares itself; what it imported from another is that one's."""
    own = [value for value in vars(loaded).values() if getattr(value, "__module__", None) == loaded.__name__]
    marked = (getattr(value, "__skill__", None) for value in own)
    skills = {id(skill): skill for skill in marked if isinstance(skill, Skill)}
    due = tuple(value for value in own if getattr(value, "__hark_hook__", "") == "due")
    stop = tuple(value for value in own if getattr(value, "__hark_hook__", "") == "stop")
    names = tuple(value for value in own if getattr(value, "__hark_hook__", "") == "names")
    return Module(source.name, source.where, tuple(skills.values()), due, stop, settings, names)


def _accept(skill: Skill, taken: dict[str, Skill], faults: list[Fault]) -> bool:
    """Whether the skill's name is good and free, its examples usable; the first to take a name keeps it."""
    if not _NAME.match(skill.name) or keyword.iskeyword(skill.name):
        faults.append(Fault(skill.source, f"{skill.name} is no good name; {NAMED}"))
        return False
    if skill.name in taken:
        first = taken[skill.name].source
        faults.append(Fault(skill.source, f"the name {skill.name} is taken by {first}; rename one of the two"))
        return False
    wrong = [Fault(skill.source, sentence) for sentence in (*_unsayable(skill), *_cut_words(skill))]
    faults += wrong
    if not wrong:
        taken[skill.name] = skill
    return not wrong


def _unsayable(skill: Skill) -> Iterator[str]:
    """A sentence for each argument and choice that cannot stand in a call."""
    for argument in skill.arguments:
        if not _NAME.match(argument.name):
            yield f"{skill.name}: {argument.name} is no good name for an argument; {NAMED}"
            continue
        for choice in argument.choices:
            if read_call(f"{skill.name}({argument.name}= {choice})").words != {argument.name: choice}:
                yield f'{skill.name}: the choice "{choice}" of {argument.name} holds or ends with a mark; write words'


# --- settings --------------------------------------------------------------------------------------------------------


def _defaults(source: Source, loaded: types.ModuleType, faults: list[Fault]) -> Mapping[str, Any]:
    declared = getattr(loaded, "SETTINGS", {})
    if isinstance(declared, dict) and all(isinstance(key, str) for key in declared):
        return declared
    faults.append(Fault(source.where, "SETTINGS must be a dict of names and default values"))
    return {}


def _check_tables(settings: Settings, found: Mapping[str, Source]) -> None:
    """Raises ConfigError for a `[skills.<module>]` whose module is nowhere; a broken or disabled one is known."""
    for name in settings.skills.tables:
        if name not in found:
            hint = suggest_key(f"skills.{name}", [f"skills.{known}" for known in found])
            raise ConfigError(f"[skills.{name}] names no module of skills{hint}")


def skills_hash(skills: Iterable[Skill]) -> str:
    """Names a set of skills in diaries and evals; what a function does inside does not count."""
    described = [
        [skill.name, skill.purpose]
        + [[a.name, a.kind, a.required, list(a.choices)] for a in skill.arguments]
        + [[e.text, e.call.skill, dict(e.call.words)] for e in skill.examples]
        for skill in skills
    ]
    return hashlib.sha256(json.dumps(described, ensure_ascii=False).encode()).hexdigest()[:12]
