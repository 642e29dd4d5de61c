"""`python -m finetune.fewshot train|export finetune/recipes/fewshot.toml --rows ROWS --data DATA --work WORK`.

`train` teaches the network that knows a skill from ten examples, or goes on from the last checkpoint; `export` writes
the file that ships. Rows come from `python -m finetune.rows build`, DATA is the folder of the public sets.

On a processor of two cores, two processes that share each step's episodes are faster than two threads:
`python -m torch.distributed.run --nproc-per-node 2 -m finetune.fewshot train ...`.
"""

from __future__ import annotations

import argparse
import logging
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import distributed

from assistant.config import load_settings
from assistant.models import BUNDLED
from evals.cases import read_cases
from evals.track import tracked
from finetune.data.near import Block
from finetune.fewshot.episodes import Episodes, Words
from finetune.fewshot.export import mean_with, ship, take_up
from finetune.fewshot.network import Fewshot, Shape
from finetune.fewshot.pool import May, Pool, pool_of
from finetune.fewshot.train import Plan, Trainer
from finetune.rows import KeptBack

log = logging.getLogger(__name__)
OF_A_SHAPE = ("layers", "crossed", "dropout")
"""What of the shape a further round may change."""
NEWCOMERS = Path(__file__).parents[2] / "examples" / "newcomers"


def may_be_taught(rows: Path) -> May:
    """Whether a sentence may be trained on: no kept-back row, no committed set and no newcomer's has it, or nearly."""
    kept_back = KeptBack(read_cases(rows / "dev.jsonl"))
    texts = {case.text for path in sorted(NEWCOMERS.rglob("*.jsonl")) for case in read_cases(path)}
    newcomers = Block(sorted(texts))

    def may(text: str) -> bool:
        return not kept_back(text) and not newcomers.near(text)

    return may


def trainer_of(recipe: Mapping[str, Any], pool: Pool, work: Path, begin: Path | None = None) -> Trainer:
    """A trainer with the recipe's network; its weights are random, or those of a file, for the last round of `further`.

    Raises as `take_up` does.
    """
    torch.set_num_threads(recipe["threads"])
    plan, words = Plan(**recipe["plan"]), Words.of(pool)
    torch.manual_seed(plan.seed)
    changed = {} if begin is None else recipe["further"][-1]
    network = Fewshot(Shape(**recipe["shape"] | {n: v for n, v in changed.items() if n in OF_A_SHAPE}), len(words))
    if begin is not None:
        plan = replace(plan, **{n: v for n, v in changed.items() if n != "share" and n not in OF_A_SHAPE})
        take_up(network, words, begin)
    return Trainer(network, Episodes(pool, plan.seed), words, plan, work)


def main() -> None:
    """Read the arguments, run the step."""
    parser = argparse.ArgumentParser(prog="python -m finetune.fewshot", description=__doc__)
    parser.add_argument("step", choices=["train", "export"])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--rows", type=Path, required=True, help="folder with train.jsonl and dev.jsonl")
    parser.add_argument("--data", type=Path, required=True, help="folder of the public sets")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--to", type=Path, default=BUNDLED / "fewshot", help="folder of the shipped network")
    parser.add_argument("--begin", type=Path, help="weights as export writes them, to train further")
    parser.add_argument("--round", type=int, help="which of the recipe's further rounds, from 1; the last unless said")
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    recipe = tomllib.loads(chosen.recipe.read_text(encoding="utf-8"))
    if chosen.begin is None and chosen.round is not None:
        parser.error("--round says which further round, and only --begin trains further; name both")
    if chosen.begin is not None:
        further = recipe.get("further", [])
        wanted = len(further) if chosen.round is None else chosen.round
        if not 0 < wanted <= len(further):
            parser.error(f"the recipe has {len(further)} further rounds, and --round {wanted} is none of them")
        recipe["further"] = further[:wanted]
    if chosen.step == "export":
        network, words, steps = Trainer.last(chosen.work)
        if chosen.begin is None:
            recipe.pop("further", None)  # for the card: it was trained from random weights
        else:
            mean_with(network, words, chosen.begin, recipe["further"][-1]["share"])
        print(ship(network, words, recipe, steps, chosen.to))  # noqa: T201
        return
    if distributed.is_torchelastic_launched():
        distributed.init_process_group("gloo")
    chosen.work.mkdir(parents=True, exist_ok=True)
    try:
        pool = pool_of(chosen.rows, chosen.data, may_be_taught(chosen.rows))
    except FileNotFoundError as error:
        parser.error(f"{error.filename} is missing; README.md names the files of each public set")
    trainer = trainer_of(recipe, pool, chosen.work, chosen.begin)
    begun = trainer.resume()
    if trainer.rank:
        trainer.run()
        return
    log.info("%d skills, %d words, going on from step %d", len(pool.taught), len(trainer.words), begun)
    with tracked(load_settings(), kind="train", name="fewshot", inputs={"recipe": chosen.recipe}) as run:
        trainer.run()
        for step, loss in trainer.losses:
            run.metric("loss", loss, step=step)


if __name__ == "__main__":
    main()
