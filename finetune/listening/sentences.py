"""The sentences the listening model learns to write: human ones from the data folder, and grown ones.

Text has one normal form: lower case, numbers as words, apostrophes kept, no other punctuation. What is said and
what is written differ in a few words ("am" is spelled out by a voice); `spoken` makes the former from the latter.
Only sources whose licence allows shipping weights made from them are read: CLINC150 and HWU64 (CC BY), Snips (CC0),
Thingpedia (BSD-3-Clause), Home Assistant intents (CC BY), home-llm piles (MIT).
"""

from __future__ import annotations

import csv
import hashlib
import json
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from num2words import num2words  # type: ignore[import-untyped,import-not-found,unused-ignore]

MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
OUR_CLINC = {
    "timer", "alarm", "weather", "time", "date", "play_music", "next_song", "update_playlist", "what_song",
    "shopping_list", "shopping_list_update", "todo_list", "todo_list_update", "smart_home", "calculator",
    "measurement_conversion", "change_volume", "reminder", "reminder_update", "tell_joke", "timezone", "repeat",
    "cancel", "definition", "what_can_i_ask_you", "yes", "no", "greeting", "thank_you", "goodbye", "fun_fact",
}  # fmt: skip
OUR_SNIPS = {"GetWeather", "PlayMusic", "AddToPlaylist"}


def words(number: float | int, **how: str) -> str:
    """Write a number in words, without hyphens and commas."""
    return re.sub(r"[-,]", " ", num2words(number, **how)).replace("  ", " ")


