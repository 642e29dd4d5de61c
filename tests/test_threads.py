"""What is set for the libraries before the first of them is imported."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SAY = "import assistant, os; print(os.environ['OPENBLAS_NUM_THREADS'])"


@pytest.mark.parametrize(("set_to", "wanted"), [(None, "1"), ("4", "4")])
def test_numpy_multiplies_in_one_thread_unless_somebody_says_otherwise(set_to: str | None, wanted: str) -> None:
    """Its products are too small for two; what the person set stays."""
    environ = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    environ |= {"OPENBLAS_NUM_THREADS": set_to} if set_to else {}
    done = subprocess.run([sys.executable, "-c", SAY], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == wanted
