"""Grow training sentences from the skills' signed examples and from our own templates.

A template is a sentence with choices `{a|b|}`, piles `<city>` and marks `[words](argument)`. Growing takes the
choices by chance, puts a greeting around the sentence, and disturbs the words that are no argument the way people
and recognizers do. Deterministic by seed. Templates and piles are written for this project (finetune/piles).
"""

from __future__ import annotations

import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.prompt import plain
from assistant.skill import Skill
from evals.cases import Case, stands_in
from finetune.disturb import Part, disturb
from finetune.piles_of_words import Piles

PILES = Path(__file__).parent / "piles"
CLOSED = {"state", "direction", "action"}

SHARE: Mapping[str, float] = {
    "none": 36.0,
    "play_music": 4.0,
    "set_timer": 3.0,
    "weather": 3.0,
    "switch": 4.0,
    "remind": 2.5,
    "set_alarm": 2.5,
    "calculate": 2.5,
    "convert": 2.0,
    "ask": 3.0,
    "add_to_list": 2.0,
    "add_to_playlist": 1.5,
    "news": 1.5,
    "dim": 1.5,
    "set_color": 1.5,
    "control_music": 1.5,
    "change_volume": 1.5,
    "add_note": 1.5,
}
"""How much of what is grown each skill gets; 1 where it is not named. Skills with open arguments get more."""


@dataclass(frozen=True, slots=True)
class Template:
    """One line of a templates file, or one signed example."""

    skill: str
    line: str
    source: str
    of: str = ""
    """The group of the human sentence that it was."""
    times: int = 1
    """How often it is taken beside others of its skill."""

    @property
    def group(self) -> str:
        """Sentences of one template are paraphrases of one another."""
        if self.of:
            return self.of
        digest = hashlib.sha256(self.line.encode()).hexdigest()[:10]
        return f"{'chatter' if self.skill == 'none' else 'grown'}:{self.skill}:{digest}"


