"""The recipe of the listening model, read from TOML."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from finetune.listening.clips import Series
from finetune.listening.model import Shape
from finetune.listening.train import Plan


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how the model comes out."""

    sentences: int
    """how many each series draws from, half of them written by people"""
    clips: tuple[Series, ...]
    noise_seed: int
    shape: Shape
    plan: Plan
    beam_size: int
    test_clips: int
    """of each held-out voice"""
    test_seed: int


def read_recipe(path: Path) -> Recipe:
    """Read a recipe; an unknown key is a TypeError that names it."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    plan = table.pop("plan")
    oversample = tuple(sorted(plan.pop("oversample", {}).items()))
    clips = tuple(Series(**series) for series in table.pop("clips"))
    shape = Shape(**table.pop("shape"))
    return Recipe(clips=clips, shape=shape, plan=Plan(**plan, oversample=oversample), **table)
