"""The gate that every change passes: nothing of must-pass broken, quick not measurably worse."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from kitchen import doll
from scipy.stats import binomtest

from assistant import learned, models
from assistant.commands.frame import UsageError
from assistant.config import load_settings
from assistant.hub import sha256
from assistant.skill import SkillError
from evals import gate
from evals.answers import Answer
from evals.cases import Case
from evals.gate import Baseline, Made, judge, read_baseline, sentences, worse_by_chance, write_baseline
from evals.sets import WRITTEN, open_set

CASES = [Case(f"play song {number}", "play_music", {"title": f"song {number}"}) for number in range(40)]


def answers(right: Sequence[bool]) -> list[Answer]:
    """An answer to each of the first cases: the right call, or none()."""
    return [
        Answer(case, "play_music", case.words) if good else Answer(case, "none")
        for case, good in zip(CASES, right, strict=False)
    ]


def baseline(right: Sequence[bool]) -> Baseline:
    return Baseline({case.key: good for case, good in zip(CASES, right, strict=False)})


@pytest.mark.parametrize(("lost", "gained"), [(0, 0), (5, 0), (4, 0), (10, 3), (3, 10), (40, 22)])
def test_p_is_that_of_the_exact_test(lost: int, gained: int) -> None:
    """The p value is scipy's for the one-sided binomial test; no change is no evidence."""
    wanted = binomtest(lost, lost + gained, 0.5, alternative="greater").pvalue if lost + gained else 1.0
    assert worse_by_chance(lost, gained) == pytest.approx(wanted)


def test_five_lost_fail_and_four_do_not() -> None:
    """Four cases lost and none gained may be chance; five are not."""
    good = [True] * 40
    four, five = (judge([], answers([False] * n + [True] * (40 - n)), baseline(good)) for n in (4, 5))
    assert four.passed and not four.worse
    assert five.worse and not five.passed
    assert sentences(five)[-1] == "not passed: quick is measurably worse"


def test_gains_weigh_against_losses() -> None:
    """As many gained as lost is not worse; a better model passes."""
    before = [True] * 20 + [False] * 20
    same = judge([], answers([False] * 10 + [True] * 10 + [True] * 10 + [False] * 10), baseline(before))
    assert (len(same.lost), len(same.gained), same.passed) == (10, 10, True)
    assert judge([], answers([True] * 40), baseline(before)).passed


def test_one_broken_case_of_must_pass_fails() -> None:
    """One case of must-pass is enough, and the sentence says what was wanted and what came."""
    verdict = judge(answers([True, False]), answers([True]), baseline([True]))
    assert not verdict.passed and not verdict.worse
    told = "\n".join(sentences(verdict))
    assert "must-pass: 1 of 2" in told
    assert "broken: 'play song 1' wants play_music(title='song 1'), got none()" in told
    assert told.endswith("not passed: must-pass is broken")


def test_case_that_could_not_be_scored_is_broken() -> None:
    """What must pass and could not be scored has not passed."""
    verdict = judge([Answer(CASES[0], failed="the model is gone")], [], Baseline({}))
    assert not verdict.passed
    assert "got the model is gone" in "\n".join(sentences(verdict))


def test_new_and_corrected_cases_are_not_held_against_a_change() -> None:
    """A case that is new, or whose right call was corrected, has no baseline."""
    corrected = Case(CASES[0].text, "play_music", {"artist": "song 0"})
    quick = [Answer(corrected, "none"), *answers([True] * 3)]
    verdict = judge([], quick, baseline([True] * 3))
    assert (verdict.paired, verdict.unpaired, verdict.lost) == (3, 1, [])
    assert "1 are new" in "\n".join(sentences(verdict))


def test_baseline_round_trip(tmp_path: Path) -> None:
    """What is accepted is what later changes are held against, with the model it came from."""
    path = tmp_path / "baseline.json"
    write_baseline(answers([True, False, True]), Made({"skill": "abc"}, "prompt", "skills"), path)
    found = read_baseline(path)
    assert found.right == baseline([True, False, True]).right
    assert found.made == Made({"skill": "abc"}, "prompt", "skills")
    assert [entry.name for entry in tmp_path.iterdir()] == ["baseline.json"]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (Made({"skill": "abc"}, "p1", "s1"), []),
        (Made({"skill": "def"}, "p1", "s1"), ["the skill model abc, now def"]),
        (Made({"skill": "abc", "fewshot": "f"}, "p1", "s1"), ["no fewshot model that it names, now f"]),
        (Made({}, "p1", "s1"), ["the skill model abc, now none"]),
        (Made({"skill": "abc"}, "p2", "s2"), ["the prompt p1, now p2", "the skill set s1, now s2"]),
    ],
)
def test_a_baseline_of_something_else_is_said_and_fails_nothing(now: Made, told: list[str]) -> None:
    """Another model, prompt or skill set than the baseline's is one line beside the verdict, and in its JSON."""
    before = Baseline(baseline([True] * 3).right, Made({"skill": "abc"}, "p1", "s1"))
    verdict = judge([], answers([True] * 3), before, now)
    assert verdict.passed
    assert verdict.to_json()["quick"]["baseline_made_with"] == told
    lines = [line for line in sentences(verdict) if line.startswith("note: the baseline was made with")]
    assert len(lines) == bool(told)
    assert all(phrase in lines[0] for phrase in told)


