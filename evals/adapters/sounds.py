"""Read the public sets of recordings: short commands with their words, wake words, and coffee orders.

A recording whose words are known measures hearing; one whose call is known as well measures the way from sound to call.
Picovoice's orders say their slots and not their words: such a case has no text, and a tag `says:` for each slot.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.prompt import plain
from evals import mapping
from evals.adapters.files import first, json_lines
from evals.adapters.sentences import Cases, make_case
from evals.cases import Case
from evals.scoring_sound import SAYS

TRAINED_ON = "trained-on"
"""The tag of a recording that the shipped listening model has learned from; only the others measure it."""
_KEPT_ONE_IN = {"speech_to_phrase": 3, "picovoice_wakeword": 5, "picovoice_s2i": 2}
"""Source -> of so many recordings training keeps one back, by its path: finetune.listening.clips and .orders."""
_SOUNDS = ("*.wav", "*.flac")


def speech_to_phrase(folder: Path) -> Cases:
    """speech-to-phrase's English recordings: the file's name is what it says. Its generated clips are left out."""
    for path in _clips(folder, "speech_to_phrase/en", "tests/wav/en", "en"):
        text = plain(path.stem)
        rule = next((rule for pattern, rule in mapping.SPEECH_TO_PHRASE if re.search(pattern, text)), "none")
        case = make_case("speech_to_phrase", text, rule, {})
        if case is not None:
            yield _with_sound(case, path, folder)


def wake_words(folder: Path) -> Cases:
    """Picovoice's recordings of a single wake word: heard without one, they are for nobody."""
    for word in ("alexa", "computer"):
        for path in _clips(folder, f"picovoice_wakeword/{word}", f"audio/{word}", word):
            case = Case(word, "none", source="picovoice_wakeword", group=f"picovoice_wakeword:{word}")
            yield _with_sound(case, path, folder)


def orders(folder: Path) -> Cases:
    """Picovoice's coffee orders. No skill of ours makes coffee to order: the right call is none()."""
    for path, record in _labelled(folder):
        said = tuple(f"{SAYS}{words}" for value in record["slots"].values() if (words := plain(value)))
        skill = mapping.PICOVOICE.get(record["intent"], "none")
        case = Case("", skill, source="picovoice_s2i", group=f"picovoice_s2i:{path.stem}", tags=said)
        yield _with_sound(case, path, folder)


def _with_sound(case: Case, path: Path, folder: Path) -> Case:
    """The case with its recording, marked where the shipped model has heard it before."""
    inside = {"speech_to_phrase": f"en/{path.name}", "picovoice_wakeword": f"{path.parent.name}/{path.name}"}
    known_as = f"{case.source}/{inside.get(case.source, path.name)}"
    trained = sum(known_as.encode()) % _KEPT_ONE_IN[case.source] != 0
    tags = (*case.tags, TRAINED_ON) if trained else case.tags
    return replace(case, tags=tags, sound=path.relative_to(folder).as_posix())


def _clips(folder: Path, *names: str) -> list[Path]:
    return first([folder / name for name in names if (folder / name).is_dir()], *_SOUNDS)


def _labelled(folder: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Clip and label: from the benchmark's label.json, or from a manifest of JSON lines."""
    label = folder / "data/label/label.json"
    if label.is_file():
        found = json.loads(label.read_text(encoding="utf-8"))
        rows = [(folder / "data/speech/clean" / name, record) for name, record in found.items()]
    else:
        manifest = (record for path in first([folder], "manifest.jsonl") for record in json_lines(path))
        rows = [(folder / record["path"], record) for record in manifest if record["source"] == "picovoice_s2i"]
    for path, record in sorted(rows, key=lambda row: row[0].name):
        if path.is_file():
            yield path, record
