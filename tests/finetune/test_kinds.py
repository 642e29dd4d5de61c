"""Choices among kinds of things in the place of a free text."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from assistant.shown import ROLE, SIGNS, Line, Slot
from finetune.fewshot import kinds as room
from finetune.fewshot.kinds import by_kinds, kinds, written
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
    members = {one.name: {one.name, *one.members} for one in kinds()}
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
                    assert words in members[slot.name]
                assert slot.argument != "count" or words == ("two",)
            roles = {said.line.roles[at] for at, of in enumerate(said.line.slots) if of >= 0}
            assert roles == {NUMBER, TEXT, CHOICE}
        assert made.examples[1].line.slots == (-1, -1)


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
    full = (SLOTS[1], *(Slot("size", str(at), CHOICE, (str(at),)) for at in range(SIGNS)))
    assert by_kinds(skill(full), chance) is None
