"""A model hub on the loopback address that answers as Hugging Face's does, and misbehaves when told to.

A large file is answered by a redirect to a store on another port, with its checksum and length in headers of the
redirect alone; a small one is answered at once with its git blob SHA-1 as ETag.
"""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

COMMIT = "c0ffee" * 6 + "c0ff"


@dataclass
class Hub:
    """What the hub has, how it misbehaves, and what it was asked."""

    repository: str
    files: dict[str, bytes]
    large: int = 1000
    """Files of at least so many bytes lie in the store."""
    drops: list[int] = field(default_factory=list)
    """Of each next download, how many bytes are sent before the connection is cut."""
    failures: list[int] = field(default_factory=list)
    """Statuses that the next requests get instead of an answer."""
    false_sums: bool = False
    honours_ranges: bool = True
    refuses_ranges: bool = False
    moved_from: str = ""
    """A repository's former name, answered by a redirect on the same host."""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path, Range"""
    store_port: int = 0

    def etag(self, name: str) -> str:
        """SHA-256 of a large file, git's SHA-1 of a small one."""
        content = self.files[name]
        if self.false_sums:
            content = content + b"?"
        if len(self.files[name]) >= self.large:
            return hashlib.sha256(content).hexdigest()
        return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers for one hub, or for its store."""

    hub: Hub
    is_store: bool
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, body: bool) -> None:
        self.hub.asked.append((self.command, self.path, self.headers.get("Range", "")))
        if self.hub.failures:
            self._plain(self.hub.failures.pop(0), {})
            return
        if self.path.startswith(f"/api/models/{self.hub.repository}/"):
            self._listing()
            return
        name = self.path.rpartition("/")[2]
        expected = [f"/{self.hub.repository}/resolve/{revision}/{name}" for revision in ("main", COMMIT)]
        if self.hub.moved_from and self.path.startswith(f"/{self.hub.moved_from}/"):
            self._plain(307, {"Location": self.path.replace(self.hub.moved_from, self.hub.repository)})
        elif name not in self.hub.files or (not self.is_store and self.path not in expected):
            self._plain(404, {"X-Error-Code": "EntryNotFound"})
        elif not self.is_store and len(self.hub.files[name]) >= self.hub.large:
            described = {"X-Linked-Etag": f'"{self.hub.etag(name)}"', "X-Linked-Size": str(len(self.hub.files[name]))}
            place = f"http://127.0.0.1:{self.hub.store_port}/{name}"
            self._plain(302, {**described, "X-Repo-Commit": COMMIT, "Location": place, "ETag": '"of-the-redirect"'})
        else:
            self._content(name, body)

    def _listing(self) -> None:
        """What the repository holds, as Hugging Face's own library asks for it."""
        tree = [
            {"type": "file", "path": name, "size": len(content), "oid": self.hub.etag(name)}
            for name, content in self.hub.files.items()
        ]
        files = [{"rfilename": name} for name in self.hub.files]
        about = {"id": self.hub.repository, "sha": COMMIT, "siblings": files}
        content = json.dumps(tree if "/tree/" in self.path else about).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _plain(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _content(self, name: str, body: bool) -> None:
        content = self.hub.files[name]
        start = 0
        asked = self.headers.get("Range", "")
        if asked and body:
            start = int(asked.removeprefix("bytes=").split("-")[0])
            if self.hub.refuses_ranges or start >= len(content):
                self._plain(416, {"Content-Range": f"bytes */{len(content)}"})
                return
            start = start if self.hub.honours_ranges else 0
        self.send_response(206 if asked and self.hub.honours_ranges and body else 200)
        if asked and self.hub.honours_ranges and body:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("ETag", f'"{self.hub.etag(name)}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        if not body:
            return
        rest = content[start:]
        if self.hub.drops and len(content) >= self.hub.large:
            self.wfile.write(rest[: self.hub.drops.pop(0)])
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()
            return
        self.wfile.write(rest)


def _handler(hub: Hub, is_store: bool) -> type[Handler]:
    return type("Handler", (Handler,), {"hub": hub, "is_store": is_store})


@contextmanager
def serving(hub: Hub) -> Iterator[str]:
    """Run the hub and its store; yields the endpoint for HF_ENDPOINT."""
    servers = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub, is_store)) for is_store in (False, True)]
    hub.store_port = servers[1].server_port
    threads = [threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield f"http://127.0.0.1:{servers[0].server_port}"
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
