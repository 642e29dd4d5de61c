"""Reviewing: what is kept after every key, what becomes of it, and what the screen shows at 80 and 40 columns."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from kitchen import KITCHEN
from rich.console import Console

from assistant.skill import SkillError
from evals.cases import Case, read_cases
from evals.intervals import share_of
from finetune.data.dataset import Dataset, Facts, Plan, compose, load, side_of
from finetune.data.gate import Gate, bare
from finetune.data.review import (
    ACCEPT,
    ACCEPTED,
    FIRST,
    FIX,
    REJECT,
    SKIP,
    STATE,
    State,
    apply,
    check_applied,
    name_of,
    waiting,
)
from finetune.data.screen import Screen
from finetune.data.sitting import EDIT, ONE, PAGE, Sitting, as_line, from_line
from finetune.data.terminal import Line

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
TRAIN, TEST = (next(f"g{n}" for n in range(999) if side_of(f"g{n}") == side) for side in ("train", "test"))
TIMER = Case(
    "please set a timer for ten minutes for the pasta in the kitchen",
    "set_timer",
    {"duration": "ten minutes", "name": "pasta"},
    source="b",
    group=TRAIN,
)


def gate() -> Gate:
    return Gate(KITCHEN, NOW)


def brews(count: int, source: str = "a", group: str = TRAIN) -> list[Case]:
    return [Case(f"brew {n} cups", "brew", {"drink": f"{n} cups"}, source=source, group=group) for n in range(count)]


def dataset(folder: Path, *cases: Case) -> Dataset:
    train = tuple(case for case in cases if case.group != TEST)
    test = tuple(case for case in cases if case.group == TEST)
    return Dataset({"train": train, "dev": (), "test": test}, Facts(name="mine")).write(folder)


class Clock:
    """Two seconds a look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 2
        return self.now


def sitting(folder: Path, *rows: Case) -> Sitting:
    return Sitting(list(rows), State.read(folder), gate(), Clock())


def press(one: Sitting, *keys: str) -> None:
    for key in keys:
        assert one.press(key)


def test_every_key_is_on_the_disk_before_the_next(tmp_path: Path) -> None:
    """After each decision a new reader of the file knows it: a closed terminal costs nothing."""
    one = sitting(tmp_path, *brews(4))
    for number, (key, verdict) in enumerate([("a", ACCEPT), ("enter", ACCEPT), ("r", REJECT), ("s", SKIP)], 1):
        press(one, key)
        read = State.read(tmp_path)
        assert [len(read.decisions), read.decisions[-1].verdict] == [number, verdict]
    assert State.read(tmp_path).looked_at == 3
    assert [path.name for path in tmp_path.iterdir()] == [STATE]


def test_a_key_taken_back_is_taken_back_on_the_disk(tmp_path: Path) -> None:
    """Undo brings the row and the time back, a whole page at once; before the first key there is nothing to undo."""
    one = sitting(tmp_path, *brews(9))
    press(one, "a")
    spent = one.state.seconds
    press(one, "p", "2", "enter")
    assert one.left == 0
    assert Counter(d.verdict for d in State.read(tmp_path).decisions) == {ACCEPT: 8, REJECT: 1}
    press(one, "u")
    assert (one.left, one.state.seconds, len(State.read(tmp_path).decisions)) == (8, spent, 1)
    press(one, "u", "u")
    assert one.left == 9
    assert "nothing to take back" in one.message


def test_a_page_accepts_all_but_the_numbers_typed(tmp_path: Path) -> None:
    """Numbers with a space or a comma between them are the bad ones."""
    one = sitting(tmp_path, *brews(12))
    one.page = 10
    press(one, "p", "1", "\u00b2", "0", ",", "3", "enter")  # a key beside the 1 of French keyboards: no number
    verdicts = [decision.verdict for decision in one.state.decisions]
    assert [at for at, verdict in enumerate(verdicts, 1) if verdict == REJECT] == [3, 10]
    assert (one.mode, one.left, one.line.text) == (PAGE, 2, "")


@pytest.mark.parametrize(("keys", "number"), [("25", 25), ("3 9 99", 99), ("0", 0)])
def test_a_number_of_no_row_decides_nothing(tmp_path: Path, keys: str, number: int) -> None:
    """ "25" for "2 5" would call all rows good: the line stays, one sentence names the number, and can be mended."""
    one = sitting(tmp_path, *brews(12))
    one.page = 10
    press(one, "p", *keys, "enter")
    assert one.message == f"There is no row {number}, so nothing was decided: this page has rows 1 to 10."
    assert (one.state.decisions, one.left, one.line.text, one.mode) == ([], 12, keys, PAGE)
    press(one, "clear", "2", " ", "5", "enter")
    assert [at for at, made in enumerate(one.state.decisions, 1) if made.verdict == REJECT] == [2, 5]


