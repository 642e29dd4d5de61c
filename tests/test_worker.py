from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from kitchen import KITCHEN, TRAINED, doll

from assistant.process import CALL_S, Process
from assistant.prompt import read_call
from assistant.skill import MissingPiece
from assistant.worker import READ_S, Job, Worker, WorkerFailed


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(Job(doll(), KITCHEN, shipped=True))
    yield worker
    worker.close()


def test_a_model_in_its_own_process_writes_calls(worker: Worker) -> None:
    """The answer that comes over the socket is a call of a trained skill."""
    assert read_call(worker.write("play some music")[0].call).skill in {one.name for one in TRAINED}
    assert worker.notes()["hark.version"] == "doll"


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_crash_of_the_model_costs_nothing(worker: Worker, signal_number: int) -> None:
    """When the native library dies, the process is replaced and the same call comes out."""
    before = worker.write("play some music")
    os.kill(worker.pid, signal_number)
    assert worker.write("play some music") == before


def test_a_model_process_is_out_of_reach_of_the_terminals_ctrl_c(worker: Worker) -> None:
    """Ctrl-C goes to a whole group of processes; a model's process has a group of its own."""
    assert os.getpgid(worker.pid) == worker.pid != os.getpgrp()


def test_a_model_that_always_dies_is_said_after_two_tries(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker whose process dies at every start gives up with one sentence instead of trying forever."""
    worker.write("play some music")
    os.kill(worker.pid, signal.SIGKILL)
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(WorkerFailed, match="stopped working twice"):
        worker.write("play some music")


def test_a_missing_model_is_one_sentence(tmp_path: Path) -> None:
    """The other process says what is missing, and this side raises it."""
    worker = Worker(Job(tmp_path / "gone.gguf", KITCHEN, shipped=True))
    with pytest.raises(MissingPiece, match=r"no model at .*gone\.gguf"):
        worker.notes()
    worker.close()


def test_a_model_of_other_skills_is_one_sentence() -> None:
    """A skill model that knows none of the installed skills says so."""
    worker = Worker(Job(doll(), tuple(one for one in KITCHEN if one.name == "brew"), shipped=True))
    with pytest.raises(MissingPiece, match="not trained on any skill"):
        worker.write("brew coffee")
    worker.close()


def test_a_larger_model_reads_its_skills_with_time_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of skills is read before the first sentence, with a deadline of its own, and again by a new process."""
    asked: list[tuple[str, float]] = []
    ask = Process.ask

    def listened(
        process: Process, message: Mapping[str, Any], timeout_s: float = CALL_S, **more: Any
    ) -> dict[str, Any]:
        asked.append((message["do"], timeout_s))
        return ask(process, message, timeout_s, **more)

    monkeypatch.setattr(Process, "ask", listened)
    worker = Worker(Job(doll(False), KITCHEN, shipped=False))
    before = worker.write("brew tea")
    assert worker.write("brew tea") == before
    assert asked == [("notes", CALL_S), ("read", READ_S), ("write", CALL_S), ("write", CALL_S)]
    os.kill(worker.pid, signal.SIGKILL)
    worker.write("brew tea")
    worker.write("brew tea")
    assert [do for do, _ in asked[4:]].count("read") == 1
    worker.close()


def test_closing_ends_the_process(worker: Worker) -> None:
    """No process is left behind."""
    worker.write("play some music")
    pid = worker.pid
    worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("said", [" ".join(["play"] * 2000), "x" * 10000, "я" * 5000, "🎉" * 2500, "今日" * 4000])
def test_ten_thousand_characters_are_answered(worker: Worker, said: str) -> None:
    """A transcript of any length and script gets an answer: what is beyond a sentence is not read."""
    assert worker.write(said)


HOLES = """
import os, sys
import numpy as np
import psutil
from assistant.process import bound_heap, give_back

way, piece = sys.argv[1], int(sys.argv[2])
if way != "as ever":
    bound_heap()
resident = psutil.Process().memory_info
np.ones(20_000_000, np.uint8)  # glibc now takes pieces of up to this size out of its heap
before, kept, pieces = resident().rss, [], []
for _ in range(200):
    pieces.append(np.ones(piece, np.uint8))
    kept.append(np.ones(20_000, np.uint8))  # keeps the heap from shrinking
pieces.clear()
if way == "given back":
    give_back()
print((resident().rss - before) // 1_000_000)
"""


def left_mb(way: str, piece: int) -> int:
    """What 200 freed pieces of so many bytes leave behind, in MB, where nothing in the environment says otherwise."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    command = [sys.executable, "-c", HOLES, way, str(piece)]
    return int(subprocess.run(command, capture_output=True, check=True, env=plain).stdout)


def test_what_was_freed_is_given_back() -> None:
    """Large pieces between small ones leave 100 MB of holes in a heap, and none in one that is bounded."""
    assert left_mb("bounded", 500_000) < 10 < 50 < left_mb("as ever", 500_000)


def test_small_pieces_are_given_back_when_that_is_asked_for() -> None:
    """Pieces too small for pages of their own leave 20 MB of holes in a bounded heap, until it hands them back."""
    assert left_mb("given back", 100_000) < 8 < 15 < left_mb("bounded", 100_000)
