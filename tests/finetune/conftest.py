"""The ring `train` needs torch; where torch is absent its files are not collected at all."""

from __future__ import annotations

import importlib.util

TRAINING = (
    "test_checkpoint.py",
    "test_fewshot_command.py",
    "test_fewshot_episodes.py",
    "test_fewshot_training.py",
    "test_heard.py",
    "test_listening.py",
    "test_skillmodel_training.py",
    "test_larger.py",
    "test_larger_anew.py",
    "test_larger_curve.py",
    "test_larger_measure.py",
    "test_larger_refused.py",
    "test_larger_training.py",
    "test_learn_confidence.py",
    "test_learn_tracked.py",
    "test_learn_training.py",
    "test_window_convert.py",
    "test_words.py",
)
collect_ignore = [] if importlib.util.find_spec("torch") else list(TRAINING)
