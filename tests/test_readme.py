"""The README is held to what it names: commands, settings, files, the skill it shows."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from assistant.cli import build, main
from assistant.config import load_settings
from assistant.registry import load_skills

ROOT = Path(__file__).parents[1]
PAGES = (
    *("README.md", "docs/accuracy.md", "docs/training.md", "docs/board.md", "CONTRIBUTING.md", "CHANGELOG.md"),
    *("samples/README.md", "examples/hark-skill-tea/README.md"),
)
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def between(mark: str) -> str:
    """What stands in the README between `<!-- mark -->` and `<!-- /mark -->`."""
    found = re.findall(rf"<!-- {mark} -->\n(.*?)<!-- /{mark} -->", README, re.DOTALL)
    assert len(found) == 1, f"the README has {len(found)} blocks marked {mark}"
    return str(found[0])


def command_lines(program: str) -> list[tuple[str, list[str]]]:
    """Each line of the pages' sh blocks that calls a program: the page, and the words after the program's name."""
    found = []
    for page in PAGES:
        for line in "".join(blocks(page, "sh")).splitlines():
            words = shlex.split(line, comments=True)
            if words and words[0].removeprefix(".venv/bin/") == program:
                found.append((page, words[1:]))
    return found


def leaves(command: Any) -> Iterator[Any]:
    """Every command below this one that has no commands of its own."""
    for below in getattr(command, "commands", {}).values():
        yield from leaves(below)
    if not hasattr(command, "commands"):
        yield command


@pytest.mark.parametrize(("page", "words"), [pytest.param(*c, id=" ".join(c[1])) for c in command_lines("hark")])
def test_every_hark_command_exists(
    page: str, words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each `hark` line of the pages is parsed by the real command, with its options, choices and files."""
    monkeypatch.chdir(tmp_path)
    for word in words:
        if word.endswith("/"):
            (tmp_path / word).mkdir()
        elif re.fullmatch(r"[\w-]+\.\w{3,5}", word):
            (tmp_path / word).touch()
    command = typer.main.get_command(build())
    reached: list[str] = []
    for leaf in leaves(command):
        leaf.callback = lambda name=leaf.name, **_: reached.append(name)
    command.main(args=words, prog_name="hark", standalone_mode=False)
    assert len(reached) == 1, f"{page}: hark {' '.join(words)}"


def test_the_pages_name_enough_commands() -> None:
    """Commands of every group are shown, so the check above is not empty."""
    shown = {word for _, words in command_lines("hark") for word in words[:1]}
    assert {"ask", "hear", "parse", "transcribe", "skills", "models", "trace", "doctor"} <= shown


def test_every_make_target_exists() -> None:
    """Each `make` line names targets of the Makefile."""
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    asked = {word for _, words in command_lines("make") for word in words}
    assert {"demo", "test"} <= asked <= targets


def test_every_python_module_exists() -> None:
    """Each `python -m` line names a module of this tree, or pytest, and files of this tree exist."""
    modules = [words[1] for _, words in command_lines("python") if words[0] == "-m"]
    assert modules
    for module in modules:
        place = ROOT / module.replace(".", "/")
        assert module == "pytest" or place.with_suffix(".py").is_file() or (place / "__main__.py").is_file(), module
    named = {word for _, words in command_lines("python") for word in words if word.endswith(".toml")}
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    """Every file or folder that a page links to exists."""
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"(?<!`)\[[^\]\n]*\]\(([^)#\s]+)[^)]*\)", re.sub(r"`[^`\n]*`", "", text))
    local = [link for link in links if not link.startswith(("http://", "https://"))]
    assert [link for link in local if not ((ROOT / page).parent / link).exists()] == []


def test_every_setting_shown_is_one(tmp_path: Path) -> None:
    """Each toml block of the README is a settings file that Hark takes, tables of skills included."""
    shown = blocks("README.md", "toml")
    assert len(shown) >= 3
    for number, block in enumerate(shown):
        file = tmp_path / f"{number}.toml"
        file.write_text(block, encoding="utf-8")
        load_skills(load_settings(file, {}))


@pytest.mark.timeout(240)
def test_the_skill_shown_is_the_one_that_is_written(tmp_path: Path) -> None:
    """`hark skills new coffee` writes, letter for letter, the file that the README explains; its own test passes."""
    assert main(["skills", "new", "coffee", "--folder", str(tmp_path)]) == 0
    written = (tmp_path / "coffee.py").read_text(encoding="utf-8")
    assert between("coffee") == f"```python\n{written}```\n"
    arguments = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_coffee.py")
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_transcript_shows_every_sample() -> None:
    """The transcript on the first screen has, for each recording in samples/, what was heard, called and answered."""
    shown = between("transcript")
    recordings = sorted(file.name for file in (ROOT / "samples").glob("*.wav"))
    assert re.findall(r"^[\w-]+\.wav$", shown, re.MULTILINE) == recordings
    for row in ("heard", "call", "answer", "time", "sound"):
        assert len(re.findall(rf"^{row} ", shown, re.MULTILINE)) == len(recordings), row


def test_the_two_commands_stand_on_the_first_screen() -> None:
    """Whoever opens the README sees both commands before scrolling."""
    first = README.splitlines()[:12]
    assert any(line.startswith("make demo") for line in first)
    assert any(line.startswith("make test") for line in first)


def test_every_figure_has_an_aim_and_a_value() -> None:
    """No row of the table of figures is left without what was aimed at and what was found."""
    rows = [line.split("|")[1:-1] for line in between("figures").splitlines() if line.startswith("|")][2:]
    assert len(rows) >= 12
    assert [row[0] for row in rows if len(row) != 3 or not all(cell.strip() for cell in row)] == []
