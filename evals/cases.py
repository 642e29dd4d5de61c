"""The one record that measuring and training share: a sentence and the call it should become.

A case is kept as one JSON line. `plain` form everywhere: the text a model reads, and words that stand in it.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from assistant.commands.frame import written_whole
from assistant.files import TOO_DEEP, read_json
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
KEY_LETTERS = 12
"""Of a SHA-256: among thousand cases two share twelve once in five hundred million sets."""


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
    also: tuple[Mapping[str, Any], ...] = ()
    """Other calls that are as right, each {"skill": ..., "words": {...}}."""
    tags: tuple[str, ...] = ()
    """What the case is about. `says:dark roast` is a detail that its recording says; `voice:en-us+f3` has it spoken by
    that espeak-ng voice, `snr:10` under so many dB."""
    sound: str = ""
    """A recording of it: a path from the folder of the set's file; "" for none."""
    tier: str = ""
    """must-pass, quick or nightly; "" outside the project's own sets."""

    def __post_init__(self) -> None:
        # JSON has no tuples: a case read from a file equals the one that was written.
        given: tuple[object, ...] = (self.tags, self.also)
        if any(isinstance(value, (str, Mapping)) for value in given):
            raise TypeError("tags and also are lists")
        object.__setattr__(self, "also", tuple(self.also))
        object.__setattr__(self, "tags", tuple(self.tags))

    @property
    def acceptable(self) -> tuple[tuple[str, Mapping[str, str]], ...]:
        """Every call that is right, the expected one first: (skill, words)."""
        others = ((str(call["skill"]), call.get("words", {})) for call in self.also)
        return ((self.skill, self.words), *others)

    @property
    def family(self) -> str:
        """The family of the skill; a skill that Hark does not ship is a family of its own."""
        return family_of(self.skill)

    @property
    def key(self) -> str:
        """Names the case by its words and every call that is right: a case that is corrected is a new one."""
        calls = [[skill, sorted(words.items())] for skill, words in self.acceptable]
        written = json.dumps([self.text, self.args_known, calls], ensure_ascii=False)
        return hashlib.sha256(written.encode()).hexdigest()[:KEY_LETTERS]


def family_of(skill: str) -> str:
    """The family of a skill; one that Hark does not ship is a family of its own."""
    return FAMILY_OF.get(skill, skill)


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


MOST_SHOWN = 160
"""Letters of a case in a message; a whole page may stand where a sentence should."""


def shortened(said: str) -> str:
    """The text as a message shows it: no longer than a line or two."""
    return said if len(said) <= MOST_SHOWN else f"{said[:MOST_SHOWN].rstrip()} … ({len(said):,} letters)"


def quoted(said: object) -> str:
    """A value as a message shows it, in quotes and cut."""
    return repr(shortened(said)) if isinstance(said, str) else shortened(repr(said))


def place(case: Case) -> str:
    """What a sentence about a bad case begins with: its source, if it has one, and its text."""
    return f"{shortened(case.source)}: {quoted(case.text)}" if case.source else quoted(case.text)


def check(case: Case, closed: Mapping[str, Mapping[str, tuple[str, ...]]]) -> None:
    """Hold a case against its own text.

    Args:
        closed: skill -> argument -> the choices, () for an open argument. A skill that is not in it is unknown.
    Raises:
        BadCase: text not plain, unknown skill or argument, a choice not on its list, words that do not stand there.
    """
    where = place(case)
    if not case.text or case.text != plain(case.text):
        form = plain(case.text)
        raise BadCase(
            f"{where}: the text is not in plain form; {f'write {quoted(form)}' if form else 'it says no word'}"
        )
    for call in case.also:
        if not _is_call(call):
            raise BadCase(f'{where}: another acceptable call is {{"skill": ..., "words": {{...}}}}, not {quoted(call)}')
    for skill, pointed in case.acceptable:
        if skill not in closed:
            raise BadCase(f"{where}: there is no skill {shortened(skill)}")
        for name, words in pointed.items():
            _check_argument(f"{where}: {shortened(skill)}", case.text, (name, words), closed[skill])


def _check_argument(where: str, text: str, argument: tuple[str, str], closed: Mapping[str, tuple[str, ...]]) -> None:
    name, words = argument
    if name not in closed:
        raise BadCase(f"{where} has no argument {shortened(name)}")
    if closed[name] and words not in closed[name]:
        raise BadCase(f"{where}: {name}={quoted(words)} is not one of {', '.join(closed[name])}")
    if not closed[name] and not stands_in(words, text):
        raise BadCase(f"{where}: {name}={quoted(words)} is not a run of its words")


