"""The `hark` command with the models that ship and real sound."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assistant.audio import Audio, read_audio, write_wav
from assistant.config import Speech
from assistant.speak import Speaker

pytestmark = pytest.mark.model
HARK = [sys.executable, "-c", "import sys; from assistant.cli import main; sys.exit(main())"]
SAMPLES = Path(__file__).parents[1] / "samples"


def hark(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    environ = {**os.environ, **more}
    return subprocess.run([*HARK, *arguments], capture_output=True, text=True, timeout=200, env=environ, check=False)


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    """A recording of somebody who asks for a timer."""
    file = tmp_path / "timer.wav"
    write_wav(file, Speaker(Speech(voice="en-gb")).speak("Set a timer for ten minutes."))
    return file


@pytest.fixture
def silent(tmp_path: Path) -> Path:
    """Two seconds of nothing."""
    file = tmp_path / "silence.wav"
    write_wav(file, Audio(np.zeros(32_000, dtype=np.float32), 16_000))
    return file


def test_a_recording_becomes_one_turn(spoken: Path, tmp_path: Path) -> None:
    """`hark hear --json` prints one object with the text, the call, the answer and each stage's time, and speaks."""
    answer = tmp_path / "answer.wav"
    done = hark("hear", str(spoken), "--json", "--speak-to", str(answer))
    turn = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert turn["text"]
    assert turn["answer"]
    assert {"hear", "decide", "act", "speak"} <= set(turn["ms"])
    assert turn["seconds"] == pytest.approx(read_audio(spoken).seconds, abs=0.1)
    assert read_audio(answer).seconds > 0.3
    assert done.returncode == (0 if turn["ok"] else 1)
    assert [json.loads(hark("trace", "show", "last", "--json").stdout)["id"]] == [turn["id"]]


def test_no_act_hears_and_decides_only(spoken: Path) -> None:
    """`hark hear --no-act` keeps no turn."""
    done = hark("hear", str(spoken), "--json", "--no-act")
    assert done.returncode == 0
    assert "answer" not in json.loads(done.stdout)
    assert hark("trace", "list").stdout == ""


def test_silence_is_nothing_said(silent: Path) -> None:
    """Silence gives no invented text, and exit code 1."""
    done = hark("hear", str(silent), "--json")
    turn = json.loads(done.stdout)
    assert (done.returncode, turn["text"], turn["answer"]) == (1, "", "Nothing was said.")


def test_a_folder_is_transcribed_with_one_bad_file_named(spoken: Path, silent: Path, tmp_path: Path) -> None:
    """Each recording has its line in order; what is no sound has an error in its own line and exit code 1."""
    (tmp_path / "broken.wav").write_bytes(b"RIFF but no more")
    out = tmp_path / "out.jsonl"
    done = hark("transcribe", str(tmp_path), "--output", str(out))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [Path(row["file"]).name for row in rows] == ["broken.wav", "silence.wav", "timer.wav"]
    assert "error" in rows[0]
    assert set(rows[1]) == set(rows[2]) == {"file", "text", "language", "seconds", "ms"}
    assert rows[1]["text"] == ""
    assert rows[2]["text"]
    assert done.returncode == 1
    assert "1 of 3 files" in done.stderr


@pytest.mark.parametrize("columns", [40, 100])
def test_the_demo_shows_every_sample(tmp_path: Path, columns: int) -> None:
    """For each sample: heard, call, answer, times and a WAV that can be played; no line is too wide, none is lost."""
    done = hark("demo", "--output", str(tmp_path), COLUMNS=str(columns))
    assert done.returncode == 0, done.stderr
    samples = sorted(SAMPLES.glob("*.wav"))
    assert samples
    lines = done.stdout.splitlines()
    assert max(len(line.rstrip()) for line in lines) <= columns
    for word in ("heard", "call", "answer", "time"):
        assert sum(line.startswith(f"{word} ") for line in lines) == len(samples)
    for sample in samples:
        assert any(line.strip() == sample.name for line in lines)
    written = {file.name for file in tmp_path.glob("*.wav")}
    assert written <= {sample.name for sample in samples}
    assert written
    assert all(read_audio(tmp_path / name).seconds > 0 for name in written)


def test_the_doctor_finds_everything_fine() -> None:
    """With the bundled models no part needs fixing."""
    done = hark("doctor")
    assert (done.returncode, "FIX" in done.stdout) == (0, False), done.stdout


def test_the_bundled_models_are_whole() -> None:
    """Their checksums are those that are listed beside them."""
    done = hark("models", "verify")
    assert done.returncode == 0, done.stdout
    assert "skill (shipped): whole" in done.stdout
    assert "listening (shipped): whole" in done.stdout
