"""Cases to tokens: the vocabulary of the shipped skill model, and which tokens it is taught.

The prompt, its tokens and the call are those of `assistant.prompt`; nothing is written a second time here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from assistant.gguf_llama import CONTROL
from assistant.prompt import shipped_prompt, write_call
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


def encode(case: Case, tokenizer: Tokenizer, skills: Mapping[str, Skill]) -> Encoded:
    """Tokens of a case: `<s> the transcript <call>` then the call and `</s>`.

    Raises:
        ValueError: an argument is no run of whole words of the text.
    """
    start, end, write = range(len(CONTROL))  # the tokenizer's first ids, in this order
    prompt = [start, *tokenizer.encode(shipped_prompt(case.text)).ids, write]
    if case.args_known:
        written = write_call(Call(case.skill, case.words), skills[case.skill], case.text)
        call = [*tokenizer.encode(written).ids, end]
    else:
        call = tokenizer.encode(f"{case.skill}(").ids
    return Encoded([*prompt, *call], len(prompt), len(prompt) + len(call), case.weight)


def to_json(tokenizer: Tokenizer) -> dict[str, Any]:
    """The tokenizer's own JSON: vocabulary, merges, added tokens."""
    parsed: dict[str, Any] = json.loads(tokenizer.to_str())
    return parsed
