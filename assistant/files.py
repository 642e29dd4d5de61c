"""Where a file that is written beside and then renamed may stand, a folder of results, and who is alone in one."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path


def place_for_file(path: Path) -> Path:
    """Where to write a whole file that was asked for as `path`; a link goes on pointing to it.

    Raises:
        OSError: `path` is a device, a FIFO or a folder; a rename would take a device's place.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is there already, and is no file", str(path))
    return path


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


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Alone with a lock file, which stays; the lock itself goes with the process, however that ends.

    Raises:
        BlockingIOError: another process holds it.
        OSError: the file cannot be written.
    """
    import fcntl

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
