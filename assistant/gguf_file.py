"""A GGUF file without llama.cpp: is it a whole model, and what is in one of its tensors?

The `gguf` package can do both, and takes a fifth of a second to import: a third of what one answer takes in all.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

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
                named = path.suffix.lower() == ".gguf"
                hint = ", whatever its name says; download it again" if named else "; choose a file that ends in .gguf"
                raise ConfigError(f"{what}: {path} is not a GGUF model{hint}")
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


def _string(file: BinaryIO) -> str:
    length = _unpack(file, "Q")
    raw = file.read(length) if length <= _MOST else b""
    if len(raw) < length:
        raise _Torn
    return raw.decode(errors="replace")


def _skip_value(file: BinaryIO, kind: int) -> None:
    if kind == _STRING:
        _string(file)
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


@dataclass(frozen=True, slots=True)
class _Tensor:
    """Where a tensor lies."""

    name: str
    shape: tuple[int, ...]
    """As numpy has it: the outermost dimension first."""
    kind: int
    offset: int
    """From the start of the data."""


def _tensors(file: BinaryIO) -> Iterator[_Tensor]:
    """The tensors' places; afterwards the file stands at the header's end. Raises _Torn, struct.error."""
    _version(file)
    tensors, entries = _unpack(file, "Q"), _unpack(file, "Q")
    if not 0 < tensors <= _MOST or entries > _MOST:
        raise _Torn
    for _ in range(entries):
        _string(file)
        _skip_value(file, _unpack(file, "I"))
    for _ in range(tensors):
        name = _string(file)
        dimensions = _unpack(file, "I")
        if dimensions > 8:
            raise _Torn
        shape = tuple(_unpack(file, "Q") for _ in range(dimensions))
        yield _Tensor(name, shape[::-1], _unpack(file, "I"), _unpack(file, "Q"))


def _last_tensor(file: BinaryIO) -> int:
    """Where the last tensor's data begin, at least. Raises _Torn, struct.error."""
    furthest = max(tensor.offset for tensor in _tensors(file))
    return file.tell() + furthest


_F32, _F16, _Q8_0 = 0, 1, 8
_BLOCK = 32
"""Q8_0: a 16-bit scale and so many 8-bit numbers. A GGUF's data begin at a multiple of as many bytes."""


def read_tensor(path: Path, name: str) -> NDArray[np.float32]:
    """The numbers of a tensor that is kept in F32, F16 or Q8_0.

    Raises:
        ConfigError: the file is damaged, has no such tensor, or keeps it in another type.
    """
    with path.open("rb") as file:
        try:
            if file.read(4) != b"GGUF":
                raise _Torn
            places = {tensor.name: tensor for tensor in _tensors(file)}
        except (_Torn, struct.error):
            raise ConfigError(f"{path} is damaged or was not downloaded to the end") from None
        tensor = places.get(name)
        if tensor is None or tensor.kind not in (_F32, _F16, _Q8_0):
            raise ConfigError(f"{path} has no {name} that can be read")
        file.seek(-(-file.tell() // _BLOCK) * _BLOCK + tensor.offset)
        count = math.prod(tensor.shape)
        size = {_F32: 4 * count, _F16: 2 * count, _Q8_0: count // _BLOCK * (_BLOCK + 2)}[tensor.kind]
        raw = file.read(size)
    if len(raw) < size:
        raise ConfigError(f"{path} is cut off; download it again")
    if tensor.kind != _Q8_0:
        return np.frombuffer(raw, "<f4" if tensor.kind == _F32 else "<f2").astype(np.float32).reshape(tensor.shape)
    blocks = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("numbers", "i1", _BLOCK)]))
    numbers: NDArray[np.float32] = blocks["scale"].astype(np.float32)[:, None] * blocks["numbers"]
    return numbers.reshape(tensor.shape)
