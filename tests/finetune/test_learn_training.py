"""A doll learns a new skill end to end; what is killed, or would make something worse, leaves all as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import learning_house as houses
import pytest

from assistant import compared, learned, models, unseen
from assistant.assemble import open_database
from assistant.config import Settings
from assistant.decide import Decider
from assistant.model import Model
from assistant.registry import SkillSet, load_skills
from assistant.skill import Call, ConfigError, SkillError, parse_example
from assistant.trace import Label, Trace
from assistant.turn import Decision, Reply, Transcript, Turn
from assistant.worker import Job
from assistant.writer import Writer
from evals.cases import Case, write_cases
from evals.sets import overheard
from finetune.data import growth
from finetune.learn import rows, trial
from finetune.learn.adapt import Known, write
from finetune.learn.loading import extend, load
from finetune.learn.rows import House, rows_of
from finetune.learn.session import Wish, learn
from finetune.learn.task import Task

pytestmark = [pytest.mark.train, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SkillSet]:
    """The trained doll, made once."""
    folder = tmp_path_factory.mktemp("house")
    return folder, houses.build(folder)


@pytest.fixture
def house(made: tuple[Path, SkillSet], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The doll's house, with nothing learned yet."""
    folder, _ = made
    monkeypatch.setattr(models, "BUNDLED", folder / "bundled")
    settings = houses.settings_of(folder)
    paths = settings.paths.model_copy(update={"data": tmp_path / "data"})
    (tmp_path / "data" / "skills").mkdir(parents=True)
    (tmp_path / "data" / "skills" / "brewing.py").write_text(houses.BREW, encoding="utf-8")
    skills = settings.skills.model_copy(update={"folders": (tmp_path / "data" / "skills",)})
    return settings.model_copy(update={"paths": paths, "skills": skills})


def wish(folder: Path, **changes: object) -> Wish:
    return replace(Wish(effort=houses.EFFORT, sets=houses.sets_of(folder)), **changes)  # type: ignore[arg-type]


def called(settings: Settings, text: str) -> tuple[str, dict[str, str], str]:
    with Decider(load_skills(settings), settings) as decider:
        found = decider.decide(Transcript(text=text), now=settings.now())
    return found.skill, dict(found.words), found.tier


def brewing(folder: Path) -> Path:
    """A household's own sentences: six wishes, of which it knows the skill alone, and talk."""
    drinks = ("a latte", "one espresso", "the espresso", "two lattes", "a cup of tea", "an americano")
    wishes = [Case(f"please brew {drink}", "brew", args_known=False) for drink in drinks]
    write_cases(folder / "mine.jsonl", [*wishes, Case("what a long day that was", "none")])
    return folder / "mine.jsonl"


