"""The loudness of the system: PipeWire, PulseAudio or ALSA, whichever is there.

Levels are always percent: "volume to eleven" is 11 of 100. The mixer is asked afterwards what it holds now, and that is
what is said.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from assistant.readers import say_number
from assistant.skill import Context, MissingPiece, Number, SkillError, skill

SETTINGS = {"step": 10, "control": ""}
"""`step`: percent for "louder"; `control`: ALSA's name of the mixer control, "" for the first that fits."""

LIMIT_S = 3.0
_INSTALL = "I found no mixer to set the volume with; install one with: sudo apt install alsa-utils"
_CONTROLS = ("Master", "PCM", "Speaker", "Headphone", "HDMI", "Digital")


class MixerError(Exception):
    """This mixer program is there but does not work here."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """What a mixer holds."""

    percent: int
    muted: bool


@dataclass(frozen=True, slots=True)
class Mixer:
    """A mixer program: how to read it, set it and mute it. Each raises MixerError."""

    read: Callable[[], Loudness]
    set_percent: Callable[[int], object]
    mute: Callable[[bool], object]


_BY = re.compile(
    r"\b(?:up|louder|raise|increase|(?P<down>down|lower|decrease|reduce|quieter|softer|drop|cut))\b"
    r"(?:.*(?:\bby\b(?! the way)(?!.*\b(?:to|at)\b)|\bin half\b)"
    r"|(?!.*\b(?:to|at|full|half|halfway|all|max\w*|min\w*|make|set|put|want)\b)"
    r"(?:\s+[\w-]+){1,5}?%?(?:,?\s+please)?[.!]?$)"
)
"""Said of how much louder or quieter ("down by ten", "volume up two"), and not of how loud."""
_BY_AHEAD = re.compile(
    r"^(?!.*\b(?:to|at)\b).*(?:\bby\b(?! the way).*|percent|%|\d)\s+(?:up|louder|(?P<down>down|quieter|softer))\b"
)
"""The same with the amount first: "bring it by ten percent down", "ten percent louder"."""
_PART = re.compile(r"\b(?:by|in) (?:an? |one |two |three )?(?:half|thirds?|quarters?|fifths?)\b")
"""Said of a part of the loudness that there is, and not of the whole scale."""


@skill(
    examples=[
        "set the volume to [fifty percent](level)",
        "volume to [eleven](level)",
        "volume [30](level)",
        "set volume at [seventy](level)",
        "please put the volume on [twenty five](level)",
        "change the volume to [80 percent](level)",
        "i want the volume at [40%](level)",
        "make the volume [sixty](level)",
        "could you set the speaker volume to [5](level)",
        "turn the volume up to [ninety percent](level)",
        "turn it down to [ten percent](level)",
        "lower the volume to [15](level)",
        "volume level [three](level)",
        "adjust the sound to [35 percent](level)",
        "raise the volume to [a hundred](level)",
        "bring the volume down to [zero](level)",
        "my volume should be at [four](level)",
    ]
)
def set_volume(context: Context, *, level: Number) -> str:
    """Set the loudness to a level from 0 to 100."""
    percent = round(level * 100) if 0 < level < 1 else round(level)
    if not 0 <= percent <= 100:
        raise SkillError(f"The volume goes from 0 to 100; {say_number(level)} is outside.")
    mixer, before = _find_mixer(context)
    said = context.said.casefold()
    if by := _BY.search(said) or _BY_AHEAD.search(said):
        change = round(before.percent * percent / 100) if _PART.search(said) else percent
        percent = min(100, max(0, before.percent + (-change if by["down"] else change)))
    return _say(_change(mixer, percent, muted=False if percent else None))


@skill(
    examples=[
        "[louder](direction=up)",
        "turn it [up](direction=up)",
        "turn the volume [up](direction=up) please",
        "[increase](direction=up) the volume",
        "could you speak a little [louder](direction=up)",
        "i can't [hear](direction=up) you",
        "[raise](direction=up) the sound a bit",
        "make it [louder](direction=up)",
        "pump [up](direction=up) the volume",
        "[quieter](direction=down)",
        "turn it [down](direction=down)",
        "volume [down](direction=down)",
        "[lower](direction=down) the volume",
        "that's [too loud](direction=down)",
        "please [decrease](direction=down) the speaker volume",
        "can you turn the music [down](direction=down) a notch",
        "make the sound [softer](direction=down)",
        "[mute](direction=mute)",
        "[mute](direction=mute) the speakers",
        "turn [off the sound](direction=mute)",
        "[silence](direction=mute) the speaker please",
        "go into [silent](direction=mute) mode",
        "[unmute](direction=unmute)",
        "turn the sound [back on](direction=unmute)",
        "please [unmute](direction=unmute) yourself",
        "take the speakers [off mute](direction=unmute)",
    ]
)
def change_volume(context: Context, *, direction: Literal["up", "down", "mute", "unmute"]) -> str:
    """Make the sound louder or quieter, or switch it off and on again."""
    mixer, before = _find_mixer(context)
    if direction in ("mute", "unmute"):
        return _say(_change(mixer, None, muted=direction == "mute"))
    step = int(context.settings["step"])
    percent = before.percent + (step if direction == "up" else -step)
    return _say(_change(mixer, min(100, max(0, percent)), muted=False if direction == "up" else None))


def _say(now: Loudness) -> str:
    if now.muted:
        return "The sound is off."
    return f"The volume is at {say_number(now.percent)} percent."


def _change(mixer: Mixer, percent: int | None, *, muted: bool | None) -> Loudness:
    """Change what is not None, and return what the mixer holds then. Raises SkillError when it holds something else."""
    try:
        if percent is not None:
            mixer.set_percent(percent)
        if muted is not None and mixer.read().muted != muted:
            mixer.mute(muted)
        now = mixer.read()
    except MixerError as failure:
        raise SkillError("The mixer did not do it.") from failure
    # steps of a sound card are as coarse as 1/31
    if (percent is not None and abs(now.percent - percent) > 4) or (muted is not None and now.muted != muted):
        raise SkillError(
            f"The mixer did not do it: it stands at {now.percent} percent{', muted' if now.muted else ''}."
        )
    return now


def _find_mixer(context: Context) -> tuple[Mixer, Loudness]:
    """The first mixer that is installed and answers, with what it holds. Raises MissingPiece or SkillError."""
    makers: dict[str, Callable[[], Mixer]] = {
        "wpctl": _pipewire,
        "pactl": _pulse,
        "amixer": partial(_alsa, str(context.settings["control"])),
    }
    installed = [name for name in makers if shutil.which(name)]
    if not installed:
        raise MissingPiece(_INSTALL)
    for name in installed:
        try:
            mixer = makers[name]()
            return mixer, mixer.read()
        except MixerError:
            continue
    raise SkillError(f"There is no sound card that {' or '.join(installed)} can set.")


def _run(*words: str) -> str:
    """What a mixer program prints. Raises MixerError."""
    try:
        done = subprocess.run(
            words,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=LIMIT_S,
            check=False,
            text=True,
            errors="replace",
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise MixerError(str(failure)) from failure
    if done.returncode:
        raise MixerError(done.stderr.strip())
    return done.stdout


def _find(pattern: str, printed: str) -> str:
    match = re.search(pattern, printed)
    if not match:
        raise MixerError(f"no {pattern} in the mixer's answer")
    return match.group(1)


def _pipewire() -> Mixer:
    sink = "@DEFAULT_AUDIO_SINK@"

    def read() -> Loudness:
        printed = _run("wpctl", "get-volume", sink)
        return Loudness(round(float(_find(r"Volume: (\d+(?:\.\d+)?)", printed)) * 100), "[MUTED]" in printed)

    return Mixer(
        read,
        lambda percent: _run("wpctl", "set-volume", sink, f"{percent}%"),
        lambda muted: _run("wpctl", "set-mute", sink, str(int(muted))),
    )


def _pulse() -> Mixer:
    sink = "@DEFAULT_SINK@"

    def read() -> Loudness:
        percent = int(_find(r"(\d+)%", _run("pactl", "get-sink-volume", sink)))
        return Loudness(percent, _find(r"Mute: (yes|no)", _run("pactl", "get-sink-mute", sink)) == "yes")

    return Mixer(
        read,
        lambda percent: _run("pactl", "set-sink-volume", sink, f"{percent}%"),
        lambda muted: _run("pactl", "set-sink-mute", sink, str(int(muted))),
    )


def _alsa(control: str) -> Mixer:
    if not control:
        there = re.findall(r"Simple mixer control '([^']+)'", _run("amixer", "scontrols"))
        control = next((name for name in _CONTROLS if name in there), there[0] if there else "Master")

    def read() -> Loudness:
        printed = _run("amixer", "-M", "sget", control)
        return Loudness(int(_find(r"\[(\d+)%\]", printed)), "[off]" in printed)

    return Mixer(
        read,
        lambda percent: _run("amixer", "-M", "sset", control, f"{percent}%"),
        lambda muted: _run("amixer", "-M", "sset", control, "mute" if muted else "unmute"),
    )
