"""The stock way, for comparison only: llama-cpp-python's chat completion with a JSON-schema grammar.

Reads one JSON task on standard input, writes one JSON list of milliseconds. A process of its own, because on some
processors it crashes; see `assistant.benchmark`.
"""

from __future__ import annotations

import json
import sys
import time

import llama_cpp


def main() -> None:
    """Run the task."""
    task = json.loads(sys.stdin.read())
    plain = llama_cpp.llama_cpp.llama_model_default_params

    def without_repacking() -> llama_cpp.llama_model_params:
        # The high-level class hides this field, and on processors with AMX its default kills the process.
        params = plain()
        params.use_extra_bufts = False
        return params

    llama_cpp.llama_cpp.llama_model_default_params = without_repacking
    model = llama_cpp.Llama(
        task["model"],
        n_ctx=0,
        n_threads=task["threads"],
        n_threads_batch=task["threads"],
        chat_format="chatml",
        verbose=False,
    )
    found = []
    for at, text in enumerate([*task["texts"][: task["warm_up"]], *task["texts"]]):
        messages = [{"role": "user", "content": text}]
        if task["prefix"]:
            messages.insert(0, {"role": "system", "content": task["prefix"]})
        started = time.perf_counter()
        model.create_chat_completion(
            messages=messages,
            response_format={"type": "json_object", "schema": task["schema"]},
            temperature=0.0,
            max_tokens=task["tokens"],
        )
        if at >= task["warm_up"]:
            found.append((time.perf_counter() - started) * 1000)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
