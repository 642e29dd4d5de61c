"""A case holds against its own text, and survives being written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from evals.cases import FAMILIES, FAMILY_OF, BadCase, Case, check, read_cases, stands_in, write_cases
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
