"""The gate, the split, the version and the caps of a dataset."""

from __future__ import annotations

import datetime as dt
import json
import random
import string
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from kitchen import KITCHEN

from assistant.skill import SkillError
from evals.cases import BadCase, Case, write_cases
from evals.sets.kept import kept_from_training
from finetune.data.card import weaknesses
from finetune.data.dataset import ENOUGH, SIDES, Caps, Dataset, Facts, Plan, compose, load, rows_of, side_of
from finetune.data.faults import faults
from finetune.data.gate import CONTRADICTS, DOUBLED, MEASURED, NEAR, NEAR_COPIES, OTHER_SIDE, UNREADABLE, Gate, bare
from finetune.data.near import Block

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def gate(measured: Block | None = None) -> Gate:
    return Gate(KITCHEN, NOW, measured=measured or Block())


def brew(drink: str, group: str = "", text: str = "") -> Case:
    return Case(text or f"brew {drink}", "brew", {"drink": drink}, source="test", group=group)


def group_on(side: str, start: int = 0) -> str:
    """A group's name that falls on a side."""
    return next(f"g{number}" for number in range(start, 10_000) if side_of(f"g{number}") == side)


def composed(*cases: Case, earlier: Dataset | None = None, caps: Caps | None = None) -> Dataset:
    plan = Plan(gate(), earlier, caps or Caps(none=1.0))
    return compose([("test", case) for case in cases], Facts(), plan)


def test_a_bad_row_stops_and_names_its_file_and_line(tmp_path: Path) -> None:
    """Words that do not stand in the sentence stop the build, with the file and the line that hold them."""
    file = tmp_path / "mine.jsonl"
    write_cases(file, [brew("tea"), replace(brew("cocoa"), text="brew tea now")])
    with pytest.raises(BadCase, match=r"mine\.jsonl, line 2: .*drink='cocoa' is not a run of its words"):
        compose(rows_of(file), Facts(), Plan(gate()))
    file.write_text('{"text": "brew tea", "skill": "brew", "words": {"drink": "tea"}}\n{"text": \n')
    with pytest.raises(BadCase, match=r"mine\.jsonl, line 2"):
        compose(rows_of(file), Facts(), Plan(gate()))
    with pytest.raises(SkillError, match="no rows"):
        list(rows_of(tmp_path / "missing.jsonl"))


def test_what_cannot_be_read_is_refused_and_counted() -> None:
    """A duration that no reader reads, a required argument that was not said: refused, each counted."""
    mine = gate()
    good = Case("set a timer for ten minutes", "set_timer", {"duration": "ten minutes"})
    assert mine.reason(good) == ""
    assert mine.reason(Case("set a timer for pasta", "set_timer", {"duration": "pasta"})) == UNREADABLE
    assert mine.reason(Case("set a timer", "set_timer")) == UNREADABLE
    assert mine.refused == {UNREADABLE: 2}


def test_doubled_and_contradicting_rows_are_refused() -> None:
    """The same sentence again is refused, and another call for it is counted apart."""
    mine = gate()
    assert mine.reason(brew("green tea")) == ""
    assert mine.reason(brew("green tea")) == DOUBLED
    assert mine.reason(Case("brew green tea", "none")) == CONTRADICTS


def test_of_near_copies_of_a_call_a_few_stay() -> None:
    """Politeness and a letter make no new row for ever; another drink does."""
    mine = gate()
    spellings = ["brew tea", "please brew tea", "can you brew tea", "hey brew tea", "brew tea please"]
    verdicts = [mine.reason(brew("tea", text=text)) for text in spellings]
    assert verdicts == [""] * NEAR_COPIES + [NEAR] * 2
    assert mine.reason(brew("coffee", text="please brew coffee")) == ""


def test_what_an_evaluation_set_holds_is_refused() -> None:
    """Every committed evaluation sentence is refused, and so is one with a polite word or a letter more."""
    keys = sorted(kept_from_training())
    mine = gate(Block(keys))
    long = next(key for key in keys if len(key.split()) > 5 and "#" not in key)
    for text in (long, f"please {long}", f"{long}s"):
        assert mine.reason(Case(text, "none")) == MEASURED, text


def test_the_side_hangs_on_the_group_alone() -> None:
    """About a tenth of the groups is test, a tenth dev; rows of one group stand together."""
    sides = Counter(side_of(f"group {number}") for number in range(4000))
    assert 0.08 < sides["test"] / 4000 < 0.12
    assert 0.08 < sides["dev"] / 4000 < 0.12
    test = group_on("test")
    made = composed(brew("tea", test), brew("strong coffee", test), brew("cocoa", group_on("train")))
    assert [case.group for case in made.sides["test"]] == [test, test]
    assert len(made.sides["train"]) == 1


