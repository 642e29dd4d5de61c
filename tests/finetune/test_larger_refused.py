"""What `hark finetune` refuses before it waits for anything: rows, sets and names that are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hub_server import Hub, serving
from larger_doll import doll_settings, doll_skills, recipe, short_plan, write_rows

from assistant.commands.frame import UsageError
from assistant.skill import ConfigError, MissingPiece, SkillError
from evals.cases import Case, write_cases
from evals.sets import Kept, open_set
from finetune.data.dataset import Dataset, Facts
from finetune.data.gate import bare, measured
from finetune.data.review import REJECT, State
from finetune.larger import source, training
from finetune.larger.network import put_in_place
from finetune.larger.recipe import Base, Recipe
from finetune.larger.rows import read_sides
from finetune.larger.steps import STEPS, Order, Pipeline
from finetune.larger.train import Progress

pytestmark = pytest.mark.train
FAR = Path("somebody/gigabytes")


def pipeline(folder: Path, chosen: Recipe, rows: Path | None) -> Pipeline:
    settings = doll_settings(folder)
    return Pipeline(Order(chosen, settings, doll_skills(settings), folder / "work", rows))


def test_what_can_be_refused_at_once_is_refused_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong rows and a set that is not there are refused before a hub is asked for gigabytes, and nothing is begun."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody answers there
    one = write_rows(tmp_path / "rows", [Case("zubble", "none")])
    with pytest.raises(UsageError, match="there is no set and no file quikc"):
        pipeline(tmp_path, recipe(FAR, ["quikc"]), one).run("train", "score")
    with pytest.raises(MissingPiece, match=r"holds no train\.jsonl"):
        pipeline(tmp_path, recipe(FAR), tmp_path / "nowhere").run("train")
    with pytest.raises(UsageError, match="--rows FOLDER"):
        pipeline(tmp_path, recipe(FAR), None).run("train")
    with pytest.raises(ConfigError, match="to validate on"):
        pipeline(tmp_path, recipe(FAR, plan=short_plan(validation_share=1e-9)), one).run("train")
    assert not (tmp_path / "work").exists()


def test_rows_that_are_none_are_called_so(tmp_path: Path) -> None:
    """An empty train.jsonl has no rows; one whose groups all fall on one side says which share to change."""
    plan = short_plan()
    with pytest.raises(ConfigError, match=r"train\.jsonl has no rows; hark data grow --to"):
        read_sides(write_rows(tmp_path / "a", []), plan, lambda _case: False)
    one = write_rows(tmp_path / "b", [Case("zubble", "none")])
    with pytest.raises(ConfigError, match=r"to validate on; raise plan\.validation_share"):
        read_sides(one, plan.model_copy(update={"validation_share": 1e-9}), lambda _case: False)
    with pytest.raises(ConfigError, match=r"none trained on; lower plan\.validation_share"):
        read_sides(one, plan.model_copy(update={"validation_share": 1.0}), lambda _case: False)


def test_a_row_of_a_set_that_is_scored_on_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that stands in a file of score_on, or nearly, is named by file and line before a hub is asked."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody answers there
    mine = tmp_path / "mine.jsonl"
    write_cases(mine, [Case("", "", sound="only_heard.wav"), Case("brew a large pot of dark coffee", "none")])
    chosen = recipe(FAR, ["quick", str(mine)])
    for text in ("brew a large pot of dark coffee", "please brew the large pots of dark coffee"):
        rows = write_rows(tmp_path / "rows", [Case("zubble", "none"), Case(text, "none")])
        for steps in (STEPS, STEPS[:1]):
            with pytest.raises(ConfigError, match=r"train\.jsonl, line 2: .*mine\.jsonl\), or nearly"):
                pipeline(tmp_path, chosen, rows).run(*steps)
    assert not (tmp_path / "work").exists()
    rows = write_rows(tmp_path / "rows", [Case(f"zubble number {n}", "none", group=str(n)) for n in range(40)])
    with pytest.raises(MissingPiece, match="127"):  # rows that are like none of the set's go on to the hub
        pipeline(tmp_path, chosen, rows).run("train")


def test_a_near_repeat_of_our_sets_is_refused_as_by_the_gate(tmp_path: Path) -> None:
    """What the gate of `hark data check` calls nearly an evaluation sentence is refused, also below Kept's 92."""
    ours, kept = measured(), Kept()
    changed = (f"{case.text[:at]}{case.text[at + 2 :]}" for case in open_set("quick").cases for at in range(3, 9))
    near = next(text for text in changed if ours.near(bare(text)) and not kept.repeats(text))
    rows = write_rows(tmp_path / "rows", [Case("zubble", "none"), Case(near, "none")])
    with pytest.raises(ConfigError, match=r"train\.jsonl, line 2: .*one of Hark's own\), or nearly"):
        pipeline(tmp_path, recipe(FAR), rows).run("train")


