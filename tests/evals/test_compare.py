"""Two runs, case by case."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from assistant.commands.frame import UsageError
from assistant.config import load_settings
from evals import runs
from evals.cases import Case
from evals.compare import Difference, cases_needed, compare, holm, mcnemar, paired
from evals.runs import Evidence, Inputs, Run


def _run(folder: Path, name: str, evidence: list[Evidence], **more: Any) -> Run:
    """A run that has come to its end."""
    settings = load_settings(None, {}, [f"paths.data={folder}"])
    facts = {"set": "made-up", "set_sha256": "0" * 64, "n": len(evidence), "models": {}} | more
    with runs.start(settings, Inputs(**facts, prompt_hash="p", skills_hash="s"), name) as recorder:
        for one in evidence:
            recorder.add(one)
    return runs.load(name, settings)


def _evidence(right: list[bool], skill: str = "stop", groups: int = 0, **more: Any) -> list[Evidence]:
    """A case for each; a wrong one is none()."""
    return [
        Evidence(
            Case(f"{skill} {at}", skill, group=f"g{at % groups}" if groups else ""), skill if hit else "none", **more
        )
        for at, hit in enumerate(right)
    ]


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_the_sum_of_both_tails(gained: int, lost: int) -> None:
    """The exact p is the chance of so uneven a split of a fair coin's throws, or of a more uneven one."""
    n, least = gained + lost, min(gained, lost)
    by_hand = min(1.0, 2 * float(stats.binom(n, 0.5).cdf(least))) if n else 1.0
    assert mcnemar(gained, lost) == pytest.approx(by_hand)
    assert mcnemar(gained, lost) == mcnemar(lost, gained)


def test_holm_is_the_worked_example() -> None:
    """Holm's steps: the smallest times 4, the next times 3, none below one before it, none above 1."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_a_correction_only_makes_less_sure(p_values: list[float]) -> None:
    """No corrected p is below its own, or above that of Bonferroni, and their order stays."""
    found = holm(p_values)
    for p, corrected in zip(p_values, found, strict=True):
        assert p <= corrected <= min(1.0, len(p_values) * p) + 1e-12
    assert [found[at] for at in np.argsort(p_values, kind="stable")] == sorted(found)


def test_so_many_cases_do_settle_it() -> None:
    """Over made-up comparisons of the size that is asked for, McNemar's test finds the difference in about 80 %."""
    gained, lost = 0.09, 0.05
    n = cases_needed(gained - lost, gained + lost)
    chance, found = np.random.default_rng(7), 0
    for _ in range(600):
        better, worse, _ = chance.multinomial(n, [gained, lost, 1 - gained - lost])
        found += mcnemar(int(better), int(worse)) < 0.05
    assert 0.72 <= found / 600 <= 0.88
    assert cases_needed(0.02, 0.14) > 3 * cases_needed(0.04, 0.14)
    assert cases_needed(0.04, 0.14, effect=2) == pytest.approx(2 * n, abs=1)