def read_templates(folder: Path = PILES) -> Iterator[Template]:
    """Every template of our files. Raises ValueError, with file and line, for a sentence before any `@ skill`."""
    for path in sorted(folder.glob("templates_*.txt")):
        skill = ""
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            line = line.strip()
            if line.startswith("@ "):
                skill = line[2:].strip()
            elif line and not line.startswith("#"):
                if not skill:
                    raise ValueError(f"{path.name}, line {number}: a sentence before any '@ skill'")
                pile = path.stem.partition("_")[2]
                yield Template(skill, line, pile if skill == "none" else "templates", times=TIMES.get(pile, 1))
    for path in sorted(folder.glob("chatter_*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                yield Template("none", line.strip(), "chatter")


_KINDS: Mapping[tuple[str, str], str] = {
    ("set_timer", "duration"): "duration",
    ("extend_timer", "duration"): "duration",
    ("remind", "what"): "todo",
    ("tell_time", "place"): "place",
    ("weather", "place"): "place",
    ("weather", "day"): "weatherday",
    ("play_music", "title"): "title",
    ("play_music", "artist"): "artist",
    ("play_music", "genre"): "genre",
    ("play_music", "playlist"): "playlist",
    ("add_to_playlist", "title"): "title",
    ("add_to_playlist", "artist"): "artist",
    ("add_to_playlist", "playlist"): "playlist",
    ("news", "topic"): "topic",
    ("add_note", "text"): "note",
    ("add_to_list", "item"): "item",
    ("remove_from_list", "item"): "item",
    ("add_to_list", "list"): "listname",
    ("remove_from_list", "list"): "listname",
    ("read_list", "list"): "listname",
    ("switch", "device"): "device",
    ("dim", "device"): "lamp",
    ("set_color", "device"): "lamp",
    ("set_color", "color"): "color",
    ("set_temperature", "room"): "room",
    ("tell_story", "about"): "about",
    ("run_program", "name"): "program",
    ("set_alarm", "time"): "clock",
    ("cancel_alarm", "time"): "clock",
    ("set_alarm", "day"): "date",
    ("set_volume", "level"): "level",
    ("dim", "level"): "percent",
    ("convert", "amount"): "number",
    ("set_temperature", "degrees"): "degrees",
}
"""What may stand for an argument of an example; an argument that is not here keeps the example's own words."""
_FILLS: Mapping[tuple[str, str], str] = {
    ("play_music", "title"): "title",
    ("add_to_playlist", "title"): "title",
    ("play_music", "artist"): "artist",
    ("add_to_playlist", "artist"): "artist",
    ("play_music", "playlist"): "playlist",
    ("add_to_playlist", "playlist"): "playlist",
    ("weather", "place"): "place",
    ("tell_time", "place"): "place",
    ("news", "topic"): "topic",
    ("add_to_list", "item"): "item",
    ("remind", "what"): "todo",
    ("switch", "device"): "device",
}
"""Arguments of human sentences whose words go into a pile."""
HUMAN_SHARE = 0.35
"""How much of what a skill grows comes from human sentences of the training side, where it has enough of them."""
ENOUGH_HUMAN = 60
TIMES: Mapping[str, int] = {"talk": 12, "overheard": 12, "none": 4, "shapes": 8, "daily": 6, "voices": 3}
"""How often templates of a file are taken: talk.txt makes a new sentence each time, a written line is a line; shapes
and daily sentences are what earlier models got wrong."""
NONE_HUMAN_SHARE = 0.12
"""Wishes no skill serves are many among the human sentences already; talk is what they lack."""
_TIMER_NAMES = re.compile(r"minute|second|hour")


def example_templates(skills: Sequence[Skill]) -> Iterator[Template]:
    """The skills' signed examples, open arguments replaced by piles where any words of the kind fit."""
    for skill in skills:
        for example in skill.examples:
            line, end = "", 0
            for name, (start, stop) in sorted(example.spans.items(), key=lambda item: item[1]):
                said = example.text[start:stop]
                pile = _pile_for(skill.name, name, said)
                choice = f"={example.call.words[name]}" if name in CLOSED else ""
                line += f"{example.text[end:start]}[{f'<{pile}>' if pile else said}]({name}{choice})"
                end = stop
            yield Template(skill.name, line + example.text[end:], "examples")


def _pile_for(skill: str, name: str, said: str) -> str:
    if name == "name" and skill.endswith("_timer"):
        return "" if _TIMER_NAMES.search(said) else "thing"
    if (
        name == "duration"
        and re.search(r"(?:second|minute|hour)$", said)
        and not re.search(r"\b(?:an|another|half)\b", said)
    ):
        return "adjduration"
    if name == "duration" and re.search(r"\b(?:more|another|extra)\b", said):
        return "moreduration"
    return _KINDS.get((skill, name), "")


def human_templates(human: Sequence[Case]) -> Iterator[Template]:
    """Human sentences as templates: their arguments take other words. Choices and doubled words stay as they are."""
    for case in human:
        if not case.args_known:
            continue
        line, sure = case.text, True
        for name, words in case.words.items():
            if name in CLOSED:
                line += f" [ ]({name}={words})"
                continue
            marked = f"[{f'<{pile}>' if (pile := _pile_for(case.skill, name, words)) else words}]({name})"
            sure = sure and case.text.count(words) == 1
            line = re.sub(rf"(?<![\w<]){re.escape(words)}(?![\w>])", lambda _, m=marked: m, line, count=1)  # type: ignore[misc]
        if sure and "]((" not in line:
            yield Template(case.skill, line, "human", case.group)


def human_words(human: Sequence[Case]) -> dict[str, list[str]]:
    """The piles that human sentences fill."""
    piles: dict[str, set[str]] = defaultdict(set)
    for case in human:
        for name, words in case.words.items():
            if (case.skill, name) in _FILLS and len(words.split()) <= 7:
                piles[_FILLS[case.skill, name]].add(words)
    return {name: sorted(words) for name, words in piles.items()}


_CHOICE = re.compile(r"\{([^{}]*)\}")
_PILE = re.compile(r"<([a-z_0-9]+)>")
_MARK = re.compile(r"\[([^\[\]]+)\]\(([a-z_]+)(?:=([^()]*))?\)")


def expand(line: str, piles: Piles, chance: random.Random) -> list[Part]:
    """One sentence of a template: its parts, in order, marked or not."""
    while _CHOICE.search(line):
        line = _CHOICE.sub(lambda match: chance.choice(match.group(1).split("|")), line, count=1)
    while _PILE.search(line):
        line = _PILE.sub(lambda match: piles.take(match.group(1), chance), line, count=1)
    parts, end = [], 0
    for match in _MARK.finditer(line):
        parts.append(Part(line[end : match.start()]))
        said, name, choice = match.groups()
        parts.append(Part(said, name, choice or ""))
        end = match.end()
    parts.append(Part(line[end:]))
    return [part for part in parts if part.text]


_MEANT_FOR_US = re.compile(
    r"\b(?:timer|alarm|light|lamp|play|music|volume|weather|news|list|remind|note|turn|switch|set"
    r"|stop|cancel|next|skip|pause|repeat"
    r"|open|start|run|add|time|date|temperature|heat|minute|hour|joke|story|help|tell|convert"
    r"|what|who|how|when|where|why|define|say|said|plus|square|never|that|previous|second|degree"
    r"|percent|one|two|three|four|five|six|seven|eight|nine|ten|twenty|thirty)\w*"
)


def overheard(template: Template, chance: random.Random) -> str:
    """Talk seldom begins where a recording does: sometimes its first or last words are missing.

    A line that says anything we might be asked stays whole, lest a piece of it be a wish.
    """
    words = template.line.split()
    if len(words) > 4 and chance.random() < 0.3 and not _MEANT_FOR_US.search(template.line):
        cut = chance.randrange(2, len(words) - 1)
        words = words[cut:] if chance.random() < 0.5 else words[:cut]
    return " ".join(words)


def make(template: Template, piles: Piles, chance: random.Random) -> Case | None:
    """Grow one sentence; None where chance made one whose words no longer stand in it."""
    line = overheard(template, chance) if template.source == "chatter" else template.line
    parts = disturb(expand(line, piles, chance), template.skill, chance)
    text = plain(plain("".join(part.text for part in parts)))
    words = {}
    for part in parts:
        if part.argument:
            words[part.argument] = part.choice or plain(part.text)
            if not part.choice and not stands_in(words[part.argument], text):
                return None
    return Case(text, template.skill, words, True, f"grown-{template.source}", template.group) if text else None


def grow(skills: Sequence[Skill], human: Sequence[Case], count: int, seed: int) -> Iterator[Case]:
    """About `count` distinct sentences, spread over the skills by SHARE and evenly over a skill's templates.

    Args:
        human: sentences of the training side: they serve as templates, and their words fill piles.
    """
    chance = random.Random(seed)
    piles = Piles.read(PILES, human_words(human))
    ours, theirs = _by_skill((*example_templates(skills), *read_templates())), _by_skill(human_templates(human))
    whole = sum(SHARE.get(skill, 1.0) for skill in ours)
    for skill, templates in sorted(ours.items()):
        wanted = int(count * SHARE.get(skill, 1.0) / whole)
        share = NONE_HUMAN_SHARE if skill == "none" else HUMAN_SHARE * min(1.0, len(theirs[skill]) / ENOUGH_HUMAN)
        from_human = int(wanted * share)
        yield from _grow_skill(theirs[skill], from_human, piles, chance)
        yield from _grow_skill(templates, wanted - from_human, piles, chance)


def _by_skill(templates: Iterable[Template]) -> dict[str, list[Template]]:
    sorted_out: dict[str, list[Template]] = defaultdict(list)
    for template in templates:
        sorted_out[template.skill].append(template)
    return sorted_out


def _grow_skill(templates: Sequence[Template], wanted: int, piles: Piles, chance: random.Random) -> Iterator[Case]:
    """A template that says few different things soon says nothing new; so the tries are bounded, too."""
    often = [template for template in templates for _ in range(template.times)]
    seen: set[str] = set()
    for _ in range(wanted * 3 if templates else 0):
        if len(seen) >= wanted:
            return
        case = make(chance.choice(often), piles, chance)
        if case is not None and case.text not in seen:
            seen.add(case.text)
            yield case
