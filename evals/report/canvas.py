"""Strokes for charts: a small SVG canvas whose colours are the page's own, so that one drawing serves both themes.

Written by hand on the standard library's XML tree: seven kinds of chart need lines, boxes, dots and text, and a
plotting library would bring fifty megabytes, fixed colours and fonts drawn as outlines that no screen reader reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""x, y, width, height"""

STYLE = Path(__file__).parent / "chart.css"
COLOURS = {
    "ink": ("#1b1f24", "#e6e9ed"),
    "soft": ("#5b6570", "#9aa4af"),
    "faint": ("#d5dae0", "#38414b"),
    "paper": ("#ffffff", "#14181d"),
    "good": ("#0a66b7", "#58a9f2"),
    "good-light": ("#a9cdf0", "#22476a"),
    "bad": ("#b8480b", "#f2914f"),
    "bad-light": ("#f3c9ad", "#5e3419"),
    "other": ("#6a5a9e", "#b3a2ea"),
}
"""Name -> (on light, on dark). Blue for right and orange for wrong are told apart by every kind of colour blindness;
what carries meaning has a contrast of 4.5 or more with the paper."""
LETTER = 0.56
"""Mean width of a letter of a screen's sans-serif, in font sizes; measured over skill names."""


class Canvas:
    """One SVG picture; coordinates are in pixels of its own size, y downwards.

    Args:
        size: width and height; the picture scales with the page.
        title: its name, for people who hear the page.
        about: what it shows, in a sentence.
    """

    def __init__(self, size: Point, title: str, about: str) -> None:
        self.width, self.height = size
        self._root = ElementTree.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {_short(size[0])} {_short(size[1])}",
                "role": "img",
                "class": "chart",
                "aria-label": title,
            },
        )
        ElementTree.SubElement(self._root, "title").text = title
        ElementTree.SubElement(self._root, "desc").text = about

    def line(self, start: Point, end: Point, kind: str) -> None:
        """A straight line; `kind` is a class of chart.css."""
        self._add("line", kind, x1=start[0], y1=start[1], x2=end[0], y2=end[1])

    def path(self, points: Sequence[Point], kind: str, closed: bool = False) -> None:
        """A line through points."""
        steps = " L".join(f"{_short(x)} {_short(y)}" for x, y in points)
        element = self._add("path", kind)
        element.set("d", f"M{steps}{' Z' if closed else ''}")

    def box(self, box: Box, kind: str, tip: str = "", round_px: float = 0) -> None:
        """A filled box; `tip` appears when it is pointed at."""
        x, y, width, height = box
        self._tip(self._add("rect", kind, x=x, y=y, width=max(0.0, width), height=max(0.0, height), rx=round_px), tip)

    def dot(self, at: Point, radius: float, kind: str, tip: str = "") -> None:
        """A filled circle."""
        self._tip(self._add("circle", kind, cx=at[0], cy=at[1], r=radius), tip)

    def text(self, at: Point, said: str, kind: str = "", turned: float = 0, whole: str = "") -> None:
        """A line of text whose baseline starts at `at` (classes `end` and `mid` set it right or centred there).

        Args:
            turned: degrees clockwise around `at`.
            whole: what it was cut from; where it was cut, that appears when it is pointed at.
        """
        element = self._add("text", kind, x=at[0], y=at[1])
        if turned:
            element.set("transform", f"rotate({_short(turned)} {_short(at[0])} {_short(at[1])})")
        element.text = said
        self._tip(element, whole if whole != said else "")

    def across(self, at: Point, low: float, high: float) -> None:
        """An interval as a horizontal whisker around `at`, from x `low` to x `high`."""
        y = at[1]
        self.line((low, y), (high, y), "whisker")
        for x in (low, high):
            self.line((x, y - 3), (x, y + 3), "whisker")

    def upright(self, at: Point, low: float, high: float) -> None:
        """An interval as a vertical whisker, from y `low` to y `high`."""
        x = at[0]
        self.line((x, low), (x, high), "whisker")
        for y in (low, high):
            self.line((x - 3, y), (x + 3, y), "whisker")

    def svg(self) -> str:
        """The picture, to stand inside a page that holds chart.css."""
        return ElementTree.tostring(self._root, encoding="unicode")

    def alone(self) -> str:
        """The picture as a file of its own, with its colours and paper."""
        style = ElementTree.Element("style")
        style.text = colours_css() + STYLE.read_text(encoding="utf-8")
        paper = ElementTree.Element("rect", {"class": "paper", "width": "100%", "height": "100%"})
        self._root.insert(2, style)
        self._root.insert(3, paper)
        try:
            return '<?xml version="1.0" encoding="utf-8"?>\n' + self.svg() + "\n"
        finally:
            self._root.remove(style)
            self._root.remove(paper)

    def _add(self, name: str, kind: str, **numbers: float) -> ElementTree.Element:
        attributes = {key: _short(value) for key, value in numbers.items()}
        return ElementTree.SubElement(self._root, name, attributes | ({"class": kind} if kind else {}))

    @staticmethod
    def _tip(element: ElementTree.Element, tip: str) -> None:
        if tip:
            ElementTree.SubElement(element, "title").text = tip


def colours_css() -> str:
    """The colours as CSS variables: by the system's wish, or by `data-theme` on the page's root."""
    light, dark = ("".join(f"--{name}:{pair[at]};" for name, pair in COLOURS.items()) for at in (0, 1))
    wished = f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ {dark} }} }}"
    return f":root {{ {light} }}\n{wished}\n:root[data-theme=dark] {{ {dark} }}\n"


def fitted(said: str, width: float, size: float = 11) -> str:
    """The text, cut with an ellipsis where it would be wider than `width` pixels in letters of `size`."""
    most = max(1, int(width / (size * LETTER)))
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"


def width_of(said: str, size: float = 11) -> float:
    """About how wide a text is in letters of `size`, in pixels."""
    return len(said) * size * LETTER


def wrapped(said: str, width: float, size: float = 11, most: int = 3) -> list[str]:
    """The text on at most `most` lines of `width` pixels."""
    lines = [""]
    for word in said.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and len(longer) * size * LETTER > width:
            lines.append(word)
        else:
            lines[-1] = longer
    if len(lines) > most:
        lines[most - 1 :] = [" ".join(lines[most - 1 :])]
    return [fitted(line, width, size) for line in lines]


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
