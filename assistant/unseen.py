"""A skill that no model was trained on, recognised in other words than its examples have.

`assistant.nearest` lays a sentence beside an example word by word. Here a skill is what its examples are about: the
telling words outside its arguments, and those inside. The arguments are found by their kind (a reader that can read
the words), by the words that stand around them in the examples, and by what is left to be explained.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from assistant.nearest import CARRIERS, STEM, Examples, Match
from assistant.prompt import chunks, clean_run, plain
from assistant.skill import CLOSED, Argument, Call, Skill

Reads = Callable[[str, str], bool]
"""Kind and words -> whether the kind's reader can read them."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LONGEST = 6
"""Words of an argument, at most."""
TYPED = ("duration", "expression", "when", "time", "date", "day", "number")
"""Kinds that a reader recognises, the most particular first: "five" of "five minutes" is no number of its own."""
SAID, SAID_ELSEWHERE = 0.85, 0.25
"""What a word counts that stood inside an argument: of this skill alone, and of others too."""
COMMON = 0.8
"""A word of less weight is said to other skills as well, and counts half."""
ONCE = 0.62
"""Of its weight: what a word counts that a single example holds, unless both sentences begin with it."""
ENOUGH, ENOUGH_ASKED = 0.8, 0.7
"""So much weight of matched words makes a skill likely; the examples of nobody else hold a word of weight 1.15."""
SCORE, MOST = 0.62, 0.85
"""The score of a sentence with just enough evidence, and of one with all of it."""
TOLD = _words(
    "was were had said told went came got yesterday ago he she they who always never used hate hated loved liked "
    "remember dreamed because whole ever bought sold spilled owe nobody everybody"
)
"""Words of people who tell one another something; a request holds them only where a skill's own examples do."""
_ASIDE = _words(
    "thanks thank right this time then there here today if be it's that's one its him her them what what's when when's "
    "where where's how which who does long"
)
_DOING = _words(
    "needs wants looks should could must hasn't isn't gone coming going heading leave leaves arrive arrives catch wait "
    "take takes give gives make makes something anything extra already yet soon still sure gets eat done starts"
)
"""Words of no argument, whichever the skill, unless its examples hold them in one."""
_ANY = _words(
    "can could would will please get give make start stop send do does did have has let put run turn set show find "
    "tell how what when where which is are any need want time begin go take bring call check look use at in after "
    "before every"
)
"""What requests of any skill begin with."""
_OPENING = _ANY | _words(
    "one two three four fix pour prepare wait whip drop dish serve hand treat load fill add move open close order book "
    "buy read write say see help change switch keep tip cut heat cook water wash dry clean count record measure track"
)
"""What a request begins with, beside the words of its own skill."""
_WISHING = _words("want need would could wanna wish like d ll")
_NEEDING = _words("needs wants")
SHORT = 5
"""A sentence of so many words may begin with any: nobody tells a story in five."""
STRONG = 1.6
"""Evidence that makes a request of a sentence that does not begin like one."""
_POLITE = _words("hey hi hello ok okay um uh so well hark computer the a an my our some please just it s m")
_BEING = _words("is are isn't aren't was were")
_ENDS = _words("s have has please thanks now would right this for will and if")
_NO_START = _words("at in on for to after before from the")
_LINKS = _words("to from at in into for with on of after before by about till until between")
_LEADING = _words("a an the my our some his her their")
_CLOCK = re.compile(r"[ap]\.?m|:|clock|half|quarter|noon|midnight|morning|evening|tonight|afternoon")
LEAST, LEAST_OPTIONAL = 0.4, 1.6
"""What the words of an open argument must be worth (`_worth`)."""
START, END = "<", ">"
FIRST = 3
"""Letters; a telling word has more than two, and the same words share more than that."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What the examples show of one argument."""

    before: frozenset[str]
    after: frozenset[str]
    own: frozenset[str]
    """Telling words inside it."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What the examples show of one skill."""

    skill: Skill
    telling: Mapping[str, float]
    """Words outside the arguments -> weight."""
    said: Mapping[str, float]
    """Words inside text arguments -> weight."""
    words: frozenset[str]
    """Every word outside the arguments."""
    begins: frozenset[str]
    """Telling words that an example begins with."""
    places: Mapping[str, _Place]
    surfaces: Mapping[str, tuple[str, str]]
    """Words that say a closed argument's choice -> (argument, choice)."""


