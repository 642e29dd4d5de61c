"""Stand-ins for the two players: MPD's line protocol over TCP, and mpv's JSON IPC over a Unix socket.

Run as a program (`python players.py --input-ipc-server=...`) the mpv one plays the part of the executable.
"""

from __future__ import annotations

import contextlib
import json
import shlex
import socket
import sys
import threading
from pathlib import Path
from typing import Any

SECONDS = 200.0
"""How long every song of the stand-ins lasts."""


class _Listener:
    """Accepts connections until the block ends, each served by its own thread."""

    def __init__(self, plug: socket.socket) -> None:
        self.fault = ""
        self.over = threading.Event()
        self._plug = plug
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Any:
        self._plug.listen()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.over.set()
        for plug in (self._plug, *self._open):
            with contextlib.suppress(OSError):
                plug.shutdown(socket.SHUT_RDWR)
            plug.close()

    def serve(self, plug: socket.socket) -> None:
        """Talk to one client."""
        raise NotImplementedError

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while not self.over.is_set():
                plug, _ = self._plug.accept()
                self._open.append(plug)
                threading.Thread(target=self._guarded, args=(plug,), daemon=True).start()

    def _guarded(self, plug: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), plug:
            if self.fault == "slow":
                self.over.wait(20)
            elif self.fault != "drop":
                self.serve(plug)


class MpdServer(_Listener):
    """MPD 0.23: a database of songs, one queue, stored playlists, and a password where one is set."""

    def __init__(self, songs: list[dict[str, str]], password: str = "") -> None:
        plug = socket.socket()
        plug.bind(("127.0.0.1", 0))
        super().__init__(plug)
        self.address = f"127.0.0.1:{plug.getsockname()[1]}"
        self.songs = {song["file"]: song for song in songs}
        self.password = password
        self.queue: list[str] = []
        self.playlists: dict[str, list[str]] = {}
        self.place = 0
        self.state = "stop"
        self.elapsed = 30.0
        self.modes = {"single": "0", "repeat": "0", "random": "0"}
        self.log: list[str] = []

    def serve(self, plug: socket.socket) -> None:
        lines = plug.makefile("r", encoding="utf-8")
        plug.sendall(b"HTTP/1.1 400 Bad Request\n" if self.fault == "garbage" else b"OK MPD 0.23.5\n")
        allowed, listed, gathered = not self.password, False, ""
        for line in lines:
            name, *words = shlex.split(line)
            if name == "command_list_ok_begin":
                listed, gathered = True, ""
                continue
            if name == "command_list_end":
                plug.sendall(f"{gathered}OK\n".encode())
                listed = False
                continue
            if name == "password":
                allowed = words == [self.password]
                answer = "" if allowed else "ACK [3@0] {password} incorrect password\n"
            elif not allowed and name != "ping":
                answer = f'ACK [4@0] {{{name}}} you don\'t have permission for "{name}"\n'
            else:
                self.log.append(name)
                answer = self._command(name, words)
            if answer.startswith("ACK"):
                plug.sendall(answer.encode())
                listed = False
            elif listed:
                gathered += f"{answer}list_OK\n"
            else:
                plug.sendall(f"{answer}OK\n".encode())

    def _command(self, name: str, words: list[str]) -> str:
        if name in self.modes:
            self.modes[name] = words[0]
            return ""
        handler = getattr(self, f"_do_{name}", None)
        return handler(*words) if handler else f'ACK [5@0] {{}} unknown command "{name}"\n'

    def _do_ping(self) -> str:
        return ""

    def _do_listallinfo(self) -> str:
        return "directory: music\n" + "".join(self._song(path) for path in self.songs)

    def _do_listplaylists(self) -> str:
        return "".join(f"playlist: {name}\nLast-Modified: 2026-03-02T11:00:00Z\n" for name in self.playlists)

    def _do_listplaylistinfo(self, name: str) -> str:
        return "".join(self._song(path) for path in self.playlists[name])

    def _do_playlistadd(self, name: str, path: str) -> str:
        if path not in self.songs:
            return "ACK [50@0] {playlistadd} No such directory\n"
        self.playlists.setdefault(name, []).append(path)
        return ""

    def _do_clear(self) -> str:
        self.queue, self.place, self.state = [], 0, "stop"
        return ""

    def _do_add(self, path: str) -> str:
        if path not in self.songs:
            return "ACK [50@0] {add} No such directory\n"
        self.queue.append(path)
        return ""

    def _do_play(self, place: str = "0") -> str:
        self.place, self.state = int(place), "play"
        return ""

    def _do_pause(self, on: str) -> str:
        self.state = "pause" if on == "1" else "play"
        return ""

    def _do_next(self) -> str:
        self.place += 1
        return ""

    def _do_previous(self) -> str:
        self.place -= 1
        return ""

    def _do_stop(self) -> str:
        self.state = "stop"
        return ""

    def _do_shuffle(self) -> str:
        self.queue.reverse()
        return ""

    def _do_status(self) -> str:
        modes = "".join(f"{name}: {value}\n" for name, value in self.modes.items())
        text = f"volume: 50\n{modes}playlist: 2\nplaylistlength: {len(self.queue)}\nstate: {self.state}\n"
        if self.state == "stop":
            return text
        return f"{text}song: {self.place}\nsongid: 1\nelapsed: {self.elapsed}\nduration: {SECONDS}\n"

    def _do_currentsong(self) -> str:
        return self._song(self.queue[self.place]) if self.queue else ""

    def _song(self, path: str) -> str:
        return "".join(f"{key}: {value}\n" for key, value in self.songs[path].items())


