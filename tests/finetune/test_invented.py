"""The invented skills that the few-shot network is taught on: their reader, and what ships."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import pytest

from assistant.prompt import plain
from assistant.skill import Argument
from evals.cases import read_cases
from evals.sets import open_set, overheard
from finetune import invented
from finetune.invented import OTHERS, Invented, faults, near_misses, read
from finetune.invented.__main__ import main

NEWCOMERS = Path(__file__).parents[2] / "examples" / "newcomers"
WHOLE = """\
= water_plants
: Waters a part of the garden for some time.
place: text?
minutes: number
mode: choice? sprinkler | drip line
+ water the [roses](place) for [five](minutes) minutes
* the [lawn](place) looks dry give it [ten](minutes) with the [dripper](mode=drip line)
- the roses are lovely this year

= sing
: Sings.
+ sing
* let us have a song
- she sings well
"""


@functools.cache
def shipped() -> tuple[Invented, ...]:
    return invented.shipped()


def written(folder: Path, text: str, name: str = "garden.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_skill_is_read_with_all_that_is_said_of_it(tmp_path: Path) -> None:
    """Arguments with their kinds and choices, the author's examples, what others say, and near misses."""
    water, sing = read(written(tmp_path, WHOLE))
    assert water.skill.name == "water_plants"
    assert water.skill.purpose == "Waters a part of the garden for some time."
    assert water.skill.source == "garden.txt:1"
    assert water.skill.arguments == (
        Argument("place", "text", False),
        Argument("minutes", "number", True),
        Argument("mode", "choice", False, ("sprinkler", "drip line")),
    )
    assert [e.text for e in water.skill.examples] == ["water the roses for five minutes"]
    assert water.phrasings[0].call.words == {"place": "lawn", "minutes": "ten", "mode": "drip line"}
    assert water.near_misses == ("the roses are lovely this year",)
    assert (sing.skill.name, sing.skill.arguments) == ("sing", ())


FAULTS = {
    "a name that is no argument": ("+ water the [roses](plant) for [five](minutes)", "plant"),
    "a choice that is none": ("+ water for [five](minutes) by [hose](mode=hose)", "sprinkler, drip line"),
    "a required argument that is missing": ("* water the [roses](place)", '"minutes" is required'),
    "an argument twice": ("+ for [five](minutes) or [six](minutes) minutes", "minutes twice"),
    "a capital": ("+ Water for [five](minutes) minutes", "lower case"),
    "a digit": ("+ water for [5](minutes) minutes", "no digits"),
    "a mark at the end": ("- she waters it.", "no punctuation"),
    "a mark in a near miss": ("- the [roses](place) bloom", "a near miss has no marks"),
    "a bracket that is left over": ("+ water [the [roses]](place) for [five](minutes)", "cannot be read"),
    "a kind that is none": ("depth: inches", '"inches" is no kind'),
    "a kind with choices that has none": ("depth: number deep | flat", '"number" is no kind'),
    "a choice of one": ("depth: choice deep", "two words at least"),
    "a line that is nothing": ("water the roses", "is no argument"),
    "a phrasing without a space": ("*for [five](minutes) minutes", 'a space stands after "*"'),
    "a near miss without a space": ("-roses again", 'a space stands after "-"'),
}


