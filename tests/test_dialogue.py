from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import pytest
from kitchen import KITCHEN

from assistant import dialogue
from assistant.dialogue import DENIED, Dialogue
from assistant.skill import Context, Household, When, skill
from assistant.turn import Decision

BY_NAME = {one.name: one for one in KITCHEN}
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
NEW = Decision(skill="play_music", confidence=0.95, tier="shipped")
NONE = Decision(skill="none", confidence=0.9, tier="shipped")
TIMER = Decision(skill="set_timer", words={"name": "pasta"}, tier="ask", question="For how long?", asks_for="duration")
BREW = Decision(skill="brew", tier="ask", question="Which drink?", asks_for="drink")


@pytest.fixture
def talk() -> Dialogue:
    return Dialogue(Household())


def test_the_value_that_was_asked_for_completes_the_call(talk: Dialogue) -> None:
    """After "For how long?" the words "for ten minutes please" are the duration, beside what was said before."""
    talk.ask(TIMER, BY_NAME["set_timer"])
    assert talk.waits
    assert talk.answers("ten minutes", NOW) and not talk.answers("play some music", NOW)
    found = talk.answer("For ten minutes, please.", NOW, lambda: NONE).decision
    assert (found.skill, found.words) == ("set_timer", {"name": "pasta", "duration": "ten minutes"})
    assert (found.args, found.question) == ({"duration": 600.0, "name": "pasta"}, "")
    assert not talk.waits


def test_silence_is_no_answer(talk: Dialogue) -> None:
    """After nothing was said the question still waits for its answer."""
    talk.ask(TIMER, BY_NAME["set_timer"])
    assert talk.answer("  ", NOW, lambda: NONE).decision is NONE
    assert talk.answer("ten minutes", NOW, lambda: NONE).decision.args == {"duration": 600.0, "name": "pasta"}


def test_other_words_are_a_new_request(talk: Dialogue) -> None:
    """What is no duration is decided afresh, and the question is gone."""
    talk.ask(TIMER, BY_NAME["set_timer"])
    assert talk.answer("play some music", NOW, lambda: NEW).decision is NEW
    assert talk.answer("ten minutes", NOW, lambda: NONE).decision is NONE


def test_a_text_is_any_words_but_not_a_sure_request(talk: Dialogue) -> None:
    """After "Which drink?" a drink nobody knows is a drink; "play some music" is a wish of its own."""
    talk.ask(BREW, BY_NAME["brew"])
    assert talk.answer("a mocha", NOW, lambda: NONE).decision.words == {"drink": "mocha"}
    talk.ask(BREW, BY_NAME["brew"])
    assert talk.answer("play some music", NOW, lambda: NEW).decision is NEW


@pytest.mark.parametrize(("confidence", "is_new"), [(0.71, True), (0.52, False)])
def test_how_sure_a_new_request_must_be(talk: Dialogue, confidence: float, is_new: bool) -> None:
    """ "Give me another two minutes" (0.71) after "Which drink?" is no drink; "living room lamp" (0.52) may be one."""
    said = NEW.model_copy(update={"confidence": confidence})
    talk.ask(BREW, BY_NAME["brew"])
    assert (talk.answer("something", NOW, lambda: said).decision is said) == is_new


def test_a_choice_is_one_of_its_list(talk: Dialogue) -> None:
    """After "Which state?" only on and off are answers."""
    asked = Decision(skill="switch", words={"device": "lamp"}, tier="ask", question="Which state?", asks_for="state")
    talk.ask(asked, BY_NAME["switch"])
    assert talk.answer("purple", NOW, lambda: NONE).decision is NONE
    talk.ask(asked, BY_NAME["switch"])
    assert talk.answer("off", NOW, lambda: NONE).decision.args == {"device": "lamp", "state": "off"}


