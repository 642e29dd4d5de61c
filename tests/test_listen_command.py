"""`hark listen` as a person starts it, over recordings."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from fakes import call, make_house

from assistant.audio import RATE_HZ, Audio, read_audio, resampled, write_wav
from assistant.cli import main
from assistant.commands.doctor import describe_sound
from assistant.commands.listen import _key
from assistant.config import Speech
from assistant.ears.sources import open_source
from assistant.skill import SkillError
from assistant.speak import Speaker
from assistant.turn import Transcript

ROOT = Path(__file__).parents[1]
SALE = '''
"""Sales."""
from assistant.skill import Context, skill

@skill(examples=["sell [the car](what)"])
def sell(context: Context, *, what: str) -> str:
    """Sell something."""
    return f"Sold {what}."
'''


def a_day(path: Path) -> Path:
    """Talk that is not for us, the wake word with a command, noise, and the wake word with another."""
    wake = resampled(Speaker(Speech(voice="en-gb", rate=150)).speak("alexa"), RATE_HZ).samples
    sample = {name: read_audio(ROOT / f"samples/{name}.wav").samples for name in ("chatter", "shopping", "times")}
    quiet = [np.zeros(int(seconds * RATE_HZ), np.float32) for seconds in (1, 3)]
    rng = np.random.default_rng(0)
    parts = [quiet[0], sample["chatter"], quiet[0], wake, sample["shopping"], quiet[1], wake, sample["times"], quiet[1]]
    whole = np.concatenate(parts)
    write_wav(path, Audio(whole + rng.standard_normal(len(whole)).astype(np.float32) * 0.002, RATE_HZ))
    return path


def hark(*arguments: str, **more: object) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "import assistant.cli, sys; sys.exit(assistant.cli.main())", *arguments]
    return subprocess.run(command, capture_output=True, timeout=170, check=False, cwd=ROOT, **more)  # type: ignore[call-overload, no-any-return]


@pytest.mark.model
def test_a_recording_is_answered_turn_by_turn(tmp_path: Path) -> None:
    """The commands after the wake word are done, in order, and the talk before it is not."""
    done = hark("listen", "--json", "--fast", "--source", str(a_day(tmp_path / "day.wav")))
    assert done.returncode == 0, done.stderr.decode()
    turns = [json.loads(line) for line in done.stdout.splitlines()]
    assert [turn["skill"] for turn in turns] == ["add_to_list", "calculate"]
    assert turns[0]["ok"] and "2,187" in turns[1]["answer"]
    assert {"hear", "decide", "act"} <= set(turns[0]["ms"])


@pytest.mark.model
def test_a_pipe_is_heard_too(tmp_path: Path) -> None:
    """Raw samples on standard input go the same way; always on, a command needs no wake word."""
    samples = np.concatenate([read_audio(ROOT / "samples/times.wav").samples, np.zeros(RATE_HZ, np.float32)])
    raw = (samples * 32767).astype("<i2").tobytes()
    done = hark("--set", "listen.wake_word=none", "listen", "--fast", "--json", "--source", "-", input=raw)
    assert [json.loads(line)["skill"] for line in done.stdout.splitlines()] == ["calculate"], done.stderr.decode()


@pytest.mark.model
def test_a_fifo_is_heard_too(tmp_path: Path) -> None:
    """A named pipe ends when its writer does."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    samples = read_audio(ROOT / "samples/times.wav").samples
    writer = threading.Thread(target=lambda: fifo.write_bytes((samples * 32767).astype("<i2").tobytes()))
    writer.start()
    done = hark("--set", "listen.wake_word=none", "listen", "--fast", "--json", "--source", str(fifo))
    writer.join()
    assert [json.loads(line)["skill"] for line in done.stdout.splitlines()] == ["calculate"], done.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("listen", "--source", "gone.wav"), 1, "gone.wav cannot be opened"),
        (("listen", "--source", "README.md", "--fast"), 1, "README.md is not a sound file"),
        (("--set", "listen.wake_word=computer", "listen"), 2, "listen.wake_word"),
        (("--set", "listen.wait=slow", "listen"), 2, "listen.wait"),
    ],
)
def test_what_cannot_be_heard_is_one_sentence(arguments: tuple[str, ...], code: int, said: str) -> None:
    """A source that is none and a wrong setting end in one sentence and the right code."""
    done = hark(*arguments)
    sentence = done.stderr.decode()
    assert done.returncode == code and said in sentence and "Traceback" not in sentence


def test_the_level_meter_says_what_is_wrong() -> None:
    """Silence, clipping, a soft and a good recording are told apart."""
    rng, samples = np.random.default_rng(0), read_audio(ROOT / "samples/times.wav").samples
    said = {
        "nothing": describe_sound(Audio(np.zeros(48_000, np.float32), RATE_HZ)),
        "noise": describe_sound(Audio(rng.standard_normal(48_000).astype(np.float32) * 0.05, RATE_HZ)),
        "loud": describe_sound(Audio((samples * 50).clip(-1, 1), RATE_HZ)),
        "soft": describe_sound(Audio(samples * 0.01 / np.abs(samples).max(), RATE_HZ)),
        "good": describe_sound(Audio(samples, RATE_HZ)),
    }
    assert "nothing at all" in said["nothing"]
    assert "nobody spoke" in said["noise"]
    assert "too loud" in said["loud"]
    assert "too soft" in said["soft"]
    assert "speech" in said["good"] and "too" not in said["good"]


def test_events_are_shown_for_people_and_as_json() -> None:
    """What is announced is a line, or an object."""
    from assistant.commands.listen import _Shown
    from assistant.ears.loop import Event

    for as_json, wanted in ((False, "Your tea is ready.\n"), (True, '{"announcement": "Your tea is ready."}\n')):
        output = io.StringIO()
        _Shown(output, as_json, watched=False).tell(Event("announced", "Your tea is ready."))
        assert output.getvalue() == wanted


def test_a_quiet_loop_writes_faults_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For a journal that others may read: neither what was heard nor the answer, but that we could not hear."""
    from assistant.commands.listen import _Shown
    from assistant.ears.loop import Event

    house = make_house(tmp_path, SALE, {"sell the ring": call("sell", what="the ring")})
    response = house.assistant.respond(Transcript(text="sell the ring"))
    assert "ring" in response.turn.reply.text
    for quiet in (False, True):
        output = io.StringIO()
        shown = _Shown(output, as_json=False, watched=False, quiet=quiet)
        for event in (Event("turn", response.turn.reply.text, response), Event("announced", "Your ring is sold.")):
            shown.tell(event)
        shown.tell(Event("trouble", "I cannot hear."))
        said = capsys.readouterr().err
        assert "I cannot hear." in said and ("ring" in said + output.getvalue()) is not quiet


def test_closed_standard_input_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """`hark listen --source - <&-` is told what is missing."""
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(SkillError, match="standard input is closed"):
        open_source("-", False)


def test_one_input_is_not_two(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the Enter key wakes, the sound cannot come from standard input as well."""
    assert main(["--set", "listen.wake_word=key", "listen", "--source", "-"]) == 2
    assert "both the sound and the Enter key" in capsys.readouterr().err


def test_any_line_wakes_and_closed_input_never_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that are no text end in Enter, too; where there is no standard input, nobody presses it."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff\xfe\n"), encoding="utf-8"))
    pressed, until = _key(), time.monotonic() + 10
    while not pressed():
        assert time.monotonic() < until
        time.sleep(0.01)
    monkeypatch.setattr("sys.stdin", None)
    assert not _key()()