def _clock_words(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    if minute == 0:
        return f"{words(hour)} o'clock" if not match[3] else words(hour) + " " + match[3]
    middle = "oh " + words(minute) if minute < 10 else words(minute)
    return f"{words(hour)} {middle} {match[3] or ''}"


def normal(text: str) -> str | None:
    """Bring a written sentence into normal form; None when it holds what cannot be read aloud with certainty."""
    text = text.lower().replace("’", "'").replace("&", " and ").replace("%", " percent ")
    text = re.sub(r"\b([ap])\s?\.\s?m\b\.?", r"\1m", text)
    text = re.sub(r"\b(\d{1,2}):(\d\d)\s*([ap]m)?(?!\d)", _clock_words, text)
    text = re.sub(r"(\d)([ap]m)\b", r"\1 \2", text)
    text = re.sub(r"\$(\d+)\b", r"\1 dollars", text)
    text = re.sub(r"(\d),(\d{3})\b", r"\1\2", text)
    text = re.sub(r"\b(\d+)(st|nd|rd|th)\b", lambda m: words(int(m[1]), to="ordinal"), text)
    text = re.sub(r"\b((?:19|20)\d\d)\b", lambda m: words(int(m[1]), to="year"), text)
    text = re.sub(r"\b\d+\.\d+\b|\b\d+\b", lambda m: words(float(m[0]) if "." in m[0] else int(m[0])), text)
    text = re.sub(r"[-_/,.?!;:\"()]", " ", text)
    text = re.sub(r"(?<![a-z])'|'(?![a-z])", " ", text)
    text = " ".join(text.split())
    return text if re.fullmatch(r"[a-z' ]+", text) else None


def spoken(text: str) -> str:
    """Make what a voice should be given from a normal-form text."""
    text = re.sub(r"(?<=[a-z]) (am|pm)\b(?! i\b)", _spell_am, text)
    return re.sub(r"\b(tv|usb|dj|led|vlc|cd|pm)\b", lambda m: " ".join(m[1]), text)


def _spell_am(match: re.Match[str]) -> str:
    before = match.string[: match.start()].rsplit(" ", 1)[-1]
    number = before in NUMBER_WORDS or before == "o'clock"
    return " " + " ".join(match[1]) if number else match[0]


NUMBER_WORDS = {w for n in range(60) for w in words(n).split()}


def held_out(text: str) -> bool:
    """Say whether a sentence is never trained on: one in 25, by its hash, so for every source and every run."""
    return int(hashlib.md5(text.encode(), usedforsecurity=False).hexdigest(), 16) % 25 == 0


class Grammar:
    """Random sentences of `grammar_en.txt`."""

    def __init__(self, seed: int) -> None:
        path = Path(__file__).with_name("grammar_en.txt")
        self.random = random.Random(seed)
        self.rules: dict[str, str] = {}
        self.tops: list[str] = []
        self.weights: list[float] = []
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("="):
                weight, rule = line[1:].strip().split(" ", 1)
                self.weights.append(float(weight))
                self.tops.append(rule)
            elif ":" in line and not line.startswith("#"):
                name, rule = line.split(":", 1)
                self.rules[name] = rule.strip()

    def sentence(self) -> str:
        """Return one sentence in normal form."""
        return " ".join(self.expand(self.random.choices(self.tops, self.weights)[0]).split())

    def expand(self, rule: str) -> str:
        """Expand options, choices and slots, innermost first."""
        choose = self.random
        while True:
            match = re.search(r"\(([^()\[\]]*)\)|\[([^()\[\]]*)\]", rule)
            if not match:
                break
            picked = (
                choose.choice(match[1].split("|"))
                if match[1] is not None
                else (choose.choice(match[2].split("|")) if choose.random() < 0.5 else "")
            )
            rule = rule[: match.start()] + picked + rule[match.end() :]
        return re.sub(r"<(\w+)>", lambda m: self.slot(m[1]), rule)

    def slot(self, name: str) -> str:
        """Expand one named slot; those of numbers and times are made here."""
        r = self.random
        if name in self.rules:
            return self.expand(self.rules[name])
        if re.fullmatch(r"n\d+", name):
            return words(r.randint(1, int(name[1:])))
        return MADE[name](r)


def _any_number(r: random.Random) -> str:
    return words(int(10 ** r.uniform(0, 4)) if r.random() < 0.7 else r.randint(100, 999))


def _clock(r: random.Random) -> str:
    hour = words(r.randint(1, 12))
    half = r.choice(["am", "pm", "", "", "in the morning", "in the evening", "tonight", "o'clock"])
    minute = r.choice([0, 0, 15, 30, 30, 45, 10, 20, 50, 5, r.randint(1, 59)])
    form = r.random()
    if minute and form < 0.3:
        near = r.choice(["quarter past", "half past", "quarter to", words(r.choice([5, 10, 20, 25])) + " to",
                         words(r.choice([5, 10, 20, 25])) + " past", "a quarter past"])  # fmt: skip
        return f"{near} {hour} {half if half not in ('o' + chr(39) + 'clock',) else ''}".strip()
    if form > 0.95:
        return r.choice(["noon", "midnight", "sunrise", "dawn"])
    if minute and half != "o'clock":
        return f"{hour} {'oh ' if minute < 10 else ''}{words(minute)} {half}".strip()
    return f"{hour} {half}".strip()


def _month_day(r: random.Random) -> str:
    day = words(r.randint(1, 31), to="ordinal")
    month = r.choice(MONTHS)
    return r.choice([f"{month} {day}", f"the {day} of {month}", f"{month} {words(r.randint(1, 31))}"])


def _digits(r: random.Random) -> str:
    return " ".join(words(r.randint(0, 9)) for _ in range(r.randint(2, 6)))


MADE: dict[str, Callable[[random.Random], str]] = {
    "n": _any_number,
    "clock": _clock,
    "monthday": _month_day,
    "digits": _digits,
    "decimal": lambda r: f"{words(r.randint(0, 99))} point {_digits(r)[:20].rsplit(' ', 1)[0]}",
}


def human(data: Path) -> Iterator[tuple[str, float]]:
    """Yield human sentences of `data` in normal form, each with a share in 0..1 of how often it should be used."""
    clinc = json.loads((data / "clinc150/data_dev.json").read_text())
    for text, intent in [row for split in clinc.values() for row in split]:
        yield text, 1.0 if intent in OUR_CLINC else 0.3
    for line in (data / "hwu64/part_a.jsonl").read_text().splitlines():
        yield json.loads(line)["text"], 1.0
    for path in sorted((data / "snips").glob("train_*_full.json")):
        for name, rows in json.loads(path.read_text(encoding="latin-1")).items():
            for row in rows:
                yield "".join(part["text"] for part in row["data"]), 0.7 if name in OUR_SNIPS else 0.15
    for line in (data / "thingpedia/train.jsonl").read_text().splitlines():
        yield json.loads(line)["text"], 1.0
    for line in (data / "ha_intents/en.jsonl").read_text().splitlines():
        yield json.loads(line)["text"], 1.0
    piles = data / "home_llm_piles/english"
    for row in csv.DictReader((piles / "pile_of_specific_actions.csv").open(encoding="utf-8")):
        yield row["phrase"], 1.0
    for line in (piles / "pile_of_todo_items.txt").read_text(encoding="utf-8").splitlines():
        yield "remind me to " + line, 1.0
    for line in (piles / "pile_of_media_names.txt").read_text(encoding="utf-8").splitlines():
        yield "play " + line, 0.3
    for row in csv.DictReader((piles / "pile_of_device_names.csv").open(encoding="utf-8")):
        yield "turn on " + row["description"], 1.0


def sentences_of_people(data: Path, seed: int) -> list[str]:
    """Return sentences that people wrote, in normal form and random order, each source by its share."""
    r = random.Random(seed)
    chosen = []
    for text, share in human(data):
        plain = normal(text)
        if plain and r.random() < share and 1 <= len(plain.split()) <= 14 and len(plain) <= 90:
            chosen.append(plain)
    r.shuffle(chosen)
    return chosen


def corpus(data: Path, count: int, seed: int) -> list[str]:
    """Return `count` sentences in random order, repeats possible, held-out ones included: human ones, then grown."""
    grammar = Grammar(seed)
    chosen = sentences_of_people(data, seed)[: count // 2]
    while len(chosen) < count:
        text = grammar.sentence()
        if 1 <= len(text.split()) <= 16 and len(text) <= 100:
            chosen.append(text)
    random.Random(seed + 1).shuffle(chosen)
    return chosen
