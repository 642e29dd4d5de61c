"""What the household's own names gain the recognizer, and whether they ever cost an utterance.

`python -m evals.names` says sentences that hold a name and sentences that hold none, in several synthetic voices, and
hears each twice: with the names unknown and known. Counted are the names heard to the letter, the sentences without a
name that changed, and the utterances that were swallowed: a text that had words and has none, or lost two or more.
Names and voices are listed here, so that the run is the same for every model.
"""

from __future__ import annotations

import argparse
import itertools
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.audio import Audio
from assistant.models import BUNDLED
from assistant.transcribe import Transcriber
from evals.cases import read_cases
from evals.metrics import Share, clustered
from evals.sets.opened import DATA, WRITTEN
from evals.spoken import spoken

NAMES = (
    "Gnocchi", "Zuzana's Room", "Larder", "Orangery", "Sideboard Lamp", "Vestibule", "Terrarium", "Beethoven Lamp",
    "Khruangbin", "Sigur Ros", "Tinariwen", "Vashti Bunyan", "Pumpernickel", "Solveig's Lamp", "Kombucha",
    "Winter Playlist", "Mezzanine", "Scullery", "Lumiere", "Oboe Concerto",
)  # fmt: skip
FRAMES = (
    "turn on the {}", "turn off the {} please", "is the {} still on", "play {}", "dim the {} to ten percent",
    "add {} to the list", "set the {} to blue", "cancel the {} timer",
)  # fmt: skip
VOICES = ("en-us+f3", "en-gb", "en-gb-scotland+m5")
SNR_DB = 15.0
WITHOUT = 40
"""Sentences without a name, evenly over the quick set."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One clip, heard twice."""

    wanted: str
    name: str
    """"" for a sentence without one"""
    unknown: str
    """what was heard while the names were unknown"""
    known: str


@dataclass(frozen=True, slots=True)
class Gain:
    """Of all clips."""

    unknown: Share
    """clips with a name whose name was heard to the letter, the names unknown"""
    known: Share
    changed: Share
    """clips without a name that are written otherwise once the names are known"""
    swallowed: Share
    """of all clips"""


def sentences() -> Iterator[tuple[str, str]]:
    """(sentence, name or "")."""
    for number, name in enumerate(NAMES):
        for frame in itertools.islice(itertools.cycle(FRAMES), number, number + 2):
            yield frame.format(name.lower()), name.lower()
    cases = [case.text for case in read_cases(DATA / WRITTEN["quick"])]
    named = {word for name in NAMES for word in name.lower().split()}
    plain = [text for text in cases if re.fullmatch(r"[a-z' ]+", text) and not named & set(text.split())]
    yield from ((text, "") for text in plain[:: max(1, len(plain) // WITHOUT)][:WITHOUT])


def heard(recognizer: Transcriber, said: Iterable[tuple[str, str, Audio]]) -> list[Pair]:
    """Every (sentence, name, sound) heard with the names unknown, then known."""
    pairs = []
    for wanted, name, audio in said:
        recognizer.expect(())
        unknown = recognizer.transcribe(audio).text
        recognizer.expect(NAMES)
        pairs.append(Pair(wanted, name, unknown, recognizer.transcribe(audio).text))
    return pairs


def gain(pairs: Sequence[Pair]) -> Gain:
    """Count; intervals are clustered by sentence."""
    with_name, without = [pair for pair in pairs if pair.name], [pair for pair in pairs if not pair.name]
    return Gain(
        _share(with_name, lambda pair: _holds(pair.unknown, pair.name)),
        _share(with_name, lambda pair: _holds(pair.known, pair.name)),
        _share(without, lambda pair: pair.known != pair.unknown),
        _share(pairs, lambda pair: len(pair.known.split()) < len(pair.unknown.split()) - bool(pair.known)),
    )


def _holds(text: str, name: str) -> bool:
    plain = " ".join(re.findall(r"[a-z']+", text.lower()))
    return f" {name} " in f" {plain} "


def _share(pairs: Sequence[Pair], right: Callable[[Pair], bool]) -> Share:
    hits = [right(pair) for pair in pairs]
    low, high = clustered(hits, [pair.wanted for pair in pairs])
    return Share(sum(hits), len(hits), low, high)


def main() -> None:
    """Print what the names gain, a line for each count."""
    parser = argparse.ArgumentParser(prog="python -m evals.names", description=__doc__)
    parser.add_argument("--model", type=Path, default=BUNDLED / "listening", help="a folder of a listening model")
    recognizer = Transcriber(parser.parse_args().model, language="en")
    said = ((text, name, spoken(text, voice, SNR_DB)) for text, name in sentences() for voice in VOICES)
    found = gain(heard(recognizer, said))
    sys.stdout.write(
        f"names heard to the letter, unknown: {found.unknown}\nnames heard to the letter, known: {found.known}\n"
        f"sentences without a name that changed: {found.changed}\nutterances swallowed: {found.swallowed}\n"
    )


if __name__ == "__main__":
    main()
