"""How llama.cpp's converter comes out of its archive; the archives are made here, nothing is fetched."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from assistant.skill import MissingPiece
from finetune.larger import convert

GOOD = {convert.SCRIPT: b"print()", "conversion/llama.py": b"1", "gguf-py/gguf/scripts/dump.py": b"2"}
Kind = tuple[bytes, str]
"""The type of an entry that is no file, and what it points to."""


@pytest.fixture(autouse=True)
def other_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version of which no checksum is listed: the archives here are not the real one."""
    monkeypatch.setattr(convert, "version", lambda: "9.9.9")


def write_archive(file: Path, entries: Mapping[str, bytes | Kind]) -> Path:
    """A source distribution with these entries below vendor/llama.cpp."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(file, "w:gz") as tar:
        for name, what in entries.items():
            member = tarfile.TarInfo(f"llama_cpp_python-9.9.9/{convert.INSIDE}{name}")
            if isinstance(what, bytes):
                member.size = len(what)
                tar.addfile(member, io.BytesIO(what))
            else:
                member.type, member.linkname = what
                tar.addfile(member)
    return file


def in_cache(cache: Path, entries: Mapping[str, bytes | Kind]) -> Path:
    """The archive where `converter` looks for one before it fetches."""
    return write_archive(cache / "llama_cpp_python-9.9.9.tar.gz", entries)


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_is_unpacked_by_the_first_python_311(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python before 3.11.4 has no filters in tarfile and no `TarInfo.replace`; the converter unpacks there, too."""
    whole = tarfile.TarFile.extractall

    def extractall(tar: tarfile.TarFile, path: Path, members: object = None, *, numeric_owner: bool = False) -> None:
        whole(tar, path, members, numeric_owner=numeric_owner)  # type: ignore[arg-type]

    for name in ("data_filter", "tar_filter", "fully_trusted_filter"):
        monkeypatch.delattr(tarfile, name, raising=False)
    monkeypatch.delattr(tarfile.TarInfo, "replace", raising=False)
    monkeypatch.setattr(tarfile.TarFile, "extractall", extractall)
    in_cache(tmp_path, {**GOOD, "src/llama.cpp": b"not wanted"})
    assert files_of(convert.converter(tmp_path)) == GOOD


@pytest.mark.parametrize(
    "name",
    [
        "conversion/../../../../evil.py",
        "gguf-py/gguf/../../../evil.py",
        "conversion/..",
        f"{convert.SCRIPT}/../../evil",
    ],
)
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    """An entry outside of the converter's folder is named, and nothing is left of the unpacking."""
    cache = tmp_path / "a" / "b"
    in_cache(cache, {**GOOD, name: b"evil"})
    with pytest.raises(MissingPiece, match=r"cannot be unpacked .*leads out of its folder"):
        convert.converter(cache)
    assert list(files_of(tmp_path)) == ["a/b/llama_cpp_python-9.9.9.tar.gz"]


def test_absolute_names_links_and_devices_are_passed_over(tmp_path: Path) -> None:
    """Only files are unpacked: an absolute name is not the converter's, and nothing is written through a link."""
    outside = tmp_path / "outside"
    outside.mkdir()
    hostile: dict[str, bytes | Kind] = {
        "conversion/way": (tarfile.SYMTYPE, str(outside)),
        "conversion/way/evil.py": b"evil",
        "conversion/hard.py": (tarfile.LNKTYPE, str(outside / "evil.py")),
        "conversion/pipe": (tarfile.FIFOTYPE, ""),
        "conversion/null": (tarfile.CHRTYPE, ""),
        f"{outside}/evil.py": b"evil",
    }
    in_cache(tmp_path / "cache", {**hostile, **GOOD})
    assert files_of(convert.converter(tmp_path / "cache")) == {**GOOD, "conversion/way/evil.py": b"evil"}
    assert not list(outside.iterdir())


@pytest.mark.parametrize("cut", [0, 20, 150])
def test_an_archive_that_is_cut_off_is_one_sentence(tmp_path: Path, cut: int) -> None:
    """What cannot be read to its end says that it should be deleted."""
    archive = in_cache(tmp_path, GOOD)
    archive.write_bytes(archive.read_bytes()[:cut])
    with pytest.raises(MissingPiece, match=r"9\.9\.9\.tar\.gz cannot be unpacked .*delete it and try again"):
        convert.converter(tmp_path)


def test_what_was_fetched_is_not_fetched_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that could not be unpacked stays in the cache folder, and the next try reads it; then it goes."""
    asked: list[str] = []

    def pip(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        assert command[:3] == [sys.executable, "-m", "pip"]
        asked.append(command[-1])
        write_archive(Path(command[command.index("-d") + 1]) / "llama_cpp_python-9.9.9.tar.gz", GOOD)
        return subprocess.CompletedProcess(command, 0, "", "")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(subprocess, "run", pip)
    with monkeypatch.context() as broken:
        broken.setattr(convert, "_unpack", full)
        with pytest.raises(OSError, match="No space"):
            convert.converter(tmp_path, lambda _: None)
    assert files_of(convert.converter(tmp_path, lambda _: None)) == GOOD
    assert asked == ["llama-cpp-python==9.9.9"]


def test_a_fetched_archive_is_not_kept_beside_what_came_out_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a fetch that went well only the unpacked folder is left; an archive of somebody's own stays his."""
    real = write_archive(tmp_path / "made" / "one.tar.gz", GOOD)
    monkeypatch.setattr(convert, "_archive", lambda _cache, into, _say: real.replace(into / "llama.tar.gz"))
    convert.converter(tmp_path / "fetched")
    assert [path.name for path in (tmp_path / "fetched").iterdir()] == ["llama.cpp-9.9.9"]
    monkeypatch.undo()
    monkeypatch.setattr(convert, "version", lambda: "9.9.9")
    in_cache(tmp_path / "own", GOOD)
    convert.converter(tmp_path / "own")
    assert len(list((tmp_path / "own").iterdir())) == 2
