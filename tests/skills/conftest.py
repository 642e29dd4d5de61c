"""What skill tests share: a context on a temporary database, with a clock that stands still."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from assistant.readers import read_arguments
from assistant.skill import Context
from assistant.trace import Database

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

    database = Database(database_file)

    def make(now: dt.datetime = NOON, settings: dict[str, Any] | None = None, **more: Any) -> Context:
        return Context(now=now, settings=settings or {}, database=database.open, **more)

    return make


@pytest.fixture
def context(make_context: ContextMaker) -> Context:
    """One plain context at NOON, with no settings."""
    return make_context()


@pytest.fixture
def say() -> Callable[..., str]:
    """Runs a skill on the words of its arguments, as the assistant does: `say(set_timer, context, duration="1 h")`."""

    def run(function: Callable[..., str], context: Context, **words: str) -> str:
        skill = function.__skill__  # type: ignore[attr-defined]
        return function(context, **read_arguments(skill, words, now=context.now, household=context.household))

    return run