def test_a_growing_dataset_never_moves_a_row_from_test_to_train() -> None:
    """The same sentence, or nearly the same, arriving later under a training group does not enter training."""
    train, test = group_on("train"), group_on("test")
    first = composed(brew("chamomile tea", test), brew("black coffee", train))
    later = composed(
        brew("chamomile tea", train),
        brew("chamomile tea", train, "please brew chamomile tea"),
        brew("chamomile teas", train),
        brew("hot cocoa", train),
        earlier=first,
    )
    assert [case.text for case in later.sides["test"]] == ["brew chamomile tea"]
    assert {case.text for case in later.sides["train"]} == {"brew black coffee", "brew hot cocoa"}
    assert later.facts.refused == {DOUBLED: 1, OTHER_SIDE: 2}


def test_a_row_stays_on_the_side_where_it_first_stood() -> None:
    """A sentence that was trained on comes under a test group, too, or nearly: neither it nor the first one moves."""
    train, test = group_on("train"), group_on("test")
    first = composed(brew("chamomile tea", train), brew("black coffee", test))
    later = composed(brew("chamomile tea", test), brew("chamomile teas", test), brew("rum", test), earlier=first)
    assert [case.text for case in later.sides["train"]] == ["brew chamomile tea"]
    assert [case.text for case in later.sides["test"]] == ["brew black coffee", "brew rum"]
    assert later.facts.refused == {DOUBLED: 1, OTHER_SIDE: 1}


def test_a_growth_that_was_broken_off_between_its_files_gives_nothing_twice(tmp_path: Path) -> None:
    """The dev side is written and the facts are not: the same command again leaves the group that was given there."""
    groups = [one for one in (f"example:brew:{number}" for number in range(60)) if side_of(one) == "train"]
    rows = [brew(f"drink {number} of {group}", group) for group in groups[:ENOUGH] for number in range(3)]
    before, whole = composed(*rows[:-3]), composed(*rows)
    before.write(tmp_path / "d")
    write_cases(tmp_path / "d" / "dev.jsonl", whole.sides["dev"])
    again = composed(*rows, earlier=load(tmp_path / "d"))
    assert again.facts.validation == whole.facts.validation
    again.write(tmp_path / "d")
    assert list(faults(tmp_path / "d", gate())) == []


def test_over_many_growths_no_test_sentence_is_ever_trained_on() -> None:
    """Ten batches in which groups and sentences are mixed at random: what was test once is in no later training."""
    chance, dataset, once_test = random.Random(5), None, set[str]()
    drinks = [
        f"{size} {kind}" for size in ("small", "large", "huge", "tiny") for kind in ("tea", "latte", "mocha", "rum")
    ]
    for _ in range(10):
        cases = [brew(chance.choice(drinks), f"g{chance.randrange(300)}") for _ in range(12)]
        dataset = composed(*cases, earlier=dataset)
        once_test |= {bare(case.text) for case in dataset.sides["test"]}
        assert not once_test & {bare(case.text) for case in dataset.sides["train"]}
    assert once_test


def test_a_new_skill_has_a_group_to_validate_on() -> None:
    """Where all of five groups fall to train, one is dev, whatever their order; four groups are all trained on."""
    groups = [one for one in (f"example:brew:{number}" for number in range(60)) if side_of(one) == "train"]
    rows = [brew(f"drink {number} of {group}", group) for group in groups[:ENOUGH] for number in range(3)]
    made, again = composed(*rows), composed(*reversed(rows))
    (given,) = made.facts.validation
    assert {case.group for case in made.sides["dev"]} == {given}
    assert made.version == again.version
    assert composed(*rows[:-3]).sides["dev"] == ()
    assert "brew" not in " ".join(weaknesses(made)).partition("No dev row")[2]
    assert "brew" in " ".join(weaknesses(composed(*rows[:-3]))).partition("No dev row")[2]


def test_what_is_given_to_validation_stays_there(tmp_path: Path) -> None:
    """However a dataset grows, is written and read, no row changes sides, and check finds each on its own."""
    groups = [one for one in (f"example:brew:{number}" for number in range(90)) if side_of(one) == "train"]
    chance = random.Random(3)
    rows = [brew("".join(chance.choices(string.ascii_lowercase, k=12)), group) for group in groups for _ in range(2)]
    side: dict[str, str] = {}
    earlier: Dataset | None = None
    for most in (4, 12, 20, len(groups)):
        earlier = composed(*(case for case in rows if case.group in groups[:most]), earlier=earlier)
        earlier.write(tmp_path / "d")
        earlier = load(tmp_path / "d")
        assert list(faults(tmp_path / "d", gate())) == []
        for name in SIDES:
            for case in earlier.sides[name]:
                assert side.setdefault(case.text, name) == name
    assert len(earlier.facts.validation) == 1
    assert list(side.values()).count("dev") == 2


