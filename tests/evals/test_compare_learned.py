"""Two runs that had not the same models or settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from assistant.config import load_settings
from evals import runs
from evals.cases import Case
from evals.compare import compare
from evals.runs import Evidence, Inputs, Run

OLD, NEW = "ab" * 32, "cd" * 32


def run_of(folder: Path, name: str, learned: str, prompt: str = "p", **changes: Mapping[str, Any]) -> Run:
    """A run of two sentences."""
    settings = load_settings(None, {}, [f"paths.data={folder}"])
    models = {"skill": "ef" * 32, **({"learned": learned} if learned else {})}
    with runs.start(
        settings, Inputs("made-up", "0" * 64, 2, models | changes.pop("models", {}), prompt, "s", **changes), name
    ) as recorder:
        for text in ("stop", "halt"):
            recorder.add(Evidence(Case(text, "stop"), "stop"))
    return runs.load(name, settings)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("", "", ""),
        (NEW, NEW, ""),
        ("", NEW, "a learned model, cdcdcdcdcdcd, stood beside the skill model in b, and none in a"),
        (OLD, "", "a learned model, abababababab, stood beside the skill model in a, and none in b"),
        (OLD, NEW, "another learned model stood beside the skill model: abababababab in a, cdcdcdcdcdcd in b"),
    ],
)
def test_what_stood_beside_one_run_alone_is_said(tmp_path: Path, before: str, after: str, said: str) -> None:
    """A learned model that only one run had, or another one, is a remark; the same one, or none, is not."""
    found = compare(run_of(tmp_path, "a", before), run_of(tmp_path, "b", after))
    assert [remark for remark in found["remarks"] if "learned" in remark] == ([said] if said else [])


def test_what_else_was_not_the_same_is_said(tmp_path: Path) -> None:
    """Models, prompt and settings that differ are named in one remark; two runs that have all the same get none."""
    settings = {"decide": {"confirm_below": 0.5}, "models": {"skill": "one"}}
    a = run_of(tmp_path, "a", "", settings=settings)
    other = settings | {"decide": {"confirm_below": 0.6}}
    b = run_of(tmp_path, "b", NEW, prompt="q", models={"skill": "01" * 32}, settings=other)
    said = [remark for remark in compare(a, b)["remarks"] if "differ in" in remark]
    assert said == ["the runs also differ in the prompt, the skill model and the settings of decide"]
    assert compare(a, run_of(tmp_path, "c", "", settings=settings))["remarks"] == []
