"""Where a file that is written beside and then renamed may stand, a folder of results, its lock, JSON and TOML."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any


def place_for_file(path: Path) -> Path:
    """Where to write a whole file that was asked for as `path`; a link goes on pointing to it.

    Raises:
        OSError: `path` is a device, a FIFO or a folder; a rename would take a device's place.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is there already, and is no file", str(path))
    return path


def keep_mode(path: Path, beside: IO[Any]) -> None:
    """Give the open file, which will take the place of `path`, the mode of that: a private one stays private."""
    with contextlib.suppress(FileNotFoundError):
        os.fchmod(beside.fileno(), stat.S_IMODE(path.stat().st_mode))


def json_text(value: Any, indent: int | None = None) -> str:
    """JSON that any file takes: of a file's name what is no UTF-8 is escaped; what JSON does not know is a string."""
    text = json.dumps(value, ensure_ascii=False, indent=indent, default=str)
    return text.encode(errors="backslashreplace").decode() + "\n"


def refuse_folder(path: Path) -> None:
    """Refuse a folder that could not be made or written to, before hours of work are lost to it; nothing is made.

    Raises:
        OSError: something else stands in its way, or it may not be written to.
    """
    there = next(part for part in (path.absolute(), *path.absolute().parents) if part.exists())
    if not there.is_dir():
        raise OSError(errno.ENOTDIR, "it is no folder", str(there))
    if not os.access(there, os.W_OK | os.X_OK):
        raise OSError(errno.EACCES, "it may not be written to", str(there))


TOO_DEEP = "it is nested too deeply; write it flatter"


def read_json(text: str | bytes) -> Any:
    """What a JSON text says; what only Python minds is said in words that help who wrote the text.

    Raises:
        json.JSONDecodeError, UnicodeDecodeError: it is not JSON.
        ValueError: it holds a number with too many digits, or is nested too deeply.
    """
    return _parsed(json.loads, text)


def read_toml(text: str) -> dict[str, Any]:
    """What a TOML text says. Raises tomllib.TOMLDecodeError, and ValueError as `read_json` does."""
    found: dict[str, Any] = _parsed(tomllib.loads, text)
    return found


def _parsed(parse: Callable[[Any], Any], text: str | bytes) -> Any:
    try:
        return parse(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    except ValueError:
        most = sys.get_int_max_str_digits()
        raise ValueError(f"a number in it has more than {most:,} digits; write a shorter one") from None


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Alone with a lock file, which stays; the lock itself goes with the process, however that ends.

    Raises:
        BlockingIOError: another process holds it.
        OSError: the file cannot be written.
    """
    with path.open("w") as file:
        lock(file)
        yield


def lock(file: IO[Any]) -> None:
    """Alone with an open file until it is closed, or the process ends. Raises BlockingIOError: another one holds it."""
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
