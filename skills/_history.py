"""What this household has played, skipped and liked. No skill lives here.

A player goes on to its next song by itself; `follow` notices that, whenever Hark looks at the player.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping, Sequence

from skills._players import Status
from skills._tracks import Track

HALF_LIFE_DAYS = 45.0
"""After so many days a play weighs half: what was loved last year still counts, this month's counts more."""
LIKE_WEIGHT = 3.0
SKIPPED_BEFORE = 0.5
"""A song left before this share of its length was skipped."""

_TABLES = """
CREATE TABLE IF NOT EXISTS plays (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, key TEXT NOT NULL, title TEXT NOT NULL, artist TEXT NOT NULL,
    path TEXT NOT NULL, skipped INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS music_likes (
    key TEXT PRIMARY KEY, title TEXT NOT NULL, artist TEXT NOT NULL, at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS music_queue (
    place INTEGER PRIMARY KEY, path TEXT NOT NULL, title TEXT NOT NULL, artist TEXT NOT NULL, played INTEGER NOT NULL
)"""


def prepare(db: sqlite3.Connection) -> None:
    """Make the tables. (executescript would commit the caller's transaction.)"""
    for statement in _TABLES.split(";"):
        db.execute(statement)


def begin(db: sqlite3.Connection, queue: Sequence[Track], now: dt.datetime) -> None:
    """Remember what was queued; its first song is playing."""
    db.execute("DELETE FROM music_queue")
    db.executemany(
        "INSERT INTO music_queue VALUES (?, ?, ?, ?, ?)",
        [(place, t.path, t.title, t.artist, int(place == 0)) for place, t in enumerate(queue)],
    )
    _keep(db, queue[0], now)


def current(db: sqlite3.Connection, status: Status) -> Track:
    """The track a player is at, named as it was queued; else as the player names it."""
    row = db.execute("SELECT path, title, artist FROM music_queue WHERE path = ?", (status.path,)).fetchone()
    if row:
        return Track(*row)
    stem = status.path.rpartition("/")[2].rpartition(".")[0]
    return Track(status.path, status.title or stem, status.artist)


def follow(db: sqlite3.Connection, status: Status, now: dt.datetime) -> None:
    """Keep the songs that came up since the last look: this one, and those between it and the last one known."""
    last = db.execute("SELECT path FROM plays ORDER BY id DESC LIMIT 1").fetchone()
    if last and last[0] == status.path:
        return
    place = db.execute("SELECT place FROM music_queue WHERE path = ?", (status.path,)).fetchone()
    before = db.execute("SELECT max(place) FROM music_queue WHERE played = 1").fetchone()[0]
    passed: list[Track] = []
    if place and before is not None and before < place[0]:
        rows = db.execute(
            "SELECT path, title, artist FROM music_queue WHERE place > ? AND place < ? AND played = 0 ORDER BY place",
            (before, place[0]),
        )
        passed = [Track(*row) for row in rows]
    for track in (*passed, current(db, status)):
        _keep(db, track, now)
        db.execute("UPDATE music_queue SET played = 1 WHERE path = ?", (track.path,))


def shuffled(db: sqlite3.Connection) -> None:
    """The queue's order no longer tells what came before."""
    db.execute("UPDATE music_queue SET played = 1")


def skipped(db: sqlite3.Connection, status: Status) -> None:
    """Somebody wanted another song; early in it, that counts against it."""
    if status.seconds and status.elapsed_s < status.seconds * SKIPPED_BEFORE:
        db.execute("UPDATE plays SET skipped = 1 WHERE id = (SELECT max(id) FROM plays) AND path = ?", (status.path,))


def like(db: sqlite3.Connection, track: Track, now: dt.datetime) -> None:
    """Remember a liked song."""
    db.execute(
        "INSERT OR REPLACE INTO music_likes VALUES (?, ?, ?, ?)",
        (track.key, track.title, track.artist, now.isoformat()),
    )


def play_count(db: sqlite3.Connection) -> int:
    """How many songs were played and not skipped."""
    return int(db.execute("SELECT count(*) FROM plays WHERE skipped = 0").fetchone()[0])


def favorites(db: sqlite3.Connection, tracks: Sequence[Track], now: dt.datetime) -> list[Track]:
    """The tracks that this household has played and liked most, best first; none that it rather skips."""
    scores = _scores(db, now)
    there: dict[str, Track] = {}
    for track in tracks:
        there.setdefault(track.key, track)
    liked = sorted((key for key in there if scores.get(key, 0.0) > 0), key=lambda key: -scores[key])
    return [there[key] for key in liked]


def _scores(db: sqlite3.Connection, now: dt.datetime) -> Mapping[str, float]:
    scores: dict[str, float] = {}
    for key, at, was_skipped in db.execute("SELECT key, at, skipped FROM plays"):
        age_days = max(0.0, (now - dt.datetime.fromisoformat(at)).total_seconds() / 86_400)
        weight = 0.5 ** (age_days / HALF_LIFE_DAYS)
        scores[key] = scores.get(key, 0.0) + (-weight if was_skipped else weight)
    for (key,) in db.execute("SELECT key FROM music_likes"):
        scores[key] = scores.get(key, 0.0) + LIKE_WEIGHT
    return scores


def _keep(db: sqlite3.Connection, track: Track, now: dt.datetime) -> None:
    db.execute(
        "INSERT INTO plays (at, key, title, artist, path) VALUES (?, ?, ?, ?, ?)",
        (now.isoformat(), track.key, track.title, track.artist, track.path),
    )
