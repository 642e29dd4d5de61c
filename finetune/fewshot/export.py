"""Write a trained network as `assistant.fewshot` reads it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from assistant.fewshot import FILE, packed
from finetune.fewshot.episodes import Words
from finetune.fewshot.network import Fewshot

NOT_SHIPPED = ("temperature", "guess_norm.weight")


def write(network: Fewshot, words: Words, folder: Path) -> Path:
    """Beside, then rename; returns the file."""
    path = folder / FILE
    state = {n: v.detach().float().numpy() for n, v in network.state_dict().items() if n not in NOT_SHIPPED}
    note = json.dumps({"heads": network.shape.heads})
    beside = path.with_name("part." + path.name)
    np.savez_compressed(beside, note=note, words="\n".join(words.known), **packed(state))
    beside.replace(path)
    return path
