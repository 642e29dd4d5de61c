"""Write a trained network as `assistant.fewshot` reads it, with its checksum and card; take one up again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from assistant.fewshot import packed, unpacked
from assistant.hub import write_whole
from assistant.models import FEWSHOT, SUMS
from assistant.shown import FIRST, UNKNOWN
from assistant.skill import SkillError
from finetune import invented
from finetune.fewshot.card import Facts, card
from finetune.fewshot.episodes import Words
from finetune.fewshot.network import Fewshot

NOT_SHIPPED = ("temperature", "guess_norm.weight")
"""Weights that only training needs."""
LAYERS, ADDS = ("encoder.", "crossed."), (".out.weight", ".down.weight")
"""Weights of layers, and those among them by which a layer adds to what it reads."""


def write(network: Fewshot, words: Words, path: Path) -> None:
    """The weights: beside, then rename."""
    state = {n: v.detach().float().numpy() for n, v in network.state_dict().items() if n not in NOT_SHIPPED}
    note = np.array(json.dumps({"heads": network.shape.heads}))
    beside = path.with_name("part." + path.name)
    arrays: dict[str, Any] = {"note": note, "words": np.array("\n".join(words.known)), **packed(state)}
    np.savez(beside, **arrays)  # compressed it would be an eighth smaller, and take three times as long to read
    beside.replace(path)


def take_up(network: Fewshot, words: Words, path: Path) -> None:
    """Give a network the weights of a file that `write` made; words that are new begin as one that nobody knows, and
    layers that are new add nothing at first.

    Raises:
        SkillError: the file is of another width, or has more layers.
        OSError: it cannot be read.
    """
    with np.load(path, allow_pickle=False) as file:
        weights = {name: file[name] for name in file.files if not name.endswith("/scale")}
        known = {word: at for at, word in enumerate(str(weights.pop("words")).split("\n"), FIRST + 1)}
        weights.pop("note")
        old = {name: torch.from_numpy(unpacked(file, name)) for name in weights}
    at = [*range(FIRST + 1), *(known.get(word, UNKNOWN) for word in words.known)]
    old["word.weight"] = old["word.weight"][at]
    state = network.state_dict()
    for name in set(state) - set(old) - set(NOT_SHIPPED):
        if name.startswith(LAYERS):
            old[name] = torch.zeros_like(state[name]) if name.endswith(ADDS) else state[name]
    wrong = [
        name for name in state if name not in NOT_SHIPPED and getattr(old.get(name), "shape", 0) != state[name].shape
    ]
    if wrong or set(old) - set(state):
        raise SkillError(
            f"{path} is a network of another shape than the recipe's; change the recipe, or begin without it"
        )
    network.load_state_dict(state | old)


def mean_with(network: Fewshot, words: Words, path: Path, share: float) -> None:
    """Give a network the mean of its weights, of this share, and of those of the file that its training began with.

    It keeps what either knows of skills that the other errs on (WiSE-FT, Wortsman et al. 2022). Raises as `take_up`.
    """
    trained = {name: value.clone() for name, value in network.state_dict().items()}
    take_up(network, words, path)
    network.load_state_dict({n: share * trained[n] + (1 - share) * begun for n, begun in network.state_dict().items()})


def ship(network: Fewshot, words: Words, recipe: Mapping[str, Any], steps: int, folder: Path) -> str:
    """Everything that ships; returns the checksum of the weights."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FEWSHOT.name
    write(network, words, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    parameters = sum(value.numel() for value in network.parameters())
    skills = invented.shipped()
    by_others = sum(bool(one.by_others) for one in skills)
    size, known = path.stat().st_size, len(words.known)
    facts = Facts(recipe, network.shape, parameters, known, len(skills), by_others, steps, size, digest)
    for name, text in ((SUMS, f"{digest}  {FEWSHOT.name}\n"), ("CARD.md", card(facts))):
        write_whole(folder / name, text.encode())
    return digest