def test_a_fix_passes_the_same_check_or_says_why(tmp_path: Path) -> None:
    """A wrong call is one sentence and stays on the line; a right one is a decision with the row as it should be."""
    one = sitting(tmp_path, TIMER)
    press(one, "f")
    assert one.mode == EDIT
    assert one.line.text == as_line(TIMER)
    press(one, "backspace", "enter")
    assert "is no call" in one.message
    one.line = Line('set a timer for ten minutes -> set_timer(duration="nine minutes")')
    press(one, "enter")
    assert "'nine minutes' is not a run of its words" in one.message
    one.line = Line('set a timer for pasta -> set_timer(duration="pasta")')
    press(one, "enter")
    assert one.message
    assert one.mode == EDIT
    one.line = Line('Set a timer for ten minutes. -> set_timer(duration="ten minutes")')
    press(one, "enter")
    (decision,) = one.state.decisions
    assert decision.verdict == FIX
    assert decision.fixed is not None
    assert (decision.fixed["text"], decision.fixed["group"]) == ("set a timer for ten minutes", TRAIN)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("brew tea", "then -> and the call"),
        ("brew tea ->", "then -> and the call"),
        ("brew tea -> make_tea()", "there is no skill make_tea"),
        ('brew tea -> brew(cup="tea")', "brew has no argument cup"),
        ('switch it on -> switch(device="it", state="bright")', "is not one of on, off"),
        ("brew tea -> brew()", "drink"),
    ],
)
def test_what_is_wrong_with_a_fix_is_one_sentence(line: str, sentence: str) -> None:
    """Each way to write a row wrongly has its sentence."""
    with pytest.raises(SkillError, match=sentence):
        from_line(line, TIMER, gate())


def test_rows_wait_as_they_are_trained_on_and_skipped_ones_come_last(tmp_path: Path) -> None:
    """Every ten rows hold what is trained on by its size; what was decided does not come again."""
    rows = [Case(f"stop {n}", "stop", source="large", group=TRAIN) for n in range(70)]
    rows += [Case(f"b{n}", "none", source="large", group=TRAIN) for n in range(20)]
    rows += [Case(f"a{n}", "none", source="small", group=TRAIN) for n in range(10)]
    data = dataset(tmp_path / "d", *rows)
    state = State(tmp_path / STATE)
    order = waiting(data, state)
    for start in range(0, 100, 10):
        stretch = Counter((case.source, case.skill) for case in order[start : start + 10])
        assert stretch["large", "stop"] in (6, 7, 8)
        assert stretch["large", "none"] in (1, 2, 3)
        assert stretch["small", "none"] in (0, 1, 2)
    state.decide([(order[0], SKIP), (order[1], ACCEPT)])
    later = waiting(data, state)
    assert later[-1] == order[0]
    assert order[1] not in later
    assert later == waiting(data, State.read(tmp_path))


def test_a_skill_of_one_s_own_comes_first(tmp_path: Path) -> None:
    """Among a hundred times as many rows, the first forty of what was added wait before them, its near misses among."""
    mine = [*brews(60), *[near_miss(f"the coffee {n}") for n in range(20)]]
    others = [Case(f"stop {n}", "stop", source="large", group=TRAIN) for n in range(3900)]
    others += [Case(f"the stop {n}", "none", source="near-miss", group=f"near-miss:stop:{n}") for n in range(100)]
    data = dataset(tmp_path / "d", *others, *mine)
    state = State(tmp_path / STATE)
    order = waiting(data, state)
    first = Counter(case.skill for case in order[: FIRST + 5])
    assert first["stop"] == 0
    assert first["none"] >= 8
    assert {case.skill for case in order[60:200]} >= {"stop"}
    state.decide([(case, ACCEPT) for case in order if case.skill == "brew"][:FIRST])
    assert Counter(case.skill for case in waiting(data, state)[:50])["stop"] > 40


def near_miss(text: str) -> Case:
    return Case(text, "none", source="near-miss", group=next(g for g in NEAR_GROUPS if side_of(g) == "train"))


NEAR_GROUPS = [f"near-miss:brew:{n}" for n in range(99)]