@dataclass
class _Text:
    """A sentence while its words are handed out."""

    parts: tuple[str, ...]
    words: list[str]
    taken: set[int] = field(default_factory=set)

    def run(self, first: int, end: int) -> str:
        return clean_run("".join(self.parts[first:end]))

    def at(self, place: int) -> str:
        return START if place < 0 else END if place >= len(self.words) else self.words[place]

    def free(self, first: int, end: int) -> bool:
        return not self.taken.intersection(range(first, end))


class Unseen:
    """Recognises the given skills from what their examples are about."""

    def __init__(self, skills: Iterable[Skill], house: Iterable[Skill], examples: Examples) -> None:
        """`house`: all skills, and `examples` theirs; they say which words tell one skill from the others."""
        self._holding = Counter(word for skill in house for word in _all_words(skill))
        self._known = [_known(skill, examples, self._holding) for skill in skills]
        self._having: dict[str, list[_Known]] = {}
        """Word -> the skills that it tells something of."""
        for known in self._known:
            for word in known.telling.keys() | known.said.keys():
                self._having.setdefault(word, []).append(known)
        self._beginning: dict[str, list[str]] = {}
        """The first letters of those words -> the words: no two words are the same that begin otherwise."""
        for word in self._having:
            self._beginning.setdefault(word[:FIRST], []).append(word)

    def best(self, plain_text: str, reads: Reads) -> Match | None:
        """The skill that the sentence is most likely for; None where too little speaks for any."""
        parts = chunks(plain_text)
        words = [clean_run(part) for part in parts]
        if not words:
            return None
        like = {word: self._like(word) for word in words}
        told = {known.skill.name: known for same in like.values() for one in same for known in self._having[one]}
        scored = [(self._evidence(known, words, like), known) for known in told.values()]
        for evidence, known in sorted(scored, key=lambda pair: (-pair[0], pair[1].skill.name)):
            asks = _asks(words)
            if evidence < (ENOUGH_ASKED if asks else ENOUGH) or _is_talk(known, words, asks, evidence):
                continue
            found = _arguments(known, _Text(parts, words), reads)
            if all(a.name in found for a in known.skill.arguments if a.required):
                score = min(MOST, SCORE + 0.2 * max(0.0, evidence - ENOUGH))
                return Match(Call(known.skill.name, found), score, plain_text)
        return None

    def _like(self, word: str) -> frozenset[str]:
        """The telling words of all skills that this one is the same as."""
        return frozenset(one for one in self._beginning.get(word[:FIRST], ()) if _same(one, word))

    def _evidence(self, known: _Known, words: Sequence[str], like: Mapping[str, frozenset[str]]) -> float:
        """How much of what the skill is about is said, each word once."""
        found: dict[str, float] = {}
        first = next((word for word in words if word not in _POLITE and _tells(word)), "")
        for word in words:
            for weights in (known.telling, known.said):
                match = word if word in weights else next((one for one in weights if one in like[word]), None)
                if match is not None:
                    # "read" is half of "ready", and belongs to other skills.
                    others = word != match and self._holding[word] > 0
                    weight = weights[match] / 2 if others else weights[match]
                    if word == first and match in known.begins and not others:
                        weight = max(weight, ENOUGH)
                    found[match] = max(found.get(match, 0.0), weight)
        return sum(found.values())


def _begin(words: Sequence[str]) -> int:
    """Where a sentence begins, greetings and articles left out."""
    return next((at for at, word in enumerate(words) if word not in _POLITE), 0)


def _asks(words: Sequence[str]) -> bool:
    """Whether a sentence begins like a request."""
    first = _begin(words)
    second = words[first + 1] if first + 1 < len(words) else ""
    wishes = (words[first] == "i" and second in _WISHING) or not _NEEDING.isdisjoint(words[:4])
    return words[first] in _OPENING or wishes


