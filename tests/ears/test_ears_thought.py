from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from assistant.audio import Audio
from assistant.config import Settings, load_settings
from assistant.core import Considered
from assistant.ears.thought import TROUBLE, think, unasked
from assistant.listen import Finish
from assistant.registry import SkillSet, load_skills
from assistant.turn import Decision, Transcript

SOUND = Audio(np.zeros(16_000, np.float32), 16_000)


@dataclass
class Mind:
    """An assistant that always hears and decides the same."""

    considered: Considered | Exception
    skills: SkillSet
    settings: Settings = field(default_factory=lambda: load_settings(environ={}))

    def consider(self, _audio: Audio) -> Considered:
        if isinstance(self.considered, Exception):
            raise self.considered
        return self.considered

    def answers_question(self, _text: str) -> bool:
        return False


@pytest.fixture(scope="module")
def skills() -> SkillSet:
    return load_skills(load_settings(environ={}))


def stands(skills: SkillSet, text: str, decision: Decision, over: float | None) -> Finish:
    mind = Mind(Considered(Transcript(text=text, over=over), decision, 1.0), skills)
    return think(mind, SOUND).finish  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("over", "finish"),
    [(None, Finish.COMPLETE), (0.2, Finish.COMPLETE), (0.6, Finish.OVER), (0.06, Finish.OPEN)],
)
def test_words_after_which_people_go_on_are_waited_for(skills: SkillSet, over: float | None, finish: Finish) -> None:
    """A sure and whole call is over the sooner, the seldomer anything follows its last words."""
    call = Decision(skill="tell_time", confidence=0.95, tier="shipped")
    assert stands(skills, "what time is it", call, over) is finish


def test_an_unsure_call_is_never_over(skills: SkillSet) -> None:
    """However finished the words sound, an unsure call waits for the usual silence."""
    call = Decision(skill="tell_time", confidence=0.4, tier="shipped")
    assert stands(skills, "what time is it", call, 0.9) is Finish.OPEN


def test_what_nobody_foresaw_costs_one_turn(skills: SkillSet, caplog: pytest.LogCaptureFixture) -> None:
    """An error of any kind becomes one sentence for the speaker, and the log does not hold its words."""
    thought = think(Mind(ZeroDivisionError("my secret"), skills), SOUND)  # type: ignore[arg-type]
    assert thought.trouble == TROUBLE and thought.considered is None
    assert "ZeroDivisionError" in caplog.text and "my secret" not in caplog.text


@pytest.mark.parametrize(
    ("skill", "confidence", "heard", "amid_talk", "called"),
    [
        ("tell_time", 0.92, 0.6, False, True),
        ("tell_time", 0.88, 0.6, False, False),
        ("tell_time", 0.92, 0.45, False, False),
        ("tell_time", 0.92, 0.6, True, False),
        ("tell_time", 0.98, 0.6, True, True),
        ("like_song", 0.99, 0.9, False, False),
    ],
)
def test_a_call_that_nobody_announced_must_be_sure(
    skills: SkillSet, skill: str, confidence: float, heard: float, amid_talk: bool, called: bool
) -> None:
    """Both models must be sure of it, surer where people talk to one another, and of no skill that chat sounds like."""
    decision = Decision(skill=skill, confidence=confidence, tier="shipped")
    considered = Considered(Transcript(text="what time is it", confidence=heard), decision, 1.0)
    found = unasked(considered, Mind(considered, skills), amid_talk=amid_talk)  # type: ignore[arg-type]
    assert (found.decision.tier == "shipped") is called


def test_nobody_is_asked_back_who_spoke_to_nobody(skills: SkillSet) -> None:
    """A question to talk that may not be for us is not put."""
    decision = Decision(skill="brew", confidence=0.99, tier="ask", question="For how long?", asks_for="time")
    considered = Considered(Transcript(text="brew", confidence=0.9), decision, 1.0)
    found = unasked(considered, Mind(considered, skills), amid_talk=False)  # type: ignore[arg-type]
    assert (found.decision.tier, found.decision.question, found.decision.asks_for) == ("decline", "", "")
