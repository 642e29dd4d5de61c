from __future__ import annotations

from collections.abc import Sequence

import pytest
from kitchen import KITCHEN, doll

from assistant.steered import SteeredWriter
from assistant.worker import Job
from assistant.writer import Writer, guessing

SAID = "please brew a large latte in five minutes"
CALL = "brew(drink= a large latte)"


@pytest.fixture
def writer() -> Writer:
    made = Writer(Job(doll(False), KITCHEN, shipped=False))
    made.write(SAID, [])  # the prefix is read once
    return made


def cost(writer: SteeredWriter, drafts: Sequence[str]) -> tuple[int, int]:
    """Passes and tokens for CALL."""
    answer = writer.answer({"do": "write", "text": SAID, "nearest": [], "drafts": drafts, "toward": CALL})
    assert answer["written"][0]["call"] == CALL
    return answer["passes"], answer["tokens"]


def test_a_right_guess_costs_one_pass() -> None:
    """A draft that is what the model writes is evaluated with the prompt, all of it in one batch."""
    writer = SteeredWriter(Job(doll(False), KITCHEN, shipped=False))
    cost(writer, [])
    passes, tokens = cost(writer, [CALL])
    assert passes == 1 < cost(writer, [])[0]
    assert tokens <= cost(writer, [])[1]


def test_the_next_guess_goes_on_where_the_first_was_wrong() -> None:
    """After another head than the first draft's, a draft that begins with what was written is taken up."""
    writer = SteeredWriter(Job(doll(False), KITCHEN, shipped=False))
    cost(writer, [])
    wrong = "play_music(title= latte)"
    assert cost(writer, [wrong, CALL])[0] == 2 < cost(writer, [wrong])[0]


def test_words_that_were_begun_are_guessed_to_go_on() -> None:
    """Without a draft, the words after those just copied are guessed."""
    assert guessing([], " brew a large latte now")("brew(drink= a") == " large latte"
    assert guessing([], " brew a large latte now")("brew(drink= tea") == ""
    assert guessing([], " brew a large latte now")("brew(") == ""
    assert guessing([CALL], " brew a large latte now")("brew(drink= a") == " large latte)"


@pytest.mark.parametrize(
    "draft",
    [
        "brew(drink= a large latte)",
        "brew(drink= a large",
        "brew(",
        "set_timer(duration= five minutes, name= latte)",
        "set_timer(name= latte, duration= five minutes)",
        "switch(device= latte, state= maybe)",
        "play_music(title= never said)",
        "none()",
        "no call at all",
        "(",
        "\x00",
        "brew(drink=" + " latte" * 400 + ")",
    ],
)
def test_a_guess_changes_nothing_that_is_written(writer: Writer, draft: str) -> None:
    """Right, half right, not to the end, no call at all: the call and its probabilities are those without a guess."""
    plain, drafted = writer.write(SAID, []), writer.write(SAID, [], [draft, "brew(drink= a large latte)"])
    assert [one.call for one in drafted] == [one.call for one in plain]
    assert [one.probability for one in drafted] == pytest.approx([one.probability for one in plain], abs=1e-4)
    assert writer.write(SAID, []) == plain
