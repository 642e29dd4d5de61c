"""A folder of music files: its index in the household's database, and its m3u playlists. No skill lives here.

What is known from the file's name is there at once; tags are read a slice at a time, newest files first, so that a
folder of thousands costs no turn more than `READ_S`.
"""

from __future__ import annotations

import contextlib
import os
import re
import sqlite3
import struct
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from assistant.skill import SkillError
from skills._tracks import Track, best_name

SUFFIXES = frozenset(
    (".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".wav", ".wma", ".aiff", ".aif", ".ape")
)
READ_S = 3.0
MAX_FILES = 100_000

_TABLE = """
CREATE TABLE IF NOT EXISTS music_tracks (
    path TEXT PRIMARY KEY, folder TEXT NOT NULL, changed_ns INTEGER NOT NULL, tagged INTEGER NOT NULL,
    title TEXT NOT NULL, artist TEXT NOT NULL, album TEXT NOT NULL, genre TEXT NOT NULL, number INTEGER NOT NULL
)"""
_ROW = "INSERT OR REPLACE INTO music_tracks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"

_TAGS = {
    "title": ("title", "TIT2", "Title"),
    "artist": ("artist", "TPE1", "Author"),
    "albumartist": ("albumartist", "TPE2", "WM/AlbumArtist"),
    "album": ("album", "TALB", "WM/AlbumTitle"),
    "genre": ("genre", "TCON", "WM/Genre"),
    "tracknumber": ("tracknumber", "TRCK", "WM/TrackNumber"),
}
"""The same tag in what mutagen makes easy, in ID3 inside WAV and AIFF, and in WMA."""

Opener = Callable[[], AbstractContextManager[sqlite3.Connection]]


@dataclass(frozen=True, slots=True)
class Library:
    """One folder, indexed through `open`."""

    folder: Path
    open: Opener

    def tracks(self) -> list[Track]:
        """Every track that is there now. Raises SkillError when there is no such folder."""
        if not self.folder.is_dir():
            raise SkillError(f"There is no music folder {self.folder}; name yours as folder under [skills.music].")
        there = dict(_walk(self.folder))
        with self.open() as db:
            db.execute(_TABLE)
            unread = _refresh(db, str(self.folder), there)
        _read_tags(self, unread)
        with self.open() as db:
            rows = db.execute(
                "SELECT path, title, artist, album, genre, number FROM music_tracks WHERE folder = ? ORDER BY path",
                (str(self.folder),),
            ).fetchall()
        return [Track(*row) for row in rows]

    def names(self) -> list[str]:
        """Playlists, artists, albums and titles, as far as the index knows them."""
        with self.open() as db:
            db.execute(_TABLE)
            rows = db.execute("SELECT artist, album, title FROM music_tracks WHERE folder = ?", (str(self.folder),))
            columns = list(zip(*rows, strict=True))
        return list(dict.fromkeys([*self.playlists(), *(name for column in columns for name in column if name)]))

    def playlists(self) -> dict[str, Path]:
        """Name -> m3u file."""
        files = (path for path in self.folder.rglob("*") if path.suffix.lower() in (".m3u", ".m3u8"))
        return {path.stem: path for path in sorted(files)}

    def playlist(self, words: str) -> tuple[str, list[str]] | None:
        """The name and the files of the playlist that is meant; None when there is none."""
        playlists = self.playlists()
        name = best_name(words, list(playlists))
        if name is None:
            return None
        return name, [path for path in _entries(playlists[name]) if Path(path).is_file()]

    def append(self, words: str, tracks: Sequence[Track]) -> tuple[str, int]:
        """Put tracks at the end of the playlist that is meant, or of a new one.

        Returns:
            Its name, and how many were new to it.
        Raises:
            SkillError: the folder cannot be written.
        """
        playlists = self.playlists()
        name = best_name(words, list(playlists)) or " ".join(re.sub(r"[^\w' -]+", " ", words).split()) or "playlist"
        path = playlists.get(name, self.folder / f"{name}.m3u8")
        try:
            known = set(_entries(path)) if path.exists() else set()
            new = [track for track in tracks if track.path not in known]
            text = _decode(path.read_bytes()) if path.exists() else "#EXTM3U\n"
            lines = "".join(f"#EXTINF:-1,{_line(track)}\n{_relative(track.path, path.parent)}\n" for track in new)
            if new:
                _write(path, f"{text}{'' if text.endswith(chr(10)) else chr(10)}{lines}")
        except OSError as failure:
            raise SkillError(f"I cannot write the playlist {name} in the music folder.") from failure
        return name, len(new)


def _walk(folder: Path) -> Iterator[tuple[str, int]]:
    """Every music file and when it changed, in nanoseconds since 1970."""
    count = 0
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            if name.startswith(".") or Path(name).suffix.lower() not in SUFFIXES:
                continue
            path = Path(root, name)
            with contextlib.suppress(OSError, UnicodeEncodeError):
                str(path).encode()  # a name that is no UTF-8 fits neither SQLite nor the player
                yield str(path), path.stat().st_mtime_ns
                count += 1
            if count >= MAX_FILES:
                return


def _refresh(db: sqlite3.Connection, folder: str, there: dict[str, int]) -> list[str]:
    """Make the table's rows those of the files that are there; returns the files whose tags are not read yet."""
    rows = db.execute("SELECT path, changed_ns, tagged FROM music_tracks WHERE folder = ?", (folder,))
    known = {path: (changed, tagged) for path, changed, tagged in rows}
    db.executemany("DELETE FROM music_tracks WHERE path = ?", [(path,) for path in known if path not in there])
    changed = [path for path, changed_ns in there.items() if known.get(path, (None,))[0] != changed_ns]
    db.executemany(_ROW, [_row(_guess(path), folder, there[path], tagged=False) for path in changed])
    unread = {path for path, (_, tagged) in known.items() if not tagged and path in there} | set(changed)
    return sorted(unread, key=lambda path: -there[path])


def _row(track: Track, folder: str, changed_ns: int, *, tagged: bool) -> tuple[str | int, ...]:
    return (
        track.path, folder, changed_ns, int(tagged), track.title, track.artist, track.album, track.genre, track.number
    )  # fmt: skip


def _guess(path: str) -> Track:
    """What the file's name says: `Artist/Album/01 - Title.mp3`, `Artist - Title.mp3`."""
    stem = Path(path).stem.replace("_", " ")
    numbered = re.match(r"(\d{1,3})[\s.-]+(?=\S)(.+)", stem)
    number, rest = (int(numbered[1]), numbered[2]) if numbered else (0, stem)
    artist, dash, title = rest.partition(" - ")
    folders = Path(path).parts[-3:-1]
    if not dash:
        return Track(path, rest.strip(), folders[0] if len(folders) == 2 and number else "", "", "", number)
    return Track(path, title.strip(), artist.strip(), "", "", number)


def _read_tags(library: Library, unread: Sequence[str]) -> None:
    """Read tags for at most READ_S, and keep them in one short transaction."""
    if not unread:
        return
    until = time.monotonic() + READ_S
    read = []
    for path in unread:
        if time.monotonic() > until:
            break
        read.append(_tagged(path))
    with library.open() as db:
        db.executemany(
            "UPDATE music_tracks SET (title, artist, album, genre, number, tagged) = (?, ?, ?, ?, ?, 1) WHERE path = ?",
            [(t.title, t.artist, t.album, t.genre, t.number, t.path) for t in read],
        )


def _tagged(path: str) -> Track:
    """The file's tags, with the name's guess where it has none."""
    import mutagen

    guess = _guess(path)
    try:
        tags = mutagen.File(path, easy=True)
    # damaged files raise more than mutagen's own error; the guess stands then
    except (mutagen.MutagenError, OSError, ValueError, LookupError, TypeError, AttributeError, EOFError, struct.error):
        return guess
    if tags is None or not tags.tags:
        return guess

    def first(name: str) -> str:
        for key in _TAGS[name]:
            try:
                value = tags.tags.get(key)
            except (KeyError, ValueError):
                continue
            if value:
                return " ".join(str(value[0] if isinstance(value, list) else value).split())[:300]
        return ""

    number = re.match(r"\d{1,4}", first("tracknumber"))
    return Track(
        path,
        first("title") or guess.title,
        first("artist") or first("albumartist") or guess.artist,
        first("album"),
        first("genre"),
        int(number[0]) if number else guess.number,
    )


def _entries(path: Path) -> list[str]:
    """The files of a playlist, absolute, in order."""
    try:
        lines = _decode(path.read_bytes()).splitlines()
    except OSError:
        return []
    names = (line.strip() for line in lines)
    return [os.path.normpath(path.parent / name) for name in names if name and not name.startswith("#")]


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _line(track: Track) -> str:
    return f"{track.artist} - {track.title}" if track.artist else track.title


def _relative(path: str, folder: Path) -> str:
    """Relative where that is possible, so that the folder can move."""
    try:
        return os.path.relpath(path, folder)
    except ValueError:
        return path


def _write(path: Path, text: str) -> None:
    """Beside, then renamed: a playlist is whole or as it was."""
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            Path(beside).chmod(path.stat().st_mode & 0o777)
        else:
            Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise
