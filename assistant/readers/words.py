"""A cursor over the words of one argument, and the error that every reader raises."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

MAX_CHARACTERS = 300
"""Nobody says a number or a time in more; longer text is refused before any reader looks at it."""

_VULGAR = {
    "½": " 1/2",
    "⅓": " 1/3",
    "⅔": " 2/3",
    "¼": " 1/4",
    "¾": " 3/4",
    "⅛": " 1/8",
}
_MERIDIEM = re.compile(r"(?<![^\W\d_])([ap])\.? ?m(?![^\W\d_])")
_CLOCK = re.compile(r"\bo['’]? ?clock\b")
_JOINER = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_TOKEN = re.compile(
    r"\d+(?:st|nd|rd|th)\b"  # 3rd
    r"|\d{4}-\d{2}-\d{2}"  # 2026-12-25
    r"|\d+(?:[.,:]\d+)*|\.\d+"  # 1,200.5 7:30 .5
    r"|[^\W\d_]+(?:['’][^\W\d_]+)?['’]?"  # new year's
    r"|\*\*|[^\w\s,.?!;:…\"()]|[()]"
)


class Unreadable(ValueError):
    """Words that are no such value; the message is a sentence for the speaker."""

    argument: str = ""
    """The argument whose words these were, once `read_arguments` knows."""


class Unsettled(Unreadable):
    """The words are understood, and something else must be said: what time today, or a moment that is still to come."""


def tokens_of(said: str) -> list[str]:
    """Cut words into tokens: lower case, without sentence marks, `7 p.m.` -> 7 pm, `twenty-five` -> twenty five."""
    for sign, spelled in _VULGAR.items():
        said = said.replace(sign, spelled)
    said = unicodedata.normalize("NFKC", said).lower()
    said = _MERIDIEM.sub(r" \1m", said)
    said = _CLOCK.sub("o'clock", said)
    said = _JOINER.sub(" ", said)
    return [token.replace("’", "'").rstrip("'") for token in _TOKEN.findall(said)]


class Words:
    """The words of one argument, and how far they have been read."""

    def __init__(self, said: str, language: str = "en") -> None:
        """Raises Unreadable when there is nothing to read, or far too much."""
        if len(said) > MAX_CHARACTERS:
            raise Unreadable("That was too long for me.")
        self.said = " ".join(said.split())
        self.language = language
        self.tokens = tokens_of(said)
        self.at = 0
        self.tries = 0
        """How often a reader has begun anew; those that try several ways give up in time."""
        self.joining = True
        """Whether "one hundred and fifty" may be one number."""
        if not self.tokens:
            raise Unreadable("I heard nothing there that I can use.")

    @property
    def done(self) -> bool:
        """Whether every word has been read."""
        return self.at >= len(self.tokens)

    def peek(self, ahead: int = 0) -> str:
        """The next word, or the one `ahead` of it; "" past the end."""
        index = self.at + ahead
        return self.tokens[index] if index < len(self.tokens) else ""

    def take(self, *options: str) -> str:
        """Step over the next word if it is one of these, and return it; "" if it is none."""
        return self.take_in(options)

    def take_in(self, options: Collection[str]) -> str:
        """Step over the next word if it is in a table, and return it; "" if it is not."""
        word = self.peek()
        if word and word in options:
            self.at += 1
            return word
        return ""

    def take_phrase(self, phrase: str) -> bool:
        """Step over several words at once, or none of them."""
        parts = phrase.split()
        if self.tokens[self.at : self.at + len(parts)] != parts:
            return False
        self.at += len(parts)
        return True

    def skip(self, options: Collection[str]) -> None:
        """Step over every next word that is in a table."""
        while self.take_in(options):
            pass

    def refuse(self, what: str) -> Unreadable:
        """The error that these words are not `what` ("a length of time")."""
        return Unreadable(f'I could not understand "{self.said}" as {what}.')
