"""A checkpoint is whole, or one sentence."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch

from assistant.skill import SkillError
from finetune.checkpoint import read_checkpoint

pytestmark = pytest.mark.train
STATE = {"step": 3, "losses": [(1, 0.5)], "weights": {"a": torch.arange(4000.0)}}


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    torch.save(STATE, tmp_path / "checkpoint.pt")
    return tmp_path / "checkpoint.pt"


def test_a_whole_one_is_read(checkpoint: Path) -> None:
    """What was saved comes back."""
    found = read_checkpoint(checkpoint)
    assert (found["step"], found["losses"]) == (3, [(1, 0.5)])
    assert torch.equal(found["weights"]["a"], torch.arange(4000.0))


@pytest.mark.parametrize("seed", range(40))
def test_random_bytes_are_called_damaged(checkpoint: Path, seed: int) -> None:
    """Whatever stands in the file, it is that one sentence; some bytes look like a pickle or an archive at first."""
    chance = random.Random(seed)
    begins = (b"", b"PK\x03\x04", b"\x80\x02", bytes([chance.randrange(256)]))[seed % 4]
    checkpoint.write_bytes(begins + chance.randbytes(chance.randrange(3000)))
    with pytest.raises(SkillError, match=f"{checkpoint} is damaged; delete it to begin anew"):
        read_checkpoint(checkpoint)


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.5, 0.99])
def test_one_that_was_cut_off_is_called_damaged(checkpoint: Path, kept: float) -> None:
    """As after a disk that was full."""
    content = checkpoint.read_bytes()
    checkpoint.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(SkillError, match="is damaged"):
        read_checkpoint(checkpoint)


def test_one_that_holds_no_entries_is_called_damaged(checkpoint: Path) -> None:
    """Something else that torch has saved is no checkpoint."""
    torch.save([1, 2], checkpoint)
    with pytest.raises(SkillError, match="is damaged"):
        read_checkpoint(checkpoint)


def test_one_of_another_training_is_told(checkpoint: Path) -> None:
    """It lacks an entry that the training needs."""
    assert read_checkpoint(checkpoint, "step", "losses")["step"] == 3
    with pytest.raises(SkillError, match=r"checkpoint\.pt was made by another training; name another --work"):
        read_checkpoint(checkpoint, "step", "words")


def test_one_that_is_not_there_is_not_damaged(tmp_path: Path) -> None:
    """The system's own error names it."""
    with pytest.raises(FileNotFoundError):
        read_checkpoint(tmp_path / "checkpoint.pt")


def test_every_training_reads_its_checkpoint_so() -> None:
    """torch.load stands in one place."""
    package = Path(__file__).parents[2] / "finetune"
    users = [
        path.relative_to(package).as_posix() for path in package.rglob("*.py") if "torch.load(" in path.read_text()
    ]
    assert users == ["checkpoint.py"]
