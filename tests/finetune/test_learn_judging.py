"""What was learned is used only where it is better and harms nothing; what is printed says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from assistant.commands.frame import UsageError
from assistant.compared import Compared
from assistant.config import load_settings
from assistant.registry import SkillSet, load_skills
from assistant.skill import Context, SkillError, skill
from evals.answers import Answer
from evals.cases import Case, write_cases
from finetune.commands import learn as command
from finetune.learn.outcome import Outcome, sentence_of
from finetune.learn.scoring import Pair, Verdict
from finetune.learn.task import Task
from finetune.learn.trial import (
    CORRECTED,
    QUICK,
    SURER,
    TALK,
    Trial,
    asked_about,
    check_measurable,
    held_out,
    own_cases,
    to_judge,
)

FINE = Pair("must-pass", (), ())


def pair(changes: Sequence[tuple[int, int, int]], skill: str = "brew", name: str = "phrasings") -> Pair:
    """A group for each (cases, right before, right after): the first so many of them are right."""
    before, after = [], []
    for at, (count, first, later) in enumerate(changes):
        for case in (Case(f"{skill} {at} {one}", skill, group=f"{skill} {at}") for one in range(count)):
            asked = int(case.text.rpartition(" ")[2])
            other = "none" if skill != "none" else "brew"
            before.append(Answer(case, skill if asked < first else other))
            after.append(Answer(case, skill if asked < later else other))
    return Pair(name, before, after)


def verdict(new: dict[str, Pair], **more: object) -> Verdict:
    return Verdict(FINE, Pair("quick", (), ()), new, **more)  # type: ignore[arg-type]


BETTER = pair([(10, 3, 8)] * 3 + [(10, 5, 5)] * 2)


def test_rewordings_of_an_example_count_once() -> None:
    """However many phrasings grew from the one example that gained, two that lost one each outweigh it."""
    found = verdict({"brew": pair([(30, 3, 28), (8, 8, 7), (8, 8, 7)])})
    assert found.pairs[0].right == (19, 42)
    assert (found.better, found.gained, found.worse) == ((), False, ())
    told = sentence_of(found, False, False)
    assert "nothing got better on the whole; of brew 1 examples got better and 2 worse" in told


@pytest.mark.parametrize(
    ("better", "worse", "is_better"),
    [(1, 0, True), (3, 0, True), (2, 1, True), (0, 0, False), (1, 1, False), (2, 3, False)],
)
def test_a_skill_is_better_where_its_examples_say_so(better: int, worse: int, is_better: bool) -> None:
    """More examples that gain than lose, however many phrasings grew from each."""
    pairs = pair([(9, 2, 3)] * better + [(9, 9, 1)] * worse + [(9, 4, 4)] * 3)
    assert pairs.groups == (better, worse)
    assert verdict({"brew": pairs}).gained == is_better


def test_one_skill_does_not_carry_another() -> None:
    """Where one of two skills got worse it is named and nothing is taken into use, much as the other gained."""
    found = verdict({"brew": pair([(10, 0, 10)] * 5), "grind": pair([(10, 5, 4)] * 2, "grind")})
    assert found.better == ("brew",)
    assert found.worse == ("grind: 10 right before, 8 after",)
    assert sentence_of(found, False, False).endswith("this got worse: grind: 10 right before, 8 after")


@pytest.mark.parametrize(("newly", "is_worse"), [(4, False), (5, True)])
def test_near_misses_that_are_newly_answered_are_bounded(newly: int, is_worse: bool) -> None:
    """Of a hundred near misses four may be newly answered; others that no longer are do not make up for more."""
    misses = pair([(1, 1, 0)] * newly + [(1, 1, 1)] * (80 - newly) + [(1, 0, 1)] * 20, "none", "near misses of brew")
    found = verdict({"brew": BETTER}, near={"brew": misses})
    assert bool(found.worse) == is_worse
    assert not is_worse or 'near misses of brew: 5 newly answered, at most 4 may be ("none 0 0")' in found.worse


@pytest.mark.parametrize(("newly", "is_worse"), [(3, False), (4, True)])
def test_overheard_talk_that_is_newly_answered_is_bounded(newly: int, is_worse: bool) -> None:
    """Of three hundred lines of overheard talk three may be newly answered."""
    talk = pair([(1, 1, 0)] * newly + [(1, 1, 1)] * (300 - newly), "none", "overheard talk")
    assert bool(verdict({"brew": BETTER}, overheard=talk).worse) == is_worse


def test_sentences_of_the_households_own_count_beside_the_examples() -> None:
    """Examples that gain do not outvote one's own sentences that are lost; talk among those is no example."""
    own = [(1, 1, 0)] * 4 + [(1, 0, 1)] * 2
    found = verdict({"brew": BETTER}, own=pair(own, name="your own.jsonl"))
    assert found.examples("brew") == (5, 4)
    assert not found.gained
    talk = pair([(1, 1, 0)] * 3, "none", "your own.jsonl")
    assert verdict({"brew": BETTER}, own=talk).worse == ("your own.jsonl: 3 worse, 0 better",)
    assert verdict({"brew": BETTER}, own=talk).better == ("brew",)


