"""From recording to call: how much of what the words alone would give survives being heard.

`python -m evals.voice CASES.jsonl` reads what `python -m finetune.listening score` wrote (each clip's right words and
the words heard), decides both, and counts how often the call from the sound is the call from the right words. A call
is the same when the skill and every value read from its words are the same: "2" and "two" are one value.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.config import load_settings
from assistant.decide import Decider
from assistant.files import read_json
from assistant.registry import load_skills
from assistant.turn import Decision, Transcript
from evals.metrics import Share, clustered


@dataclass(frozen=True, slots=True)
class Heard:
    """One clip: what it says, what was heard, and a name for its voice and condition."""

    group: str
    wanted: str
    heard: str
    condition: str = ""
    """clean or noisy, for synthetic voices; "" for recordings"""
    origin: str = ""
    """who made the sentence: written by people, or grown"""
    others: tuple[str, ...] = ()
    """the recognizer's runner-ups"""


@dataclass(frozen=True, slots=True)
class Survived:
    """Of one group of clips."""

    skill: Share
    call: Share


def read_heard(path: Path) -> list[Heard]:
    """The clips whose right words are known. Raises ValueError naming the line."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = read_json(line)
            if row["wanted"]:
                others = tuple(row.get("others", ()))
                found.append(Heard(row["group"], row["wanted"], row["heard"], row["condition"], row["origin"], others))
        except (ValueError, KeyError, TypeError) as fault:
            raise ValueError(f"{path}:{number}: no such case ({fault})") from fault
    return found


def same(one: Decision, other: Decision) -> bool:
    """Whether two decisions make the same call: values where they were read, words where not."""
    return one.skill == other.skill and (one.args or one.words) == (other.args or other.words)


def survived(clips: Iterable[Heard], decide: Callable[[Transcript], Decision]) -> Mapping[str, Survived]:
    """Group -> shares of clips whose skill, and whose whole call, survive; "all" for every clip of a synthetic voice.

    Intervals are clustered by the right words: the same sentence by ten voices is not ten observations.
    """
    rows: dict[str, list[tuple[str, bool, bool]]] = defaultdict(list)
    for clip in clips:
        right = decide(Transcript(text=clip.wanted))
        made = decide(Transcript(text=clip.heard, others=clip.others))
        row = (clip.wanted, right.skill == made.skill, same(right, made))
        rows[f"{clip.group} {clip.condition}".strip()].append(row)
        if clip.condition:
            rows[f"all held-out voices, {clip.condition}"].append(row)
            rows[f"all held-out voices, {clip.condition}, {clip.origin}"].append(row)
    return {
        name: Survived(
            _share([(text, skill) for text, skill, _ in mine]), _share([(text, call) for text, _, call in mine])
        )
        for name, mine in sorted(rows.items())
    }


def _share(rows: list[tuple[str, bool]]) -> Share:
    hits, groups = [hit for _, hit in rows], [text for text, _ in rows]
    low, high = clustered(hits, groups)
    return Share(sum(hits), len(hits), low, high)


def main() -> int:
    """Print a table, a line for each group; 1 where the file is not there, or no such file."""
    parser = argparse.ArgumentParser(prog="python -m evals.voice", description=__doc__)
    parser.add_argument("cases", type=Path, help="what `python -m finetune.listening score` wrote")
    try:
        clips = read_heard(parser.parse_args().cases)
    except (OSError, ValueError) as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    settings = load_settings(environ={})
    now = settings.now()
    with Decider(load_skills(settings), settings) as decider:
        found = survived(clips, lambda said: decider.decide(said, now=now))
    lines = ["| clips | same skill | same call |", "|---|---|---|"]
    lines += [f"| {name} | {one.skill} | {one.call} |" for name, one in found.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
