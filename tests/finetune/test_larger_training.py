"""Training a doll of a larger model: known losses, the same losses after kill -9 and with two processes, and refusals.

Tokens are made up here, so that nothing but torch is needed.
"""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import random
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from accelerate.state import AcceleratorState, GradientState, PartialState
from hub_server import Hub, serving
from larger_doll import SHAPE, doll_settings, recipe, short_plan, write_rows
from transformers import LlamaConfig, LlamaForCausalLM

from assistant.skill import ConfigError, MissingPiece, SkillError
from evals.cases import Case
from evals.sets import open_set
from finetune.larger import network, source
from finetune.larger.recipe import Base, Plan, Recipe, changed, read_recipe
from finetune.larger.rows import Row, make_pack, make_packs, read_sides
from finetune.larger.steps import Order, Pipeline, kept_back
from finetune.larger.train import CHECKPOINT, Lesson, Progress, Trainer, pack_loss
from finetune.rows import shipped_skills

pytestmark = [pytest.mark.train, pytest.mark.timeout(600)]
RECIPES = sorted((Path(__file__).parents[2] / "finetune" / "recipes").glob("*.toml"))
VOCABULARY = 60
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> source.Source:
    """A random Llama with a vocabulary of 60, in a folder that passes for a model."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(1)
    config = LlamaConfig(vocab_size=VOCABULARY, num_key_value_heads=1, max_position_embeddings=256, **SHAPE)
    model = LlamaForCausalLM(config)
    model.lm_head.weight.data.mul_(10)  # untrained weights hardly speak; an adapter alone could not make them
    model.save_pretrained(folder)
    (folder / "tokenizer.json").write_text("{}")
    return source.look_at(folder)


def row(number: int) -> Row:
    chance = random.Random(number)
    return Row(
        tuple(chance.randrange(3, VOCABULARY) for _ in range(4 + number % 3)),
        tuple(chance.randrange(3, VOCABULARY) for _ in range(2 + number % 2)),
    )


PREFIX = tuple(range(3, 15))
LESSON = Lesson(PREFIX, [row(number) for number in range(12)], [row(number) for number in range(12, 15)])
PLAN = short_plan(tokens_per_pack=30, packs_per_step=2, passes=3.0, validate_steps=3, checkpoint_steps=3, patience=99)


def trainer(base: source.Source, work: Path, plan: Plan = PLAN, **changes: object) -> Trainer:
    work.mkdir(parents=True, exist_ok=True)
    chosen = recipe(base.folder, plan=plan, **changes)
    device, four_bits = network.device_of(chosen)
    model = network.with_adapter(network.load_base(base, chosen, device, four_bits), chosen, save_memory=False)
    return Trainer(model, plan, work, "the same", cpu=True, autocast=four_bits)


def test_the_loss_is_that_of_the_call_alone(base: source.Source) -> None:
    """A pack's loss is the sum of the cross-entropies of call tokens, each row read by itself behind the prefix."""
    model = LlamaForCausalLM.from_pretrained(base.folder).eval()
    rows = [replace(row(number), weight=1.0 + number) for number in range(4)]
    with torch.no_grad():
        packed = pack_loss(model, make_pack(PREFIX, rows), CPU)
        by_hand = 0.0
        for one in rows:
            ids = torch.tensor([*PREFIX, *one.read, *one.call])
            chances = torch.log_softmax(model(ids[None]).logits[0].double(), dim=-1)
            first = len(PREFIX) + len(one.read)
            by_hand -= one.weight * float(sum(chances[at - 1, ids[at]] for at in range(first, len(ids))))
    assert float(packed) == pytest.approx(by_hand, rel=1e-4)


