"""Choices among kinds of things in the place of a free text."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.shown import ROLE, SIGNS, Line, Slot
from finetune.fewshot import kinds as room
from finetune.fewshot.kinds import Kind, by_kinds, kinds, neighbours, with_neighbours, written
from finetune.fewshot.pool import Said, Taught

TEXT, NUMBER, CHOICE, NONE = ROLE["text"], ROLE["number"], ROLE["choice"], ROLE["outside"]
SLOTS = (Slot("count", "", NUMBER, ("count",)), Slot("thing", "", TEXT, ("thing",)), Slot("to", "", TEXT, ("to",)))


def skill(slots: tuple[Slot, ...] = SLOTS, source: str = "invented:test") -> Taught:
    """Sentences like "send two old books to anna"."""
    words = ("send", "two", "old", "books", "to", "anna")
    line = Line(words, (NONE, NUMBER, TEXT, TEXT, NONE, TEXT), (-1, 0, 1, 1, -1, 2))
    bare = Line(("send", "it"), (NONE, NONE), (-1, -1))
    return Taught("send", source, bare, slots, [Said(line), Said(bare)], [Said(line)] * 30)


def test_the_kinds_that_ship_are_whole() -> None:
    """No name stands twice in the file, no kind names a member twice, and the thesaurus adds to them."""
    names = [one.name for one in written()]
    assert len(names) == len(set(names)) > 700
    assert all(len(set(one.members)) == len(one.members) >= 3 for one in written())
    assert all(words and all(words) for one in kinds() for words in (one.name, *one.members))
    assert len(kinds()) > len(written())


def test_the_neighbours_that_ship_are_whole() -> None:
    """A set has two kinds or more, of several phrases each, and a phrase means one of them alone."""
    for beside in neighbours():
        said = [words for one in beside for words in (one.name, *one.members)]
        assert len(beside) >= 2 and len(set(said)) == len(said) and all(said), beside
        assert all(len(one.members) >= 3 for one in beside), beside


def test_an_empty_line_ends_a_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, and whatever is a remark."""
    path = tmp_path / "choices.txt"
    path.write_text(
        "# sets\n\nbig: large, huge\nsmall: tiny\n\n\n# sides\nleft: port\nright: starboard\n", encoding="utf-8"
    )
    monkeypatch.setattr(room, "NEIGHBOURS", path)
    found = neighbours.__wrapped__()
    assert [[" ".join(one.name) for one in beside] for beside in found] == [["big", "small"], ["left", "right"]]
    assert found[0][0] == Kind(("big",), (("large",), ("huge",)))


def test_a_line_that_is_no_kind_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind without members stops the reading and says in which line it stands."""
    path = tmp_path / "kinds.txt"
    path.write_text("# kinds\nfruit: apples, pears\nflowers\n", encoding="utf-8")
    monkeypatch.setattr(room, "FILE", path)
    with pytest.raises(ValueError, match=r"kinds\.txt, line 3: write `kind: member, member`"):
        written.__wrapped__()


def test_a_free_text_becomes_a_choice() -> None:
    """Its words are a member of one of the kinds, marked as that choice; all other words keep their slots."""
    chance = random.Random(3)
    members: dict[str, set[tuple[str, ...]]] = {}
    for one in with_neighbours(kinds()):
        members.setdefault(" ".join(one.name), set()).update((one.name, *one.members))
    for _ in range(50):
        made = by_kinds(skill(), chance)
        assert made is not None
        added = len(made.slots) - len(SLOTS)
        assert 1 <= added <= 4
        for said in made.phrasings:
            assert len(said.line.words) == len(said.line.roles) == len(said.line.slots)
            for at, slot in enumerate(made.slots):
                words = tuple(w for w, of in zip(said.line.words, said.line.slots, strict=True) if of == at)
                if slot.choice and words:
                    assert words in members[slot.choice]
                assert slot.argument != "count" or words == ("two",)
            roles = {said.line.roles[at] for at, of in enumerate(said.line.slots) if of >= 0}
            assert roles == {NUMBER, TEXT, CHOICE}
        assert made.examples[1].line.slots == (-1, -1)


def test_neighbours_stand_beside_one_another() -> None:
    """Most choices are a set of neighbours; in every other skill the examples say nearly all by their names."""
    chance = random.Random(7)
    sets = {frozenset(one.name for one in beside) for beside in neighbours()}
    ten = replace(skill(), examples=skill().phrasings[:10])
    made = [found for _ in range(200) if (found := by_kinds(ten, chance))]
    beside = [one for one in made if any({s.name for s in one.slots if s.choice} <= names for names in sets)]
    assert 0.6 < len(beside) / len(made) < 0.85
    names = {slot.name for one in made for slot in one.slots}
    named = [sum(_chosen_words(said.line) in names for said in one.examples) for one in made]
    assert 0.35 < sum(n >= 8 for n in named) / len(made) < 0.65


def _chosen_words(line: Line) -> tuple[str, ...]:
    return tuple(word for word, role in zip(line.words, line.roles, strict=True) if role == CHOICE)


def test_an_argument_with_choices_gets_others() -> None:
    """All of its choices go, and the slots after them are counted anew; a flag stays what it is."""
    sizes = tuple(Slot("size", name, CHOICE, (name,)) for name in ("small", "middling", "large"))
    slots = (SLOTS[0], *sizes, Slot("soft", "yes", CHOICE, ("soft",)), Slot("soft", "no", CHOICE, ("soft",)))
    words = ("xvii", "large", "xbox", "softlier")
    line = Line(words, (NUMBER, CHOICE, NONE, CHOICE), (0, 3, -1, 4))
    made = by_kinds(Taught("pack", "invented:test", line, slots, [Said(line)], [Said(line)] * 30), random.Random(2))
    assert made is not None
    assert {slot.argument for slot in made.slots} == {"count", "size", "soft"}
    assert not {slot.choice for slot in made.slots} & {"small", "middling", "large"}
    for said in made.phrasings:
        argument = {
            word: made.slots[of].argument for word, of in zip(said.line.words, said.line.slots, strict=True) if of >= 0
        }
        assert argument.pop("xvii") == "count" and argument.pop("softlier") == "soft"
        assert set(argument.values()) == {"size"} and "xbox" not in argument


def test_each_choice_is_said() -> None:
    """Among thirty phrasings every kind is drawn."""
    made = by_kinds(skill(), random.Random(5))
    assert made is not None
    choices = {at for at, slot in enumerate(made.slots) if slot.choice}
    assert choices <= {of for said in made.phrasings for of in said.line.slots}


def test_a_skill_without_a_free_text_stays_as_it_is() -> None:
    """Nor is one changed whose sentences' choices are not marked, or that has no room for more slots."""
    chance = random.Random(1)
    assert by_kinds(skill(SLOTS[:1]), chance) is None
    assert by_kinds(skill(source="ours"), chance) is None
    full = (SLOTS[1], *(Slot("soft", str(at), CHOICE, ("soft",)) for at in range(SIGNS)))
    assert by_kinds(skill(full), chance) is None
