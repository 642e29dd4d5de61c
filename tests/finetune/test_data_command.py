"""`hark data` as a person meets it: grow, check, card, build, from-trace, and the review screen on a real terminal."""

from __future__ import annotations

import json
import re
import stat
import sys
import time
from pathlib import Path

import pexpect
import pyte
import pytest
from servers import ChatServer

from assistant.cli import main
from assistant.config import load_settings
from assistant.skill import Call
from assistant.trace import FILE, Database, Label, Trace
from assistant.turn import Decision, Reply, Transcript, Turn
from evals.cases import read_cases

GARDEN = '''
"""Garden."""
from assistant.skill import Context, Duration, skill

@skill(examples=[
    "water the [tomatoes](plant) for [ten minutes](duration)",
    "give the [basil](plant) some water",
    "[five minutes](duration) of water for the [roses](plant)",
    "sprinkle the [back garden](plant)",
    "my [lettuce](plant) is thirsty",
    "run the sprinkler on the [lawn](plant) for [half an hour](duration)",
])
def water(context: Context, *, plant: str, duration: Duration | None = None) -> str:
    """Water a plant."""
    return f"Watering {plant}."
'''


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A household with one skill of its own."""
    (tmp_path / "skills").mkdir()
    (tmp_path / "skills" / "garden.py").write_text(GARDEN)
    config = tmp_path / "hark.toml"
    config.write_text(f'[skills]\nfolders = ["{tmp_path / "skills"}"]\n[paths]\ndata = "{tmp_path / "data"}"\n')
    monkeypatch.setenv("HARK_CONFIG", str(config))
    return tmp_path


def grow(home: Path, *more: str) -> Path:
    folder = home / "set"
    assert main(["data", "grow", "--to", str(folder), "--skills", "water", "--count", "240", *more]) == 0
    return folder


def test_a_new_skill_grows_into_a_checked_dataset(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Grow prints the counts, the folder checks clean, and the card says version, licence, command and weaknesses."""
    folder = grow(home)
    said = capfd.readouterr().out
    assert "| water |" in said
    assert "| water.duration |" in said
    assert "| near-miss |" in said
    train = list(read_cases(folder / "train.jsonl"))
    assert len(train) > 80
    sides = {side: list(read_cases(folder / f"{side}.jsonl")) for side in ("train", "dev", "test")}
    mine = " + ".join(str(len({case.group for case in rows if case.skill == "water"})) for rows in sides.values())
    assert re.search(rf"^\| water \|.*\| {re.escape(mine)} \|$", said, re.MULTILINE)
    groups = " + ".join(str(len({case.group for case in rows})) for rows in sides.values())
    counts = "{} train, {} dev and {} test rows".format(*(len(rows) for rows in sides.values()))
    counts += f" of {groups} paraphrase groups"
    assert said.splitlines()[-1].endswith(counts)
    assert main(["data", "check", str(folder)]) == 0
    nobody = sum(case.skill == "none" for rows in sides.values() for case in rows)
    assert capfd.readouterr().out == f"{folder}: {counts}, 1 skill, {nobody} for nobody; nothing wrong\n"
    assert main(["data", "check", str(folder / "dev.jsonl")]) == 0
    assert f"{len(sides['dev'])} rows of " in capfd.readouterr().out
    card = (folder / "DATASET.md").read_text()
    version = json.loads((folder / "dataset.json").read_text())["version"]
    for needed in (version, "Apache-2.0", "hark", "Seeds: 20261120", "## Known weaknesses", "| water |"):
        assert needed in card
    assert main(["data", "card", str(folder)]) == 0
    assert capfd.readouterr().out == card


def test_growing_again_keeps_every_test_row_out_of_training(home: Path) -> None:
    """A second growth by another seed adds rows; what was test before is in no training row after."""
    folder = grow(home)
    before = {case.text for case in read_cases(folder / "test.jsonl")}
    first = len(list(read_cases(folder / "train.jsonl")))
    grow(home, "--seed", "7")
    train = {case.text for case in read_cases(folder / "train.jsonl")}
    assert len(train) > first
    assert before
    assert not before & train
    assert (
        "--seed 7" in (folder / "DATASET.md").read_text() or json.loads((folder / "dataset.json").read_text())["seeds"]
    )


