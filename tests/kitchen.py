"""A small house of skills, and a doll-sized model over them, for tests of how a call is decided."""

from __future__ import annotations

import functools
import json
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Literal

import numpy as np

from assistant.gguf_llama import LlamaFile, LlamaShape, byte_vocabulary, random_tensors, write_llama
from assistant.models import OVERHEARD
from assistant.overheard import BUCKETS, Overheard, Shift, buckets
from assistant.prompt import MARKS
from assistant.registry import SkillSet, skills_hash
from assistant.skill import Context, Duration, Number, Skill, skill


@skill(examples=["set a timer for [ten minutes](duration)", "[twenty minute](duration) [pasta](name) timer"])
def set_timer(context: Context, *, duration: Duration, name: str | None = None) -> str:
    """Start a countdown."""
    return f"{name} {duration}"


@skill(examples=["[turn](state=on) on the [kitchen light](device)", "switch [off](state=off) the [lamp](device)"])
def switch(context: Context, *, device: str, state: Literal["on", "off"]) -> str:
    """Switch a device."""
    return f"{device} {state}"


@skill(examples=["volume [five](level)", "set the volume to [thirty percent](level)"])
def set_volume(context: Context, *, level: Number) -> str:
    """Set the volume."""
    return str(level)


@skill(examples=["play [yesterday](title) by [the beatles](artist)", "play some music"])
def play_music(context: Context, *, title: str | None = None, artist: str | None = None) -> str:
    """Play music."""
    return f"{title} {artist}"


@skill(examples=["how was your day", "i love this song"])
def none(context: Context) -> str:
    """Not for the assistant."""
    return ""


@skill(examples=["brew [a large latte](drink)", "make me [two espressos](drink) please", "i need [coffee](drink)"])
def brew(context: Context, *, drink: str) -> str:
    """Make coffee."""
    return drink


KITCHEN: tuple[Skill, ...] = tuple(f.__skill__ for f in (set_timer, switch, set_volume, play_music, none, brew))  # type: ignore[attr-defined]
TRAINED = tuple(one for one in KITCHEN if one.name != "brew")


def kitchen_set(skills: tuple[Skill, ...] = KITCHEN) -> SkillSet:
    """The skills as the registry gives them."""
    return SkillSet((), skills, (), skills_hash(skills))


@functools.cache
def doll(two_way: bool = True, vocabulary: int = 0, talk: str = "") -> Path:
    """A GGUF of a few thousand random weights that was "trained" on the kitchen without `brew`.

    Args:
        talk: a word whose sentences the model of overheard talk beside it is sure are talk; "" for no such model.
    """
    folder = Path(tempfile.mkdtemp(prefix="hark-doll-"))
    shape = LlamaShape(width=32, layers=2, heads=2, feed_forward=64, context=2048)
    words = byte_vocabulary([*(f"{one.name}(" for one in TRAINED), *MARKS], vocabulary)
    curves = json.dumps({"skill": [1, 0], "call": [1, 0]})
    notes = {"skills": json.dumps([one.name for one in TRAINED]), "calibration": curves, "version": "doll"}
    if talk:
        weights = np.zeros(BUCKETS, np.float16)
        weights[list(buckets(talk) - buckets("edges"))] = 100
        Overheard(weights, 0.0).save(folder / OVERHEARD)
        notes["overheard"] = json.dumps(asdict(Shift(start=0.0, lift=-1.0)))
    path = folder / "doll.gguf"
    tensors = random_tensors(shape, len(words.tokens), seed=3)
    write_llama(path, LlamaFile(shape, words, notes, two_way=two_way), tensors, q8=True)
    return path
