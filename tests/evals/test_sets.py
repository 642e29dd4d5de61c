"""What is measured on."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.commands.frame import UsageError
from assistant.readers import read_arguments
from assistant.skill import Call, Household, SkillError
from assistant.trace import Database, Label, Trace
from assistant.turn import Decision, Reply, Transcript, Turn
from evals.cases import Case, write_cases
from evals.sets import (
    DATA,
    WRITTEN,
    Kept,
    balanced,
    chatter,
    group_key,
    held_out,
    kept_from_training,
    on_held_side,
    open_set,
    overheard,
    problems,
)
from evals.sets.opened import closed_arguments, readers_of
from finetune import rows
from finetune.rows import shipped_skills, split_human


def test_balanced_is_as_even_as_can_be() -> None:
    """Families that have enough get the same number; one that has few gives all it has."""
    many = [Case(f"m{i}", "weather") for i in range(100)] + [Case(f"n{i}", "none") for i in range(300)]
    few = [Case(f"t{i}", "set_timer") for i in range(7)]
    counts = Counter(case.family for case in balanced([*many, *few], size=107))
    assert counts == {"weather": 50, "none": 50, "timers": 7}


def test_other_families_are_not_in_it() -> None:
    """Families outside the twelve are left out."""
    assert balanced([Case("who wrote it", "ask"), Case("hush", "stop")], size=10) == []


def test_same_seed_same_set() -> None:
    """The set is the same each time it is drawn."""
    cases = [Case(f"m{i}", "weather") for i in range(100)]
    assert balanced(cases, 20) == balanced(cases, 20)
    assert balanced(cases, 20, seed=1) != balanced(cases, 20)


def test_human_sentences_and_chatter_are_apart(tmp_path: Path) -> None:
    """Held-out human sentences and held-out chatter are two sets."""
    human, talk = (
        Case("play jazz", "play_music", source="hwu64"),
        Case("ah well", "none", source="grown-chatter", group="chatter:none:1"),
    )
    write_cases(tmp_path / "dev.jsonl", [human, talk])
    assert held_out(tmp_path) == [human]
    assert chatter(tmp_path) == [talk]


def test_overheard_talk_is_for_nobody_and_never_trained_on() -> None:
    """The written talk is `none`, has no line twice, and is left out of training with what is nearly the same."""
    lines = overheard()
    assert len({case.text for case in lines}) == len(lines) > 50
    assert {case.skill for case in lines} == {"none"}
    near = [Case(case.text, "none", source="clinc150", group=f"clinc150:{case.text}") for case in lines]
    assert split_human(near).train == []


CLOSED = closed_arguments(shipped_skills())
READS = readers_of(shipped_skills(), dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC), Household())
SETS = {name: open_set(name) for name in WRITTEN}


@pytest.mark.parametrize("name", WRITTEN)
def test_committed_sets_are_well_formed(name: str) -> None:
    """Every case of a committed set holds against its own text, stands there once, and says its tier."""
    assert list(problems(DATA / WRITTEN[name], CLOSED, READS)) == []
    assert {case.tier for case in SETS[name].cases} == {name}


@pytest.mark.parametrize("name", WRITTEN)
def test_committed_sets_cover_every_skill(name: str) -> None:
    """Every skill that Hark ships is wanted somewhere in must-pass and in quick."""
    assert {case.skill for case in SETS[name].cases} == {skill.name for skill in shipped_skills()}


def test_quick_covers_every_argument() -> None:
    """Every argument of every skill, and every choice of a closed one, is pointed at in quick."""
    said = {(case.skill, name) for case in SETS["quick"].cases for name in case.words}
    chosen = {(case.skill, name, words) for case in SETS["quick"].cases for name, words in case.words.items()}
    for skill, arguments in CLOSED.items():
        for name, choices in arguments.items():
            assert (skill, name) in said
            assert all((skill, name, choice) in chosen for choice in choices)


def test_must_pass_holds_what_it_promises() -> None:
    """Must-pass has every risky skill, plain chatter, near misses, and sentences that were once wrong."""
    tags = Counter(tag for case in SETS["must-pass"].cases for tag in case.tags)
    assert tags["chatter"] >= 10 and tags["near-miss"] >= 5 and tags["regression"] >= 20 and tags["risky"] >= 5
    risky = {skill.name for skill in shipped_skills() if skill.confirm}
    assert risky <= {case.skill for case in SETS["must-pass"].cases if "risky" in case.tags}


def test_the_sets_share_no_sentence() -> None:
    """A sentence is in must-pass or in quick, never in both."""
    assert not {case.text for case in SETS["must-pass"].cases} & {case.text for case in SETS["quick"].cases}


def test_words_of_an_argument_can_be_read() -> None:
    """What the cases point at has a value: a case whose words no reader can read would never be right."""
    now, by_name = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC), {skill.name: skill for skill in shipped_skills()}
    for case in (*SETS["must-pass"].cases, *SETS["quick"].cases):
        for name, words in case.acceptable:
            if "noise" not in case.tags:
                read_arguments(by_name[name], words, now=now, household=Household())


def test_sets_are_kept_from_training() -> None:
    """A sentence of a committed set, or one that nearly repeats it, is told from a new one."""
    kept = Kept()
    assert kept.repeats("please put on dancing queen by abba")
    assert kept.repeats("set the volume to ninety percent")  # only the number differs
    assert kept.repeats("turn on the kitchen lightz")
    assert not kept.repeats("the ferry to the island leaves from the other pier")
    for case in (*SETS["must-pass"].cases, *SETS["quick"].cases, *overheard()):
        assert group_key(case.text) in kept_from_training()


def test_the_sides_of_the_split_are_training_s() -> None:
    """What nightly takes for kept back is what training keeps back: about a tenth of the groups, by their names."""
    cases = [Case(f"sentence {number}", "stop", group=f"clinc150:sentence {number}") for number in range(500)]
    split = rows.split_human(cases)
    assert {case.group for case in split.dev} == {case.group for case in cases if on_held_side(case.group)}
    assert 20 < len(split.dev) < 90


BROKEN = {
    "{broken": "no JSON from its character 2 on; a case is one JSON object on a line",
    "": "no JSON",
    '{"text": "hi there", "skill": "greet"}': "no skill greet",
    '{"text": "hi there", "skill": "stop", "colour": 1}': "colour is no field of a case; its fields are text, skill",
    '{"txt": "hi there", "skill": "stop"}': "txt is no field of a case; its fields are text",
    '{"text": "hi there"}': "a case has a text and a skill",
    '{"text": "set a timer", "skill": "set_timer", "words": {"duration": "ten"}}': "not a run of its words",
    '{"text": "Stop, please!", "skill": "stop"}': "not in plain form; write 'stop please'",
    '{"text": "", "skill": "stop", "sound": "gone.wav"}': "no recording gone.wav",
    '{"text": "stop", "skill": "stop", "tags": "short"}': "tags are a list of texts",
    "[]": "a case is one JSON object",
}


@pytest.mark.parametrize(("line", "says"), BROKEN.items(), ids=BROKEN)
def test_malformed_case_is_named(tmp_path: Path, line: str, says: str) -> None:
    """A malformed case is named with its file and its line, and the others are looked at all the same."""
    file = tmp_path / "mine.jsonl"
    file.write_text('{"text": "stop", "skill": "stop"}\n' + line + '\n{"text": "x y", "skill": "nope"}\n', "utf-8")
    first, second = problems(file, CLOSED)
    assert first.startswith(f"{file}, line 2: ") and says in first
    assert second.startswith(f"{file}, line 3: ")


UNREAD = (
    '{"text": "set a timer for banana", "skill": "set_timer", "words": {"duration": "banana"}}',
    '{"text": "set it to banana", "skill": "stop", "also": [{"skill": "set_volume", "words": {"level": "banana"}}]}',
)


@pytest.mark.parametrize("line", UNREAD)
def test_words_that_no_reader_reads_are_named(tmp_path: Path, line: str) -> None:
    """A case whose argument no reader reads could never be right: it is named with file, line and words."""
    file = tmp_path / "mine.jsonl"
    file.write_text('{"text": "stop", "skill": "stop"}\n' + line + "\n", "utf-8")
    (fault,) = problems(file, CLOSED, READS)
    assert fault.startswith(f"{file}, line 2: ") and "no reader reads" in fault and "='banana'" in fault


def test_what_is_left_out_or_said_freely_is_no_fault(tmp_path: Path) -> None:
    """An argument that is asked for, free text, a span from now and words nobody is sure of are well formed."""
    file = tmp_path / "mine.jsonl"
    cases = [
        Case("set a timer", "set_timer"),
        Case("set a banana timer", "set_timer", {"name": "banana"}),
        Case("make a note banana", "add_note", {"text": "banana"}),
        Case("turn it up a little", "change_volume", {"direction": "up"}),
        Case("remind me in ten minutes to call", "remind", {"when": "in ten minutes", "what": "call"}),
        Case("set a timer for banana", "set_timer", {"duration": "banana"}, args_known=False),
    ]
    write_cases(file, cases)
    assert list(problems(file, CLOSED, READS)) == []


def test_an_empty_file_is_no_set(tmp_path: Path) -> None:
    """A file without a case has a fault: nothing can be measured on it."""
    file = tmp_path / "mine.jsonl"
    file.touch()
    assert list(problems(file, CLOSED)) == [f"{file} holds no case"]


def test_doubled_case_is_named(tmp_path: Path) -> None:
    """A case that stands twice in a file is named; the same words by another voice are another case."""
    file = tmp_path / "mine.jsonl"
    spoken = Case("stop", "stop", tags=("voice:en+f3",))
    write_cases(file, [Case("stop", "stop"), spoken, Case("stop", "stop", tags=("short",))])
    (fault,) = problems(file, CLOSED)
    assert fault == f"{file}, line 3: 'stop' stands on line 1 already"


def test_any_file_of_cases_is_a_set(tmp_path: Path) -> None:
    """A file is a set by its path: its name, its checksum, and its folder for recordings."""
    file = tmp_path / "mine.jsonl"
    write_cases(file, [Case("stop", "stop")])
    found = open_set(file)
    assert (found.name, len(found.cases), found.folder) == ("mine", 1, tmp_path)
    assert found.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


def test_the_diary_s_export_is_a_set(tmp_path: Path) -> None:
    """What `hark trace export` writes is a set as it stands, its text brought into plain form."""
    diary = Trace(Database(tmp_path / "hark.db"))
    transcript, decision = Transcript(text="Stop it, please!"), Decision(skill="none", tier="decline", confidence=0.9)
    turn = Turn(id="t1", at=dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC), transcript=transcript, decision=decision,
                reply=Reply(text=""))  # fmt: skip
    assert diary.keep(turn)
    diary.label("t1", Label(Call("stop"), "stop()"))
    file = tmp_path / "cases.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in diary.cases()), "utf-8")
    assert list(problems(file, CLOSED)) == []
    (case,) = open_set(file).cases
    assert (case.text, case.skill, case.source) == ("stop it please", "stop", "diary:t1")


def test_a_folder_is_called_one(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A folder in place of a set is called so, with what to give instead: a file in it, a name, or --data."""
    for command in (["run"], ["sets", "show"], ["sets", "check"]):
        assert main(["eval", *command, str(tmp_path)]) == 2
        said = capfd.readouterr().err
        assert f"{tmp_path} is a folder; name one file of cases, or a set by its name (must-pass, quick, " in said
        assert "with --data" in said
    write_cases(tmp_path / "mine.jsonl", [Case("stop", "stop")])
    with pytest.raises(UsageError, match=r"is a folder; name one file of cases, such as .*mine\.jsonl, or"):
        open_set(tmp_path)


def test_no_such_set_is_one_sentence(tmp_path: Path) -> None:
    """An unknown set names those there are; an unbuilt nightly names the command; a spoilt file its line."""
    with pytest.raises(UsageError, match="no set and no file dayly; the sets are must-pass, quick, nightly, clinc150"):
        open_set("dayly")
    for folder in (None, tmp_path):
        with pytest.raises(UsageError, match="hark eval sets build nightly"):
            open_set("nightly", folder)
    (tmp_path / "bad.jsonl").write_text("{\n", "utf-8")
    with pytest.raises(SkillError, match=r"bad\.jsonl, line 1: "):
        open_set(tmp_path / "bad.jsonl")
