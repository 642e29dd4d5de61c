"""The ring `train` needs torch; where torch is absent its files are not collected at all."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

TRAINING = [
    path.name
    for path in sorted(Path(__file__).parent.glob("test_*.py"))
    if re.search(r"^pytestmark = .*mark\.train", path.read_text(encoding="utf-8"), re.MULTILINE)
]
collect_ignore = [] if importlib.util.find_spec("torch") else TRAINING
