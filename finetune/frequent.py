"""How often a word is said in requests: the table of `assistant.frequent`.

`python -m finetune.frequent --rows ROWS` prints its entries; rows come from `python -m finetune.rows build`.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from assistant.prompt import chunks, clean_run
from evals.cases import read_cases

HUMAN = ("clinc150", "hwu64", "thingpedia", "ha_intents", "snips")
TALK = ("grown-overheard", "grown-talk", "grown-daily")
FEWEST_REQUESTS, FEWEST_TALK = 0.0005, 0.004
"""A word is in the table from so large a share on."""


def words(rows: Path) -> Iterator[str]:
    """The entries of the table: word, ten times log(1 / share of requests).

    Args:
        rows: the folder that holds train.jsonl. Raises OSError where it does not.
    """
    requests, talk, count = Counter[str](), Counter[str](), Counter[str]()
    for case in read_cases(rows / "train.jsonl"):
        source = case.source.split(":")[0]
        side = requests if source in HUMAN else talk if source in TALK else None
        if side is not None:
            side.update({clean_run(chunk) for chunk in chunks(case.text)})
            count["requests" if side is requests else "talk"] += 1
    often = {word for word, n in requests.items() if n >= FEWEST_REQUESTS * count["requests"]}
    often |= {word for word, n in talk.items() if n >= FEWEST_TALK * count["talk"]}
    for word in sorted(filter(str.isalpha, often)):
        yield f"{word},{round(-10 * math.log((requests[word] + 1) / count['requests']))}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m finetune.frequent", description=__doc__)
    parser.add_argument("--rows", type=Path, required=True, help="folder that holds train.jsonl")
    sys.stdout.write("\n".join(words(parser.parse_args().rows)) + "\n")


if __name__ == "__main__":
    main()
