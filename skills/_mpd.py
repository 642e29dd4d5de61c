"""MPD, where one answers: its own database, playlists and queue. No skill lives here."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.skill import ConfigError, SkillError
from skills._players import MAX_QUEUE, PlayerError, Status
from skills._tracks import Track, best_name

CONNECT_S = 0.5
"""MPD stands in the house: who does not answer within this time is not there."""
ANSWER_S = 4.0


@dataclass(frozen=True, slots=True)
class Mpd:
    """One MPD server."""

    host: str
    port: int
    password: str = ""

    @classmethod
    def from_setting(cls, setting: str) -> Mpd:
        """`localhost:6600`, `secret@player.local`. Raises ConfigError."""
        password, _, address = setting.rpartition("@")
        match = re.fullmatch(r"([^\s:]+|\[[0-9a-fA-F:]+\])(?::(\d{1,5}))?", address)
        if match is None:
            raise ConfigError(f'skills.music.mpd is "{setting}"; write "localhost:6600", or "" for none')
        return cls(match[1].strip("[]"), int(match[2] or 6600), password)

    def is_there(self) -> bool:
        """Whether an MPD answers at once."""
        try:
            with self._talk() as client:
                client.ping()
        except SkillError:
            return False
        return True

    def tracks(self) -> list[Track]:
        """The whole database."""
        with self._talk() as client:
            return [_track(row) for row in client.listallinfo() if row.get("file")]

    def playlist(self, words: str) -> tuple[str, list[str]] | None:
        """The stored playlist that is meant."""
        with self._talk() as client:
            name = best_name(words, [row["playlist"] for row in client.listplaylists()])
            if name is None:
                return None
            return name, [row["file"] for row in client.listplaylistinfo(name) if row.get("file")]

    def append(self, words: str, tracks: Sequence[Track]) -> tuple[str, int]:
        """Put tracks on a stored playlist; a new one is made where none is meant."""
        found = self.playlist(words)
        name = found[0] if found else " ".join(re.sub(r"[^\w' -]+", " ", words).split()) or "playlist"
        known = set(found[1]) if found else set()
        new = [track for track in tracks if track.path not in known]
        with self._talk() as client:
            for track in new:
                client.playlistadd(name, track.path)
        return name, len(new)

    def play(self, paths: Sequence[str]) -> None:
        """Replace the queue."""
        with self._talk() as client:
            client.command_list_ok_begin()
            client.clear()
            client.single(0)
            client.repeat(0)
            for path in paths[:MAX_QUEUE]:
                client.add(path)
            client.play(0)
            client.command_list_end()
            status = client.status()
        if status.get("state") != "play":
            raise PlayerError(f"The music player cannot play that: {status.get('error', 'it stays silent')}.")

    def act(self, action: str) -> None:
        """Raises PlayerError when nothing plays, or there is no next song."""
        with self._talk() as client:
            status = client.status()
            if status.get("state") == "stop":
                raise PlayerError("Nothing is playing.")
            place, length = int(status.get("song", 0)), int(status.get("playlistlength", 0))
            if (action == "next" and place >= length - 1) or (action == "previous" and place <= 0):
                raise PlayerError(f"There is no {action} song.")
            if action == "repeat":
                client.repeat(1)
                client.single(1)
            elif action in ("pause", "resume"):
                client.pause(int(action == "pause"))
            else:
                getattr(client, action)()

    def status(self) -> Status | None:
        """None when it is stopped."""
        with self._talk() as client:
            status, song = client.status(), client.currentsong()
        if status.get("state") not in ("play", "pause") or not song.get("file"):
            return None
        return Status(
            path=song["file"],
            title=_text(song.get("title", "")),
            artist=_text(song.get("artist", "")),
            paused=status["state"] == "pause",
            elapsed_s=float(status.get("elapsed", 0)),
            seconds=float(status.get("duration", 0)),
        )

    @contextlib.contextmanager
    def _talk(self) -> Iterator[Any]:
        """A connection for a few commands. Raises SkillError for whatever MPD or the network does wrong."""
        import mpd

        client = mpd.MPDClient()
        client.timeout = CONNECT_S
        try:
            client.connect(self.host, self.port)
            client.timeout = ANSWER_S
            if self.password:
                client.password(self.password)
            yield client
        except mpd.CommandError as failure:
            if "password" in str(failure) or "permission" in str(failure):
                raise SkillError(
                    "MPD wants a password; write it before the address: secret@localhost:6600."
                ) from failure
            raise PlayerError("The music player MPD refused that.") from failure
        except (mpd.MPDError, OSError, ValueError, KeyError) as failure:
            raise PlayerError("The music player MPD does not answer.") from failure
        finally:
            with contextlib.suppress(mpd.MPDError, OSError):
                client.disconnect()


def _text(value: Any) -> str:
    """A tag; MPD gives several values as a list."""
    return str(value[0] if isinstance(value, list) and value else value or "")


def _track(row: dict[str, Any]) -> Track:
    number = re.match(r"\d{1,4}", _text(row.get("track", "")))
    stem = row["file"].rpartition("/")[2].rpartition(".")[0]
    return Track(
        row["file"],
        _text(row.get("title", "")) or stem,
        _text(row.get("artist", "")),
        _text(row.get("album", "")),
        _text(row.get("genre", "")),
        int(number[0]) if number else 0,
    )
