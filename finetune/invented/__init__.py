"""Skills that nobody installed, invented for this project: what new skills, and what people say to them, are like.

The model that recognises a skill from ten examples (`assistant.fewshot`) learns here how a wish is said in other words.
A file holds skills like this one, with a blank line between two:

    = water_plants
    : Waters a part of the garden for some time.
    place: text?
    mode: choice? sprinkler | drip
    + water the [roses](place)
    * the [tomatoes](place) look dry
    - the roses are lovely this year

`+` is an example of the skill's author, `*` what other people say, `-` what is not for the skill. One author wrote all
three; the files in `others` have lines with `*` and `-` by somebody else, under the name of a skill that there is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from assistant.prompt import plain
from assistant.skill import Argument, Example, Skill, parse_example

FOLDER = Path(__file__).parent
OTHERS = "others"
KINDS = ("text", "number", "duration", "time", "date", "day", "when")
_ARGUMENT = re.compile(r"([a-z][a-z0-9_]*): (\w+)(\??)(?: (.+))?")


@dataclass(frozen=True, slots=True)
class Invented:
    """One skill, and what is said about it."""

    skill: Skill
    """Its examples are those of its author."""
    phrasings: tuple[Example, ...]
    near_misses: tuple[str, ...]
    by_others: tuple[Example, ...] = ()
    """Phrasings by somebody who knew the examples and is not their author."""

    def sentences(self) -> Iterator[str]:
        """All that is said of it."""
        yield from (example.text for example in (*self.skill.examples, *self.phrasings, *self.by_others))
        yield from self.near_misses

    def with_more(self, more: Iterable[Invented]) -> Invented:
        """The skill with what others say for it, and what they know that is not for it."""
        by_others, near_misses = self.by_others, self.near_misses
        for one in more:
            by_others, near_misses = (*by_others, *one.by_others), (*near_misses, *one.near_misses)
        return replace(self, by_others=by_others, near_misses=near_misses)


@dataclass
class _Draft:
    name: str
    where: str
    purpose: str = ""
    arguments: dict[str, Argument] = field(default_factory=dict)
    examples: list[Example] = field(default_factory=list)
    phrasings: list[Example] = field(default_factory=list)
    near_misses: list[str] = field(default_factory=list)

    def read(self, line: str) -> None:
        """Take in one line. Raises ValueError."""
        mark, rest = line[0], line[2:].strip()
        if mark in ":+*-" and line[1:2] != " ":
            raise ValueError(f'a space stands after "{mark}"')
        if mark == ":":
            self.purpose = rest
        elif mark in "+*":
            example = self._example(rest)
            (self.examples if mark == "+" else self.phrasings).append(example)
        elif mark == "-":
            if "](" in rest:
                raise ValueError("a near miss has no marks")
            self.near_misses.append(_spoken(rest))
        else:
            argument = _argument(line)
            self.arguments[argument.name] = argument

    def _example(self, marked: str) -> Example:
        example = parse_example(marked, self.name)
        _spoken(example.text)
        for name, words in example.call.words.items():
            argument = self.arguments.get(name)
            if argument is None:
                raise ValueError(f'no argument is called "{name}"')
            if argument.choices and words not in argument.choices:
                raise ValueError(f'"{words}" is no choice of {name}: {", ".join(argument.choices)}')
        missing = [name for name, argument in self.arguments.items() if argument.required and name not in example.spans]
        if missing:
            raise ValueError(f'"{missing[0]}" is required and not marked')
        return example

    def done(self) -> Invented:
        """The skill. Raises ValueError where something is missing."""
        if not (self.purpose and self.examples and self.phrasings and self.near_misses):
            raise ValueError(f'{self.where}: "{self.name}" needs a purpose and lines with "+", "*" and "-"')
        arguments, examples = tuple(self.arguments.values()), tuple(self.examples)
        skill = Skill(self.name, self.purpose, arguments, examples, run=lambda: "", source=self.where)
        return Invented(skill, tuple(self.phrasings), tuple(self.near_misses))

    def more(self, of: Invented) -> Invented:
        """What others say for a skill, and nothing else of it. Raises ValueError where there is something else."""
        if self.purpose or self.examples or tuple(self.arguments.values()) != of.skill.arguments:
            raise ValueError(f'{self.where}: others say "{self.name}" with "*" and "-" alone')
        return Invented(of.skill, (), tuple(self.near_misses), tuple(self.phrasings))


def read(path: Path) -> tuple[Invented, ...]:
    """The skills of one file. Raises ValueError, naming the file and the lines."""
    return tuple(draft.done() for draft in _drafts(path, _Draft))


def read_others(path: Path, skills: Mapping[str, Invented]) -> tuple[Invented, ...]:
    """The skills of which a file of `others` has something, with nothing but that. Raises ValueError as `read` does."""

    def begun(name: str, where: str) -> _Draft:
        if name not in skills:
            raise ValueError(f'no skill is called "{name}"')
        return _Draft(name, where, arguments={a.name: a for a in skills[name].skill.arguments})

    return tuple(draft.more(skills[draft.name]) for draft in _drafts(path, begun))


def _drafts(path: Path, begun: Callable[[str, str], _Draft]) -> list[_Draft]:
    found: list[_Draft] = []
    wrong: list[str] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path.name}:{number}"
        try:
            if line.startswith("= "):
                found.append(begun(line[2:].strip(), where))
            elif line.strip():
                if not found:
                    raise ValueError('a skill begins with "= name"')
                found[-1].read(line)
        except ValueError as error:
            wrong.append(f"{where}: {error}")
    if wrong:
        raise ValueError("\n".join(wrong))
    return found


def shipped(folder: Path = FOLDER) -> tuple[Invented, ...]:
    """Every skill there is. Raises ValueError."""
    found = [skill for path in sorted(folder.glob("*.txt")) for skill in read(path)]
    known = {one.skill.name: one for one in found}
    more = [one for path in sorted((folder / OTHERS).glob("*.txt")) for one in read_others(path, known)]
    skills = merged(found, more)
    for fault in faults(skills):
        raise ValueError(fault)
    return skills


def merged(skills: Iterable[Invented], more: Iterable[Invented]) -> tuple[Invented, ...]:
    """Skills with what `read_others` found for them."""
    of: dict[str, list[Invented]] = {}
    for one in more:
        of.setdefault(one.skill.name, []).append(one)
    return tuple(one.with_more(of.get(one.skill.name, ())) for one in skills)


def near_misses(folder: Path = FOLDER) -> Iterator[str]:
    """Those of every skill, without reading all else that is said of it, which takes seconds."""
    for path in sorted(folder.rglob("*.txt")):
        yield from (line[2:].strip() for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("- "))


def faults(skills: Iterable[Invented]) -> Iterator[str]:
    """Names and sentences that stand twice."""
    names: set[str] = set()
    seen: dict[str, str] = {}
    for one in skills:
        if one.skill.name in names:
            yield f'{one.skill.source}: "{one.skill.name}" is there twice'
        names.add(one.skill.name)
        for text in one.sentences():
            if text in seen:
                yield f'{one.skill.source}: "{text}" is there twice, in {seen[text]} and {one.skill.name}'
            seen[text] = one.skill.name


def _argument(line: str) -> Argument:
    match = _ARGUMENT.fullmatch(line.strip())
    if match is None:
        raise ValueError(f'"{line}" is no argument; write "name: kind", or "name: choice? one | two"')
    name, kind, optional, rest = match.groups()
    if kind == "choice":
        choices = tuple(one.strip() for one in (rest or "").split("|"))
        if len(choices) < 2:
            raise ValueError("a choice needs two words at least, with | between them")
        return Argument(name, kind, not optional, choices)
    if kind not in KINDS or rest:
        raise ValueError(f'"{kind}" is no kind of argument; there are {", ".join(KINDS)} and choice')
    return Argument(name, kind, not optional)


def _spoken(text: str) -> str:
    if plain(text) != text or any(c.isdigit() for c in text):
        raise ValueError(f'"{text}" is not as it is heard: lower case, no punctuation, no digits')
    return text
