"""`python -m finetune.skillmodel train|export finetune/recipes/skillmodel.toml --rows DIR --work DIR`.

`train` makes the tokenizer and trains (or goes on from the last checkpoint); `export` writes, quantises, calibrates and
scores the GGUF that ships, and fits what tells talk beside it. Rows come from `python -m finetune.rows build`.
"""

from __future__ import annotations

import argparse
import json
import logging
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from assistant.config import load_settings
from assistant.hub import write_whole
from assistant.registry import SkillSet, load_skills
from evals.track import tracked
from finetune.rows import training_rows
from finetune.skillmodel.ship import Paths, ship
from finetune.skillmodel.tokens import Encoded, encode, train_tokenizer
from finetune.skillmodel.train import Plan, Shape, Trainer, write_losses

log = logging.getLogger(__name__)


def shipped_skills() -> SkillSet:
    """The skills that come with Hark, whatever the household has added."""
    return load_skills(load_settings(environ={}))


def train(recipe: Mapping[str, Any], rows: Path, work: Path) -> Trainer:
    """Train to the recipe's end, going on from `work/checkpoint.pt` where there is one.

    Raises SkillError as `Trainer.resume` does.
    """
    work.mkdir(parents=True, exist_ok=True)
    skills = shipped_skills().by_name
    cases = training_rows(rows)
    kept = work / "tokenizer.json"
    if kept.exists():
        tokenizer = Tokenizer.from_file(str(kept))
    else:
        tokenizer = train_tokenizer((case.text for case in cases), skills.values(), recipe["vocabulary"])
        write_whole(kept, tokenizer.to_str(pretty=True).encode())
    encoded: list[Encoded] = []
    for case in cases:
        row = encode(case, tokenizer, skills)
        kind = next((kind for kind in ("grown", "heard") if case.source.startswith(kind)), "human")
        if len(row.ids) <= recipe["longest_row"]:
            kind += "_none" if case.skill == "none" else ""
            encoded.append(replace(row, times=recipe["times"][kind]))
    log.info("%d rows, %d tokens", len(encoded), sum(len(row.ids) for row in encoded))
    torch.set_num_threads(recipe["threads"])
    trainer = Trainer(Shape(**recipe["shape"]), Plan(**recipe["plan"]), tokenizer, work)
    if trainer.resume(encoded):
        log.info("going on from step %d", trainer.step)
    trainer.run(encoded)
    write_losses(trainer, work / "losses.json")
    return trainer


def main() -> None:
    """Read the arguments, run the step."""
    parser = argparse.ArgumentParser(prog="python -m finetune.skillmodel", description=__doc__)
    parser.add_argument("step", choices=["train", "export"])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--rows", type=Path, required=True, help="folder with train.jsonl and dev.jsonl")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--to", type=Path, default=Path("assistant/bundled/skill"), help="folder of the shipped model")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    recipe = tomllib.loads(chosen.recipe.read_text(encoding="utf-8"))
    if chosen.step == "train":
        inputs = {"recipe": chosen.recipe, "rows": chosen.rows}
        with tracked(load_settings(), kind="train", name="skillmodel", inputs=inputs) as run:
            for step, loss in train(recipe, chosen.rows, chosen.work).losses:
                run.metric("loss", loss, step=step)
            run.artefact(chosen.work / "losses.json")
    else:
        print(json.dumps(ship(recipe, Paths(chosen.rows, chosen.work, chosen.to), shipped_skills()), indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
