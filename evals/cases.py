"""The one record that measuring and training share: a sentence and the call it should become.

A case is kept as one JSON line. `plain` form everywhere: the text a model reads, and words that stand in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from assistant.prompt import plain, run_of

FAMILIES: dict[str, tuple[str, ...]] = {
    "clock": ("tell_time", "tell_date"),
    "timers": ("set_timer", "cancel_timer", "check_timer", "pause_timer", "resume_timer", "extend_timer"),
    "alarms": ("set_alarm", "cancel_alarm", "list_alarms", "remind"),
    "weather": ("weather",),
    "music": ("play_music", "play_favorite", "control_music", "what_is_playing", "like_song", "add_to_playlist"),
    "volume": ("set_volume", "change_volume"),
    "math": ("calculate",),
    "units": ("convert",),
    "news": ("news",),
    "notes": ("add_note", "read_notes"),
    "lists": ("add_to_list", "remove_from_list", "read_list"),
    "home": ("switch", "dim", "set_color", "set_temperature"),
    "answers": ("ask", "tell_story", "tell_joke"),
    "programs": ("run_program",),
    "session": ("stop", "repeat", "help"),
    "none": ("none",),
}
"""Family -> its calls; the families are the files of skills/."""

FAMILY_OF: dict[str, str] = {call: family for family, calls in FAMILIES.items() for call in calls}


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence a person says, and what it should become."""

    text: str
    """In plain form (assistant.prompt.plain)."""
    skill: str
    words: Mapping[str, str] = field(default_factory=dict)
    """Argument -> the exact words of `text`, or the choice for a closed argument."""
    args_known: bool = True
    """False: only the skill is sure; the arguments are neither trained on nor scored."""
    source: str = ""
    group: str = ""
    """Paraphrases share a group; a group is never on both sides of a split, and intervals are clustered by it."""
    weight: float = 1.0

    @property
    def family(self) -> str:
        """The family of the skill; a skill that Hark does not ship is a family of its own."""
        return FAMILY_OF.get(self.skill, self.skill)


class BadCase(ValueError):
    """A case that contradicts itself; the message names the source and the text."""


def stands_in(words: str, text: str) -> bool:
    """Whether `words` are a run of whole chunks of the plain text, as a call may hold them."""
    if words not in text:
        return False
    try:
        run_of(text, words)
    except ValueError:
        return False
    return True


def check(case: Case, closed: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
    """Hold a case against its own text.

    Args:
        closed: skill -> argument -> the choices, () for an open argument. A skill that is not in it is unknown.
    Raises:
        BadCase: text not plain, unknown skill or argument, a choice not on its list, words that do not stand there.
    """
    where = f"{case.source}: {case.text!r}"
    if not case.text or case.text != plain(case.text):
        raise BadCase(f"{where}: the text is not in plain form")
    if case.skill not in closed:
        raise BadCase(f"{where}: there is no skill {case.skill}")
    for name, words in case.words.items():
        if name not in closed[case.skill]:
            raise BadCase(f"{where}: {case.skill} has no argument {name}")
        choices = closed[case.skill][name]
        if choices and words not in choices:
            raise BadCase(f"{where}: {name}={words!r} is not one of {', '.join(choices)}")
        if not choices and not stands_in(words, case.text):
            raise BadCase(f"{where}: {name}={words!r} is not a run of its words")


def read_cases(path: Path) -> Iterator[Case]:
    """Read cases from JSON lines, one at a time. Raises BadCase naming file and line."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield Case(**json.loads(line))
            except (ValueError, TypeError) as fault:
                raise BadCase(f"{path.name}, line {number}: {fault}") from fault


def write_cases(path: Path, cases: Iterable[Case]) -> int:
    """Write cases as JSON lines, beside the file first and then renamed; returns how many."""
    count = 0
    beside = path.with_suffix(path.suffix + ".part")
    with beside.open("w", encoding="utf-8") as out:
        for case in cases:
            record = asdict(case) | {"words": dict(case.words)}
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
            count += 1
    beside.replace(path)
    return count
