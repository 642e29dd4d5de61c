"""The same recipe, rows and seed give the same adapter in every process, killed and resumed or not.

Needs llama.cpp's converter, as `test_larger` does.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from larger_doll import CACHE, cases_of, doll_settings, doll_skills, make_doll, write_rows

pytestmark = [pytest.mark.train, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
TRAIN = "import sys, pathlib, larger_doll as d; d.train_in(*map(pathlib.Path, sys.argv[1:3]), int(sys.argv[3]))"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a doll and a hundred rows."""
    folder = tmp_path_factory.mktemp("house")
    skills = doll_skills(doll_settings(folder)).skills
    make_doll(folder / "base", skills)
    rows = cases_of(skills)
    assert len(rows) > 80
    write_rows(folder / "rows", rows)
    return folder


def train(house: Path, work: str, hash_seed: int, die_at: int = 0) -> int:
    """Train in a process that hashes words by this seed; returns its exit code."""
    paths = {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", "HARK_PATHS__CACHE": str(CACHE)}
    environment = {**os.environ, **paths, "PYTHONHASHSEED": str(hash_seed), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", TRAIN, str(house), str(house / work), str(die_at)]
    return subprocess.run(command, env=environment, cwd=house, check=False).returncode


def outcome(house: Path, work: str) -> tuple[Any, str]:
    """All losses, and the adapter's checksum."""
    losses = json.loads((house / work / "losses.json").read_text())
    return losses, json.loads((house / work / "steps.json").read_text())["train"]["adapter"]


def test_every_process_trains_the_same_adapter(house: Path) -> None:
    """Whatever PYTHONHASHSEED is, and killed by kill -9 and resumed or not: each loss, and the adapter, to the bit."""
    assert train(house, "one", hash_seed=1) == 0
    assert train(house, "killed", hash_seed=2, die_at=3) == -signal.SIGKILL
    assert not (house / "killed" / "steps.json").exists()
    assert train(house, "killed", hash_seed=3) == 0
    whole = outcome(house, "one")
    assert len(whole[0]["train"]) == 6
    assert outcome(house, "killed") == whole
