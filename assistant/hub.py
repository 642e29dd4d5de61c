"""Fetch files from a model hub (Hugging Face, or a mirror named by HF_ENDPOINT): resumed, retried, checked, whole.

Does not know which models there are; that is `assistant.models`.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urljoin, urlparse

import requests

from assistant.files import keep_mode, place_for_file
from assistant.skill import MissingPiece

log = logging.getLogger(__name__)

ENDPOINT = "https://huggingface.co"
TIMEOUT_S = (10.0, 30.0)
"""To connect; between two bytes."""
TRIES = 5
CHUNK = 1 << 14
"""Bytes read at once: at most so many that had arrived are lost when a connection drops."""
SPARE = 64 << 20
"""Bytes left free on the disk."""

Progress = Callable[[str, int, int], None]
"""file, bytes that are here, bytes in all"""


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file of a repository, as the hub describes it."""

    name: str
    bytes: int
    etag: str
    """64 hex digits: the SHA-256 of a large file; 40: the git blob SHA-1 of a small one."""
    commit: str


T = TypeVar("T")


class _Again(Exception):
    """The connection failed in a way that may pass."""


class Hub:
    """One repository of a hub.

    Args:
        waits: how long to wait before a try, given its number (0, 1, 2 ...), in seconds.
    """

    def __init__(
        self, repository: str, revision: str = "main", waits: Callable[[int], float] = lambda n: 2.0**n
    ) -> None:
        self.endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or ENDPOINT
        self.repository, self.revision = repository, revision
        self._waits, self._pause = waits, threading.Event()
        self._session = requests.Session()
        self._session.headers["Accept-Encoding"] = "identity"  # a compressed body has neither its length nor its ranges

    def describe(self, name: str) -> HubFile:
        """What the hub says of a file. Raises MissingPiece."""
        return self._retried(name, lambda: self._head(name))

    def fetch(self, file: HubFile, into: Path, progress: Progress) -> None:
        """Download to `into`; what an earlier try left beside it is continued.

        Raises:
            MissingPiece: the hub does not answer, the disk is full, or the file is not what the hub described.
        """
        part, note = into.with_name(into.name + ".part"), into.with_name(into.name + ".part.json")
        for last in (False, True):
            if _read_note(note) != asdict(file):
                part.unlink(missing_ok=True)
                write_whole(note, json.dumps(asdict(file)).encode())
            self._retried(file.name, lambda: self._continue(file, part, progress))
            if matches(part, file.etag):
                part.replace(into)
                note.unlink(missing_ok=True)
                return
            part.unlink(missing_ok=True)
            if last:
                raise MissingPiece(
                    f"{file.name} of {self.repository} is not what the hub says it is (its checksum differs); "
                    "nothing of it was kept, try again later or from another HF_ENDPOINT"
                )

    def _url(self, name: str, revision: str) -> str:
        return f"{self.endpoint}/{self.repository}/resolve/{quote(revision)}/{quote(name)}"

    def _head(self, name: str) -> HubFile:
        url = self._url(name, self.revision)
        for _ in range(5):
            answer = self._session.head(url, allow_redirects=False, timeout=TIMEOUT_S)
            self._check(answer, name)
            # A renamed repository answers with a path on the same host; a large file with its store elsewhere, whose
            # checksum only this first answer tells.
            target = answer.headers.get("Location", "")
            if not answer.is_redirect or urlparse(target).netloc or "X-Linked-Etag" in answer.headers:
                return self._described(name, answer.headers)
            url = urljoin(url, target)
        raise MissingPiece(f"{self.endpoint} sends {name} in circles; try another HF_ENDPOINT")

    def _described(self, name: str, headers: Mapping[str, str]) -> HubFile:
        etag = (headers.get("X-Linked-Etag") or headers.get("ETag") or "").removeprefix("W/").strip('"').lower()
        size = headers.get("X-Linked-Size") or headers.get("Content-Length") or ""
        if len(etag) not in (40, 64) or set(etag) - set("0123456789abcdef") or not size.isdigit():
            raise MissingPiece(f"{self.endpoint} does not tell the checksum of {name}; it is not a model hub")
        return HubFile(name, int(size), etag, headers.get("X-Repo-Commit", ""))

    def _check(self, answer: requests.Response, name: str) -> None:
        status = answer.status_code
        if status in (408, 429) or status >= 500:
            raise _Again(f"it answered {status}")
        if status in (401, 403, 404):
            raise MissingPiece(f"{self.endpoint} has no {name} in {self.repository} (it answered {status})")
        if status >= 400:
            raise MissingPiece(f"{self.endpoint} refused {name} of {self.repository} (it answered {status})")

    def _continue(self, file: HubFile, part: Path, progress: Progress) -> None:
        """Fetch what `part` still lacks. Raises _Again when the connection ends too early."""
        have = part.stat().st_size if part.exists() else 0
        if have > file.bytes:
            part.unlink()
            have = 0
        progress(file.name, have, file.bytes)
        if have == file.bytes and have:
            return
        headers = {"Range": f"bytes={have}-"} if have else {}
        url = self._url(file.name, file.commit or self.revision)
        with self._session.get(url, headers=headers, stream=True, timeout=TIMEOUT_S) as answer:
            if answer.status_code == 416:
                part.unlink(missing_ok=True)
                raise _Again("it would not continue the file")
            self._check(answer, file.name)
            resumed = answer.status_code == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
            self._write(answer, part, have if resumed else 0, file, progress)

    def _write(self, answer: requests.Response, part: Path, have: int, file: HubFile, progress: Progress) -> None:
        try:
            with part.open("ab" if have else "wb") as out:
                for chunk in answer.iter_content(CHUNK):
                    out.write(chunk)
                    have += len(chunk)
                    progress(file.name, have, file.bytes)
                    if have > file.bytes:
                        break
        except OSError as error:
            if isinstance(error, requests.RequestException):
                raise
            raise MissingPiece(
                f"{file.name} cannot be written: {error.strerror}; free some space, then pull again"
            ) from None
        if have < file.bytes:
            raise _Again(f"it ended after {have} of {file.bytes} bytes")

    def _retried(self, name: str, work: Callable[[], T]) -> T:
        """Run `work` until it does not fail in a way that may pass. Raises MissingPiece after TRIES tries."""
        reason = ""
        for attempt in range(TRIES):
            if attempt:
                self._pause.wait(self._waits(attempt - 1))
            try:
                return work()
            except _Again as again:
                reason = str(again)
            except requests.RequestException as error:
                reason = f"no connection ({type(error).__name__})"
            log.debug("try %d of %s: %s", attempt + 1, name, reason)
        raise MissingPiece(
            f"{self.endpoint} did not deliver {name}: {reason}; what has arrived is kept, run the same command again"
        )


def _read_note(note: Path) -> object:
    try:
        return json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write_whole(path: Path, content: bytes) -> None:
    """Write beside, then rename: the file is the old one or the new one, never half of one, with the mode that it had;
    a link goes on pointing to it. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path = place_for_file(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as out:
            keep_mode(path, out)
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def sha256(path: Path) -> str:
    """The file's SHA-256 in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def matches(path: Path, etag: str) -> bool:
    """Whether a file has the checksum that the hub gave: SHA-256, or git's SHA-1 of a blob. Raises OSError."""
    if len(etag) == 64:
        return sha256(path) == etag
    size = path.stat().st_size
    blob = hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            blob.update(chunk)
    return blob.hexdigest() == etag


def check_space(folder: Path, needed: int) -> None:
    """Raises MissingPiece when the disk of `folder` has no room for `needed` bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE:
        short = (needed + SPARE - free) / 1e6
        raise MissingPiece(f"the disk of {folder} lacks {short:.0f} MB; free that much, then pull again")