def test_the_interval_is_that_of_drawing_groups_with_scipy() -> None:
    """The difference's interval is scipy's bootstrap over whole groups of the paired differences."""
    chance = np.random.default_rng(11)
    sway = np.repeat(chance.random(80), 5)
    a = (chance.random(400) < 0.6 + 0.3 * sway).tolist()
    b = (chance.random(400) < 0.5 + 0.5 * sway).tolist()
    found = Difference(a, b, [str(at // 5) for at in range(400)]).interval()
    steps = (np.asarray(b, float) - np.asarray(a, float)).reshape(-1, 5).mean(1)
    theirs = stats.bootstrap(
        (steps,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    assert found.value == pytest.approx(steps.mean())
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=0.01)


def test_paraphrases_that_change_together_are_one_change(tmp_path: Path) -> None:
    """Ten paraphrases of one sentence that all got better are told from ten sentences that did."""
    a, b = [False] * 10 + [True] * 90, [True] * 100
    alone = compare(_run(tmp_path, "a", _evidence(a)), _run(tmp_path, "b", _evidence(b)))
    assert alone["verdict"] == "better"
    groups = ["one"] * 10 + [str(at) for at in range(90)]
    assert mcnemar(10, 0) < 0.05
    together = Difference(a, b, groups)
    assert together.interval().low == 0
    assert together.design_effect() > 5


@pytest.mark.parametrize(("changed", "verdict"), [(20, "better"), (-20, "worse"), (2, "unknown"), (0, "same")])
def test_the_sentence_says_which(tmp_path: Path, changed: int, verdict: str) -> None:
    """Better, worse or not to be told apart, in one sentence with the figures that it rests on."""
    few, many = [True] * 70 + [False] * 30, [True] * (70 + abs(changed)) + [False] * (30 - abs(changed))
    a, b = (few, many) if changed >= 0 else (many, few)
    found = compare(_run(tmp_path, "old", _evidence(a)), _run(tmp_path, "new", _evidence(b)))
    assert found["verdict"] == verdict
    assert found["sentence"].count(". ") == 0
    assert found["sentence"].startswith("new ")
    if verdict in ("unknown", "same"):
        assert "cannot be told apart" in found["sentence"]
        assert f"about {found['kinds']['text']['measures']['right']['settles']['n']} cases" in found["sentence"]
    assert len(found["kinds"]["text"]["changed"]) == abs(changed)
    assert all(one["better"] is (changed > 0) for one in found["kinds"]["text"]["changed"])


def test_a_run_is_the_same_as_itself(tmp_path: Path) -> None:
    """Nothing changed sides, and the interval still does not claim to know that nothing ever would."""
    run = _run(tmp_path, "a", _evidence([True, False] * 20))
    row = compare(run, run)["kinds"]["text"]["measures"]["right"]
    assert (row["gained"], row["lost"], row["p"]) == (0, 0, 1.0)
    assert row["difference"]["low"] < 0 < row["difference"]["high"]


def test_each_skill_is_compared_and_corrected(tmp_path: Path) -> None:
    """A skill's own p is corrected for how many skills there are."""
    a = _evidence([False] * 8 + [True] * 8, "stop") + _evidence([True] * 10, "help")
    b = _evidence([True] * 16, "stop") + _evidence([True] * 10, "help")
    found = compare(_run(tmp_path, "a", a), _run(tmp_path, "b", b))["kinds"]["text"]["by_skill"]
    assert set(found) == {"stop", "help"}
    assert found["stop"]["p"] == pytest.approx(mcnemar(8, 0))
    assert found["stop"]["p_holm"] == pytest.approx(2 * mcnemar(8, 0))
    assert found["help"]["p_holm"] == 1.0


def test_other_sets_are_compared_over_what_both_have(tmp_path: Path) -> None:
    """Runs of different sets are compared over the cases of both, and it is said."""
    a = _run(tmp_path, "a", _evidence([True] * 6))
    b = _run(tmp_path, "b", _evidence([True] * 4), set="other", set_sha256="1" * 64)
    found = compare(a, b)
    assert found["kinds"]["text"]["n"] == 4
    assert found["kinds"]["text"]["left_out"] == {"a": 2, "b": 0}
    assert any("different sets" in remark and "4 text" in remark for remark in found["remarks"])


def test_nothing_in_common_is_one_sentence(tmp_path: Path) -> None:
    """Two runs without a case of both cannot be compared."""
    a, b = _run(tmp_path, "a", _evidence([True], "stop")), _run(tmp_path, "b", _evidence([True], "help"))
    with pytest.raises(UsageError, match="the runs a and b have no case in common; run both on one set"):
        compare(a, b)


def test_what_could_not_be_scored_is_left_out_and_said(tmp_path: Path) -> None:
    """A case that failed in one of the runs is neither gained nor lost."""
    a, b = _evidence([True] * 5), [*_evidence([True] * 4), *_evidence([False] * 5, failed="no sound")[4:]]
    found = compare(_run(tmp_path, "a", a), _run(tmp_path, "b", b))
    assert found["kinds"]["text"]["n"] == 4
    assert found["kinds"]["text"]["unscored"] == {"a": 0, "b": 1}
    assert any("could not be scored" in remark for remark in found["remarks"])


def test_a_case_that_occurs_twice_is_paired_twice() -> None:
    """Cases that are alike are paired in their order, each once."""
    twice = _evidence([True]) * 2
    assert len(paired(twice, twice)) == 2
    assert len(paired(twice, twice[:1])) == 1
    for kind in itertools.product(("text", "voice"), repeat=2):
        one, two = (Evidence(Case("stop", "stop"), "stop", kind=name) for name in kind)
        assert bool(paired([one], [two])) is (kind[0] == kind[1])
