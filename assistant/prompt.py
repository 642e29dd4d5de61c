"""The only prompt writer, and the one plain form of a transcript that every model reads.

What a person says reaches a model lower-cased and without sentence punctuation, cut into pieces that an argument may
begin or end at. Running, measuring and training all come through here, so that a model is never asked in a form it
was not taught.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.skill import Call, Skill

MAX_PIECES = 96
"""Longer transcripts are cut: nobody says a command of a hundred words, and a context has an end."""

_SENTENCE_MARKS = re.compile(r"[,.?!;:…]+(?=\s|$)|(?<=\s)['‘’]|['‘’](?=\s|$)")
_NEVER_SPOKEN = re.compile(r"[\"“”„«»\\`|<>{}\[\]()]")
# Scripts written without spaces: there every character is a piece (Han, kana, Thai, Lao, Khmer, Burmese).
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PIECE = re.compile(rf"[{_UNSPACED}]|\d+|(?:(?![\d_{_UNSPACED}])\w)+[\u0300-\u036f]*|[^\w\s]|_")


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, a number or a symbol of the plain text: characters `start` up to `end`."""

    text: str
    start: int
    end: int


def plain(text: str) -> str:
    """The form every model reads: `Set a "pasta" timer for 20 minutes.` -> `set a pasta timer for 20 minutes`.

    Characters that can never be spoken (quotes, brackets, control characters) become spaces, so that what is heard
    can hold no call syntax.
    """
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if unicodedata.category(c)[0] == "C" or c.isspace() else c for c in text)
    text = _NEVER_SPOKEN.sub(" ", text.replace("’", "'").replace("‘", "'"))
    text = _SENTENCE_MARKS.sub(" ", text.lower() + " ")
    return " ".join(text.split())


def pieces(plain_text: str) -> tuple[Piece, ...]:
    """Cut a plain text into its pieces, at most MAX_PIECES: `boston's 5kg` -> boston ' s 5 kg."""
    found = (Piece(m.group(), m.start(), m.end()) for m in _PIECE.finditer(plain_text))
    return tuple(piece for piece, _ in zip(found, range(MAX_PIECES), strict=False))


def may_end_run(piece: Piece) -> bool:
    """Whether an argument may begin or end at this piece: words, numbers and signs that mean something."""
    return piece.text[0].isalnum() or unicodedata.category(piece.text[0]) in ("Sc", "Sm", "So") or piece.text in "%#*/&-"


def shipped_prompt(plain_text: str) -> str:
    """What the shipped skill model reads: the transcript alone, nothing else."""
    cut = pieces(plain_text)
    return plain_text[: cut[-1].end] if cut else ""


_GUIDE = """You turn what a person says to a voice assistant into one call. Answer with one line, one of these calls.
Arguments are copied word for word from what was said; leave out what was not said.
Answer none() for chatter, television, and requests that no call serves.

"""


def _signature(skill: Skill) -> str:
    parts = []
    for argument in skill.arguments:
        kind = "|".join(argument.choices) if argument.choices else argument.kind
        parts.append(f"{argument.name}{'' if argument.required else '?'}: {kind}")
    return f"{skill.name}({', '.join(parts)})  # {skill.purpose}"


def larger_prefix(skills: Sequence[Skill]) -> str:
    """The part of a larger model's prompt that stays the same from turn to turn: every skill and two examples each."""
    lines = [_GUIDE, *(f"{_signature(skill)}\n" for skill in skills), "\n"]
    for skill in skills:
        for example in skill.examples[:2]:
            lines.append(f"Said: {plain(example.text)}\nCall: {plain_call(example.call, skill)}\n")
    return "".join(lines)


def larger_suffix(plain_text: str, nearest: Sequence[tuple[str, Call]]) -> str:
    """The part that changes: the nearest examples, the transcript last."""
    shown = "".join(f"Said: {said}\nCall: {call}\n" for said, call in nearest)
    return f"{shown}Said: {shipped_prompt(plain_text)}\nCall: "


def plain_call(call: Call, skill: Skill) -> Call:
    """The call as a model writes it: arguments in the signature's order, open ones in plain form."""
    words = {}
    for argument in skill.arguments:
        if argument.name in call.words:
            said = call.words[argument.name]
            words[argument.name] = said if argument.choices else plain(said)
    return Call(call.skill, words)


def prompt_hash(skills: Sequence[Skill]) -> str:
    """Names the prompt in diaries and evals: the first 12 hex digits of its SHA-256."""
    return hashlib.sha256(larger_prefix(skills).encode()).hexdigest()[:12]
