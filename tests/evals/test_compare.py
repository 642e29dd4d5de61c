"""Two runs, case by case."""

from __future__ import annotations

import dataclasses
import io
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from assistant.commands.frame import UsageError
from assistant.config import load_settings
from evals import runs
from evals.cases import Case
from evals.compare import Difference, cases_needed, compare, holm, mcnemar, paired, sign_flip
from evals.compare_table import show
from evals.report.changes import changes
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


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=7))
def test_holm_is_the_closed_test_of_bonferroni(p_values: list[float]) -> None:
    """A p corrected by Holm is the largest Bonferroni p of all sets of hypotheses that hold this one."""
    sets = [some for size in range(1, len(p_values) + 1) for some in itertools.combinations(range(len(p_values)), size)]
    closed = [
        max(min(1.0, len(some) * min(p_values[one] for one in some)) for some in sets if at in some)
        for at in range(len(p_values))
    ]
    assert holm(p_values) == pytest.approx(closed)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-6, 6), min_size=1, max_size=9))
def test_the_sign_flip_test_counts_every_outcome(sums: list[int]) -> None:
    """Its p is the share of all ways to choose the groups' signs whose sum is as uneven, one by one, and scipy's exact
    permutation test of the mean finds the same."""
    flipped = [abs(sum(s * one for s, one in zip(signs, sums, strict=True)))
               for signs in itertools.product((1, -1), repeat=len(sums))]  # fmt: skip
    assert sign_flip(sums) == pytest.approx(np.mean([one >= abs(sum(sums)) for one in flipped]))
    if len(sums) > 1:
        theirs = stats.permutation_test((np.asarray(sums),), np.sum, permutation_type="samples", n_resamples=np.inf)
        assert sign_flip(sums) == pytest.approx(theirs.pvalue)


@settings(deadline=None)
@given(st.integers(0, 300), st.integers(0, 300))
def test_flipping_groups_of_one_is_the_test_of_mcnemar(gained: int, lost: int) -> None:
    """Where every case is its own group both exact tests have one p; cases that did not change play no part."""
    assert sign_flip([1] * gained + [0] * 5 + [-1] * lost) == pytest.approx(mcnemar(gained, lost), abs=1e-12)


