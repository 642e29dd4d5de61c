"""The arguments of a call, from what the few-shot network says of each word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from assistant.fewshot import Answer
from assistant.filled import EDGES, LEAST, OWN, REQUIRED, Form, fill
from assistant.prompt import chunks
from assistant.readers import Unreadable, read
from assistant.shown import Slot, shown, slots_of
from assistant.skill import Argument, Household, Skill, parse_example

NOW = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.UTC)
ANIMAL, NOTE = Argument("animal", "text", True), Argument("note", "text", False)
GRAMS, AT = Argument("grams", "number", False), Argument("at", "time", False)
MODE = Argument("mode", "choice", False, ("slow", "fast"))
SKILL = Skill("feed", "", (GRAMS, ANIMAL, AT, NOTE, MODE), (), run=str)
SAID = "feed the dog ten grams quickly at six pm"


def value(kind: str, words: str) -> object:
    try:
        return read(kind, words, now=NOW, household=Household())
    except Unreadable:
        return None


def answer(parts: Sequence[str], slots: tuple[Slot, ...], runs: dict[str, tuple[int, int, float]]) -> Answer:
    """What the network says if it holds each run (first, end) for a slot's, called by argument or choice, so surely.

    The third number is the log odds of each of its words, and of its ends against nowhere.
    """
    tags = np.zeros((len(parts), 1 + len(slots)), np.float32)
    tags[:, 1:] = -9.0
    begins = np.full((len(slots), 1 + len(parts)), -9.0, np.float32)
    begins[:, 0] = 0.0
    ends = begins.copy()
    for name, (first, end, sure) in runs.items():
        slot = next(at for at, one in enumerate(slots) if name in (one.argument, one.choice))
        tags[first:end, 1 + slot] = sure
        begins[slot, 1 + first] = ends[slot, end] = sure
    tags, begins, ends = (x - np.log(np.exp(x).sum(-1, keepdims=True)) for x in (tags, begins, ends))
    return Answer(0.0, begins, ends, tags)


def form(skill: Skill, *examples: str) -> Form:
    read = tuple(parse_example(one, skill.name) for one in examples)
    return Form.of(replace(skill, examples=read), shown(skill, read))


def filled(runs: dict[str, tuple[int, int, float]], said: str = SAID, of: Form | None = None) -> dict[str, str]:
    of, parts = of or form(SKILL), chunks(said)
    return fill(of, parts, answer(parts, of.slots, runs), value)


def test_every_argument_gets_its_own_run() -> None:
    """Text, number, time and choice are found together, in the order of the signature."""
    found = filled({"at": (7, 9, 5), "animal": (1, 3, 5), "grams": (3, 4, 5), "fast": (5, 6, 5)})
    assert found == {"grams": "ten", "animal": "the dog", "at": "six pm", "mode": "fast"}
    assert list(found) == ["grams", "animal", "at", "mode"]


def test_nothing_is_said_where_the_network_sees_nothing() -> None:
    """Without a run that it holds for an argument's the call has none."""
    assert filled({}) == {}


@pytest.mark.parametrize(("choice", "said"), [("slow", "slow"), ("fast", "fast")])
def test_a_choice_is_the_one_whose_slot_was_pointed_at(choice: str, said: str) -> None:
    """What fills it is the choice, whatever the words were."""
    assert filled({choice: (5, 6, 5)}) == {"mode": said}


def test_of_two_choices_the_surer_is_taken() -> None:
    """A closed argument has one value, though two of its slots point."""
    assert filled({"slow": (0, 1, 2), "fast": (5, 6, 5)}) == {"mode": "fast"}
    assert filled({"slow": (0, 1, 5), "fast": (5, 6, 2)}) == {"mode": "slow"}


def test_a_typed_argument_gets_only_what_its_reader_reads() -> None:
    """Words that are no number are no number."""
    assert filled({"grams": (1, 3, 5)}) == {}
    assert filled({"grams": (3, 4, 5)}) == {"grams": "ten"}


