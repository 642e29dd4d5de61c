"""Which words of a sentence are which argument of a skill that no model was trained on.

What is known of an argument are its kind, and its words and their neighbours in the examples. Choices are looked up,
typed words are what their reader reads, and free text is the run of words that a linear score likes best.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from assistant.places import END, HEAVY, RARE, START, TYPED, Pattern
from assistant.prompt import chunks, clean_run
from assistant.skill import Argument
from assistant.wording import ARTICLES, DAY, GRAMMAR, LINKS, NUMBER, token, weight

Value = Callable[[str, str], object]
"""Kind and words -> what they say; None where the kind's reader cannot read them."""

LONGEST = 6
"""Words of an argument, at most."""
CLOCK = ("time", "when")
"""A bare number is read as one of these only in a place where an example has one."""
WEIGHTS: Mapping[str, float] = {
    "before": 2.6,
    "before_start": -1.13,
    "before_other": -1.44,
    "before_link": 0.54,
    "before_telling": 0.67,
    "after": 2.06,
    "after_end": 1.03,
    "after_link": -0.26,
    "after_light": 0.05,
    "own": 1.92,
    "telling": -2.33,
    "outside": -2.55,
    "light": -0.36,
    "heavy": 0.71,
    "rare": 0.6,
    "link": -0.1,
    "first": -2.1,
    "length": -0.66,
    "longer": -0.75,
    "left_heavy": -0.37,
    "required": 2.0,
    "optional": -2.44,
}
"""Fitted by a softmax over the runs of each sentence: 1,593 that people said to our own skills, each known by ten of
its examples, and 240 to five of examples/newcomers."""


@dataclass
class Sentence:
    """A sentence while its words are handed out."""

    parts: tuple[str, ...]
    words: list[str] = field(init=False)
    tokens: list[str] = field(init=False)
    taken: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.words = [clean_run(part) for part in self.parts]
        self.tokens = [token(word) or word for word in self.words]

    def run(self, first: int, end: int) -> str:
        """The words of a run as a call holds them."""
        return clean_run("".join(self.parts[first:end]))

    def at(self, place: int) -> str:
        """The token there, or what stands for the sentence's start or end."""
        return START if place < 0 else END if place >= len(self.tokens) else self.tokens[place]

    def runs(self) -> Iterator[tuple[int, int]]:
        """Every run that nothing was handed out of: (first, one past the last)."""
        for first in range(len(self.words)):
            for end in range(first + 1, min(len(self.words), first + LONGEST) + 1):
                if end - 1 in self.taken:
                    break
                yield first, end

    def before(self, first: int) -> str:
        """The token before a run, whatever article stands between."""
        while first > 0 and self.words[first - 1] in ARTICLES:
            first -= 1
        return self.at(first - 1)


@dataclass(frozen=True, slots=True)
class Found:
    """The arguments of a sentence."""

    words: Mapping[str, str]
    """Argument -> its words, in the order of the signature; a choice's name for a closed one."""
    free: frozenset[int]
    """The places of the words inside free-text arguments."""


def find(known: Pattern, plain_text: str, value: Value) -> Found:
    """The words of each argument that can be found."""
    text = Sentence(chunks(plain_text))
    found = _choices(known, text)
    found |= _typed(known, text, value)
    free: set[int] = set()
    left = {a.name: a for a in known.skill.arguments if a.kind == "text"}
    while left:
        best = {name: max(scored(known, argument, text), default=(0.0, (0, 0))) for name, argument in left.items()}
        name = max(best, key=lambda one: best[one])
        worth, run = best[name]
        if worth <= 0:
            break
        text.taken.update(range(*run))
        free.update(range(*run))
        with_article = known.places[name].article and run[0] > 0 and text.words[run[0] - 1] in ARTICLES
        found[name] = text.run(run[0] - with_article, run[1])
        del left[name]
    return Found({a.name: found[a.name] for a in known.skill.arguments if a.name in found}, frozenset(free))


def choices(known: Pattern, plain_text: str) -> dict[str, str]:
    """The closed arguments that are said: argument -> its choice."""
    return _choices(known, Sentence(chunks(plain_text)))


def _choices(known: Pattern, text: Sentence) -> dict[str, str]:
    """The choices that are said; of two for one argument that which fewer examples say: "open it half way" is half."""
    heard: list[tuple[int, int, tuple[int, int], str, str]] = []
    for run, (name, choice, times) in known.surfaces.items():
        for first in range(len(text.tokens) - len(run) + 1):
            if tuple(text.tokens[first : first + len(run)]) == run:
                heard.append((times, -len(run), (first, first + len(run)), name, choice))
    found: dict[str, str] = {}
    for _, _, _, name, choice in sorted(heard):
        if name not in found:
            found[name] = choice
    text.taken.update(at for _, _, run, _, _ in heard for at in range(*run))
    return found


# --- typed words -----------------------------------------------------------------------------------------------------


