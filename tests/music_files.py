"""Music for tests: a few songs, real files with real tags, and what the household has played."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from mutagen.flac import FLAC

from assistant.skill import Context

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)

SONGS = [
    ("Iron Maiden/Powerslave/01 - Aces High.flac", "Aces High", "Iron Maiden", "Powerslave", "Metal"),
    ("Iron Maiden/Powerslave/02 - Powerslave.flac", "2 Minutes to Midnight", "Iron Maiden", "Powerslave", "Metal"),
    ("Miles Davis/Kind of Blue/02.flac", "Freddie Freeloader", "Miles Davis", "Kind of Blue", "Jazz"),
    ("Miles Davis/Kind of Blue/01.flac", "So What", "Miles Davis", "Kind of Blue", "Jazz"),
    ("loose/blumen.flac", "Häßliche Blumen", "Björk & Co.", "", "Electronic"),
    ("loose/africa.flac", "Africa (Remastered 2015)", "Toto", "", "Rock"),
    ("loose/yesterday.flac", "Yesterday", "The Beatles", "Help!", "Rock"),
]


def write_flac(path: Path, title: str, artist: str = "", album: str = "", genre: str = "", number: str = "") -> Path:
    """The smallest FLAC that carries tags: a STREAMINFO block and nothing after it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    info = bytes.fromhex("1000100000000000000000ac40f000000000") + bytes(16)
    path.write_bytes(b"fLaC\x80\x00\x00\x22" + info)
    tags = {"title": title, "artist": artist, "album": album, "genre": genre, "tracknumber": number}
    flac = FLAC(path)
    flac.update({name: value for name, value in tags.items() if value})
    flac.save()
    return path


def plays(context: Context) -> list[tuple[str, int]]:
    with context.database() as db:
        return list(db.execute("SELECT title, skipped FROM plays ORDER BY id"))
