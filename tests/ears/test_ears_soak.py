"""`hark soak`: what it counts, and a short one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assistant.cli import main
from assistant.commands.soak import describe
from assistant.config import load_settings
from assistant.ears.pulled import PulledMicrophone
from assistant.ears.size import Growth, Size
from assistant.ears.soak import KINDS, MOST_TIMERS, SOON_S, Survived, Timers, Turns, are_due, prepared
from assistant.registry import load_skills
from assistant.sound import Microphone

ROOT = Path(__file__).parents[2]
BEFORE = Size(100.0, 200.0, 7, 20)


def turns(late: Size, lost: int = 0) -> Turns:
    return Turns(100, lost, Growth(BEFORE, late), 10.0)


def survived(n: int, late: Size = BEFORE) -> Survived:
    return Survived("disk full", 3, n, 3, Growth(BEFORE, late))


@pytest.mark.parametrize(
    ("found", "fine"),
    [
        (turns(BEFORE), True),
        (turns(Size(103.0, 202.0, 7, 20)), True),
        (turns(Size(103.0, 204.0, 7, 20)), False),
        (turns(Size(100.0, 200.0, 8, 20)), False),
        (turns(Size(100.0, 200.0, 7, 21)), False),
        (turns(BEFORE, lost=1), False),
        (survived(3), True),
        (survived(2), False),
        (survived(3, Size(150.0, 200.0, 7, 20)), True),
        (survived(3, Size(100.0, 200.0, 8, 20)), False),
        (survived(3, Size(100.0, 200.0, 7, 21)), False),
        (Timers(9, 0), True),
        (Timers(9, 1), False),
    ],
)
def test_what_grew_or_was_lost_is_not_fine(found: Survived | Turns | Timers, fine: bool) -> None:
    """More than 2 % of memory, one thread, one file, one turn, one timer: each is enough."""
    assert describe(found)[1] is fine


def test_timers_are_looked_for_before_they_end() -> None:
    """One that has ended is gone from the database, and was not lost; nor may a house have too many."""
    now, later = 1000.0, 1000.0 + 2 * SOON_S
    assert not are_due([], now) and not are_due([later] * (MOST_TIMERS - 1), now)
    assert are_due([later, now + SOON_S - 1], now) and are_due([later] * MOST_TIMERS, now)


def test_a_pulled_microphone_is_silent_and_comes_back() -> None:
    """While it is gone silence is heard, and afterwards sound again, through the same stream of frames."""
    card = PulledMicrophone()
    frames = Microphone(library=card, patience_s=0.3).frames()
    loud = np.full(512, 0.5, np.float32)

    def heard() -> bool:
        card.hear(loud)
        return bool(next(frames).any())

    assert any(heard() for _ in range(200))
    card.pull(0.1)
    card.hear(loud)
    with pytest.raises(card.PortAudioError):
        card.query_devices(None, "input")
    assert not all(heard() for _ in range(30))
    assert any(heard() for _ in range(200)) and heard()


def test_a_soak_leaves_the_household_alone(tmp_path: Path) -> None:
    """Another data folder, no hook, and of plugins only the one that never returns."""
    mine = load_settings(None, {}, [f"paths.data={tmp_path / 'mine'}", 'listen.hook=["light"]'])
    changed = prepared(mine, tmp_path / "soak")
    assert (changed.paths.data, changed.listen.hook) == (tmp_path / "soak" / "data", ())
    found = load_skills(changed)
    assert found.faults == () and "find_thing" in found.by_name


@pytest.mark.parametrize("arguments", [("--kind", "flood"), ("--sound", "gone")])
def test_what_is_not_there_is_wrong_use(arguments: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    """A kind of fault or a folder of recordings that does not exist is one sentence, before anything is started."""
    assert main(["soak", *arguments]) == 2
    assert arguments[1] in capsys.readouterr().err


@pytest.mark.model
@pytest.mark.timeout(300)
def test_ten_minutes_pass(tmp_path: Path) -> None:
    """Ten minutes of sound, as fast as it goes, with nothing lost in it and as many files as before."""
    said = soak(tmp_path, "--turns", "0", "--faults", "0", "--hours", "0.18", "--sound", str(ROOT / "samples"))
    words = said[0].replace(",", "").split()
    assert said[0].startswith("0.2 hours of sound in") and words[words.index("lost;") - 1] == "0"
    files = words.index("files")
    assert int(words[files + 3]) <= int(words[files + 1])


@pytest.mark.model
@pytest.mark.timeout(300)
def test_a_short_soak_survives(tmp_path: Path) -> None:
    """Three faults of each kind at random moments: what is said next is answered, and every confirmed timer is kept."""
    said = soak(tmp_path, "--turns", "0", "--faults", "3")
    assert [line.split(":")[0] for line in said[:-1]] == list(KINDS)
    assert all("survived 3 of 3" in line for line in said[:-1])
    assert "0 are not in the database" in said[-1]


@pytest.mark.model
@pytest.mark.timeout(300)
def test_thirty_turns_are_all_answered(tmp_path: Path) -> None:
    """None is lost, and neither threads nor files grow; thirty turns say nothing of memory."""
    words = soak(tmp_path, "--turns", "30", "--faults", "0")[0].replace(",", "").split()
    assert words[:2] == ["30", "turns"] and words[words.index("lost;") - 1] == "0"
    threads, files = words.index("threads"), words.index("files")
    assert int(words[threads + 3]) <= int(words[threads + 1])
    assert int(words[files + 3]) <= int(words[files + 1])


def soak(folder: Path, *arguments: str) -> list[str]:
    """The lines that the command prints; it leaves nothing in the household's data folder."""
    command = [sys.executable, "-c", "import assistant.cli, sys; sys.exit(assistant.cli.main())"]
    done = subprocess.run(
        [*command, "--set", f"paths.data={folder / 'mine'}", "soak", *arguments],
        capture_output=True,
        timeout=240,
        check=False,
        cwd=ROOT,
        env=dict(os.environ),
    )
    assert done.returncode in (0, 1) and done.stdout, done.stderr.decode()
    assert not (folder / "mine").exists()
    return done.stdout.decode().splitlines()
