from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from assistant.audio import Audio
from assistant.config import Settings, load_settings
from assistant.core import Considered
from assistant.ears.thought import TROUBLE, think
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
    [(None, Finish.COMPLETE), (0.1, Finish.COMPLETE), (0.6, Finish.OVER), (0.01, Finish.OPEN)],
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
