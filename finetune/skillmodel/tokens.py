"""Cases to tokens: the vocabulary of the shipped skill model, and which tokens it is taught.

The prompt, its tokens and the call are those of `assistant.prompt`; nothing is written a second time here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from assistant.gguf_llama import CONTROL
from assistant.prompt import MARKS, chunks, point, runs_of
from assistant.skill import Call, Skill
from evals.cases import Case

BOS, EOS, CALL = CONTROL
"""Control tokens, ids 0, 1, 2: start, end of the call, "now write the call"."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """A case in tokens. `ids[:prompt]` is read in both directions; `ids[prompt:taught]` is what is learned."""

    ids: list[int]
    prompt: int
    taught: int
    weight: float
    times: float = 1.0
    """How often a pass draws it; a fraction is a chance."""
    chunk_of: tuple[int, ...] = ()
    """For each token of the prompt the chunk that it is of, -1 for a control token."""
    names: tuple[int, ...] = ()
    """Positions of the tokens of names in the prompt: words that any other word could stand for."""
    tags: tuple[tuple[int, int], ...] = ()
    """(position, token) of the first token of each chunk: `name=` where that argument begins, `, name=` inside it, `)`
    in none. Taught beside the call: a model that knows what each word is points sooner."""

    @property
    def chunks(self) -> int:
        """How many chunks the transcript has."""
        return max(self.chunk_of, default=-1) + 1


def call_tokens(skills: Iterable[Skill]) -> list[str]:
    """The strings of the call language that get one token each: a whole skill name is one choice, not five."""
    skills = list(skills)
    names = {argument.name for skill in skills for argument in skill.arguments}
    return [
        *(f"{skill.name}(" for skill in skills),
        *(f"{name}=" for name in sorted(names)),
        *(f", {name}=" for name in sorted(names)),
        ")",
        *MARKS,
    ]


ANY_WORDS: Mapping[str, frozenset[str]] = {
    "play_music": frozenset({"title", "artist", "playlist"}),
    "add_to_playlist": frozenset({"title", "artist", "playlist"}),
    "weather": frozenset({"place"}),
    "tell_time": frozenset({"place"}),
    "news": frozenset({"topic"}),
    "tell_story": frozenset({"about"}),
    "add_note": frozenset({"text"}),
    "remind": frozenset({"what"}),
    "add_to_list": frozenset({"item", "list"}),
    "remove_from_list": frozenset({"item", "list"}),
    "read_list": frozenset({"list"}),
    **{f"{verb}_timer": frozenset({"name"}) for verb in ("set", "cancel", "check", "pause", "resume", "extend")},
}
"""Skill -> arguments that are found by where they stand, whatever words they are. A genre or a device is not: there the
words themselves tell what is meant."""


def _names(case: Case, parts: Sequence[str]) -> Iterator[int]:
    """The chunks that are of a name."""
    if case.skill == "play_music" and len(case.words) < 2:
        return  # "play thriller": only who knows it can tell a title from an artist
    for name in ANY_WORDS.get(case.skill, frozenset()) & set(case.words):
        for first, last in runs_of(parts, case.words[name]):
            yield from range(first, last + 1)


def train_tokenizer(texts: Iterable[str], skills: Iterable[Skill], size: int) -> Tokenizer:
    """A byte-level BPE over plain transcripts, GPT-2's pre-tokenizer (which llama.cpp has), plus the call tokens."""
    added = call_tokens(skills)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(added),
        min_frequency=3,
        special_tokens=[BOS, EOS, CALL],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(("".join(chunks(text)) for text in texts), trainer)
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in added])
    return tokenizer


def encode(case: Case, tokenizer: Tokenizer, skills: Mapping[str, Skill]) -> Encoded:
    """Tokens of a case: `<s> the transcript, chunk by chunk <call>` then the call and `</s>`.

    Raises:
        ValueError: an argument is no run of whole words of the text.
    """
    start, end, write = range(len(CONTROL))  # the tokenizer's first ids, in this order
    parts = chunks(case.text)
    if case.args_known:
        written = point(Call(case.skill, case.words), skills[case.skill], case.text)
        call = [*tokenizer.encode(written).ids, end]
        tags = [_id(tokenizer, tag) for tag in _tags(written, len(parts))]
    else:
        call, tags = tokenizer.encode(f"{case.skill}(").ids, []
    prompt, chunk_of = [start], [-1]
    tagged = []
    for chunk, part in enumerate(parts):
        if tags:
            tagged.append((len(prompt), tags[chunk]))
        ids = tokenizer.encode(part).ids
        prompt += ids
        chunk_of += [chunk] * len(ids)
    prompt.append(write)
    chunk_of.append(-1)
    of_names = set(_names(case, parts))
    names = tuple(at for at, chunk in enumerate(chunk_of) if chunk in of_names)
    taught = len(prompt) + len(call)
    return Encoded(
        [*prompt, *call], len(prompt), taught, case.weight, chunk_of=tuple(chunk_of), names=names, tags=tuple(tagged)
    )


def _id(tokenizer: Tokenizer, token: str) -> int:
    found = tokenizer.token_to_id(token)
    if found is None:
        raise ValueError(f"the vocabulary has no {token}; it was made by another version of Hark")
    return int(found)


_POINTED = re.compile(r"([a-z_0-9]+)=<(\d+)><(\d+)>")


def _tags(pointed: str, chunks_: int) -> list[str]:
    """What each chunk is in a call that `point` wrote."""
    tags = [")"] * chunks_
    for name, first, last in _POINTED.findall(pointed):
        tags[int(first)] = f"{name}="
        for at in range(int(first) + 1, int(last) + 1):
            tags[at] = f", {name}="
    return tags


@dataclass(frozen=True, slots=True)
class Alphabet:
    """Which tokens of a vocabulary are marks, and which are words."""

    marks: range
    words: range
    """Word pieces, without control tokens and single bytes."""


def alphabet(tokenizer: Tokenizer) -> Alphabet:
    """The alphabet of a tokenizer that `train_tokenizer` made."""
    first = _id(tokenizer, MARKS[0])
    return Alphabet(range(first, first + len(MARKS)), range(len(CONTROL) + 256, tokenizer.get_vocab_size(False)))


def to_json(tokenizer: Tokenizer) -> dict[str, Any]:
    """The tokenizer's own JSON: vocabulary, merges, added tokens."""
    parsed: dict[str, Any] = json.loads(tokenizer.to_str())
    return parsed
