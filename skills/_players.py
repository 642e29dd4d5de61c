"""What plays music: the interface of a player, and mpv over its JSON IPC socket. No skill lives here.

mpv runs by itself and outlives the command that started it, so that "pause", said to another process of Hark an hour
later, still reaches it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import stat
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from assistant.skill import MissingPiece, SkillError
from skills._tracks import Track

MAX_QUEUE = 500
ANSWER_S = 2.0
START_S = 4.0
"""mpv needs 0.1 s on a desk and about 1.5 s on a small board with a slow card."""


class PlayerError(SkillError):
    """The player did not do it; the message is said."""


@dataclass(frozen=True, slots=True)
class Status:
    """What a player is at."""

    path: str
    title: str
    """As the player reads it from the file; "" when it does not."""
    artist: str
    paused: bool
    elapsed_s: float
    seconds: float
    """0 when unknown."""


class Jukebox(Protocol):
    """A collection of music and what plays it. Every method raises SkillError."""

    def tracks(self) -> list[Track]:
        """All that can be played."""

    def playlist(self, words: str) -> tuple[str, list[str]] | None:
        """The name and the paths of the playlist that is meant."""

    def append(self, words: str, tracks: Sequence[Track]) -> tuple[str, int]:
        """Put tracks on the playlist that is meant; returns its name and how many were new."""

    def play(self, paths: Sequence[str]) -> None:
        """Play these instead of what plays now; raises PlayerError when no sound begins."""

    def act(self, action: str) -> None:
        """pause, resume, next, previous, stop, shuffle or repeat."""

    def status(self) -> Status | None:
        """None when nothing is loaded."""


def default_socket() -> Path:
    """Where mpv listens: a folder that belongs to this user alone. Raises SkillError when somebody else owns it."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    folder = (
        Path(runtime) if runtime and Path(runtime).is_dir() else Path(tempfile.gettempdir()) / f"hark-{os.getuid()}"
    )
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.lstat().st_uid != os.getuid() or not folder.is_dir():
        raise SkillError(f"{folder} belongs to somebody else; name another socket under [skills.music].")
    return folder / "hark-mpv.sock"


