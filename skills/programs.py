"""Start programs that the household has allowed by name; nothing that is said ever becomes part of a command."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from assistant.skill import Ask, ConfigError, Context, SkillError, skill

SETTINGS: dict[str, Any] = {"programs": {}}
"""`[skills.programs.programs]`: name -> the program and its arguments, `backup = ["rsync", "-a", "home", "disk"]`."""

ALIKE = 85
"""How much of 100 a heard name must be like an allowed one (rapidfuzz ratio): "back up" for backup scores 92."""
SETTLE_S = 0.4
"""A program that fails within this time is reported as failed."""


@skill(
    confirm=True,
    examples=[
        "run [backup](name)",
        "open [firefox](name)",
        "start the [photo sync](name) program",
        "launch [steam](name)",
        "execute [the nightly cleanup](name)",
        "please open [the calculator](name)",
        "start [kodi](name) on the board",
        "can you run the [garden watering](name) script",
        "open up [the web browser](name)",
        "i'd like you to launch [the text editor](name)",
        "run program [disk check](name)",
        "fire up [the media center](name)",
        "open the [spreadsheet](name) application",
        "start up [blender](name) for me",
        "run my [report](name) script now",
    ],
)
def run_program(context: Context, *, name: str) -> str:
    """Start a program from the household's list."""
    allowed = _allowed(context.settings["programs"])
    if not allowed:
        raise SkillError("No programs are allowed yet; name some under skills.programs.programs in the settings.")
    chosen = _choose(name, list(allowed))
    try:
        process = subprocess.Popen(
            allowed[chosen],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except FileNotFoundError as failure:
        raise SkillError(f"The program for {chosen} is not on this device.") from failure
    except (OSError, ValueError) as failure:
        raise SkillError(f"I could not start {chosen}.") from failure
    try:
        code = process.wait(timeout=SETTLE_S)
    except subprocess.TimeoutExpired:
        # somebody must collect it when it ends, or it stays in the process table
        threading.Thread(target=process.wait, name="hark-program", daemon=True).start()
        return f"I started {chosen}."
    if code:
        raise SkillError(f"{chosen} ended at once with error {code}.")
    return f"{chosen} has run."


def _allowed(table: Any) -> Mapping[str, Sequence[str]]:
    """The allow-list, checked. Raises ConfigError."""
    for name, words in table.items() if isinstance(table, Mapping) else [("", None)]:
        if not isinstance(words, (list, tuple)) or not words or not all(isinstance(word, str) for word in words):
            raise ConfigError(
                f'skills.programs.programs.{name} must be a list of words: ["rsync", "-a", "home", "disk"]'
            )
    return dict(table)


def _choose(name: str, known: Sequence[str]) -> str:
    """The one allowed name that was meant. Raises Ask when none or several are near."""
    from rapidfuzz import fuzz

    def plain(text: str) -> str:
        words = text.casefold().replace("_", " ").replace("-", " ").split()
        return "".join(word for word in words if word not in ("the", "a", "my", "program", "script"))

    scores = {other: fuzz.ratio(plain(name), plain(other)) for other in known}
    best = max(scores.values())
    near = [other for other, score in scores.items() if score == best]
    if best >= ALIKE and len(near) == 1:
        return near[0]
    raise Ask(f"I may not start {name}. I can start: {', '.join(sorted(known))}.")
