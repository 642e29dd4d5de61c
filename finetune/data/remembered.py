"""Answers that took long to get, kept as they come, so that a broken-off run goes on where it was."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path


class Remembered:
    """Key -> answer, in a file of JSON lines that only grows; a line that was cut off by a crash is left out."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._answers: dict[str, str] = {}
        self._torn = False
        if path.exists():
            whole = path.read_bytes()  # a crash may cut a letter in two
            self._torn = bool(whole) and not whole.endswith(b"\n")
            for line in whole.split(b"\n"):  # and an answer may hold what str.splitlines takes for a line's end
                try:
                    record = json.loads(line)
                    self._answers[record["key"]] = record["answer"]
                except (ValueError, KeyError, TypeError):
                    continue

    def get(self, *key: str) -> str | None:
        """The answer; None where there is none yet."""
        return self._answers.get(_name(key))

    def keep(self, answer: str, *key: str) -> str:
        """Write an answer down; returns it."""
        name = _name(key)
        self._answers[name] = answer
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as out:
            out.write(
                f"{chr(10) if self._torn else ''}{json.dumps({'key': name, 'answer': answer}, ensure_ascii=False)}\n"
            )
        self._torn = False
        return answer


def _name(key: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(key).encode()).hexdigest()[:24]
