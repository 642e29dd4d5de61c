"""What the household may set about waking: the hook, the sound, and how soon it is heard again."""

from __future__ import annotations

import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fakes import make_house

from assistant.audio import RATE_HZ, Audio
from assistant.core import Assistant, Parts
from assistant.ears.echo import OwnVoice
from assistant.ears.loop import How, Loop
from assistant.ears.mouth import Mouth
from assistant.ears.senses import Senses
from assistant.ears.voice import FRAME, Voice
from assistant.speak import Speaker
from assistant.transcribe import Heard

SKILLS = '''
"""A skill that nobody asks for."""
from assistant.skill import Context, skill

@skill(examples=["brew"])
def brew(context: Context) -> str:
    """Brew."""
    return "Brewing."
'''


class Scripted:
    """Hears the wake word at given seconds."""

    def __init__(self, *seconds: float) -> None:
        self.frames, self.now = {int(at * RATE_HZ / FRAME) for at in seconds}, 0

    def heard(self, frame: np.ndarray) -> bool:
        self.now += 1
        return self.now in self.frames


class Nothing:
    """Hears no words."""

    def transcribe(self, audio: Audio) -> Heard:
        return Heard("", "en", 0.0, audio.seconds)


class Kept(Mouth):
    """Keeps what it played."""

    def __init__(self) -> None:
        super().__init__()
        self.loudest = 0.0

    def played(self) -> np.ndarray | None:
        frame = super().played()
        self.loudest = max(self.loudest, float(np.abs(frame).max()) if frame is not None else 0.0)
        return frame


def told(folder: Path, *flags: str, wake: tuple[float, ...] = (1.0,)) -> tuple[list[str], Kept]:
    """Thirty seconds of a quiet room in which the wake word is said; what the loop told, and its mouth."""
    house = make_house(folder, SKILLS, {}, flags=("listen.wake_word=okay_nabu", *flags))
    old = house.assistant.parts
    parts = Parts(old.decider, old.trace, Nothing(), Speaker(house.settings.speech))
    assistant = Assistant(house.settings, house.assistant.skills, house.assistant.database, parts)
    events: list[str] = []
    mouth = Kept()
    senses = Senses(Voice(), OwnVoice(), Scripted(*wake))
    Loop(assistant, senses, mouth, How(lockstep=True), lambda event: events.append(event.kind)).run(quiet(30))
    return events, mouth


def quiet(seconds: int) -> Iterator[np.ndarray]:
    """A room in which nobody speaks."""
    for _ in range(seconds * RATE_HZ // FRAME):
        yield np.zeros(FRAME, np.float32)


def lines_of(path: Path, count: int) -> list[str]:
    """The lines of a file that another program writes, once there are so many."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        found = path.read_text().split() if path.exists() else []
        if len(found) >= count:
            return found
        time.sleep(0.02)
    return []


def test_the_hook_is_told_of_waking_and_sleeping(tmp_path: Path) -> None:
    """A light is switched on at the wake word, and off when nobody says anything after it."""
    note, program = tmp_path / "light", tmp_path / "hook.py"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nopen({str(note)!r}, 'a').write(' '.join(sys.argv[1:]) + '\\n')\n"
    )
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    events, _ = told(tmp_path, f"listen.hook={program}", "listen.wake_sound=false")
    assert events[0] == "awake" and events[-1] == "asleep"
    assert sorted(lines_of(note, len(events))) == sorted(events)


def test_a_hook_that_is_not_there_costs_itself(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The loop goes on and says which setting is wrong."""
    events, _ = told(tmp_path, "listen.hook=no-such-program-anywhere")
    assert events[0] == "awake" and events[-1] == "asleep"
    assert "listen.hook could not be started" in caplog.text


@pytest.mark.parametrize("wanted", [True, False])
def test_the_wake_sound_is_a_choice(tmp_path: Path, wanted: bool) -> None:
    """A short tone where the household wants it, and silence where it does not."""
    _, mouth = told(tmp_path, f"listen.wake_sound={str(wanted).lower()}")
    assert (mouth.loudest > 0.01) is wanted


@pytest.mark.parametrize(("refractory_ms", "times"), [(500, 3), (1500, 2), (10_000, 1)])
def test_the_refractory_time_is_the_households(tmp_path: Path, refractory_ms: int, times: int) -> None:
    """Of wake words at 1, 2 and 3 seconds, those within the time after one that counted do not count."""
    flags = (f"listen.refractory_ms={refractory_ms}", "listen.wake_sound=false")
    events, _ = told(tmp_path, *flags, wake=(1.0, 2.0, 3.0))
    assert events.count("awake") == times