def test_untrained_weights_know_nothing(base: source.Source, tmp_path: Path) -> None:
    """Fresh weights lose the logarithm of the vocabulary, and an untrained adapter changes nothing of the base."""
    found = trainer(base, tmp_path).mean_loss(PREFIX, LESSON.validation)
    model = LlamaForCausalLM.from_pretrained(base.folder).eval()
    packs = make_packs(PREFIX, LESSON.validation, PLAN.tokens_per_pack)
    with torch.no_grad():
        lost = sum(float(pack_loss(model, pack, CPU)) for pack in packs)
    assert found == pytest.approx(lost / sum(len(one.call) for one in LESSON.validation), rel=1e-4)
    with torch.no_grad():
        model.lm_head.weight.div_(10)
        fresh = sum(float(pack_loss(model, pack, CPU)) for pack in packs)
    assert fresh / sum(len(one.call) for one in LESSON.validation) == pytest.approx(math.log(VOCABULARY), abs=0.3)


def test_rows_in_a_pack_do_not_see_each_other() -> None:
    """A row sees the prefix and itself, backwards, at the positions it would have alone."""
    pack = make_pack(PREFIX, [row(1), row(2)])
    visible = pack.visible()[0, 0]
    first, second = (pack.row == 1).nonzero().flatten(), (pack.row == 2).nonzero().flatten()
    assert not visible[second][:, first].any() and not visible[first][:, second].any()
    assert visible[second][:, : len(PREFIX)].all() and not visible.triu(1).any()
    assert pack.positions[second].tolist() == list(range(len(PREFIX), len(PREFIX) + len(second)))


def test_one_row_is_learnt_to_near_zero(base: source.Source, tmp_path: Path) -> None:
    """A single row's call is known by heart after eighty steps."""
    plan = short_plan(passes=80.0, tokens_per_pack=64, packs_per_step=1, peak_rate=1e-2, patience=99, validate_steps=20)
    one = trainer(base, tmp_path, plan, lora=recipe(base.folder).lora.model_copy(update={"dropout": 0.0}))
    progress = one.run(Lesson(PREFIX, [row(1)], [row(1)]))
    assert progress.best < 0.05 and (tmp_path / "adapter" / "adapter_model.safetensors").is_file()


def test_a_training_that_diverges_is_one_sentence(base: source.Source, tmp_path: Path) -> None:
    """A loss that is no number ends it before anything of that step is kept."""
    one = trainer(base, tmp_path, short_plan())
    with torch.no_grad():
        for _, weight in one._trained():
            weight.fill_(math.nan)
    with pytest.raises(SkillError, match=r"the loss of step 1 is no number; lower plan\.peak_rate"):
        one.run(LESSON)
    assert list(tmp_path.iterdir()) == []


def test_the_same_seed_gives_the_same_losses(base: source.Source, tmp_path: Path) -> None:
    """Two runs of a plan agree in every loss; another seed does not."""
    first = trainer(base, tmp_path / "a").run(LESSON)
    again = trainer(base, tmp_path / "b").run(LESSON)
    other = trainer(base, tmp_path / "c", PLAN.model_copy(update={"seed": 8})).run(LESSON)
    assert (first.losses, first.validations) == (again.losses, again.validations)
    assert first.losses != other.losses


def test_a_damaged_checkpoint_is_called_so(base: source.Source, tmp_path: Path) -> None:
    """One sentence says which file it is and that it may be deleted; without it a resumed training begins anew."""
    one = trainer(base, tmp_path)
    (tmp_path / CHECKPOINT).write_bytes(random.Random(1).randbytes(5000))
    with pytest.raises(SkillError, match=r"checkpoint\.pt is damaged; delete it to begin anew"):
        one.resume()
    (tmp_path / CHECKPOINT).unlink()
    assert not one.resume()


def in_a_process_of_its_own(work: Callable[[], None]) -> int:
    """Run it in a forked process, which may be killed; returns its exit code."""
    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join(120)
    assert process.exitcode is not None
    return process.exitcode


def test_a_training_killed_with_kill_9_goes_on_as_if_it_had_not_been(base: source.Source, tmp_path: Path) -> None:
    """Killed between two checkpoints and resumed, a training has the losses of an unbroken one, to the last digit."""

    def die(progress: Progress, _total: int) -> None:
        if progress.step == 5:
            os.kill(os.getpid(), signal.SIGKILL)

    assert in_a_process_of_its_own(lambda: trainer(base, tmp_path / "b").run(LESSON, die) and None) == -signal.SIGKILL
    assert (tmp_path / "b" / CHECKPOINT).is_file()
    whole = trainer(base, tmp_path / "a").run(LESSON)
    second = trainer(base, tmp_path / "b")
    assert second.resume() and second.progress.step == 3
    progress = second.run(LESSON)
    assert progress.step == whole.step > 5
    assert (progress.losses, progress.validations) == (whole.losses, whole.validations)