def test_ones_own_sentences_are_enough_to_see_by() -> None:
    """A skill with nothing held out is judged by the household's sentences for it."""
    nothing = Pair("brew, held out", (), ())
    assert not verdict({"brew": nothing}).gained
    found = verdict({"brew": nothing}, own=pair([(1, 0, 1)] * 3, name="your own.jsonl"))
    assert found.better == ("brew",)


def test_a_correction_counts_where_more_are_right() -> None:
    """What a person corrected is what is to be learned, word for word: one more that is right is a gain."""
    right, lost = pair([(3, 1, 2)], name="corrected turns"), pair([(3, 2, 1)], name="corrected turns")
    assert verdict({}, corrections=right).gained
    assert not verdict({}, corrections=lost).gained


def test_the_table_says_what_before_is_and_how_many_were_asked() -> None:
    """Each row has its n, talk its bound, phrasings their examples, and one line says what is held out."""
    talk = pair([(1, 1, 0)] + [(1, 1, 1)] * 99, "none", "overheard talk")
    found = verdict({"brew": BETTER}, overheard=talk)
    lines = command.table(Outcome(Task((brew.__skill__,)), frozenset({"brew"}), found, True, 61.0, "in use"))  # type: ignore[attr-defined]
    assert lines[0].split() == ["n", "right", "before", "right", "after"]
    assert " ".join(lines[1].split()) == "overheard talk 100 100 100.0% 99 99.0% 1 newly answered, 1 may be"
    assert lines[2].startswith("phrasings") and "5 examples 3 better, 0 worse" in lines[2]
    assert "of a house without those examples" in lines[3]
    assert lines[-1] == "in use (61 s)"


@skill(examples=["brew [two espressos](drink)", "brew [the latte](drink)"])
def brew(context: Context, *, drink: str) -> str:
    """Make coffee."""
    return drink


def test_what_nothing_could_be_measured_by_is_not_learned_at_all() -> None:
    """Two examples leave none to hold out: one sentence says what to do, unless one's own sentences can tell."""
    task = Task((brew.__skill__,))  # type: ignore[attr-defined]
    with pytest.raises(SkillError, match=r"brew has too few examples.* takes 6 at least.*--measure FILE"):
        check_measurable(task, (), 3)
    own = [Case(f"brew {drink}", "brew", {"drink": drink}) for drink in ("mocha", "tea", "cocoa")]
    with pytest.raises(SkillError):
        check_measurable(task, own[:2], 3)
    check_measurable(task, own, 3)
    with pytest.raises(SkillError, match="brew has too few examples"):  # no row of a new skill is held out
        check_measurable(Task(task.skills, accepted=tuple(own[:1])), (), 3)


def test_accepted_rows_that_nothing_could_be_measured_by_are_not_learned_at_all() -> None:
    """Five groups of a skill that is not new leave none to hold out, and rows for nobody never are; six groups do, and
    so do one's own sentences for the skill, which is asked about then.
    """
    rows = tuple(Case(f"what is the time {of}", "tell_time", group=f"g{of}") for of in range(6))
    talk = tuple(Case(f"what a day {of}", "none", group=f"n{of}") for of in range(9))
    for few in (rows[:5], talk, (*rows[:5], *talk)):
        with pytest.raises(SkillError, match=r"too few accepted rows.* takes 6 groups of one skill.*--measure FILE"):
            check_measurable(Task(accepted=few), (), 3)
    check_measurable(Task(accepted=rows), (), 3)
    own = [Case(f"the time in {place}", "tell_time") for place in ("rome", "oslo", "bonn")]
    task = Task(accepted=rows[:5])
    check_measurable(task, own, 3)
    assert asked_about(task, (), own) == ["tell_time"]
    assert asked_about(task, (), own[:2]) == []


def test_ones_own_cases_are_read_as_text_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    """No voice is heard for them; a file that is not there, is empty or asks for no skill of this house is refused."""
    house: SkillSet = load_skills(load_settings(None, {}, [f"paths.data={tmp_path}"]))
    assert own_cases(None, house) == ()
    path = tmp_path / "mine.jsonl"
    with pytest.raises(UsageError, match=r"mine\.jsonl"):
        own_cases(path, house)
    path.write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="no sentence"):
        own_cases(path, house)
    case = Case("a joke please", "tell_joke", tags=("voice:en-us", "snr:10", "jokes"), sound="a.wav")
    write_cases(path, [case, Case("what a day", "none")])
    assert [(one.tags, one.sound) for one in own_cases(path, house)] == [(("jokes",), ""), ((), "")]
    write_cases(path, [case, Case("fly me to the moon", "fly_rocket")])
    with pytest.raises(UsageError, match=r"mine\.jsonl, line 2.*fly_rocket"):
        own_cases(path, house)


class Asked:
    """A bench whose answers are known: a set is called how -> right after (all of it was right before)."""

    def __init__(self, **right: int) -> None:
        self.right, self.sets, self.begun = right, list[str](), list[int]()

    def answers(
        self, _beside: str, _name: str, sets: Mapping[str, Sequence[Case]], done: int = 0
    ) -> Iterator[tuple[str, list[Answer]]]:
        for name, cases in sets.items():
            self.sets.append(name)
            self.begun.append(done)
            done += len(cases)
            right = self.right[name]
            yield name, [Answer(case, case.skill if at < right else "other") for at, case in enumerate(cases)]


