"""Say an example in other words of the thesaurus that ships: its things, its deeds, and the way it asks.

Which sense of a word is meant is told by what else the skill's examples speak of. Words of an argument are never
touched, but for those that say a choice.
"""

from __future__ import annotations

import functools
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.nearest import CARRIERS
from assistant.skill import Skill
from assistant.synonyms import STAR, Group, shipped
from assistant.wording import ARTICLES, LINKS, token, weight, word_set
from finetune.data.inflect import gerund, participle, past, plural
from finetune.data.templates import sentence_of
from finetune.disturb import Part

MOST_SWAPS = 3
SWAPPED, FRAMED, NEEDED = 0.55, 0.3, 0.4
"""How often a word is said otherwise, the sentence takes another frame, a command becomes what needs to be done."""
NEAR = 0.5
"""A frame is possible where its theme is at least so near to the skill as the nearest theme of the sentence."""
KNOWN = 0.65
"""Which of several senses of a word is meant is known where its theme is at least so near as that of what is done, or
had, most in the examples: in a laundry "wash" is, and "run" is not."""
FAR = 0.25
"""A theme that is less near than this, beside the nearest, is about something else."""
HEAVY = 4.4
"""Words that weigh less ("way", "here") have too many senses to be said otherwise by themselves."""
LONGEST = 5
"""Words of a member without a star, at most."""
_FRAMING = ("actions", "ways to", "saying that")
"""Themes whose members with a star are whole sentences."""
_CLAUSE = LINKS | word_set("i we someone somebody")
"""Things that are said in a clause stand behind no article: "show me the someone at the doors"."""
_FIRST = 0xE000
"""The first of the private characters that stand for arguments."""
_ARGUMENT = re.compile("[\ue000-\ue0ff]")
_POLITE = re.compile(
    r"^(?:please |can you |could you |would you |will you |can you please |could you please |i want you to "
    r"|i need you to |i'd like you to |hey |ok |okay |just )?"
)
_VERB_STANDS = re.compile(
    r"(?:^|\b(?:to|you|and|please|just|let's|don't|can i|could i|should i|do i|did i|i|we|will|must|then) )$"
)
_DONE = re.compile(r"\b(?:has|have|had|been|was|were|is|are|be|get|gets|got|being|i|we|you|they|it) (?:\S+ ){0,3}$")
_NEEDS = (
    *(("{} needs {}", gerund), ("{} wants {}", gerund), ("{} could do with {}", gerund)),
    *(("{} needs to be {}", participle), ("make sure {} gets {}", participle), ("{} should be {}", participle)),
    *(("i'd like {} to be {}", participle), ("i want {} {}", participle), ("i need {} {}", participle)),
    *(("can we get {} {}", participle), ("have {} {}", participle), ("get {} {}", participle)),
    ("time to get {} {}", participle),
)
_LIGHT = CARRIERS | word_set("put set send show make take turn tell start stop run play do give get find say read")
"""Verbs that are nobody's need."""
_BOUND = word_set(
    "another other more less some any every each much many few both all sure when where while enough plenty"
)
"""What they mean hangs on their neighbours: "give it different spin", "make yep it's on", "once did he leave"."""
_NEEDING = re.compile(r"\b(?:needs?|wants?|requires?|could do with) $")
_COMMAND = re.compile(
    r"^(?P<verb>[a-z]+) (?P<thing>.+?)(?P<rest>(?: (?:for|at|in|on|to|with|by|before|until|from) .+)?)$"
)


@dataclass(frozen=True, slots=True)
class _Form:
    """A member as it stands in a sentence."""

    group: Group
    kind: str
    """thing, deed, done, doing, or other."""
    others: tuple[str, ...]
    """The other members, in the same form."""


def _kind(theme: str) -> str:
    return "thing" if theme.startswith("things") else "deed" if theme.startswith("actions") else "other"


def _forms_of(group: Group) -> Iterator[tuple[str, _Form]]:
    kind = _kind(group.theme)
    members = [one for one in group.members if STAR not in one and _is_replaceable(one, kind)]
    shapes = {
        "thing": (("thing", str), ("thing", plural)),
        "deed": (("deed", str), ("doing", gerund), ("done", past)),
        "other": (("other", str),),
    }[kind]
    for name, shape in shapes:
        said = [shape(member) for member in members]
        for at, member in enumerate(said):
            others = tuple(one for place, one in enumerate(said) if place != at)
            if name == "done":
                if not _is_participle(members[at]):
                    continue
                pairs = zip(members, said, strict=True)
                others = tuple(o for m, o in pairs if o != member and o.count(" ") < 2 and _is_participle(m))
            if others and (" " in member or (member not in CARRIERS and weight(token(member)) >= HEAVY)):
                yield member, _Form(group, name, others)


def _is_replaceable(member: str, kind: str) -> bool:
    """Whether it can stand where one word stood: a thing without a clause, a deed without a thing of its own."""
    words = member.split()
    if kind == "deed":
        return not ARTICLES & set(words) or words[-1] in LINKS
    return kind != "thing" or not _CLAUSE & set(words)


