"""What stands on the page, as plain values, and its rendering into one HTML file.

Everything that people said, and every name, goes through the template's escaping; only the drawings, which escape what
they write themselves, and this package's own style and script are put in as they are. The page's policy lets a browser
run that one script and fetch nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.skill import MissingPiece
from evals.report.canvas import STYLE, colours_css

HERE = Path(__file__).parent
SHOWN_AT_ONCE = 24
"""Mistakes before the fold."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of words; the first cell of each names it."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    caption: str = ""
    words: bool = False
    """The cells are words rather than figures."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart with what it needs around it."""

    svg: str
    name: str = ""
    caption: str = ""
    table: Table | None = None
    wide: str = ""
    """The same chart for a desktop's width, where one drawing does not serve both."""
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One argument of a call as it is shown."""

    said: str
    differs: bool = False
    """It is why the call is wrong."""


@dataclass(frozen=True, slots=True)
class ShownCall:
    """A call as it is shown."""

    skill: str
    parts: Sequence[Part] = ()


@dataclass(frozen=True, slots=True)
class Mistake:
    """One case that went wrong."""

    said: str
    wanted: Sequence[ShownCall]
    """Each of them would have been right."""
    got: ShownCall | None
    """None where words were to be written down and nothing was to be decided."""
    kind: str
    sure: str = ""
    heard: str = ""
    others: Sequence[str] = ()
    """What else it might have been."""
    sound: str = ""
    """Address of the recording: a data URI, or a path from the page."""
    tags: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page under a heading."""

    id: str
    name: str
    lead: str = ""
    drawn: Sequence[Drawn] = ()
    tables: Sequence[Table] = ()
    details: Sequence[Table] = ()
    """Tables that are folded away under their captions."""
    mistakes: Sequence[Mistake] = ()
    layout: str = "panels"
    """panels: charts side by side where there is room; single: each on its own; beside: the details stand beside it."""

    @property
    def kinds(self) -> list[tuple[str, int]]:
        """The kinds of mistake with how many of each, the most first."""
        every = [mistake.kind for mistake in self.mistakes]
        return sorted(((kind, every.count(kind)) for kind in set(every)), key=lambda pair: (-pair[1], pair[0]))


@dataclass(frozen=True, slots=True)
class Headline:
    """The one figure, and the sentence that says all of it."""

    figure: str
    sentence: str
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    """One more figure."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that is shown."""

    title: str
    headline: Headline
    tiles: Sequence[Tile]
    sections: Sequence[Section]
    footer: str = ""


def render(page: Page) -> str:
    """The page as one HTML file. Raises MissingPiece where the eval extra is not installed."""
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup
    except ModuleNotFoundError:
        raise MissingPiece("a report needs the eval extra; install it with: pip install 'hark[eval]'") from None
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["as_is"] = Markup
    style = colours_css() + STYLE.read_text(encoding="utf-8") + (HERE / "page.css").read_text(encoding="utf-8")
    script = (HERE / "page.js").read_text(encoding="utf-8")
    text = environment.get_template("page.html").render(
        page=page, first=SHOWN_AT_ONCE, style=style, script=script, style_hash=_hash(style), script_hash=_hash(script)
    )
    # The name of a set that is no UTF-8 has halves of surrogate pairs, which no file of text can hold.
    return text.encode("utf-8", "replace").decode("utf-8")


def _hash(text: str) -> str:
    """As a content security policy names a block of text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
