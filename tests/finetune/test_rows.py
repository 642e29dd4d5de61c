"""Cases to training rows: agreement, split, caps, and a build that stops at a bad row."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_sources import write_sets

from evals.cases import BadCase, Case, read_cases
from finetune import grow, rows
from finetune.sources.read import group_key


def _case(text: str, skill: str = "none", **more: object) -> Case:
    return Case(**({"text": text, "skill": skill, "source": "s", "group": f"s:{group_key(text)}"} | more))  # type: ignore[arg-type]


def _many(count: int, skill: str = "none") -> list[Case]:
    names = ["".join(chr(97 + int(digit)) for digit in str(number)) for number in range(count)]
    return [_case(f"say {name} to them", skill) for name in names]


def test_majority_decides_about_a_text() -> None:
    """Where sources disagree about a text the call most of them give it stands, and one of ours before `none`."""
    same = [_case("lights", "switch"), _case("lights"), _case("lights", "switch", args_known=False)]
    assert rows.agree(same) == [same[0]]
    assert rows.agree([_case("shush"), _case("shush", "stop")])[0].skill == "stop"


def test_groups_are_never_on_both_sides() -> None:
    """A paraphrase group is trained on or measured with, not both; about a tenth is measured with."""
    human = [*_many(3000), *(_case(f"please {case.text}", group=case.group) for case in _many(500))]
    sides = rows.split_human(human)
    kept_back = {group_key(case.text) for case in sides.dev}
    assert kept_back.isdisjoint(group_key(case.text) for case in sides.train)
    assert 0.07 < len(sides.dev) / len(human) < 0.13


def test_same_group_same_side_in_every_build() -> None:
    """The side hangs on the group's name, not on the order or on what else there is."""
    human = _many(400)
    both = rows.split_human(human), rows.split_human(human[::-1][:200])
    assert {c.text for c in both[1].dev} <= {c.text for c in both[0].dev}


def test_near_duplicates_of_held_out_sentences_are_not_grown() -> None:
    """A grown sentence that nearly repeats a held-out one is left out of training."""
    human = rows.split_human(_many(200))
    leaked = _case(f"please {human.dev[0].text}", "stop", source="grown-templates", group="grown:stop:1")
    fresh = _case("quit the whole thing", "stop", source="grown-templates", group="grown:stop:2")
    train = rows.add_grown(human, [leaked, fresh], 1).train
    texts = {case.text for case in train}
    assert leaked.text not in texts
    assert fresh.text in texts


def test_grown_rows_weigh_less() -> None:
    """A grown row counts less than a human one."""
    human = rows.Split([_case("stop it", "stop")], [])
    train = rows.add_grown(human, [_case("please halt", "stop", group="grown:stop:2")], 1).train
    assert {case.text: case.weight for case in train} == {"stop it": 1.0, "please halt": rows.GROWN_WEIGHT}


def test_chatter_is_held_out_by_line() -> None:
    """A tenth of our overheard lines is never trained on, and each is measured at most twice."""
    lines = [
        _case(f"{greeting} {c.text}", source="grown-chatter", group=f"chatter:none:{c.text}")
        for c in _many(300)
        for greeting in "abcde"
    ]
    sides = rows.add_grown(rows.Split([_case("stop it", "stop") for _ in range(3)] + _many(5000, "help"), []), lines, 1)
    held = {case.group for case in sides.dev}
    assert 10 < len(held) < 60
    assert len(sides.dev) == 2 * len(held)
    assert held.isdisjoint(case.group for case in sides.train)


def test_none_does_not_swamp() -> None:
    """`none` keeps to its share of the training rows."""
    human = rows.Split([*_many(900), *[_case(f"halt {n} now", "stop") for n in "abcdefghij"]], [])
    train = rows.add_grown(human, [], 1).train
    share = sum(case.skill == "none" for case in train) / len(train)
    assert share <= rows.NONE_SHARE
    assert share > rows.NONE_SHARE - 0.1


def test_build_writes_rows_and_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command builds from the sets, writes both files, and prints counts per skill, argument and source."""
    write_sets(tmp_path / "data")
    arguments = ["build", "--data", str(tmp_path / "data"), "--work", str(tmp_path / "work"), "--grown", "1500"]
    assert rows.main(arguments) == 0
    train = list(read_cases(tmp_path / "work" / "train.jsonl"))
    assert len(train) > 1000
    assert {case.skill for case in train} == {skill.name for skill in rows.shipped_skills()}
    printed = capsys.readouterr().out
    assert "set_timer" in printed
    assert "duration:" in printed
    assert "grown-templates:" in printed
    assert json.loads((tmp_path / "work" / "report.json").read_text())["train"] == len(train)


def test_build_is_the_same_twice(tmp_path: Path) -> None:
    """The same recipe gives the same bytes."""
    write_sets(tmp_path / "data")
    for name in ("one", "two"):
        rows.build(rows.Recipe(tmp_path / "data", tmp_path / name, 600))
    assert (tmp_path / "one" / "train.jsonl").read_bytes() == (tmp_path / "two" / "train.jsonl").read_bytes()


def test_bad_row_stops_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row whose words do not stand in its text stops the build, is named, and nothing is written."""
    write_sets(tmp_path / "data")
    bad = Case("set a timer", "set_timer", {"duration": "ten minutes"}, True, "grown-x", "g")
    monkeypatch.setattr(grow, "grow", lambda *_: [bad])
    arguments = ["build", "--data", str(tmp_path / "data"), "--work", str(tmp_path / "work")]
    assert rows.main(arguments) == 1
    assert "grown-x: 'set a timer': set_timer: duration='ten minutes'" in capsys.readouterr().err
    assert not (tmp_path / "work").exists()


def test_missing_sets_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the sets the command says which file it missed and ends with 1."""
    assert rows.main(["build", "--data", str(tmp_path), "--work", str(tmp_path / "w")]) == 1
    assert "clinc150" in capsys.readouterr().err


def test_report_of_a_broken_file_names_the_line(tmp_path: Path) -> None:
    """A rows file that was cut off is refused with file and line."""
    (tmp_path / "train.jsonl").write_text('{"text": "stop", "skill": "stop"}\n{"text": "st', encoding="utf-8")
    with pytest.raises(BadCase, match=r"train\.jsonl, line 2"):
        list(read_cases(tmp_path / "train.jsonl"))
