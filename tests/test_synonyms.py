"""The thesaurus: what shares a group, in words, phrases and frames."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assistant.likeness import Likeness
from assistant.skill import Argument, Call, Example, Skill, parse_example
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


def skill_of(name: str, *texts: str) -> Skill:
    return Skill(name, "", (), tuple(Example(text, Call(name, {})) for text in texts), lambda *_, **__: "")


def test_likeness_counts_other_words_for_the_same() -> None:
    """A synonym of an example's word names its skill, the word itself goes before it, and a stranger names none."""
    house = Likeness(
        [
            skill_of("track_parcel", "track the parcel", "the parcel", "find the parcel"),
            skill_of("read_shipment", "read the shipment", "the shipment", "print the shipment"),
            skill_of("water_lawn", "water the lawn", "irrigate the lawn"),
        ]
    )
    assert house.likest("my parcel") == ["track_parcel", "read_shipment"]
    assert house.likest("my shipment") == ["read_shipment", "track_parcel"]
    assert house.likest("my canary") == []


def test_words_inside_free_text_count_less() -> None:
    """A word that an example has in an argument makes a sentence less like it than one that it has outside."""
    text = Argument("title", "text", False)
    inside = replace(
        skill_of("inside"), arguments=(text,), examples=(parse_example("show [mountains](title)", "inside"),)
    )
    outside = skill_of("outside", "show mountains")
    assert Likeness([inside, outside]).likest("mountains") == ["outside", "inside"]