def test_a_checkpoint_of_something_else_is_refused(base: source.Source, tmp_path: Path) -> None:
    """Resuming with other rows or another recipe is one sentence."""
    trainer(base, tmp_path).save()
    other = trainer(base, tmp_path)
    other.identity = "another"
    with pytest.raises(ConfigError, match="another recipe, other rows or other skills"):
        other.resume()
    torch.save({"model": 1}, tmp_path / CHECKPOINT)  # as another command's trainer writes it
    with pytest.raises(ConfigError, match="another recipe, other rows or other skills"):
        other.resume()


def test_a_pass_sees_every_row(base: source.Source, tmp_path: Path) -> None:
    """A last step that is not full counts as one: three packs, two a step, are two steps."""
    plan = PLAN.model_copy(update={"tokens_per_pack": 1, "passes": 1.5})
    assert trainer(base, tmp_path, plan).steps(replace(LESSON, train=LESSON.train[:3])) == (2, 3)


def test_training_stops_when_validation_gets_no_better(base: source.Source, tmp_path: Path) -> None:
    """With a ruinous learning rate the run ends by its patience, and keeps the adapter of its best validation."""
    plan = PLAN.model_copy(update={"peak_rate": 5.0, "warmup_steps": 0, "patience": 2, "validate_steps": 1})
    progress = trainer(base, tmp_path, plan).run(LESSON)
    assert progress.ended == f"no better validation loss since step {progress.best_step}"
    assert progress.step == progress.best_step + 2


def test_two_processes_train_what_one_does(base: source.Source, tmp_path: Path) -> None:
    """Dealt out to two processes, as `accelerate launch` starts them, a plan has the losses of a single one."""
    undropped = recipe(base.folder).lora.model_copy(update={"dropout": 0.0})
    alone = trainer(base, tmp_path / "one", lora=undropped).run(LESSON)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])

    def helper(rank: int) -> None:
        for state in (PartialState, AcceleratorState, GradientState):
            state._reset_state()
        place = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "2"}
        os.environ.update(place | {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "ACCELERATE_USE_CPU": "true"})
        progress = trainer(base, tmp_path / "two", lora=undropped).run(LESSON)
        (tmp_path / f"{rank}.json").write_text(json.dumps([progress.losses, progress.validations]))

    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=helper, args=(rank,)) for rank in (0, 1)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(240)
        assert process.exitcode == 0
    for rank in (0, 1):
        losses, validations = json.loads((tmp_path / f"{rank}.json").read_text())
        assert [loss for _, loss in losses] == pytest.approx([loss for _, loss in alone.losses], rel=1e-4)
        assert [loss for _, loss in validations] == pytest.approx([loss for _, loss in alone.validations], rel=1e-4)


def test_four_bits_below_the_adapter(base: source.Source, tmp_path: Path) -> None:
    """Under qlora the base's layers are NF4, doubly quantised, the adapter is 32-bit, and the loss falls."""
    from bitsandbytes.nn import Linear4bit

    plan = PLAN.model_copy(update={"passes": 6.0})
    one = trainer(base, tmp_path, plan, method="qlora", precision="bfloat16")
    layers = [module for module in one.model.modules() if isinstance(module, Linear4bit)]
    assert len(layers) == 14  # seven in each of two layers; the output stays as it is
    assert all(layer.weight.quant_type == "nf4" and layer.weight.quant_state.nested for layer in layers)
    assert {weight.dtype for weight in one.model.parameters() if weight.requires_grad} == {torch.float32}
    progress = one.run(LESSON)
    assert progress.losses[-1][1] < 0.8 * progress.losses[0][1]


# --- what is refused, in one sentence --------------------------------------------------------------------------------


