"""A piece of music, and finding the one that was meant among thousands. No skill lives here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

ALIKE = 80
"""A name is meant when it is like the words by this much of 100 (rapidfuzz); "katie perry" for Katy Perry scores 86."""


@dataclass(frozen=True, slots=True)
class Track:
    """One file of a music folder, or one song of MPD's database."""

    path: str
    """An absolute path, or MPD's own URI."""
    title: str
    artist: str = ""
    album: str = ""
    genre: str = ""
    number: int = 0
    """Its place on the album; 0 when unknown."""

    @property
    def key(self) -> str:
        """The same for one song in whatever file: what the household's history goes by."""
        return f"{plain(self.title)}|{plain(self.artist)}"

    def __str__(self) -> str:
        return f"{self.title} by {self.artist}" if self.artist else self.title


@dataclass(frozen=True, slots=True)
class Found:
    """What fits the words."""

    tracks: tuple[Track, ...]
    name: str
    """The name it goes by in the library: of the song, album, artist or genre."""
    kind: str
    """title, album, artist or genre"""


def plain(name: str) -> str:
    """The form in which names are compared: `The Björk & Co.` -> `bjork and co`."""
    flat = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    flat = "".join(c for c in flat if not unicodedata.combining(c))
    words = re.findall(r"\w+", flat.replace("'", ""))
    return " ".join(words[1:] if len(words) > 1 and words[0] == "the" else words)


def best_name(words: str, names: Sequence[str]) -> str | None:
    """The name most like the words; None when none is near enough."""
    from rapidfuzz import fuzz

    wanted = plain(words)
    best, best_score = None, float(ALIKE)
    for name in names:
        other = plain(name)
        score = max(fuzz.ratio(wanted, other), fuzz.token_sort_ratio(wanted, other) - 2)
        # "miles davis" is enough for "Miles Davis Quintet", "africa" for "Africa (Remastered)"
        if score < 90 and len(wanted) > 3 and f" {other} ".startswith(f" {wanted} "):
            score = 90 - min(9, (len(other) - len(wanted)) / 4)
        if score > best_score:
            best, best_score = name, score
    return best


_FIELDS: dict[str, Callable[[Track], str]] = {
    "title": lambda track: track.title,
    "album": lambda track: track.album,
    "artist": lambda track: track.artist,
    "genre": lambda track: track.genre,
}


def find(tracks: Sequence[Track], title: str = "", artist: str = "", genre: str = "") -> Found | None:
    """The tracks that fit everything said; None when nothing does.

    A title may also be an album's. Words that fit nothing in their own field are looked up in the others, for "play
    africa" and "play toto" sound alike to whoever wrote the call.
    """
    fields = [
        (words, order)
        for words, order in (
            (artist, ("artist", "album", "title", "genre")),
            (genre, ("genre", "artist", "title", "album")),
            (title, ("title", "album", "artist", "genre")),
        )
        if words
    ]
    found: Found | None = None
    left = list(tracks)
    for words, order in fields:
        found = _find_one(left, words, order)
        if found is None:
            return None
        left = list(found.tracks)
    return found


def _find_one(tracks: Sequence[Track], words: str, order: Sequence[str]) -> Found | None:
    for kind in order:
        field = _FIELDS[kind]
        name = best_name(words, sorted({field(track) for track in tracks} - {""}))
        if name is None:
            continue
        fitting = [track for track in tracks if field(track) == name]
        if kind == "title":
            fitting = fitting[:1]
        if kind == "album":
            fitting.sort(key=lambda track: (track.number, track.path))
        return Found(tuple(fitting), name, kind)
    return None
