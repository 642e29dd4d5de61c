"""The house's rules of who may import whom."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("assistant", "skills", "evals", "finetune")
MAY_IMPORT = {
    "assistant": {"assistant"},
    "skills": {"skills", "assistant.skill", "assistant.readers"},
    "evals": {"evals", "assistant"},
    "finetune": {"finetune", "evals", "assistant", "skills"},
}
ROOMS = {
    "av": {"assistant/audio.py"},
    "ctranslate2": {"assistant/transcribe.py"},
    "espeakng_loader": {"assistant/speak.py"},
    "faster_whisper": {"assistant/transcribe.py"},
    "gguf": {"assistant/gguf_llama.py"},
    "llama_cpp": {"assistant/model.py", "assistant/stock.py"},  # the bench's other way, which nothing else runs
    "llguidance": {"assistant/model.py"},
    "onnxruntime": {"assistant/ears/voice.py", "assistant/ears/wake.py"},
    "pymicro_wakeword": {"assistant/ears/wake.py"},
    "sounddevice": {"assistant/sound.py"},
    "tomlkit": {"assistant/models.py"},
}
"""Each heavy or special library, and the one file of what runs on the board that imports it."""
TRAINING = {"torch", "transformers", "peft", "tokenizers", "sklearn", "scipy", "soundfile", "jiwer"}


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(file: Path) -> Iterator[str]:
    """Every absolute name that a file imports, wherever in it; `from assistant import x` gives assistant.x."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: write imports in full"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_within(name: str, allowed: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_point_one_way(package: str) -> None:
    """finetune -> evals -> assistant, and skills know the author's page and the readers only."""
    found = files(package)
    assert found
    wrong = [
        f"{file.relative_to(ROOT)} imports {name}"
        for file in found
        for name in imported(file)
        if name.partition(".")[0] in PACKAGES and not is_within(name, MAY_IMPORT[package])
    ]
    assert wrong == []


def test_each_heavy_library_has_one_room() -> None:
    """On the board, a heavy library is imported by its own file and by no other."""
    rooms: dict[str, set[str]] = {library: set() for library in ROOMS}
    for package in ("assistant", "skills"):
        for file in files(package):
            for name in imported(file):
                if name.partition(".")[0] in rooms:
                    rooms[name.partition(".")[0]].add(file.relative_to(ROOT).as_posix())
    assert rooms == ROOMS


@pytest.mark.parametrize("package", ["assistant", "skills"])
def test_running_needs_nothing_of_training(package: str) -> None:
    """No file of what runs on the board imports a training library, not even late."""
    wrong = [f"{f.name}: {n}" for f in files(package) for n in imported(f) if n.partition(".")[0] in TRAINING]
    assert wrong == []


def test_no_room_is_called_after_nothing() -> None:
    """No file is named utils, common, manager or base."""
    names = {file.stem for package in PACKAGES for file in files(package)}
    assert not names & {"utils", "util", "common", "manager", "base", "helpers", "misc"}


WITHOUT = """
import importlib, pkgutil, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked!r}:
            raise ModuleNotFoundError(f"blocked: {{name}}", name=name)

sys.meta_path.insert(0, Blocker())
import skills
for module in pkgutil.iter_modules(skills.__path__):
    importlib.import_module(f"skills.{{module.name}}")
print(len(list(pkgutil.iter_modules(skills.__path__))))
"""


def test_skills_import_without_anything_heavy() -> None:
    """Every skill file imports where numpy, torch and the model libraries are absent."""
    blocked = {*TRAINING, *ROOMS, "numpy", "pydantic", "typer", "rich", "onnxruntime", "pymicro_wakeword"}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT.format(blocked=blocked)],
        capture_output=True,
        text=True,
        timeout=50,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 14


def test_the_command_starts_light() -> None:
    """Building the whole command imports no model library, no numpy and no drawing library."""
    code = (
        "import sys, assistant.cli; assistant.cli.build(); print(sorted(set(m.partition('.')[0] for m in sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50, check=True)
    loaded = set(ast.literal_eval(done.stdout))
    assert "typer" in loaded
    assert not loaded & {*TRAINING, *ROOMS, "numpy", "rich", "requests", "onnxruntime"}
