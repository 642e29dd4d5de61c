"""Read the public sets of sentences from the user's folders, as cases with our calls.

Each reader takes the files as the project that made them publishes them, or as one file of JSON lines per part.
Licences, and so what may be trained on: CLINC150 CC BY 3.0, HWU64 CC BY 4.0, Snips CC0, Thingpedia BSD-3-Clause,
Home Assistant intents CC BY 4.0, BFCL Apache-2.0. xSID is CC BY-SA 4.0 and serves measuring only.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from assistant.prompt import plain
from evals import mapping
from evals.adapters import rules_home, rules_music, rules_time, rules_words
from evals.adapters.files import first, json_lines
from evals.adapters.found import Found, Rule
from evals.cases import Case, stands_in
from evals.sets.kept import group_key

RULES: dict[str, Rule] = rules_time.RULES | rules_music.RULES | rules_home.RULES | rules_words.RULES

Cases = Iterator[Case | None]
"""None for each sentence that is left out, because its label does not say enough."""


def make_case(source: str, raw: str, rule: str, slots: Mapping[str, str]) -> Case | None:
    """One sentence of a source through its rule; None where the label does not say enough."""
    text = plain(plain(raw))  # a mark may come free when the one behind it goes
    if rule == "drop" or not text:
        return None
    found = RULES[rule](text, {slot: plain(words) for slot, words in slots.items()})
    if found is None:
        return None
    return _checked(found, text, source)


def _checked(found: Found, text: str, source: str) -> Case:
    """A pattern's words that do not stand as whole pieces make the arguments unsure, never wrong."""
    closed = {"state", "direction", "action"}
    whole = all(name in closed or stands_in(words, text) for name, words in found.words.items())
    known = found.known and whole
    return Case(text, found.skill, dict(found.words) if known else {}, known, source, f"{source}:{group_key(text)}")


def _needed(folder: Path, *patterns: str) -> list[Path]:
    """The files of the first pattern that is there. Raises FileNotFoundError naming the first one."""
    found = first([folder], *patterns)
    if not found:
        raise FileNotFoundError(f"there is no {folder / patterns[0]}")
    return found


_OURS_BY_NAME = re.compile(r"\b(?:volume|timer|alarm|thermostat|shopping list|playlist)\b")
"""A sentence with such a word under a label that has nothing to do with it was filed wrongly."""


def clinc(folder: Path, *, test: bool = False) -> Cases:
    """CLINC150: text and intent.

    Args:
        test: the published test sentences where the file has them; else all others. So training sees none of them.
    """
    (path,) = _needed(folder, "data_dev.json", "data_full.json", "data/data_full.json")[:1]
    data = json.loads(path.read_text(encoding="utf-8"))
    published = [name for name in data if name.endswith("test")]
    chosen = published if test and published else [name for name in data if name not in published]
    for split in chosen:
        for text, intent in data[split]:
            rule = mapping.CLINC.get(intent, "none")
            misfiled = rule == "none" and _OURS_BY_NAME.search(text)
            if "(x)" not in text and not misfiled:
                yield make_case("clinc150", text, rule, {})


_SLOT = re.compile(r"\[\s*([\w ]+?)\s*:\s*([^\]]+?)\s*\]")
_HWU_TABLE = "NLU-Data-Home-Domain-Annotated-All.csv"


def hwu(folder: Path) -> Cases:
    """HWU64: the annotation holds slots; a slot that stands twice is left out."""
    (path,) = _needed(folder, "part_a.jsonl", _HWU_TABLE, f"AnnotatedData/{_HWU_TABLE}")[:1]
    for intent, annotation in _hwu_lines(path):
        found = _SLOT.findall(annotation)
        names = [name for name, _ in found]
        slots = {name: words for name, words in found if names.count(name) == 1}
        text = _SLOT.sub(r"\2", annotation).replace(" '", "'")
        yield make_case("hwu64", text, mapping.HWU.get(intent, "none"), slots)


def _hwu_lines(path: Path) -> Iterator[tuple[str, str]]:
    """Intent and annotation; in the published table the intent is two columns, and what is marked IRR was no answer."""
    if path.suffix == ".jsonl":
        for record in json_lines(path):
            yield record["intent"], record["annotation"]
        return
    with path.open(encoding="utf-8", errors="replace", newline="") as table:
        for record in csv.DictReader(table, delimiter=";"):
            answered = record["answer_annotation"] and not (record["status"] or "").startswith("IRR")
            if answered and record["answer_annotation"] != "null":
                yield f"{record['scenario']}_{record['intent']}", record["answer_annotation"]


def snips(folder: Path, *, test: bool = False) -> Cases:
    """Snips: pieces of text, some with an entity; the files hold both UTF-8 and Latin-1.

    Args:
        test: the published validation sentences, where they are there.
    """
    for intent, rule in mapping.SNIPS.items():
        trained = (
            f"train_{intent}_full.json",
            f"*/{intent}/train_{intent}_full.json",
            f"{intent}/train_{intent}_full.json",
        )
        held = (f"validate_{intent}.json", f"*/{intent}/validate_{intent}.json", f"{intent}/validate_{intent}.json")
        path = _needed(folder, *(held + trained if test else trained))[0]
        for utterance in _json_of(path)[intent]:
            parts = utterance["data"]
            marked = [part["entity"] for part in parts if "entity" in part]
            slots = {p["entity"]: p["text"] for p in parts if "entity" in p and marked.count(p["entity"]) == 1}
            yield make_case("snips", "".join(part["text"] for part in parts), rule, slots)


