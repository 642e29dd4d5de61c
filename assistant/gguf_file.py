"""Is this file a whole GGUF model? Reads the header only, so that a foreign or cut-off file costs one sentence."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from assistant.skill import ConfigError

_SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Value type -> bytes, from the GGUF specification; 8 is a string, 9 an array."""
_STRING, _ARRAY = 8, 9
_MOST = 1 << 24
"""More entries or tensors than this are no header but noise."""


class _Torn(Exception):
    """The header makes no sense, or ends too early."""


def check_gguf(path: Path, what: str, thorough: bool = False) -> Path:
    """The path, if it holds a GGUF model.

    Args:
        what: the setting or role that named it, for the message.
        thorough: read the whole header too (tenths of a second with a large vocabulary) and compare its last
            tensor's place with the length of the file.
    Raises:
        ConfigError: it is missing, foreign or cut off.
    """
    try:
        with path.open("rb") as file:
            magic = file.read(4)
            if magic != b"GGUF":
                raise ConfigError(f"{what}: {path} is not a GGUF model; choose a file that ends in .gguf")
            try:
                last = _last_tensor(file) if thorough else _version(file)
            except (_Torn, struct.error):
                raise ConfigError(f"{what}: {path} is damaged or was not downloaded to the end") from None
        if last >= path.stat().st_size:
            raise ConfigError(f"{what}: {path} is cut off; download it again")
    except OSError as error:
        raise ConfigError(f"{what}: {path} cannot be read: {error.strerror}") from None
    return path


def _unpack(file: BinaryIO, form: str) -> int:
    return int(struct.unpack("<" + form, file.read(struct.calcsize("<" + form)))[0])


def _version(file: BinaryIO) -> int:
    version = _unpack(file, "I")
    if version not in (2, 3):
        raise _Torn
    return 0


def _skip_string(file: BinaryIO) -> None:
    length = _unpack(file, "Q")
    if length > _MOST:
        raise _Torn
    if len(file.read(length)) < length:
        raise _Torn


def _skip_value(file: BinaryIO, kind: int) -> None:
    if kind == _STRING:
        _skip_string(file)
    elif kind == _ARRAY:
        inner, count = _unpack(file, "I"), _unpack(file, "Q")
        if count > _MOST or inner == _ARRAY:
            raise _Torn
        if inner in _SIZES:
            file.seek(_SIZES[inner] * count, 1)
        else:
            for _ in range(count):
                _skip_value(file, inner)
    elif kind in _SIZES:
        file.seek(_SIZES[kind], 1)
    else:
        raise _Torn


def _last_tensor(file: BinaryIO) -> int:
    """Where the last tensor's data begin, at least. Raises _Torn, struct.error."""
    _version(file)
    tensors, entries = _unpack(file, "Q"), _unpack(file, "Q")
    if not 0 < tensors <= _MOST or entries > _MOST:
        raise _Torn
    for _ in range(entries):
        _skip_string(file)
        _skip_value(file, _unpack(file, "I"))
    furthest = 0
    for _ in range(tensors):
        _skip_string(file)
        dimensions = _unpack(file, "I")
        if dimensions > 8:
            raise _Torn
        file.seek(8 * dimensions + 4, 1)
        furthest = max(furthest, _unpack(file, "Q"))
    return file.tell() + furthest
