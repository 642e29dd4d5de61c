"""The only prompt writer, and the one plain form of a transcript that every model reads.

What a person says reaches a model lower-cased and without sentence punctuation, cut into pieces that an argument may
begin or end at. Running, measuring and training all come through here, so that a model is never asked in a form it
was not taught.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.skill import Call, Skill

MAX_PIECES = 96
"""Longer transcripts are cut: nobody says a command of a hundred words, and a context has an end."""

MAX_LETTERS = 64
"""What is longer is no word in any language that has spaces; the transcript is cut before it."""

_SENTENCE_MARKS = re.compile(r"[,.?!;:…'‘’]+(?=\s|$)|(?<=\s)['‘’]+")
_NEVER_SPOKEN = re.compile(r"[\"“”„«»\\`|<>{}\[\]()]")
# Scripts written without spaces: there every character is a piece (Han, kana, Thai, Lao, Khmer, Burmese).
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# Signs of vowels and accents, which Python does not take for parts of a word: Latin, Hebrew, Arabic, all of India's.
_SIGNS = (
    "\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0900-\u0963\u0971-\u0dff"
)
_PIECE = re.compile(
    rf"[{_UNSPACED}]|\d{{1,3}}(?:,\d{{3}})+(?!,?\d)|\d+|(?:(?![\d_{_UNSPACED}])[\w{_SIGNS}])+|[^\w\s]|_"
)


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
    return " ".join(_SENTENCE_MARKS.sub(" ", _spoken(text) + " ").split())


def plain_parts(text: str, cuts: Sequence[int]) -> list[str]:
    """A text's plain form in the parts that it is cut into before these characters; joined they are `plain(text)`.

    Of `two` and `, please` the second part is ` please`: what parts two words stays, though it is not spoken.
    """
    parts = [_spoken(text[start:end]) for start, end in itertools.pairwise((0, *cuts, len(text)))]
    whole = _SENTENCE_MARKS.sub(lambda marks: " " * len(marks.group()), "".join(parts) + " ")
    found, start, apart = [], 0, True
    for part in parts:
        said = re.sub(" +", " ", whole[start : start + len(part)])
        found.append(said.lstrip() if apart else said)
        apart = said.endswith(" ") if said else apart
        start += len(part)
    last = max((at for at, said in enumerate(found) if said), default=0)
    return [*found[:last], found[last].rstrip(), *found[last + 1 :]]


def _spoken(text: str) -> str:
    """The characters that can be spoken, lower-cased, with a space for each of the others."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if unicodedata.category(c)[0] == "C" or c.isspace() else c for c in text)
    return _NEVER_SPOKEN.sub(" ", text.replace("’", "'").replace("‘", "'")).lower()


def pieces(plain_text: str) -> tuple[Piece, ...]:
    """Cut a plain text into its pieces: `boston's 5kg` -> boston ' s 5 kg; `1,000` is one.

    Ends at MAX_PIECES, or at no word at all.
    """
    found: list[Piece] = []
    for match in _PIECE.finditer(plain_text):
        if len(found) == MAX_PIECES or match.end() - match.start() > MAX_LETTERS:
            break
        found.append(Piece(match.group(), match.start(), match.end()))
    return tuple(found)


_JOINING = "-'.:,;?!…"


def chunks(plain_text: str) -> tuple[str, ...]:
    """What the text is made of, as a model reads it: every piece with the space before it.

    `set a 20-minute timer` -> " set", " a", " 20", "-minute", " timer". An argument is a run of whole chunks, so it is
    written in the very tokens it was read in. Marks inside a word (the hyphen here) belong to what follows.
    """
    found, start = [], 0
    cut = pieces(plain_text)
    for piece in cut:
        if piece.text[0].isalnum() or unicodedata.category(piece.text[0])[0] == "S" or piece.text in "%#*/&":
            found.append(plain_text[start : piece.end])
            start = piece.end
    if cut and start < cut[-1].end:
        tail = plain_text[start : cut[-1].end]
        found[-1:] = [found[-1] + tail] if found else [tail]
    return (" " + found[0], *found[1:]) if found else ()


def runs_of(parts: Sequence[str], words: str) -> Iterator[tuple[int, int]]:
    """Where `words` stand among the chunks of a text: (first, last) of each run that says them, in order."""
    for first in range(len(parts)):
        said = ""
        for last, part in enumerate(parts[first:], first):
            said += part
            if clean_run(said) == words:
                yield first, last
                break
            if len(said) > len(words) + 8:
                break


