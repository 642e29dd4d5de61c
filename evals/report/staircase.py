"""The staircase: the variants of a ladder, from the weakest idea to the shipped one, in one chart and one table."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.commands.frame import so_many
from assistant.config import Settings
from assistant.files import read_json
from evals.intervals import Share
from evals.report import charts, tallies
from evals.report.canvas import Canvas
from evals.report.charts import Step
from evals.report.figures import as_share, cells
from evals.report.page import Drawn, Section, Table

FOLDER, RESULT = "ladders", "ladder.json"
TITLE = "Share right, variant by variant"
SHARE = ("95% interval", "n")
BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError)
"""What comes of a file that is no ladder: it costs its own chart alone."""
HEAD = ("variant", "right", *SHARE, "skill right", "called in vain", *SHARE, "unparsable", "median time")

Json = Mapping[str, Any]


def ladders_folder(settings: Settings) -> Path:
    """Where this household's ladders are, a folder each."""
    return settings.paths.data / FOLDER


def last_ladder(settings: Settings, set_name: str) -> Json | None:
    """The newest ladder over this set that can be shown; None where there is none."""
    found: list[Json] = []
    for path in ladders_folder(settings).glob(f"*/{RESULT}"):
        with contextlib.suppress(*BROKEN):
            one = read_json(path.read_text(encoding="utf-8"))
            if one["set"] == set_name and one["steps"]:
                found.append(one)
    for one in sorted(found, key=lambda one: str(one.get("finished")), reverse=True):
        with contextlib.suppress(*BROKEN):
            section(one)
            return one
    return None


def rows(ladder: Json) -> list[tuple[str, ...]]:
    """The table under HEAD."""
    return [
        (
            str(step["name"]),
            *cells(as_share(step["right"])),
            _one_cell(as_share(step["skill_right"])),
            *cells(as_share(step["false_calls"])),
            f"{step['unparsable']:,}",
            "–" if step["ms"] is None else tallies.milliseconds(step["ms"]["median"]),
        )
        for step in ladder["steps"]
    ]


def _one_cell(share: Share) -> str:
    """Value and interval; the n stands beside another share of the same cases."""
    value, interval, _ = cells(share)
    return f"{value} ({interval})" if share.n else value


def chart(ladder: Json) -> Canvas:
    """The stairs from left to right."""
    steps = _steps(ladder)
    return charts.staircase(steps, TITLE, _about(steps))


def section(ladder: Json) -> Section:
    """The stairs with their table, for a page."""
    steps = _steps(ladder)
    about = _about(steps)
    narrow = charts.ladder_rows(steps, TITLE, about)
    drawn = Drawn(narrow, wide=chart(ladder).svg(), table=Table(HEAD, rows(ladder)))
    lead = (
        f"The ladder {ladder['name']}, over {so_many(ladder['n'], 'case')} of {ladder['set']}. Every step is scored by "
        "the same code, on the same cases. Called in vain is the share of sentences for nobody that were answered by a "
        "call."
    )
    return Section("staircase", "The staircase", lead, [drawn], layout="single")


def _steps(ladder: Json) -> list[Step]:
    return [Step(str(step["name"]), as_share(step["right"])) for step in ladder["steps"]]


def _about(steps: Sequence[Step]) -> str:
    return "; ".join(f"{step.name}: {step.share}" for step in steps)
