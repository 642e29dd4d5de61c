"""One case and what was decided for it: what counts as right, and which kind of wrong it is otherwise.

Calls are compared by their values: 300 s is five minutes, "10" is "ten", and "the kitchen light" is "kitchen light".
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from text_to_num import alpha2digit

from assistant.prompt import chunks, clean_run, plain
from evals.cases import Case, family_of

NONE = "none"
UNPARSABLE = "unparsable"
"""The skill that stands in the evidence where what was written is no call: wrong, and neither a call nor a refusal."""
CHATTER_TAGS = frozenset(("chatter", "overheard"))
"""Talk that nobody meant for the assistant; a case for nobody without them is a request that no skill serves."""
_CARRIED = frozenset(("the", "a", "an", "my", "our", "some"))
"""Words that may stand before a thing without naming another one."""
_SYMBOLS = re.compile(r"(?:[\d.+*/%()-]|sqrt|cbrt|factorial|pi)*(?:[\d)]|pi)")
"""What readers write for a calculation or a date: every sign counts, although none is heard in a name."""


@functools.lru_cache(maxsize=4096)
def sound_form(text: str) -> tuple[str, ...]:
    """The words that are said, whichever way they are written: plain, no punctuation, whole numbers in digits."""
    words = " ".join(run for part in chunks(plain(text)) if (run := clean_run(part).strip("'")))
    # text2num is asked for English alone: a number that it does not know stays a word on both sides.
    return tuple(alpha2digit(words, "en", threshold=0).split())


def same_value(one: Any, other: Any) -> bool:
    """Whether two values of an argument are one: equal, or the same words but for an article or a "my" before them.

    Kinds are not kept with the values. Two that are symbols throughout are no words: "(1+2)*3" is not "1+2*3".
    """
    if isinstance(one, str) and isinstance(other, str):
        in_symbols = _SYMBOLS.fullmatch(one) and _SYMBOLS.fullmatch(other)
        return one == other or (not in_symbols and _thing(one) == _thing(other))
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= 1e-9 * max(1.0, abs(one))
    return bool(one == other)


def _thing(text: str) -> tuple[str, ...]:
    words = sound_form(text)
    first = next((at for at, word in enumerate(words) if word not in _CARRIED), 0)
    return words[first:]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a case, wanted or given."""

    name: str
    wanted: bool
    given: bool
    right: bool
    """Wanted, given, and the same value."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was decided for a case."""

    case: Case
    skill: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    confidence: float = 1.0
    failed: str = ""
    """Why it could not be scored; such an answer is neither right nor a refusal."""
    args: Mapping[str, Any] = field(default_factory=dict)
    """The values read from the words, JSON-ready; {} where they were not read."""
    tier: str = ""
    expected: Sequence[Mapping[str, Any]] = ()
    """The acceptable calls with the values read from their words, {"skill", "words", "args"}; () compares words."""

    @property
    def group(self) -> str:
        """What intervals are clustered by: the paraphrase group, or the sentence itself."""
        return self.case.group or self.case.text or self.case.sound

    @property
    def calls(self) -> Sequence[Mapping[str, Any]]:
        """The acceptable calls, {"skill", "words", "args"}."""
        return self.expected or [{"skill": skill, "words": words} for skill, words in self.case.acceptable]

    @property
    def wants_call(self) -> bool:
        """Whether somebody asked for something that a skill does."""
        return all(call["skill"] != NONE for call in self.calls)

    @property
    def is_chatter(self) -> bool:
        """For nobody, and not even a request: overheard talk."""
        case = self.case
        marked = not CHATTER_TAGS.isdisjoint(case.tags) or case.source in CHATTER_TAGS
        return not self.wants_call and (marked or case.group.startswith("chatter:"))

    @property
    def family_right(self) -> bool:
        """A call of the right family."""
        return any(family_of(self.skill) == family_of(str(call["skill"])) for call in self.calls)

    @property
    def skill_right(self) -> bool:
        """The right skill, whether it was called at once or asked about first."""
        return any(self.skill == call["skill"] for call in self.calls)

    @property
    def call_right(self) -> bool:
        """The right skill and, for each argument, the same value; the order does not matter."""
        return any(self._is(call) for call in self.calls)

    @property
    def right(self) -> bool:
        """The whole call, or the skill where only that is known of the case."""
        return self.call_right if self.case.args_known else self.skill_right

    @property
    def called(self) -> bool:
        """A skill was called: not none(), not declined, no question."""
        return self.skill not in ("", NONE) and self.tier not in ("ask", "decline")

    @property
    def asked(self) -> bool:
        """A question went back instead of a call."""
        return self.skill not in ("", NONE) and self.tier == "ask"

    @property
    def refused(self) -> bool:
        """none(), or declined because nobody was sure enough; what is no call at all refuses nothing."""
        return not self.called and not self.asked and self.skill != UNPARSABLE

    @property
    def false_call(self) -> bool:
        """A skill was called where nobody had asked for one, and it is none of the acceptable calls."""
        return not self.wants_call and self.called and not self.skill_right

    def arguments(self) -> Iterator[Argument]:
        """Every argument that the expected call or this one has; of several acceptable calls, of the nearest."""
        mine = [call for call in self.calls if call["skill"] == self.skill]
        if not mine:
            return
        wanted = max(mine, key=lambda call: sum(self._same(call, name) for name in call["words"]))
        for name in sorted(wanted["words"].keys() | self.words.keys()):
            said, given = name in wanted["words"], name in self.words
            yield Argument(name, said, given, said and given and self._same(wanted, name))

    def _is(self, call: Mapping[str, Any]) -> bool:
        if self.skill != call["skill"] or self.words.keys() != call["words"].keys():
            return False
        return all(self._same(call, name) for name in call["words"])

    def _same(self, call: Mapping[str, Any], name: str) -> bool:
        if name not in self.words:
            return False
        values = call.get("args", {})
        if name in values and name in self.args:
            return same_value(values[name], self.args[name])
        # What could not be read has no value to compare: the same words would have given the same one.
        return same_value(call["words"][name], self.words[name])
