"""A house whose shipped skill model is a doll that was really trained, on five calls; `brew` is new to it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import torch

from assistant.config import Settings, load_settings
from assistant.prompt import read_call
from assistant.registry import SkillSet, load_skills
from assistant.worker import Job, Written
from assistant.writer import Writer
from evals.cases import Case, write_cases
from finetune import grow
from finetune.learn.adapt import Effort
from finetune.learn.scoring import Sets
from finetune.skillmodel.export import quantize, write_gguf
from finetune.skillmodel.tokens import encode, train_tokenizer
from finetune.skillmodel.train import Plan, Shape, Trainer

KNOWN = ("set_timer", "set_volume", "tell_joke", "none")
SHAPE = Shape(width=32, layers=2, heads=2, feed_forward=64, dropout=0.0, context=512)
BREW = '''"""A coffee machine."""

from assistant.skill import Context, skill


@skill(
    examples=[
        "brew [a large latte](drink)",
        "brew me [two espressos](drink) please",
        "can you brew [a flat white](drink)",
        "start brewing [some tea](drink)",
        "please brew [a black coffee](drink)",
        "brew [hot chocolate](drink) for us",
        "could you brew [a small mocha](drink)",
        "brew us [green tea](drink)",
    ]
)
def brew(context: Context, *, drink: str) -> str:
    """Make a hot drink."""
    return drink
'''
EFFORT = Effort(steps=140, tokens_per_step=600, rate=6e-3, own_share=0.5, forgotten=0.05)


def settings_of(folder: Path) -> Settings:
    """The house in `folder`: of the skills that ship only those that the doll knows, and `brew`."""
    everything = load_skills(load_settings(None, {}, [f"paths.data={folder / 'nobody'}"]))
    others = [skill.name for skill in everything.skills if skill.name not in KNOWN]
    flags = [f"paths.data={folder / 'data'}", f"paths.cache={folder / 'cache'}", "tracking.to=off"]
    return load_settings(None, {}, [*flags, f"skills.disabled={','.join(others)}"])


def build(folder: Path) -> SkillSet:
    """Train the doll into `folder`/bundled, write `brew` and the two sets; returns the house's skills."""
    (folder / "data" / "skills").mkdir(parents=True)
    (folder / "data" / "skills" / "brewing.py").write_text(BREW, encoding="utf-8")
    house = load_skills(settings_of(folder))
    shipped = [skill for skill in house.skills if skill.name in KNOWN]
    grown = grow.grow(shipped, [], 6000, seed=1)
    short = [case for case in grown if case.skill in KNOWN and len(case.text.split()) < 12]
    rows = [case for at, case in enumerate(short) if case.skill != "none" or at % 5 == 0]
    tokenizer = train_tokenizer([case.text for case in rows], shipped, 700)
    plan = Plan(
        passes=6.0, tokens_per_step=800, peak_rate=8e-3, warmup_steps=10, average=0.9, compile=False, half=False
    )
    torch.set_num_threads(1)
    trainer = Trainer(SHAPE, plan, tokenizer, folder)
    model = trainer.run([encode(case, tokenizer, house.by_name) for case in rows])
    curves = json.dumps({"skill": [1, 0], "call": [1, 0]})
    notes = {"skills": json.dumps(KNOWN), "calibration": curves, "version": "doll"}
    target = folder / "bundled" / "skill" / "doll.gguf"
    target.parent.mkdir(parents=True)
    write_gguf(model.requires_grad_(False), tokenizer, notes, folder / "whole.gguf", two_way=True)
    quantize(folder / "whole.gguf", target, "q8_0")
    digest = hashlib.sha256(target.read_bytes()).hexdigest()
    (target.parent / "SHA256SUMS").write_text(f"{digest}  {target.name}\n", encoding="utf-8")
    tried = rows[:300]
    writer = Writer(Job(target, house.skills, shipped=True))
    answers = sorted(((case, writer.write(case.text, [])[0]) for case in tried), key=_unsure)
    right = [replace(case, args_known=False) for case, one in answers if read_call(one.call).skill == case.skill]
    write_cases(folder / "must-pass.jsonl", right[:3])
    write_cases(folder / "quick.jsonl", right[3:7])
    return house


def _unsure(answer: tuple[Case, Written]) -> float:
    return -answer[1].skill_probability


def sets_of(folder: Path) -> Sets:
    """The sets of this house."""
    return Sets(str(folder / "must-pass.jsonl"), str(folder / "quick.jsonl"))