def _is_participle(verb: str) -> bool:
    """Whether its past form can stand after "have" as well: "have we went any milk" is said by none."""
    return past(verb) == participle(verb)


@functools.cache
def _forms() -> Mapping[str, tuple[_Form, ...]]:
    found: defaultdict[str, list[_Form]] = defaultdict(list)
    for group in shipped():
        if not group.theme.startswith("ways to ask"):
            for member, form in _forms_of(group):
                found[member].append(form)
    named = {member for member, forms in found.items() if any(form.kind != "other" for form in forms)}
    return {
        member: tuple(form for form in forms if form.kind != "other" or member not in named)
        for member, forms in found.items()
    }


def kinds(word: str) -> frozenset[str]:
    """What a word can be in a sentence: thing, deed, doing, done, other."""
    return frozenset(form.kind for form in _forms().get(word, ()))


@functools.cache
def words_of(kind: str) -> tuple[str, ...]:
    """Every single word that is of a kind."""
    return tuple(sorted(word for word in _forms() if " " not in word and kinds(word) == {kind}))


@functools.cache
def _frames() -> tuple[tuple[Group, tuple[re.Pattern[str], ...]], ...]:
    """Groups with stars, and what finds each of their members as a whole sentence."""
    frames = []
    for group in shipped():
        if group.theme.startswith(_FRAMING) and any(STAR in member for member in group.members):
            told_apart = [member for member in group.members if f"{STAR} {STAR}" not in member]
            whole = [member if STAR in member else f"{member} {STAR}" for member in told_apart]
            finders = (re.compile(f"^{re.escape(member).replace(re.escape(STAR), '(.+)')}$") for member in whole)
            frames.append((Group(group.theme, tuple(whole)), tuple(finders)))
    return tuple(frames)


@functools.cache
def _themes_of() -> Mapping[str, frozenset[str]]:
    """Token -> the themes that speak of it."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for group in shipped():
        for member in group.members:
            for word in member.replace(STAR, " ").split():
                found[token(word)].add(group.theme)
    return {one: frozenset(themes) for one, themes in found.items() if one}


class Otherwise:
    """Says sentences of one skill in other words."""

    def __init__(self, skill: Skill) -> None:
        words = {
            token(word) for e in skill.examples for part in sentence_of(e, skill).parts for word in part.text.split()
        }
        words |= {token(word) for word in skill.name.split("_")}
        self._words = frozenset(words)
        self._near: dict[str, float] = defaultdict(float)
        for one in words:
            themes = _themes_of().get(one, frozenset())
            for theme in themes:
                self._near[theme] += weight(one) / len(themes)
        self._most: dict[str, float] = defaultdict(float)
        """How near the nearest theme of things, of deeds and of all else is."""
        for theme, near in self._near.items():
            self._most[_kind(theme)] = max(self._most[_kind(theme)], near)

    def said(self, parts: Sequence[Part], chance: random.Random) -> tuple[tuple[Part, ...], bool]:
        """The sentence in other words, or as it was; and whether it has another frame now, which bears no second one.

        Args:
            parts: in plain form, arguments marked; the words of a choice may become others for it.
        """
        whole = "".join(chr(_FIRST + at) if part.argument else part.text for at, part in enumerate(parts))
        framed = _needed(whole, chance) if chance.random() < NEEDED else whole
        if framed == whole and chance.random() < FRAMED:
            framed = self._framed(whole, chance)
        text = self._swapped(framed, chance)
        if sorted(_ARGUMENT.findall(text)) != [chr(_FIRST + at) for at, part in enumerate(parts) if part.argument]:
            return tuple(parts), False
        chosen = [self._chosen(part, chance) if part.choice else part for part in parts]
        return tuple(_cut(text, chosen)), framed != whole

    def is_far(self, word: str) -> bool:
        """Whether no sense of a thing or a deed is near to what the skill's examples speak of."""
        themes = _themes_of().get(token(word), frozenset())
        most = max(self._near.values(), default=0.0)
        return (
            bool(themes) and all(self._near[theme] < FAR * most for theme in themes) and token(word) not in self._words
        )

    def _swapped(self, text: str, chance: random.Random) -> str:
        words = text.split(" ")
        done, at, swaps = "", 0, 0
        while at < len(words):
            size, other = 1, words[at]
            if swaps < MOST_SWAPS and chance.random() < SWAPPED:
                size, other = self._other(words, at, done, chance)
                swaps += other != " ".join(words[at : at + size])
            done += other + " "
            at += size
        return done[:-1]

    def _other(self, words: Sequence[str], at: int, before: str, chance: random.Random) -> tuple[int, str]:
        """How many words are replaced, and by what; the longest member first."""
        for size in range(min(LONGEST, len(words) - at), 0, -1):
            said = " ".join(words[at : at + size])
            fits = self._senses([form for form in _forms().get(said, ()) if _stands(form, said, before)])
            if fits and said not in _BOUND:
                form = chance.choice(fits)
                return size, chance.choice(form.others)
        return 1, words[at]

    def _senses(self, forms: Sequence[_Form]) -> Sequence[_Form]:
        """The one that a word has, or of several those that the skill is about; none where that cannot be told."""
        if len({form.group for form in forms}) < 2:
            return forms
        best = max(self._near[form.group.theme] for form in forms)
        known = best >= KNOWN * self._most[_kind(forms[0].group.theme)]
        return [form for form in forms if self._near[form.group.theme] == best] if known else ()

    def _framed(self, text: str, chance: random.Random) -> str:
        """The sentence in another frame of the same group; a politeness before it stays."""
        start = _POLITE.match(text)
        before = start[0] if start else ""
        rest = text[len(before) :]
        found = []
        for group, finders in _frames():
            for member, finder in zip(group.members, finders, strict=True):
                match = finder.match(rest)
                if match and _is_telling(member, match.groups()):
                    found.append((group, member, match.groups()))
        if not found:
            return text
        best = max(self._near[group.theme] for group, _, _ in found)
        alone = {member.removesuffix(f" {STAR}") for _, member, _ in found}
        senses = {group for group, _, _ in found} | {form.group for verb in alone for form in _forms().get(verb, ())}
        if len(senses) > 1 and best < KNOWN * self._most["deed"]:
            return text  # "put" of what is put through a cycle is no "include"
        found = [one for one in found if self._near[one[0].theme] >= NEAR * best]
        most = max(len(member) for _, member, _ in found)
        group, member, between = chance.choice([one for one in found if len(one[1]) >= most - 2])
        others = [one for one in group.members if one != member and one.count(STAR) == len(between)]
        others = [one for one in others if one.endswith(STAR) or all(map(_is_one, between))]
        if not others:
            return text
        other = chance.choice(others)
        for words in between:
            other = other.replace(STAR, words, 1)
        commands = _kind(group.theme) == "deed" or not before
        return before + other if commands else other

    def _chosen(self, part: Part, chance: random.Random) -> Part:
        """Other words for the same choice."""
        fits = self._senses([form for form in _forms().get(part.text, ()) if form.kind != "done"])
        if not fits or chance.random() > SWAPPED / 2:
            return part
        return replace(part, text=chance.choice(chance.choice(fits).others))


