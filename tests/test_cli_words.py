"""What the command says where it is used wrongly, broken off at once, or works long into a pipe."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from assistant.cli import main
from assistant.commands.frame import progress, written_whole


def said(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capfd.readouterr()
    code = main(arguments)
    return code, capfd.readouterr().err


@pytest.mark.parametrize("rest", [["turn on the light"], [], ["--input", __file__], ["turn", "it", "on"]])
def test_one_sentence_for_parse_is_led_to_ask(rest: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """`hark parse "text"` is one sentence that shows what parse takes and what a single sentence is for."""
    code, sentence = said(capfd, "parse", *rest)
    assert code == 2
    assert sentence.count("\n") == 1
    assert "--input IN.jsonl --output OUT.jsonl" in sentence
    assert 'hark ask --no-act "TEXT"' in sentence


def test_a_missing_word_names_the_help_of_its_own_command(capfd: pytest.CaptureFixture[str]) -> None:
    """Behind "Missing argument" stands the command whose help knows it, and not the list of all commands."""
    code, sentence = said(capfd, "skills", "new")
    assert code == 2
    assert "`hark skills new --help` shows what it takes" in sentence


def test_a_skill_name_that_begins_with_a_digit_is_told_so(capfd: pytest.CaptureFixture[str]) -> None:
    """The sentence says the one thing that is wrong with "3d": what a name begins with."""
    code, sentence = said(capfd, "skills", "new", "3d")
    assert code == 2
    assert '"3d" is no good name for a skill; use small letters, digits and _, a letter first' in sentence


def test_one_skill_is_called_one_skill(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A file with one good skill is "1 skill"."""
    file = tmp_path / "tea.py"
    file.write_text(
        "from assistant.skill import Context, skill\n\n\n"
        '@skill(examples=["steep something", "steep"])\ndef steep(context: Context) -> str:\n    """Steep."""\n'
    )
    assert main(["skills", "check", str(file)]) == 0
    assert capfd.readouterr().out == "1 skill, nothing wrong\n"


@pytest.mark.parametrize("library", ["typer", "importlib.metadata", "assistant.commands.frame", "assistant.config"])
def test_control_c_while_it_starts_is_quiet(library: str) -> None:
    """An interrupt in the import of anything that the command needs ends it with 130 and without a word."""
    program = f"""
import sys
class Interrupted:
    def find_spec(self, name, path=None, target=None):
        if name == {library!r}:
            raise KeyboardInterrupt
for name in [one for one in sys.modules if one.startswith("importlib.metadata")]:
    del sys.modules[name]
sys.meta_path.insert(0, Interrupted())
from assistant.cli import main
sys.exit(main(["--version"]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=55, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_a_folder_that_refuses_is_told_by_the_file_asked_for(tmp_path: Path) -> None:
    """The error names the file that somebody wanted, and not the one that is written beside it."""
    wanted = tmp_path / "gone" / "report.html"
    with pytest.raises(OSError, match="No such file") as caught, written_whole(wanted):
        pass
    assert caught.value.filename == str(wanted)


def test_long_work_tells_a_pipe_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """With an interval a stage says that it begins and how far it is; without one a pipe stays silent."""
    with progress("learning", 600, line_every_s=0) as told:
        told(120)
    with progress("reading", None, line_every_s=0) as told:
        told(7)
    with progress("hearing", 9, line_every_s=3600) as told:
        told(3)
    with progress("parsing", 5) as told:
        told(2)
    assert capsys.readouterr().err.splitlines() == [
        "learning ...",
        "learning: 120 of 600",
        "reading ...",
        "reading: 7",
        "hearing ...",
    ]
