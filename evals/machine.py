"""What a run was made on and with: this machine, its packages, the state of the code, the settings that matter.

Nothing here raises for want of git, of /proc or of a repository: what cannot be known is left out or empty.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from assistant.config import Settings

ROOT = Path(__file__).parents[1]
PACKAGES = ("assistant", "skills", "evals", "finetune")
MOST_DIFF = 512 * 1024
"""Bytes of uncommitted changes that are kept."""
GIT_S = 10
"""Seconds that git may take for one answer."""
TOOLS = (
    "faster-whisper", "ctranslate2", "llama-cpp-python", "llguidance", "gguf", "numpy", "pydantic",
    "torch", "transformers", "tokenizers", "peft", "bitsandbytes", "accelerate", "mlflow-skinny", "scipy",
)  # fmt: skip
"""The packages that can change a figure."""


@dataclass(frozen=True, slots=True)
class Code:
    """The state of the code."""

    commit: str
    """The commit checked out; "" where the code lies outside of a git repository or there is no git."""
    dirty: bool
    """Whether files differ from that commit, new ones included."""
    sources: str
    """SHA-256 over the Python files of the four packages, known without git too."""
    diff: str = ""
    """What differs, as `git diff` writes it, new Python and TOML files included."""
    cut: bool = False
    """Whether the diff went on beyond `MOST_DIFF` bytes."""

    def as_meta(self) -> dict[str, Any]:
        """Without the diff, for a run's head."""
        return {"commit": self.commit, "dirty": self.dirty, "sources": self.sources}


def machine() -> dict[str, Any]:
    """This machine and this Python, with no name of it or of its owner: board, cpu, cores, memory_mb, os, python."""
    import psutil

    found: dict[str, Any] = {
        "board": _board(),
        "cpu": _processor(),
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
        "memory_mb": round(psutil.virtual_memory().total / 1e6),
        "os": _system(),
        "python": platform.python_version(),
    }
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        found["gpu"] = torch.cuda.get_device_name(0)
    return {name: value for name, value in found.items() if value != ""}


def tools() -> dict[str, str]:
    """The versions of the installed packages that can change a figure."""
    found = {}
    for name in TOOLS:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


@functools.cache
def packages() -> dict[str, str]:
    """The versions of all installed packages, by name."""
    found = {str(one.metadata["Name"]): one.version for one in metadata.distributions() if one.metadata["Name"]}
    return dict(sorted(found.items(), key=lambda item: item[0].lower()))


def kept_settings(settings: Settings) -> dict[str, Any]:
    """The settings that decide what a run gives; no token, no address, no place and no folder of the household."""
    household = settings.household
    return {
        "models": settings.models.model_dump(mode="json", exclude={"server_url", "server_key_variable"}),
        "decide": settings.decide.model_dump(mode="json"),
        "household": {"language": household.language, "units": household.units, "twelve_hour": household.twelve_hour},
        "skills": {"disabled": list(settings.skills.disabled)},
    }


def code(with_diff: bool = False) -> Code:
    """The state of the code that runs; `with_diff` also reads what is not committed."""
    # A copy installed inside somebody else's repository is not that repository's code.
    ours = _git("ls-files", "--error-unmatch", "--", "evals/machine.py")
    if not ours:
        return Code("", False, _sources())
    commit = (_git("rev-parse", "HEAD") or "").strip()
    dirty = bool(_git("status", "--porcelain"))
    diff, cut = _diff() if with_diff and dirty and commit else ("", False)
    return Code(commit, dirty, _sources(), diff, cut)


def this_process() -> dict[str, Any]:
    """What tells this process from every other, of other machines and of later starts too."""
    return {"host": _host(), "boot": _boot(), "pid": os.getpid(), "started": _process_start(os.getpid())}


def is_gone(mark: Mapping[str, Any]) -> bool:
    """Whether the process that `this_process` described is certainly over; one of another machine never is."""
    if mark.get("host") != _host():
        return False
    if mark.get("boot") != _boot():
        return True
    pid = mark.get("pid")
    return not isinstance(pid, int) or _process_start(pid) != mark.get("started")


def _process_start(pid: int) -> float:
    """When it was started; 0 for a process that is not there, or is dead and not yet fetched by its parent."""
    # In ticks since the machine started: a board without a clock learns the time long after its first processes.
    text = _first_of(f"/proc/{pid}/stat")
    if text:
        fields = text.rpartition(")")[2].split()
        return 0.0 if fields[0] in "ZX" else float(fields[19])
    import psutil

    try:
        return 0.0 if Path("/proc/self/stat").exists() else psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def _boot() -> str:
    return _first_of("/proc/sys/kernel/random/boot_id").strip()


@functools.cache
def _host() -> str:
    """This machine, told from others without being named."""
    known = f"{platform.node()}/{_first_of('/etc/machine-id').strip()}"
    return hashlib.sha256(known.encode()).hexdigest()[:12]


def _git(*words: str) -> str | None:
    """What git says; None where it cannot be asked or refuses."""
    # Looking must not take the lock under which somebody else commits.
    environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *words], env=environ, capture_output=True, timeout=GIT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


def _diff() -> tuple[str, bool]:
    """The uncommitted changes and whether they were cut; new files are read through an index of our own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        index = Path(folder) / "index"
        environ = {**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_INDEX_FILE": str(index)}
        git = ["git", "-C", str(ROOT)]
        try:
            subprocess.run([*git, "read-tree", "HEAD"], env=environ, capture_output=True, timeout=GIT_S, check=False)
            for pattern in ("*.py", "*.toml"):
                subprocess.run(
                    [*git, "add", "--intent-to-add", "--", pattern],
                    env=environ, capture_output=True, timeout=GIT_S, check=False,
                )  # fmt: skip
            with subprocess.Popen(
                [*git, "diff", "--no-ext-diff", "--no-color", "HEAD"],
                env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            ) as running:  # fmt: skip
                found = running.stdout.read(MOST_DIFF + 1) if running.stdout else b""
                running.kill()
        except (OSError, subprocess.TimeoutExpired):
            return "", False
    return found[:MOST_DIFF].decode(errors="replace"), len(found) > MOST_DIFF


@functools.cache
def _sources() -> str:
    """Names and contents of our Python files, in one SHA-256."""
    digest = hashlib.sha256()
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            with contextlib.suppress(OSError):
                digest.update(f"{file.relative_to(ROOT).as_posix()}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _board() -> str:
    """What a board calls itself ("Raspberry Pi 5 Model B Rev 1.0"); "" elsewhere."""
    return _first_of("/proc/device-tree/model").strip("\0\n ")


def _processor() -> str:
    for line in _first_of("/proc/cpuinfo").splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("model name", "Model", "Hardware"):
            return value.strip()
    return platform.processor()


def _system() -> str:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return f"{platform.system()} {platform.release()}"
    return f"{release.get('PRETTY_NAME', platform.system())}, kernel {platform.release()}"


def _first_of(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
