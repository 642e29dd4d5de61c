"""The thesaurus: what shares a group, in words, phrases and frames."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_unseen import BLINDS

from assistant.likeness import Likeness, said
from assistant.places import pattern
from assistant.skill import Call, Example, Skill
from assistant.synonyms import Group, Synonyms, read, shipped
from assistant.wording import token

GROUPS = (
    Group("things: post", ("parcel", "package", "shipment")),
    Group("ways to ask: where", ("track", "see where * is")),
    Group("actions: water", ("water", "irrigate", "give water to")),
)


def groups_of(text: str) -> set[str]:
    found = Synonyms(GROUPS).meant([token(word) for word in text.split()])
    return {GROUPS[one.group].members[0] for one in found}


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("where is my shipment", {"parcel"}),
        ("are the packages here", {"parcel"}),
        ("irrigate the lawn", {"water"}),
        ("please give water to the roses", {"water"}),
        ("give the roses water", {"water"}),
        ("see where my parcel is", {"track", "parcel"}),
        ("what do you see there", set()),
        ("", set()),
    ],
)
def test_the_groups_of_a_sentence_are_found(text: str, groups: set[str]) -> None:
    """Words in any form, phrases and frames name their groups; part of a frame names none."""
    assert groups_of(text) == groups


def test_a_thesaurus_is_read_with_its_themes(tmp_path: Path) -> None:
    """Comments are themes, members are cut at bars, empty lines are nothing."""
    path = tmp_path / "synonyms.txt"
    path.write_text("# about\n\n# things: post\nparcel | small package\nletter|post\n", encoding="utf-8")
    assert read(path) == (
        Group("things: post", ("parcel", "small package")),
        Group("things: post", ("letter", "post")),
    )


def test_every_group_that_ships_has_several_members_in_lower_case() -> None:
    """A member is words without digits or capitals, and no group names one thing only."""
    for group in shipped():
        assert len(set(group.members)) > 1, group
        for member in group.members:
            assert member and member == member.lower() and not any(letter.isdigit() for letter in member), member


def test_likeness_counts_other_words_for_the_same() -> None:
    """A sentence with a synonym is liker to an example than one with a stranger, and less like than the word itself."""
    examples = tuple(
        Example(text, Call("track_parcel", {})) for text in ("where is my parcel", "track the parcel", "my parcel")
    )
    house = Likeness([Skill("track_parcel", "", (), examples, lambda *_, **__: "")])
    likest = [
        house.likest(said(f"where is my {word}")).get("track_parcel", 0.0) for word in ("parcel", "shipment", "canary")
    ]
    assert likest[0] > likest[1] > likest[2]


def test_a_choice_is_found_by_other_words_for_it() -> None:
    """What an example says for a choice stands for its synonyms too, surer than none, less sure than itself."""
    surfaces = pattern(BLINDS).surfaces
    assert surfaces["lower",][:2] == surfaces["pull", "down"][:2] == ("position", "closed")
    assert surfaces["lower",][2] > surfaces["pull", "down"][2]
    assert ("half", "past") not in surfaces
