"""How well a wake word is heard: misses, false wakes per hour, and the setting that half of the material chooses.

Every probability is kept, frame by frame, so that one pass over the sound gives the whole receiver curve. What is
said, and by whom, is in `wake_sounds`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

from assistant.commands.frame import UsageError
from assistant.config import Listen
from assistant.ears.measure import frames_of
from assistant.ears.sources import FRAME_S
from assistant.ears.wake import WakeWord, open_wake_word, threshold
from assistant.files import read_json
from assistant.skill import ConfigError
from evals.intervals import Rate, Share, clustered, rate_of
from evals.wake_sounds import Half, Kind, Saying, Stretch

SENSITIVITIES = tuple(at / 10 for at in range(11))
AIM_MISSED, AIM_PER_HOUR = 0.10, 0.5
"""Of the project: the most misses, and the most false wakes an hour."""
NOT_AGAIN_S = Listen().refractory_ms / 1000
"""Within so much of a wake another is the same one."""

NOBODY = Share(0, 0, 0.0, 1.0)
LEAST_KEPT = 0.04
"""Below every threshold that a setting can choose."""

Trace = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Heard:
    """One saying of the word: how sure the model was, at most."""

    group: str
    condition: str
    kind: Kind
    half: Half
    probability: float


@dataclass(frozen=True, slots=True)
class Passed:
    """A stretch of sound without the word."""

    kind: Kind
    half: Half
    seconds: float
    sure: tuple[tuple[float, float], ...]
    """Frames of at least LEAST_KEPT: (seconds from its beginning, probability)."""


@dataclass(frozen=True)
class Word:
    """All that was heard of one wake word."""

    name: str
    own: float
    """The threshold at a sensitivity of 0.5."""
    said: tuple[Heard, ...]
    passed: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, counted over one half of the material."""

    sensitivity: float
    threshold: float
    missed: Mapping[str, Share]
    """Kind of voice -> share missed; and "people, 15 dB" and the like."""
    false: Mapping[str, Rate]
    """Kind of sound, and "all" -> false wakes per hour."""


def opened(name: str) -> WakeWord:
    """A wake word, fresh. Raises ConfigError, MissingPiece."""
    wake = open_wake_word(Listen(wake_word=name))
    if wake is None:
        raise ConfigError(f"{name} is no wake word that could be measured")
    return wake


def listen(name: str, sayings: Iterable[Saying]) -> tuple[Heard, ...]:
    """How sure the model is of each saying; each is the first thing that it hears."""
    return tuple(
        Heard(one.group, one.condition, one.kind, one.half, float(_trace(opened(name), one.samples).max(initial=0.0)))
        for one in sayings
    )


def overhear(names: Sequence[str], stretches: Iterable[Stretch]) -> Iterator[tuple[str, Passed]]:
    """What each word's model makes of sound without it, one stretch after another as in a room that never rests.

    A stretch in which a word is said is left out for that word.
    """
    wakes = {name: opened(name) for name in names}
    for stretch in stretches:
        for name, wake in wakes.items():
            if name not in stretch.says:
                yield name, _passed(stretch, _trace(wake, stretch.samples))


def write_evidence(words: Sequence[Word], output: TextIO) -> None:
    """One JSON line for each word, and for each thing that it heard after it."""
    for word in words:
        output.write(json.dumps({"word": word.name, "own": word.own}) + "\n")
        output.writelines(json.dumps({"said": asdict(one)}) + "\n" for one in word.said)
        output.writelines(json.dumps({"passed": asdict(one)}) + "\n" for one in word.passed)


def read_evidence(path: Path) -> list[Word]:
    """What `write_evidence` wrote. Raises UsageError naming the line; OSError."""
    found: list[tuple[str, float, list[Heard], list[Passed]]] = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = read_json(line)
                if "word" in row:
                    found.append((str(row["word"]), float(row["own"]), [], []))
                elif "said" in row:
                    found[-1][2].append(Heard(**row["said"]))
                else:
                    sure = tuple((at_s, probability) for at_s, probability in row["passed"].pop("sure"))
                    found[-1][3].append(Passed(**row["passed"], sure=sure))
            except (ValueError, KeyError, TypeError, IndexError, AttributeError) as fault:
                raise UsageError(f"{path}, line {number}, is no evidence of a wake word ({fault})") from None
    return [Word(name, own, tuple(said), tuple(passed)) for name, own, said, passed in found]


def _trace(wake: WakeWord, samples: npt.NDArray[np.float32]) -> Trace:
    return np.array([wake.probability(frame) for frame in frames_of(samples)], np.float32)


def _passed(stretch: Stretch, trace: Trace) -> Passed:
    sure = tuple((round(at * FRAME_S, 3), round(float(trace[at]), 4)) for at in np.flatnonzero(trace >= LEAST_KEPT))
    return Passed(stretch.kind, stretch.half, round(len(trace) * FRAME_S, 3), sure)


def false_wakes(passed: Passed, least: float) -> int:
    """How often a model wakes above the threshold `least`, one refractory time apart."""
    count, not_before_s = 0, 0.0
    for at_s, probability in passed.sure:
        if probability > least and at_s >= not_before_s:
            count, not_before_s = count + 1, at_s + NOT_AGAIN_S
    return count


def counted(word: Word, sensitivity: float, half: Half | None) -> Setting:
    """Count one setting; `half` None counts both."""
    least = threshold(word.own, sensitivity)
    said = [one for one in word.said if half in (None, one.half)]
    passed = [one for one in word.passed if half in (None, one.half)]
    missed: dict[str, Share] = {}
    for kind in sorted({one.kind for one in said}):
        mine = [one for one in said if one.kind == kind]
        missed[kind] = _missed(mine, least)
        for condition in sorted({one.condition for one in mine}):
            missed[f"{kind}, {condition}"] = _missed([one for one in mine if one.condition == condition], least)
    false: dict[str, Rate] = {}
    for kind in sorted({one.kind for one in passed}):
        false[kind] = _false([one for one in passed if one.kind == kind], least)
    return Setting(sensitivity, least, missed, false | {"all": _false(passed, least)})


def _missed(said: Sequence[Heard], least: float) -> Share:
    missed = [one.probability <= least for one in said]
    low, high = clustered(missed, [one.group for one in said])
    return Share(sum(missed), len(missed), low, high)


def _false(passed: Sequence[Passed], least: float) -> Rate:
    return rate_of(sum(false_wakes(one, least) for one in passed), sum(one.seconds for one in passed) / 3600)


def chosen(word: Word) -> float:
    """The sensitivity that the tuning half chooses: of those within the aim of false wakes, the one that misses least,
    people counting where there are any; of equals the least sensitive. 0 where none is within the aim."""
    points = [counted(word, at, "tuning") for at in SENSITIVITIES]
    quiet = [one for one in points if one.false["all"].value <= AIM_PER_HOUR]
    best = min(quiet, key=lambda one: (judged_by(one).value, one.sensitivity), default=points[0])
    return best.sensitivity


def judged_by(one: Setting) -> Share:
    """Misses of people where there are any, else of synthetic voices; of nobody where nobody said it."""
    return one.missed.get("people") or one.missed.get("synthetic") or NOBODY