class MpvSocket(_Listener):
    """mpv's JSON IPC: commands, properties and events. A file that does not exist cannot be played."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        plug = socket.socket(socket.AF_UNIX)
        plug.bind(str(path))
        super().__init__(plug)
        self.playlist: list[str] = []
        self.place = -1
        self.elapsed = 30.0
        self.properties: dict[str, Any] = {"pause": False, "loop-file": False, "pid": 1, "current-ao": "alsa"}
        self.log: list[list[Any]] = []

    def serve(self, plug: socket.socket) -> None:
        for line in plug.makefile("r", encoding="utf-8"):
            if self.fault == "garbage":
                plug.sendall(b"\xff\xfe not json\n")
                continue
            asked = json.loads(line)
            command = asked["command"]
            self.log.append(command)
            data, error, events = self._command(command)
            answer = {"data": data, "request_id": asked.get("request_id", 0), "error": error}
            # real mpv mixes events and answers freely
            for message in ({"event": "property-change", "id": 1}, answer, *events):
                plug.sendall((json.dumps(message) + "\n").encode())
            if command[0] == "quit":
                self.close()

    def _command(self, command: list[Any]) -> tuple[Any, str, list[dict[str, Any]]]:
        name, words = command[0], command[1:]
        if name == "get_property":
            value = self._property(words[0])
            return value, "success" if value is not None else "property unavailable", []
        if name == "set_property":
            self.properties[words[0]] = words[1]
            return None, "success", []
        if name == "loadfile":
            return self._load(*words)
        if name in ("playlist-next", "playlist-prev"):
            self.place += 1 if name == "playlist-next" else -1
            return None, "success", [{"event": "start-file", "playlist_entry_id": self.place}]
        if name == "playlist-shuffle":
            self.playlist.reverse()
            return None, "success", []
        return None, "success" if name == "quit" else "invalid parameter", []

    def _load(self, path: str, how: str) -> tuple[Any, str, list[dict[str, Any]]]:
        if how == "append":
            self.playlist.append(path)
            return {"playlist_entry_id": len(self.playlist)}, "success", []
        self.playlist, self.place = [path], 0
        events: list[dict[str, Any]] = [{"event": "start-file", "playlist_entry_id": 1}]
        if Path(path).exists():
            events += [{"event": "file-loaded"}, {"event": "playback-restart"}]
        else:
            events += [{"event": "end-file", "reason": "error", "file_error": "loading failed"}, {"event": "idle"}]
            self.place = -1
        return {"playlist_entry_id": 1}, "success", events

    def _property(self, name: str) -> Any:
        if name in self.properties:
            return self.properties[name]
        if name == "playlist-count":
            return len(self.playlist)
        if name == "playlist-pos":
            return self.place
        if not 0 <= self.place < len(self.playlist):
            return None
        path = self.playlist[self.place]
        return {
            "path": path, "time-pos": self.elapsed, "duration": SECONDS, "metadata": {"TITLE": Path(path).stem},
        }.get(name)  # fmt: skip


def main(words: list[str]) -> None:
    """Be mpv until somebody says quit."""
    path = next(word.partition("=")[2] for word in words if word.startswith("--input-ipc-server="))
    with MpvSocket(Path(path)) as player:
        player.over.wait(30)


if __name__ == "__main__":
    main(sys.argv[1:])