def trial(held_before: int = 2, **right: int) -> tuple[Trial, Asked]:
    """Of ten cases each: must-pass, talk and quick were right, of five held out `held_before`."""
    common = {name: [Case(f"{name} {at}", "tell_time") for at in range(10)] for name in ("must-pass", TALK, QUICK)}
    common = {CORRECTED: [], **common}
    mine = {held_out("brew"): [Case(f"brew {at}", "brew", group=str(at)) for at in range(5)]}
    before = {name: [Answer(case, case.skill) for case in cases] for name, cases in common.items()}
    before |= {
        name: [Answer(case, "brew" if at < held_before else "none") for at, case in enumerate(cases)]
        for name, cases in mine.items()
    }
    bench = Asked(**right, **{CORRECTED: 0})
    return Trial(bench, bench, common, mine, before, "", ["brew"], []), bench  # type: ignore[arg-type]


def test_where_something_is_worse_no_more_is_asked() -> None:
    """A draft that loses a must-pass sentence is not asked quick, unless all of it is to be told."""
    right = {"must-pass": 9, TALK: 10, QUICK: 10, held_out("brew"): 5}
    on, bench = trial(**right)
    draft = on.of(Path("after"), Path("half"), to_the_end=False)
    assert bench.sets == [held_out("brew"), CORRECTED, "must-pass"]
    assert draft.verdict.worse == ('must-pass: "must-pass 9"',) and draft.verdict.gained
    on, bench = trial(**right)
    whole = on.of(Path("after"), Path("half"), to_the_end=True)
    assert bench.sets == [held_out("brew"), CORRECTED, "must-pass", TALK, QUICK]
    assert bench.begun == [0, 5, 5, 15, 25]  # the count goes on
    assert whole.verdict.worse == draft.verdict.worse and whole.verdict.quick.n == 10


@pytest.mark.parametrize(
    ("right_of_held", "harm", "asked"),
    [(5, 0, SURER[:1]), (5, 1, SURER[:2]), (5, 9, SURER), (2, 9, (SURER[0], SURER[-1])), (2, 0, SURER[:1])],
)
def test_it_is_tried_how_sure_it_must_be(right_of_held: int, harm: int, asked: tuple[float, ...]) -> None:
    """Each level until nothing is worse; what gains nothing is told whole by the last one, for none will gain more."""
    on, bench = trial(**{"must-pass": 10, TALK: 10, QUICK: 10, held_out("brew"): right_of_held})
    tried: list[float] = []
    notes: list[str] = []

    def made(surer: float) -> tuple[Path, Path]:
        tried.append(surer)
        bench.right["must-pass"] = 9 if len(tried) <= harm else 10
        return Path(f"after-{surer:g}"), Path(f"half-{surer:g}")

    draft = on.chosen(made, notes.append)
    assert tuple(tried) == asked
    assert draft.at_first == (('must-pass: "must-pass 9"',) if len(asked) > 1 else ())
    assert [note.partition(":")[0] for note in notes] == [f"to be surer by {surer:g}" for surer in asked[:-1]]
    assert draft.file == Path(f"after-{asked[-1]:g}") and draft.verdict.quick.n == 10
    assert bool(draft.verdict.worse) == (harm == 9) and draft.verdict.gained == (right_of_held == 5)


def test_what_was_not_surely_harmless_is_told() -> None:
    """Where only the surest draft harms nothing, and gains nothing, the sentence says what the first one made worse."""
    told = sentence_of(verdict({"brew": pair([(9, 4, 4)])}), False, False, ('must-pass: "call my sister"',))
    assert 'so sure that nothing gets worse (must-pass: "call my sister"), it makes nothing better; of brew 0' in told


def test_a_dry_run_says_what_keeps_it_from_being_used() -> None:
    """Where the settings name what was learned, a learning that is to be used is refused."""
    found = verdict({"brew": BETTER})
    assert sentence_of(found, False, True).endswith("hark learn without --dry-run would switch")
    told = sentence_of(found, False, True, named=True)
    assert told.endswith("would switch, once models.learned is removed from the settings")


def test_what_a_new_skill_may_be_meant_by_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence for nobody that is like its examples is left out; what a shipped skill serves never is."""
    asked: list[str] = []

    def answers(_self: Compared, text: str, names: Sequence[str]) -> dict[str, SimpleNamespace]:
        asked.append(text)
        return {name: SimpleNamespace(match=1.0 if "coffee" in text else -1.0) for name in names}

    monkeypatch.setattr(Compared, "answers", answers)
    cases = [Case("coffee please", "none"), Case("coffee on the list", "add_to_list"), Case("hello there", "none")]
    assert to_judge(cases, [brew.__skill__]) == (cases[1], cases[2])  # type: ignore[attr-defined]
    assert asked == ["coffee please", "hello there"]
    assert to_judge(cases, []) == tuple(cases)
