"""Read the public sets from their folders, as cases with our calls.

Licences, and so what may be trained on: CLINC150 CC BY 3.0, HWU64 CC BY 4.0, Snips CC0, Thingpedia BSD-3-Clause,
Home Assistant intents CC BY 4.0, BFCL Apache-2.0. xSID is CC BY-SA 4.0 and serves measuring only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from assistant.prompt import plain
from evals import mapping
from evals.cases import Case, stands_in
from finetune.sources import rules_home, rules_music, rules_time, rules_words
from finetune.sources.found import Found, Rule

RULES: dict[str, Rule] = rules_time.RULES | rules_music.RULES | rules_home.RULES | rules_words.RULES

_POLITE = re.compile(
    r"\b(?:please|can you|could you|would you|will you|hey|hi|ok|okay|olly|i want you to"
    r"|i'd like you to|i need you to|i want to|i'd like to"
    r"|i need to|i would like to|go ahead and|for me|tell me|let me know|the|a|an|my|to|now|just)\b"
)
_NUMBERS = re.compile(
    r"\d+|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty"
    r"|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred)\b"
)


def group_key(text: str) -> str:
    """Near-duplicates share it: without politeness, articles and the particular numbers."""
    bare = _NUMBERS.sub("#", _POLITE.sub(" ", text))
    return " ".join(re.findall(r"[\w#']+", bare)) or text


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


_OURS_BY_NAME = re.compile(r"\b(?:volume|timer|alarm|thermostat|shopping list|playlist)\b")
"""A sentence with such a word under a label that has nothing to do with it was filed wrongly."""


def clinc(folder: Path) -> Iterator[Case | None]:
    """CLINC150: text and intent."""
    data = json.loads((folder / "data_dev.json").read_text(encoding="utf-8"))
    for split in data.values():
        for text, intent in split:
            rule = mapping.CLINC.get(intent, "none")
            misfiled = rule == "none" and _OURS_BY_NAME.search(text)
            if "(x)" not in text and not misfiled:
                yield make_case("clinc150", text, rule, {})


_SLOT = re.compile(r"\[\s*([\w ]+?)\s*:\s*([^\]]+?)\s*\]")


def hwu(folder: Path) -> Iterator[Case | None]:
    """HWU64: the annotation holds slots; a slot that stands twice is left out."""
    for record in _lines(folder / "part_a.jsonl"):
        found = _SLOT.findall(record["annotation"])
        names = [name for name, _ in found]
        slots = {name: words for name, words in found if names.count(name) == 1}
        text = _SLOT.sub(r"\2", record["annotation"]).replace(" '", "'")
        yield make_case("hwu64", text, mapping.HWU.get(record["intent"], "none"), slots)


def snips(folder: Path) -> Iterator[Case | None]:
    """Snips: pieces of text, some with an entity; the files hold both UTF-8 and Latin-1."""
    for intent, rule in mapping.SNIPS.items():
        raw = (folder / f"train_{intent}_full.json").read_bytes()
        try:
            content = raw.decode("utf-8")
        except UnicodeDecodeError:
            content = raw.decode("latin-1")
        for utterance in json.loads(content)[intent]:
            parts = utterance["data"]
            names = [part["entity"] for part in parts if "entity" in part]
            slots = {p["entity"]: p["text"] for p in parts if "entity" in p and names.count(p["entity"]) == 1}
            yield make_case("snips", "".join(part["text"] for part in parts), rule, slots)


_QUOTED = re.compile(r'(\w+) ?(?:=|=~|,) ?(?:null\^\^[\w.:-]+\()?"([^"]+)"')


def thingpedia(folder: Path) -> Iterator[Case | None]:
    """Thingpedia: the program's quoted strings are slots where the text says them the same way."""
    for record in _lines(folder / "train.jsonl"):
        program, text = record["thingtalk"], re.sub(r"^(?:get|do|when|now) ?: ", "", record["text"])
        rule = next((rule for pattern, rule in mapping.THINGPEDIA if re.search(pattern, program)), "none")
        slots = {name: words for name, words in _QUOTED.findall(program) if words in plain(text)}
        if rule == "play":
            slots = {_MEDIA[name]: words for name, words in slots.items() if name in _MEDIA}
        yield make_case("thingpedia", text, rule, slots)


_MEDIA = {"id": "track", "artists": "artist", "genres": "genre"}


def home_assistant(folder: Path) -> Iterator[Case | None]:
    """Home Assistant's test sentences, English."""
    for record in _lines(folder / "en.jsonl"):
        slots = {name: value for name, value in record["slots"].items() if isinstance(value, str)}
        named = record["slots"].get("name")
        if isinstance(named, list):
            slots["name"] = named[-1].strip()
        kept = {name: words for name, words in slots.items() if plain(words) in plain(record["text"])}
        yield make_case("ha_intents", record["text"], mapping.HOME_ASSISTANT.get(record["intent"], "drop"), kept)


_KNOWLEDGE = re.compile(r"^(?:who|when|where|why|which|what (?:is|are|was|were) (?:the|a|an)) ")
_SERVED = re.compile(
    r"\b(?:weather|forecast|temperature|time in|current time|calculate|distance|convert|exchange"
    r"|stock|news|miles|sum|multiply|plus|\d+)\b"
)


def bfcl(folder: Path) -> Iterator[Case | None]:
    """BFCL: short questions of general knowledge."""
    for file in sorted(folder.glob("BFCL_v4_*.json")):
        for record in _lines(file):
            text = record["question"][0][0]["content"]
            if _KNOWLEDGE.search(plain(text)) and not _SERVED.search(plain(text)) and len(text.split()) <= 16:
                yield make_case("bfcl", text, "ask", {})


def xsid(folder: Path) -> Iterator[Case | None]:
    """xSID, English: for measuring only."""
    for record in _lines(folder / "en.valid.jsonl"):
        slots = {name: words[0] for name, words in record["slots"].items() if len(words) == 1}
        yield make_case("xsid", record["text"], mapping.XSID.get(record["intent"], "drop"), slots)


READERS: dict[str, tuple[str, Callable[[Path], Iterator[Case | None]]]] = {
    "clinc150": ("clinc150", clinc),
    "hwu64": ("hwu64", hwu),
    "snips": ("snips", snips),
    "thingpedia": ("thingpedia", thingpedia),
    "ha_intents": ("ha_intents", home_assistant),
    "bfcl": ("bfcl", bfcl),
}
"""Sources that may be trained on: name -> (folder, reader)."""


def _lines(path: Path) -> Iterator[Any]:
    """JSON lines. Raises ValueError naming file and line."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield json.loads(line)
            except ValueError as fault:
                raise ValueError(f"{path.name}, line {number}: {fault}") from fault


def human_cases(data: Path) -> Iterator[Case]:
    """Every sentence of every set that may be trained on. Raises FileNotFoundError where a folder is missing."""
    for folder, reader in READERS.values():
        for case in reader(data / folder):
            if case is not None:
                yield case
