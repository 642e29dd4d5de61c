"""What every command group shares: the settings, where answers are written, and progress on a terminal.

A group is a module with `register(app: typer.Typer) -> None`, named in the entry-point group `hark.commands`; its
commands take `context: typer.Context` and ask `frame(context)` for the settings.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import typer

from assistant.config import Settings, default_file, load_settings
from assistant.files import keep_mode, place_for_file

SAID, WRONG_USE, BROKEN_OFF = 1, 2, 130
"""Exit codes beside 0: the turn failed for a reason that was said; wrong use; Ctrl-C."""


class UsageError(Exception):
    """The command line asks for something that cannot be; the message says what to write."""


@dataclass
class Frame:
    """What was said on the command line before the command's own words."""

    config: Path | None = None
    flags: tuple[str, ...] = ()

    @functools.cached_property
    def settings(self) -> Settings:
        """All layers of settings. Raises ConfigError."""
        return load_settings(self.config, flags=self.flags)

    def settings_file(self) -> Path:
        """The file that a command writes a setting to; it may not exist yet."""
        return self.settings.file or self.config or default_file(os.environ)


def frame(context: typer.Context) -> Frame:
    """The frame of this command line."""
    found = context.find_object(Frame)
    return found if found is not None else Frame()


def claim_output() -> TextIO:
    """The real standard output, for the one answer; whatever else prints from now on goes to standard error."""
    output, sys.stdout = sys.stdout, sys.stderr
    return output


def write_json(output: TextIO, value: Mapping[str, Any]) -> None:
    """One JSON object on a line of its own."""
    output.write(json.dumps(value, ensure_ascii=False) + "\n")
    output.flush()


def so_many(count: int, noun: str) -> str:
    """1 case, 1,200 cases."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def tell(sentence: str) -> None:
    """A remark beside the answer, on standard error."""
    sys.stderr.write(sentence + "\n")


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[TextIO]:
    """A text file that appears under its name only when it is complete. Raises OSError that names `path`, where it is
    a device or a FIFO ("/dev/stdout"), too: a rename would take its place."""
    path = place_for_file(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with beside.open("w", encoding="utf-8") as output:
            keep_mode(path, output)
            yield output
        beside.replace(path)
    except OSError as error:
        if error.filename == str(beside):  # nobody asked for that one
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    finally:
        with contextlib.suppress(OSError):  # it could not even be written
            beside.unlink(missing_ok=True)


LINE_EVERY_S = 20.0
"""How often work of many minutes says in a pipe how far it is."""


@contextlib.contextmanager
def progress(title: str, total: int | None, line_every_s: float | None = None) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal; yields a function that is told how far the work is.

    Args:
        line_every_s: in a pipe, a line on standard error when it begins and as often as this; None for none at all.
    """
    if not sys.stderr.isatty():
        yield (lambda _done: None) if line_every_s is None else _lines(title, total, line_every_s)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(None), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)


def _lines(title: str, total: int | None, every_s: float) -> Callable[[int], None]:
    tell(f"{title} ...")
    last = time.monotonic()

    def told(done: int) -> None:
        nonlocal last
        if time.monotonic() - last >= every_s:
            last = time.monotonic()
            tell(f"{title}: {done}" + (f" of {total}" if total else ""))

    return told
