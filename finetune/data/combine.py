"""Arguments that an example does not have, or could do without: what one example says, another can say as well.

`sprinkle the [lawn](plant)` takes `for [ten minutes](duration)` from its neighbour, and the neighbour loses it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from finetune.data.otherwise import kinds
from finetune.data.reword import is_command
from finetune.data.templates import Sentence
from finetune.disturb import Part

BORROWED, LEFT_OUT = 0.15, 0.12
"""How often a sentence takes an argument from another example, and how often it loses one it can do without."""
_LINK = re.compile(r"^(?P<before>.*?)(?P<link>\s(?:for|in|at|on|to|with|from|by|called|named)\s(?:the |my |a )?)$")
_POLITE_END = re.compile(r"\s+(?:please|for me|thanks|thank you|now)$")

Tail = tuple[Part, Part]
"""What links an argument to the sentence (" for "), and the argument."""


def tails(own: Sequence[Sentence]) -> list[Tail]:
    """The linked arguments that end a skill's examples, and that may be left unsaid."""
    found = []
    for sentence in own:
        link = _tail(sentence.parts)
        if link and not sentence.skill.argument(link[1].argument).required:
            found.append(link)
    return found


def _tail(parts: Sequence[Part]) -> Tail | None:
    if len(parts) < 2 or not parts[-1].argument or parts[-2].argument:
        return None
    match = _LINK.match(parts[-2].text)
    return (Part(match["link"]), parts[-1]) if match else None


def combined(sentence: Sentence, others: Sequence[Tail], chance: random.Random) -> Sentence:
    """The sentence with an argument more or fewer, now and then; its group stays that of its example."""
    kind = chance.random()
    if kind < LEFT_OUT:
        return _left_out(sentence)
    said = {part.argument for part in sentence.parts}
    new = [tail for tail in others if tail[1].argument not in said]
    if kind < LEFT_OUT + BORROWED and new and len(said) > 1 and _commands(sentence):
        return replace(sentence, parts=(*_bare_end(sentence.parts), *chance.choice(new)))
    return sentence


def _commands(sentence: Sentence) -> bool:
    """Whether it asks for something to be done, and so can be told for how long, or where, as well."""
    first = sentence.parts[0]
    return not first.argument and is_command(first.text.split(" ")[0])


def _left_out(sentence: Sentence) -> Sentence:
    within = _without_within(sentence)
    if within:
        return replace(sentence, parts=within)
    tail = _tail(sentence.parts)
    if tail is None or sentence.skill.argument(tail[1].argument).required:
        return sentence
    before = sentence.parts[-2].text.removesuffix(tail[0].text)
    parts = (*sentence.parts[:-2], *((Part(before),) if before else ()))
    return replace(sentence, parts=parts) if parts else sentence


def _without_within(sentence: Sentence) -> tuple[Part, ...]:
    """ "has the [ikea](shop) delivery arrived" without its shop; nothing where no argument stands so: "did the
    [postman](person) come" without him would be "did the come"."""
    parts = sentence.parts
    for at in range(1, len(parts) - 1):
        before, one, after = parts[at - 1 : at + 2]
        if not one.argument or before.argument or after.argument or sentence.skill.argument(one.argument).required:
            continue
        if (
            before.text.split()[-1:] in _BEFORE_NAME
            and after.text.startswith(" ")
            and "thing" in kinds(after.text.split(" ")[1])
        ):
            return (*parts[: at - 1], replace(before, text=before.text + after.text.lstrip()), *parts[at + 2 :])
    return ()


_BEFORE_NAME = (["the"], ["my"], ["our"], ["any"])


def _bare_end(parts: Sequence[Part]) -> tuple[Part, ...]:
    if parts[-1].argument:
        return tuple(parts)
    bare = _POLITE_END.sub("", parts[-1].text).rstrip()
    return (*parts[:-1], *((replace(parts[-1], text=bare),) if bare else ()))
