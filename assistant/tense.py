"""Whether a skill writes down what was or sets what is to come, by the moments that its examples say."""

from __future__ import annotations

import re
from collections.abc import Iterable

_GONE_BY = re.compile(
    r"\b(?:yesterday|ago|just now|earlier (?:today|this)"
    r"|last (?:night|evening|(?:mon|tues|wednes|thurs|fri|satur|sun)day)(?! (?:of|in|before|after|this)))\b"
)
_TO_COME = re.compile(r"\b(?:tomorrow|tonight|next|in \w+ (?:minute|hour|day|week|month)s?|from now)\b")


def has_gone_by(moments: Iterable[str]) -> bool:
    """Whether one of these is surely over ("last night") and none surely to come ("tomorrow")."""
    said = [moment.casefold() for moment in moments]
    return any(map(_GONE_BY.search, said)) and not any(map(_TO_COME.search, said))
