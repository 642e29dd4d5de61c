"""A terminal's keys, one at a time, and a line that is edited with them."""

from __future__ import annotations

import codecs
import os
import select
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

ESCAPE_S = 0.05
"""A lone escape is one that nothing follows for so long."""
_SEQUENCES = {
    "[D": "left",
    "OD": "left",
    "[C": "right",
    "OC": "right",
    "[H": "home",
    "OH": "home",
    "[1~": "home",
    "[F": "end",
    "OF": "end",
    "[4~": "end",
    "[3~": "delete",
    "[A": "up",
    "[B": "down",
    "OA": "up",
    "OB": "down",
}
_CONTROLS = {
    "\r": "enter",
    "\n": "enter",
    "\x7f": "backspace",
    "\x08": "backspace",
    "\x01": "home",
    "\x05": "end",
    "\x15": "clear",
    "\x0b": "cut",
    "\x17": "word",
    "\x04": "end of input",
    "\x0c": "redraw",
}


@contextmanager
def raw(descriptor: int) -> Iterator[None]:
    """Keys come one by one and are not shown; Ctrl-C still interrupts. The terminal is put back in the end."""
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def keys(descriptor: int) -> Iterator[str]:
    """Every key that is pressed: a character, or the name of a key ("enter", "left"); ends when the terminal does."""
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    waiting = ""
    while True:
        if not waiting:
            read = os.read(descriptor, 1024)
            if not read:
                return
            waiting = decoder.decode(read)
            continue
        if waiting[0] == "\x1b":
            if len(waiting) < 3 and select.select([descriptor], [], [], ESCAPE_S)[0]:
                waiting += decoder.decode(os.read(descriptor, 1024))
            key, waiting = _escape(waiting)
        else:
            key, waiting = _CONTROLS.get(waiting[0], waiting[0]), waiting[1:]
        if key:
            yield key


def _escape(waiting: str) -> tuple[str, str]:
    """The key at the start of what begins with an escape, and the rest; "" for one that is not known."""
    for length in (2, 3):
        if waiting[1 : 1 + length] in _SEQUENCES:
            return _SEQUENCES[waiting[1 : 1 + length]], waiting[1 + length :]
    if waiting[1:2] in ("[", "O"):
        end = next((at for at, c in enumerate(waiting[2:], 2) if c.isalpha() or c == "~"), len(waiting) - 1)
        return "", waiting[end + 1 :]
    return "escape", waiting[1:]


@dataclass
class Line:
    """One line of text under a cursor."""

    text: str
    at: int = -1
    """The cursor stands before this character; -1 for the end."""

    def __post_init__(self) -> None:
        self.at = len(self.text) if self.at < 0 else self.at

    def press(self, key: str) -> None:
        """One key of editing; one that edits nothing is ignored."""
        before, after = self.text[: self.at], self.text[self.at :]
        if len(key) == 1 and key.isprintable():
            before += key
        elif key == "backspace":
            before = before[:-1]
        elif key == "delete":
            after = after[1:]
        elif key == "word":
            before = before.rstrip().rpartition(" ")[0]
            before += " " if before else ""
        elif key == "clear":
            before = ""
        elif key == "cut":
            after = ""
        self.text, self.at = before + after, len(before)
        moves = {"left": max(0, self.at - 1), "right": min(len(self.text), self.at + 1), "home": 0}
        self.at = moves.get(key, len(self.text) if key == "end" else self.at)
