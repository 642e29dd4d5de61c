"""A doll learns a new skill end to end; what is killed, or would make something worse, leaves the old model in use."""

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
import torch

from assistant import learned, models
from assistant.config import Settings
from assistant.decide import Decider
from assistant.model import Model
from assistant.registry import SkillSet, load_skills
from assistant.skill import SkillError, parse_example
from assistant.turn import Transcript
from assistant.worker import Job
from assistant.writer import Writer
from finetune.learn import keeping, session
from finetune.learn.adapt import adapt, blend
from finetune.learn.loading import extend, load
from finetune.learn.rows import House, everything, holding_out
from finetune.learn.session import Wish, learn
from finetune.learn.task import Task
from finetune.skillmodel.tokens import encode
from finetune.skillmodel.train import Plan, loss_of

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


def test_brew_is_learned_taken_up_and_undone(made: tuple[Path, SkillSet], house: Settings) -> None:
    """The learned file knows `brew`, which the shipped one did not, nothing got worse, and undo goes back."""
    stages: list[str] = []
    outcome = learn(house, wish(made[0], told=lambda stage, _done, _total: stages.append(stage)))
    assert outcome is not None
    assert outcome.switched, outcome.sentence
    assert outcome.calibrated is not None
    assert 0 <= outcome.calibrated.after <= 1 and outcome.calibrated.n == 0  # of the doll's quick only skills are known
    assert list(dict.fromkeys(stages)) == ["learning", "measuring what is in use", "measuring what was learned"]
    path = models.skill_model(house)
    assert path.parent == learned.folder(house)
    assert [called(house, text)[0] for text in ("please brew a big mocha", "brew coffee")] == ["brew", "brew"]
    assert learn(house, wish(made[0])) is None
    base = models.checksum(house, models.bundled_skill_model())
    assert learned.undo(house, base).steps == ()
    assert models.skill_model(house) == models.bundled_skill_model()


def test_a_dry_run_changes_nothing(made: tuple[Path, SkillSet], house: Settings) -> None:
    """It measures, says what it would do, and leaves no file behind."""
    outcome = learn(house, wish(made[0], dry_run=True, effort=replace(houses.EFFORT, steps=4)))
    assert outcome is not None and not outcome.switched
    assert models.skill_model(house) == models.bundled_skill_model()
    assert [file.name for file in learned.folder(house).iterdir()] == [learned.LOCK]


def test_a_model_that_got_worse_is_refused(
    made: tuple[Path, SkillSet], house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where must-pass has a new failure the old model stays, and the sentence names it."""
    monkeypatch.setattr(session, "SHARES", (1.0,))  # part of the way there, not everything is broken yet
    outcome = learn(house, wish(made[0], effort=replace(houses.EFFORT, steps=20, rate=1.0)))
    assert outcome is not None and not outcome.switched
    assert outcome.verdict.must_pass.lost
    assert outcome.sentence.startswith("the old model stays in use, for this got worse: must-pass:")
    assert models.skill_model(house) == models.bundled_skill_model()


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
def test_a_killed_session_leaves_the_old_model(
    made: tuple[Path, SkillSet], monkeypatch: pytest.MonkeyPatch, how: signal.Signals, stage: str
) -> None:
    """Killed while it trains, or measures, it leaves the shipped model in use, and the next session may begin."""
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
    assert models.skill_model(settings) == models.bundled_skill_model()
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
    from finetune.learn.adapt import write

    path = next((made[0] / "bundled" / "skill").glob("*.gguf"))
    found = load(path)
    new = extend(found, [made[1].by_name["brew"]])
    assert new == ("brew(", "drink=", ", drink=")
    again = tmp_path / "again.gguf"
    write(found.model.eval(), found, found.skills, again)
    before, after = (Writer(Job(file, made[1].skills, shipped=True)) for file in (path, again))
    old, new_one = Model(path), Model(again)
    for text in ("set a timer for ten minutes", "tell me a joke", "brew some tea"):
        assert before.write(text, []) == after.write(text, [])
        assert old.tokenize(text) == new_one.tokenize(text) == found.tokenizer.encode(text).ids
    assert (len(old.tokenize("brew(drink=")) > 2, len(new_one.tokenize("brew(drink="))) == (True, 2)


def test_half_way_between_two_models_is_half_of_each(made: tuple[Path, SkillSet]) -> None:
    """Old tokens' weights are blended, those of new names are the new model's."""
    path = next((made[0] / "bundled" / "skill").glob("*.gguf"))
    old, new = load(path), load(path)
    extend(new, [made[1].by_name["brew"]])
    with torch.no_grad():
        for weight in new.model.parameters():
            weight.add_(1.0)
    mixed = blend(old.model, new.model, 0.25).state_dict()
    for name, value in old.model.state_dict().items():
        torch.testing.assert_close(mixed[name][: len(value)], value + 0.25)
    table = new.model.state_dict()["model.embed_tokens.weight"]
    torch.testing.assert_close(mixed["model.embed_tokens.weight"][-3:], table[-3:])


def test_held_out_phrasings_are_of_examples_that_no_row_grew_from(made: tuple[Path, SkillSet], house: Settings) -> None:
    """No group is on both sides, and with everything in, the held-out groups are there."""
    brew = made[1].by_name["brew"]
    more = tuple(parse_example(f"{verb} me [a drink](drink)", "brew") for verb in ("make", "pour", "fetch"))
    task = Task((replace(brew, examples=(*brew.examples, *more)),))
    making = House(house, made[1].skills, houses.KNOWN, 3)
    rows, whole = holding_out(task, making), everything(task, making)
    asked = {case.group for case in rows.held if case.skill == "brew"}
    assert asked
    assert not asked & {case.group for case in rows.own}
    assert asked <= {case.group for case in whole.own}


def test_what_was_known_moves_less_where_it_is_held_to(
    made: tuple[Path, SkillSet], house: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the same steps on the same rows, the model that is held to its old answers is nearer to them."""
    brew = made[1].by_name["brew"]
    rows = everything(Task((brew,)), House(house, made[1].skills, houses.KNOWN, 3))
    moved = []
    for held in (0.0, 2.0):
        monkeypatch.setattr(keeping, "HELD", held)
        start, base = load(models.bundled_skill_model()), load(models.bundled_skill_model())
        for one in (start, base):
            extend(one, [brew])
        model = adapt(start, rows, made[1].by_name, replace(houses.EFFORT, steps=60))
        monkeypatch.setattr(keeping, "HELD", 1.0)
        trainer = keeping.KeepingTrainer(replace(base, model=model, before=base.model), Plan(half=False, compile=False))
        known = [encode(case, base.tokenizer, made[1].by_name) for case in rows.replay[:200]]
        several = list(trainer.batches(known, 0))
        with torch.no_grad():
            moved.append(sum(float(trainer.loss(b) - loss_of(model, b, trainer.plan)) for b in several) / len(several))
    assert 0 < moved[1] < 0.7 * moved[0]
