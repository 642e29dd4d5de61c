"""Skills and a transcript -> the grammar of the calls that may be written.

In two parts, so that the cost of a call does not grow with the number of skills: the *head* (which skill) is compiled
once per skill set, the *tail* (that skill's arguments, over this transcript) once per utterance and only for the skill
that was picked. An open argument can be nothing but a run of whole chunks of the transcript.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from assistant.skill import Argument, Skill


def head_grammar(names: Iterable[str]) -> str:
    """Lark for `set_timer(` or any other of the names."""
    return "start: " + " | ".join(json.dumps(f"{name}(") for name in names)


def tail_grammar(skill: Skill, chunks: Sequence[str], *, marks: Sequence[str] = ()) -> str:
    """Lark for what follows `name(`: the arguments in the signature's order, then `)`.

    Args:
        chunks: the transcript as `assistant.prompt.chunks` cuts it; () allows no open argument.
        marks: a mark for each chunk; an open argument is then the marks of its first and its last chunk. Then a
            required argument may be left out, too: a skill model has learned what was not said, and it is asked for.
    """
    rules: list[str] = []
    may_lack = bool(marks)
    usable = [argument for argument in skill.arguments if argument.choices or chunks]
    for at, argument in enumerate(usable):
        rules.append(f"value_{at}: {_value(argument)}")
    rules.append(f"start: {_rest(usable, 0, '', may_lack)}")
    for at in range(1, len(usable)):
        rules.append(f"rest_{at}: {_rest(usable, at, '', may_lack)}")
        rules.append(f"more_{at}: {_rest(usable, at, ', ', may_lack)}")
    if any(not argument.choices for argument in usable):
        rules += _pointing(marks[: len(chunks)]) if marks else _quoting(chunks)
    return "\n".join(rules)


def _quoting(chunks: Sequence[str]) -> list[str]:
    """A run is written in its own words; the empty run is no argument."""
    return ["run: RUN", "RUN: CHUNKS & /(.|\\n)+/", f"CHUNKS: %regex {json.dumps({'substring_chunks': list(chunks)})}"]


def _pointing(marks: Sequence[str]) -> list[str]:
    """A run is written as two marks, of which the second is not before the first."""
    rules = ["run: " + " | ".join(f"{mark} to_{at}" for at, mark in enumerate(marks))]
    for at, mark in enumerate(marks):
        rules.append(f"to_{at}: {mark}" + (f" | to_{at + 1}" if at + 1 < len(marks) else ""))
    return rules


def _value(argument: Argument) -> str:
    if argument.choices:
        return " | ".join(json.dumps(f" {choice}") for choice in argument.choices)
    return "run"


def _rest(arguments: Sequence[Argument], at: int, comma: str, may_lack: bool) -> str:
    """Alternatives from argument `at` on; `comma` is ", " once something has been written."""
    if at >= len(arguments):
        return '")"'
    argument = arguments[at]
    last = at + 1 >= len(arguments)
    said = f"{json.dumps(comma + argument.name + '=')} value_{at} " + ('")"' if last else f"more_{at + 1}")
    if argument.required and not may_lack:
        return said
    return f"{said} | " + ('")"' if last else f"{'more' if comma else 'rest'}_{at + 1}")
