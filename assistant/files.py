"""Where a file that is written beside and then renamed may stand."""

from __future__ import annotations

import errno
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