def _is_telling(member: str, between: Iterable[str]) -> bool:
    """Whether a frame holds more than its stars' words, and they no half of a phrase."""
    return len(member.replace(STAR, "").split()) > 0 and all(words.strip() for words in between)


def _is_one(words: str) -> bool:
    """Whether these name one thing only, and so can stand inside of a frame: "let the towels have another spin"."""
    return len(words.split()) < 4 and (not _ARGUMENT.search(words) or bool(_ARGUMENT.match(words[-1])))


def _stands(form: _Form, said: str, before: str) -> bool:
    """Whether a member can be what the form says at this place."""
    verb = bool(_VERB_STANDS.search(before))
    if form.kind == "thing":
        deed = said.endswith("ing") and _NEEDING.search(before)  # "the curtains need washing" is of no laundry
        return not verb and not deed and not all(word in LINKS | ARTICLES for word in said.split())
    if form.kind == "deed":
        return verb
    if form.kind == "done":
        return bool(_DONE.search(before))
    return form.kind == "doing" or said not in LINKS


def _needed(text: str, chance: random.Random) -> str:
    """ "feed [the dog] at six" as "[the dog] needs feeding at six", or as what is said when it does."""
    start = _POLITE.match(text)
    match = _COMMAND.match(text[start.end() if start else 0 :])
    if match is None or not _is_verb(match["verb"]) or not _is_thing(match["thing"]):
        return text
    frame, form = chance.choice(_NEEDS)
    needed = [group for group, _ in _frames() if f"{STAR} needs {gerund(match['verb'])}" in group.members]
    if needed and chance.random() < 0.6:
        frame = chance.choice([m for m in needed[0].members if m.count(STAR) == 1]).replace(STAR, "{}")
        return frame.format(match["thing"]) + match["rest"]
    return frame.format(match["thing"], form(match["verb"])) + match["rest"]


def _is_thing(words: str) -> bool:
    """Whether these are one thing that can be in need: an argument, or what stands after an article."""
    first = words.split(" ")[0]
    return len(_ARGUMENT.findall(words)) < 2 and (first in ARTICLES or bool(_ARGUMENT.match(first)))


def _is_verb(word: str) -> bool:
    return word not in _LIGHT and any(form.kind == "deed" for form in _forms().get(word, ()))


def _cut(text: str, parts: Sequence[Part]) -> Iterator[Part]:
    """The text as parts again."""
    end = 0
    for match in _ARGUMENT.finditer(text):
        if match.start() > end:
            yield Part(text[end : match.start()])
        yield parts[ord(match[0]) - _FIRST]
        end = match.end()
    if end < len(text):
        yield Part(text[end:])
