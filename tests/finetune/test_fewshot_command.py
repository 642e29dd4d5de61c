"""The command that trains the few-shot network and writes what ships."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest
from fewshot_pool import small_pool

from assistant.fewshot import Network
from evals.cases import write_cases
from finetune.fewshot.__main__ import main
from finetune.fewshot.export import write
from finetune.fewshot.train import Trainer

pytestmark = pytest.mark.train
RECIPE = """
threads = 1
[shape]
width = 16
heads = 2
feed_forward = 32
layers = 1
crossed = 1
[plan]
seed = 5
steps = 3
episodes = 2
sentences = 4
groups = 4
peak_rate = 1e-3
compile = false
half = false
"""


def test_the_command_trains_and_writes_what_ships(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`train` leaves a checkpoint, and `export` the weights with their checksum and a card that holds it."""
    recipe, work, to = tmp_path / "recipe.toml", tmp_path / "work", tmp_path / "shipped"
    recipe.write_text(RECIPE, encoding="utf-8")
    small_pool(tmp_path, monkeypatch)
    write_cases(tmp_path / "rows" / "dev.jsonl", [])
    given = [str(recipe), *(f"--{one}={tmp_path / one}" for one in ("rows", "data")), f"--work={work}", f"--to={to}"]
    for step in ("train", "export"):
        monkeypatch.setattr(sys, "argv", ["fewshot", step, *given])
        main()
    made = (to / "network.npz").read_bytes()
    digest = hashlib.sha256(made).hexdigest()
    assert capsys.readouterr().out.split()[0] == digest
    assert (to / "SHA256SUMS").read_text(encoding="utf-8") == f"{digest}  network.npz\n"
    assert digest in (to / "CARD.md").read_text(encoding="utf-8")
    assert sorted(path.name for path in to.iterdir()) == ["CARD.md", "SHA256SUMS", "network.npz"]
    assert Network.read(to / "network.npz").encode(("hello",)).shape == (2, 16)
    assert "then 3 of 2 episodes, seed 5; one core" in (to / "CARD.md").read_text(encoding="utf-8")


ROUNDS = """
[[further]]
seed = 7
steps = 4
share = 0.5
[[further]]
seed = 8
steps = 2
peak_rate = 1e-1
warmup_steps = 1
crossed = 2
dropout = 0.1
share = 0.75
"""


def trained(folder: Path) -> Path:
    """The weights of the second training as they are before the mean."""
    network, words, _ = Trainer.last(folder / "second")
    write(network, words, folder / "trained.npz")
    return folder / "trained.npz"


def test_the_card_tells_of_further_steps_where_there_were_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One recipe says all: from random weights the further steps are not told of, with `--begin` those of the round."""
    recipe, to = tmp_path / "recipe.toml", tmp_path / "shipped"
    recipe.write_text(RECIPE + ROUNDS, encoding="utf-8")
    small_pool(tmp_path, monkeypatch)
    write_cases(tmp_path / "rows" / "dev.jsonl", [])
    given = [str(recipe), *(f"--{one}={tmp_path / one}" for one in ("rows", "data")), f"--to={to}"]

    def told(step: str, *more: str) -> str:
        monkeypatch.setattr(sys, "argv", ["fewshot", step, *given, *more])
        main()
        return (to / "CARD.md").read_text(encoding="utf-8") if step == "export" else ""

    with pytest.raises(SystemExit):
        told("train", f"--work={tmp_path / 'none'}", "--round=1")
    assert "--round says which further round" in capsys.readouterr().err
    told("train", f"--work={tmp_path / 'first'}")
    assert "further steps" not in told("export", f"--work={tmp_path / 'first'}")
    begin = tmp_path / "begin.npz"
    begin.write_bytes((to / "network.npz").read_bytes())
    told("train", f"--work={tmp_path / 'round'}", f"--begin={begin}", "--round=1")
    found = told("export", f"--work={tmp_path / 'round'}", f"--begin={begin}", "--round=1")
    assert "Then 4 further steps" in found
    assert "2 further steps" not in found
    begin.write_bytes((to / "network.npz").read_bytes())
    with pytest.raises(SystemExit):
        told("train", f"--work={tmp_path / 'none'}", f"--begin={begin}", "--round=3")
    assert "the recipe has 2 further rounds, and --round 3 is none of them" in capsys.readouterr().err
    told("train", f"--work={tmp_path / 'second'}", f"--begin={begin}")
    found = told("export", f"--work={tmp_path / 'second'}", f"--begin={begin}")
    assert "then 3 of 2 episodes, seed 5" in found
    assert "Then 4 further steps from there, seed 7, whose weights are 50% of the mean with those before" in found
    assert "then 2 further steps from there, seed 8, whose weights are 75% of the mean with those before" in found
    first, last, mean = (Network.read(path)._w["tag.weight"] for path in (begin, trained(tmp_path), to / "network.npz"))
    np.testing.assert_allclose(mean, 0.25 * first + 0.75 * last, atol=2e-3)
    assert np.abs(last - first).max() > 0.02