def test_an_older_baseline_says_nothing_of_what_it_does_not_know(tmp_path: Path) -> None:
    """A baseline that has no prompt and no skill set is read, and only its model is compared."""
    (tmp_path / "old.json").write_text(json.dumps({"models": {"skill": "abc"}, "right": [], "wrong": []}))
    made = read_baseline(tmp_path / "old.json").made
    assert made.others(Made({"skill": "abc"}, "p", "s")) == []
    assert made.others(Made({"skill": "def"}, "p", "s")) == ["the skill model abc, now def"]


def test_missing_or_spoilt_baseline_is_one_sentence(tmp_path: Path) -> None:
    """Both say which command writes it."""
    with pytest.raises(UsageError, match="hark eval gate --accept"):
        read_baseline(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("[]", encoding="utf-8")
    with pytest.raises(SkillError, match="hark eval gate --accept"):
        read_baseline(tmp_path / "bad.json")


def test_verdict_is_json() -> None:
    """The verdict is one object that names every case that changed sides."""
    verdict = judge(answers([False]), answers([False, True]), baseline([True, False]))
    told = json.loads(json.dumps(verdict.to_json()))
    assert told["passed"] is False
    assert [one["text"] for one in told["quick"]["lost"]] == ["play song 0"]
    assert [one["text"] for one in told["quick"]["gained"]] == ["play song 1"]


def test_committed_baseline_is_of_quick() -> None:
    """The committed baseline knows nearly every case of quick."""
    known = read_baseline().right
    cases = open_set("quick").cases
    assert sum(case.key in known for case in cases) > 0.9 * len(cases)
    assert len({case.key for case in cases}) == len(cases)


def test_house_is_the_one_that_ships(tmp_path: Path) -> None:
    """The household's own models and thresholds are no part of the gate; where its runs are kept is."""
    mine = load_settings(None, {}, [f"paths.data={tmp_path}", "decide.threshold=0.1", "models.skill=/nowhere.gguf"])
    shipped = gate.as_shipped(mine)
    assert (shipped.decide.threshold, shipped.models.skill) == (load_settings(None, {}).decide.threshold, "")
    assert shipped.paths.data == tmp_path


def test_what_a_household_learned_is_no_part_of_the_gate(tmp_path: Path) -> None:
    """A learned model that is in use in the data folder, where the gate keeps its runs, decides nothing there."""
    mine = load_settings(None, {}, [f"paths.data={tmp_path}", f"paths.cache={tmp_path}"])
    learned.folder(mine).mkdir()
    draft = learned.folder(mine) / "draft.gguf"
    draft.write_bytes(doll().read_bytes())
    step = learned.Step("skill-1.gguf", sha256(draft), learned.now(mine), {"brew_coffee": "0"})
    learned.adopt(mine, models.checksum(mine, models.bundled_skill_model()), draft, step)
    assert "learned" in models.checksums(mine)
    shipped = gate.as_shipped(mine)
    assert models.learned_model(shipped) is None and models.learned_step(shipped) is None
    assert "learned" not in models.checksums(shipped)


@pytest.mark.model
@pytest.mark.timeout(600)
def test_the_shipped_model_passes(tmp_path: Path) -> None:
    """With the models that ship, nothing of must-pass is broken and quick is not measurably worse."""
    settings = load_settings(None, {}, [f"paths.data={tmp_path}", "tracking.to=off"])
    found = gate.measure(settings)
    verdict = judge(found.must_pass, found.quick, read_baseline(), found.made)
    assert found.made.models.keys() == {"skill", "overheard", "fewshot"}
    assert len(found.must_pass) == len(open_set(next(iter(WRITTEN))).cases)
    assert verdict.passed, "\n".join(sentences(verdict))
