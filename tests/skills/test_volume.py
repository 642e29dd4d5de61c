"""The volume skill, driving stand-in mixer programs that print what the real ones print and keep a level in a file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.skill import Context, MissingPiece, SkillError
from skills import volume as module
from skills.volume import change_volume, set_volume

Make = Callable[..., Context]

_STATE = """
import pathlib, sys
file = pathlib.Path(__file__ + ".state")
percent, muted = file.read_text().split() if file.exists() else ("40", "0")
words = sys.argv[1:]
def keep(percent, muted):
    file.write_text(f"{percent} {muted}")
"""
_WPCTL = """
if words[0] == "get-volume":
    print(f"Volume: {int(percent) / 100:.2f}" + (" [MUTED]" if muted == "1" else ""))
elif words[0] == "set-volume":
    keep(words[2].rstrip("%"), muted)
elif words[0] == "set-mute":
    keep(percent, words[2])
"""
_PACTL = """
if words[0] == "get-sink-volume":
    print(f"Volume: front-left: 26214 /  {percent}% / -23.88 dB,   front-right: 26214 /  {percent}% / -23.88 dB")
    print("        balance 0.00")
elif words[0] == "get-sink-mute":
    print("Mute:", "yes" if muted == "1" else "no")
elif words[0] == "set-sink-volume":
    keep(words[2].rstrip("%"), muted)
elif words[0] == "set-sink-mute":
    keep(percent, words[2])
"""
_AMIXER = """
if words[0] == "scontrols":
    print("Simple mixer control 'Capture',0")
    print("Simple mixer control 'PCM',0")
elif words[2] != "PCM":
    sys.exit(f"amixer: Unable to find simple control '{words[2]}',0")
elif words[1] == "sset" and words[3] in ("mute", "unmute"):
    keep(percent, int(words[3] == "mute"))
elif words[1] == "sset":
    keep(words[3].rstrip("%"), muted)
else:
    print("Simple mixer control 'PCM',0")
    print("  Playback channels: Mono")
    print(f"  Mono: Playback 180 [{percent}%] [-12.00dB] [{'off' if muted == '1' else 'on'}]")
