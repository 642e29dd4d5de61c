"""The skills that the few-shot network is taught on: invented ones, our own, and the intents of public sets."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from assistant.prompt import chunks, plain, runs_of
from assistant.shown import ROLE, Line, Slot, asked, line, shown, slots_of, words_of
from assistant.skill import Argument, Example, Skill, parse_example
from evals.cases import Case, read_cases
from finetune import invented
from finetune.frequent import HUMAN
from finetune.rows import shipped_skills

NEAR_MISSES_OF = 20
"""So many skills of the same source are looked to for sentences that are hard to tell from a skill's own."""
OF_SNIPS = 600
"""Sentences of each of its intents: there are thousands."""
FEWEST = 20
"""Sentences of an intent, at least."""
_HWU_MARK = re.compile(r"\[\s*(\w+)\s*:\s*([^\]]+?)\s*\]")
_HWU_KINDS = {"time": "time", "date": "day", "timeofday": "day"}
May = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence for a skill."""

    line: Line
    closed_known: bool = True
    """Whether the words that say a choice are marked, too."""
    by_another: bool = False
    """Whether somebody else than the author of the skill's examples says so."""


@dataclass
class Taught:
    """One skill to be recognised."""

    name: str
    source: str
    purpose: Line
    slots: tuple[Slot, ...]
    examples: list[Said]
    phrasings: list[Said]
    near: list[Line] = field(default_factory=list)
    confusable: list[str] = field(default_factory=list)
    """Other skills of the source that speak of the like."""

    def said(self) -> list[Said]:
        """Every sentence for it."""
        return [*self.examples, *self.phrasings]


@dataclass(frozen=True, slots=True)
class Pool:
    """Everything an episode is made of."""

    taught: dict[str, Taught]
    talk: list[Line]
    """Among people."""
    unserved: list[Line]
    """Wishes that no skill of ours serves; intents of public sets are among them."""
    plain_texts: list[tuple[str, ...]]
    """Sentences whose words are to be guessed."""


def pool_of(rows: Path, data: Path, may: May) -> Pool:
    """Read every source.

    Args:
        rows: the folder of the skill model's rows.
        data: the public sets.
        may: whether a sentence may be trained on.
    """
    taught = [*_invented(may), *_snips(data, may), *_hwu(data, may), *_clinc(data, may)]
    mine, talk, unserved, texts = _ours(rows, may)
    by_name = {one.name: one for one in (*taught, *mine)}
    _find_confusable(by_name)
    return Pool(by_name, talk, unserved, [*texts, *(said.line.words for one in taught for said in one.said())])


def _invented(may: May) -> Iterator[Taught]:
    for one in invented.shipped():
        card = shown(one.skill, ())
        examples = [Said(line(e, card.slots)) for e in one.skill.examples if may(e.text)]
        phrasings = [
            *(Said(line(e, card.slots)) for e in one.phrasings if may(e.text)),
            *(Said(line(e, card.slots), by_another=True) for e in one.by_others if may(e.text)),
        ]
        near = [asked(words_of(text)) for text in one.near_misses if may(text)]
        author = one.skill.source.split("_")[0]
        yield Taught(one.skill.name, f"invented:{author}", card.lines[0], card.slots, examples, phrasings, near)


def _intents(source: str, marked: Iterable[tuple[str, str]], may: May) -> Iterator[Taught]:
    """Skills from (intent, marked sentence) pairs."""
    by_intent: defaultdict[str, list[Example]] = defaultdict(list)
    for intent, sentence in marked:
        try:
            example = parse_example(sentence, intent)
        except ValueError:
            continue  # an argument twice: no call of ours says that
        if example.text.split() and may(example.text):
            by_intent[intent].append(example)
    for intent, examples in by_intent.items():
        if len(examples) >= FEWEST:
            yield _taught_from(source, intent, examples)


def _taught_from(source: str, intent: str, examples: Sequence[Example]) -> Taught:
    times = Counter(name for example in examples for name in example.spans)
    names = [name for name, n in times.most_common(6) if n >= 0.03 * len(examples)]
    arguments = tuple(Argument(name, _HWU_KINDS.get(name, "text"), False) for name in names)
    skill = Skill(intent, "", arguments, (), run=lambda: "")
    card = shown(skill, ())
    said = [Said(line(one, card.slots)) for one in examples if set(one.spans) <= set(names)]
    return Taught(f"{source}:{intent}", source, card.lines[0], card.slots, [], said)


