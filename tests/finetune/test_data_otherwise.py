"""Examples in other words of the thesaurus, and wishes that only look like theirs."""

from __future__ import annotations

import random
from itertools import islice

import pytest
from kitchen import KITCHEN
from test_data_growth import WATER

from assistant.skill import Context, Skill, skill
from evals.cases import stands_in
from finetune import grow
from finetune.data.contrast import unserved
from finetune.data.inflect import gerund, participle, past, plural
from finetune.data.otherwise import Otherwise
from finetune.data.templates import Fillers, sentences
from finetune.disturb import Part
from finetune.piles_of_words import Piles


@skill(
    examples=["where is my parcel", "track the package from [amazon](shop)", "has the [ikea](shop) delivery arrived"]
)
def parcel(_context: Context, *, shop: str = "") -> str:
    """Say where a parcel is."""
    return shop


PARCEL: Skill = parcel.__skill__  # type: ignore[attr-defined]


def said(parts: tuple[Part, ...], of: Skill, times: int = 400) -> set[str]:
    otherwise, chance = Otherwise(of), random.Random(5)
    return {"".join(part.text for part in otherwise.said(parts, chance)[0]) for _ in range(times)}


def test_an_example_is_said_in_other_words() -> None:
    """Things and deeds give way to others of the sense that the skill is about: parcels are tracked, songs are not."""
    found = said((Part("track the package from "), Part("amazon", "shop")), PARCEL)
    assert {"follow", "track"} <= {one.split(" ")[0] for one in found}
    assert any("shipment from amazon" in one for one in found)
    assert not any("song" in one for one in found)


def test_a_command_is_said_as_a_need() -> None:
    """ "Water the lawn" is also what "the lawn needs watering" asks for."""
    found = said((Part("water the "), Part("lawn", "plant"), Part(" at "), Part("seven", "at")), WATER)
    assert any(one.startswith("the lawn needs ") and one.endswith(" at seven") for one in found)


@pytest.mark.parametrize("skill_", [WATER, PARCEL, *KITCHEN], ids=lambda one: one.name)
def test_arguments_keep_their_words(skill_: Skill) -> None:
    """However a sentence is said, each argument stands in it once, with its own words or others for its choice."""
    otherwise, chance = Otherwise(skill_), random.Random(6)
    for sentence in sentences([skill_]):
        mine = {(part.argument, "" if part.choice else part.text) for part in sentence.parts if part.argument}
        for _ in range(60):
            parts, _ = otherwise.said(sentence.parts, chance)
            assert {(part.argument, "" if part.choice else part.text) for part in parts if part.argument} == mine


def test_wishes_for_something_else_are_for_nobody() -> None:
    """A wish with another thing or deed calls nothing, and names nothing that a skill of the house is asked for."""
    fillers = Fillers([PARCEL], Piles.read(grow.PILES, {}))
    found = list(islice(unserved(PARCEL, (PARCEL, WATER, *KITCHEN), fillers, random.Random(7)), 120))
    assert {case.skill for case in found} == {"none"}
    assert len({case.text for case in found}) > 80
    wheres = [case.text for case in found if "where is my" in case.text]
    assert wheres
    assert not any(stands_in(word, text) for text in wheres for word in ("parcel", "package", "shipment", "lawn"))


def test_a_skill_without_words_of_its_own_has_no_such_wishes() -> None:
    """Where examples hold neither thing nor deed that the thesaurus knows, nothing is made up."""

    @skill(examples=["[x](what)"])
    def bare(_context: Context, *, what: str) -> str:
        """Do nothing."""
        return what

    one: Skill = bare.__skill__  # type: ignore[attr-defined]
    fillers = Fillers([one], Piles.read(grow.PILES, {}))
    assert list(unserved(one, (one,), fillers, random.Random(0))) == []


@pytest.mark.parametrize(
    ("verb", "forms"),
    [
        ("turn on", ("turning on", "turned on", "turned on")),
        ("water", ("watering", "watered", "watered")),
        ("stop", ("stopping", "stopped", "stopped")),
        ("take out", ("taking out", "took out", "taken out")),
        ("empty", ("emptying", "emptied", "emptied")),
        ("see", ("seeing", "saw", "seen")),
        ("begin", ("beginning", "began", "begun")),
        ("close", ("closing", "closed", "closed")),
    ],
)
def test_verbs_are_inflected_as_people_spell_them(verb: str, forms: tuple[str, str, str]) -> None:
    """The first word of a phrase takes the ending, the common irregular ones their own forms."""
    assert (gerund(verb), past(verb), participle(verb)) == forms


def test_things_have_their_plural() -> None:
    """The last word of a phrase takes the ending."""
    assert [plural(one) for one in ("delivery van", "box", "battery", "key", "blinds")] == [
        "delivery vans",
        "boxes",
        "batteries",
        "keys",
        "blinds",
    ]
