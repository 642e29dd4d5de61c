"""The invented skills that the few-shot network is taught on: their reader, and what ships."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from assistant.prompt import plain
from assistant.skill import Argument
from evals.cases import read_cases
from evals.sets import open_set, overheard
from finetune import invented
from finetune.invented import Invented, faults, near_misses, read
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


def sentences(one: Invented) -> list[str]:
    return [*(e.text for e in (*one.skill.examples, *one.phrasings)), *one.near_misses]


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
        *sentences(one[0]),
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


def test_what_ships_has_no_fault() -> None:
    """Every file can be read, and no name and no sentence stands twice."""
    assert len(shipped()) >= 640
    assert len({one.skill.name for one in shipped()}) == len(shipped())


def test_near_misses_alone_are_those_of_the_skills() -> None:
    """Read without the rest of the files, they are the same."""
    assert list(near_misses()) == [text for one in shipped() for text in one.near_misses]


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
    assert not [(one.skill.source, text, kept[text]) for one in shipped() for text in sentences(one) if text in kept]
