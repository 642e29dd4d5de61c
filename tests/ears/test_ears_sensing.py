"""Voice activity and the wake word in a process of their own: what dies or hangs there costs nothing that was said."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from assistant.audio import RATE_HZ, read_audio, resampled
from assistant.config import Listen, Speech
from assistant.ears import sensing
from assistant.ears.echo import OwnVoice
from assistant.ears.senses import Attention, Senses
from assistant.ears.sensing import SensingProcess
from assistant.ears.voice import Voice
from assistant.ears.wake import open_wake_word
from assistant.process import WorkerFailed
from assistant.skill import ConfigError
from assistant.speak import Speaker

ROOT = Path(__file__).parents[2]
FRAME = 512
SILENCE = np.zeros(FRAME, np.float32)


@pytest.fixture
def ears() -> Iterator[SensingProcess]:
    process = SensingProcess(Listen(wake_word="alexa"))
    yield process
    process.close()


def frames(samples: np.ndarray) -> list[np.ndarray]:
    return [samples[at : at + FRAME] for at in range(0, len(samples) - FRAME, FRAME)]


def wake_word() -> list[np.ndarray]:
    """The word by a voice that the model hears, with silence around it."""
    said = resampled(Speaker(Speech(voice="en-gb", rate=150)).speak("alexa"), RATE_HZ).samples
    quiet = np.zeros(RATE_HZ, np.float32)
    return frames(np.concatenate([quiet, said * np.float32(0.3 / np.abs(said).max()), quiet]))


def kill(process: SensingProcess) -> None:
    os.kill(process.pid, signal.SIGSEGV)


def hang(process: SensingProcess) -> None:
    os.kill(process.pid, signal.SIGSTOP)


def test_it_hears_what_the_models_hear(ears: SensingProcess) -> None:
    """Each frame's probability is that of the same model in this process, before and after it forgets."""
    voice, said = Voice(), frames(read_audio(ROOT / "samples/miles.wav").samples)
    assert [ears.probability(one) for one in said] == [voice.probability(one) for one in said]
    ears.reset()
    assert ears.probability(said[40]) != voice.probability(said[40])
    voice.reset()
    assert ears.probability(said[41]) != voice.probability(said[41])
    ears.reset()
    voice.reset()
    assert ears.probability(said[40]) == voice.probability(said[40])


@pytest.mark.parametrize("strike", [kill, hang])
def test_a_wake_word_is_heard_to_its_end(
    ears: SensingProcess, strike: Callable[[SensingProcess], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies or hangs in the middle of the word is replaced, and the word wakes as ever."""
    monkeypatch.setattr(sensing, "HANG_S", 0.3)
    said, pid = wake_word(), ears.pid
    middle = len(said) // 2
    heard = [ears.heard(one) for one in said[:middle]]
    strike(ears)
    heard += [ears.heard(one) for one in said[middle:]]
    assert not psutil.pid_exists(pid)
    wake = open_wake_word(Listen(wake_word="alexa"))
    assert wake is not None
    assert heard == [wake.heard(one) for one in said]
    assert any(heard) and not any(heard[:middle])


def test_what_leaks_is_replaced_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has grown beyond its limit gives its answer; the next one has heard the same."""
    said = frames(read_audio(ROOT / "samples/miles.wav").samples)[:60]
    voice = Voice()
    expected = [voice.probability(one) for one in said]
    monkeypatch.setattr(sensing, "MOST_MB", 10.0)
    leaking = SensingProcess(Listen(wake_word="none"))
    pid = leaking.pid
    assert [leaking.probability(one) for one in said] == expected
    assert leaking.pid != pid and not psutil.pid_exists(pid)
    leaking.close()


def test_what_never_starts_is_tried_again_after_a_while(ears: SensingProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nothing can be heard each frame says so at once, and later frames are heard again."""
    ears.check()
    monkeypatch.setattr(sensing, "RETRY_S", 0.2)
    monkeypatch.setattr("sys.executable", "/bin/false")
    kill(ears)
    with pytest.raises(WorkerFailed):
        ears.heard(SILENCE)
    pid = ears.pid
    with pytest.raises(WorkerFailed):
        ears.heard(SILENCE)
    assert ears.pid == pid == 0
    monkeypatch.undo()
    monkeypatch.setattr(sensing.time, "monotonic", lambda: ears._retry_at)
    assert ears.heard(SILENCE) is False


def test_a_wrong_wake_word_is_one_sentence() -> None:
    """The other process says which setting is wrong, and this side raises it."""
    wrong = SensingProcess(Listen(wake_word="computer"))
    with pytest.raises(ConfigError, match=r'listen\.wake_word "computer"'):
        wrong.check()
    wrong.close()


class Broken:
    """Hears nothing until it is mended."""

    is_broken = True

    def probability(self, _frame: np.ndarray) -> float:
        if self.is_broken:
            raise WorkerFailed("broken")
        return 0.9

    def reset(self) -> None:
        self.probability(SILENCE)


def test_a_house_that_cannot_hear_is_told_so_once() -> None:
    """Once for each time, however many frames are lost; a key that was pressed still counts."""
    told: list[str] = []
    voice = Broken()
    attention = Attention(Senses(voice, OwnVoice(), key=lambda: True), lambda: told.append("deaf"))
    attention.forget()
    found = [attention.sensed(SILENCE, asleep=False) for _ in range(5)]
    assert told == ["deaf"] and all(one.woken and one.speech == 0 for one in found)
    voice.is_broken = False
    assert attention.sensed(SILENCE, asleep=False).speech == 0.9
    voice.is_broken = True
    attention.sensed(SILENCE, asleep=False)
    assert told == ["deaf", "deaf"]
