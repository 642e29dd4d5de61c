"""Look a file of invented skills through: `python -m finetune.invented FILE ...`."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from finetune.invented import OTHERS, Invented, faults, merged, read, read_others


def main(paths: list[Path]) -> int:
    """Print every fault, and how much there is; 1 where something is wrong."""
    found: list[Invented] = []
    more: list[Invented] = []
    known: dict[str, Invented] = {}
    wrong: list[str] = []
    for path in paths:
        try:
            folder = path.resolve().parent  # of a file that is named from inside the folder, too
            if folder.name == OTHERS:
                known |= _skills(folder.parent)
                more += read_others(path, known)
            else:
                found += read(path)
        except (OSError, ValueError) as error:
            wrong.append(str(error))
    there = {one.skill.name for one in found}
    said_more_of = dict.fromkeys(one.skill.name for one in more if one.skill.name not in there)
    skills = merged([*found, *(known[name] for name in said_more_of)], more)
    wrong += faults(skills)
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    phrasings = sum(len(one.phrasings) + len(one.by_others) for one in skills)
    near = sum(len(one.near_misses) for one in skills)
    sys.stdout.write(f"{len(skills)} skills, {phrasings} phrasings, {near} near misses; {len(wrong)} to mend\n")
    return 1 if wrong else 0


@functools.cache
def _skills(folder: Path) -> dict[str, Invented]:
    """Those of a folder by name, without what others say."""
    return {one.skill.name: one for path in sorted(folder.glob("*.txt")) for one in read(path)}


if __name__ == "__main__":
    sys.exit(main([Path(one) for one in sys.argv[1:]]))
