"""A case holds against its own text, and survives being written down."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from evals.cases import FAMILIES, FAMILY_OF, BadCase, Case, check, read_cases, stands_in, write_cases
from evals.sets import problems
from finetune.rows import choices, shipped_skills

CLOSED = choices(shipped_skills())
GOOD = Case("set a ten minute timer", "set_timer", {"duration": "ten minute"}, True, "s", "s:1", 0.5)


def test_families_are_the_skills() -> None:
    """Every shipped skill is in exactly one family, and no family names a skill that there is not."""
    assert set(FAMILY_OF) == {skill.name for skill in shipped_skills()}
    assert sum(len(calls) for calls in FAMILIES.values()) == len(FAMILY_OF)


@pytest.mark.parametrize(
    ("words", "text", "stands"),
    [
        ("ten minutes", "set ten minutes", True),
        ("en minutes", "set ten minutes", False),
        ("boston", "boston's weather", True),
        ("5", "5kg in pounds", True),
        ("20", "20-minute timer", True),
        ("ten hours", "set ten minutes", False),
    ],
)
def test_words_stand_as_whole_pieces(words: str, text: str, stands: bool) -> None:
    """Words stand in a text only as a run of whole pieces."""
    assert stands_in(words, text) is stands


def test_good_case_passes() -> None:
    """A case whose words stand in its text is accepted."""
    check(GOOD, CLOSED)


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (Case("Set a Timer.", "set_timer"), "not in plain form"),
        (Case("", "none"), "not in plain form"),
        (Case("hi", "greet"), "no skill greet"),
        (Case("hi", "stop", {"when": "hi"}), "no argument when"),
        (Case("lights on", "switch", {"device": "lights", "state": "bright"}), "not one of on, off"),
        (Case("set a timer", "set_timer", {"duration": "five minutes"}), "not a run of its words"),
    ],
)
def test_bad_case_is_named(case: Case, says: str) -> None:
    """Every contradiction is refused with a sentence about it."""
    with pytest.raises(BadCase, match=says):
        check(case, CLOSED)


def test_round_trip(tmp_path: Path) -> None:
    """Cases come back as they were written, and no half-written file is left."""
    cases = [GOOD, Case("påskeæg", "none", source="s")]
    assert write_cases(tmp_path / "c.jsonl", cases) == 2
    assert list(read_cases(tmp_path / "c.jsonl")) == cases
    assert [path.name for path in tmp_path.iterdir()] == ["c.jsonl"]


def test_a_case_with_everything_survives_being_written(tmp_path: Path) -> None:
    """Other calls, tags, recording and tier come back as they were, tuples included."""
    full = replace(
        GOOD,
        also=({"skill": "none", "words": {}},),
        tags=("risky", "voice:en+f3"),
        sound="clips/a.wav",
        tier="must-pass",
    )
    write_cases(tmp_path / "c.jsonl", [full])
    assert list(read_cases(tmp_path / "c.jsonl")) == [full]
    assert full.acceptable == (("set_timer", GOOD.words), ("none", {}))


def test_a_case_without_them_is_written_as_before(tmp_path: Path) -> None:
    """Rows that use no later field keep their bytes, and so their checksums."""
    write_cases(tmp_path / "c.jsonl", [GOOD])
    assert set(json.loads((tmp_path / "c.jsonl").read_text(encoding="utf-8"))) == {
        "text", "skill", "words", "args_known", "source", "group", "weight"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("also", "says"),
    [
        ({"skill": "greet"}, "no skill greet"),
        ({"skill": "extend_timer", "words": {"duration": "an hour"}}, "not a run of its words"),
        ({"call": "stop()"}, "another acceptable call is"),
    ],
)
def test_other_acceptable_calls_are_checked_too(also: dict[str, object], says: str) -> None:
    """Every acceptable call is held against the text as the first is."""
    check(replace(GOOD, also=({"skill": "extend_timer", "words": {"duration": "ten minute"}},)), CLOSED)
    with pytest.raises(BadCase, match=says):
        check(replace(GOOD, also=(also,)), CLOSED)


@pytest.mark.parametrize("joined", [False, True])
def test_a_byte_order_mark_is_no_fault(tmp_path: Path, joined: bool) -> None:
    """A file that an editor began with a byte order mark has its cases, also behind another file."""
    path = tmp_path / "cases.jsonl"
    first = b'{"text": "stop", "skill": "stop"}\n' if joined else b""
    path.write_bytes(first + codecs.BOM_UTF8 + b'{"text": "help", "skill": "help"}\n')
    assert [case.text for case in read_cases(path)][-1] == "help"


@pytest.mark.parametrize(
    "record",
    [
        {"text": "A long " + "story " * 2000, "skill": "stop"},
        {"text": "word " * 2000 + "word", "skill": "switch", "words": {"state": "on " * 3000}},
        {"text": "stop", "skill": "stop " * 3000},
        {"text": ["stop"] * 3000, "skill": "stop"},
        {"text": "stop", "skill": "stop", "words": ["stop"] * 3000},
        {"text": "stop", "skill": "stop", "s" * 12500: 1},
    ],
)
def test_a_message_holds_no_whole_page(tmp_path: Path, record: dict[str, object]) -> None:
    """A bad case of thousands of letters is named by its beginning."""
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    (fault,) = problems(path, CLOSED)
    assert len(fault) < 800 and "letters)" in fault


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("9" * 6000, "a number in it has more than 4,300 digits; write a shorter one"),
        ("[" * 100_000, "it is nested too deeply; write it flatter"),
    ],
)
def test_what_only_python_minds_is_said_to_people(tmp_path: Path, value: str, says: str) -> None:
    """A number without end and brackets without end are said plainly, by the line they stand on."""
    path = tmp_path / "mine.jsonl"
    path.write_text(f'{{"text": "hello", "skill": {value}}}\n')
    with pytest.raises(BadCase) as caught:
        list(read_cases(path))
    assert str(caught.value) == f"mine.jsonl, line 1: {says}"


def test_a_list_that_is_none_is_refused(tmp_path: Path) -> None:
    """`"tags": "risky"` would be five tags of a letter each."""
    (tmp_path / "c.jsonl").write_text('{"text": "stop", "skill": "stop", "tags": "risky"}\n', encoding="utf-8")
    with pytest.raises(BadCase, match=r"c\.jsonl, line 1: tags are a list of texts"):
        list(read_cases(tmp_path / "c.jsonl"))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'{"text": 5, "skill": "stop"}', "line 2: text is a text, not 5"),
        (b'{"text": "stop", "skill": null}', "line 2: skill is a text, not None"),
        (b'{"text": "stop", "skill": "stop", "words": ["a"]}', "line 2: words are arguments with their words"),
        (b'{"text": "stop", "skill": "stop", "words": {"a": 5}}', "line 2: words are arguments with their words"),
        (b"\xff\xfe", "line 2: no text in UTF-8"),
        (b'{"at": "2026-01-01", "skill": "stop"}', "line 2: a case has a text and a skill"),
        (b'{"text": "stop", "skill": "stop", "tags": [1]}', "line 2: tags are a list of texts"),
        (b'{"text": "stop", "skill": "stop", "also": [5]}', "line 2: also is a list of calls"),
        (b'{"text": "stop", "skill": "stop", "also": [{"words": {}}]}', "line 2: also is a list of calls"),
        (b'{"text": "stop", "skill": "stop", "weight": NaN}', "line 2: weight is a number from 0 on"),
        (b'{"text": "stop", "skill": "stop", "weight": "x"}', "line 2: weight is a number from 0 on"),
        (b'{"text": "stop", "skill": "stop", "args_known": "no"}', "line 2: args_known is true or false"),
    ],
)
def test_a_line_of_other_types_is_named(tmp_path: Path, line: bytes, says: str) -> None:
    """A number for a text, a list for words or bytes that are no text are one sentence with file and line."""
    path = tmp_path / "cases.jsonl"
    path.write_bytes(b'{"text": "stop", "skill": "stop"}\n' + line + b"\n")
    with pytest.raises(BadCase, match=re.escape(f"cases.jsonl, {says}")):
        list(read_cases(path))
