"""What a recipe costs on this machine, by steps on random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from larger_doll import short_plan

from assistant.cli import main
from finetune.larger.measure import measure
from finetune.larger.recipe import Base, Recipe, Shape
from finetune.rows import shipped_skills

pytestmark = pytest.mark.train


def test_a_recipe_is_measured_without_its_model(tmp_path: Path) -> None:
    """`--measure` runs steps on random weights of the recipe's shape, with progress; memory and speed are told."""
    shape = Shape(vocabulary=64, width=64, feed_forward=128, layers=2, heads=2, key_value_heads=1)
    wanted = Recipe(
        name="doll", method="lora", device="cpu", precision="float32", base=Base(model="nobody/nothing"), shape=shape,
        plan=short_plan(tokens_per_pack=300, packs_per_step=2),
    )  # fmt: skip
    steps: list[int] = []
    found: dict[str, Any] = measure(wanted, shipped_skills(), tmp_path, steps=2, told=steps.append).to_json()
    assert found["device"] == "cpu" and found["trained"] == 2 * 16 * (64 * 4 + 64 + 32 + 64 + 32 + 3 * (64 + 128))
    assert found["steps_per_second"] == pytest.approx(1 / found["seconds_per_step"], rel=0.01)
    assert found["tokens_per_step"] <= 2 * 300 and 0 < found["peak_gb"] < 16 and found["fits_card"]
    assert steps == [1, 2, 3, 4]
    assert list(tmp_path.iterdir()) == []


def test_measuring_that_is_broken_off_says_that_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C between two steps: one sentence, exit code 130, and no random weights left."""

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("finetune.larger.measure._timed", interrupted)
    recipe = tmp_path / "doll.toml"
    recipe.write_text(
        'name = "doll"\nmethod = "lora"\ndevice = "cpu"\nprecision = "float32"\n[base]\nmodel = "nobody/nothing"\n'
        "[shape]\nvocabulary = 64\nwidth = 64\nfeed_forward = 128\nlayers = 1\nheads = 2\nkey_value_heads = 1\n"
    )
    work = tmp_path / "work"
    assert main(["finetune", str(recipe), "--measure", "--work", str(work)]) == 130
    assert "stopped; nothing was measured, and nothing is kept" in capfd.readouterr().err
    assert list(work.iterdir()) == []