@dataclass(frozen=True, slots=True)
class Mpv:
    """mpv, started when the first song is asked for; it ends by itself after the last."""

    socket: Path
    program: str = "mpv"
    options: Sequence[str] = ()

    def play(self, paths: Sequence[str]) -> None:
        """Replace the queue. Raises MissingPiece without mpv, PlayerError when no file can be heard."""
        if not paths:
            raise PlayerError("There is nothing to play.")
        wire = self._connect() or self._start()
        with contextlib.closing(wire):
            wire.ask("set_property", "pause", False)
            wire.ask("set_property", "loop-file", "no")
            for number, path in enumerate(paths[:MAX_QUEUE]):
                wire.send("loadfile", path, "append" if number else "replace")
            wire.wait_for_sound()

    def act(self, action: str) -> None:
        """Raises PlayerError when nothing plays, or there is no next song."""
        commands: dict[str, tuple[Any, ...]] = {
            "pause": ("set_property", "pause", True),
            "resume": ("set_property", "pause", False),
            "next": ("playlist-next", "weak"),
            "previous": ("playlist-prev", "weak"),
            "stop": ("quit",),
            "shuffle": ("playlist-shuffle",),
            "repeat": ("set_property", "loop-file", "inf"),
        }
        wire = self._connect()
        if wire is None:
            raise PlayerError("Nothing is playing.")
        with contextlib.closing(wire):
            if action in ("next", "previous"):
                place = int(wire.ask("get_property", "playlist-pos"))
                last = int(wire.ask("get_property", "playlist-count")) - 1
                if (action == "next" and place >= last) or (action == "previous" and place <= 0):
                    raise PlayerError(f"There is no {action} song.")
            wire.ask(*commands[action])

    def status(self) -> Status | None:
        """None when mpv does not run or has nothing loaded."""
        wire = self._connect()
        if wire is None:
            return None
        with contextlib.closing(wire):
            try:
                return _read_status(wire)
            except PlayerError:
                if wire.hung_up:
                    return None
                raise

    def _connect(self) -> _Wire | None:
        """The running mpv; None when there is none. Raises PlayerError for a socket that is not ours."""
        try:
            there = self.socket.lstat()
        except OSError:
            return None
        if not stat.S_ISSOCK(there.st_mode) or there.st_uid != os.getuid():
            raise PlayerError(f"{self.socket} is not a socket of ours; name another under [skills.music].")
        plug = socket.socket(socket.AF_UNIX)
        plug.settimeout(ANSWER_S)
        wire = _Wire(plug)
        try:
            plug.connect(str(self.socket))
            wire.ask("get_property", "pid")
        except (OSError, PlayerError) as failure:
            wire.close()
            # one that hangs up at once is just ending, as mpv does after its last song
            if isinstance(failure, OSError) or wire.hung_up:
                return None
            raise
        return wire

    def _start(self) -> _Wire:
        if not shutil.which(self.program):
            raise MissingPiece("Music needs a player; install one with: sudo apt install mpv")
        self.socket.unlink(missing_ok=True)
        words = [self.program, "--idle=once", "--no-video", "--no-terminal", f"--input-ipc-server={self.socket}"]
        process = subprocess.Popen(
            [*words, *self.options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            wire = self._connect()
            if wire is not None:
                # somebody must collect it when it ends, or it stays in the process table
                threading.Thread(target=process.wait, name="hark-player", daemon=True).start()
                return wire
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.05)
                break
        process.kill()
        process.wait()
        raise PlayerError("The player mpv does not start.")


def _read_status(wire: _Wire) -> Status | None:
    path = wire.read("path")
    if not path:
        return None
    tags = {str(key).lower(): str(value) for key, value in (wire.read("metadata") or {}).items()}
    return Status(
        path=str(path),
        title=tags.get("title", tags.get("icy-title", "")),
        artist=tags.get("artist", ""),
        paused=bool(wire.read("pause")),
        elapsed_s=float(wire.read("time-pos") or 0),
        seconds=float(wire.read("duration") or 0),
    )


@dataclass(slots=True)
class _Wire:
    """One connection to mpv: a line of JSON each way, events in between."""

    plug: socket.socket
    rest: bytes = b""
    number: int = 0
    hung_up: bool = False

    def close(self) -> None:
        self.plug.close()

    def send(self, *command: Any) -> int:
        """Send without waiting; returns the number that the answer will carry."""
        self.number += 1
        line = json.dumps({"command": command, "request_id": self.number}) + "\n"
        try:
            self.plug.sendall(line.encode())
        except OSError as failure:
            self.hung_up = True
            raise PlayerError("The player does not answer.") from failure
        return self.number

    def ask(self, *command: Any) -> Any:
        """The answer's data. Raises PlayerError when mpv refuses or does not answer."""
        number = self.send(*command)
        for message in self._messages(ANSWER_S):
            if "event" not in message and message.get("request_id") == number:
                if message.get("error") != "success":
                    raise PlayerError(f"The player refused: {message.get('error')}.")
                return message.get("data")
        if command == ("quit",):
            return None  # mpv may hang up before it answers that
        raise PlayerError("The player does not answer.")

    def read(self, name: str) -> Any:
        """A property; None while mpv has none to give."""
        try:
            return self.ask("get_property", name)
        except PlayerError as failure:
            if "unavailable" in str(failure):
                return None
            raise

    def wait_for_sound(self) -> None:
        """Until the first song sounds and all that was sent is taken. Raises PlayerError when every file fails."""
        why, begun, sounds, taken = "", False, False, False
        for message in self._messages(START_S):
            event = message.get("event")
            begun = begun or event == "start-file"
            sounds = sounds or (begun and event == "playback-restart")
            taken = taken or message.get("request_id") == self.number
            if sounds and taken:
                break
            if event == "end-file" and message.get("reason") == "error":
                why = str(message.get("file_error", ""))
        # without a sound card mpv begins all the same, and gives up a moment later
        with contextlib.suppress(PlayerError):
            if sounds and self.read("current-ao"):
                return
        if sounds or "audio output" in why:
            raise PlayerError("There is no loudspeaker that the player can use.")
        raise PlayerError(f"The player cannot play that{f': {why}' if why else ''}.")

    def _messages(self, limit_s: float) -> Iterator[dict[str, Any]]:
        """What mpv says, until it hangs up or the time is over."""
        until = time.monotonic() + limit_s
        while True:
            line, newline, rest = self.rest.partition(b"\n")
            if newline:
                self.rest = rest
                with contextlib.suppress(ValueError):
                    message = json.loads(line)
                    if isinstance(message, dict):
                        yield message
                continue
            left_s = until - time.monotonic()
            if left_s <= 0:
                return
            self.plug.settimeout(left_s)
            try:
                part = self.plug.recv(65_536)
            except TimeoutError:
                return
            except OSError:
                part = b""
            if not part:
                self.hung_up = True
                return
            self.rest += part