def test_of_a_run_around_a_number_the_number_is_taken() -> None:
    """Where the ends are open the best run that is read, and not the best run, is the argument."""
    slots, parts = slots_of(SKILL), chunks(SAID)
    made = answer(parts, slots, {"grams": (2, 5, 3)})
    made.begins[0] = made.ends[0] = -np.log(1 + len(parts))
    assert fill(form(SKILL), parts, made, value) == {"grams": "ten"}
    note = Argument("grams", "text", False)
    anything = Skill("feed", "", (note, *SKILL.arguments[1:]), (), run=str)
    assert fill(form(anything), parts, made, value) == {"grams": "dog ten grams"}


def test_a_word_that_only_links_is_no_value() -> None:
    """ "At" alone is no time, however sure the network is, and whatever a reader makes of it."""
    slots, parts = slots_of(SKILL), chunks("feed the dog at")
    made = answer(parts, slots, {"at": (3, 4, 5)})
    assert fill(form(SKILL), parts, made, lambda _kind, words: words if words == "at" else None) == {}


def test_no_word_is_of_two_arguments() -> None:
    """Where two want the same words the surer has them, and the other gets none."""
    assert filled({"animal": (1, 3, 3), "note": (1, 3, 6)}) in ({"animal": "the dog"}, {"note": "the dog"})
    assert filled({"animal": (1, 4, 5), "grams": (3, 4, -0.5)}) == {"animal": "the dog ten"}


def of_score(score: float) -> float:
    """So sure must the network be of a word and its two ends for that score."""
    return score / (OWN + 2 * EDGES)


@pytest.mark.parametrize("above", [True, False])
def test_a_required_argument_needs_less(above: bool) -> None:
    """What is a little improbable is taken for an argument that must be said, and not for one that may be."""
    sure = of_score(LEAST["text"] + (0.2 if above else -REQUIRED / 2))
    assert filled({"note": (5, 6, sure)}) == ({"note": "quickly"} if above else {})
    assert filled({"animal": (5, 6, sure)}) == {"animal": "quickly"}
    assert filled({"animal": (5, 6, of_score(LEAST["text"] - REQUIRED - 0.2))}) == {}


def test_what_a_reader_reads_needs_less() -> None:
    """A number is believed with odds that are not enough for free text."""
    sure = of_score((LEAST["typed"] + LEAST["text"]) / 2)
    assert filled({"grams": (3, 4, sure)}) == {"grams": "ten"}
    assert filled({"note": (3, 4, sure)}) == {}


def test_a_single_word_counts_for_so_much_only() -> None:
    """One word that surely is not the argument's breaks no run of four that surely are."""
    slots, parts = slots_of(SKILL), chunks(SAID)
    made = answer(parts, slots, {"animal": (1, 6, 9)})
    made.tags[3] = np.log(np.full(1 + len(slots), 1e-9))
    made.tags[3, 0] = 0.0
    assert fill(form(SKILL), parts, made, value) == {"animal": "the dog ten grams quickly"}


def test_words_behind_the_cut_are_no_arguments() -> None:
    """Where the network has read the first words only, the others are not asked about."""
    slots, parts = slots_of(SKILL), chunks(SAID)
    made = answer(parts[:4], slots, {"animal": (1, 3, 5)})
    assert fill(form(SKILL), parts, made, value) == {"animal": "the dog"}


def test_a_skill_without_arguments_fills_none() -> None:
    """There is nothing to find, and nothing breaks."""
    assert filled({}, of=form(Skill("stop", "", (), (), run=str))) == {}


def test_words_joined_to_what_stands_before_are_whole() -> None:
    """A run is given as words, without the mark that joined it: the "minute" of "20-minute"."""
    note = Skill("note", "", (NOTE,), (), run=str)
    assert filled({"note": (2, 4, 5)}, "a 20-minute walk now", form(note)) == {"note": "minute walk"}


