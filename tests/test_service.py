"""The systemd unit: as text, as systemd reads it, and installed by a stand-in for systemctl."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.commands.service import Unit, unit_text

ROOT = Path(__file__).parents[1]


def units(tmp_path: Path) -> dict[str, str]:
    """Both kinds, for a program and folders with a space in their names."""
    program = tmp_path / "a house" / "hark"
    program.parent.mkdir(exist_ok=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    config = tmp_path / "my hark.toml"
    folders = (tmp_path / "data", tmp_path / "cache")
    return {
        "user": unit_text(Unit(program, "", config, folders)),
        "system": unit_text(Unit(program, "root", None, folders)),
    }


@pytest.mark.parametrize("kind", ["user", "system"])
def test_it_is_restarted_after_sound_and_hardened(kind: str, tmp_path: Path) -> None:
    """Whatever ends it, it comes back; it starts after the sound card and may gain no rights."""
    text = units(tmp_path)[kind]
    for line in ("Restart=always", "StartLimitIntervalSec=0", "Wants=sound.target", "NoNewPrivileges=yes"):
        assert line in text.splitlines()
    assert 'hark" ' in text and "After=sound.target" in text


@pytest.mark.parametrize("kind", ["user", "system"])
def test_the_journal_is_told_no_words(kind: str, tmp_path: Path) -> None:
    """What people say stays out of a journal: the service listens quietly, with an option that there is."""
    start = next(line for line in units(tmp_path)[kind].splitlines() if line.startswith("ExecStart="))
    assert start.endswith(" listen --quiet")
    assert "--quiet" in hark("listen", "--help").stdout


def test_only_the_machines_unit_names_a_user_and_its_folders(tmp_path: Path) -> None:
    """The user's own needs neither; the machine's may write nothing but the household's folders."""
    user, system = units(tmp_path)["user"], units(tmp_path)["system"]
    assert "User=" not in user and "ProtectSystem" not in user and "default.target" in user
    assert "User=root" in system and "ProtectSystem=strict" in system and "multi-user.target" in system
    assert f'ReadWritePaths="-{tmp_path / "data"}"' in system


@pytest.mark.parametrize("kind", ["user", "system"])
def test_every_line_is_a_setting_that_systemd_knows(kind: str, tmp_path: Path) -> None:
    """The unit has its three sections and settings in them; where systemd is at hand, it finds nothing wrong."""
    path, section = tmp_path / "hark.service", ""
    path.write_text(units(tmp_path)[kind])
    sections: dict[str, int] = {}
    for line in filter(None, path.read_text().splitlines()):
        section = line if line.startswith("[") else section
        assert line == section or "=" in line
        sections[section] = sections.get(section, 0) + 1
    assert list(sections) == ["[Unit]", "[Service]", "[Install]"] and min(sections.values()) > 1
    if shutil.which("systemd-analyze"):
        command = ["systemd-analyze", f"--{kind}", "verify", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
        assert [line for line in done.stderr.splitlines() if "hark.service" in line] == []


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A systemctl that notes what it is asked."""
    folder = tmp_path / "bin"
    folder.mkdir()
    log = tmp_path / "asked"
    (folder / "systemctl").write_text(f'#!/bin/sh\necho "$@" >> "{log}"\n')
    (folder / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return log


def hark(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import assistant.cli, sys; sys.exit(assistant.cli.main())", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=55, check=False, cwd=ROOT)


def test_it_is_installed_and_removed(systemctl: Path, own_home: Path) -> None:
    """The unit lies where systemd looks for the user's own, and is enabled; afterwards it is gone."""
    done = hark("service", "install")
    assert done.returncode == 0, done.stderr
    path = own_home / "config/systemd/user/hark.service"
    assert path.read_text() == hark("service", "install", "--print").stdout
    assert systemctl.read_text().splitlines() == ["--user daemon-reload", "--user enable --now hark.service"]
    assert hark("service", "remove").returncode == 0
    assert not path.exists() and "disable --now" in systemctl.read_text()


def test_removing_what_is_not_there_is_one_sentence(systemctl: Path) -> None:
    """It says which file there is none of."""
    done = hark("service", "remove")
    assert done.returncode == 2 and "there is no" in done.stderr