def _is_talk(known: _Known, words: Sequence[str], asks: bool, evidence: float) -> bool:
    """Whether people tell one another this, rather than ask for it."""
    said = set(words) - known.words
    if not TOLD.isdisjoint(said) or (not asks and not _BEING.isdisjoint(said)):
        return True
    opening = words[_begin(words)]
    mine = any(_same(one, opening) for told in (known.telling, known.said) for one in told)
    return not asks and not mine and len(words) > SHORT and evidence < STRONG


# --- what the examples show ------------------------------------------------------------------------------------------


def _all_words(skill: Skill) -> frozenset[str]:
    return frozenset(clean_run(part) for example in skill.examples for part in chunks(plain(example.text)))


def _known(skill: Skill, examples: Examples, holding: Mapping[str, int]) -> _Known:
    telling: dict[str, float] = {}
    times: Counter[str] = Counter()
    begins: set[str] = set()
    said: dict[str, float] = {}
    words: set[str] = set()
    around: dict[str, tuple[set[str], set[str], set[str]]] = {}
    surfaces: dict[str, tuple[str, str]] = {}
    for argument in skill.arguments:
        for choice in argument.choices if argument.kind == "choice" else ():
            surfaces[plain(choice.replace("_", " "))] = (argument.name, choice)
    for example in skill.examples:
        owner, cut = _cut(example.text, example.spans)
        for at, word in enumerate(cut):
            name = owner[at]
            kind = skill.argument(name).kind if name else ""
            if kind == "text" and _tells(word):
                said[word] = SAID if holding[word] == 1 else SAID_ELSEWHERE
            elif not name:
                words.add(word)
                if _tells(word):
                    weight = examples.weight(word)
                    telling[word] = weight if weight >= COMMON and word not in _ANY else weight / 2
                    times[word] += 1
                    if word not in _ANY and all(one in _POLITE or not _tells(one) for one in cut[:at]):
                        begins.add(word)
        for name in example.spans:
            mine = [at for at, of in enumerate(owner) if of == name]
            if not mine:
                continue
            before, after, own = around.setdefault(name, (set(), set(), set()))
            before.add(cut[mine[0] - 1] if mine[0] else START)
            after.add(cut[mine[-1] + 1] if mine[-1] + 1 < len(cut) else END)
            own.update(cut[at] for at in mine if _tells(cut[at]))
            if skill.argument(name).kind in CLOSED:
                surfaces[" ".join(cut[at] for at in mine)] = (name, example.call.words[name])
    places = {name: _Place(*map(frozenset, sets)) for name, sets in around.items()}
    often = {word: weight if times[word] > 1 else weight * ONCE for word, weight in telling.items()}
    return _Known(skill, often, said, frozenset(words), frozenset(begins), places, surfaces)


def _cut(text: str, spans: Mapping[str, tuple[int, int]]) -> tuple[list[str], list[str]]:
    """The words of an example, and for each the argument that it is of."""
    owner, cut, end = [], [], 0
    for name, (start, stop) in sorted(spans.items(), key=lambda item: item[1]):
        for piece, of in ((text[end:start], ""), (text[start:stop], name)):
            found = [clean_run(part) for part in chunks(plain(piece))]
            cut += found
            owner += [of] * len(found)
        end = stop
    rest = [clean_run(part) for part in chunks(plain(text[end:]))]
    return [*owner, *[""] * len(rest)], [*cut, *rest]


def _tells(word: str) -> bool:
    return word not in CARRIERS and word not in _ASIDE and any(letter.isalpha() for letter in word) and len(word) > 2