def _by_chance(groups: int, size: int, seed: int) -> Difference:
    """Two runs that are as good as one another; half of the groups that change do so as one."""
    chance = np.random.default_rng(seed)
    steps = chance.choice([0, 1, -1], p=[0.4, 0.3, 0.3], size=(groups, size))
    as_one = chance.random(groups) < 0.5
    steps[as_one] = steps[as_one, :1]
    flat = steps.ravel()
    return Difference((flat < 1).tolist(), (flat > -1).tolist(), [str(at // size) for at in range(groups * size)])


@pytest.mark.parametrize("groups", [6, 10, 20])
def test_groups_that_change_as_one_seldom_deceive(groups: int) -> None:
    """Of 250 comparisons without a difference the sign-flip test finds one in at most 6 %, and McNemar's test, which
    takes paraphrases for independent cases, in more than 20 %."""
    by_groups = by_cases = 0
    for seed in range(250):
        found = _by_chance(groups, 8, seed)
        by_groups += sign_flip(found.by_group().values()) < 0.05
        by_cases += mcnemar(found.gained, found.lost) < 0.05
    assert by_groups / 250 <= 0.06
    assert by_cases / 250 > 0.2


def _power(n: int, gained: float, lost: float) -> float:
    """How often McNemar's exact test finds such a difference in n cases, summed over all outcomes."""
    power = 0.0
    for changing in range(n + 1):
        up = np.arange(changing + 1)
        p = np.minimum(1, 2 * stats.binom.cdf(np.minimum(up, changing - up), changing, 0.5))
        found = stats.binom.pmf(up, changing, gained / (gained + lost))[p < 0.05].sum()
        power += float(stats.binom.pmf(changing, n, gained + lost)) * float(found)
    return power


@pytest.mark.parametrize(("gained", "lost"), [(0.09, 0.05), (0.05, 0.01), (0.02, 0.0), (0.2, 0.1), (0.5, 0.0)])
def test_the_exact_power_is_that_which_is_promised(gained: float, lost: float) -> None:
    """So many cases as are asked for show the difference in four runs of five or somewhat more, counted exactly."""
    n = cases_needed(gained - lost, gained + lost)
    assert 0.79 <= _power(n, gained, lost) <= 0.91
    assert cases_needed(lost - gained, gained + lost) == n


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


def test_one_group_that_changes_is_no_verdict(tmp_path: Path) -> None:
    """Fifteen cases gained of one group are not told apart, though McNemar's test alone would be sure; the sentence
    says which test said what."""
    right, words = [True] * 15 + [True] * 85, [f"g{max(0, at - 14)}" for at in range(100)]
    runs_of = {}
    for name, first in (("old", False), ("new", True)):
        cases = _evidence([first] * 15 + right[15:])
        cases = [dataclasses.replace(one, case=dataclasses.replace(one.case, group=group))
                 for one, group in zip(cases, words, strict=True)]  # fmt: skip
        runs_of[name] = _run(tmp_path, name, cases)
    found = compare(runs_of["old"], runs_of["new"])
    row = found["kinds"]["text"]["measures"]["right"]
    assert (row["groups"], row["p_groups"]) == (86, 1.0)
    assert row["p"] == pytest.approx(2 / 2**15)
    assert found["verdict"] == "unknown"
    assert "p = 1 by the exact sign-flip test of 86 groups, p = 6.1e-05 by McNemar's" in found["sentence"]
    assert found["kinds"]["text"]["by_skill"]["stop"]["p_holm"] == 1.0


@pytest.mark.parametrize(("groups", "verdict"), [(1, "unknown"), (5, "unknown"), (6, "better")])
def test_five_groups_are_too_few_to_tell(tmp_path: Path, groups: int, verdict: str) -> None:
    """Below six groups no outcome is a verdict, however one-sided, and the sentence says how many it takes."""
    a, b = (_evidence([hit] * 30, groups=groups) for hit in (False, True))
    found = compare(_run(tmp_path, "old", a), _run(tmp_path, "new", b))
    assert found["verdict"] == verdict
    few = (
        f"new and old cannot be told apart: {groups} group{'s' * (groups > 1)} of cases are too few to tell, it takes 6"
    )
    assert (few in found["sentence"]) is (verdict == "unknown")
    assert "+100.0 points" in found["sentence"]
    assert "30 cases gained, 0 lost of 30" in found["sentence"]


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
        about = "about" if changed else "at least"  # the fewest that can be, where nothing is known to change
        assert f"{about} {found['kinds']['text']['measures']['right']['settles']['n']} cases" in found["sentence"]
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


def test_the_table_says_what_was_wanted_and_over_how_many_rows_is_corrected(tmp_path: Path) -> None:
    """A changed case has what was wanted and what came; Holm's p counts the rows that are not shown, too."""
    a = _evidence([False] * 8 + [True] * 8, "stop") + _evidence([True] * 10, "help")
    b = _evidence([True] * 16, "stop") + _evidence([True] * 10, "help")
    out = io.StringIO()
    show(out, compare(_run(tmp_path, "a", a), _run(tmp_path, "b", b)))
    assert '  "stop 0": wanted stop(), got none()\n' in out.getvalue()
    assert "corrected for 2 rows, the unchanged ones too\n" in out.getvalue()


def test_other_sets_are_compared_over_what_both_have(tmp_path: Path) -> None:
    """Runs of different sets are compared over the cases of both, and it is said."""
    a = _run(tmp_path, "a", _evidence([True] * 6))
    b = _run(tmp_path, "b", _evidence([True] * 4), set="other", set_sha256="1" * 64)
    found = compare(a, b)
    assert found["kinds"]["text"]["n"] == 4
    assert found["kinds"]["text"]["left_out"] == {"a": 2, "b": 0}
    assert any("different sets" in remark and "4 text" in remark for remark in found["remarks"])


def test_a_case_that_was_corrected_is_another_one(tmp_path: Path) -> None:
    """Where the set was loosened, the same answers are no better for it."""
    a = _evidence([False] * 8 + [True] * 8)
    loose = [
        dataclasses.replace(one, case=dataclasses.replace(one.case, also=({"skill": one.skill, "words": {}},)))
        for one in a[:8]
    ]
    found = compare(_run(tmp_path, "a", a), _run(tmp_path, "b", [*loose, *a[8:]], set_sha256="1" * 64))
    assert (found["kinds"]["text"]["n"], found["verdict"]) == (8, "same")
    assert found["kinds"]["text"]["left_out"] == {"a": 8, "b": 8}


@pytest.mark.parametrize(
    ("text", "voice", "verdict"),
    [(0, 30, "better"), (0, -30, "worse"), (30, 30, "better"), (30, -30, "unknown"), (0, 0, "same"), (0, 2, "unknown")],
)
def test_each_kind_has_its_verdict(tmp_path: Path, text: int, voice: int, verdict: str) -> None:
    """What changed from the sound alone is told, too, and the kinds are named."""
    old, new = [], []
    for kind, changed in (("text", text), ("voice", voice)):
        few, many = ([True] * n + [False] * (60 - n) for n in (20, 20 + abs(changed)))
        for run, hits in ((old, few if changed >= 0 else many), (new, many if changed >= 0 else few)):
            run += [dataclasses.replace(one, kind=kind) for one in _evidence(hits)]
    found = compare(_run(tmp_path, "old", old), _run(tmp_path, "new", new))
    assert found["verdict"] == verdict
    assert found["sentence"].startswith("Text: new ") and ". Voice: new " in found["sentence"]
    assert {mine["sentence"] in found["sentence"] for mine in found["kinds"].values()} == {True}


@pytest.mark.parametrize(("a", "b", "value"), [(False, True, 1.0), (True, False, -1.0), (True, True, 0.0)])
def test_what_goes_one_way_in_every_case_is_not_certain(a: bool, b: bool, value: float) -> None:
    """Ten of ten gained leave room for others."""
    found = Difference([a] * 10, [b] * 10, [str(at) for at in range(10)]).interval()
    assert found.value == value and found.low is not None and found.high is not None
    assert found.high - found.low > 0.2 and -1 <= found.low <= value <= found.high <= 1


def test_gains_that_are_lost_again_in_each_group_are_no_change() -> None:
    """Every group comes to nothing, so that drawing them says nothing."""
    found = Difference([True, False] * 8, [False, True] * 8, [str(at // 2) for at in range(16)]).interval()
    assert found.value == 0 and found.low is not None and found.low < 0


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


def test_two_runs_of_which_nothing_could_be_scored_are_no_verdict(tmp_path: Path) -> None:
    """A skill that was switched off: one sentence, no fault, in the table and in the report's section."""
    a, b = (_run(tmp_path, name, _evidence([False] * 3, failed="no such skill")) for name in "ab")
    found = compare(a, b)
    sentence = "no case of a and b could be scored in both; their evidence says why."
    assert (found["verdict"], found["sentence"]) == ("unknown", sentence)
    assert sentence in changes(b, a).lead
    out = io.StringIO()
    show(out, found)
    assert sentence in out.getvalue()


def test_a_case_that_occurs_twice_is_paired_twice() -> None:
    """Cases that are alike are paired in their order, each once."""
    twice = _evidence([True]) * 2
    assert len(paired(twice, twice)) == 2
    assert len(paired(twice, twice[:1])) == 1
    for kind in itertools.product(("text", "voice"), repeat=2):
        one, two = (Evidence(Case("stop", "stop"), "stop", kind=name) for name in kind)
        assert bool(paired([one], [two])) is (kind[0] == kind[1])
