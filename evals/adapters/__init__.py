"""Public sets, run from the user's own copy of them, through a table to our calls (evals.mapping).

Nothing of a set is part of this project: a missing folder is one sentence that names the repository to take it from.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from assistant.commands.frame import UsageError
from assistant.skill import SkillError
from evals.adapters import sentences, sounds
from evals.adapters.files import Origin, folders
from evals.adapters.sentences import Cases
from evals.cases import Case


@dataclass(frozen=True, slots=True)
class Adapter:
    """How a public set is read."""

    origin: Origin
    read: Callable[[Path], Cases]
    """From the set's folder; raises FileNotFoundError, or yields nothing, where its files are not there."""
    places: tuple[str, ...]
    """Names of folders inside DATA in which the set may lie."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A public set that was found."""

    cases: tuple[Case, ...]
    folder: Path
    """What the cases' recordings are named from."""


def _adapter(name: str, origin: tuple[str, str, str], read: Callable[[Path], Cases], *places: str) -> Adapter:
    return Adapter(Origin(name, *origin), read, (name, *places))


_ALL = (
    _adapter(
        "clinc150",
        ("clinc/oos-eval", "data/data_full.json", "CC BY 3.0"),
        partial(sentences.clinc, test=True), "oos-eval",
    ),
    _adapter(
        "hwu64",
        ("xliuhw/NLU-Evaluation-Data", "AnnotatedData/NLU-Data-Home-Domain-Annotated-All.csv", "CC BY 4.0"),
        sentences.hwu, "NLU-Evaluation-Data",
    ),
    _adapter(
        "snips",
        ("sonos/nlu-benchmark", "the folder 2017-06-custom-intent-engines", "CC0 1.0"),
        partial(sentences.snips, test=True), "nlu-benchmark",
    ),
    _adapter(
        "xsid",
        ("mainlp/xsid", "the folder data", "CC BY-SA 4.0"),
        sentences.xsid,
    ),
    _adapter(
        "home-assistant",
        ("home-assistant/intents", "the folder tests/en", "CC BY 4.0"),
        sentences.home_assistant, "ha_intents", "intents",
    ),
    _adapter(
        "picovoice-orders",
        ("Picovoice/speech-to-intent-benchmark", "the folders data/label and data/speech", "Apache-2.0"),
        sounds.orders, "speech-to-intent-benchmark", "audio",
    ),
    _adapter(
        "picovoice-wake-words",
        ("Picovoice/wake-word-benchmark", "the folders audio/alexa and audio/computer", "Apache-2.0"),
        sounds.wake_words, "wake-word-benchmark", "audio",
    ),
    _adapter(
        "speech-to-phrase",
        ("OHF-Voice/speech-to-phrase", "the folder tests/wav/en", "Apache-2.0"),
        sounds.speech_to_phrase, "audio",
    ),
)  # fmt: skip
ADAPTERS: Mapping[str, Adapter] = {adapter.origin.name: adapter for adapter in _ALL}
"""The public sets, by the name that `hark eval run` takes."""


def open_adapter(name: str, data: Path | None) -> Opened:
    """A public set from the user's folder: DATA itself, or a folder in it that has the set's name.

    Raises:
        UsageError: no folder was said, or it lacks the set's files; the sentence names the repository.
        SkillError: a file is not what the set's files are; the sentence names the file.
    """
    adapter = ADAPTERS[name]
    if data is None:
        raise UsageError(f"say with --data where {name} lies; it is the GitHub repository {adapter.origin.repo}")
    for folder in folders(data, *adapter.places):
        try:
            cases = tuple(case for case in adapter.read(folder) if case is not None)
        except FileNotFoundError:
            continue
        except (ValueError, LookupError, TypeError, AttributeError, csv.Error) as fault:
            raise SkillError(f"{folder} does not read as {name}: {fault}") from fault
        if cases:
            return Opened(cases, folder)
    raise adapter.origin.missing(data)
