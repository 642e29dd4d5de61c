"""`hark service`: `hark listen` as a systemd unit, of this user or of the whole machine."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from assistant.commands.frame import UsageError, frame, tell, written_whole
from assistant.config import Settings
from assistant.skill import MissingPiece

NAME = "hark.service"
System = Annotated[bool, typer.Option("--system", help="For the whole machine, instead of this user.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(
        no_args_is_help=True, help="Run `hark listen` in the background, from the start of the machine."
    )
    group.command()(install)
    group.command()(remove)
    app.add_typer(group, name="service")


@dataclass(frozen=True)
class Unit:
    """What the unit's text depends on."""

    program: Path
    """The `hark` command."""
    user: str
    """Whose house it is; "" for a unit of that user's own."""
    config: Path | None
    writes: tuple[Path, ...]
    """Folders that it may write to."""


def unit_text(unit: Unit) -> str:
    """The unit: restarted when it ends, after sound is there, and with little that it may touch."""
    config = f' --config "{unit.config}"' if unit.config else ""
    lines = [
        "[Unit]",
        "Description=Hark, a voice assistant",
        "Wants=sound.target",
        "After=sound.target" + ("" if unit.user else " pipewire.service pulseaudio.service"),
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        # Quiet: what people say belongs in the diary, not in a journal that other users of the machine may read.
        f'ExecStart="{unit.program}"{config} listen --quiet',
        *([f"User={unit.user}", "SupplementaryGroups=audio"] if unit.user else []),
        "Restart=always",
        "RestartSec=5",
        "TimeoutStopSec=10",
        *(["Nice=-5"] if unit.user else []),
        "MemoryMax=80%",
        "UMask=0077",
        "NoNewPrivileges=yes",
        "RestrictSUIDSGID=yes",
        "LockPersonality=yes",
        "SystemCallArchitectures=native",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
        # A user's own manager may not set up these; the machine's may.
        *(_machine_only(unit) if unit.user else []),
        "",
        "[Install]",
        f"WantedBy={'multi-user.target' if unit.user else 'default.target'}",
    ]
    return "\n".join(lines) + "\n"


def _machine_only(unit: Unit) -> list[str]:
    return [
        "ProtectSystem=strict",
        "ProtectHome=read-only",
        *(f'ReadWritePaths="-{path}"' for path in unit.writes),
        "PrivateTmp=yes",
        "ProtectKernelTunables=yes",
        "ProtectKernelModules=yes",
        "ProtectControlGroups=yes",
        "ProtectClock=yes",
        "DevicePolicy=closed",
        "DeviceAllow=char-alsa rw",
        "CapabilityBoundingSet=",
    ]


def install(
    context: typer.Context,
    system: System = False,
    show: Annotated[bool, typer.Option("--print", help="Only show the unit.")] = False,
) -> None:
    """Write the unit and start it."""
    found = frame(context)
    text = unit_text(_unit(found.settings, system))
    if show:
        typer.echo(text, nl=False)
        return
    path = _place(system)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as output:
            output.write(text)
    except PermissionError:
        raise UsageError(f"{path} may not be written; run this with sudo, or leave --system out") from None
    _systemctl(system, "daemon-reload")
    _systemctl(system, "enable", "--now", NAME)
    who = "" if system else "--user "
    tell(f"{path} is written and started; its faults: `journalctl {who}-u {NAME} -f`; what was said: `hark trace list`")
    if not system:
        tell(f"so that it runs without anybody logged in: `sudo loginctl enable-linger {getpass.getuser()}`")


def remove(context: typer.Context, system: System = False) -> None:
    """Stop it and take the unit away."""
    frame(context)
    path = _place(system)
    if not path.exists():
        raise UsageError(f"there is no {path}")
    _systemctl(system, "disable", "--now", NAME)
    path.unlink()
    _systemctl(system, "daemon-reload")
    tell(f"{path} is gone")


def _unit(settings: Settings, system: bool) -> Unit:
    program = Path(sys.executable).parent / "hark"
    if not program.exists():
        raise MissingPiece(f"there is no {program}; install Hark with `pip install hark`")
    user = (os.environ.get("SUDO_USER") or getpass.getuser()) if system else ""
    writes = (settings.paths.data, settings.paths.cache)
    return Unit(program, user, settings.file, writes)


def _place(system: bool) -> Path:
    if system:
        return Path("/etc/systemd/system") / NAME
    base = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(base) if base else Path.home() / ".config") / "systemd/user" / NAME


def _systemctl(system: bool, *words: str) -> None:
    """Raises MissingPiece."""
    command = ["systemctl", *([] if system else ["--user"]), *words]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        raise MissingPiece("this machine has no systemd; start `hark listen` by what starts programs here") from None
    except subprocess.CalledProcessError as error:
        last = (error.stderr or "").strip().splitlines()[-1:]
        raise MissingPiece(f"`{' '.join(command)}` failed: {' '.join(last)}") from None
