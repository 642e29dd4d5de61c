"""A package installed by pip from a copy of its source, without any registry."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LIMIT_S = 240
"""For one installation, which takes seconds; a starved machine is given its time."""
MADE = shutil.ignore_patterns("build", "*.egg-info", "__pycache__")
PIP = ("-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-index")


def install(source: Path, folder: Path, parts: Sequence[str] = (".",)) -> Path:
    """Where pip has installed it: a new folder in `folder`. Of the source only `parts` are copied."""
    for part in parts:
        if (source / part).is_dir():
            shutil.copytree(source / part, folder / "source" / part, ignore=MADE)
        else:
            shutil.copy(source / part, folder / "source" / part)
    arguments = (*PIP, "--no-build-isolation", "--target", folder / "site", folder / "source")
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "site"