@pytest.mark.parametrize(("said", "number"), [("give 5.5 grams", "5.5"), ("give 1,000 grams", "1,000")])
def test_a_number_in_digits_is_read_as_it_is_written(said: str, number: str) -> None:
    """The marks inside it belong to it: five point five is not five and five."""
    end = 1 + len(chunks(f" {number}"))
    assert filled({"grams": (1, end, 5)}, said) == {"grams": number}


def test_words_that_an_example_has_for_a_choice_say_it() -> None:
    """They make up for a network that is not sure, whichever choice it would rather have, and in another form."""
    known = form(SKILL, "feed [bella](animal) [in a hurry](mode=fast)", "feed [max](animal) [gently](mode=slow)")
    unsure = {"slow": (3, 6, -0.9), "fast": (3, 6, -1.1)}
    assert filled(unsure, "feed the dog in a hurry", known) == {"mode": "fast"}
    assert filled(unsure, "feed the dog at his pace", known) == {}


LOUD = Skill("ring", "", (Argument("loud", "flag", False, ("yes", "no")),), (), run=str)


@pytest.mark.parametrize(("yes", "no", "said"), [(1.0, 0.0, "yes"), (0.0, 1.0, "no")])
def test_a_flags_name_says_neither_yes_nor_no(yes: float, no: float, said: str) -> None:
    """Both are called by the flag's name; which is meant is what the network says."""
    assert filled({"yes": (2, 3, yes), "no": (2, 3, no)}, "ring it loud", form(LOUD)) == {"loud": said}


@pytest.mark.parametrize(
    ("examples", "animal"),
    [
        (("feed [dog](animal)", "feed [cat](animal)"), "dog"),
        (("feed [the dog](animal)", "feed [cat](animal)"), "the dog"),
        (("feed [whoever is there by then](animal)",), "the dog"),
        ((), "the dog"),
    ],
    ids=["bare", "with article", "long", "none"],
)
def test_an_article_is_of_a_name_where_examples_have_it(examples: tuple[str, ...], animal: str) -> None:
    """Where all examples leave it before a short name it is left, and what may be a sentence keeps it."""
    assert filled({"animal": (1, 3, 5)}, SAID, form(SKILL, *examples)) == {"animal": animal}


def test_an_article_alone_is_no_argument() -> None:
    """However sure the network is of it, "the" names nothing."""
    assert filled({"animal": (1, 2, 5)}, SAID, form(SKILL, "feed [dog](animal)")) != {"animal": "the"}


def test_an_example_itself_has_the_arguments_of_its_author() -> None:
    """Said word for word it needs no network; its words come as they are heard, in the order of the signature."""
    known = form(SKILL, "Feed [The Dog](animal), [quickly](mode=fast), [ten](grams) grams!")
    found = filled({}, "feed the dog quickly ten grams", known)
    assert found == {"grams": "ten", "animal": "the dog", "mode": "fast"}
    assert list(found) == ["grams", "animal", "mode"]
    assert filled({}, "feed the dog quickly ten grams please", known) == {}


def test_words_that_examples_have_outside_arguments_are_none() -> None:
    """A run of nothing else is doubted, unless an example has them in that argument; a new word is not."""
    known = form(SKILL, "feed [bella](animal) quickly", "feed [max](animal) with [care and love](note)")
    sure = of_score(LEAST["text"] + 2)
    assert filled({"note": (5, 6, sure)}, SAID, known) == {}
    assert filled({"note": (5, 6, sure)}, SAID.replace("quickly", "slowly"), known) == {"note": "slowly"}
    assert filled({"note": (5, 6, sure)}, SAID.replace("quickly", "care"), known) == {"note": "care"}


def test_what_an_example_says_is_known() -> None:
    """A free text of an example, word for word, needs less of the network; the argument's name alone does not."""
    known = form(SKILL, "feed [bella](animal) [gently](note)")
    unsure = of_score(LEAST["text"] - 1)
    assert filled({"note": (5, 6, unsure)}, SAID, known) == {}
    assert filled({"note": (5, 6, unsure)}, SAID.replace("quickly", "note"), known) == {}
    assert filled({"note": (5, 6, unsure)}, SAID.replace("quickly", "gently"), known) == {"note": "gently"}