def test_rows_that_were_rejected_are_not_trained_on(tmp_path: Path) -> None:
    """A review that was killed left a rejected row in train.jsonl: nothing is begun before a review has ended."""
    bad = Case("zubble", "none")
    Dataset({"train": (bad, Case("frobble", "none")), "dev": (), "test": ()}, Facts()).write(tmp_path / "rows")
    State.read(tmp_path / "rows").decide([(bad, REJECT)])
    with pytest.raises(SkillError, match=r"a review of .* was broken off"):
        pipeline(tmp_path, recipe(FAR), tmp_path / "rows").run("train")
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("[]", "no model folder"),
        ("5", "no model folder"),
        ('{"architectures": [5]}', r"\(its architecture is 5\)"),
        ('{"architectures": "LlamaForCausalLM"}', r"\(its architecture is not named\)"),
        ('{"architectures": {"LlamaForCausalLM": 1}}', r"\(its architecture is not named\)"),
    ],
)
def test_a_config_of_other_types_is_no_model(config: str, sentence: str, tmp_path: Path) -> None:
    """JSON that is no config, or names its architecture in another way, is one sentence."""
    (tmp_path / "config.json").write_text(config)
    with pytest.raises(ConfigError, match=sentence):
        source.look_at(tmp_path)


def test_a_download_that_breaks_off_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection cut in mid-file, an answer that is no hub's, a false address: the same command goes on."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    hub = Hub("somebody/doll", {"config.json": b"{}", "model.safetensors": b"x" * 5000}, drops=[100] * 20)
    broke_off = r"broke off \(.+\); the same command goes on"
    with serving(hub) as endpoint:
        monkeypatch.setenv("HF_ENDPOINT", endpoint)
        with pytest.raises(MissingPiece, match=broke_off):
            source.fetch_base(Base(model="somebody/doll"))
        hub.failures += [200]  # with nothing in it, as a portal's page has no JSON
        with pytest.raises(MissingPiece, match=broke_off):
            source.fetch_base(Base(model="somebody/other"))
    monkeypatch.setenv("HF_ENDPOINT", "hub.example.org")
    with pytest.raises(MissingPiece, match=broke_off):
        source.fetch_base(Base(model="somebody/other"))


def test_a_finished_training_without_its_adapter_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the adapter is gone, `--resume`, which leads nowhere, is not asked for; what to delete is said."""
    made = pipeline(tmp_path, recipe(FAR), None)
    made.work.mkdir()
    ended = Progress(step=10, best=1.0, best_step=5, ended="the plan's end")
    monkeypatch.setattr(training, "train", lambda *_: ended)
    gone = f"its adapter is gone; delete {made.work} to train anew"
    with pytest.raises(UsageError, match=gone):  # killed before the step was noted
        made._train(None, "same")
    (made.work / "checkpoint.pt").touch()
    (made.work / "steps.json").write_text(json.dumps({"train": {"from": "same"}}))
    with pytest.raises(UsageError, match=gone):
        made._train(None, "same")


def test_a_folder_stays_until_the_next_one_is_in_its_place(tmp_path: Path) -> None:
    """Where the new folder cannot be renamed, the old one is still there, aside; else nothing is left of it."""
    for name in ("new", "it"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    with pytest.raises(FileNotFoundError):
        put_in_place(tmp_path / "nowhere", tmp_path / "it")
    assert (tmp_path / "it.old" / "it").is_file()
    put_in_place(tmp_path / "new", tmp_path / "it")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == ["it", "it/new"]
