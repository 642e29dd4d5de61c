"""The stock way, for comparison only: llama-cpp-python's chat completion with a JSON-schema grammar.

As a careful engineer would use it: one model object for all calls, which keeps what their prompts have in common; the
grammar made once; greedy; as many threads as ours. In a process of its own, because on some processors it crashes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import llama_cpp
import numpy as np
from numpy.typing import NDArray

from assistant.process import Back
from assistant.steering import Steering

MOST_TOKENS = 160
"""No call in JSON is half as long."""


class Stock:
    """Answers {"messages", "toward"} with the text that the model was steered to. Raises MissingPiece."""

    def __init__(self, job: Mapping[str, Any]) -> None:
        llama_cpp.llama_cpp.llama_model_default_params = _without_repacking
        self._model = llama_cpp.Llama(
            job["path"],
            n_ctx=0,
            n_threads=job["threads"],
            n_threads_batch=job["threads"],
            chat_format="chatml",
            verbose=False,
        )
        self._grammar = llama_cpp.LlamaGrammar.from_json_schema(json.dumps(job["schema"]), verbose=False)
        self._steering = Steering(_pieces(self._model), self._model.token_eos())
        self.tokens = self.passes = 0
        self._count()

    def answer(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """One call, with how many tokens were evaluated, in how many passes and milliseconds of the processor."""
        if message["do"] == "notes":
            return {"notes": {}}
        self._steering.toward(message["toward"])
        self.tokens = self.passes = 0
        prompt_tokens: list[int] = []
        started = time.process_time()

        def steered(ids: NDArray[np.intc], logits: NDArray[np.float32]) -> NDArray[np.float32]:
            prompt_tokens[:] = prompt_tokens or [len(ids)]
            return self._steering(ids[prompt_tokens[0] :].tolist(), logits)

        answer: Any = self._model.create_chat_completion(
            messages=message["messages"],
            grammar=self._grammar,
            logits_processor=llama_cpp.LogitsProcessorList([steered]),
            temperature=0.0,
            max_tokens=MOST_TOKENS,
        )
        text = answer["choices"][0]["message"]["content"]
        spent_ms = (time.process_time() - started) * 1000
        return {"text": text, "tokens": self.tokens, "passes": self.passes, "processor_ms": spent_ms}

    def _count(self) -> None:
        """Count what the model evaluates."""
        evaluate = self._model.eval

        def counted(tokens: Sequence[int]) -> None:
            self.tokens += len(tokens)
            self.passes += 1
            evaluate(tokens)

        self._model.eval = counted


def _without_repacking() -> Any:
    # The high-level class hides this field, and on processors with AMX its default kills the process.
    params = _DEFAULT_PARAMS()
    params.use_extra_bufts = False
    return params


_DEFAULT_PARAMS = llama_cpp.llama_cpp.llama_model_default_params


def _pieces(model: Any) -> list[bytes]:
    """What each token writes."""
    return [b"" if at == model.token_eos() else model.detokenize([at]) for at in range(model.n_vocab())]


def serve(job: Mapping[str, Any], _back: Back) -> Stock:
    """Load the model."""
    return Stock(job)
