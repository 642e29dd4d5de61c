"""Find a public set's files in the user's copy of it, and read their lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.commands.frame import UsageError
from assistant.files import read_json


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a set comes from."""

    name: str
    """The adapter's name; a folder of this name inside DATA is looked into as well."""
    repo: str
    """owner/name on GitHub."""
    files: str
    """Which of its files are needed, in words."""
    licence: str

    def missing(self, folder: Path) -> UsageError:
        """The sentence for a copy that is not there."""
        return UsageError(f"{self.name} needs {self.files}; take it from the GitHub repository {self.repo} to {folder}")


def folders(data: Path, *names: str) -> list[Path]:
    """Where a set may lie in DATA: in a folder of one of these names, or in DATA itself."""
    return [place for place in (*(data / name for name in names), data) if place.is_dir()]


def first(places: list[Path], *patterns: str) -> list[Path]:
    """The files of the first pattern that any file of the first place fits, sorted; [] for none."""
    for place in places:
        for pattern in patterns:
            found = sorted(path for path in place.glob(pattern) if path.is_file())
            if found:
                return found
    return []


def json_lines(path: Path) -> Iterator[Any]:
    """JSON lines. Raises ValueError naming file and line."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield read_json(line)
            except ValueError as fault:
                raise ValueError(f"{path.name}, line {number}: {fault}") from fault
