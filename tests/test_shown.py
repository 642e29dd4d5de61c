"""A skill and a sentence as the few-shot network reads them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.prompt import plain
from assistant.shown import (
    GRAMS,
    LONGEST,
    ROLE,
    ROLES,
    Line,
    Slot,
    asked,
    cut,
    grams,
    habits,
    line,
    outside,
    shown,
    slots_of,
    spelt,
    words_of,
)
from assistant.skill import Argument, Skill, parse_example
from assistant.wording import token

OPEN = ("text", "number", "duration", "time", "date", "day", "when")


def skill_of(*arguments: Argument, examples: tuple[str, ...] = (), purpose: str = "Feed an animal.") -> Skill:
    return Skill("feed_pet", purpose, arguments, tuple(parse_example(one, "feed_pet") for one in examples), run=str)


POSITION = Argument("position", "choice", True, ("open", "half closed"))
ROOM = Argument("room_name", "text", False)
LOUD = Argument("loud", "flag", False, ("yes", "no"))


@pytest.mark.parametrize("kind", OPEN)
def test_an_open_argument_is_one_slot_of_its_kind(kind: str) -> None:
    """An argument that points at words is one slot, called by the words of its name."""
    assert slots_of(skill_of(Argument("room_name", kind, False))) == (
        Slot("room_name", "", ROLE[kind], ("room", "name")),
    )


def test_numbers_and_what_is_reckoned_are_of_one_kind() -> None:
    """An expression is read as a number is, and a flag as a choice."""
    assert ROLE["expression"] == ROLE["number"] == ROLES.index("number")
    assert ROLE["flag"] == ROLE["choice"] == ROLES.index("choice")


def test_every_choice_is_a_slot_of_its_own() -> None:
    """In the order of the signature, choices in theirs; each is called by its own words, a flag's by the flag's."""
    assert slots_of(skill_of(POSITION, ROOM, LOUD)) == (
        Slot("position", "open", ROLE["choice"], ("open",)),
        Slot("position", "half closed", ROLE["choice"], ("half", "closed")),
        Slot("room_name", "", ROLE["text"], ("room", "name")),
        Slot("loud", "yes", ROLE["choice"], ("loud",)),
        Slot("loud", "no", ROLE["choice"], ("loud",)),
    )


def test_a_choice_is_known_by_its_name_as_it_is_said() -> None:
    """However its author wrote it."""
    one = replace(skill_of(examples=()), arguments=(Argument("room", "choice", False, ("Living_Room", "Bath")),))
    assert [(slot.choice, slot.name) for slot in slots_of(one)] == [
        ("Living_Room", ("living", "room")),
        ("Bath", ("bath",)),
    ]


def test_a_skill_without_arguments_has_no_slots() -> None:
    """Its lines are there all the same, and no word is anybody's."""
    found = shown(skill_of(examples=("feed him",)), [parse_example("feed him", "feed_pet")])
    assert found.slots == ()
    assert found.lines[1] == Line(("feed", "him"), (ROLE["outside"],) * 2, (-1, -1))


def test_the_purpose_stands_first_with_the_skills_name() -> None:
    """The first line is the name and the purpose in plain words, all of them the purpose's."""
    first, *rest = shown(skill_of(ROOM), ()).lines
    assert first.words == ("feed", "pet", "feed", "an", "animal")
    assert set(first.roles) == {ROLE["purpose"]}
    assert set(first.slots) == {-1}
    assert rest == []


def test_a_lines_words_are_marked_with_their_slots() -> None:
    """An argument's words get its place and its kind, the others none."""
    slots = slots_of(skill_of(POSITION, ROOM))
    found = line(parse_example("[pull](position=open) them in [the den](room_name) please", "feed_pet"), slots)
    text, choice, outside = ROLE["text"], ROLE["choice"], ROLE["outside"]
    assert found.words == ("pull", "them", "in", "the", "den", "please")
    assert found.slots == (0, -1, -1, 2, 2, -1)
    assert found.roles == (choice, outside, outside, text, text, outside)


@pytest.mark.parametrize(("choice", "slot"), [("yes", 3), ("no", 4)])
def test_a_flags_words_are_those_of_what_it_says(choice: str, slot: int) -> None:
    """A flag that is marked as no is another slot than one that is marked as yes."""
    slots = slots_of(skill_of(POSITION, ROOM, LOUD))
    assert line(parse_example(f"do it [that way](loud={choice})", "feed_pet"), slots).slots == (-1, -1, slot, slot)


def test_words_that_say_no_known_choice_are_nobodys() -> None:
    """A choice that the skill does not have leaves its words outside, instead of failing."""
    found = line(parse_example("[shut](position=ajar) it", "feed_pet"), slots_of(skill_of(POSITION)))
    assert found.slots == (-1, -1)
    assert found.roles == (ROLE["outside"],) * 2


def test_an_example_is_read_as_it_is_heard() -> None:
    """Capitals and marks go before the words are counted, inside arguments and outside them."""
    owner, words = cut(parse_example("Please, feed [The Dog](pet)'s friend at [6:30](at)!", "feed_pet"))
    assert words == ["please", "feed", "the", "dog", "s", "friend", "at", "6", "30"]
    assert owner == ["", "", "pet", "pet", "", "", "", "at", "at"]


