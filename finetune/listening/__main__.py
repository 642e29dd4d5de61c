"""`python -m finetune.listening STEP... RECIPE --data DIR --work DIR`: make the listening model, step by step."""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np

from assistant.config import load_settings
from assistant.rescore import Weights
from assistant.transcribe import WORDS
from evals.track import tracked
from finetune.listening import clips, orders, samples
from finetune.listening.export import export
from finetune.listening.features import log_mel
from finetune.listening.recipe import Recipe, read_recipe
from finetune.listening.rooms import noises
from finetune.listening.score import report, transcribe_all
from finetune.listening.train import Run
from finetune.listening.tune import tune
from finetune.listening.voices import Espeak
from finetune.listening.words import SEED, texts, write

STEPS = ("clips", "train", "orders", "export", "tune", "words", "score", "samples")


def make_clips(recipe: Recipe, data: Path, work: Path) -> None:
    """Write the shards and the noise bank."""
    (work / "shards").mkdir(parents=True, exist_ok=True)
    crowd = clips.babble(Espeak(), data, recipe.noise_seed)
    bank = np.concatenate([log_mel(noise).T for noise in noises(data, crowd, recipe.noise_seed)])
    np.save(work / "noise.npy", bank.astype(np.float16))
    clips.write_shards(clips.human(data), work, "human")
    clips.write_shards(clips.speechless(data, seed=3), work, "noise")
    for number, series in enumerate(recipe.clips):
        made = itertools.islice(clips.synthetic(data, recipe.sentences, series), series.count)
        clips.write_shards(made, work, f"syn{number}")


def make_words(data: Path, work: Path, model: Path) -> None:
    """Write the word model beside the listening model, with the weights that `tune` found."""
    found = work / "words.json"
    weights = json.loads(found.read_text(encoding="utf-8")) if found.is_file() else asdict(Weights())
    write(texts(data, SEED), model / WORDS, weights)


def main() -> None:
    """Run the steps in the order given."""
    parser = argparse.ArgumentParser(prog="python -m finetune.listening", description=__doc__)
    parser.add_argument("steps", nargs="+", choices=STEPS)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="the folder of public data sets")
    parser.add_argument("--work", type=Path, required=True, help="for clips and checkpoints; some 2 GB")
    parser.add_argument("--model", type=Path, default=Path("assistant/bundled/listening"), help="where to export to")
    parser.add_argument("--until", type=int, help="pause training at this step")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    recipe = read_recipe(given.recipe)
    try:
        _run(recipe, given)
    except FileNotFoundError as error:
        parser.error(f"{error.filename} is missing; README.md names the steps and the files of each public set")


def _run(recipe: Recipe, given: argparse.Namespace) -> None:
    for step in given.steps:
        if step == "clips":
            make_clips(recipe, given.data, given.work)
        elif step == "train":
            inputs = {"recipe": given.recipe, "clips": given.work / "shards"}
            with tracked(load_settings(), kind="train", name="listening", inputs=inputs) as tracking:
                training = Run(given.work, recipe.shape, recipe.plan)
                training.run(given.until)
                tracking.metrics({"steps": training.step, "minutes": training.seconds / 60, **training.last})
        elif step == "orders":
            half_trained = Run(given.work, recipe.shape, recipe.plan).average.bfloat16().eval()
            clips.write_shards(orders.transcribed(given.data, half_trained), given.work, "orders")
        elif step == "export":
            export(given.work / "checkpoint.pt", given.model, recipe.shape, recipe.beam_size)
            make_words(given.data, given.work, given.model)
        elif step == "tune":
            sys.stdout.write(tune(recipe, given.data, given.model, given.work) + "\n")
        elif step == "words":
            make_words(given.data, given.work, given.model)
        elif step == "score":
            cases = given.work / "cases.jsonl"
            transcribe_all(given.data, given.model, cases, recipe.test_clips, recipe.test_seed)
            sys.stdout.write(report(cases) + "\n")
        else:
            samples.make(Path("samples"))


if __name__ == "__main__":
    main()
