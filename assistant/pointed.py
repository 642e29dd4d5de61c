"""The words a model pointed at, held against the whole sentence before anything is made of them.

A model sometimes begins to point too late, stops too early, or points twice at one word. All of it can be seen from the
sentence and the readers alone, so code mends the first two and finds the third; nothing here asks a model.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from assistant.prompt import chunks, clean_run
from assistant.skill import CLOSED, Call, Repeating, Skill

WIDER = 4
"""Words that a day or a moment may begin before, or go on after, those the model pointed at."""
DAYS = ("date", "day", "when")
READ_ON = 12
"""Words that a sum may go on for after those the model pointed at."""
REPEATING, LAST_WORDS = 4, 30
"""Words of "every monday and friday", and how many of a sentence, from its end, are searched for them."""

Value = Callable[[str, str], object]
"""Kind and words -> what they say; None where they cannot be read."""


def completed(call: Call, skill: Skill, text: str, value: Value) -> Mapping[str, str]:
    """The call's words, those that were begun too late or left too early read whole.

    Args:
        text: the plain transcript.
    """
    words = _whole_sums(call, skill, text, value)
    if share_words(skill, words, text):
        words = _apart(skill, words, value)
    words = _whole_days(skill, words, text, value)
    return _every_day(skill, _signed(skill, words, text, value), text, value)


def share_words(skill: Skill, words: Mapping[str, str], text: str) -> bool:
    """Whether two arguments point at the same words, of which one must be wrong."""
    open_words = [said for name, said in words.items() if skill.argument(name).kind not in CLOSED]
    used = Counter(clean_run(chunk) for said in open_words for chunk in chunks(said))
    there = Counter(clean_run(chunk) for chunk in chunks(text))
    return any(0 < there[chunk] < times for chunk, times in used.items())


def _whole_days(skill: Skill, words: Mapping[str, str], text: str, value: Value) -> Mapping[str, str]:
    """Each day that was begun too late or left too early ("friday" of "a week on friday", "this afternoon" of "half
    past four this afternoon") as wide as it can be read, without the words of other arguments."""
    whole = dict(words)
    for argument in skill.arguments:
        if argument.kind in DAYS and argument.name in words:
            others = [said for name, said in words.items() if name != argument.name]
            whole[argument.name] = _widened(words[argument.name], argument.reader, text, others, value)
    return whole


def _widened(words: str, kind: str, text: str, others: Sequence[str], value: Value) -> str:
    """The longest run around the words, where they stand once, that says something else."""
    before, found, after = f" {text} ".partition(f" {words} ")
    said = value(kind, words)
    if not found or said is None or f" {words} " in f" {after}":
        return words
    for other in others:
        before = before.rpartition(f" {other} ")[2] if f" {other} " in f"{before} " else before
        after = after.partition(f" {other} ")[0] if f" {other} " in f" {after}" else after
    left, right = before.split()[-WIDER:], after.split()[:WIDER]
    sizes = sorted(((i, j) for i in range(len(left) + 1) for j in range(len(right) + 1)), key=sum, reverse=True)
    runs = (" ".join([*left[len(left) - i :], words, *right[:j]]) for i, j in sizes)
    return next((run for run in runs if not _is_same(value(kind, run), said)), words)


def _is_same(now: object, before: object) -> bool:
    """Whether wider words say nothing, or nothing else; two `Repeating` may begin on the same date."""
    return now is None or (now == before and getattr(now, "weekdays", None) == getattr(before, "weekdays", None))


def _apart(skill: Skill, words: Mapping[str, str], value: Value) -> Mapping[str, str]:
    """The words that a typed and a free argument share, given to one of them.

    The unit in a number goes to the unit: "six foot two" and "foot two" are "six" and "foot two". The number in a value
    is no name, where none need be said: a timer of "1,000 seconds" is not called "1,000".
    """
    apart = dict(words)
    free = [argument for argument in skill.arguments if argument.kind == "text" and argument.name in words]
    typed = [a for a in skill.arguments if a.kind not in (*CLOSED, "text") and a.name in words]
    for one, other in ((one, other) for one in typed for other in free):
        before, found, after = f" {words[one.name]} ".partition(f" {words[other.name]} ")
        if not found:
            continue
        if value(one.reader, words[one.name]) is not None:
            if not other.required and value("number", words[other.name]) is not None:
                apart.pop(other.name, None)
        elif one.kind == "number" and value("number", before) is not None:
            apart |= {one.name: before.strip(), other.name: f"{words[other.name]} {after}".strip()}
    return apart


def _whole_sums(call: Call, skill: Skill, text: str, value: Value) -> Mapping[str, str]:
    """Each sum that was begun too late or left before its end ("seven plus two" of "seven plus two minus one") read
    on while that changes what it says."""
    sums = {argument.name for argument in skill.arguments if argument.kind == "expression"}
    return {name: _read_on(words, text, value) if name in sums else words for name, words in call.words.items()}


def _read_on(words: str, text: str, value: Value) -> str:
    """The words and those after them in the text, as far as they change the value; "3 plus 4" of "1/3 plus 4" is
    begun where its word begins."""
    words = _whole_word(words, text, value)
    said, parts = words.split(), text.split()
    starts = (i for i in range(len(parts)) if parts[i : i + len(said)] == said)
    first, best = next(starts, None), words
    if first is None:
        return words
    for end in range(first + len(said) + 1, min(len(parts), first + len(said) + READ_ON) + 1):
        longer = " ".join(parts[first:end])
        if value("expression", longer) not in (None, value("expression", best)):
            best = longer
    return best


def _whole_word(words: str, text: str, value: Value) -> str:
    """The words from where their first word begins in the text, if that can be read."""
    if f" {words} " in f" {text} " or (at := text.find(words)) < 0:
        return words
    whole = text[text.rfind(" ", 0, at) + 1 : at + len(words)]
    return whole if value("expression", whole) is not None else words


def as_said(words: Mapping[str, str], skill: Skill, text: str) -> Mapping[str, str]:
    """The words with the commas that stood between them, in free text: "eggs, milk and bread" are three things.

    Args:
        text: the transcript as it was written down; `words` are of its plain form.
    """
    free = {argument.name for argument in skill.arguments if argument.kind == "text"}
    return {name: _with_commas(said, text) if name in free else said for name, said in words.items()}


def _with_commas(words: str, text: str) -> str:
    parts = words.split()
    between = re.compile(r"(,?)\s+".join(re.escape(part) for part in parts), re.IGNORECASE)
    found = between.search(text)
    if found is None:
        return words
    return " ".join([*(part + comma for part, comma in zip(parts, found.groups(), strict=False)), parts[-1]])


def _signed(skill: Skill, words: Mapping[str, str], text: str, value: Value) -> Mapping[str, str]:
    """Each number with the "minus" before it that the model left out, as it does where few of its sentences had one."""
    numbers = {argument.name for argument in skill.arguments if argument.kind == "number"}
    return {name: _with_sign(said, text, value) if name in numbers else said for name, said in words.items()}


def _with_sign(words: str, text: str, value: Value) -> str:
    """The words and the one before them, where that makes a number negative wherever the words stand in the text.

    After another number it takes away ("twenty minus five"), and says nothing of this one.
    """
    said, parts = words.split(), text.split()
    starts = [at for at in range(len(parts)) if parts[at : at + len(said)] == said]
    number = value("number", words)
    if not starts or not isinstance(number, float):
        return words
    before = {parts[at - 1] if at else "" for at in starts}
    takes_away = any(at > 1 and value("number", parts[at - 2]) is not None for at in starts)
    longer = f"{before.pop()} {words}"
    signed = value("number", longer)
    is_sign = isinstance(signed, float) and signed < min(0.0, number)
    return longer if is_sign and not before and not takes_away else words


def _every_day(skill: Skill, words: Mapping[str, str], text: str, value: Value) -> Mapping[str, str]:
    """The words, with "every weekday" or "on mondays" for a date that the model left unsaid: an alarm that rings once,
    and on the wrong day, is worse than none."""
    unsaid = next((a.name for a in skill.arguments if a.kind == "date" and a.name not in words), "")
    if not unsaid or not words:
        return words
    rest = f" {text} "
    for said in words.values():
        rest = rest.replace(f" {said} ", " | ", 1)
    parts = rest.split()[-LAST_WORDS:]
    runs = (parts[i : i + n] for n in range(REPEATING, 0, -1) for i in range(len(parts) - n + 1))
    for run in map(" ".join, runs):
        if "|" not in run and isinstance(value("date", run), Repeating):
            return {**words, unsaid: run}
    return words
