"""Rows grow from signed examples, of skills that nobody knew of yesterday too."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter

import pytest
from kitchen import KITCHEN

from assistant.prompt import plain
from assistant.readers import read
from assistant.skill import Context, Duration, Household, Number, Skill, SkillError, Time, When, skill
from evals.cases import stands_in
from finetune.data.combine import combined, tails
from finetune.data.falter import falter
from finetune.data.growth import NONE_SHARE, Wish, chosen, grown
from finetune.data.misses import content_words, near_misses
from finetune.data.reword import reword
from finetune.data.templates import group_of, sentences
from finetune.disturb import Part


@skill(
    examples=[
        "water the [tomatoes](plant) for [ten minutes](duration)",
        "sprinkle the [lawn](plant) at [seven](at)",
        "give [two](litres) litres to the [basil](plant)",
        "is the tank full",
    ]
)
def water(
    context: Context,
    *,
    plant: str = "",
    duration: Duration | None = None,
    at: Time | None = None,
    litres: Number = 1,
) -> str:
    """Water a plant."""
    return f"{plant} {duration} {at} {litres}"


WATER: Skill = water.__skill__  # type: ignore[attr-defined]


def test_an_unknown_skill_grows_from_its_examples_alone() -> None:
    """Every row points at words that stand in it; all examples grow, said in hundreds of ways, with other words."""
    rows = [case for case in grown(Wish([WATER], count=600)) if case.skill == "water"]
    assert len({case.text for case in rows}) == len(rows) > 300
    for case in rows:
        assert all(stands_in(words, case.text) for words in case.words.values()), case
    assert {case.group for case in rows} == {group_of(example) for example in WATER.examples}
    assert len({case.words.get("duration") for case in rows}) > 20
    assert len({case.words.get("plant") for case in rows}) > 30
    assert len({case.words.get("litres") for case in rows}) > 8


@skill(
    examples=[
        "write down that i fed the cat [last night](fed)",
        "the cat was fed at [half past six](fed)",
        "[an hour ago](fed) i fed the cat",
    ]
)
def feed_log(context: Context, *, fed: When | None = None) -> str:
    """Write down when the cat was fed."""
    return f"{fed}"


def test_a_skill_that_writes_down_what_was_grows_moments_that_have_gone_by() -> None:
    """Every one of many is read as one, at any hour that such words can be meant; a time alone stands after "at"."""
    log: Skill = feed_log.__skill__  # type: ignore[attr-defined]
    rows = [case for case in grown(Wish([log], count=300)) if "fed" in case.words]
    said = {case.words["fed"] for case in rows}
    assert len(said) > 40
    now = dt.datetime(2026, 3, 4, 23, 59, tzinfo=dt.UTC)
    for words in said:
        assert read("past", words, now=now, household=Household()) <= now
    days = ("yesterday", "last night", "today", "this morning")
    assert not [case.text for case in rows for day in days if f" at {day}" in case.text]


def test_growing_is_told_by_its_seed() -> None:
    """The same seed grows the same rows, another seed others."""
    first, again, other = (list(grown(Wish([WATER], 80, seed))) for seed in (1, 1, 2))
    assert first == again != other


def test_some_of_it_is_for_nobody() -> None:
    """About the share that is asked for is `none`, near misses of the skill's own words among it."""
    rows = list(grown(Wish([WATER, *chosen(KITCHEN, ["brew"])], count=800)))
    counts = Counter(case.skill for case in rows)
    assert 0.5 * NONE_SHARE < counts["none"] / len(rows) < 1.5 * NONE_SHARE
    assert sum(case.source == "near-miss" for case in rows) > 50
    assert abs(counts["water"] - counts["brew"]) < 0.3 * counts["brew"]


def test_near_misses_are_made_of_the_skills_own_words() -> None:
    """Each near miss holds a thing or a deed of the skill, calls nothing, and shares a group with its frame only."""
    things, deeds = content_words(WATER)
    assert "tank" in things
    assert {"water", "sprinkle"} <= set(deeds)
    misses = list(near_misses([WATER], 40, random.Random(1)))
    assert len(misses) == 40
    for case in misses:
        assert case.skill == "none"
        assert not case.words
        stems = {word[:4] for word in case.text.split()}
        assert any(word[:4] in stems or word == "give" for word in (*things, *deeds)), case.text


def test_the_talk_for_nobody_holds_no_word_of_a_strangers_skill() -> None:
    """A wish that no shipped skill serves may be served by this one: lines with its words are left out."""
    words = {word for found in content_words(WATER) for word in found}
    rows = [case for case in grown(Wish([WATER], count=900)) if case.source in ("grown-none", "grown-chatter")]
    assert len(rows) > 20
    assert not [case.text for case in rows if words & set(case.text.split())]


