"""Hugging Face folder -> GGUF, by llama.cpp's own converter of exactly the version that runs here.

The converter travels in the source distribution of llama-cpp-python, which is fetched once by pip and kept in the
cache folder; only the Python files of the converter are unpacked. It runs in a process of its own.
"""

from __future__ import annotations

import gzip
import importlib.metadata
import logging
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from assistant.hub import sha256
from assistant.skill import ConfigError, MissingPiece

log = logging.getLogger(__name__)
SCRIPT = "convert_hf_to_gguf.py"
SHA256 = {"0.3.36": "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"}
"""Version of llama-cpp-python -> of its source distribution; a version that is not listed is taken unchecked."""
Say = Callable[[str], None]
"""Is told what takes long."""
WANTED = ("conversion/", "gguf-py/gguf/", SCRIPT)
INSIDE = "vendor/llama.cpp/"
FETCH_S = 900
CONVERT_S = 6 * 3600


def version() -> str:
    """Of the installed llama-cpp-python."""
    return importlib.metadata.version("llama-cpp-python")


def converter(cache: Path, say: Say = log.info) -> Path:
    """The folder of the converter, fetched where it is not here yet.

    Args:
        cache: `paths.cache` of the settings; a source distribution that lies there already is used.
        say: is told what is fetched, before it is.
    Raises:
        MissingPiece: it could not be fetched, or is not what it should be.
    """
    folder = cache / f"llama.cpp-{version()}"
    if (folder / SCRIPT).is_file():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix=".llama.cpp-") as beside:
        archive = _archive(cache, Path(beside), say)
        _check(archive)
        fetched = archive.parent != cache
        if fetched:
            archive = archive.replace(cache / _archive_name())  # where unpacking fails, it is not fetched again
        unpacked = Path(beside) / "unpacked"
        _unpack(archive, unpacked)
        shutil.rmtree(folder, ignore_errors=True)
        unpacked.rename(folder)
        if fetched:
            archive.unlink()
    return folder


def _archive(cache: Path, into: Path, say: Say) -> Path:
    """The source distribution: one that somebody put into the cache folder, or from pip's index."""
    found = cache / _archive_name()
    if found.is_file():
        return found
    say(f"fetching llama.cpp's converter by pip: about 77 MB, once; it is kept in {cache}")
    # This package alone as source: pip asks its build for the version, and would build those tools from source, too.
    words = ["download", "--no-binary", "llama-cpp-python", "--no-deps", "--disable-pip-version-check", "-q"]
    words += ["-d", str(into)]
    command = [sys.executable, "-m", "pip", *words, f"llama-cpp-python=={version()}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingPiece(_not_fetched(cache, type(error).__name__)) from None
    got = sorted(into.glob("*.tar.gz"))
    if done.returncode or not got:
        raise MissingPiece(_not_fetched(cache, _last_line(done.stderr)))
    return got[0]


def _archive_name() -> str:
    return f"llama_cpp_python-{version()}.tar.gz"


def _not_fetched(cache: Path, reason: str) -> str:
    return (
        f"llama.cpp's converter could not be fetched ({reason}); try again, or put {_archive_name()} "
        f"(the source distribution) into {cache}"
    )


def _check(archive: Path) -> None:
    wanted = SHA256.get(version())
    if wanted and sha256(archive) != wanted:
        raise MissingPiece(f"{archive} is not the source distribution it should be (its checksum differs); delete it")


def _unpack(archive: Path, into: Path) -> None:
    """Write the converter's files, each by hand: `tarfile` can filter what it unpacks only since Python 3.11.4."""
    into.mkdir()
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for name, member in _members(tar):
                target = into / name
                target.parent.mkdir(parents=True, exist_ok=True)
                source = tar.extractfile(member)
                if source is not None:
                    with source, target.open("xb") as written:
                        shutil.copyfileobj(source, written)
    except _BROKEN as error:
        raise MissingPiece(f"{archive} cannot be unpacked ({error}); delete it and try again") from None
    if not (into / SCRIPT).is_file():
        raise MissingPiece(f"{archive} carries no {SCRIPT}")


_BROKEN = (
    tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile,
    FileExistsError, IsADirectoryError, NotADirectoryError,  # two entries of one name
)  # fmt: skip
"""What an archive that is none, is cut off or contradicts itself raises; a full disk is another matter."""


def _members(tar: tarfile.TarFile) -> Iterator[tuple[PurePosixPath, tarfile.TarInfo]]:
    """The converter's own files and where each stands in its folder; links and devices are none.

    Raises:
        tarfile.TarError: a file would stand outside of that folder.
    """
    for member in tar:
        _, inside, name = member.name.partition(INSIDE)
        if inside and member.isreg() and name.startswith(WANTED):
            path = PurePosixPath(name)
            if path.is_absolute() or ".." in path.parts:
                raise tarfile.TarError(f"{member.name!r} leads out of its folder")
            yield path, member


def convert(folder: Path, target: Path, cache: Path, *, vocabulary_only: bool = False) -> None:
    """Write `target` in 16-bit floats from a model folder.

    Args:
        vocabulary_only: the tokens alone; needs config.json and the tokenizer's files, and takes a few seconds.
    Raises:
        ConfigError: the converter does not know this model.
        MissingPiece: the converter is not here and cannot be fetched, or takes longer than CONVERT_S.
    """
    home = converter(cache)
    beside = target.with_name(f".{target.name}.part.gguf")  # one name, so that what a killed conversion left goes
    beside.unlink(missing_ok=True)
    words: Sequence[str] = ["--vocab-only"] if vocabulary_only else ["--outtype", "f16"]
    # It runs in its own folder, where a relative path would lead elsewhere.
    script, read, written = (path.absolute() for path in (home / SCRIPT, folder, beside))
    command = [sys.executable, str(script), str(read), "--outfile", str(written), *words]
    environment = {**os.environ, "TRANSFORMERS_OFFLINE": "1", "HF_HUB_OFFLINE": "1"}
    environment.pop("NO_LOCAL_GGUF", None)  # the gguf package of the same version, not the installed one
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=CONVERT_S, env=environment, cwd=home, check=False
        )
        if done.returncode:
            log.debug("the converter said: %s", done.stderr)
            raise ConfigError(f"llama.cpp's converter cannot convert {folder.name}: {_last_line(done.stderr)}")
        beside.replace(target)
    except subprocess.TimeoutExpired:
        raise MissingPiece(
            f"llama.cpp's converter was not done with {folder.name} after {CONVERT_S / 3600:g} hours; try again where "
            "less else is done"
        ) from None
    finally:
        beside.unlink(missing_ok=True)


def vocabulary_of(folder: Path, fingerprint: str, cache: Path, say: Say = log.info) -> Path:
    """The vocabulary-only GGUF of a base model, whatever the size of its weights; made once and kept in the cache."""
    target = cache / "vocabularies" / f"{fingerprint[:16]}-{version()}.gguf"
    if target.is_file():
        return target
    converter(cache, say)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".vocabulary-") as beside:
        for file in folder.iterdir():
            if file.is_file() and file.suffix in (".json", ".txt", ".model", ".jinja"):
                shutil.copy2(file, Path(beside) / file.name)
        (Path(beside) / "model.safetensors.index.json").unlink(missing_ok=True)  # it promises weights
        made = Path(beside) / "vocabulary.gguf"  # in a folder of this process, for others may make the same one now
        convert(Path(beside), made, cache, vocabulary_only=True)
        made.replace(target)
    return target


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no word of why"
