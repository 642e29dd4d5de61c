"""The charts of accuracy: values in, one SVG out. Each is drawn for the width it is shown at, labels on the marks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from evals.intervals import Share
from evals.report.canvas import Box, Canvas, Point, fitted, width_of, wrapped

NARROW = 358
"""A phone's width without the page's margins; also a third of a desktop's."""


def percent(share: float, places: int = 1) -> str:
    """0.5 -> 50.0%; none and all without a point, and what is almost none or almost all is not called so."""
    least = 10.0**-places
    if 0 < 100 * share < least / 2:
        return f"<{least:g}%"
    if 100 - least / 2 <= 100 * share < 100:
        return f">{100 - least:g}%"
    return f"{100 * share:.{places}f}%" if 0 < share < 1 else f"{100 * share:.0f}%"


def label_width(labels: Sequence[str], least: float, most: float) -> float:
    """Pixels for a column of labels, the gap to its bars included: room for the longest, between two bounds."""
    return min(most, max([least, *(width_of(label) + 15 for label in labels)]))


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar chart."""

    label: str
    share: Share
    second: Share | None = None
    """Another share of the same cases, marked on the bar."""
    strong: bool = False


def bars(rows: Sequence[Bar], title: str, about: str) -> str:
    """Shares as horizontal bars from 0 to 100 %, each with its interval, its value and its n."""
    row_px, left, right = 22, label_width([row.label for row in rows], 116.0, 172.0), NARROW - 82.0
    canvas = Canvas((NARROW, len(rows) * row_px + 2), title, about)
    for at, row in enumerate(rows):
        y, share = at * row_px + 1.0, row.share
        weight = " strong" if row.strong else ""
        canvas.text((left - 8, y + 14.5), fitted(row.label, left - 14), "end" + weight, whole=row.label)
        canvas.box((left, y + 4, right - left, 14), "track")
        if not share.n:
            canvas.text((left + 4, y + 14.5), "no case", "soft small")
            continue
        width = right - left
        canvas.box((left, y + 4, share.value * width, 14), "good-light", f"{row.label}: {share}")
        if row.second is not None and row.second.n:
            canvas.box((left + row.second.value * width - 1.2, y + 2, 2.4, 18), "tick")
        canvas.across((left + share.value * width, y + 11), left + share.low * width, left + share.high * width)
        canvas.text((right + 44, y + 14.5), percent(share.value), "end" + weight)
        canvas.text((NARROW, y + 14.5), f"n {share.n}", "end soft small")
    return canvas.svg()


@dataclass(frozen=True, slots=True)
class Step:
    """One variant of a ladder."""

    name: str
    share: Share


def staircase(steps: Sequence[Step], title: str, about: str) -> Canvas:
    """The variants from left to right, as a flight of stairs: a tread at each share, with its interval and its gain."""
    left, top, tall, wide = 40.0, 26.0, 300.0, 132.0
    width = max(640.0, left + wide * len(steps) + 8)
    wide = (width - left - 8) / max(1, len(steps))
    canvas = Canvas((width, top + tall + 74), title, about)

    def height(share: float) -> float:
        return top + tall * (1 - share)

    for mark in range(0, 101, 25):
        canvas.line((left, height(mark / 100)), (width - 8, height(mark / 100)), "grid" if mark else "axis")
        canvas.text((left - 6, height(mark / 100) + 4), f"{mark}%", "end soft")
    tread: list[Point] = []
    for at, step in enumerate(steps):
        x, share = left + at * wide, step.share
        canvas.box((x, height(share.value), wide, tall * share.value), "good-light", f"{step.name}: {share}")
        tread += [(x, height(share.value)), (x + wide, height(share.value))]
    if tread:
        canvas.path(tread, "tread")
    for at, step in enumerate(steps):
        x, share = left + at * wide, step.share
        canvas.upright((x + wide * 0.82, 0), height(share.high), height(share.low))
        canvas.text((x + 8, min(height(share.value) - 7, height(0) - 7)), percent(share.value), "strong large")
        if at:
            gain = share.value - steps[at - 1].share.value
            inside = height(share.value) + 16
            if inside < height(0) - 4:
                canvas.text((x + 8, inside), f"{100 * gain:+.1f} points", "soft")
        lines = wrapped(step.name, wide - 14)
        for line, said in enumerate(lines):
            canvas.text((x + 8, top + tall + 17 + 14 * line), said)
        canvas.text((x + 8, top + tall + 17 + 14 * len(lines)), f"n {share.n}", "soft small")
    return canvas


def ladder_rows(steps: Sequence[Step], title: str, about: str) -> str:
    """The same stairs for a phone: downwards, each name above its bar."""
    row_px, right = 44, NARROW - 52.0
    canvas = Canvas((NARROW, len(steps) * row_px + 4), title, about)
    tread: list[Point] = [(0, 0)]
    for at, step in enumerate(steps):
        y, share = at * row_px + 0.0, step.share
        canvas.text((0, y + 14), fitted(step.name, NARROW - 60))
        canvas.text((NARROW, y + 14), f"n {share.n}", "end soft small")
        canvas.box((0, y + 21, right, 16), "track")
        canvas.box((0, y + 21, right * share.value, 16), "good-light", f"{step.name}: {share}")
        canvas.across((0, y + 29), right * share.low, right * share.high)
        canvas.text((NARROW, y + 33), percent(share.value), "end strong")
        tread += [(right * share.value, y + 21), (right * share.value, y + 37)]
    for start, end in zip(tread[1::2], tread[2::2], strict=True):
        canvas.line(start, end, "tread")
    return canvas.svg()


# --- two axes from 0 to 1 --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Square:
    """A plot area; the y axis goes up to `most`."""

    canvas: Canvas
    box: Box
    most: float = 1.0

    def at(self, x: float, y: float) -> Point:
        left, top, width, height = self.box
        return left + x * width, top + height * (1 - min(1.0, y / self.most))

    def axes(self, across: str, up: str) -> None:
        """Grid, ticks and what the axes are."""
        left, top, width, height = self.box
        for mark in range(5):
            x, y = self.at(mark / 4, mark / 4 * self.most)
            self.canvas.line((left, y), (left + width, y), "grid" if mark else "axis")
            self.canvas.text((left - 6, y + 4), percent(mark / 4 * self.most, 0 if self.most > 0.1 else 1), "end soft")
            self.canvas.text((x, top + height + 15), f"{25 * mark}%", "mid soft" if mark < 4 else "end soft")
        self.canvas.text((left, top - 9), up, "strong")
        self.canvas.text((left + width, top + height + 31), across, "end strong")


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases of about one confidence."""

    confidence: float
    """Their mean."""
    share: Share
    """Of them, right."""


