"""Files that are written whole."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import numpy as np
import pytest

from assistant.audio import Audio, write_wav
from assistant.commands.frame import written_whole
from assistant.files import read_json, refuse_folder
from assistant.hub import write_whole


def _write_text(path: Path) -> None:
    with written_whole(path) as out:
        out.write("whole")


def _write_sound(path: Path) -> None:
    write_wav(path, Audio(np.zeros(160, dtype=np.float32), 16_000))


def _write_bytes(path: Path) -> None:
    write_whole(path, b"whole")


@pytest.mark.parametrize(("text", "says"), [("9" * 6000, "more than 4,300 digits"), ("[" * 100_000, "too deeply")])
def test_json_that_python_refuses_is_said_in_our_words(text: str, says: str) -> None:
    """Neither a function of Python's nor its recursion is named; what is no JSON stays a JSONDecodeError."""
    with pytest.raises(ValueError, match=says) as caught:
        read_json(text)
    assert "sys." not in str(caught.value) and "recursion" not in str(caught.value)
    with pytest.raises(json.JSONDecodeError):
        read_json("{")


@pytest.mark.parametrize("write", [_write_text, _write_sound, _write_bytes])
def test_no_device_is_replaced(write: object, tmp_path: Path) -> None:
    """What is there and is no file stays what it is: root could rename a recording over /dev/null."""
    assert callable(write)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for there in (pipe, tmp_path):
        with pytest.raises(OSError, match="no file"):
            write(there)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("write", [_write_text, _write_sound, _write_bytes])
def test_link_stays_a_link(write: object, tmp_path: Path) -> None:
    """What is written under a link's name is in the file it points to."""
    assert callable(write)
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("before")
    link.symlink_to(file)
    write(link)
    assert link.is_symlink()
    assert file.read_bytes() != b"before"


@pytest.mark.parametrize("write", [_write_text, _write_bytes])
def test_a_private_file_stays_private(write: object, tmp_path: Path) -> None:
    """What takes a file's place has its mode, by a link, too: settings may hold a token."""
    assert callable(write)
    file, link = tmp_path / "file", tmp_path / "link"
    file.touch(0o600)
    link.symlink_to(file)
    for path in (file, link):
        write(path)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.read_text() == "whole"


def test_a_folder_for_results_is_refused_beforehand(tmp_path: Path) -> None:
    """One that could be made is not made yet; below a file, and as a file, there can be none."""
    refuse_folder(tmp_path / "results" / "of today")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "results").write_text("taken")
    for wanted in (tmp_path / "results", tmp_path / "results" / "of today"):
        with pytest.raises(OSError, match="no folder") as refused:
            refuse_folder(wanted)
        assert refused.value.filename == str(tmp_path / "results")