def _snips(data: Path, may: May) -> Iterator[Taught]:
    def marked() -> Iterator[tuple[str, str]]:
        for path in sorted((data / "snips").glob("train_*_full.json")):
            for intent, rows in json.loads(path.read_text(encoding="utf-8", errors="replace")).items():
                for row in rows[:OF_SNIPS]:
                    parts = [
                        f"[{plain(p['text'])}]({p['entity'].lower()})" if "entity" in p else plain(p["text"])
                        for p in row["data"]
                    ]
                    yield intent.lower(), " ".join(filter(None, parts))

    return _intents("snips", marked(), may)


def _hwu(data: Path, may: May) -> Iterator[Taught]:
    def marked() -> Iterator[tuple[str, str]]:
        for row in map(json.loads, (data / "hwu64" / "part_a.jsonl").read_text(encoding="utf-8").splitlines()):
            text, end = "", 0
            for mark in _HWU_MARK.finditer(row["annotation"]):
                text += plain(row["annotation"][end : mark.start()]) + f" [{plain(mark.group(2))}]({mark.group(1)}) "
                end = mark.end()
            text += plain(row["annotation"][end:])
            yield row["intent"], " ".join(text.split())

    return _intents("hwu", marked(), may)


def _clinc(data: Path, may: May) -> Iterator[Taught]:
    rows = json.loads((data / "clinc150" / "data_dev.json").read_text(encoding="utf-8"))["train"]
    return _intents("clinc", ((intent, plain(text)) for text, intent in rows if intent != "oos"), may)


def _ours(rows: Path, may: May) -> tuple[list[Taught], list[Line], list[Line], list[tuple[str, ...]]]:
    skills = {skill.name: skill for skill in shipped_skills()}
    said: defaultdict[str, list[Said]] = defaultdict(list)
    talk: list[Line] = []
    unserved: list[Line] = []
    texts: list[tuple[str, ...]] = []
    for case in read_cases(rows / "train.jsonl"):
        if not may(case.text):
            continue
        words = words_of(case.text)
        texts.append(words)
        source = case.source.split(":")[0]
        if case.skill == "none":
            (talk if case.group.startswith("chatter:") else unserved).append(asked(words))
        elif source in HUMAN and case.args_known and case.skill in skills:
            said[case.skill].append(_from_case(case, skills[case.skill]))
    found = []
    for name, skill in skills.items():
        card = shown(skill, ())
        examples = [Said(line(example, card.slots)) for example in skill.examples if may(plain(example.text))]
        found.append(Taught(f"ours:{name}", "ours", card.lines[0], card.slots, examples, said[name]))
    return found, talk, unserved, texts


def _from_case(case: Case, skill: Skill) -> Said:
    """A row, its open arguments found among its words; where a choice is said is not known."""
    slots = slots_of(skill)
    parts = chunks(case.text)
    of = [-1] * len(parts)
    for place, slot in enumerate(slots):
        if not slot.choice and slot.argument in case.words:
            for first, last in list(runs_of(parts, case.words[slot.argument]))[:1]:
                of[first : last + 1] = [place] * (last + 1 - first)
    words = words_of(case.text)
    roles = tuple(slots[one].role if one >= 0 else ROLE["outside"] for one in of)
    return Said(Line(words, roles[: len(words)], tuple(of)[: len(words)]), closed_known=False)


def _find_confusable(taught: dict[str, Taught]) -> None:
    """For each skill the likest of its source, by tf-idf over words outside arguments."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    names = list(taught)
    texts = [" ".join(word for said in taught[name].said()[:60] for word in _outside(said.line)) for name in names]
    table = TfidfVectorizer(sublinear_tf=True, tokenizer=str.split, token_pattern=None).fit_transform(texts)
    like = (table @ table.T).toarray()
    for at, name in enumerate(names):
        same = [
            other
            for other in like[at].argsort()[::-1]
            if other != at and taught[names[other]].source == taught[name].source
        ]
        taught[name].confusable = [names[other] for other in same[:NEAR_MISSES_OF]]


def _outside(one: Line) -> Iterator[str]:
    return (word for word, slot in zip(one.words, one.slots, strict=True) if slot < 0)