def _typed(known: Pattern, text: Sentence, value: Value) -> dict[str, str]:
    """Each typed argument's words: what fits its place best goes first."""
    typed = [a for a in known.skill.arguments if a.kind in TYPED]
    options = [(fit, a.name, run) for a in typed for run in text.runs() for fit in _fits(known, a, text, run, value)]
    found: dict[str, str] = {}
    for _, name, run in sorted(options, reverse=True):
        if name not in found and text.taken.isdisjoint(range(*run)):
            run = _tight(text, run, known.skill.argument(name).kind, value)
            found[name] = text.run(*run)
            text.taken.update(range(*run))
    return found


def _fits(known: Pattern, argument: Argument, text: Sentence, run: tuple[int, int], value: Value) -> Iterator[float]:
    """How well a run fits a typed argument; nothing where it cannot be one."""
    first, end = run
    words = text.run(first, end)
    loose = text.words[first] in LINKS or text.words[end - 1] in LINKS | ARTICLES
    if loose or words == "now" or value(argument.kind, words) is None:
        return
    before, after = text.at(first - 1), text.at(end)
    place = known.places.get(argument.name)
    inside = {one for one in text.tokens[first:end] if one not in (NUMBER, DAY) and not (place and one in place.own)}
    others = [other for name, other in known.places.items() if name != argument.name]
    here = place is not None and before in place.before - {START}
    there = place is not None and after in place.after - {END}
    if not here and any(one in other.own for one in inside for other in others):
        return  # "max" is a number, and the name of a dog
    elsewhere = not here and any(before in other.before - {START} for other in others)
    if argument.kind in CLOCK and not here and value("number", words) is not None:
        return
    particular = (len(TYPED) - TYPED.index(argument.kind)) / len(TYPED)
    yield 1.0 * (end - first) + 2.5 * here + 1.5 * there - 2.0 * elsewhere + particular


def _tight(text: Sentence, run: tuple[int, int], kind: str, value: Value) -> tuple[int, int]:
    """The shortest run that says the same number: a reader of numbers reads over what stands beside one."""
    first, end = run
    if kind not in ("number", "level"):
        return run
    said = value(kind, text.run(first, end))
    while end - first > 1 and value(kind, text.run(first + 1, end)) == said:
        first += 1
    while end - first > 1 and value(kind, text.run(first, end - 1)) == said:
        end -= 1
    return first, end


# --- free text -------------------------------------------------------------------------------------------------------


def scored(known: Pattern, argument: Argument, text: Sentence) -> Iterator[tuple[float, tuple[int, int]]]:
    """Every run that may be a free-text argument, with what it is worth: above 0 is better than none."""
    if argument.name not in known.places:
        return
    bias = WEIGHTS["required" if argument.required else "optional"]
    own = known.places[argument.name].own
    for run in text.runs():
        if _may_name(text, run, own):
            told = features(known, argument.name, text, run)
            yield bias + sum(WEIGHTS[name] * value for name, value in told.items()), run


def _may_name(text: Sentence, run: tuple[int, int], own: Collection[str]) -> bool:
    """Whether a run may be the name of a thing: no link or article at its ends, no other grammar in it."""
    words, tokens = text.words[slice(*run)], text.tokens[slice(*run)]
    ends = LINKS | ARTICLES
    if (words[0] in ends and tokens[0] not in own) or (words[-1] in ends and tokens[-1] not in own):
        return False
    return all(word not in GRAMMAR or one in own for word, one in zip(words, tokens, strict=True))


def features(known: Pattern, name: str, text: Sentence, run: tuple[int, int]) -> dict[str, float]:
    """What speaks for a run as an argument, and against it: names as in WEIGHTS."""
    first, end = run
    place = known.places[name]
    others = [other for one, other in known.places.items() if one != name]
    before, after = text.before(first), text.at(end)
    inside = text.tokens[first:end]
    own = [one for one in inside if one in place.own]
    strange = [one for one in inside if one not in place.own]
    here = before in place.before
    left = [one for at, one in enumerate(text.tokens) if not first <= at < end and at not in text.taken]
    return {
        "before": float(here),
        "before_start": float(before == START),
        "before_other": float(not here and any(before in other.before for other in others)),
        "before_link": float(not here and before in LINKS),
        "before_telling": float(not here and before in known.telling),
        "after": float(after in place.after and after != END),
        "after_end": float(after == END),
        "after_link": float(end in text.taken or after in LINKS),
        "after_light": float(after not in (END, *LINKS) and end not in text.taken and weight(after) < HEAVY),
        "own": float(len(own)),
        "telling": float(sum(one in known.telling for one in strange)),
        "outside": float(
            sum(one in known.outside and one not in known.telling and one not in LINKS for one in strange)
        ),
        "light": float(sum(weight(one) < HEAVY and one not in known.outside and one not in LINKS for one in strange)),
        "heavy": float(sum(weight(one) >= HEAVY and one not in known.telling for one in strange)),
        "rare": float(sum(weight(one) >= RARE and one not in known.telling for one in strange)),
        "link": float(sum(one in LINKS for one in strange)),
        "first": float(first == 0),
        "length": float(end - first),
        "longer": float(max(0, end - first - place.longest)),
        "left_heavy": float(sum(weight(one) >= HEAVY and one not in known.telling for one in left)),
    }