def test_brew_is_learned_taken_up_and_undone(
    made: tuple[Path, SkillSet], house: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was learned knows `brew`, the shipped model beside it does all else, and undo goes back."""
    monkeypatch.setattr(compared, "doubted", lambda _text: 6.3)  # its examples are like most wishes, and sure of none
    stages: list[str] = []
    mine = brewing(tmp_path)
    outcome = learn(house, wish(made[0], measure=mine, told=lambda stage, _done, _total: stages.append(stage)))
    assert outcome is not None
    assert outcome.switched, outcome.sentence
    assert outcome.verdict.better == ("brew",)
    assert outcome.verdict.own.n == 7
    assert outcome.verdict.overheard.n > 200 and outcome.verdict.near["brew"].n > 20
    assert len({answer.group for answer in outcome.verdict.new["brew"].before}) == 4
    assert outcome.calibrated is not None
    assert (
        0 <= outcome.calibrated.after.value <= 1 and outcome.calibrated.n == 0
    )  # of the doll's quick only skills are known
    assert list(dict.fromkeys(stages)) == ["learning", "measuring what is in use", "measuring what was learned"]
    path = models.learned_model(house)
    assert path is not None and path.parent == learned.folder(house)
    assert models.skill_model(house) == models.bundled_skill_model()
    for text in ("please brew a cup of tea", "please brew an americano"):
        assert (called(house, text)[0], called(house, text)[2]) == ("brew", "learned")
    assert learn(house, wish(made[0], measure=mine)) is None
    base = models.checksum(house, models.bundled_skill_model())
    assert learned.undo(house, base).steps == ()
    assert models.learned_model(house) is None


def test_a_correction_is_learned_without_a_new_skill(made: tuple[Path, SkillSet], house: Settings) -> None:
    """What a person corrected is decided as it was meant, by what was learned, and by nobody's memory of the words."""
    alone = house.model_copy(update={"skills": house.skills.model_copy(update={"folders": ()})})
    said = ("louder than a lion by thirty", "give us a giggle about tigers")
    meant = (Call("set_volume", {"level": "thirty"}), Call("tell_joke"))
    trace = Trace(open_database(alone))
    for at, (text, call) in enumerate(zip(said, meant, strict=True)):
        transcript = Transcript(text=text)
        decision, reply = Decision(skill="none", tier="shipped"), Reply(text="")
        turn = Turn(id=f"t{at}", at=alone.now(), transcript=transcript, decision=decision, reply=reply)
        assert trace.keep(turn)
        trace.label(turn.id, Label(call, str(call)))
    outcome = learn(alone, wish(made[0]))
    assert outcome is not None and outcome.task.skills == ()
    assert outcome.switched, outcome.sentence
    assert outcome.verdict.corrections.right[1] > outcome.verdict.corrections.right[0]
    assert "learned" in {called(alone, text)[2] for text in said}


def test_a_dry_run_changes_nothing(made: tuple[Path, SkillSet], house: Settings) -> None:
    """It measures, says what it would do and, in one count, how much is measured, and leaves no file behind."""
    seen: list[tuple[int, int]] = []

    def told(stage: str, done: int, total: int) -> None:
        if stage == "measuring what is in use":
            seen.append((done, total))

    outcome = learn(house, wish(made[0], dry_run=True, effort=replace(houses.EFFORT, steps=4), told=told))
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]
    assert outcome is not None and not outcome.switched
    assert models.learned_model(house) is None
    assert [file.name for file in learned.folder(house).iterdir()] == [learned.LOCK]


