"""What is learned from on the board holds nothing that is measured on."""

from __future__ import annotations

from pathlib import Path

from assistant.config import load_settings
from evals.sets import Kept
from finetune.learn.rows import House, everything
from finetune.learn.task import Task
from finetune.rows import shipped_skills


def test_replay_nearly_repeats_no_evaluation_sentence(tmp_path: Path) -> None:
    """Neither the sentences of must-pass and quick are replayed, nor what differs by a letter or a politeness."""
    shipped = shipped_skills()
    house = House(load_settings(None, {}, [f"paths.data={tmp_path}"]), shipped, [skill.name for skill in shipped])
    rows, kept = everything(Task(), house).replay, Kept()
    assert len(rows) > 1000
    assert not [case.text for case in rows if kept.repeats(case.text)]
