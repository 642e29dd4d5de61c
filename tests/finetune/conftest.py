"""The ring `train` needs torch; where torch is absent its files are not collected at all."""

from __future__ import annotations

import importlib.util

collect_ignore = [] if importlib.util.find_spec("torch") else ["test_listening.py", "test_skillmodel_training.py"]