"""
_PROGRAMS = {"wpctl": _WPCTL, "pactl": _PACTL, "amixer": _AMIXER}


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Puts a program of that name, with that Python source, where it is found; nothing else is found."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(name: str, source: str) -> Path:
        program = folder / name
        program.write_text(f"#!{sys.executable} -S\n{_STATE}{source}")
        program.chmod(0o755)
        return Path(f"{program}.state")

    return put


@pytest.fixture
def house(make_context: Make) -> Context:
    return make_context(settings=dict(module.SETTINGS))


@pytest.mark.parametrize("program", list(_PROGRAMS))
def test_every_mixer(house: Context, install: Callable[[str, str], Path], program: str) -> None:
    """With whichever mixer is there: set, louder, quieter, mute, unmute; what it holds afterwards is said."""
    state = install(program, _PROGRAMS[program])
    assert set_volume(house, level=55) == "The volume is at 55 percent."
    assert state.read_text() == "55 0"
    assert change_volume(house, direction="up") == "The volume is at 65 percent."
    assert change_volume(house, direction="down") == "The volume is at 55 percent."
    assert change_volume(house, direction="mute") == "The sound is off."
    assert state.read_text() == "55 1"
    assert change_volume(house, direction="unmute") == "The volume is at 55 percent."


def test_eleven_is_percent(house: Context, install: Callable[[str, str], Path]) -> None:
    """Levels are percent whatever their size; half is fifty."""
    state = install("wpctl", _WPCTL)
    set_volume(house, level=11)
    assert state.read_text() == "11 0"
    set_volume(house, level=0.5)
    assert state.read_text() == "50 0"


def test_louder_ends_the_silence(house: Context, install: Callable[[str, str], Path]) -> None:
    """Louder, and a level above 0, switch the sound on again; quieter leaves it off."""
    state = install("wpctl", _WPCTL)
    state.write_text("40 1")
    assert change_volume(house, direction="down") == "The sound is off."
    assert change_volume(house, direction="up") == "The volume is at 40 percent."


@pytest.mark.parametrize(
    ("said", "percent"),
    [
        ("turn the volume down by ten", 30),
        ("Volume up ten.", 50),
        ("turn it up ten percent", 50),
        ("lower the volume 10%", 30),
        ("lower the volume 10 percent please", 30),
        ("drop the volume by ten", 30),
        ("cut the sound ten percent", 30),
        ("bring the volume down by ten, please", 30),
        ("bring the volume by ten percent down", 30),
        ("make it ten percent louder", 50),
        ("turn it down to ten", 10),
        ("turn the volume down please make it ten percent", 10),
        ("by the way turn the volume up to ten", 10),
        ("turn down the song by queen to ten", 10),
        ("crank it up to ten", 10),
        ("volume ten", 10),
    ],
)
def test_by_and_to(
    make_context: Callable[..., Context], install: Callable[[str, str], Path], said: str, percent: int
) -> None:
    """Down by ten is ten less, down to ten is ten."""
    state = install("wpctl", _WPCTL)
    state.write_text("40 0")
    assert (
        set_volume(make_context(settings=dict(module.SETTINGS), said=said), level=10)
        == f"The volume is at {percent} percent."
    )


@pytest.mark.parametrize(
    ("said", "level", "percent"),
    [
        ("turn the volume down by half", "half", 20),
        ("cut the volume in half", "half", 20),
        ("turn it up by half", "half", 60),
        ("lower the volume by a quarter", "a quarter", 30),
        ("turn the volume down to half", "half", 50),
    ],
)
def test_by_a_part(
    make_context: Callable[..., Context],
    install: Callable[[str, str], Path],
    say: Callable[..., str],
    said: str,
    level: str,
    percent: int,
) -> None:
    """Down by half is half of what it was, down to half is fifty."""
    state = install("wpctl", _WPCTL)
    state.write_text("40 0")
    context = make_context(settings=dict(module.SETTINGS), said=said)
    assert say(set_volume, context, level=level) == f"The volume is at {percent} percent."


def test_ends_of_the_range(house: Context, install: Callable[[str, str], Path]) -> None:
    """Louder never goes above 100, nor quieter below 0."""
    state = install("pactl", _PACTL)
    state.write_text("96 0")
    assert change_volume(house, direction="up") == "The volume is at 100 percent."
    state.write_text("4 0")
    assert change_volume(house, direction="down") == "The volume is at 0 percent."


@pytest.mark.parametrize("level", [-1, 101, 1e9])
def test_out_of_range(house: Context, install: Callable[[str, str], Path], level: float) -> None:
    """A level outside 0 to 100 is refused, and nothing is set."""
    state = install("wpctl", _WPCTL)
    with pytest.raises(SkillError, match="from 0 to 100"):
        set_volume(house, level=level)
    assert not state.exists()


def test_next_mixer_when_one_does_not_work(house: Context, install: Callable[[str, str], Path]) -> None:
    """A mixer that is installed without its sound server gives way to the next."""
    install("wpctl", 'sys.exit("Could not connect to PipeWire")')
    state = install("amixer", _AMIXER)
    set_volume(house, level=30)
    assert state.read_text() == "30 0"


def test_no_sound_card(house: Context, install: Callable[[str, str], Path]) -> None:
    """Mixers that are there and have nothing to set: a sentence that names them."""
    install("amixer", 'sys.exit("amixer: Mixer attach default error: No such file or directory")')
    with pytest.raises(SkillError, match="no sound card that amixer can set"):
        set_volume(house, level=30)


def test_no_mixer(house: Context, install: Callable[[str, str], Path]) -> None:
    """Without any mixer the sentence holds the command that installs one."""
    with pytest.raises(MissingPiece, match="sudo apt install alsa-utils"):
        change_volume(house, direction="up")


def test_mixer_that_does_nothing(house: Context, install: Callable[[str, str], Path]) -> None:
    """A mixer that accepts the level and keeps its old one is found out."""
    install("wpctl", 'print("Volume: 0.40")')
    with pytest.raises(SkillError, match="stands at 40 percent"):
        set_volume(house, level=80)


@pytest.mark.parametrize("printed", ["", "Volume: loud", "\\xff\\xfe"])
def test_mixer_that_prints_nonsense(house: Context, install: Callable[[str, str], Path], printed: str) -> None:
    """A mixer whose answer holds no level counts as one that does not work."""
    install("wpctl", f"sys.stdout.buffer.write(b'{printed}')")
    with pytest.raises(SkillError, match="no sound card"):
        set_volume(house, level=80)


def test_mixer_that_hangs(house: Context, install: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A mixer that never ends is left."""
    monkeypatch.setattr(module, "LIMIT_S", 0.3)
    install("wpctl", "import threading; threading.Event().wait(20)")
    with pytest.raises(SkillError, match="no sound card"):
        set_volume(house, level=80)
