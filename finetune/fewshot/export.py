"""Write a trained network as `assistant.fewshot` reads it, with its checksum and card."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from assistant.fewshot import FILE, packed
from assistant.hub import write_whole
from assistant.models import SUMS
from finetune import invented
from finetune.fewshot.card import Facts, card
from finetune.fewshot.episodes import Words
from finetune.fewshot.network import Fewshot

NOT_SHIPPED = ("temperature", "guess_norm.weight")
"""Weights that only training needs."""


def write(network: Fewshot, words: Words, path: Path) -> None:
    """The weights: beside, then rename."""
    state = {n: v.detach().float().numpy() for n, v in network.state_dict().items() if n not in NOT_SHIPPED}
    note = np.array(json.dumps({"heads": network.shape.heads}))
    beside = path.with_name("part." + path.name)
    arrays: dict[str, Any] = {"note": note, "words": np.array("\n".join(words.known)), **packed(state)}
    np.savez(beside, **arrays)  # compressed it would be an eighth smaller, and take three times as long to read
    beside.replace(path)


def ship(network: Fewshot, words: Words, recipe: Mapping[str, Any], steps: int, folder: Path) -> str:
    """Everything that ships; returns the checksum of the weights."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    write(network, words, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    parameters = sum(value.numel() for value in network.parameters())
    skills = len(invented.shipped())
    facts = Facts(recipe, parameters, len(words.known), skills, steps, path.stat().st_size, digest)
    for name, text in ((SUMS, f"{digest}  {FILE}\n"), ("CARD.md", card(facts))):
        write_whole(folder / name, text.encode())
    return digest