def test_a_skill_that_writes_down_what_was_takes_moments_that_have_gone_by() -> None:
    """ "Last night" is the dose's where an example says "yesterday"; where none does, it is no moment to come."""
    taken = Skill("log_dose", "", (Argument("taken", "when", False, past=True),), (), run=str)
    known = form(taken, "i took it [yesterday](taken)")
    run = {"taken": (3, 5, 5.0)}
    assert filled(run, "i took it last night", known) == {"taken": "last night"}
    to_come = form(replace(taken, arguments=(replace(taken.arguments[0], past=False),)), "take it [tomorrow](taken)")
    assert filled(run, "i took it last night", to_come) == {"taken": "night"}


def test_the_end_of_a_possessive_is_no_part_of_a_name() -> None:
    """ "The dog" is fed, not "the dog's"; where it stands last it is somebody's."""
    assert filled({"animal": (1, 4, 5)}, "feed the dog's bowl") == {"animal": "the dog"}
    assert filled({"animal": (1, 4, 5)}, "feed the dog's") == {"animal": "the dog's"}


def test_a_possessive_stays_whole_where_an_example_has_one() -> None:
    """ "At the [jeweller's]": it is the chemist's, too, that is gone to, wherever it stands."""
    known = form(SKILL, "feed what is at [the jeweller's](animal) again")
    assert filled({"animal": (1, 4, 5)}, "feed the chemist's now", known) == {"animal": "the chemist's"}


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("tell them the shower is free please", "the shower is free"),
        ("tell them the shower is free for me thank you", "the shower is free"),
        ("tell them lunch is ready will you please", "lunch is ready"),
        ("tell them the parcel is for me", "the parcel is for me"),
        ("tell them yes please", "yes please"),
        ("tell them thank you", "thank you"),
    ],
)
def test_a_courtesy_at_the_end_is_no_part_of_an_argument(said: str, message: str) -> None:
    """It is for the house, though the network takes it in, unless the words before it need it."""
    tell = Skill("tell", "", (Argument("message", "text", True),), (), run=str)
    known = form(tell, "tell them [the dinner is on the table](message)", "say [we are off](message) to all")
    assert filled({"message": (2, len(said.split()), 5)}, said, known) == {"message": message}


def test_a_courtesy_in_the_middle_stays() -> None:
    """ "Please" may belong to what is to be said."""
    tell = Skill("tell", "", (Argument("message", "text", True),), (), run=str)
    known = form(tell, "tell [dinner is ready](message) to everybody", "say [come down](message) to everybody")
    assert filled({"message": (1, 4, 5)}, "tell come down please upstairs", known) == {"message": "come down please"}


def test_a_name_loses_its_article_before_what_examples_leave_it_before() -> None:
    """ "The [kitchen] camera" and "in [the kitchen]": before "camera" it is bare, elsewhere it is not."""
    skill = Skill("show", "", (Argument("room", "text", True),), (), run=str)
    known = form(skill, "show the [garage](room) camera", "show what is in [the hall](room)")
    assert filled({"room": (1, 3, 5)}, "show the kitchen camera", known) == {"room": "kitchen"}
    assert filled({"room": (2, 4, 5)}, "look in the kitchen now", known) == {"room": "the kitchen"}


def test_a_name_gets_the_article_that_examples_say_it_with() -> None:
    """ "In [the hall]" ends with its name and the article: so does "in the kitchen"."""
    skill = Skill("show", "", (Argument("room", "text", True),), (), run=str)
    known = form(skill, "show the [garage](room) camera", "show what is in [the hall](room)")
    assert filled({"room": (3, 4, 5)}, "look in the kitchen", known) == {"room": "the kitchen"}
    assert filled({"room": (3, 4, 5)}, "look in the kitchen cupboard", known) == {"room": "kitchen"}
    assert filled({"room": (2, 3, 5)}, "look into kitchen", known) == {"room": "kitchen"}