def test_long_sentences_are_cut() -> None:
    """Beyond LONGEST no word is read, of a sentence, an example or a purpose, and words and marks stay as many."""
    long = " ".join(f"w{at}" for at in range(LONGEST + 9))
    assert words_of(long) == words_of(long)[:LONGEST]
    assert len(words_of(long)) == LONGEST
    found = shown(skill_of(ROOM, purpose=long), [parse_example(f"{long} [den](room_name)", "feed_pet")])
    for one in found.lines:
        assert len(one.words) == len(one.roles) == len(one.slots) == LONGEST
    assert set(found.lines[1].slots) == {-1}  # the argument stands behind the cut


def test_a_sentence_that_is_compared_is_marked_as_such() -> None:
    """All its words are asked, and none has a slot."""
    assert asked(["feed", "him"]) == Line(("feed", "him"), (ROLE["asked"],) * 2, (-1, -1))


def test_words_spelt_alike_share_runs_of_letters() -> None:
    """Runs of three and four letters with the word's ends; "water" and "watering" share most, strangers none."""
    assert len(grams("cat")) == 3 + 2  # <ca cat at> and <cat cat>
    assert len(grams("a")) == 1
    shared = set(grams("water")) & set(grams("watering"))
    assert len(shared) >= 6
    assert len(set(grams("water")) & set(grams("jug"))) == 0


@pytest.mark.parametrize("said", ["[bella](pet)'s bowl", "a [20](n)-[minute](pet) walk", "feed [max](pet), please"])
def test_an_examples_words_are_those_of_its_sentence(said: str) -> None:
    """Marks change no word: an example is cut as the same sentence is when somebody says it."""
    example = parse_example(said, "feed_pet")
    assert tuple(cut(example)[1]) == words_of(plain(example.text))


@given(st.text(min_size=1, max_size=30))
def test_whatever_the_word_its_letters_have_places(word: str) -> None:
    """No word is without a bucket, and none has one beyond the table."""
    assert grams(word)
    assert all(0 <= one < GRAMS for one in grams(word))


@given(st.text(max_size=60))
def test_words_are_never_empty(said: str) -> None:
    """Whatever is said, what is counted are words."""
    assert all(words_of(plain(said)))


@pytest.mark.parametrize(
    ("digits", "word"),
    [
        *(("0", "zero"), ("7", "seven"), ("10", "ten"), ("19", "nineteen"), ("20", "twenty"), ("45", "forty")),
        *(("99", "ninety"), ("100", "one"), ("350", "three"), ("1000", "one"), ("20000", "twenty"), ("007", "seven")),
        *(("dog", "dog"), ("5th", "5th"), ("1" * 13, "1" * 13), ("", "")),
    ],
)
def test_a_number_in_digits_is_read_as_its_first_word(digits: str, word: str) -> None:
    """What is no number, or a longer one than people say, stays as it is."""
    assert spelt(digits) == word


def test_habits_are_how_examples_say_a_slot() -> None:
    """A choice's words in any form with those of its name, and whether a name goes without its article."""
    read = skill_of(POSITION, ROOM)
    bare = ("[pulling down](position=half closed) [den](room_name)", "[open](position=open) [big hall](room_name)")
    opened, half, room = habits(shown(read, [parse_example(one, "feed_pet") for one in bare]))
    assert opened.surfaces == {(token("open"),)}
    assert half.surfaces == {(token("half"), token("closed")), (token("pull"), token("down"))}
    assert room.bare
    with_article = [*bare, "[open](position=open) [the attic](room_name)"]
    assert not habits(shown(read, [parse_example(one, "feed_pet") for one in with_article]))[2].bare
    assert not habits(shown(read, ()))[2].bare


def test_whether_a_possessive_is_part_of_a_name_is_what_more_examples_say() -> None:
    """ "To the [chemist's]" beside "[luna]'s bowl": as many of one as of the other tell nothing."""
    read = skill_of(ROOM)

    def keeps(*examples: str) -> bool:
        return habits(shown(read, [parse_example(one, "feed_pet") for one in examples]))[0].possessive

    assert keeps("in the [chemist's](room_name)", "in [max's](room_name)", "[luna](room_name)'s bowl")
    assert not keeps("in the [chemist's](room_name)", "[luna](room_name)'s bowl")
    assert not keeps("in the [kitchen](room_name)")


def test_whether_an_article_is_part_of_a_name_is_known_by_what_stands_after_it() -> None:
    """Of "the [garage] camera" it is not, of "see [the den]" it is; else most examples decide, of short names."""
    read = skill_of(ROOM)
    lines = [
        parse_example(one, "feed_pet") for one in ("show the [garage](room_name) cameras", "see [the den](room_name)")
    ]
    habit = habits(shown(read, lines))[0]
    assert (habit.article(token("camera")), habit.article(""), habit.article(token("tonight"))) == (-1, 1, 0)
    assert habit.own == {token(one) for one in ("garage", "den")}
    both = [*lines, parse_example("show [the attic](room_name) camera", "feed_pet")]
    assert habits(shown(read, both))[0].article(token("camera")) == habits(shown(read, both))[0].article("now") == 1
    last = [parse_example("show the [garage](room_name)", "feed_pet")]
    assert habits(shown(read, last))[0].article("now") == -1
    long = [parse_example("write that [the train is an hour late](room_name)", "feed_pet")]
    assert (habits(shown(read, long))[0].article(""), habits(shown(read, long))[0].article("now")) == (1, 0)


def test_words_outside_are_those_that_no_argument_has() -> None:
    """Not those of the purpose, and not one that an argument has in another example."""
    lines = [
        parse_example(one, "feed_pet") for one in ("warm [the den](room_name) up", "heat [up](position=open) quickly")
    ]
    assert outside(shown(skill_of(POSITION, ROOM), lines)) == {token(one) for one in ("warm", "heat", "quickly")}
