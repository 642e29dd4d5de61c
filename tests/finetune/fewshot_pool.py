"""Small sources for the few-shot network's training: a few invented skills, and public sets of a handful of lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.cases import Case, write_cases
from finetune import invented
from finetune.fewshot import pool
from finetune.fewshot.pool import May, Pool, pool_of

VERBS = ("book", "order", "find", "send", "check")
THINGS = ("a taxi", "some flowers", "the invoice", "my tickets", "a plumber")
PAIRS = [(verb, thing) for verb in VERBS for thing in THINGS]


def sources(folder: Path) -> tuple[Path, Path]:
    """Rows and public sets, every source with 25 sentences; each source's fifth names a secret. (rows, data)."""
    rows, data = folder / "rows", folder / "data"
    for one in (rows, data / "snips", data / "hwu64", data / "clinc150"):
        one.mkdir(parents=True)
    snips = [_snips(verb, thing) for verb, thing in PAIRS]
    (data / "snips" / "train_Book_full.json").write_text(json.dumps({"Book": snips}), encoding="utf-8")
    hwu = [{"intent": "lists_add", "annotation": f"{verb} [item : {_named(verb, thing)}] now"} for verb, thing in PAIRS]
    (data / "hwu64" / "part_a.jsonl").write_text("\n".join(map(json.dumps, hwu)), encoding="utf-8")
    clinc = [[f"can you {verb} {_named(verb, thing)}", "errand"] for verb, thing in PAIRS]
    (data / "clinc150" / "data_dev.json").write_text(json.dumps({"train": clinc}), encoding="utf-8")
    cases = [_timer(verb, thing) for verb, thing in PAIRS]
    for verb, thing in PAIRS:
        said, of = f"i had to {verb} {_named(verb, thing)}", f"{verb} {thing}"
        cases.append(Case(said, "none", source="grown-talk:1", group=f"chatter:{of}"))
        cases.append(Case(f"{said} then", "none", source="clinc150:train", group=f"wish:{of}"))
    write_cases(rows / "train.jsonl", cases)
    return rows, data


def _named(verb: str, thing: str) -> str:
    return f"{thing} secret" if verb == "check" else thing


def _snips(verb: str, thing: str) -> dict[str, object]:
    return {"data": [{"text": f"please {verb} "}, {"text": _named(verb, thing), "entity": "Object"}]}


def _timer(verb: str, thing: str) -> Case:
    said = f"{verb} {_named(verb, thing)}"
    time = {"duration": "ten minutes"}
    return Case(f"set a timer for ten minutes to {said}", "set_timer", time, source="clinc150:train", group=said)


def small_pool(folder: Path, patch: pytest.MonkeyPatch, may: May = lambda _: True, skills: int = 3) -> Pool:
    """A pool of the first invented skills that ship and the sources above."""
    some = invented.shipped()[:skills]
    patch.setattr(pool.invented, "shipped", lambda: some)  # type: ignore[attr-defined]
    return pool_of(*sources(folder), may)