def test_what_is_wrong_is_one_sentence(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A wrong skill, a wrong recipe, a bad row and a pipe instead of a terminal each end in a sentence."""
    assert main(["data", "grow", "--to", str(home / "x"), "--skills", "watr"]) == 1
    assert "there is no skill watr" in capfd.readouterr().err
    recipe = home / "r.toml"
    recipe.write_text('[[source]]\nkind = "grow"\nskils = ["water"]\n')
    assert main(["data", "build", str(recipe), "--to", str(home / "x")]) == 2
    assert "skils" in capfd.readouterr().err
    rows = home / "rows.jsonl"
    rows.write_text('{"text": "water it", "skill": "water", "words": {"plant": "tomatoes"}, "source": "me"}\n')
    recipe.write_text('[[source]]\nkind = "rows"\npath = "rows.jsonl"\n')
    assert main(["data", "build", str(recipe), "--to", str(home / "x")]) == 1
    assert "rows.jsonl, line 1" in capfd.readouterr().err
    assert not (home / "x" / "train.jsonl").exists()
    assert main(["data", "check", str(rows)]) == 1
    assert "rows.jsonl, line 1" in capfd.readouterr().out
    assert main(["data", "review", str(home)]) == 1
    assert "holds no dataset" in capfd.readouterr().err
    assert main(["data", "review", str(grow(home))]) == 2
    assert "needs a terminal" in capfd.readouterr().err


def keep(trace: Trace, name: str, text: str, call: Call | None) -> None:
    turn = Turn(
        id=name,
        at=load_settings().now(),
        transcript=Transcript(text=text),
        decision=Decision(skill="none"),
        reply=Reply(text="?"),
    )
    assert trace.keep(turn)
    if call is not None:
        trace.label(name, Label(call, str(call)))


def test_labelled_turns_become_rows_that_stay_here(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Labelled turns are rows of a private file, the last label counts; a dataset built of them says it is private."""
    trace = Trace(Database(home / "data" / FILE))
    keep(trace, "1", "The Fern needs a drink!", Call("none"))
    keep(trace, "2", "The fern needs a drink.", Call("water", {"plant": "fern"}))
    keep(trace, "3", "what a day it has been", None)
    keep(trace, "4", "paint my fence blue", Call("paint", {"color": "blue"}))
    file = home / "mine.jsonl"
    assert main(["data", "from-trace", "--to", str(file)]) == 0
    said = capfd.readouterr().out
    assert "1 of a skill that is not installed" in said
    (row,) = read_cases(file)
    assert (row.text, row.skill, dict(row.words)) == ("the fern needs a drink", "water", {"plant": "fern"})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    recipe = home / "r.toml"
    recipe.write_text(
        'seed = 3\n[[source]]\nkind = "trace"\n[[source]]\nkind = "grow"\nskills = ["water"]\ncount = 60\n'
    )
    assert main(["data", "build", str(recipe), "--to", str(home / "d")]) == 0
    assert "what a household said" in (home / "d" / "DATASET.md").read_text()
    assert "the fern needs a drink" in "".join(
        (home / "d" / f"{s}.jsonl").read_text() for s in ("train", "dev", "test")
    )


def test_a_diary_without_a_label_is_told_so(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing is written, and one sentence says that nothing is labelled and which command does it."""
    file = home / "mine.jsonl"
    assert main(["data", "from-trace", "--to", str(file)]) == 1
    said = capfd.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert "no turn of the diary is labelled" in said.err and "hark trace label last" in said.err
    assert not file.exists()


def test_a_paraphrasing_server_sees_examples_and_nothing_of_the_household(home: Path) -> None:
    """Paraphrases join the dataset under their own licence line; what the diary holds is in no request."""
    keep(Trace(Database(home / "data" / FILE)), "1", "The fern needs a drink.", Call("water", {"plant": "fern"}))
    reply = json.dumps({"paraphrases": ["hose down the [tomatoes](plant) during [ten minutes](duration)"]})
    recipe = home / "r.toml"
    with ChatServer(reply) as server:
        recipe.write_text(
            '[[source]]\nkind = "trace"\n'
            f'[[source]]\nkind = "grow"\nskills = ["water"]\ncount = 200\nparaphrase = "{server.url}/v1"\n'
        )
        assert main(["data", "build", str(recipe), "--to", str(home / "d")]) == 0
        asked = json.dumps([seen.body for seen in server.seen])
    assert "lettuce" in asked
    assert "fern" not in asked
    rows = [case for side in ("train", "dev", "test") for case in read_cases(home / "d" / f"{side}.jsonl")]
    assert any("hose down" in case.text for case in rows if case.source == "grown-paraphrase")
    assert (
        "| grown-paraphrase | written by stand-in, whose own licence applies |"
        in (home / "d" / "DATASET.md").read_text()
    )


@pytest.mark.model
@pytest.mark.timeout(150)
def test_rows_are_heard_by_the_listening_model(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """With --heard a third of the rows is spoken and heard; a second run hears nothing again and makes the same."""
    folder = grow(home, "--heard", "--count", "60")
    said = capfd.readouterr().out
    assert "heard-grown-examples" in said
    assert "heard: " in said
    version = json.loads((folder / "dataset.json").read_text())["version"]
    kept = (folder / "heard.jsonl.kept").read_bytes()
    grow(home, "--heard", "--count", "60")
    assert (folder / "heard.jsonl.kept").read_bytes() == kept
    assert json.loads((folder / "dataset.json").read_text())["version"] == version


@pytest.mark.timeout(400)  # two whole commands in a terminal; a few seconds each where nothing else runs
def test_a_person_reviews_on_a_real_terminal(home: Path) -> None:
    """On a terminal of 40 columns: keys act at once, killing it loses nothing, and the next sitting goes on there."""
    folder = grow(home)
    rows = len(list(read_cases(folder / "train.jsonl")))
    with Seen(folder, columns=40) as seen:
        seen.until("a good")
        seen.press("a", "1 done")
        seen.press("r", "2 done")
        seen.resize(70)
        seen.until("set · 2 done")  # the title stands there from 60 columns on
        seen.resize(40)
        seen.press("f", "leave it")
        seen.press("\x15nonsense\r", "write the")
        seen.press("\x1b", "a good")
        seen.press("p", "bad:")
        seen.press("1", "bad: 1")
        seen.child.kill(9)
    state = json.loads((folder / "review.json").read_text())
    assert [one["verdict"] for one in state["decisions"]] == ["accept", "reject"]
    with Seen(folder, columns=80) as seen:
        seen.until("2 done")
        seen.press("a", "3 done")
        seen.press("u", "2 done")
        seen.press("q", "rows looked at")
        seen.child.expect(pexpect.EOF)
    assert (folder / "accepted.jsonl").exists()
    left = sum(len(list(read_cases(folder / f"{side}.jsonl"))) for side in ("train", "dev", "test"))
    assert left >= rows - 1
    assert "| good as it was |" in (folder / "DATASET.md").read_text()


@pytest.mark.timeout(400)
def test_a_second_sitting_of_one_folder_is_refused(home: Path) -> None:
    """One sentence, and the first sitting keeps its decisions; when it has ended, or was killed, another may begin."""
    folder = grow(home)
    with Seen(folder, columns=80) as first:
        first.until("a good")
        first.press("a", "1 done")
        with Seen(folder, columns=80) as second:
            second.until("another hark data review of")
            second.child.expect(pexpect.EOF)
            second.child.close()
            assert second.child.exitstatus == 1
        first.press("a", "2 done")
        first.child.kill(9)
    assert len(json.loads((folder / "review.json").read_text())["decisions"]) == 2
    with Seen(folder, columns=80) as third:
        third.until("2 done")


class Seen:
    """`hark data review` in a pseudo-terminal, and what its screen shows."""

    def __init__(self, folder: Path, columns: int, lines: int = 20) -> None:
        program = ["-c", "import sys; from assistant.cli import main; sys.exit(main())", "data", "review", str(folder)]
        self.child = pexpect.spawn(sys.executable, program, dimensions=(lines, columns), timeout=180)
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)

    def __enter__(self) -> Seen:
        return self

    def __exit__(self, *_: object) -> None:
        self.child.close(force=True)

    def press(self, keys: str, then: str) -> None:
        self.child.send(keys)
        self.until(then)

    def resize(self, columns: int) -> None:
        """Pull the window's edge; the program is told by the system."""
        self._screen.resize(self._screen.lines, columns)
        self.child.setwinsize(self._screen.lines, columns)

    def until(self, wanted: str) -> None:
        """Read until the words are on the screen."""
        end = time.monotonic() + 180
        while time.monotonic() < end:
            shown = " ".join(" ".join(self._screen.display).replace("\u00a0", " ").split())
            if wanted in shown:
                return
            try:
                self._stream.feed(self.child.read_nonblocking(65536, timeout=0.2))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                break
        raise AssertionError(f"{wanted!r} did not come; the screen shows: {shown}")
