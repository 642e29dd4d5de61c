"""What all our processes take: memory, threads and open files, to see whether anything grows."""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

FLAT = 0.02
"""So much memory may grow between a tenth of the way and its end."""
WINDOW = 9
"""Readings whose median is the memory at one point: between two readings it moves by more than it grows."""


@dataclass(frozen=True)
class Size:
    """What all our processes take."""

    main_mb: float
    workers_mb: float
    threads: int
    files: int

    @property
    def whole_mb(self) -> float:
        """Resident memory, in MB of a million bytes; what processes share counts in each."""
        return self.main_mb + self.workers_mb


@dataclass(frozen=True)
class Growth:
    """What became of it from one point to another."""

    early: Size
    late: Size

    @property
    def share(self) -> float:
        """Of the memory."""
        return self.late.whole_mb / self.early.whole_mb - 1

    @property
    def is_bounded(self) -> bool:
        """Whether threads and open files are no more than they were."""
        return self.late.threads <= self.early.threads and self.late.files <= self.early.files

    @property
    def is_flat(self) -> bool:
        """Whether it could go on for ever."""
        return self.share <= FLAT and self.is_bounded

    def __str__(self) -> str:
        early, late = self.early, self.late
        return (
            f"memory {early.main_mb:.1f} + {early.workers_mb:.1f} MB to {late.main_mb:.1f} + {late.workers_mb:.1f} MB "
            f"({self.share:+.1%}; aim: +2 %), threads {early.threads} to {late.threads}, "
            f"open files {early.files} to {late.files}"
        )


def workers() -> list[psutil.Process]:
    """The processes of the models and of the skills."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if "assistant.process" in child.cmdline():
                found.append(child)
    return found


def size() -> Size:
    """What we take now."""
    sizes = []
    for each in (psutil.Process(), *workers()):
        with contextlib.suppress(psutil.Error):  # it ended just now
            sizes.append((each.memory_info().rss / 1e6, each.num_threads(), each.num_fds()))
    return Size(
        sizes[0][0],
        sum(mb for mb, _, _ in sizes[1:]),
        sum(threads for _, threads, _ in sizes),
        sum(files for _, _, files in sizes),
    )


def _typical(sizes: Sequence[Size]) -> Size:
    """Of several readings: the median of the memory; the fewest threads and files, for one may be on its way out."""
    return Size(
        statistics.median(each.main_mb for each in sizes),
        statistics.median(each.workers_mb for each in sizes),
        min(each.threads for each in sizes),
        min(each.files for each in sizes),
    )


def from_a_tenth(sizes: Sequence[Size]) -> Growth:
    """What became of readings taken on the way, one at least, from a tenth of it to its end."""
    tenth = max(1, len(sizes) // 10)
    return Growth(_typical(sizes[max(0, tenth - WINDOW) : tenth]), _typical(sizes[-WINDOW:]))
