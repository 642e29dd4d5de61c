"""What a training left on the disk to go on from."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from assistant.skill import SkillError

_DAMAGED = (
    pickle.UnpicklingError, EOFError, RuntimeError, ValueError, TypeError, LookupError, AttributeError, ImportError,
    OSError,
)  # fmt: skip
"""What torch and pickle raise for bytes that nobody has saved; OSError for a place before the first byte."""


def read_checkpoint(path: Path, *needed: str) -> dict[str, Any]:
    """A checkpoint by its entries, every tensor in main memory.

    Args:
        needed: entries that it must have.
    Raises:
        SkillError: it is damaged, or lacks an entry, as that of another training does.
        OSError: it is not there, or cannot be opened.
    """
    with path.open("rb") as file:
        try:
            state = torch.load(file, map_location="cpu", weights_only=True)
        except _DAMAGED as error:
            raise SkillError(_sentence(path)) from error
    if not isinstance(state, dict):
        raise SkillError(_sentence(path))
    if not state.keys() >= set(needed):
        raise SkillError(f"{path} was made by another training; name another --work, or remove it")
    return state


def decisive(plan: Mapping[str, Any]) -> Mapping[str, Any]:
    """What of a plan decides what comes of it: a checkpoint of another one is not gone on from."""
    return {name: value for name, value in plan.items() if name not in ("checkpoint_minutes", "compile", "half")}


def _sentence(path: Path) -> str:
    return f"{path} is damaged; delete it to begin anew"