def test_decisions_become_rows(tmp_path: Path) -> None:
    """Rejected rows leave for good, fixed ones are replaced, accepted training rows stand in a file of their own."""
    good, bad, wrong, fresh = brews(4)
    test = Case("brew rum", "brew", {"drink": "rum"}, source="a", group=TEST)
    dataset(tmp_path, good, bad, wrong, fresh, test)
    state = State.read(tmp_path)
    fixed = from_line('brew two cups -> brew(drink="two cups")', wrong, gate())
    state.decide([(good, ACCEPT), (bad, REJECT), (test, ACCEPT)])
    state.decide([(wrong, FIX)], fixed=fixed)
    made = apply(tmp_path, state)
    assert {case.text for case in made.sides["train"]} == {good.text, "brew two cups", fresh.text}
    assert {case.text for case in read_cases(tmp_path / ACCEPTED)} == {good.text, "brew two cups"}
    assert [case.text for case in made.sides["test"]] == [test.text]
    assert load(tmp_path).facts.version == made.version
    assert apply(tmp_path, State.read(tmp_path)).version == made.version
    again = compose([("grown", case) for case in (bad, wrong)], Facts(), Plan(gate(), made))
    assert not {bad.text, wrong.text} & {case.text for case in again.rows}


def test_the_share_of_good_rows_has_an_interval(tmp_path: Path) -> None:
    """Each source has its share of rows that were good as they were, skipped ones left out; a damaged file is said."""
    state = State(tmp_path / STATE)
    rows = brews(40)
    verdicts = [(case, ACCEPT if at % 4 else REJECT) for at, case in enumerate(rows[:32])]
    state.decide([*verdicts, (rows[33], SKIP)], seconds=16)
    share = state.shares()["a"]
    assert (share.right, share.n) == (24, 32)
    assert share.low < 0.75 < share.high
    assert state.share("a") == share
    assert state.per_minute == pytest.approx(120)
    (tmp_path / STATE).write_text("{")
    with pytest.raises(SkillError, match="damaged"):
        State.read(tmp_path)


