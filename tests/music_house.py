"""Fixtures of the music tests: a folder with real tags, a running stand-in of mpv, and a household that has both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from music_files import NOON, SONGS, write_flac
from players import MpvSocket

from assistant.skill import Context
from skills import music

Make = Callable[..., Context]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, title, artist, album, genre in SONGS:
        number = Path(name).stem[:2] if Path(name).stem[:2].isdigit() else ""
        write_flac(tmp_path / "music" / name, title, artist, album, genre, number)
    return tmp_path / "music"


@pytest.fixture
def mpv(tmp_path: Path) -> Iterator[MpvSocket]:
    with MpvSocket(tmp_path / "mpv.sock") as running:
        yield running


@pytest.fixture
def house(folder: Path, tmp_path: Path, make_context: Make) -> Callable[..., Context]:
    settings = {**music.SETTINGS, "folder": str(folder), "mpd": "", "socket": str(tmp_path / "mpv.sock")}

    def make(now: dt.datetime = NOON, **changes: Any) -> Context:
        return make_context(now=now, settings={**settings, **changes})

    return make