FORBIDDEN = {
    (Part("how much is "), Part("ten kilos", "amount"), Part(" in pounds")): ["amount of"],
    (Part("put down in my notes that "), Part("it rained", "text")): ["translate", "set down", "add down"],
    (Part("would you remind me about "), Part("the bins", "what")): ["i could use", "can i have", "i need remind"],
    (Part("unplug the "), Part("tree", "device")): ["have unplug", "i need unplug", "i could use", "mood"],
    (Part("leave", "state"), Part(" the "), Part("night light", "device"), Part(" on")): ["i could use", "have leave"],
    (Part("wake me up at "), Part("six", "time")): ["now wake me up at six now", "six now", "six right now"],
    (Part("turn on "), Part("shuffle", "action")): ["on shuffle turn"],
    (Part("heat the bedroom to "), Part("22", "degrees")): ["to 22 heat"],
    (Part("which day of the week is it"),): ["my week", "our week", "that week"],
    (Part("please get rid of the "), Part("tea", "name"), Part(" timer")): ["grab rid", "bring rid"],
    (Part("tell us a joke"),): ["let me know us", "say to us"],
    (Part("can you do a load of "), Part("whites", "load")): ["tell me", "know do", "idea do", "wonder do", "say do"],
    (Part("show me the visitors from "), Part("monday", "day")): ["want to show", "time to show"],
    (Part("have fresh bread ready by "), Part("seven", "at")): ["tell me", "know have", "idea have", "wonder have"],
    (Part("the washing machine wants emptying"),): ["i need the", "could use the", "get me the", "i want the"],
    (Part("roll the awning "), Part("down", "direction")): ["toss", "throw"],
    (Part("the lawn is in need of a drink"),): ["in want of", "in require of"],
}
"""A sentence, and what once came of it that nobody would say."""


@pytest.mark.parametrize("parts", FORBIDDEN, ids=lambda parts: "".join(part.text for part in parts))
def test_nobody_is_made_to_say_nonsense(parts: tuple[Part, ...]) -> None:
    """What rewording once made of these sentences comes no more, and other words for them still do."""
    chance = random.Random(1)
    said = {"".join(part.text for part in reword(parts, chance)) for _ in range(400)}
    assert len(said) > 2
    assert [one for one in said for wrong in FORBIDDEN[parts] if wrong in one] == []


def test_rewording_and_faltering_leave_arguments_alone() -> None:
    """Over hundreds of rewordings of every example, each argument keeps its words and its name."""
    chance = random.Random(3)
    changed = 0
    for sentence in sentences([WATER, *KITCHEN]):
        wanted = sorted((part.argument, part.text, part.choice) for part in sentence.parts if part.argument)
        before = "".join(part.text for part in sentence.parts)
        for _ in range(60):
            parts = falter(reword(sentence.parts, chance), chance, ["something else"])
            assert sorted((p.argument, p.text, p.choice) for p in parts if p.argument) == wanted
            said = "".join(part.text for part in parts)
            assert said == plain(said), said
            changed += said != before
    assert changed > 400


def test_a_verb_is_said_otherwise_where_it_is_a_verb() -> None:
    """ "water the lawn" may become "sprinkle the lawn"; "some water" stays water."""
    chance = random.Random(4)
    verb = {"".join(p.text for p in reword((Part("water the "), Part("lawn", "plant")), chance)) for _ in range(200)}
    noun = {"".join(p.text for p in reword((Part("i need some water now"),), chance)) for _ in range(200)}
    assert any("sprinkle the lawn" in one for one in verb)
    assert all("water" in one and "give water" not in one for one in noun)


def test_arguments_are_combined_across_examples() -> None:
    """A sentence takes an optional argument from another example and loses its own; a required one stays."""
    own = list(sentences([WATER]))
    found = {frozenset(p.argument for p in combined(s, tails(own), random.Random(n)).parts) - {""}
             for s in own for n in range(80)}  # fmt: skip
    assert {frozenset({"plant"}), frozenset({"plant", "duration", "at"})} <= found
    for sentence in sentences(chosen(KITCHEN, ["brew", "set_volume"])):
        for seed in range(60):
            parts = combined(sentence, [], random.Random(seed)).parts
            assert {part.argument for part in parts} == {part.argument for part in sentence.parts}


def test_a_correction_points_at_what_was_meant() -> None:
    """In "five no ten minutes" the argument is what was said last."""
    parts = (Part("set a timer for "), Part("ten minutes", "duration"))
    said = {"".join(p.text for p in falter(parts, random.Random(seed), ["five minutes"])) for seed in range(400)}
    corrected = [one for one in said if "five minutes" in one]
    assert corrected
    assert all(one.endswith(" ten minutes") for one in corrected)


def test_the_skills_are_chosen_by_name() -> None:
    """Named skills only, all but `none` without a name, and one sentence for a name that is wrong."""
    assert [one.name for one in chosen(KITCHEN, ["brew", "switch"])] == ["brew", "switch"]
    assert "none" not in {one.name for one in chosen(KITCHEN, [])}
    with pytest.raises(SkillError, match="there is no skill brw"):
        chosen(KITCHEN, ["brw"])
