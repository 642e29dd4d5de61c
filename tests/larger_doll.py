"""A doll of a larger model: a random Llama of 64 numbers' width in Hugging Face's form, with a tokenizer of its own.

Made on the spot; nothing is downloaded. Its household knows five skills.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import sentencepiece
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from assistant.assemble import open_skills
from assistant.config import Settings, load_settings
from assistant.prompt import larger_prefix, larger_suffix, plain, write_call
from assistant.registry import SkillSet
from assistant.skill import Call, Skill
from evals.cases import Case, write_cases
from finetune.larger.recipe import Base, Lora, Plan, Recipe
from finetune.larger.steps import Order, Pipeline, kept_back

CACHE = load_settings(None, dict(os.environ)).paths.cache
"""The developer's own: llama.cpp's converter is fetched once, and not again by every run of the tests."""
_FAMILIES = "alarms,answers,clock,home,lists,math,music,news,notes,programs,units,weather"
OTHERS = f"{_FAMILIES},check_timer,pause_timer,resume_timer,extend_timer,cancel_timer,stop,repeat,help"
SHAPE = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2}


def doll_settings(folder: Path) -> Settings:
    """A small household in `folder`."""
    flags = [f"skills.disabled={OTHERS}", f"paths.data={folder / 'data'}", f"paths.cache={CACHE}", "tracking.to=off"]
    return load_settings(None, {}, flags)


def doll_skills(settings: Settings) -> SkillSet:
    """Its skills."""
    return open_skills(settings)


def cases_of(skills: Sequence[Skill]) -> list[Case]:
    """The skills' own examples that no evaluation set holds, as rows."""
    found = []
    for skill in skills:
        for example in skill.examples:
            words = {name: plain(said) for name, said in example.call.words.items()}
            case = Case(plain(example.text), skill.name, words, source="doll", group=plain(example.text))
            if not kept_back(case):
                found.append(case)
    return found


def make_doll(folder: Path, skills: Sequence[Skill]) -> Path:
    """Write the model: config, weights, tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = larger_prefix(skills).splitlines()
    by_name = {skill.name: skill for skill in skills}
    for case in cases_of(skills):
        call = write_call(Call(case.skill, case.words), by_name[case.skill], case.text)
        lines.append(larger_suffix(case.text, [(case.text, call)]))
    trained = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([line for text in lines for line in text.splitlines() if line] * 3),
        model_writer=trained,
        model_type="bpe",
        vocab_size=800,
        hard_vocab_limit=False,
        byte_fallback=True,
        split_digits=True,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        character_coverage=1.0,
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=-1,
        minloglevel=2,
    )
    (folder / "tokenizer.model").write_bytes(trained.getvalue())
    about = {"tokenizer_class": "LlamaTokenizer", "add_bos_token": True, "add_eos_token": False, "legacy": False}
    about |= {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(about), encoding="utf-8")
    size = sentencepiece.SentencePieceProcessor(model_proto=trained.getvalue()).vocab_size()
    torch.manual_seed(1)
    config = LlamaConfig(
        vocab_size=size, num_key_value_heads=1, max_position_embeddings=4096, bos_token_id=1, eos_token_id=2,
        tie_word_embeddings=False, **SHAPE,
    )  # fmt: skip
    model = LlamaForCausalLM(config)
    model.lm_head.weight.data.mul_(8)  # untrained weights hardly speak; an adapter alone could not make them
    model.save_pretrained(folder)
    return folder


def write_rows(folder: Path, cases: Sequence[Case]) -> Path:
    """A folder with train.jsonl."""
    folder.mkdir(parents=True, exist_ok=True)
    write_cases(folder / "train.jsonl", cases)
    return folder


def recipe(base: Path, score_on: Sequence[str] = (), plan: Plan | None = None, **changes: object) -> Recipe:
    """A recipe for the doll: LoRA in 32 bits on the processor."""
    usual: dict[str, object] = {
        "name": "doll", "method": "lora", "device": "cpu", "precision": "float32", "quantized": "q8_0",
        "lora": Lora(rank=16, alpha=32, dropout=0.1),
    }  # fmt: skip
    usual |= {"score_on": tuple(score_on), "plan": plan or short_plan(), **changes}
    return Recipe(base=Base(model=str(base)), **usual)  # type: ignore[arg-type]


def short_plan(**changes: object) -> Plan:
    """A few quick steps."""
    usual: dict[str, object] = {
        "passes": 2.0, "tokens_per_pack": 2400, "packs_per_step": 2, "peak_rate": 3e-3, "warmup_steps": 2,
        "validation_share": 0.2, "validate_steps": 4, "checkpoint_steps": 2,
    }  # fmt: skip
    return Plan(**{**usual, **changes})  # type: ignore[arg-type]


def train_in(folder: Path, work: Path, die_at: int = 0) -> None:
    """Train the doll of `folder`, or go on with it; kills its own process when step `die_at` is over.

    For a process of its own: `HARK_PATHS__CACHE` in its environment names the cache of the one that starts it.
    """

    @contextlib.contextmanager
    def bar(title: str, _total: int | None) -> Iterator[Callable[[int], None]]:
        def told(done: int) -> None:
            if title.startswith("training") and done == die_at:
                os.kill(os.getpid(), signal.SIGKILL)

        yield told

    torch.set_num_threads(1)
    settings = doll_settings(folder)
    plan = short_plan(passes=3.0)
    order = Order(recipe(folder / "base", plan=plan), settings, doll_skills(settings), work, folder / "rows", True, bar)
    Pipeline(order).run("train")
