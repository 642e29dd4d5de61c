"""A Whisper with a shorter window: the same weights with fewer of the encoder's positions.

A Whisper of OpenAI's is fed thirty seconds of sound however short the sentence is, and reading them is most of its
work. Cut to ten seconds it reads a third. Its weights were never trained so: whether the words stay right is for
`hark eval listening` to say, on the household's own recordings.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from assistant import models
from assistant.config import Settings
from assistant.files import read_json
from assistant.skill import ConfigError, MissingPiece

log = logging.getLogger(__name__)

LEAST_S = 3
POSITIONS = "encoder/position_encodings/encodings"
FIRST_LAYER = "encoder/conv1/weight"
SOUND = {"feature_size": 80, "sampling_rate": 16_000, "hop_length": 160, "chunk_length": 30, "n_fft": 400}
"""What faster-whisper takes a model's sound to be where its folder does not say."""
PREPROCESSOR = "preprocessor_config.json"
CONVERT_S = 1800


@dataclass(frozen=True, slots=True)
class Variable:
    """One array in a model.bin."""

    shape: tuple[int, ...]
    head: int
    """Where the number of its dimensions stands, in bytes from the file's beginning."""
    data: int
    """Where its numbers begin."""
    bytes: int


def make(settings: Settings, what: str, seconds: int) -> str:
    """Make a variant of a listening model with a shorter window, beside the pulled ones.

    Args:
        what: "shipped", a pulled model's name, a folder converted for CTranslate2, or one in Hugging Face's form.
        seconds: of the new window.
    Returns:
        Its name, for `models.use`.
    Raises:
        ConfigError: there is no such model, or it cannot be cut so.
        MissingPiece: it is not on this device, a library for its conversion is missing, or the disk did not do.
    """
    source = _source(settings, what)
    name = f"{what if not Path(what).is_dir() else source.name}-{seconds}s"
    partial = models.pulled_folder(settings) / ".partial" / name
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        with tempfile.TemporaryDirectory(dir=partial.parent) as room:
            whole = source if (source / "model.bin").is_file() else convert(source, Path(room) / source.name)
            models.check_whisper(whole)
            shorten(whole, partial, seconds)
        models.check_whisper(partial)
        models.install(settings, partial, name, {"made_from": what, "window_s": seconds})
    except OSError as error:
        folder = models.pulled_folder(settings)
        raise MissingPiece(f"{folder} cannot be written: {error.strerror}; then cut it again") from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return name


def _source(settings: Settings, what: str) -> Path:
    return Path(what).resolve() if Path(what).is_dir() else models.listening_model(settings, what).path


