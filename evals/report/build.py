"""From a run to its page: gathers the sections and writes one file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.commands.frame import written_whole
from assistant.skill import SkillError
from evals.report import figures, hearing, mistakes, staircase, text
from evals.report.changes import changes
from evals.report.confidence import confidence
from evals.report.figures import Seen, as_share
from evals.report.origin import origin
from evals.report.page import Page, Section, render
from evals.report.sounds import Sounds
from evals.runs import Run


@dataclass(frozen=True)
class Beside:
    """What a report holds besides its own run."""

    before: Run | None = None
    """The run that it is held against."""
    ladder: Mapping[str, Any] | None = None
    """A ladder over the same set, as ladder.json holds it."""
    recordings: Path | None = None
    """The folder that the paths of recorded cases start from."""


NOTHING = Beside()


def report(run: Run, to: Path, beside: Beside = NOTHING) -> None:
    """Write the report of a run as one HTML file.

    Raises:
        SkillError: the run has no evidence, or a line of it is spoilt.
        MissingPiece: the eval extra is not installed.
        OSError: the file cannot be written.
    """
    seen = Seen(run, run.evidence())
    if not seen.evidence:
        raise SkillError(f"the run {run.name} has no evidence yet; go on with it: hark eval run --resume {run.name}")
    html = render(_page(seen, Sounds(to, beside.recordings, int(run.meta.get("seed") or 0)), beside))
    with written_whole(to) as out:
        out.write(html)


def _page(seen: Seen, sounds: Sounds, beside: Beside) -> Page:
    meta, found = seen.run.meta, seen.figures
    right = as_share(found["right"]) if found else None
    if right is not None and right.n:
        headline = text.headline(meta, seen.evidence, seen.kind, right)
    elif found.get("word_error"):
        headline = text.heard_headline(meta, seen.evidence, seen.kind, found["word_error"])
    else:
        headline = text.empty_headline(meta, seen.evidence)
    sections: list[Section | None] = [staircase.section(beside.ladder) if beside.ladder else None]
    if beside.before is not None:
        sections.append(changes(seen.run, beside.before))
    timed = hearing.times(seen)
    if right is not None and right.n:
        sections += [figures.by_skill(seen), figures.confusion(seen), confidence(seen, timed)]
    elif timed:
        sections.append(Section("times", "How long it takes", drawn=timed))
    sections += [hearing.sound(seen), mistakes.worst(seen, sounds), mistakes.unscored(seen)]
    return Page(
        title=f"{meta.get('set')}: {headline.figure} - Hark",
        headline=headline,
        tiles=figures.tiles(seen),
        sections=[section for section in (*sections, origin(seen)) if section is not None],
        footer=f"Made by hark eval report from {seen.run.name}. This file asks the network for nothing.",
    )