@pytest.mark.parametrize(("wrong", "told"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_with_its_file_and_line(tmp_path: Path, wrong: str, told: str) -> None:
    """Wherever a line is wrong, the message names the file and the line, and what is wrong."""
    lines = WHOLE.splitlines()
    with pytest.raises(ValueError, match=r"^garden\.txt:8: ") as raised:
        read(written(tmp_path, "\n".join([*lines[:7], wrong, *lines[7:]])))
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_several_faults_are_told_at_once(tmp_path: Path) -> None:
    """One reading names every line that is wrong, those before the first skill, too."""
    wrong = [one for one, _ in FAULTS.values()]
    with pytest.raises(ValueError, match="begins with") as raised:
        read(written(tmp_path, "\n".join([": a purpose of nothing", WHOLE.split("\n\n", maxsplit=1)[0], *wrong])))
    told = str(raised.value).splitlines()
    assert [line.split(": ")[0] for line in told] == [f"garden.txt:{at}" for at in (1, *range(10, 10 + len(wrong)))]


@pytest.mark.parametrize("mark", [":", "+", "*", "-"])
def test_a_skill_that_lacks_something_is_told(tmp_path: Path, mark: str) -> None:
    """A purpose, an example, what others say and a near miss are all needed, in the last skill and before it."""
    for kept in (0, 1):
        parts = WHOLE.split("\n\n")
        parts[kept] = "\n".join(line for line in parts[kept].splitlines() if line[0] != mark)
        with pytest.raises(ValueError, match=r'^garden\.txt:\d+: "(water_plants|sing)" needs a purpose'):
            read(written(tmp_path, "\n\n".join(parts)))


def test_names_and_sentences_that_stand_twice_are_faults(tmp_path: Path) -> None:
    """In one file and in two, whatever the sentence is there for."""
    one = read(written(tmp_path, WHOLE))
    other = read(written(tmp_path, WHOLE.replace("= sing", "= hum").replace("+ sing", "+ hum a song"), "other.txt"))
    assert list(faults(one)) == []
    found = list(faults([*one, *other]))
    assert sum("is there twice" in line for line in found) == len(found)
    assert {line.split(": ")[1].split('"')[1] for line in found} == {
        "water_plants",
        *one[0].sentences(),
        "let us have a song",
        "she sings well",
    }
    assert all(line.startswith("other.txt:") for line in found)
    with pytest.raises(ValueError, match="twice"):
        invented.shipped(tmp_path)


def test_the_checker_counts_and_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is 0 for a file without fault and 1 for any other, one that is not there included."""
    good = written(tmp_path, WHOLE)
    assert main([good]) == 0
    assert capsys.readouterr().out == "2 skills, 2 phrasings, 2 near misses; 0 to mend\n"
    bad = written(tmp_path, WHOLE.replace("- she", "- She"), "bad.txt")
    assert main([good, bad, tmp_path / "gone.txt"]) == 1
    told = capsys.readouterr()
    assert "bad.txt:14: " in told.err
    assert "gone.txt" in told.err
    assert told.out.endswith("2 to mend\n")


BY_OTHERS = """\
= water_plants
* [ten](minutes) for the [tomatoes behind the shed](place) they look dry again
- who watered the tomatoes
"""


def by_others(folder: Path, text: str = BY_OTHERS) -> Path:
    (folder / OTHERS).mkdir(exist_ok=True)
    return written(folder / OTHERS, text, "neighbours.txt")


def test_what_others_say_is_read_with_their_skill(tmp_path: Path) -> None:
    """It stands beside the author's phrasings, and its near misses among those of the skill."""
    written(tmp_path, WHOLE)
    by_others(tmp_path)
    water, sing = invented.shipped(tmp_path)
    assert [e.call.words for e in water.by_others] == [{"minutes": "ten", "place": "tomatoes behind the shed"}]
    assert len(water.phrasings) == 1
    assert water.near_misses == ("the roses are lovely this year", "who watered the tomatoes")
    assert sing.by_others == ()
    assert list(near_misses(tmp_path)) == [*water.near_misses[:1], *sing.near_misses, *water.near_misses[1:]]


OF_OTHERS = {
    "a skill that nobody invented": (
        BY_OTHERS.replace("water_plants", "dance"),
        r'neighbours\.txt:1: no skill .*"dance"',
    ),
    "a required argument that is missing": (BY_OTHERS.replace("[ten](minutes) ", ""), r"neighbours\.txt:2: .*required"),
    "an example": (
        BY_OTHERS + "+ [five](minutes) minutes for the plants\n",
        r'neighbours\.txt:1: .*"\*" and "-" alone',
    ),
    "other choices": (
        BY_OTHERS + "mode: choice? fog | mist\n* give it [ten](minutes) minutes of [fog](mode)\n",
        r'neighbours\.txt:1: .*"\*" and "-" alone',
    ),
    "another argument": (BY_OTHERS + "wet: number?\n", r'neighbours\.txt:1: .*"\*" and "-" alone'),
    "what its author says": (BY_OTHERS + "- the roses are lovely this year\n", r"garden\.txt:1: .*is there twice"),
}


@pytest.mark.parametrize(("wrong", "told"), OF_OTHERS.values(), ids=OF_OTHERS)
def test_a_fault_of_others_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: str, told: str) -> None:
    """By whoever reads the folder, and by the checker of the file alone, which knows skills from the folder above."""
    written(tmp_path, WHOLE)
    path = by_others(tmp_path, wrong)
    with pytest.raises(ValueError, match=told):
        invented.shipped(tmp_path)
    assert main([path]) == 1
    assert re.search(told, capsys.readouterr().err)


def test_the_checker_counts_what_others_say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With its skill's own, whether that file is named, too, or not."""
    whole, path = written(tmp_path, WHOLE), by_others(tmp_path)
    assert main([path]) == 0
    assert capsys.readouterr().out == "1 skills, 2 phrasings, 2 near misses; 0 to mend\n"
    assert main([path, whole]) == 0
    assert capsys.readouterr().out == "2 skills, 3 phrasings, 3 near misses; 0 to mend\n"


def test_the_checker_knows_what_others_say_from_inside_their_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file that is named without a folder is read as one of the folder that it stands in."""
    written(tmp_path, WHOLE)
    path = by_others(tmp_path)
    monkeypatch.chdir(path.parent)
    assert main([Path(path.name)]) == 0
    assert capsys.readouterr().out == "1 skills, 2 phrasings, 2 near misses; 0 to mend\n"


def test_what_ships_has_no_fault() -> None:
    """Every file can be read, and no name and no sentence stands twice."""
    assert len(shipped()) >= 640
    assert len({one.skill.name for one in shipped()}) == len(shipped())


def test_near_misses_alone_are_those_of_the_skills() -> None:
    """Read without the rest of the files, they are the same."""
    assert sorted(near_misses()) == sorted(text for one in shipped() for text in one.near_misses)


def test_every_shipped_skill_has_enough_said_of_it() -> None:
    """Ten examples as a plugin has, what other people say, and what is not for it."""
    counts = {
        one.skill.name: (len(one.skill.examples), len(one.phrasings) >= 25, len(one.near_misses) >= 8)
        for one in shipped()
    }
    assert {name: count for name, count in counts.items() if count != (10, True, True)} == {}


def test_every_argument_that_ships_is_said() -> None:
    """No argument stands in a signature that no sentence marks, and every choice is said by some sentence."""
    for one in shipped():
        every = [*one.skill.examples, *one.phrasings]
        for argument in one.skill.arguments:
            said = {example.call.words.get(argument.name) for example in every}
            assert said - {None}, f"{one.skill.source}: {argument.name}"
            assert set(argument.choices) <= said, f"{one.skill.source}: {argument.name}"


def test_no_shipped_sentence_stands_in_an_evaluation_set() -> None:
    """No phrasing, example or near miss repeats a sentence that is measured on."""
    kept = {case.text: name for name in ("must-pass", "quick") for case in open_set(name).cases}
    kept |= {case.text: "overheard" for case in overheard()}
    found = sorted(NEWCOMERS.rglob("*.jsonl"))
    assert len(found) >= 6
    kept |= {plain(case.text): str(path.relative_to(NEWCOMERS)) for path in found for case in read_cases(path)}
    assert not [(one.skill.source, text, kept[text]) for one in shipped() for text in one.sentences() if text in kept]