@pytest.mark.parametrize(
    ("taken", "example", "said", "value"),
    [
        (Literal["on", "off"], "[lit](which=on)", "on", "on"),
        (Literal["on", "off"], "[lit](which=on)", "turn it on, please", "on"),
        (Literal["on", "off"], "[lit](which=on)", "lit", "on"),
        (Literal["on", "off"], "[lit](which=on)", "what is on", None),
        (Literal["Kitchen", "living_room"], "[Kitchen](which)", "in the kitchen", "Kitchen"),
        (Literal["Kitchen", "living_room"], "[Kitchen](which)", "the living room", "living_room"),
        (bool, "[softly](which=yes)", "yes", True),
        (bool, "[softly](which=yes)", "okay", True),
        (bool, "[softly](which=yes)", "no", False),
        (bool, "[softly](which=yes)", "no thanks", False),
    ],
)
def test_a_choice_is_answered_in_any_of_its_words(
    talk: Dialogue, taken: object, example: str, said: str, value: object
) -> None:
    """Its name as it is said, an example's word for it, and yes or no for a flag."""

    def go(_context: Context, *, which: Any) -> str:
        """Go."""
        return str(which)

    go.__annotations__["which"] = taken
    skill(examples=[f"go {example}"])(go)
    talk.ask(Decision(skill="go", tier="ask", question="Which?", asks_for="which"), go.__skill__)  # type: ignore[attr-defined]
    found = talk.answer(said, NOW, lambda: NONE).decision
    assert (found is NONE) if value is None else (found.args == {"which": value})


def test_a_flag_that_was_asked_for_can_still_be_called_off(talk: Dialogue) -> None:
    """A bare no is its value; "never mind" ends the matter."""

    @skill(examples=["go [softly](soft=yes)"])
    def go(_context: Context, *, soft: bool) -> str:
        """Go."""
        return str(soft)

    asked = Decision(skill="go", tier="ask", question="Softly?", asks_for="soft")
    talk.ask(asked, go.__skill__)  # type: ignore[attr-defined]
    assert talk.answers("no", NOW) and talk.answers("never mind", NOW)
    assert talk.answer("never mind", NOW, lambda: NONE).decision == DENIED


def test_what_still_lacks_is_asked_for_next(talk: Dialogue) -> None:
    """A call that lacks two values asks for the second when it has the first."""
    asked = Decision(skill="switch", tier="ask", question="Which device?", asks_for="device")
    talk.ask(asked, BY_NAME["switch"])
    found = talk.answer("the lamp", NOW, lambda: NONE).decision
    assert (found.words, found.asks_for) == ({"device": "lamp"}, "state")
    assert found.question


def test_an_answer_that_must_be_asked_about_is_asked_about(talk: Dialogue) -> None:
    """ "When?" - "Yesterday": the call goes on waiting, with another question."""

    @skill(examples=["book a court for [friday at six](start)"])
    def book(_context: Context, *, start: When) -> str:
        """Book a court."""
        return f"{start}"

    asked = Decision(skill="book", tier="ask", question="When?", asks_for="start")
    talk.ask(asked, book.__skill__)  # type: ignore[attr-defined]
    found = talk.answer("yesterday evening", NOW, lambda: NONE).decision
    assert (found.skill, found.asks_for) == ("book", "start")
    assert found.question == '"yesterday evening" has gone by already. When shall it be?'


def test_no_drops_the_call_and_yes_is_no_value(talk: Dialogue) -> None:
    """A no ends it; a yes to "For how long?" means nothing."""
    talk.ask(TIMER, BY_NAME["set_timer"])
    assert talk.answer("never mind", NOW, lambda: NEW).decision is DENIED
    talk.ask(BREW, BY_NAME["brew"])
    assert talk.answer("yes", NOW, lambda: NONE).decision is NONE


def test_a_late_answer_is_something_new(talk: Dialogue, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the wait is over the words mean what they mean by themselves."""
    monkeypatch.setattr(dialogue, "WAIT_S", 0.0)
    talk.ask(TIMER, BY_NAME["set_timer"])
    assert not talk.waits
    assert talk.answer("ten minutes", NOW, lambda: NONE).decision is NONE


def test_an_argument_that_is_not_there_cannot_be_asked_for(talk: Dialogue) -> None:
    """A question about an unknown argument is a mistake of the caller's."""
    with pytest.raises(KeyError):
        talk.ask(TIMER.model_copy(update={"asks_for": "colour"}), BY_NAME["set_timer"])
