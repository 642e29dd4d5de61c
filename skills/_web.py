"""HTTP for the skills that talk to a service: bounded in time, in size and in redirects. No skill lives here.

A name server that never answers cannot be interrupted from Python, so every request runs in its own daemon thread and
is waited for only until its deadline.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant.skill import SkillError

if TYPE_CHECKING:
    import requests

log = logging.getLogger(__name__)

MAX_BYTES = 8_000_000
MAX_REDIRECTS = 3
AGENT = "hark (local voice assistant)"


class UnreachableError(Exception):
    """No answer came: `late` when time ran out; otherwise the address or the connection failed."""

    def __init__(self, why: str, *, late: bool = False) -> None:
        super().__init__(why)
        self.late = late


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a server."""

    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    """Sent as JSON by POST; None asks by GET."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, whatever its status."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body as JSON; raises ValueError."""
        return json.loads(self.body)


def fetch(request: Request, limit_s: float) -> Answer:
    """Ask one server. Raises UnreachableError after at most `limit_s` seconds, name resolution included."""
    answer = fetch_all([request], limit_s)[0]
    if isinstance(answer, UnreachableError):
        raise answer
    return answer


def fetch_all(requests_: Sequence[Request], limit_s: float) -> list[Answer | UnreachableError]:
    """Ask several servers at once; each place holds that server's answer, or why there is none."""
    until = time.monotonic() + limit_s
    done: queue.SimpleQueue[tuple[int, Answer | UnreachableError]] = queue.SimpleQueue()
    for number, request in enumerate(requests_):
        threading.Thread(target=_ask, args=(number, request, until, done), name="hark-http", daemon=True).start()
    late = UnreachableError(f"no answer within {limit_s:g} s", late=True)
    answers: list[Answer | UnreachableError] = [late] * len(requests_)
    for _ in requests_:
        try:
            number, answer = done.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            break
        answers[number] = answer
    return answers


def _ask(
    number: int, request: Request, until: float, done: queue.SimpleQueue[tuple[int, Answer | UnreachableError]]
) -> None:
    """The thread's work: exactly one answer goes into `done`."""
    import requests

    try:
        done.put((number, _exchange(request, until)))
    except UnreachableError as failure:
        done.put((number, failure))
    except requests.Timeout as failure:
        done.put((number, UnreachableError(str(failure), late=True)))
    # urllib3 lets some faults of the address through undressed (LocationParseError is a ValueError)
    except (requests.RequestException, ValueError, OSError) as failure:
        log.debug("request failed: %s", failure)
        done.put((number, UnreachableError(str(failure))))


def _exchange(request: Request, until: float) -> Answer:
    """One request and its body, read no longer than `until` and no further than MAX_BYTES."""
    import requests

    left_s = until - time.monotonic()
    if left_s <= 0:
        raise UnreachableError("no time left", late=True)
    with requests.Session() as session:
        session.max_redirects = MAX_REDIRECTS
        # without an auth of our own, requests would replace the Authorization header by what ~/.netrc holds
        session.auth = lambda prepared: prepared
        with session.request(
            "GET" if request.body is None else "POST",
            request.url,
            params=dict(request.params),
            headers={"User-Agent": AGENT, **request.headers},
            json=request.body,
            timeout=left_s,
            stream=True,
        ) as response:
            return Answer(response.status_code, _read(response, until))


def _read(response: requests.Response, until: float) -> bytes:
    parts, size = [], 0
    for part in response.iter_content(8_192):
        size += len(part)
        if size > MAX_BYTES:
            raise UnreachableError(f"the answer is larger than {MAX_BYTES} bytes")
        if time.monotonic() > until:
            raise UnreachableError("the answer came too slowly", late=True)
        parts.append(part)
    return b"".join(parts)


def get_json(service: str, request: Request, until: float) -> Any:
    """Ask a service for JSON, until the monotonic time `until`.

    Args:
        service: how it is called in a sentence: "the weather service".
    Raises:
        SkillError: a sentence that says what went wrong and whether trying again makes sense.
    """
    try:
        answer = fetch(request, max(0.0, until - time.monotonic()))
    except UnreachableError as failure:
        raise unreachable(service, failure) from failure
    if answer.status == 429:
        raise SkillError(f"I have asked {service} too often; try again in a while.")
    if answer.status >= 400:
        raise SkillError(f"{service[0].upper()}{service[1:]} has a fault (error {answer.status}); try again later.")
    try:
        return answer.json()
    except ValueError as failure:
        raise SkillError(f"{service[0].upper()}{service[1:]} answered something I cannot read.") from failure


def unreachable(service: str, failure: UnreachableError) -> SkillError:
    """The sentence for a service that did not answer."""
    if not failure.late:
        return SkillError(f"I cannot reach {service}; is there a network?")
    return SkillError(f"{service[0].upper()}{service[1:]} did not answer in time.")
