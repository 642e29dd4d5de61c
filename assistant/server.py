"""A larger model behind any OpenAI-compatible server on the local network.

Such a server takes no grammar of ours, so what it writes is checked word by word afterwards: a call that names an
unknown skill, or words that were not said, is none at all.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from assistant.attempt import attempt
from assistant.files import read_json
from assistant.prompt import larger_prefix, larger_suffix, read_call, run_of
from assistant.skill import ConfigError, Skill
from assistant.worker import WorkerFailed, Written

CONNECT_S, READ_S = 3.0, 20.0
MOST_BYTES = 1 << 20
UNSAID_PROBABILITY = 0.75
"""Taken for a call whose server reports no probabilities: above the usual threshold, below sure."""


class Server:
    """One model of one server. Raises ConfigError when the address is no HTTP address or the key is missing."""

    def __init__(
        self, url: str, model: str, key_variable: str, skills: Sequence[Skill], read_s: float = READ_S
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise ConfigError(f'models.server_url "{url}" is no address; write http://HOST:PORT/v1')
        self._url = url.rstrip("/") + "/chat/completions"
        self._model = model
        self._read_s = read_s
        self._headers = {}
        if key_variable:
            key = os.environ.get(key_variable)
            if not key:
                raise ConfigError(f"models.server_key_variable names {key_variable}, which the environment lacks")
            self._headers["Authorization"] = f"Bearer {key}"
        self._skills = {skill.name: skill for skill in skills}
        self._prefix = larger_prefix(skills)

    def notes(self) -> dict[str, str]:
        """A server's model has no notes of ours."""
        return {}

    def close(self) -> None:
        """Nothing is held open between calls."""

    def write(
        self,
        plain_text: str,
        nearest: Sequence[tuple[str, str]] = (),
        drafts: Sequence[str] = (),  # noqa: ARG002  the protocol of such servers has no place for them
    ) -> tuple[Written, ...]:
        """The call the server's model writes; see `assistant.worker.Worker.write`.

        Raises:
            WorkerFailed: no answer, or one that is no call of ours over these words.
        """
        prompt = [("system", self._prefix), ("user", larger_suffix(plain_text, nearest))]
        choice = self._chat(prompt, {"max_tokens": 96, "logprobs": True})
        line = str(choice["message"]["content"] or "").strip().partition("\n")[0].removeprefix("Call:").strip()
        probability = _probability(choice)
        return (Written(self._checked(line, plain_text), probability, probability),)

    def complete(self, prompt: str, most_tokens: int = 160, schema: Mapping[str, Any] | None = None) -> str:
        """A free answer, or JSON of a schema where the server keeps to one. Raises WorkerFailed."""
        more = {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}}
        asked = {"max_tokens": most_tokens, **(more if schema is not None else {})}
        return str(self._chat([("user", prompt)], asked)["message"]["content"] or "").strip()

    def _checked(self, line: str, plain_text: str) -> str:
        """The call in our own form, every word of it said. Raises WorkerFailed."""
        try:
            call = read_call(line.replace('"', "").replace("'", ""))
            skill = self._skills[call.skill]
            written = []
            for name, words in call.words.items():
                argument = skill.argument(name)
                if argument.choices and words not in argument.choices:
                    raise ValueError(f"{words} is no choice of {name}")
                written.append(f"{name}={' ' + words if argument.choices else run_of(plain_text, words.lower())}")
        except (ValueError, KeyError) as error:
            raise WorkerFailed("the server's model wrote no call of ours") from error  # which may hold what was said
        return f"{call.skill}({', '.join(written)})"

    def _chat(self, messages: Sequence[tuple[str, str]], asked: Mapping[str, Any]) -> dict[str, Any]:
        body = {
            "model": self._model,
            "messages": [{"role": role, "content": content} for role, content in messages],
            "temperature": 0,
            **asked,
        }
        # A time-out of requests holds for each piece that comes; a head that drips in has no end.
        found = attempt(partial(self._exchange, body), CONNECT_S + self._read_s, "model server")
        if isinstance(found, WorkerFailed):
            raise found
        if isinstance(found, BaseException):
            raise WorkerFailed(f"the model server did not answer as one should ({type(found).__name__})") from found
        return found

    def _exchange(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The first choice of the answer. Raises WorkerFailed for a status, and whatever requests and JSON do."""
        import requests  # 60 ms that most households never need

        with requests.post(
            self._url,
            json=body,
            headers=self._headers,
            timeout=(CONNECT_S, self._read_s),
            stream=True,
            allow_redirects=False,
        ) as answer:
            if answer.status_code != requests.codes.ok:
                raise WorkerFailed(f"the model server answered with status {answer.status_code}")
            choice: dict[str, Any] = read_json(_body(answer, self._read_s))["choices"][0]
        if not isinstance(choice["message"], dict):
            raise TypeError("no message")
        return choice


def _body(answer: Any, read_s: float) -> bytes:
    """The whole answer, bounded in size and in time: a time-out alone holds for each piece, not for all of them."""
    found, until = b"", time.monotonic() + read_s
    while piece := answer.raw.read1(65536, decode_content=True):
        found += piece
        if len(found) > MOST_BYTES or time.monotonic() > until:
            raise ValueError("the answer has no end")
    return found


def _probability(choice: dict[str, Any]) -> float:
    """The product of the tokens' probabilities, where the server reports them."""
    try:
        tokens = choice["logprobs"]["content"]
        return math.exp(sum(float(token["logprob"]) for token in tokens)) if tokens else UNSAID_PROBABILITY
    except (KeyError, TypeError, ValueError, OverflowError):
        return UNSAID_PROBABILITY