def order(recipe_: Recipe, folder: Path, rows: Sequence[Case]) -> Order:
    from assistant.registry import SkillSet, skills_hash

    skills = shipped_skills()
    known = SkillSet((), skills, (), skills_hash(skills))
    return Order(recipe_, doll_settings(folder), known, folder / "work", write_rows(folder / "rows", rows))


def test_qlora_without_a_gpu_is_refused_or_becomes_lora(base: source.Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """A qlora recipe needs CUDA; only one that says so falls back to 16-bit LoRA on the processor."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    wanted = recipe(base.folder, method="qlora", precision="bfloat16", device="auto")
    with pytest.raises(ConfigError, match="needs a CUDA GPU, and there is none"):
        network.device_of(wanted)
    assert network.device_of(wanted.model_copy(update={"without_gpu": "lora"})) == ("cpu", False)


def test_a_row_of_an_evaluation_set_is_refused(base: source.Source, tmp_path: Path) -> None:
    """A row that must-pass or quick holds stops the training, with file, line and sentence."""
    kept = next(case for case in open_set("quick").cases if case.text)
    fine = Case("zubble the frobnicator with care", "none", group="a")
    folder = write_rows(tmp_path / "rows", [fine, Case(f"please {kept.text}", kept.skill)])
    with pytest.raises(ConfigError, match=r"train.jsonl, line 2: .* belongs to an evaluation set"):
        read_sides(folder, PLAN, kept_back)


def test_a_malformed_row_stops_the_training(tmp_path: Path) -> None:
    """A line that is no case is named by file and line."""
    folder = tmp_path / "rows"
    folder.mkdir()
    (folder / "train.jsonl").write_text('{"text": "zubble", "skill": "none"}\n{"text": "x", "colour": 1}\n')
    with pytest.raises(ConfigError, match=r"train.jsonl, line 2"):
        read_sides(folder, PLAN, lambda _case: False)


def test_a_group_stays_on_its_side(tmp_path: Path) -> None:
    """Paraphrases are never on both sides, and a side does not change when rows are added."""
    cases = [Case(f"zubble number {n}", "none", group=f"g{n // 3}") for n in range(300)]
    few = read_sides(write_rows(tmp_path / "a", cases[:150]), PLAN, lambda _case: False)
    many = read_sides(write_rows(tmp_path / "b", cases), PLAN, lambda _case: False)
    assert not {case.group for case in many.train} & {case.group for case in many.validation}
    assert {case.group for case in few.validation} <= {case.group for case in many.validation}


def test_base_models_that_cannot_be_had(tmp_path: Path, base: source.Source) -> None:
    """A missing folder, a folder without weights and one that writes no text are one sentence each."""
    with pytest.raises(MissingPiece, match="there is no model folder"):
        source.fetch_base(Base(model=str(tmp_path / "nowhere")))
    with pytest.raises(ConfigError, match="no model folder"):
        source.fetch_base(Base(model=str(tmp_path)))
    (tmp_path / "config.json").write_text('{"architectures": ["BertModel"]}')
    with pytest.raises(ConfigError, match="BertModel"):
        source.fetch_base(Base(model=str(tmp_path)))
    (tmp_path / "config.json").write_text('{"architectures": ["LlamaForCausalLM"]}')
    with pytest.raises(ConfigError, match="no weights"):
        source.fetch_base(Base(model=str(tmp_path)))


def test_a_base_model_comes_from_a_hub(base: source.Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HF_ENDPOINT names the hub; the files land in its cache, and the other forms of the weights stay there."""
    files = {file.name: file.read_bytes() for file in base.folder.iterdir() if file.is_file()}
    hub = Hub("somebody/doll", {**files, "consolidated.safetensors": b"the same again"}, large=10**9)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    with serving(hub) as endpoint:
        monkeypatch.setenv("HF_ENDPOINT", endpoint)
        found = source.fetch_base(Base(model="somebody/doll"))
        assert found.fingerprint == base.fingerprint and found.folder != base.folder
        assert not (found.folder / "consolidated.safetensors").exists()
        hub.failures += [401] * 3
        with pytest.raises(MissingPiece, match="behind a licence"):
            source.fetch_base(Base(model="somebody/gated"))
    with pytest.raises(MissingPiece):
        source.fetch_base(Base(model="somebody/other"))


def test_too_little_memory_is_one_sentence(base: source.Source, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before loading it is said how much is needed; while training, what to make smaller."""
    with pytest.raises(MissingPiece, match=r"GB of memory and .* are free"):
        network.check_memory(10**15, "a giant")
    with pytest.raises(MissingPiece, match=r"lower plan.tokens_per_pack"), network.enough_memory():
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
    with pytest.raises(MissingPiece, match="memory is not enough"), network.enough_memory():
        torch.empty(2**60)
    with pytest.raises(RuntimeError, match="something else"), network.enough_memory():
        raise RuntimeError("something else")


def test_an_unfinished_training_is_not_begun_again_unasked(base: source.Source, tmp_path: Path) -> None:
    """Where a checkpoint lies, `--resume` is asked for; nothing is overwritten."""
    from assistant.commands.frame import UsageError

    (tmp_path / "work").mkdir()
    (tmp_path / "work" / CHECKPOINT).write_bytes(b"kept")
    with pytest.raises(UsageError, match="say --resume"):
        Pipeline(order(recipe(base.folder), tmp_path, [Case("zubble", "none")])).run("train")
    assert (tmp_path / "work" / CHECKPOINT).read_bytes() == b"kept"


def test_a_training_that_fails_at_once_leaves_no_folder(base: source.Source, tmp_path: Path) -> None:
    """Rows that are not there cost a sentence with the command that makes some, and no empty folder stays."""
    rows = tmp_path / "no rows"
    made = replace(order(recipe(base.folder), tmp_path, [Case("zubble", "none")]), rows=rows)
    made = replace(made, work=tmp_path / "finetune" / "mine")
    with pytest.raises(MissingPiece, match=f"hark data grow --to {rows} makes rows"):
        Pipeline(made).run("train")
    assert not (tmp_path / "finetune").exists()


def test_an_adapter_is_added_without_a_word(base: source.Source, recwarn: pytest.WarningsRecorder) -> None:
    """peft asks transformers for a name that it will lose; the warning is nobody's business here."""
    one = recipe(base.folder)
    network.with_adapter(network.load_base(base, one, "cpu", False, 0), one, save_memory=False)
    assert [str(one.message) for one in recwarn if issubclass(one.category, FutureWarning)] == []


# --- recipes and measuring -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [p for p in RECIPES if "[base]" in p.read_text()], ids=lambda path: path.stem)
def test_recipes_of_this_project_are_read(path: Path) -> None:
    """Every recipe is valid, names its licence and its launch command, and has a shape to measure by."""
    found = read_recipe(path)
    assert found.name == path.stem and found.base.licence and found.shape is not None
    launch = "accelerate launch --multi_gpu --num_processes 2 .venv/bin/hark finetune"
    assert f"{launch} finetune/recipes/{path.name}" in path.read_text()


def test_an_unknown_key_of_a_recipe_is_an_error_that_knows_better(tmp_path: Path) -> None:
    """A misspelt key is refused with the nearest known one."""
    (tmp_path / "r.toml").write_text('name = "x"\n[base]\nmodel = "a/b"\n[lora]\nrnk = 4\n')
    with pytest.raises(ConfigError, match=r"lora.rnk is no key of a recipe; did you mean lora.rank"):
        read_recipe(tmp_path / "r.toml")
    (tmp_path / "r.toml").write_text('name = "x"\n[base]\nmodel = "a/b"\n')
    whole = read_recipe(tmp_path / "r.toml")
    assert changed(whole, {"lora.rank": 4, "plan.seed": 3}, tmp_path / "r.toml").lora.rank == 4
    with pytest.raises(ConfigError, match=r"lora\.rank"):
        changed(whole, {"lora.rank": 0}, tmp_path / "r.toml")
    with pytest.raises(ConfigError, match=r'lora is a table; write the key of a change in quotes, as in "lora\.rank"'):
        changed(whole, {"lora": {"rank": 8}}, tmp_path / "r.toml")