def _json_of(path: Path) -> Any:
    raw = path.read_bytes()
    try:
        return json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return json.loads(raw.decode("latin-1"))


_QUOTED = re.compile(r'(\w+) ?(?:=|=~|,) ?(?:null\^\^[\w.:-]+\()?"([^"]+)"')


def thingpedia(folder: Path) -> Cases:
    """Thingpedia: the program's quoted strings are slots where the text says them the same way."""
    for record in json_lines(folder / "train.jsonl"):
        program, text = record["thingtalk"], re.sub(r"^(?:get|do|when|now) ?: ", "", record["text"])
        rule = next((rule for pattern, rule in mapping.THINGPEDIA if re.search(pattern, program)), "none")
        slots = {name: words for name, words in _QUOTED.findall(program) if words in plain(text)}
        if rule == "play":
            slots = {_MEDIA[name]: words for name, words in slots.items() if name in _MEDIA}
        yield make_case("thingpedia", text, rule, slots)


_MEDIA = {"id": "track", "artists": "artist", "genres": "genre"}


def home_assistant(folder: Path) -> Cases:
    """Home Assistant's test sentences, English."""
    for text, intent, given in _home_assistant_lines(folder):
        slots = {name: value for name, value in given.items() if isinstance(value, str)}
        named = given.get("name")
        if isinstance(named, list):
            slots["name"] = named[-1].strip()
        kept = {name: words for name, words in slots.items() if plain(words) in plain(text)}
        yield make_case("ha_intents", text, mapping.HOME_ASSISTANT.get(intent, "drop"), kept)


def _home_assistant_lines(folder: Path) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Text, intent and slots, of one file of JSON lines or of the project's own YAML tests."""
    paths = _needed(folder, "en.jsonl", "tests/en/**/*.yaml")
    if paths[0].suffix == ".jsonl":
        for record in json_lines(paths[0]):
            yield record["text"], record["intent"], record["slots"]
        return
    import yaml  # several libraries that Hark stands on bring it

    for path in paths:
        try:
            found = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except yaml.YAMLError as fault:
            raise ValueError(f"{path.name} is no YAML ({str(fault).partition(chr(10))[0]})") from None
        for test in found.get("tests", ()):
            for sentence in test.get("sentences", ()):
                yield sentence, test["intent"]["name"], test["intent"].get("slots") or {}


_KNOWLEDGE = re.compile(r"^(?:who|when|where|why|which|what (?:is|are|was|were) (?:the|a|an)) ")
_SERVED = re.compile(
    r"\b(?:weather|forecast|temperature|time in|current time|calculate|distance|convert|exchange"
    r"|stock|news|miles|sum|multiply|plus|\d+)\b"
)


def bfcl(folder: Path) -> Cases:
    """BFCL: short questions of general knowledge."""
    for file in sorted(folder.glob("BFCL_v4_*.json")):
        for record in json_lines(file):
            text = record["question"][0][0]["content"]
            if _KNOWLEDGE.search(plain(text)) and not _SERVED.search(plain(text)) and len(text.split()) <= 16:
                yield make_case("bfcl", text, "ask", {})


def xsid(folder: Path) -> Cases:
    """xSID, English: for measuring only. The published test part where it is there, else the validation part."""
    paths = _needed(folder, "en.test.conll", "data/*/en.test.conll", "en.valid.conll", "data/*/en.valid.conll",
                    "en.valid.jsonl")  # fmt: skip
    for text, intent, given in _xsid_lines(paths[-1]):  # of several versions the newest
        slots = {name: words[0] for name, words in given.items() if len(words) == 1}
        yield make_case("xsid", text, mapping.XSID.get(intent, "drop"), slots)


def _xsid_lines(path: Path) -> Iterator[tuple[str, str, Mapping[str, list[str]]]]:
    """Text, intent and slots; in CoNLL form a sentence is a block of lines, one a word, its slot in the last column."""
    if path.suffix == ".jsonl":
        for record in json_lines(path):
            yield record["text"], record["intent"], record["slots"]
        return
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        lines = block.strip().splitlines()
        notes = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# ") and ": " in line)
        words = [line.split("\t") for line in lines if line and line[0] != "#"]
        if "text" in notes and "intent" in notes:
            yield notes["text"], notes["intent"], _spans(words)


def _spans(words: list[list[str]]) -> dict[str, list[str]]:
    """Slot -> what it says, from B- and I- marks."""
    found: dict[str, list[str]] = {}
    for columns in words:
        word, (mark, _, name) = columns[1], columns[-1].partition("-")
        if mark == "B":
            found.setdefault(name, []).append(word)
        elif mark == "I" and name in found:
            found[name][-1] += f" {word}"
    return found
