"""What a learning was made from, as the tracked run keeps it: by checksum, and no words of the household."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant import models
from assistant.config import Settings
from assistant.registry import SkillSet
from evals.track.inputs import LABELLED, labelled_turns, skills_of
from finetune.data.review import ACCEPTED
from finetune.learn.task import Task


def inputs_of(task: Task, house: SkillSet, rows: Sequence[Path], settings: Settings) -> dict[str, Any]:
    """All that a learning reads; `hark eval reproduce` says which of it has changed.

    Args:
        rows: folders whose accepted rows are learned from, or such files.
    Raises:
        MissingPiece: no skill model ships with this copy.
    """
    files = {house.module_of(skill).name: Path(house.module_of(skill).path) for skill in task.skills}
    return {
        "base": models.bundled_skill_model(),
        **skills_of(house),
        "skill_files": files,
        LABELLED: labelled_turns(settings),
        "rows": [path / ACCEPTED if path.is_dir() else path for path in rows],
    }