def test_what_makes_anything_worse_is_refused(
    made: tuple[Path, SkillSet], house: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where must-pass has a new failure nothing is taken into use, and the sentence names it."""
    monkeypatch.setattr(trial, "SURER", (-9.0,))  # believed whatever it says,
    monkeypatch.setattr(unseen, "WORTH", 5.0)  # and whatever the examples say
    monkeypatch.setattr(rows, "REPLAY", 0)
    monkeypatch.setattr(growth, "NONE_SHARE", 0.0)  # all that it ever sees is `brew`
    write_cases(tmp_path / "must.jsonl", list(overheard())[:60])
    sets = replace(houses.sets_of(made[0]), must_pass=str(tmp_path / "must.jsonl"))
    outcome = learn(house, wish(made[0], effort=replace(houses.EFFORT, steps=60), sets=sets))
    assert outcome is not None and not outcome.switched
    assert outcome.verdict.must_pass.lost
    assert outcome.sentence.startswith("what was learned is not taken into use, for this got worse: must-pass:")
    assert models.learned_model(house) is None


@pytest.mark.parametrize("setting", ["skill", "learned"])
def test_a_house_with_models_of_its_own_learns_nothing(house: Settings, tmp_path: Path, setting: str) -> None:
    """What is learned stands beside the model that ships; where the settings name another, one sentence says so."""
    chosen = house.models.model_copy(update={setting: str(tmp_path / "own.gguf")})
    with pytest.raises(ConfigError, match=rf"models\.{setting}"):
        learn(house.model_copy(update={"models": chosen}), Wish())


RUNNER = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[2:4]
import learning_house as houses
from assistant import models
from finetune.learn.session import Wish, learn
folder = Path(sys.argv[1])
models.BUNDLED = folder / "bundled"
def told(stage, done, total):
    print(stage, done, flush=True)
learn(houses.settings_of(folder), Wish(effort=houses.EFFORT, sets=houses.sets_of(folder), told=told))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.parametrize("stage", ["learning 9", "measuring what was learned 5"])
def test_a_killed_session_leaves_all_as_it_was(
    made: tuple[Path, SkillSet], monkeypatch: pytest.MonkeyPatch, how: signal.Signals, stage: str
) -> None:
    """Killed while it trains, or measures, it leaves nothing in use, and the next session may begin."""
    folder = made[0]
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", RUNNER, str(folder), str(root), str(root / "tests" / "finetune")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ)
    assert process.stdout is not None
    assert any(line.strip() == stage for line in process.stdout), "it ended before it could be killed"
    process.send_signal(how)
    assert process.wait(timeout=60) != 0
    monkeypatch.setattr(models, "BUNDLED", folder / "bundled")
    settings = houses.settings_of(folder)
    assert models.learned_model(settings) is None
    assert not (learned.folder(settings) / learned.STATE).exists()
    deadline = time.monotonic() + 30
    with learned.locked(settings):  # the lock went with the process
        assert time.monotonic() < deadline


def test_another_session_is_refused_while_one_learns(made: tuple[Path, SkillSet], house: Settings) -> None:
    """Two sessions at once are one sentence."""
    with learned.locked(house), pytest.raises(SkillError, match="another hark learn is at work"):
        learn(house, wish(made[0]))


def test_weights_and_tokens_come_back_from_the_file_as_they_are(made: tuple[Path, SkillSet], tmp_path: Path) -> None:
    """Loaded, given new names and written again, the file gives the old tokens the very same numbers."""
    path = next((made[0] / "bundled" / "skill").glob("*.gguf"))
    found = load(path)
    new = extend(found, [made[1].by_name["brew"]])
    assert new == ("brew(", "drink=", ", drink=")
    again = tmp_path / "again.gguf"
    write(found.model.eval(), found, Known(found.skills, ["brew"]), again)
    before, after = (Writer(Job(file, made[1].skills, shipped=True)) for file in (path, again))
    old, new_one = Model(path), Model(again)
    for text in ("set a timer for ten minutes", "tell me a joke", "brew some tea"):
        assert before.write(text, []) == after.write(text, [])
        assert old.tokenize(text) == new_one.tokenize(text) == found.tokenizer.encode(text).ids
    assert (len(old.tokenize("brew(drink=")) > 2, len(new_one.tokenize("brew(drink="))) == (True, 2)


@pytest.mark.parametrize("kept", [0.0, 0.001, 0.5, 0.99])
def test_a_file_that_is_cut_off_is_no_skill_model(made: tuple[Path, SkillSet], tmp_path: Path, kept: float) -> None:
    """One sentence names it, wherever it ends; so it is with bytes that are no model at all."""
    content = next((made[0] / "bundled" / "skill").glob("*.gguf")).read_bytes()
    for bad in (content[: int(kept * len(content))], b"garbage" * int(1000 * kept)):
        (tmp_path / "bad.gguf").write_bytes(bad)
        with pytest.raises(ConfigError, match=r"bad\.gguf is no skill model of Hark's"):
            load(tmp_path / "bad.gguf")


def test_held_out_phrasings_are_of_examples_that_no_row_grew_from(made: tuple[Path, SkillSet], house: Settings) -> None:
    """No group is on both sides, and with everything in, the held-out groups are there."""
    brew = made[1].by_name["brew"]
    more = tuple(parse_example(f"{verb} me [a drink](drink)", "brew") for verb in ("make", "pour", "fetch"))
    task = Task((replace(brew, examples=(*brew.examples, *more)),))
    making = House(house, made[1].skills, houses.KNOWN, 3)
    first, whole = rows_of(task, making)
    asked = {case.group for case in first.held if case.skill == "brew"}
    assert asked
    assert not asked & {case.group for case in first.own}
    assert asked <= {case.group for case in whole.own}
