"""Which music there is and what plays it: MPD where one answers, else the folder with mpv. No skill lives here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.skill import Context, SkillError
from skills._library import Library
from skills._mpd import Mpd
from skills._players import Jukebox, Mpv, Status, default_socket
from skills._tracks import Track


@dataclass(frozen=True, slots=True)
class Folder:
    """The household's own folder, played by mpv."""

    library: Library
    mpv: Mpv

    def tracks(self) -> list[Track]:
        return self.library.tracks()

    def playlist(self, words: str) -> tuple[str, list[str]] | None:
        return self.library.playlist(words)

    def append(self, words: str, tracks: Sequence[Track]) -> tuple[str, int]:
        return self.library.append(words, tracks)

    def play(self, paths: Sequence[str]) -> None:
        self.mpv.play(paths)

    def act(self, action: str) -> None:
        self.mpv.act(action)

    def status(self) -> Status | None:
        return self.mpv.status()


def folder(context: Context) -> Folder:
    """The folder of the settings, and its player. Raises SkillError."""

    settings = context.settings
    try:
        path = Path(str(settings["folder"])).expanduser()
    except RuntimeError as failure:
        raise SkillError("I have no music folder; name one as folder under [skills.music].") from failure
    socket = Path(str(settings["socket"])) if settings["socket"] else default_socket()
    return Folder(Library(path, context.database), Mpv(socket, str(settings["mpv"]), list(settings["mpv_options"])))


def server(context: Context) -> Mpd | None:
    """MPD, where the household has one and it answers."""
    if not context.settings["mpd"]:
        return None
    mpd = Mpd.from_setting(str(context.settings["mpd"]))
    return mpd if mpd.is_there() else None


def choose(context: Context) -> Jukebox:
    """Where new music comes from: MPD where one answers, else the folder."""
    return server(context) or folder(context)


def playing(context: Context) -> tuple[Jukebox, Status]:
    """What plays, or else what is paused. Raises SkillError when neither."""
    paused: tuple[Jukebox, Status] | None = None
    for jukebox in (server(context), folder(context)):
        status = jukebox.status() if jukebox else None
        if jukebox and status and not status.paused:
            return jukebox, status
        if jukebox and status and paused is None:
            paused = jukebox, status
    if paused is None:
        raise SkillError("Nothing is playing.")
    return paused
