"""A Whisper with a shorter window: the same model, which reads less."""

from __future__ import annotations

import json
from pathlib import Path

import ctranslate2
import numpy as np
import pytest

from assistant import models, window
from assistant.audio import RATE_HZ, Audio
from assistant.cli import main
from assistant.config import Settings, load_settings
from assistant.skill import ConfigError
from assistant.transcribe import Transcriber
from evals.random_whisper import Shape, write_whisper

SHAPE = Shape(width=64, layers=1, heads=2)


@pytest.fixture(scope="module")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Whisper of a window of thirty seconds and few random weights."""
    folder = tmp_path_factory.mktemp("whisper") / "little"
    folder.mkdir()
    write_whisper(SHAPE, folder, vocabulary=300)
    return folder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty home."""
    return load_settings(None, {}, [f"paths.data={tmp_path / 'data'}", f"paths.cache={tmp_path / 'cache'}"])


def arrays(folder: Path) -> dict[str, tuple[tuple[int, ...], bytes]]:
    """Name -> shape and bytes of every array of a model."""
    path = folder / "model.bin"
    content = path.read_bytes()
    with path.open("rb") as file:
        found = window.variables(file, path)
    return {name: (one.shape, content[one.data : one.data + one.bytes]) for name, one in found.items()}


def made(settings: Settings, name: str) -> Path:
    return models.pulled_folder(settings) / name


def test_only_the_table_of_positions_is_cut(whisper: Path, settings: Settings) -> None:
    """Ten seconds have 500 positions, the first ones; every other array is the same to the byte."""
    assert window.make(settings, str(whisper), 10) == "little-10s"
    before, after = arrays(whisper), arrays(made(settings, "little-10s"))
    (rows, content), (kept, cut) = before.pop(window.POSITIONS), after.pop(window.POSITIONS)
    assert (rows, kept) == ((1500, 64), (500, 64))
    assert content.startswith(cut)
    assert before == after


def test_what_fits_is_encoded_as_before(whisper: Path, settings: Settings) -> None:
    """The cut model gives the same numbers for ten seconds of sound, and refuses more."""
    window.make(settings, str(whisper), 10)
    sound = np.random.default_rng(1).standard_normal((1, 80, 1002)).astype(np.float32)
    encoded = []
    for folder in (whisper, made(settings, "little-10s")):
        model = ctranslate2.models.Whisper(str(folder), device="cpu", compute_type="int8")
        encoded.append(np.array(model.encode(ctranslate2.StorageView.from_array(sound[:, :, :1000].copy()))))
    assert encoded[0].shape == (1, 500, 64)
    assert np.array_equal(encoded[0], encoded[1])
    with pytest.raises(ValueError, match="1000"):
        model.encode(ctranslate2.StorageView.from_array(sound))


def test_the_cut_model_hears_through_the_one_way(whisper: Path, settings: Settings) -> None:
    """It is padded to ten seconds, not to thirty, and longer speech is cut at ten."""
    window.make(settings, str(whisper), 10)
    cut = Transcriber(made(settings, "little-10s"))
    assert (Transcriber(whisper).window_s, cut.window_s) == (30.0, 10.0)
    assert cut._features(np.zeros(RATE_HZ, dtype=np.float32)).shape == [1, 80, 1000]
    assert cut.transcribe(Audio(np.zeros(RATE_HZ, dtype=np.float32), RATE_HZ)).text == ""


def test_a_cut_model_is_chosen_and_checked_like_a_pulled_one(whisper: Path, settings: Settings, tmp_path: Path) -> None:
    """`use`, `list` and `verify` know it by its name; a changed byte in it is found."""
    name = window.make(settings, str(whisper), 10)
    assert models.shortened(settings) == [name]
    models.use(settings, tmp_path / "hark.toml", name)
    chosen = load_settings(tmp_path / "hark.toml", {}, [f"paths.data={settings.paths.data}"])
    found = models.listening_model(chosen)
    assert (found.name, found.path) == (name, made(settings, name))
    assert (name, "") in models.verify(settings)
    binary = bytearray((found.path / "model.bin").read_bytes())
    binary[-2] ^= 1
    (found.path / "model.bin").write_bytes(binary)
    assert (name, "model.bin has changed or is damaged") in models.verify(settings)


def test_the_command_says_how_to_measure_and_to_use_it(
    whisper: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """What comes next stands in the answer, and the list shows what was made."""
    home = ["--set", f"paths.data={tmp_path / 'data'}"]
    assert main([*home, "models", "window", str(whisper), "--seconds", "8"]) == 0
    said = capfd.readouterr().out
    assert "hark eval listening FOLDER" in said
    assert "`hark models use little-8s`" in said
    assert main([*home, "models", "list"]) == 0
    assert "little-8s" in capfd.readouterr().out


WRONG = {30: "would not be shorter", 60: "would not be shorter", 2: "too short", 1: "too short"}


@pytest.mark.parametrize("seconds", WRONG)
def test_a_window_that_cannot_be_is_refused(whisper: Path, settings: Settings, seconds: int) -> None:
    """Nothing is left of it, and the sentence says why."""
    with pytest.raises(ConfigError, match=WRONG[seconds]):
        window.make(settings, str(whisper), seconds)
    assert models.shortened(settings) == []
    assert not made(settings, f"little-{seconds}s").exists()


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.99])
def test_a_damaged_model_is_not_cut(whisper: Path, settings: Settings, tmp_path: Path, share: float) -> None:
    """A file that ends too early is named, and nothing is installed."""
    broken = tmp_path / "broken"
    broken.mkdir()
    for file in whisper.iterdir():
        content = file.read_bytes()
        (broken / file.name).write_bytes(content[: int(share * len(content))] if file.suffix == ".bin" else content)
    with pytest.raises(ConfigError, match=r"broken.model\.bin"):
        window.make(settings, str(broken), 10)
    assert models.shortened(settings) == []


def test_a_folder_of_something_else_is_no_whisper(settings: Settings, tmp_path: Path) -> None:
    """Neither of the two forms that a Whisper comes in."""
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "llama"}), encoding="utf-8")
    with pytest.raises(ConfigError, match="is no Whisper"):
        window.make(settings, str(tmp_path), 10)