def _same(one: str, other: str) -> bool:
    """The same word, or one that ends otherwise: feed, feeding, feeder."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if long in (f"{short}s", f"{short}es"):
        return True
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(short, long, strict=False)))
    return len(long) - len(short) <= 3 and (same == len(short) >= STEM or same > STEM + 1)


# --- a sentence ------------------------------------------------------------------------------------------------------


def _arguments(known: _Known, text: _Text, reads: Reads) -> dict[str, str]:
    """The words of each argument that can be found."""
    found = _choices(known, text)
    arguments = [a for a in known.skill.arguments if a.kind in TYPED]
    for argument in sorted(arguments, key=lambda a: TYPED.index(a.kind)):
        run = _typed(known, argument, text, reads)
        if run:
            found[argument.name] = text.run(*run)
            text.taken.update(range(*run))
    left = {a.name: a for a in known.skill.arguments if a.kind == "text"}
    while left:
        best = {name: _open(known, argument, text) for name, argument in left.items()}
        name = max(best, key=lambda one: best[one][0])
        _, run = best[name]
        if run is None:
            break
        found[name] = text.run(*run)
        text.taken.update(range(*run))
        del left[name]
    return {a.name: found[a.name] for a in known.skill.arguments if a.name in found}


def _choices(known: _Known, text: _Text) -> dict[str, str]:
    found: dict[str, str] = {}
    for surface, (name, choice) in sorted(known.surfaces.items(), key=lambda item: -len(item[0])):
        said = surface.split()
        for first in range(len(text.words) - len(said) + 1):
            end = first + len(said)
            if name not in found and text.words[first:end] == said and text.free(first, end):
                found[name] = choice
                text.taken.update(range(first, end))
    return found


def _typed(known: _Known, argument: Argument, text: _Text, reads: Reads) -> tuple[int, int] | None:
    """The longest run that the reader can read, where the examples have such words rather than elsewhere."""
    place = known.places.get(argument.name)
    best, most = None, 0.0
    for first in range(len(text.words)):
        for end in range(first + 1, min(len(text.words), first + LONGEST) + 1):
            run = text.run(first, end)
            if not text.free(first, end) or text.words[first] in _NO_START or run in CARRIERS:
                continue
            if not reads(argument.kind, run):
                continue
            fits = place is not None and (text.at(first - 1) in place.before - {START})
            fits_after = place is not None and (text.at(end) in place.after - {END})
            if argument.kind in ("time", "when") and not (fits or _CLOCK.search(run)):
                continue
            value = (end - first) + 3.0 * fits + 2.0 * fits_after
            if value > most:
                best, most = (first, end), value
    return best


def _open(known: _Known, argument: Argument, text: _Text) -> tuple[float, tuple[int, int] | None]:
    """The run that explains most: words like the examples', in a place like the examples', and what nothing else is.

    Returns:
        what it is worth, and where it begins and ends; None where no run is worth enough.
    """
    place = known.places.get(argument.name)
    best, most = None, LEAST if argument.required else LEAST_OPTIONAL
    for first in range(len(text.words) if place else 0):
        for end in range(first + 1, min(len(text.words), first + LONGEST) + 1):
            if text.free(first, end) and any(map(_tells, text.words[first:end])):
                value = _worth(known, place, text, (first, end))  # type: ignore[arg-type]
                if value > most:
                    best, most = (first, end), value
    return most if best else 0.0, best


def _worth(known: _Known, place: _Place, text: _Text, run: tuple[int, int]) -> float:
    first, end = run
    before, after = text.at(first - 1), text.at(end)
    value = -0.15 * (end - first)
    for at in range(first, end):
        word = text.words[at]
        own, told = any(_same(word, one) for one in place.own), any(_same(word, one) for one in known.telling)
        if own:
            value += 0.7 if told else 1.3
        elif word in _DOING:
            value -= 1.0
        elif at == 0 and after not in _BEING and after not in _DOING:
            value -= 0.6  # the first word of a request is a verb
        elif told:
            value -= 1.2
        elif word in _LEADING:
            value += 0.1 if at == first else -0.7
        elif word in _LINKS:
            value -= 0.3 if word == "of" and at > first else 1.2
        elif not _tells(word):
            value -= 0.7 if word in CARRIERS or word in _ASIDE else 0.0
        else:
            value += 0.75
    others = [other for name, other in known.places.items() if other is not place]
    if before in place.before and before != START:
        value += 1.3 if before in _LINKS else 0.8
    elif before in _LINKS and any(before in other.before for other in others):
        value -= 1.5
    elif before == START and START in place.before:
        value += 0.6
    if after in place.after and after != END:
        value += 0.8
    elif any(_same(after, one) for one in known.telling):
        value -= 0.1
    elif after in _ENDS or after in _DOING or after == END or end in text.taken or after in _LINKS:
        value += 0.4
    return value
