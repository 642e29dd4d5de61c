"""The recipe of the listening model, read from TOML."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from finetune.listening.model import Shape
from finetune.listening.train import Plan


@dataclass(frozen=True)
class Recipe:
    """Everything that decides how the model comes out."""

    sentences: int
    """how many each seed draws, half of them written by people"""
    clip_seeds: tuple[int, ...]
    clips: tuple[int, ...]
    """synthetic clips each seed makes of them; those of the last seed are hesitant"""
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
    seeds, clips = tuple(table.pop("clip_seeds")), tuple(table.pop("clips"))
    shape = Shape(**table.pop("shape"))
    return Recipe(clip_seeds=seeds, clips=clips, shape=shape, plan=Plan(**plan, oversample=oversample), **table)
