"""How often a word is said: the counted table of words."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.frequent import WEIGHT
from evals.cases import Case, write_cases
from finetune.frequent import words


def test_a_word_weighs_the_less_the_more_requests_hold_it(tmp_path: Path) -> None:
    """Each request counts a word once, talk gives words but no counts, and what people did not say counts nowhere."""
    said = ["play play music", "play jazz", "stop the music", "lamp 5 off"]
    cases = [Case(text, "none", source="clinc150:train", group=text) for text in said]
    cases += [Case("my neighbours play jazz", "none", source="grown-talk:1", group="talk")]
    cases += [Case("grown sentence", "none", source="grown:1", group="grown")]
    write_cases(tmp_path / "train.jsonl", cases)
    table = dict(entry.split(",") for entry in words(tmp_path))
    assert table["play"] == table["music"] == "3"  # 10 * log(4 / 3), a third one counted for caution
    assert table["jazz"] == "7"
    assert table["neighbours"] == "14"
    assert not {"grown", "sentence", "5"} & set(table)


def test_rows_that_are_not_there_are_an_error(tmp_path: Path) -> None:
    """A folder without train.jsonl is no table of nothing."""
    with pytest.raises(OSError, match=r"train\.jsonl"):
        list(words(tmp_path))


def test_the_shipped_table_holds_words_that_are_said() -> None:
    """The commonest words weigh least, and none weighs less than nothing."""
    assert WEIGHT["the"] < WEIGHT["play"] < WEIGHT["neighbours"]
    assert min(WEIGHT.values()) > 0
