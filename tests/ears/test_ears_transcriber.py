"""The listening model in a process of its own: what dies, hangs or leaks there is replaced."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from assistant.audio import RATE_HZ, Audio, read_audio
from assistant.ears import transcriber
from assistant.ears.transcriber import HearingProcess
from assistant.process import WorkerFailed
from assistant.skill import MissingPiece
from assistant.transcribe import Transcriber

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "assistant/bundled/listening"
SAMPLE = read_audio(ROOT / "samples/pasta-timer.wav")


@pytest.fixture
def hearing() -> Iterator[HearingProcess]:
    process = HearingProcess(SHIPPED)
    yield process
    process.close()


def test_it_hears_what_the_model_hears(hearing: HearingProcess) -> None:
    """The words that come over the socket are those of the same model in this process, and silence has none."""
    assert hearing.transcribe(SAMPLE).text == Transcriber(SHIPPED).transcribe(SAMPLE).text
    assert hearing.transcribe(Audio(np.zeros(RATE_HZ, np.float32), RATE_HZ)).text == ""


def test_a_model_that_is_killed_is_replaced(hearing: HearingProcess) -> None:
    """When the native library dies, the same sound gives the same words, from a new process."""
    before, pid = hearing.transcribe(SAMPLE), hearing.pid
    os.kill(pid, signal.SIGSEGV)
    assert hearing.transcribe(SAMPLE) == before
    assert hearing.pid != pid


def test_a_model_that_hangs_is_replaced(hearing: HearingProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that stands still costs its turn one sentence; the next turn has a new one."""
    before, pid = hearing.transcribe(SAMPLE), hearing.pid
    monkeypatch.setattr(transcriber, "SHORTEST_S", 0.3)
    monkeypatch.setattr(transcriber, "PER_SECOND_S", 0.0)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(WorkerFailed, match="did not answer in time"):
        hearing.transcribe(SAMPLE)
    monkeypatch.undo()
    assert not psutil.pid_exists(pid)
    assert hearing.transcribe(SAMPLE) == before


def test_a_model_that_leaks_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that has grown beyond its limit gives its answer and is then replaced."""
    monkeypatch.setattr(transcriber, "MOST_MB", 10.0)
    hearing = HearingProcess(SHIPPED)
    pid = hearing.pid
    assert hearing.transcribe(SAMPLE).text
    assert hearing.pid != pid and not psutil.pid_exists(pid)
    hearing.close()


def test_a_missing_model_is_one_sentence(tmp_path: Path) -> None:
    """The other process says what is missing, and this side raises it."""
    hearing = HearingProcess(tmp_path)
    with pytest.raises(MissingPiece, match=r"lacks model\.bin"):
        hearing.transcribe(SAMPLE)
    hearing.close()
