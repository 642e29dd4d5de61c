"""A larger model's vocabulary as llama.cpp has it, and the tokens that run time reads and writes.

A model is trained on the very ids that it will meet: the prompt as llama.cpp cuts it, and the call as the walk through
the grammar appends it, forced tokens included (`assistant.model.Model.write`). No tokenizer of another library takes
part, so there is nothing that could differ.
"""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import llama_cpp
import llguidance
import llguidance.llamacpp
import numpy as np
from numpy.typing import NDArray

from assistant.grammar import head_grammar, tail_grammar
from assistant.prompt import chunks
from assistant.skill import MissingPiece, Skill

Mask = NDArray[np.int32]
"""One bit for each token, 32 to a word; shape (tokens / 32,)."""
MOST_TOKENS = 512
"""A call that has not ended by then never will; run time gives up sooner."""
LONGEST_PIECE = 256
"""Bytes of one token; no vocabulary has longer ones that a call could hold."""


class Vocabulary:
    """The vocabulary of a GGUF file; its weights, where it has any, are not loaded.

    Raises:
        MissingPiece: there is no such file, or llama.cpp cannot read it.
    """

    def __init__(self, path: Path) -> None:
        silence()
        llama_cpp.llama_backend_init()
        params = llama_cpp.llama_model_default_params()
        params.vocab_only = True
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), params)
        if not self._model:
            raise MissingPiece(f"{path} is not a model llama.cpp can read; delete it and run the step again")
        self._vocab: Any = llama_cpp.llama_model_get_vocab(self._model)
        self.size = int(llama_cpp.llama_vocab_n_tokens(self._vocab))
        self._grammar_tokens = llguidance.llamacpp.lltokenizer_from_vocab(self._vocab, slices=[])
        self._mask = np.zeros((self.size + 31) // 32, dtype=np.int32)

    def close(self) -> None:
        """Give the memory back."""
        if self._model:
            llama_cpp.llama_model_free(self._model)
            self._model = None

    def tokenize(self, text: str, *, start: bool = False) -> list[int]:
        """Token ids of a text as `assistant.model.Model.tokenize` gives them; `start` adds the model's first token."""
        raw = text.encode()
        room = len(raw) + 8
        ids = (llama_cpp.llama_token * room)()
        count = llama_cpp.llama_tokenize(self._vocab, raw, len(raw), ids, room, start, False)
        return list(ids[:count])

    def matcher(self, grammar: str) -> llguidance.LLMatcher:
        """Compile a Lark grammar. Raises ValueError when it does not compile."""
        matcher = llguidance.LLMatcher(self._grammar_tokens, grammar, log_level=0)
        if matcher.is_error():
            raise ValueError("the grammar does not compile")
        return matcher

    def allows(self, matcher: llguidance.LLMatcher) -> Mask:
        """Which tokens may come next: 32-bit words, one bit for each token."""
        matcher.unsafe_compute_mask_ptr(self._mask.ctypes.data, self._mask.nbytes)
        return self._mask

    def text(self, ids: Sequence[int]) -> str:
        """Tokens as text."""
        return str(self._grammar_tokens.decode_str(list(ids)))

    def canonical(self, text: str) -> list[int]:
        """The tokens a model would most likely write this text in, with no space put before it."""
        return list(self._grammar_tokens.tokenize_str(text))

    @functools.cached_property
    def by_text(self) -> Mapping[bytes, int]:
        """Bytes of a token -> its id; of several, the first."""
        buffer = ctypes.create_string_buffer(LONGEST_PIECE)
        found: dict[bytes, int] = {}
        for token in range(self.size):
            count = llama_cpp.llama_token_to_piece(self._vocab, token, buffer, LONGEST_PIECE, 0, False)
            if count > 0:
                found.setdefault(buffer.raw[:count], token)
        return found


@dataclass(frozen=True, slots=True)
class Spelled:
    """A call as run time writes it."""

    ids: tuple[int, ...]
    choices: tuple[int, ...]
    """Places in `ids` where the grammar left more than one way, and the model is asked."""


class Speller:
    """Spells calls over one set of skills. Raises ValueError when a grammar does not compile."""

    def __init__(self, vocabulary: Vocabulary, skills: Mapping[str, Skill]) -> None:
        self._vocabulary, self._skills = vocabulary, skills
        self._head = vocabulary.matcher(head_grammar(skills))

    def spell(self, call: str, plain_text: str, *, head_only: bool = False) -> Spelled:
        """The tokens of `call`, a line of `assistant.prompt.write_call` over this text.

        Args:
            head_only: up to the bracket after the skill's name.
        Raises:
            ValueError: the grammar does not allow this call over this text.
        """
        name, bracket, _ = call.partition("(")
        head = self._walk(self._head.deep_copy(), (name + bracket).encode())
        if head_only:
            return head
        tail = self._vocabulary.matcher(tail_grammar(self._skills[name], chunks(plain_text)))
        rest = self._walk(tail, call[len(name) + 1 :].encode())
        return Spelled(head.ids + rest.ids, head.choices + tuple(len(head.ids) + at for at in rest.choices))

    def _walk(self, matcher: llguidance.LLMatcher, wanted: bytes) -> Spelled:
        ids: list[int] = []
        choices: list[int] = []
        left = wanted
        while len(ids) < MOST_TOKENS:
            forced = matcher.compute_ff_tokens()
            left = self._take(matcher, forced, left)
            ids += forced
            if matcher.is_stopped() or matcher.is_accepting():
                if left:
                    raise ValueError(f"the call goes on where the grammar ends: {left!r}")
                return Spelled(tuple(ids), tuple(choices))
            mask = self._vocabulary.allows(matcher)
            token = _only(mask)
            if token is None:
                token = self._choose(mask, left)
                choices.append(len(ids))
            left = self._take(matcher, [token], left)
            ids.append(token)
        raise ValueError(f"the call has no end within {MOST_TOKENS} tokens")

    def _take(self, matcher: llguidance.LLMatcher, tokens: list[int], left: bytes) -> bytes:
        """Consume tokens; returns what is left to spell."""
        if not tokens:
            return left
        written = self._vocabulary.text(tokens).encode()
        if not left.startswith(written) or not matcher.consume_tokens(tokens):
            raise ValueError(f"the grammar writes {written!r} where the call has {left!r}")
        return left[len(written) :]

    def _choose(self, mask: Mask, left: bytes) -> int:
        """What is taught at a choice: the token of the usual spelling, or else the longest that is allowed."""
        usual = self._vocabulary.canonical(left.decode(errors="ignore"))
        if usual and _allowed(mask, usual[0]) and left.startswith(self._vocabulary.text(usual[:1]).encode()):
            return usual[0]
        for length in range(min(len(left), LONGEST_PIECE), 0, -1):
            token = self._vocabulary.by_text.get(left[:length])
            if token is not None and _allowed(mask, token):
                return token
        raise ValueError(f"the grammar does not allow {left!r} here")


def _allowed(mask: Mask, token: int) -> bool:
    return bool(int(mask[token >> 5]) >> (token & 31) & 1)


def _only(mask: Mask) -> int | None:
    """The single token that is allowed, or None."""
    filled = np.flatnonzero(mask)
    if len(filled) == 1:
        word = int(mask[int(filled[0])]) & 0xFFFFFFFF
        if word & (word - 1) == 0:
            return int(filled[0]) * 32 + word.bit_length() - 1
    return None


def silence() -> None:
    """Keep llama.cpp's progress off standard error, which has a line for every tensor."""
    llama_cpp.llama_log_set(_quiet, ctypes.c_void_p(0))


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
def _quiet(level: int, text: bytes, data: Any) -> None:
    """llama.cpp reports progress on standard error; what matters comes back as return codes."""
