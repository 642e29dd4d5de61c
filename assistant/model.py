"""llama-cpp-python behind one small class: a GGUF file that writes one call under a grammar.

Talks to llama.cpp's C functions. What the high-level class would do (evaluate one token, sample, repeat) costs many
times as much: here the unchanging prefix is evaluated once and kept, and `assistant.walk` puts only real choices to
the model, several in one pass where there is a guess at the call.

Meant to live in a process of its own (`assistant.worker`): the native library can crash.
"""

from __future__ import annotations

import ctypes
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import llama_cpp
import llguidance
import llguidance.llamacpp
import numpy as np
from numpy.typing import NDArray

from assistant.gguf_file import read_tensor
from assistant.skill import MissingPiece
from assistant.walk import MAX_CALL_TOKENS, Guess, Then, Walk, Walker

MAX_FREE_TOKENS = 96
"""Where no grammar holds it, a model that wrote so much wrote no call."""
CONTEXT_TOKENS = 8192
"""Room for the larger model's prompt, where its training allows as much."""


LogitsProcessor = Callable[[Sequence[int], NDArray[np.float32]], NDArray[np.float32]]
"""What was written since the prompt, the logits after it -> the logits as they count: how a bench steers a model."""


class Model:
    """One GGUF file, loaded. Not thread-safe.

    Raises:
        MissingPiece: there is no such file, or llama.cpp cannot read it.
    """

    def __init__(self, path: Path, *, threads: int = 2, context_tokens: int = CONTEXT_TOKENS) -> None:
        _check_file(path)
        llama_cpp.llama_log_set(_quiet, ctypes.c_void_p(0))
        llama_cpp.llama_backend_init()
        self.path = path
        self._model = llama_cpp.llama_model_load_from_file(str(path).encode(), _model_params())
        if not self._model:
            raise MissingPiece(f"{path} is not a model llama.cpp can read; get it again with: hark models pull")
        self.vocab = llama_cpp.llama_model_get_vocab(self._model)
        self.size = llama_cpp.llama_vocab_n_tokens(self.vocab)
        trained = llama_cpp.llama_model_n_ctx_train(self._model)
        self.context_tokens = min(context_tokens, int(trained))
        self.two_way = self.note("hark.prompt_two_way") == "true"
        params = _context_params(self.context_tokens, threads, two_way=self.two_way)
        self._context = llama_cpp.llama_init_from_model(self._model, params)
        if not self._context:
            raise MissingPiece(f"there is not enough memory for {path.name}; choose a smaller model: hark models list")
        self._memory = llama_cpp.llama_get_memory(self._context)
        # A recurrent state holds no places that could be dropped again.
        whole = llama_cpp.llama_model_is_recurrent(self._model) or llama_cpp.llama_model_is_hybrid(self._model)
        self._can_take_back = not whole
        self.grammar_tokens = llguidance.llamacpp.lltokenizer_from_vocab(self.vocab, slices=[])
        self._batch = llama_cpp.llama_batch_init(self.context_tokens, 0, 1)
        self._embeddings: NDArray[np.float32] | None = None
        self._read_batch: Any = None
        self._prefix: list[int] = []
        self._used = self._prompt_end = 0
        self.logits_processor: LogitsProcessor | None = None
        self.tokens_read = self.passes = 0

    def close(self) -> None:
        """Give the memory back."""
        if self._context:
            llama_cpp.llama_batch_free(self._batch)
            if self._read_batch is not None:
                llama_cpp.llama_batch_free(self._read_batch)
            llama_cpp.llama_free(self._context)
            llama_cpp.llama_model_free(self._model)
            self._context = None

    def note(self, name: str) -> str:
        """A metadata string of the file; "" when it has none of that name."""
        buffer = ctypes.create_string_buffer(4096)
        length = llama_cpp.llama_model_meta_val_str(self._model, name.encode(), buffer, len(buffer))
        return buffer.value.decode(errors="replace") if length >= 0 else ""

    def tokenize(self, text: str, *, special: bool = False, start: bool = False) -> list[int]:
        """Token ids of a text; `special` reads control tokens written in it, `start` adds the model's own first one."""
        raw = text.encode()
        room = len(raw) + 8
        ids = (llama_cpp.llama_token * room)()
        count = llama_cpp.llama_tokenize(self.vocab, raw, len(raw), ids, room, start, special)
        return list(ids[:count])

    def matcher(self, grammar: str) -> llguidance.LLMatcher:
        """Compile a Lark grammar. Raises ValueError when it does not compile."""
        matcher = llguidance.LLMatcher(self.grammar_tokens, grammar, log_level=0)
        if matcher.is_error():
            raise ValueError("the grammar does not compile")  # the library's account would quote what was said
        return matcher

    # --- the part of the prompt that stays ---------------------------------------------------------------------------

    def keep_prefix(self, ids: Sequence[int], folder: Path | None = None) -> bool:
        """Evaluate the unchanging start of the prompt, once; True when it came ready from `folder`.

        Raises:
            ValueError: it does not fit the model's context.
        """
        if list(ids) == self._prefix:
            return True
        if len(ids) + MAX_CALL_TOKENS > self.context_tokens:
            raise ValueError(f"the prompt has {len(ids)} tokens, {self.path.name} has room for {self.context_tokens}")
        self._forget()
        saved = folder / self._prefix_name(ids) if folder else None
        loaded = saved is not None and saved.exists() and self._load(saved, ids)
        if not loaded:
            self._forget()
            self.evaluate(list(ids), [])
            if saved is not None:
                self._save(saved, ids)
        self._prefix = list(ids)
        self._used = len(ids)
        return loaded

    def _prefix_name(self, ids: Sequence[int]) -> str:
        stat = self.path.stat()
        key = f"{self.path.name}:{stat.st_size}:{stat.st_mtime_ns}:{llama_cpp.__version__}:{list(ids)}"
        return hashlib.sha256(key.encode()).hexdigest()[:24] + ".prefix"

    def _load(self, saved: Path, ids: Sequence[int]) -> bool:
        found = (llama_cpp.llama_token * len(ids))()
        count = ctypes.c_size_t(0)
        read = llama_cpp.llama_state_seq_load_file(
            self._context, str(saved).encode(), 0, found, len(ids), ctypes.byref(count)
        )
        return bool(read) and list(found[: count.value]) == list(ids)

    def _save(self, saved: Path, ids: Sequence[int]) -> None:
        saved.parent.mkdir(parents=True, exist_ok=True)
        beside = saved.with_suffix(".part")
        tokens = (llama_cpp.llama_token * len(ids))(*ids)
        if llama_cpp.llama_state_seq_save_file(self._context, str(beside).encode(), 0, tokens, len(ids)):
            beside.replace(saved)

    def _forget(self) -> None:
        llama_cpp.llama_memory_clear(self._memory, True)
        self._prefix, self._used = [], 0

    def _back_to_prefix(self) -> None:
        """Drop what the last walk wrote; models that cannot drop a part are read from the start again."""
        if llama_cpp.llama_memory_seq_rm(self._memory, 0, len(self._prefix), -1):
            self._used = len(self._prefix)
            return
        prefix = self._prefix
        self._forget()
        self.evaluate(prefix, [])
        self._prefix = prefix

    @property
    def room(self) -> int:
        """How many tokens of prompt fit after the kept prefix, with a call still to be written."""
        return self.context_tokens - len(self._prefix) - MAX_CALL_TOKENS

    # --- writing -----------------------------------------------------------------------------------------------------

    def read_prompt(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Evaluate a prompt after the kept prefix; returns the logits after it, shape (vocabulary,)."""
        self._back_to_prefix()
        if len(ids) > self.room:
            raise ValueError(f"the transcript has {len(ids)} tokens, there is room for {self.room}")
        if not self.two_way:
            return self._evaluate(list(ids))
        llama_cpp.llama_set_causal_attn(self._context, False)
        try:
            return self._evaluate(list(ids))
        finally:
            llama_cpp.llama_set_causal_attn(self._context, True)

    def read_marked(self, ids: Sequence[int], marks: Sequence[int]) -> NDArray[np.float32]:
        """As `read_prompt`, where each token is read together with a mark: the sum of their embeddings.

        Args:
            marks: for each of `ids` the token that is added to it, -1 for none.
        Raises:
            ValueError: there is no room for so many tokens.
            ConfigError: the file keeps its embeddings in a form that only llama.cpp can read.
        """
        self._forget()
        if len(ids) > self.room:
            raise ValueError(f"the transcript has {len(ids)} tokens, there is room for {self.room}")
        if self._embeddings is None:
            self._embeddings = read_tensor(self.path, "token_embd.weight")
            self._read_batch = llama_cpp.llama_batch_init(self.context_tokens, self._embeddings.shape[1], 1)
        read = self._embeddings[list(ids)]
        added = np.array(marks)
        read[added >= 0] += self._embeddings[added[added >= 0]]
        ctypes.memmove(self._read_batch.embd, read.ctypes.data, read.nbytes)
        llama_cpp.llama_set_causal_attn(self._context, not self.two_way)
        try:
            logits: NDArray[np.float32] = self._decode(self._read_batch, len(ids), [len(ids) - 1])[0]
            return logits
        finally:
            llama_cpp.llama_set_causal_attn(self._context, True)

    def hold_prompt(self, ids: Sequence[int]) -> Sequence[int]:
        """Go back to the kept prefix; `write` then reads the prompt together with a guess. Raises ValueError."""
        self._back_to_prefix()
        if len(ids) > self.room:
            raise ValueError(f"the transcript has {len(ids)} tokens, there is room for {self.room}")
        self._prompt_end = self._used + len(ids)
        return ids

    def write(
        self,
        ready: NDArray[np.float32] | Sequence[int],
        matcher: llguidance.LLMatcher,
        then: Then | None = None,
        guess: Guess | None = None,
    ) -> Walk:
        """Walk the grammar greedily.

        Args:
            ready: the logits after the prompt from `read_prompt` or `read_marked`, or what `hold_prompt` gave.
            then: given what `matcher` led to, the matcher of what follows (the arguments of the skill picked).
            guess: says what may follow; a right guess saves time, none changes what is written.
        """
        if isinstance(ready, np.ndarray):
            self._prompt_end = self._used
        return Walker(self, then, guess if self._can_take_back else None).walk(matcher, ready)

    def write_freely(self, logits: NDArray[np.float32]) -> str:
        """Write greedily from these logits without any grammar, up to the model's own end or that of the line."""
        written: list[int] = []
        while len(written) < MAX_FREE_TOKENS:
            token = int(np.argmax(logits))
            if llama_cpp.llama_vocab_is_eog(self.vocab, token):
                break
            written.append(token)
            if "\n" in self.text([token]):
                break
            logits = self._evaluate([token])
        return self.text(written)

    def complete(self, prompt: str, most_tokens: int) -> str:
        """Answer a question in free text, greedily, in the form the model was tuned for, up to its end of turn."""
        ids = self.tokenize(self._as_chat(prompt), special=True, start=True)
        self._forget()
        logits = self._evaluate(ids[: self.context_tokens - most_tokens])
        written: list[int] = []
        while len(written) < most_tokens:
            token = int(np.argmax(logits))
            if llama_cpp.llama_vocab_is_eog(self.vocab, token):
                break
            written.append(token)
            logits = self._evaluate([token])
        self._forget()
        return self.text(written).strip()

    def _as_chat(self, prompt: str) -> str:
        """The prompt as one user turn of the model's own chat template; as it is, where the file has none."""
        template = llama_cpp.llama_model_chat_template(self._model, None)
        if not template:
            return prompt
        message = llama_cpp.llama_chat_message(role=b"user", content=prompt.encode())
        room = 2 * len(prompt.encode()) + 4096
        buffer = ctypes.create_string_buffer(room)
        length = llama_cpp.llama_chat_apply_template(template, ctypes.byref(message), 1, True, buffer, room)
        return buffer.raw[:length].decode(errors="replace") if 0 < length <= room else prompt

    # --- what a walk needs; see `assistant.walk.Reader` ---------------------------------------------------------------

    def text(self, ids: Sequence[int]) -> str:
        """Tokens as text."""
        return str(self.grammar_tokens.decode_str(list(ids)))

    def adjusted(self, written: Sequence[int], logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """The logits after what the logits processor, if there is one, makes of them; shape (size,)."""
        return logits if self.logits_processor is None else self.logits_processor(written, logits)

    def keep(self, count: int) -> bool:
        """Forget what was evaluated after the prompt but for its first `count` tokens; False where it cannot."""
        if not llama_cpp.llama_memory_seq_rm(self._memory, 0, self._prompt_end + count, -1):
            return False
        self._used = self._prompt_end + count
        return True

    def evaluate(self, ids: Sequence[int], rows: Sequence[int]) -> NDArray[np.float32]:
        """Run the model over `ids`; a copy of the logits after ids[row] for each row, shape (len(rows), size)."""
        step = llama_cpp.llama_n_batch(self._context)
        found = []
        for first in range(0, len(ids), step):
            part = ids[first : first + step]
            for at, token in enumerate(part):
                self._batch.token[at] = token
            found.append(self._decode(self._batch, len(part), [row - first for row in rows if 0 <= row - first < step]))
        return np.concatenate(found) if found else np.zeros((0, self.size), dtype=np.float32)

    def _evaluate(self, ids: Sequence[int]) -> NDArray[np.float32]:
        """Run the model over `ids`; a copy of the logits after the last, shape (size,)."""
        logits: NDArray[np.float32] = self.evaluate(ids, [len(ids) - 1])[0]
        return logits

    def _decode(self, batch: Any, count: int, rows: Sequence[int]) -> NDArray[np.float32]:
        """Run the model over what a batch holds; a copy of the logits after some of its tokens, (len(rows), size)."""
        batch.n_tokens = count
        for at in range(count):
            batch.pos[at] = self._used + at
            batch.n_seq_id[at] = 1
            batch.seq_id[at][0] = 0
            batch.logits[at] = False
        for at in rows:
            batch.logits[at] = True
        failed = llama_cpp.llama_decode(self._context, batch)
        if failed:
            raise RuntimeError(f"llama.cpp could not evaluate {count} tokens (code {failed})")
        self._used += count
        self.tokens_read += count
        self.passes += 1
        found = np.empty((len(rows), self.size), dtype=np.float32)
        for at, row in enumerate(rows):
            pointer = llama_cpp.llama_get_logits_ith(self._context, row)
            found[at] = np.ctypeslib.as_array(pointer, shape=(self.size,))
        return found


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise MissingPiece(f"there is no model at {path}; see what there is with: hark models list")
    with path.open("rb") as file:
        if file.read(4) != b"GGUF":
            raise MissingPiece(f"{path} is not a GGUF file; choose another model with: hark models use")


def _model_params() -> Any:
    params = llama_cpp.llama_model_default_params()
    params.n_gpu_layers = 0
    # On processors with AMX the repacked buffers die at the first decode of a Q8_0 model (llama.cpp of 0.3.36).
    params.use_extra_bufts = False
    return params


def _context_params(tokens: int, threads: int, *, two_way: bool) -> Any:
    params = llama_cpp.llama_context_default_params()
    params.n_ctx = tokens
    params.n_batch = params.n_ubatch = min(512, tokens)
    if not two_way:
        # On a processor flash attention reads the keys anew for each token: 24 tokens after 1,024 took 747 ms with it
        # and 238 without. Then the scores of all rows lie in memory at once, so fewer rows are computed at a time; the
        # prefix, which is read once, takes 7 % longer. A two-way prompt is short, and must be one batch.
        params.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
        params.n_ubatch = min(128, tokens)
    params.n_seq_max = 1
    params.n_threads = params.n_threads_batch = threads
    params.no_perf = True
    return params


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]
def _quiet(level: int, text: bytes, data: Any) -> None:
    """llama.cpp reports progress on standard error; what matters comes back as return codes."""
