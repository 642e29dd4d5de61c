"""The charts of counts: how many cases took so long, and how many of one family were taken for another."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from assistant.commands.frame import so_many
from evals.report.canvas import Canvas, fitted
from evals.report.charts import NARROW, label_width

STAGE_PX, HILL_PX = 96.0, 44.0
BINS = 48
CELL_PX = 14.0
"""A cell that is narrower has names above it that run into each other."""
WORDS_PX = 56.0
"""Room for "put right" beside the middle, where nothing was."""


def latency(stages: Mapping[str, Sequence[float]], title: str, about: str) -> str:
    """Each stage's times on one logarithmic axis: a hill of how many, the median and the 95th percentile marked.

    Args:
        stages: name -> milliseconds, one for each case.
    """
    shown = {stage: sorted(times) for stage, times in stages.items() if times}
    bottom = STAGE_PX * max(1, len(shown))
    canvas = Canvas((NARROW, bottom + 22), title, about)
    if not shown:
        canvas.text((NARROW / 2, STAGE_PX / 2), "no stage was timed", "mid soft")
        return canvas.svg()
    low, high = _decades([ms for times in shown.values() for ms in times if ms > 0] or [1.0])
    left, right = 8.0, NARROW - 8.0

    def across(ms: float) -> float:
        # No time at all stands at the axis' beginning, since a logarithm has no place for it.
        return left + (math.log10(ms) - low) / (high - low) * (right - left) if ms > 0 else left

    free = 0.0
    for mark in _marks(low, high):
        x = across(mark)
        canvas.line((x, 0), (x, bottom), "grid")
        if free <= x - 17 and x + 17 <= NARROW:
            canvas.text((x, bottom + 15), milliseconds(mark), "mid soft")
            free = x + 24
    for at, (stage, times) in enumerate(shown.items()):
        _hill(canvas, at * STAGE_PX, (stage, times), across)
    return canvas.svg()


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value that so large a share is at or below: the nearest rank of sorted values, which is one of them."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def milliseconds(ms: float) -> str:
    """12.3 ms, 1.2 s: three digits."""
    return f"{ms / 1000:.3g} s" if ms >= 999.5 else f"{ms:.3g} ms"


def _decades(times: Sequence[float]) -> tuple[float, float]:
    """The ends of the axis as powers of ten, room at both, a decade at least."""
    low, high = math.log10(min(times)) - 0.08, math.log10(max(times)) + 0.08
    missing = max(0.0, 1 - (high - low)) / 2
    return low - missing, high + missing


def _marks(low: float, high: float) -> list[float]:
    """Round numbers between two powers of ten: more of them where the axis is short."""
    steps = (1, 2, 5) if high - low < 2 else (1, 3) if high - low < 3.2 else (1,)
    every = [step * 10.0**power for power in range(math.floor(low), math.ceil(high) + 1) for step in steps]
    return [mark for mark in every if 10**low <= mark <= 10**high]


def _hill(canvas: Canvas, top: float, stage: tuple[str, list[float]], across: Callable[[float], float]) -> None:
    """One stage: its name and two figures, and below them how many cases took how long."""
    name, times = stage
    middle, late = percentile(times, 0.5), percentile(times, 0.95)
    foot = top + 32 + HILL_PX
    said = f"median {milliseconds(middle)}, 95th percentile {milliseconds(late)}"
    canvas.box((0, top + 2, NARROW, 17), "paper")
    canvas.text((8, top + 15), name, "strong")
    canvas.text((NARROW - 8, top + 15), said, "end")
    first, last = across(times[0]), across(times[-1])
    step = max(4.0, (last - first) / BINS)
    counts = [0] * (int((last - first) / step) + 1)
    for ms in times:
        counts[int((across(ms) - first) / step)] += 1
    for at, count in enumerate(counts):
        tall = HILL_PX * count / max(counts)
        canvas.box((first + at * step, foot - tall, step - 0.7, tall), "good-light", so_many(count, "case"))
    canvas.line((0, foot), (NARROW, foot), "axis")
    for ms, kind in ((middle, "median"), (late, "late")):
        canvas.line((across(ms), foot - HILL_PX - 6), (across(ms), foot + 4), kind)
    canvas.text((across(middle) - 3, foot + 13), "median", "end soft small")
    canvas.text((across(late) + 3, foot + 13), "95th", "soft small")


Counts = Mapping[tuple[str, str], int]


def confusion(names: Sequence[str], counts: Counts, width: float, words: tuple[str, str]) -> str:
    """A square of wanted (rows) by got (columns): right on the diagonal, a colour as strong as they are many.

    Args:
        counts: (wanted, got) -> cases.
        width: of the picture, in pixels.
        words: title and description.
    """
    most = (width + 12 - CELL_PX * len(names)) / 1.62
    left = label_width(names, 66.0, max(66.0, min(0.3 * width, most)))
    # The names above stand askew: sine and cosine of 52 degrees say how much room that takes upwards and to the right.
    top, slope = 6 + 0.79 * left, 0.62 * left - 12
    cell_px = min(34.0, (width - left - slope) / max(1, len(names)))
    canvas = Canvas((width, top + cell_px * len(names) + 4), *words)
    canvas.text((left - 8, top - 8), "wanted", "end soft small")
    canvas.text((left + 2, 10), "got", "soft small")
    rows = {name: sum(n for (wanted, _), n in counts.items() if wanted == name) for name in names}
    for row, wanted in enumerate(names):
        y = top + row * cell_px
        canvas.text((left - 6, y + cell_px / 2 + 4), fitted(wanted, left - 10), "end", whole=wanted)
        above = (left + (row + 0.62) * cell_px, top - 6)
        canvas.text(above, fitted(wanted, left - 10), turned=-52, whole=wanted)
        for column, got in enumerate(names):
            count = counts.get((wanted, got), 0)
            box = (left + column * cell_px + 0.5, y + 0.5, cell_px - 1, cell_px - 1)
            if not count:
                canvas.box(box, "track")
                continue
            share = count / rows[wanted]
            kind = "good" if row == column else "bad"
            faded = f"{kind} {'f1' if share < 0.02 else 'f2' if share < 0.1 else 'f3' if share < 0.5 else 'f4'}"
            canvas.box(box, faded, f"{wanted} taken for {got}: {count} of {rows[wanted]}")
            middle = (box[0] + box[2] / 2, y + cell_px / 2 + 3.5)
            canvas.text(middle, str(count) if count < 1000 else f"{count / 1000:.0f}k", f"mid tiny on-{faded}")
    return canvas.svg()


def both_ways(rows: Sequence[tuple[str, int, int]], title: str, about: str) -> str:
    """How many cases of each skill were put right (to the right) and broken (to the left).

    Args:
        rows: (skill, put right, broken).
    """
    row_px, left, right = 22.0, label_width([name for name, _, _ in rows], 116.0, 172.0), NARROW - 4.0
    canvas = Canvas((NARROW, 24 + row_px * len(rows)), title, about)
    most_gained = max((gained for _, gained, _ in rows), default=0)
    most_lost = max((lost for _, _, lost in rows), default=0)
    # The middle stands where both sides have their room, and a number beside each bar.
    unit = (right - left - 28 - WORDS_PX) / max(1, most_lost + most_gained)
    middle = left + 28 + most_lost * unit
    canvas.text((middle - 6, 13), "broken", "end bad-word small")
    canvas.text((middle + 6, 13), "put right", "good-word small")
    for at, (skill, gained, lost) in enumerate(rows):
        y = 20 + at * row_px
        canvas.text((left - 8, y + 14.5), fitted(skill, left - 14), "end", whole=skill)
        if lost:
            canvas.box((middle - lost * unit, y + 4, lost * unit, 14), "bad", f"{skill}: {lost} broken")
            canvas.text((middle - lost * unit - 5, y + 14.5), str(lost), "end")
        if gained:
            canvas.box((middle, y + 4, gained * unit, 14), "good", f"{skill}: {gained} put right")
            canvas.text((middle + gained * unit + 5, y + 14.5), str(gained))
    canvas.line((middle, 18), (middle, 20 + row_px * len(rows)), "axis")
    return canvas.svg()