def reliability(found: Sequence[Bin], title: str, about: str) -> str:
    """Confidence against the share that is right; on the dashed line the two are one. Dots grow with their n."""
    canvas = Canvas((NARROW, 300), title, about)
    plot = _Square(canvas, (44, 26, NARROW - 56, 230))
    plot.axes("confidence", "right")
    canvas.line(plot.at(0, 0), plot.at(1, 1), "ideal")
    canvas.text(plot.at(0.04, 0.93), "right more often than it says", "soft small halo")
    canvas.text(plot.at(0.97, 0.05), "surer than it should be", "soft small end halo")
    canvas.path([plot.at(one.confidence, one.share.value) for one in found], "curve")
    most = max((one.share.n for one in found), default=1)
    for one in found:
        at = plot.at(one.confidence, one.share.value)
        canvas.upright(at, plot.at(0, one.share.high)[1], plot.at(0, one.share.low)[1])
        tip = f"confidence {percent(one.confidence)}: right {one.share}"
        canvas.dot(at, 2.5 + 5 * math.sqrt(one.share.n / most), "good", tip)
    return canvas.svg()


def coverage_risk(curve: Sequence[Point], marks: Sequence[tuple[Point, str]], title: str, about: str) -> str:
    """Of the sentences it is surest of, how many are wrong: the share answered against the share wrong among them.

    Args:
        curve: (coverage, risk), coverage rising.
        marks: points of the curve that are named.
    """
    worst = max((risk for _, risk in curve), default=0.0)
    most = next((limit for limit in (0.02, 0.04, 0.1, 0.2, 0.4) if worst <= limit * 0.9), 1.0)
    canvas = Canvas((NARROW, 300), title, about)
    plot = _Square(canvas, (44, 26, NARROW - 56, 230), most)
    plot.axes("answered, the surest first", "wrong among them")
    drawn = [plot.at(x, y) for x, y in curve]
    if drawn:
        area = [plot.at(curve[0][0], 0), *drawn, plot.at(curve[-1][0], 0)]
        canvas.path(area, "shade", closed=True)
        canvas.path(drawn, "curve")
    dots = [plot.at(*point) for point, _ in marks]
    taken = [(x - 5, y - 5, 10.0, 10.0) for x, y in dots]
    taken += [box for start, end in pairwise(drawn) for box in _along(start, end)]
    for at, (_, said) in zip(dots, marks, strict=True):
        canvas.dot(at, 4, "bad", said)
        room = _room(plot, at, said, taken)
        canvas.text((room[0] + room[2], room[1] + room[3] - 3), said, "end halo")
        taken.append(room)
    return canvas.svg()


def _along(start: Point, end: Point) -> Iterator[Box]:
    """Small boxes that hold a straight line."""
    steps = max(1, math.ceil(math.dist(start, end) / 4))
    wide, tall = (end[0] - start[0]) / steps, (end[1] - start[1]) / steps
    for at in range(steps):
        x, y = start[0] + at * wide, start[1] + at * tall
        yield min(x, x + wide), min(y, y + tall), abs(wide), abs(tall)


def _room(plot: _Square, at: Point, said: str, taken: Sequence[Box]) -> Box:
    """Where words to a dot stand free of the curve and of other words: near above it, else below, else to its left."""
    left, top, width, height = plot.box
    wide, tall = width_of(said), 13.0
    first = max(left + 2, min(at[0], left + width) - wide)
    ups = [y for step in range(60) if (y := at[1] - 6 - tall - 4 * step) >= top]
    downs = [y for step in range(60) if (y := at[1] + 6 + 4 * step) + tall <= top + height - 2]
    across = [first - 16 * step for step in range(20) if first - 16 * step >= left + 2]
    rooms = [(x, y, wide, tall) for x in across for y in (*ups, *downs)]
    nowhere = (first, at[1] - 6 - tall, wide, tall)
    return next((room for room in rooms if not any(_meet(room, one) for one in taken)), nowhere)


def _meet(one: Box, other: Box) -> bool:
    return all(one[way] <= other[way] + other[way + 2] and other[way] <= one[way] + one[way + 2] for way in (0, 1))
