"""What pip installs is what runs here: no module and no data file is left behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from installing import LIMIT_S, install

ROOT = Path(__file__).parents[1]
FOLDERS = ("assistant", "skills", "evals", "finetune")
STAYS = {"finetune/EXPERIMENTS.md"}
"""To be read in the repository."""


@pytest.mark.timeout(2 * LIMIT_S)
def test_every_file_of_the_packages_is_installed(tmp_path: Path) -> None:
    """`pip install .` brings all files of the four folders, models and word lists among them."""
    site = install(ROOT, tmp_path, (*FOLDERS, "pyproject.toml", "README.md", "LICENSE"))
    wanted = {
        path.relative_to(ROOT).as_posix()
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in wanted - STAYS if not (site / name).is_file()} == set()
