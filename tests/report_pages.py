"""A run made by hand, its report, and what stands on that page."""

from __future__ import annotations

import html.parser
from pathlib import Path

from assistant.config import load_settings
from evals import runs
from evals.cases import Case
from evals.report.build import NOTHING, Beside, report
from evals.runs import Evidence, Inputs, Run

ARGUMENTS = {"set_timer": {"duration": "duration", "name": "text"}, "weather": {"place": "text"}}


def made(evidence: list[Evidence], name: str = "made", whole: bool = True) -> Run:
    """A run with this evidence, as the command would have left it."""
    inputs = Inputs("little", "ab" * 32, len(evidence), {"skill": "cd" * 32}, "abc123", "def456", arguments=ARGUMENTS)
    recorder = runs.start(load_settings(), inputs, name)
    try:
        with recorder:
            for one in evidence:
                recorder.add(one)
            if not whole:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    return runs.load(name, load_settings())


def timer(text: str, **given: object) -> Evidence:
    """Somebody wanted a pasta timer of ten minutes; `given` is what came of it."""
    wanted = Case(text, "set_timer", {"duration": "ten minutes", "name": "pasta"}, group=text)
    right = {"skill": "set_timer", "words": dict(wanted.words), "confidence": 0.9, "tier": "shipped"}
    return Evidence(wanted, **{**right, "ms": {"decide": 9.5}, **given})  # type: ignore[arg-type]


class Seen(html.parser.HTMLParser):
    """Every element of a page with its attributes, and the text outside scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._inside = tag if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        self.text += "" if self._inside else data

    def every(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each element of this name."""
        return [attrs for name, attrs in self.elements if name == tag]


def page_of(run: Run, folder: Path, beside: Beside = NOTHING) -> tuple[str, Seen]:
    report(run, folder / "page.html", beside)
    text = (folder / "page.html").read_text(encoding="utf-8")
    return text, Seen(text)
