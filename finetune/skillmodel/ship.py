"""From a checkpoint to what ships: GGUF, quantised, calibrated, with checksums, scores and card, and what tells talk.

What is scored is the very file that ships, through the very `decide` that answers people.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from assistant.config import load_settings
from assistant.decide import Decider
from assistant.models import OVERHEARD
from assistant.prompt import read_call
from assistant.registry import SkillSet
from assistant.skill import Skill
from assistant.turn import Transcript
from assistant.worker import Job, WorkerFailed, Written
from assistant.writer import Writer
from evals import sets
from evals.cases import Case, read_cases
from evals.metrics import Answer, Summary, summarise
from finetune.checkpoint import read_checkpoint
from finetune.rows import training_rows
from finetune.skillmodel.card import Facts, write_card
from finetune.skillmodel.export import quantize, write_gguf
from finetune.skillmodel.overheard import chosen, fit
from finetune.skillmodel.train import Shape, new_model

FILE = "hark-skill-q8_0.gguf"
MODEL_SETS = (
    "held-out human sentences",
    "690 of them, even over twelve families",
    "talk made of near misses, grown",
    "overheard talk, `evals/data/overheard.txt`",
)


@dataclass(frozen=True, slots=True)
class Paths:
    """Where shipping reads and writes."""

    rows: Path
    """With train.jsonl and dev.jsonl, and heard.jsonl where it was made."""
    work: Path
    """With tokenizer.json and checkpoint.pt."""
    folder: Path
    """Of the shipped model."""


def ship(recipe: Mapping[str, Any], paths: Paths, skills: SkillSet) -> dict[str, Any]:
    """Write the GGUF, what tells talk, SHA256SUMS, scores.json and CARD.md into `paths.folder`; returns the scores."""
    cases = list(read_cases(paths.rows / "dev.jsonl"))
    draft = paths.work / FILE
    notes: dict[str, str] = {"skills": json.dumps(sorted(skills.by_name)), "version": recipe["version"]}
    parameters = _write(recipe, paths.work, notes, draft)
    overheard = fit(training_rows(paths.rows), recipe["overheard"])
    overheard.save(draft.with_name(OVERHEARD))
    shift = chosen(cases, written(draft, cases, skills.by_name), overheard, recipe["overheard"])
    notes["overheard"] = json.dumps(asdict(shift))
    _write(recipe, paths.work, notes, draft)
    notes["second"] = json.dumps(recipe["second"])
    notes["calibration"] = json.dumps(curves(cases, written(draft, cases, skills.by_name)))
    _write(recipe, paths.work, notes, draft)
    paths.folder.mkdir(parents=True, exist_ok=True)
    sums = {name: _copied(paths.work / name, paths.folder / name) for name in (FILE, OVERHEARD)}
    _write_beside(paths.folder / "SHA256SUMS", "".join(f"{sums[name]}  {name}\n" for name in sums).encode())
    target = paths.folder / FILE
    found = dict(zip(MODEL_SETS, measure(target, paths.rows, skills, paths.work), strict=True))
    scores = {name: _plain(summary) for name, summary in found.items()}
    _write_beside(paths.folder / "scores.json", (json.dumps(scores, indent=1) + "\n").encode())
    facts = Facts(recipe, parameters, sums[FILE], target.stat().st_size, shift)
    write_card(paths.folder / "CARD.md", facts, found)
    return scores


def _copied(source: Path, target: Path) -> str:
    """Copy a file; returns its SHA-256."""
    _write_beside(target, source.read_bytes())
    return hashlib.sha256(target.read_bytes()).hexdigest()


def _write_beside(path: Path, content: bytes) -> None:
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(content)
    beside.replace(path)


def _write(recipe: Mapping[str, Any], work: Path, notes: Mapping[str, str], target: Path) -> int:
    """Write the quantised file; returns the number of parameters."""
    shape = Shape(**recipe["shape"])
    tokenizer = Tokenizer.from_file(str(work / "tokenizer.json"))
    model = new_model(shape, tokenizer.get_vocab_size())
    model.load_state_dict(read_checkpoint(work / "checkpoint.pt", "average")["average"])
    whole = work / "float32.gguf"
    write_gguf(model.eval().requires_grad_(False), tokenizer, notes, whole, shape.two_way)
    quantize(whole, target, recipe["quantized"])
    return sum(parameter.numel() for parameter in model.parameters())


def written(path: Path, cases: Sequence[Case], skills: Mapping[str, Skill]) -> list[list[Written]]:
    """What the file writes for each case, then its runner-ups, before any confidence is taken from it."""
    writer = Writer(Job(path, tuple(skills.values()), shipped=True))
    return [writer.write(case.text, []) for case in cases]


def right(case: Case, one: Written) -> bool:
    """The right skill and the same words for every argument."""
    call = read_call(one.call)
    return call.skill == case.skill and dict(call.words) == dict(case.words)


def curves(cases: Sequence[Case], found: Sequence[Sequence[Written]]) -> dict[str, tuple[float, float]]:
    """The two calibration curves: of the skill, and of the whole call where it has words."""
    pairs = [(case, best) for case, (best, *_) in zip(cases, found, strict=True)]
    known = [(case, one) for case, one in pairs if case.args_known and case.words]
    return {
        "skill": calibrate(
            [one.skill_probability for _, one in pairs],
            [read_call(one.call).skill == case.skill for case, one in pairs],
        ),
        "call": calibrate([one.probability for _, one in known], [right(case, one) for case, one in known]),
    }


def calibrate(probabilities: Sequence[float], correct: Sequence[bool]) -> tuple[float, float]:
    """Slope and shift from probability to the share that is right.

    After Platt (1999): by maximum likelihood, with targets a little inside 0 and 1, so that a perfect separation has a
    finite answer, too.
    """
    bounded = torch.tensor(probabilities, dtype=torch.float64).clamp(1e-6, 1 - 1e-6)
    x, rights = torch.logit(bounded), sum(correct)
    high, low = (rights + 1) / (rights + 2), 1 / (len(correct) - rights + 2)
    y = torch.tensor([high if one else low for one in correct], dtype=torch.float64)
    theta = torch.tensor([1.0, 0.0], dtype=torch.float64, requires_grad=True)
    solver = torch.optim.LBFGS([theta], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        solver.zero_grad()
        found = torch.nn.functional.binary_cross_entropy_with_logits(theta[0] * x + theta[1], y)
        found.backward()
        return found

    solver.step(loss)
    slope, shift = theta.detach().tolist()
    return round(slope, 4), round(shift, 4)


def measure(path: Path, rows: Path, skills: SkillSet, work: Path) -> tuple[Summary, ...]:
    """Decide every held-out sentence with this file; answers are kept in `work/answers.jsonl` first, then counted."""
    human, talk, plain_talk = sets.held_out(rows), sets.chatter(rows), sets.overheard()
    answers = {answer.case.text: answer for answer in decided(path, [*human, *talk, *plain_talk], skills, work)}
    lines = [json.dumps(asdict(answer) | {"words": dict(answer.words)}, default=dict) for answer in answers.values()]
    (work / "answers.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def of(cases: Sequence[Case]) -> Summary:
        return summarise([answers[case.text] for case in cases])

    return of(human), of(sets.balanced(human)), of(talk), of(plain_talk)


def decided(path: Path, cases: Sequence[Case], skills: SkillSet, work: Path) -> list[Answer]:
    """The decision for each case, as `hark parse` would give it, on settings of nobody's house."""
    settings = load_settings(None, {}, [f"models.skill={path.absolute()}", f"paths.data={(work / 'house').absolute()}"])
    answers = []
    with Decider(skills, settings) as decider:
        for case in cases:
            try:
                made = decider.decide(Transcript(text=case.text), now=settings.now())
                answers.append(Answer(case, made.skill, made.words, made.confidence))
            except WorkerFailed as error:
                answers.append(Answer(case, "", failed=str(error)))
    return answers


def _plain(summary: Summary) -> dict[str, Any]:
    by_family = {name: str(share) for name, share in summary.by_family.items()}
    figures = {name: str(getattr(summary, name)) for name in ("family", "skill", "call", "false_calls")}
    return {**figures, "unscored": summary.unscored, "by_family": by_family}