def test_rows_of_a_dataset_keep_their_sides_in_another(tmp_path: Path) -> None:
    """A dataset that is built of another one trains on nothing that stood on the dev side there."""
    groups = [one for one in (f"example:brew:{number}" for number in range(60)) if side_of(one) == "train"][:8]
    first = composed(*(brew(f"drink {number} of {group}", group) for group in groups for number in range(2)))
    facts = Facts(validation=first.facts.validation)
    other = [brew(f"a cup {number}", f"other:{number}") for number in range(40)]
    both = [("rows", case) for case in (*first.rows, *other)]
    second = compose(both, facts, Plan(gate(), None, Caps(none=1.0)))
    dev = {case.text for case in first.sides["dev"]}
    assert dev and not dev & {case.text for case in second.sides["train"]}


def test_check_goes_on_behind_a_malformed_line(tmp_path: Path) -> None:
    """Lines that are no JSON, no case, or of an unknown field are each named; an empty file has a sentence too."""
    file = tmp_path / "mine.jsonl"
    good = '{"text": "brew tea", "skill": "brew", "words": {"drink": "tea"}}\n'
    file.write_text('{"text": \n' + good + '{"sentence": "brew tea"}\n[]\n{"text": "brew", "skill": "nope"}\n')
    found = list(faults(file, gate()))
    assert [one.partition(":")[0] for one in found] == [f"mine.jsonl, line {number}" for number in (1, 3, 4, 5)]
    assert "no JSON" in found[0] and "sentence is no field of a case" in found[1]
    file.write_text("")
    assert list(faults(file, gate())) == [f"{file} holds no row"]


def test_the_version_is_the_content_whatever_the_order(tmp_path: Path) -> None:
    """Order changes nothing; a row, its call or its side changes the version; writing and reading keep it."""
    one, two = brew("tea", group_on("train")), brew("cocoa", group_on("train"))
    made = composed(one, two)
    assert made.version == composed(two, one).version
    assert made.version != composed(one).version
    assert made.version != Dataset({"train": (one,), "dev": (two,), "test": ()}).version
    made.write(tmp_path / "d")
    assert load(tmp_path / "d").version == load(tmp_path / "d").facts.version == made.version
    with pytest.raises(SkillError, match="holds no dataset"):
        load(tmp_path)


def test_no_class_swamps_the_rest_unless_the_recipe_says_so() -> None:
    """`none` keeps to its share, a skill to so many times the median one, a freed skill to nothing."""
    rows = [Case(f"none {n}", "none") for n in range(900)] + [Case(f"brew {n}", "brew") for n in range(400)]
    rows += [Case(f"t {n}", "set_timer") for n in range(20)] + [Case(f"p {n}", "play_music") for n in range(30)]
    kept, lost = Caps(none=0.4, times_median=3).drop(rows)
    counts = Counter(case.skill for case in kept)
    assert counts["brew"] == 90
    assert lost == {"brew": 310, "none": 900 - counts["none"]}
    assert 0.38 < counts["none"] / len(kept) <= 0.4
    assert [case for case in rows if case in set_of(kept)] == kept
    free, _ = Caps(none=0.4, times_median=3, free=("brew",)).drop(rows)
    assert Counter(case.skill for case in free)["brew"] == 400


def set_of(cases: list[Case]) -> list[Case]:
    texts = {case.text for case in cases}
    return [case for case in cases if case.text in texts]


def test_check_names_every_fault_with_its_line(tmp_path: Path) -> None:
    """A row on the wrong side, one that cannot be read, and rows changed by hand are each named."""
    folder = tmp_path / "d"
    composed(brew("tea", group_on("train")), brew("cocoa", group_on("test"))).write(folder)
    assert list(faults(folder, gate())) == []
    train = folder / "train.jsonl"
    train.write_text(train.read_text().replace("brew tea", "brew a tea"))
    assert "changed them by hand" in "".join(faults(folder, gate()))
    wrong = {
        "text": "set a timer for ever",
        "skill": "set_timer",
        "words": {"duration": "ever"},
        "group": group_on("dev"),
    }
    train.write_text(train.read_text() + json.dumps(wrong) + "\n")
    found = list(faults(folder, gate()))
    assert any("train.jsonl, line 2" in one and "cannot be read" in one for one in found)
    assert any("train.jsonl, line 2" in one and "belongs to the dev side" in one for one in found)
    assert set(SIDES) == {"test", "dev", "train"}