def convert(source: Path, folder: Path) -> Path:
    """Convert a Whisper in Hugging Face's form to CTranslate2's int8, in a process of its own: it needs torch.

    Raises:
        ConfigError: it is no Whisper.
        MissingPiece: torch or transformers is not installed.
    """
    config = _json(source / "config.json")
    if config.get("model_type") != "whisper":
        raise ConfigError(
            f"{source} is no Whisper: neither one converted for CTranslate2 nor one in Hugging Face's form"
        )
    if not all(map(importlib.util.find_spec, ("torch", "transformers"))):
        raise MissingPiece(f"{source} is in Hugging Face's form; to convert it run `pip install 'hark[train]'`")
    kept = [name for name in ("tokenizer.json", PREPROCESSOR) if (source / name).is_file()]
    command = [
        sys.executable, "-m", "ctranslate2.converters.transformers", "--quantization", "int8",
        "--model", str(source), "--output_dir", str(folder), *(("--copy_files", *kept) if kept else ()),
    ]  # fmt: skip
    try:
        done = subprocess.run(
            command, env={**os.environ, "HF_HUB_OFFLINE": "1"}, capture_output=True, text=True, timeout=CONVERT_S,
            check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise ConfigError(f"{source} could not be converted within {CONVERT_S // 60} minutes") from None
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"code {done.returncode}"
        log.debug("the conversion of %s said: %s", source, done.stderr)
        raise ConfigError(f"{source} could not be converted ({last.rstrip('.')})")
    return folder


def shorten(source: Path, folder: Path, seconds: int) -> None:
    """Write the model with a shorter window into a folder that is there.

    Raises:
        ConfigError: the window would not be shorter, is too short, or the file is not laid out as known.
        OSError: it cannot be written.
    """
    sound = {**SOUND, **_json(source / PREPROCESSOR)}
    with (source / "model.bin").open("rb") as file:
        found = variables(file, source / "model.bin")
        positions, first = found.get(POSITIONS), found.get(FIRST_LAYER)
        if positions is None or first is None or len(positions.shape) != 2 or len(first.shape) != 3:
            raise ConfigError(f"{source / 'model.bin'} has no table of positions to cut")
        mels = first.shape[1]
        per_s = sound["sampling_rate"] / sound["hop_length"] / 2
        rows = -(-int(2 * per_s * seconds) // 2)
        longest_s = positions.shape[0] / per_s
        if seconds < LEAST_S or rows <= mels + 1:
            raise ConfigError(f"a window of {seconds} s is too short for {source.name}; take {LEAST_S} s or more")
        if rows >= positions.shape[0]:
            raise ConfigError(f"the window of {source.name} is {longest_s:.0f} s; {seconds} s would not be shorter")
        with (folder / "model.bin").open("wb") as out:
            _copy_cut(file, out, positions, rows)
    for other in source.iterdir():
        if other.suffix in (".json", ".txt", ".npz") and other.name not in (PREPROCESSOR, "model.bin"):
            shutil.copyfile(other, folder / other.name)
    text = json.dumps({**sound, "feature_size": mels, "chunk_length": seconds}, indent=1)
    (folder / PREPROCESSOR).write_text(text + "\n", encoding="utf-8")


def _copy_cut(file: IO[bytes], out: IO[bytes], table: Variable, rows: int) -> None:
    """Copy a model.bin with the first `rows` of one table of two dimensions."""
    file.seek(0)
    out.write(file.read(table.head))
    rank, _, columns, kind, _ = struct.unpack("<BIIBI", file.read(14))
    kept = table.bytes // table.shape[0] * rows
    out.write(struct.pack("<BIIBI", rank, rows, columns, kind, kept))
    out.write(file.read(kept))
    file.seek(table.data + table.bytes)
    shutil.copyfileobj(file, out, 1 << 20)


def variables(file: IO[bytes], path: Path) -> Mapping[str, Variable]:
    """Where each array of a model.bin lies.

    Raises:
        ConfigError: it is cut off, or of a version that is laid out otherwise.
    Source:
        `ctranslate2.specs.model_spec`, which writes it: little-endian; strings end with a zero that counts.
    """
    found: dict[str, Variable] = {}
    try:
        (version,) = _unpack(file, "<I")
        if not 4 <= version <= 6:
            raise ConfigError(f"{path} has version {version} of CTranslate2's format; convert the model again")
        _text(file)
        _, count = _unpack(file, "<II")
        for _ in range(count):
            name = _text(file)
            head = file.tell()
            (rank,) = _unpack(file, "<B")
            shape = _unpack(file, f"<{rank}I")
            _, size = _unpack(file, "<BI")
            found[name] = Variable(tuple(shape), head, file.tell(), size)
            file.seek(size, 1)
        _unpack(file, "<I")  # how many aliases follow; where the file is cut off before, it is found here
    except (struct.error, UnicodeDecodeError):
        raise ConfigError(f"{path} is cut off or damaged") from None
    return found


def _unpack(file: IO[bytes], form: str) -> tuple[int, ...]:
    return struct.unpack(form, file.read(struct.calcsize(form)))


def _text(file: IO[bytes]) -> str:
    (length,) = _unpack(file, "<H")
    return file.read(length)[:-1].decode()


def _json(path: Path) -> Mapping[str, Any]:
    try:
        found = read_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
