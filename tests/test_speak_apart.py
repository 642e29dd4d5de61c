"""espeak-ng in a process of its own: it speaks as ever, and what dies or hangs there is one sentence at most."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest

from assistant import speak_apart
from assistant.assemble import Wanted, assemble
from assistant.config import Speech, load_settings
from assistant.skill import ConfigError
from assistant.speak import Speaker
from assistant.speak_apart import SpeakingProcess

SENTENCE = "Your pasta timer is done."


@pytest.fixture
def voice() -> Iterator[SpeakingProcess]:
    process = SpeakingProcess(Speech())
    yield process
    process.close()


def test_it_speaks_as_the_voice_here_does(voice: SpeakingProcess) -> None:
    """The same sentence is as long and as loud, at the same rate; nothing to say is no sound."""
    here, there = Speaker(Speech()).speak(SENTENCE), voice.speak(SENTENCE)
    assert there.rate_hz == here.rate_hz and there.seconds == pytest.approx(here.seconds, rel=0.05)
    assert np.abs(there.samples).max() == pytest.approx(np.abs(here.samples).max(), rel=0.2)
    assert voice.speak("").seconds == 0


def test_a_voice_that_crashes_speaks_the_next_sentence(voice: SpeakingProcess) -> None:
    """A process that died is replaced, and what was to be said is said."""
    voice.check()
    pid = voice.pid
    os.kill(pid, signal.SIGSEGV)
    assert voice.speak(SENTENCE).seconds > 1
    assert voice.pid != pid


def test_a_voice_that_hangs_costs_one_sentence(voice: SpeakingProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits is told, as of any sentence that could not be spoken; the next one is spoken."""
    monkeypatch.setattr(speak_apart, "SHORTEST_S", 0.3)
    monkeypatch.setattr(speak_apart, "PER_LETTER_S", 0.0)
    voice.check()
    os.kill(voice.pid, signal.SIGSTOP)
    with pytest.raises(RuntimeError, match="did not answer in time"):
        voice.speak(SENTENCE)
    monkeypatch.undo()
    assert voice.speak(SENTENCE).seconds > 1


def test_a_voice_that_is_not_there_is_said_at_the_start() -> None:
    """The loop's assistant is not made with a voice that espeak-ng does not have."""
    settings = load_settings(None, {}, ['speech.voice="nobody"', 'listen.wake_word="none"'])
    with pytest.raises(ConfigError, match="nobody"), assemble(settings, Wanted(speaks=True, apart=True)):
        pass