@pytest.mark.parametrize("of", ["g{}", "g", ""])
def test_the_screen_shows_the_interval_of_the_end(tmp_path: Path, of: str) -> None:
    """One figure has one interval, that by paraphrase groups; a row without a group is one of its own."""
    one = sitting(tmp_path, *(replace(case, group=of.format(at // 3)) for at, case in enumerate(brews(7))))
    press(one, *"aaaraa")
    share = one.state.shares()["a"]
    assert f"a: good as it was {share}" in " ".join(" ".join(drawn(one, 80)).split())
    groups = {"g{}": ["x"] * 3 + ["y"] * 3, "g": ["x"] * 6, "": list("uvwxyz")}[of]
    assert share == share_of([True, True, True, False, True, True], groups)


def drawn(one: Sitting, width: int, height: int = 24) -> list[str]:
    """The screen's lines, without the terminal's control codes."""
    import pyte

    out = io.StringIO()
    screen = pyte.Screen(width, height)
    Screen(one, "mine", Console(file=out, width=width, height=height, force_terminal=True)).draw()
    pyte.Stream(screen).feed(out.getvalue())
    return [line.rstrip() for line in screen.display]


@pytest.mark.parametrize("width", [80, 40])
def test_a_row_is_whole_on_the_screen(tmp_path: Path, width: int) -> None:
    """Sentence, call and every key are to be read at 80 and at 40 columns."""
    one = sitting(tmp_path, TIMER, *brews(3))
    shown = " ".join(" ".join(drawn(one, width)).split())
    assert TIMER.text in shown
    assert "set_timer(duration=ten minutes, name=pasta)" in shown
    for key in ("a good", "r bad", "f fix", "s skip", "u undo", "p page", "q quit"):
        assert key in shown.replace("\u00a0", " ")
    press(one, "a")
    assert "1 done" in drawn(one, width)[0]


@pytest.mark.parametrize("width", [80, 40])
def test_a_page_shows_only_whole_rows(tmp_path: Path, width: int) -> None:
    """As many rows as fit are numbered, the last one and the keys are on the screen; what is typed marks its row."""
    rows = [TIMER, *brews(60)]
    one = sitting(tmp_path, *rows)
    press(one, "p")
    lines = drawn(one, width)
    assert 8 <= one.page < 30
    numbered = [line for line in lines if re.match(r"[ \d]\d (please|brew)", line)]
    assert len(numbered) == one.page
    assert f"brew {one.page - 2} cups" in " ".join(lines)
    assert "quit" in " ".join(lines)
    press(one, "2")
    lines = drawn(one, width)
    assert [line for line in lines if line.endswith("bad")] == [next(line for line in lines if line[:2] == " 2")]


def test_the_line_that_is_edited_shows_its_end(tmp_path: Path) -> None:
    """At 40 columns the whole line and the sentence about it stand on the screen."""
    one = sitting(tmp_path, TIMER)
    press(one, "f", "x", "enter")
    shown = "".join(drawn(one, 40))
    assert 'name="pasta")x' in shown
    assert "is no call" in " ".join(" ".join(drawn(one, 40)).split())


def test_a_line_is_edited_as_lines_are() -> None:
    """Moving, deleting, and cutting act at the cursor."""
    line = Line("set a timer")
    for key in ("home", "right", "right", "right", "delete", "-", "end", "backspace"):
        line.press(key)
    assert (line.text, line.at) == ("set-a time", 10)
    line.press("word")
    assert line.text == "set-a "
    for key in ("left", "left", "cut"):
        line.press(key)
    assert line.text == "set-"
    line.press("clear")
    assert (line.text, line.at) == ("", 0)


def test_a_row_is_known_by_its_text_and_call() -> None:
    """Another source or group is the same row, another call is not."""
    (row,) = brews(1)
    same = Case(row.text, row.skill, dict(row.words), source="z", group="y")
    assert name_of(same) == name_of(row)
    assert name_of(Case(row.text, "none")) != name_of(row)
    assert json.loads(json.dumps(name_of(row))) == name_of(row)
    assert ONE != PAGE


def test_a_row_fixed_into_another_row_is_there_once(tmp_path: Path) -> None:
    """The one that a person wrote stays, and the dataset has no sentence twice."""
    first, second = brews(2)
    dataset(tmp_path, first, second)
    state = State.read(tmp_path)
    state.decide([(second, FIX)], fixed=first)
    after = apply(tmp_path, state)
    assert [case.text for case in after.sides["train"]] == [first.text]
    assert [case.text for case in read_cases(tmp_path / ACCEPTED)] == [first.text]
    assert apply(tmp_path, state).sides == after.sides


def test_a_row_cannot_be_fixed_into_what_is_measured_on() -> None:
    """A sentence of an evaluation set is refused where it is typed."""
    strict = gate()
    strict.measured.add(bare("brew 9 cups"))
    case = brews(1)[0]
    with pytest.raises(SkillError, match="an evaluation set has this sentence"):
        from_line('brew 9 cups -> brew(drink="9 cups")', case, strict)


def test_a_row_cannot_be_fixed_into_one_that_is_kept_back() -> None:
    """Nearly a row of the test side is refused where it is typed; a row of that side itself can still be mended."""
    strict, case = gate(), brews(1)[0]
    strict.other_side.add(bare("brew chamomile tea"))
    with pytest.raises(SkillError, match="a row that is kept back to measure by has this sentence, or nearly"):
        from_line('brew chamomile teas -> brew(drink="chamomile teas")', case, strict)
    held = replace(case, text="brew chamomile tea", words={"drink": "chamomile tea"})
    assert from_line('brew chamomile teas -> brew(drink="chamomile teas")', held, strict).text == "brew chamomile teas"


def test_what_a_person_wrote_is_not_asked_about_again(tmp_path: Path) -> None:
    """A fixed row is nobody's to judge: it does not wait, its share is that of the row it was; taken back, that waits.
    A row that was skipped and that another became stays among the good ones."""
    first, second = brews(2)
    dataset(tmp_path, first, second)
    state = State.read(tmp_path)
    fixed = from_line('brew two cups -> brew(drink="two cups")', first, gate())
    state.decide([(first, FIX)], fixed=fixed)
    assert waiting(apply(tmp_path, state), State.read(tmp_path)) == [second]
    assert (state.shares()["a"].right, state.shares()["a"].n) == (0, 1)
    state.undo(1, 0.0)
    assert fixed in waiting(load(tmp_path), state)
    state.decide([(second, SKIP)])
    state.decide([(fixed, FIX)], fixed=second)
    for _ in range(2):
        assert waiting(apply(tmp_path, state), state) == []
        assert [case.text for case in read_cases(tmp_path / ACCEPTED)] == [second.text]


@pytest.mark.parametrize("verdict", [ACCEPT, REJECT, FIX])
def test_a_review_that_was_broken_off_is_said(tmp_path: Path, verdict: str) -> None:
    """Decisions that a killed sitting left beside the rows are said until the next sitting brings them in; skipping
    decides nothing, and rows that nobody reviews are none of its business."""
    first, second, third = brews(3)
    dataset(tmp_path, first, second)
    check_applied(tmp_path)
    state = State.read(tmp_path)
    state.decide([(second, SKIP)])
    check_applied(tmp_path)
    state.decide([(first, verdict)], fixed=third)
    with pytest.raises(SkillError, match=f"run hark data review {tmp_path}, and q brings your decisions in"):
        check_applied(tmp_path)
    apply(tmp_path, State.read(tmp_path))
    check_applied(tmp_path)