def read_cases(path: Path) -> Iterator[Case]:
    """Read cases from JSON lines, one at a time. Raises BadCase naming file and line."""
    for number, found in enumerate(read_lines(path), 1):
        if isinstance(found, BadCase):
            raise BadCase(f"{path.name}, line {number}: {found}") from found
        yield found


def read_lines(path: Path) -> Iterator[Case | BadCase]:
    """Every line of a file of JSON lines: its case, or what is wrong with it. Raises OSError.

    A byte order mark, which editors of other systems write, is passed over, also in the middle of joined files.
    """
    with path.open("rb") as lines:
        for line in lines:
            try:
                yield from_json(read_json(line.decode("utf-8-sig")))
            except UnicodeDecodeError:
                yield BadCase("no text in UTF-8")
            except json.JSONDecodeError as fault:
                yield BadCase(f"no JSON from its character {fault.colno} on; {_ONE_LINE}")
            except RecursionError:  # shown in a message, it is walked through again
                yield BadCase(TOO_DEEP)
            except (ValueError, TypeError) as fault:
                yield BadCase(str(fault))


def from_json(record: Mapping[str, Any]) -> Case:
    """A case from one JSON object, or from a line of `hark trace export`: that says when, and its text as it was heard.

    Raises:
        ValueError, TypeError: it is no case.
    """
    if not isinstance(record, Mapping):
        raise TypeError(_ONE_LINE)
    given = dict(record)
    _hold_types(given)
    if given.pop("at", None) and "text" in given:
        given["text"] = plain(given["text"])
    known = [item.name for item in fields(Case)]
    unknown = sorted(given.keys() - {*known})
    if unknown:
        raise ValueError(f"{shortened(unknown[0])} is no field of a case; its fields are {', '.join(known)}")
    if not {"text", "skill"} <= given.keys():
        raise ValueError(f"a case has a text and a skill; {_ONE_LINE}")
    return Case(**given)


_ONE_LINE = 'a case is one JSON object on a line: {"text": "what time is it in rome", "skill": "tell_time", ...}'


def _hold_types(given: Mapping[str, Any]) -> None:
    for name in ("text", "skill", "source", "group", "sound", "tier"):
        if not isinstance(given.get(name, ""), str):
            raise TypeError(f"{name} is a text, not {quoted(given[name])}")
    _hold_words(given.get("words", {}))
    if not isinstance(known := given.get("args_known", True), bool):
        raise TypeError(f"args_known is true or false, not {quoted(known)}")
    weight = given.get("weight", 1.0)
    if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight < math.inf:
        raise TypeError(f"weight is a number from 0 on, not {quoted(weight)}")
    tags, also = given.get("tags", ()), given.get("also", ())
    if not isinstance(tags, (list, tuple)) or not all(isinstance(tag, str) for tag in tags):
        raise TypeError(f"tags are a list of texts, not {quoted(tags)}")
    if not isinstance(also, (list, tuple)) or not all(_is_call(call) for call in also):
        raise TypeError(f'also is a list of calls, each {{"skill": ..., "words": {{...}}}}, not {quoted(also)}')
    for call in also:
        _hold_words(call.get("words", {}))


def _is_call(value: object) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("skill"), str) and not value.keys() - {"skill", "words"}


def _hold_words(words: object) -> None:
    if not isinstance(words, Mapping) or not all(isinstance(value, str) for value in words.values()):
        raise TypeError(f"words are arguments with their words, not {quoted(words)}")


_ADDED = frozenset(("also", "tags", "sound", "tier"))
"""Fields that came later: rows written before them keep their bytes, and so their checksums."""


def to_json(case: Case) -> dict[str, Any]:
    """The case as one JSON object; `Case(**...)` of it is the case again. What later fields leave empty is left out."""
    record: dict[str, Any] = {item.name: getattr(case, item.name) for item in fields(case)}
    record["words"] = dict(case.words)
    record["also"] = [dict(call) for call in case.also]
    return {name: value for name, value in record.items() if value or name not in _ADDED}


def write_cases(path: Path, cases: Iterable[Case]) -> int:
    """Write cases as JSON lines, beside the file first and then renamed; returns how many."""
    count = 0
    with written_whole(path) as out:
        for case in cases:
            out.write(json.dumps(to_json(case), ensure_ascii=False) + "\n")
            count += 1
    return count