def run_of(plain_text: str, words: str) -> str:
    """The run of chunks that says `words`, as a larger model writes it (" five minutes", or "kg" inside "5kg").

    Raises:
        ValueError: the words are no run of whole chunks of this text.
    """
    parts = chunks(plain_text)
    for first, last in runs_of(parts, words):
        return "".join(parts[first : last + 1])
    raise ValueError(f'"{words}" is not a run of whole words of "{plain_text}"')


def clean_run(run: str) -> str:
    """A run as words: without the space and the marks that joined it to what came before."""
    inside = (
        run if run.startswith(" ") else run.lstrip(_JOINING)
    )  # " -5" is minus five, the "-minute" of 20-minute is not
    return inside.rstrip(_JOINING).strip() or run.strip()


def write_call(call: Call, skill: Skill, plain_text: str) -> str:
    """The line a larger model writes: `set_timer(duration= five minutes, name= pasta)`; words as in the text.

    Python's form without the quotes: an argument begins with the space its words had, so its tokens are the ones the
    model has just read, and ends at `, ` or `)`, which a plain text cannot hold.

    Raises:
        ValueError: an open argument is not a run of the text.
    """
    written = []
    for argument in skill.arguments:
        if argument.name in call.words:
            words = call.words[argument.name]
            written.append(f"{argument.name}={' ' + words if argument.choices else run_of(plain_text, plain(words))}")
    return f"{call.skill}({', '.join(written)})"


LONGEST_CALL = 4000
"""Characters: a transcript has fewer."""
_CALL = re.compile(r"([a-z_][a-z0-9_]*)\((.*)\)\Z", re.DOTALL)
_ARGUMENT = re.compile(r"([a-z_][a-z0-9_]*)=(.*?)(?:, (?=[a-z_][a-z0-9_]*=)|\Z)", re.DOTALL)


def read_call(written: str) -> Call:
    """Read a line that `write_call` or a model under the grammar wrote. Raises ValueError for anything else."""
    match = _CALL.match(written) if len(written) <= LONGEST_CALL else None
    if not match:
        raise ValueError(f"{written[:LONGEST_CALL]!r} is not a call")
    return Call(match[1], {name: clean_run(run) for name, run in _ARGUMENT.findall(match[2])})


MARKS = tuple(f"<{number}>" for number in range(MAX_PIECES))
"""What a skill model points with: one for each chunk of the transcript. It reads every token of a chunk together with
the chunk's mark (the sum of their embeddings), so that to point is to write what stands there, however rare the words
are. A plain text can hold none of them."""


def point(call: Call, skill: Skill, plain_text: str) -> str:
    """The line a skill model writes: `set_timer(duration=<4><5>, name=<7><7>)`; first and last chunk of each argument.

    Words that stand there twice are pointed at where no other argument is, and else where they stand first.

    Raises:
        ValueError: an open argument is not a run of the text.
    """
    parts, taken, written = chunks(plain_text), set[int](), []
    for argument in skill.arguments:
        words = call.words.get(argument.name)
        if words is None:
            continue
        if argument.choices:
            written.append(f"{argument.name}= {words}")
            continue
        runs = list(runs_of(parts, plain(words)))
        if not runs:
            raise ValueError(f'"{words}" is not a run of whole words of "{plain_text}"')
        first, last = next((run for run in runs if not taken & set(range(run[0], run[1] + 1))), runs[0])
        taken.update(range(first, last + 1))
        written.append(f"{argument.name}={MARKS[first]}{MARKS[last]}")
    return f"{call.skill}({', '.join(written)})"


_POINTED = re.compile(r"<(\d+)><(\d+)>")


def in_words(pointed: str, plain_text: str) -> str:
    """A line that `point` or a skill model wrote, with the words it points at: what `write_call` would have written."""
    parts = chunks(plain_text)
    return _POINTED.sub(lambda match: "".join(parts[int(match[1]) : int(match[2]) + 1]), pointed)


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
            lines.append(f"Said: {plain(example.text)}\n{write_call(example.call, skill, plain(example.text))}\n")
    return "".join(lines)


OPENING = "Said:"
"""What every suffix begins with, and so may as well stay with the prefix."""


def larger_suffix(plain_text: str, nearest: Sequence[tuple[str, str]]) -> str:
    """The part that changes: the nearest examples, the transcript last.

    The call stands on the next line, without a word before it: that would be read anew in every turn.
    """
    shown = "".join(f"Said: {said}\n{call}\n" for said, call in nearest)
    return f"{shown}Said:{''.join(chunks(plain_text))}\n"


def prompt_hash(skills: Sequence[Skill]) -> str:
    """Names the prompt in diaries and evals: the first 12 hex digits of its SHA-256."""
    return hashlib.sha256(larger_prefix(skills).encode()).hexdigest()[:12]
