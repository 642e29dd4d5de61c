"""What `hark finetune` refuses before it waits for anything: rows, sets and names that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
from larger_doll import doll_settings, doll_skills, recipe, short_plan, write_rows

from assistant.commands.frame import UsageError
from assistant.skill import ConfigError, MissingPiece, SkillError
from evals.cases import Case, write_cases
from evals.sets import Kept, open_set
from finetune.data.dataset import Dataset, Facts
from finetune.data.gate import bare, measured
from finetune.data.review import REJECT, State
from finetune.larger.recipe import Recipe
from finetune.larger.rows import read_sides
from finetune.larger.steps import STEPS, Order, Pipeline

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
