"""Look a file of invented skills through: `python -m finetune.invented FILE ...`."""

from __future__ import annotations

import sys
from pathlib import Path

from finetune.invented import Invented, faults, read


def main(paths: list[Path]) -> int:
    """Print every fault, and how much there is; 1 where something is wrong."""
    found: list[Invented] = []
    wrong: list[str] = []
    for path in paths:
        try:
            found += read(path)
        except (OSError, ValueError) as error:
            wrong.append(str(error))
    wrong += faults(found)
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    phrasings = sum(len(one.phrasings) for one in found)
    near = sum(len(one.near_misses) for one in found)
    sys.stdout.write(f"{len(found)} skills, {phrasings} phrasings, {near} near misses; {len(wrong)} to mend\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main([Path(one) for one in sys.argv[1:]]))
