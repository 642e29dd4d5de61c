"""Rows to tokens: the vocabulary of the shipped skill model, and which tokens it is taught.

The prompt, its tokens and the call are those of `assistant.prompt`; nothing is written a second time here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from assistant.prompt import shipped_prompt, write_call
from assistant.skill import Call, Skill

BOS, EOS, CALL = "<s>", "</s>", "<call>"
"""Control tokens, ids 0, 1, 2: start, end of the call, "now write the call"."""


@dataclass(frozen=True, slots=True)
class Row:
    """One training row, as `finetune.rows` writes it."""

    text: str
    call: Call
    args_known: bool
    """False when only the skill is known: its arguments are not taught."""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Encoded:
    """A row in tokens. `ids[:prompt]` is read in both directions; `ids[prompt:taught]` is what is learned."""

    ids: list[int]
    prompt: int
    taught: int
    weight: float


def read_rows(path: Path) -> Iterator[Row]:
    """Read JSON lines. Raises ValueError naming file and line when one is malformed."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                row = json.loads(line)
                yield Row(row["text"], Call(row["skill"], row["words"]), row["args_known"], row.get("weight", 1.0))
            except (ValueError, KeyError, TypeError) as fault:
                raise ValueError(f"{path}:{number}: not a training row ({fault})") from fault


def call_tokens(skills: Iterable[Skill]) -> list[str]:
    """The strings of the call language that get one token each: a whole skill name is one choice, not five."""
    skills = list(skills)
    names = {argument.name for skill in skills for argument in skill.arguments}
    return [
        *(f"{skill.name}(" for skill in skills),
        *(f"{name}=" for name in sorted(names)),
        *(f", {name}=" for name in sorted(names)),
        ")",
    ]


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
    tokenizer.train_from_iterator((shipped_prompt(text) for text in texts), trainer)
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in added])
    return tokenizer


def encode(row: Row, tokenizer: Tokenizer, skills: Mapping[str, Skill]) -> Encoded:
    """Tokens of a row: `<s> the transcript <call>` then the call and `</s>`.

    Raises:
        ValueError: an argument is no run of whole words of the text.
    """
    ids: dict[str, int] = {token: tokenizer.token_to_id(token) for token in (BOS, EOS, CALL)}
    prompt = [ids[BOS], *tokenizer.encode(shipped_prompt(row.text)).ids, ids[CALL]]
    if row.args_known:
        call = tokenizer.encode(write_call(row.call, skills[row.call.skill], row.text)).ids
        return Encoded([*prompt, *call, ids[EOS]], len(prompt), len(prompt) + len(call) + 1, row.weight)
    head = tokenizer.token_to_id(f"{row.call.skill}(")
    return Encoded([*prompt, head], len(prompt), len(prompt) + 1, row.weight)


def to_json(tokenizer: Tokenizer) -> dict[str, Any]:
    """The tokenizer's own JSON: vocabulary, merges, added tokens."""
    parsed: dict[str, Any] = json.loads(tokenizer.to_str())
    return parsed
