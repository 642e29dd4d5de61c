"""A ladder: the same sentences decided in ever better ways, each step an ordinary run that is kept and continued.

    name = "shipped"
    set = "quick"
    limit = 120

    [[variant]]
    name = "random weights, writing freely"
    model = "random"
    constrained = false

A step that was run before with the same cases, models, settings and code is not run again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from assistant.commands.frame import UsageError
from assistant.config import Settings
from assistant.skill import ConfigError
from evals import runs, variants
from evals.answers import UNPARSABLE
from evals.machine import code
from evals.running import Order, measure, planned, prepare
from evals.runs import Inputs, Run
from evals.scoring import KINDS, score_evidence
from evals.toml_file import read_as
from evals.variants import Variant

Json = dict[str, Any]
Told = Callable[[str, int], None]
"""Is told the variant's name and how many of its cases are done."""


class Ladder(BaseModel):
    """What a ladder's file says."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str = Field(pattern=r"^\w[\w.+-]*$")
    set: str
    """A set's name, or a file of cases beside the ladder."""
    data: str = ""
    """The folder of a public set, beside the ladder."""
    limit: int | None = Field(default=None, ge=1)
    """So many cases, evenly over the set."""
    seed: int = 0
    variant: list[Variant] = Field(min_length=1)
    """The steps, the weakest first."""


@dataclass(frozen=True, slots=True)
class Step:
    """A variant, made ready."""

    variant: Variant
    settings: Settings
    order: Order
    inputs: Inputs

    @property
    def name(self) -> str:
        """Of its run: what it is, and a checksum of all that decides its outcome."""
        digest = hashlib.sha256(json.dumps(asdict(self.inputs), sort_keys=True, default=str).encode()).hexdigest()
        plain = re.sub(r"[^a-z0-9]+", "-", self.variant.name.lower()).strip("-")[:40].strip("-")
        return f"ladder-{plain or 'variant'}-{digest[:8]}"


def read_ladder(path: Path) -> Ladder:
    """A ladder's file. Raises UsageError: there is none. Raises ConfigError: the sentence names what is wrong in it."""
    if not path.is_file():
        raise UsageError(f"there is no ladder {path}")
    found = read_as(Ladder, path, "ladder")
    twice = sorted({one.name for one in found.variant if [v.name for v in found.variant].count(one.name) > 1})
    if twice:
        raise ConfigError(f"{path}: two variants are called {twice[0]!r}")
    return found


def ready(settings: Settings, ladder: Ladder, folder: Path) -> list[Step]:
    """Every step with its inputs, before anything is run: what is missing is said now.

    Args:
        folder: the ladder's own, that paths in it start from.
    Raises:
        UsageError, ConfigError, MissingPiece: the set, a model or a switch is wrong.
    """
    beside = folder / ladder.set
    order = Order(
        set=str(beside) if beside.is_file() else ladder.set,
        data=folder / ladder.data if ladder.data else None,
        limit=ladder.limit,
        seed=ladder.seed,
    )
    found = []
    for variant in ladder.variant:
        chosen = variants.settings_for(variant, settings, folder)
        mine = replace(order, variant=variant.identity())
        found.append(Step(variant, chosen, mine, planned(chosen, mine)[0]))
    return found


def climb(ladder: Ladder, steps: Sequence[Step], told: Told = lambda _name, _done: None) -> Json:
    """Run what is left of the steps.

    Returns:
        {"name", "set", "set_sha256", "n", "finished", "steps": [{"name", "run", "kept", "right", "skill_right",
        "unparsable", "unscored", "ms", ...the variant}]}, as ladder.json keeps it.
    Raises:
        ConfigError, MissingPiece, OSError, UsageError: a step could not be run; those before it are kept.
    """
    rows = []
    for step in steps:
        kept = _kept(step)
        run = kept or _run(step, told)
        told(step.variant.name, step.inputs.n)
        rows.append({**_row(step, run), "kept": kept is not None})
    first = steps[0].inputs
    return {
        "name": ladder.name,
        "set": first.set,
        "set_sha256": first.set_sha256,
        "n": first.n,
        "finished": max(str(row["finished"]) for row in rows),
        "steps": rows,
    }


def _kept(step: Step) -> Run | None:
    """The run that this step had before, whole and by the code as it is; None where it must run."""
    sources = code().sources
    for run in reversed(_earlier(step)):
        if run.meta["status"] == runs.DONE and (run.meta.get("git") or {}).get("sources") == sources:
            return run
    return None


def _earlier(step: Step) -> list[Run]:
    named = re.compile(rf"{re.escape(step.name)}(\.\d+)?\Z")
    return [run for run in runs.all(step.settings) if named.match(run.name)]


def _run(step: Step, told: Told) -> Run:
    """Run the step, or the rest of it."""
    earlier = _earlier(step)
    sources = code().sources
    half = [
        run
        for run in earlier
        if run.meta["status"] in (runs.INTERRUPTED, runs.FAILED)
        and (run.meta.get("git") or {}).get("sources") == sources
    ]
    taken = {run.name for run in earlier}
    free = next(name for at in range(1000) if (name := f"{step.name}.{at}" if at else step.name) not in taken)
    order = replace(step.order, resume=half[-1].name) if half else replace(step.order, name=free)
    return measure(prepare(step.settings, order), lambda done: told(step.variant.name, done))


def _row(step: Step, run: Run) -> Json:
    evidence = run.evidence()
    kinds = score_evidence(evidence, run.meta.get("arguments") or {}, step.order.seed)["kinds"]
    kind = next(kind for kind in KINDS if kind in kinds)
    figures = kinds[kind]
    decide = figures["ms"].get("decide")
    return {
        **step.variant.model_dump(),
        "run": run.name,
        "finished": run.meta.get("finished"),
        "right": figures["right"],
        "skill_right": figures["skill_right"],
        "false_calls": figures["false_calls"],
        "unparsable": sum(one.skill == UNPARSABLE for one in evidence if one.kind == kind),
        "unscored": figures["unscored"]["n"],
        "ms": {name: decide[name]["value"] for name in ("median", "p95")} if decide else None,
        "models": run.meta.get("models"),
    }
