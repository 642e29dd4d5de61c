"""What skill tests share: a context on a temporary database, with a clock that stands still."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assistant.skill import Context

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=ZoneInfo("Europe/Paris"))
"""A Monday."""

ContextMaker = Callable[..., Context]


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    """Where `make_context`'s database lies, for tests that open it from a second process."""
    return tmp_path / "hark.db"


@pytest.fixture
def make_context(database_file: Path) -> ContextMaker:
    """Builds contexts that share one database: `make_context(now=..., settings={...}, household=...)`."""

    @contextmanager
    def database() -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(database_file, timeout=5)
        try:
            with connection:
                yield connection
        finally:
            connection.close()

    def make(now: dt.datetime = NOON, settings: dict[str, Any] | None = None, **more: Any) -> Context:
        return Context(now=now, settings=settings or {}, database=database, **more)

    return make


@pytest.fixture
def context(make_context: ContextMaker) -> Context:
    """One plain context at NOON, with no settings."""
    return make_context()
