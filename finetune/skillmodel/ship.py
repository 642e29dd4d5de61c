"""From a checkpoint to the file that ships: GGUF, quantised, calibrated, scored, with its checksum.

What is scored is the very file that ships, through the very `decide` code that runs.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from assistant.prompt import read_call
from assistant.skill import Skill
from assistant.worker import Job
from assistant.writer import Writer
from evals.cases import FAMILY_OF, Case, read_cases
from finetune.skillmodel.export import quantize, write_gguf
from finetune.skillmodel.train import Shape, new_model

FILE = "hark-skill-q8_0.gguf"


@dataclass(frozen=True, slots=True)
class Scored:
    """One held-out case and what the model wrote."""

    case: Case
    written: str
    skill_probability: float
    probability: float

    @property
    def skill_right(self) -> bool:
        """The right skill."""
        return read_call(self.written).skill == self.case.skill

    @property
    def family_right(self) -> bool:
        """A skill of the right family."""
        return FAMILY_OF[read_call(self.written).skill] == FAMILY_OF[self.case.skill]

    @property
    def call_right(self) -> bool:
        """The right skill and the same words for every argument."""
        call = read_call(self.written)
        return call.skill == self.case.skill and dict(call.words) == dict(self.case.words)


def ship(
    recipe: Mapping[str, Any], rows: Path, work: Path, folder: Path, skills: Mapping[str, Skill]
) -> dict[str, Any]:
    """Write `folder/hark-skill-q8_0.gguf` and its SHA256SUMS; returns the scores on the held-out rows."""
    cases = list(read_cases(rows / "dev.jsonl"))
    draft = work / FILE
    notes: dict[str, Any] = {"skills": json.dumps(sorted(skills)), "version": recipe["version"]}
    _write(recipe, work, notes, draft)
    scored = score(draft, cases, skills)
    known = [one for one in scored if one.case.args_known and one.case.words]
    curves = {
        "skill": calibrate([one.skill_probability for one in scored], [one.skill_right for one in scored]),
        "call": calibrate([one.probability for one in known], [one.call_right for one in known]),
    }
    notes["calibration"] = json.dumps(curves)
    _write(recipe, work, notes, draft)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / FILE
    beside = target.with_suffix(".part")
    beside.write_bytes(draft.read_bytes())
    beside.replace(target)
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  {FILE}\n", encoding="utf-8")
    (work / "scored.jsonl").write_text(
        "".join(
            json.dumps({"written": s.written, "skill_p": s.skill_probability, "p": s.probability, **_case(s.case)})
            + "\n"
            for s in scored
        ),
        encoding="utf-8",
    )
    return {"sha256": digest, "bytes": target.stat().st_size, "calibration": notes["calibration"], **summary(scored)}


def _case(case: Case) -> dict[str, Any]:
    return asdict(case) | {"words": dict(case.words)}


def _write(recipe: Mapping[str, Any], work: Path, notes: Mapping[str, Any], target: Path) -> None:
    shape = Shape(**recipe["shape"])
    tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
    model = new_model(shape, tokenizer.get_vocab_size())
    state = torch.load(work / "checkpoint.pt", weights_only=True)
    model.load_state_dict(state["average"])
    whole = work / "float32.gguf"
    write_gguf(model.eval().requires_grad_(False), tokenizer, notes, whole, shape.two_way)
    quantize(whole, target, recipe["quantized"])


def score(path: Path, cases: Sequence[Case], skills: Mapping[str, Skill]) -> list[Scored]:
    """Run the file over the cases."""
    writer = Writer(Job(path, tuple(skills.values()), shipped=True))
    scored = []
    for case in cases:
        best = writer.write(case.text, [])[0]
        scored.append(Scored(case, best.call, best.skill_probability, best.probability))
    return scored


def calibrate(probabilities: Sequence[float], right: Sequence[bool]) -> tuple[float, float]:
    """Slope and shift from probability to the share that is right (Platt 1999), by Newton's method."""
    bounded = [min(max(p, 1e-6), 1 - 1e-6) for p in probabilities]
    x = torch.tensor([math.log(p / (1 - p)) for p in bounded], dtype=torch.float64)
    y = torch.tensor(right, dtype=torch.float64)
    design = torch.stack([x, torch.ones_like(x)], dim=1)
    theta = torch.tensor([1.0, 0.0], dtype=torch.float64)
    for _ in range(50):
        p = torch.sigmoid(design @ theta)
        gradient = design.T @ (p - y)
        hessian = (design * (p * (1 - p))[:, None]).T @ design + 1e-6 * torch.eye(2, dtype=torch.float64)
        theta = theta - torch.linalg.solve(hessian, gradient)
    return round(float(theta[0]), 4), round(float(theta[1]), 4)


def summary(scored: Sequence[Scored]) -> dict[str, Any]:
    """Counts and shares over the held-out rows."""
    known = [one for one in scored if one.case.args_known]
    none = [one for one in scored if one.case.skill == "none"]
    served = [one for one in scored if one.case.skill != "none"]
    return {
        "n": len(scored),
        "skill_right": _share([one.skill_right for one in scored]),
        "family_right": _share([one.family_right for one in scored]),
        "call_right": _share([one.call_right for one in known]),
        "none_right": _share([one.skill_right for one in none]),
        "served_skill_right": _share([one.skill_right for one in served]),
    }


def _share(right: Sequence[bool]) -> str:
    return f"{sum(right)}/{len(right)} = {sum(right) / max(1, len(right)):.4f}"
