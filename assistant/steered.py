"""Our way, steered to a given call: the process that `hark bench` times beside the stock way."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from assistant.process import Back
from assistant.steering import Steering
from assistant.worker import Job, job_from_json
from assistant.writer import Writer


class SteeredWriter(Writer):
    """A Writer that writes the calls it is told to, by the choices of its own grammar."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        tokens = self._model.grammar_tokens
        self._steering = Steering([tokens.decode_bytes([at]) for at in range(self._model.size)], tokens.eos_token)
        self._model.logits_processor = self._steering

    def answer(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """As a Writer's, with how many tokens were evaluated, in how many passes and milliseconds of the processor."""
        self._steering.toward(message.get("toward", ""))
        model, started = self._model, time.process_time()
        tokens, passes = model.tokens_read, model.passes
        answer = super().answer(message)
        spent_ms = (time.process_time() - started) * 1000
        read = {"tokens": model.tokens_read - tokens, "passes": model.passes - passes}
        return {**answer, **read, "processor_ms": spent_ms}


def serve(job: Mapping[str, Any], _back: Back) -> SteeredWriter:
    """Load the model. Raises MissingPiece."""
    return SteeredWriter(job_from_json(job))
