"""A plugin that writes down what was, decided by the models that ship."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.cli import main
from assistant.config import load_settings
from assistant.registry import load_skills

PILL = '''"""Pills."""

from assistant.skill import Context, When, skill


@skill(
    examples=[
        "i took my [aspirin](medicine)",
        "log an [ibuprofen](medicine) tablet",
        "i had the [cough syrup](medicine) at [eight this morning](taken)",
        "write down that i swallowed a [vitamin d](medicine) capsule [yesterday](taken)",
        "just had my [blood pressure](medicine) pill",
        "at [noon](taken) i took the [paracetamol](medicine)",
        "put down a dose of [antibiotics](medicine) for [last night](taken)",
        "[half past nine](taken) i used the [inhaler](medicine)",
    ]
)
def log_pill(_context: Context, *, medicine: str, taken: When | None = None) -> str:
    """Write down that a medicine was taken."""
    return f"{medicine}, {taken:%H:%M}." if taken else medicine
'''


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with that plugin alone, and the models that ship."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "pill.py").write_text(PILL)
    file = tmp_path / "hark.toml"
    file.write_text(f'[skills]\nfolders = ["{folder}"]\n[paths]\ndata = "{tmp_path / "data"}"\n')
    monkeypatch.setenv("HARK_CONFIG", str(file))
    return folder


@pytest.mark.model
@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("put down a dose of antibiotics for yesterday evening", "antibiotics, 19:00."),
        ("i had the cough syrup at half past six yesterday", "cough syrup, 06:30."),
        ("put down a dose of antibiotics for tomorrow", '"tomorrow" has not come yet. When was it?'),
    ],
)
def test_what_was_taken_is_written_down(house: Path, capfd: pytest.CaptureFixture[str], said: str, answer: str) -> None:
    """With the time at which it was; a time to come is asked about, and not left out."""
    assert main(["ask", said]) in (0, 1)
    assert capfd.readouterr().out.strip() == answer


def test_its_examples_can_be_read(house: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """At whatever hour `hark skills check` looks."""
    assert main(["skills", "check", str(house)]) == 0
    assert capfd.readouterr().out == "1 skill, nothing wrong\n"
    taken = load_skills(load_settings()).by_name["log_pill"].argument("taken")
    assert taken.reader == "past"
