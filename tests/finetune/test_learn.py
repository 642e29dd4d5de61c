"""What was learned is in use, or not: the state file, going back, and what is said where nothing can be learned."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import sys
import types
from pathlib import Path

import pytest
from kitchen import doll

from assistant import learned, models
from assistant.cli import main
from assistant.config import Settings, load_settings
from assistant.skill import ConfigError, SkillError
from evals.track import repeat, tracked
from evals.track.anew import plan_again
from evals.track.journal import find
from finetune.commands import learn as command

REAL_SPEC = importlib.util.find_spec


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A house whose shipped skill model is a doll."""
    ship(tmp_path / "bundled", doll().read_bytes())
    monkeypatch.setattr(models, "BUNDLED", tmp_path / "bundled")
    monkeypatch.setenv("HARK_PATHS__DATA", str(tmp_path / "data"))
    return load_settings(None)


def ship(bundled: Path, content: bytes) -> None:
    """Put a model where those that ship are, with its checksum."""
    (bundled / "skill").mkdir(parents=True, exist_ok=True)
    (bundled / "skill" / "model.gguf").write_bytes(content)
    sums = f"{digest(bundled / 'skill' / 'model.gguf')}  model.gguf\n"
    (bundled / "skill" / "SHA256SUMS").write_text(sums, encoding="utf-8")


def take_up(settings: Settings, number: int) -> Path:
    """A learned model that differs from any other, taken into use."""
    folder = learned.folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "draft.gguf"
    draft.write_bytes(doll().read_bytes() + bytes([number]))
    step = learned.Step(f"skill-{number}.gguf", digest(draft), learned.now(settings), {f"skill_{number}": "0"})
    learned.adopt(settings, digest(models.bundled_skill_model()), draft, step)
    return folder / step.file


def test_the_learned_model_stands_beside_the_one_that_ships(settings: Settings) -> None:
    """After a step the diary's checksums and `verify` name both files, and before it there is only one."""
    assert models.learned_model(settings) is None
    assert "learned" not in models.checksums(settings)
    path = take_up(settings, 1)
    assert models.learned_model(settings) == path
    assert models.skill_model(settings) == models.bundled_skill_model()
    found = models.checksums(settings)
    assert (found["skill"], found["learned"]) == (digest(models.bundled_skill_model()), digest(path))
    assert any("learned" in name and not complaint for name, complaint in models.verify(settings))


def test_undo_goes_back_step_by_step_to_the_one_that_ships(settings: Settings) -> None:
    """Three steps are undone one after another, their files go with them, and a fourth undo is refused."""
    paths = [take_up(settings, number) for number in (1, 2, 3)]
    for path in reversed(paths):
        assert models.learned_model(settings) == path
        assert main(["learn", "--undo"]) == 0
        assert not path.exists()
    assert models.learned_model(settings) is None
    assert main(["learn", "--undo"]) == 1


def test_what_was_undone_can_be_measured_again(settings: Settings) -> None:
    """The file of an undone step is put aside, whole, and a run that was made with it is repeated with it."""
    path = take_up(settings, 1)
    made_with = models.checksums(settings)
    assert main(["learn", "--undo"]) == 0
    assert "learned" not in models.checksums(settings)
    aside = learned.folder(settings) / learned.EARLIER / path.name
    then = repeat.settings_of(settings, {"models": made_with})
    assert then.models.learned == str(aside)
    assert models.checksums(then) == made_with


def test_only_so_many_are_kept_aside(settings: Settings) -> None:
    """Those that no step names make room, the oldest first, and one that is in use again is not kept twice."""
    for number in range(learned.KEPT + learned.KEPT_ASIDE + 2):
        take_up(settings, number)
    aside = learned.folder(settings) / learned.EARLIER
    assert {file.name for file in aside.iterdir()} == {f"skill-{at}.gguf" for at in range(2, 2 + learned.KEPT_ASIDE)}
    take_up(settings, 4)
    names = {file.name for file in aside.iterdir()}
    assert "skill-4.gguf" not in names
    assert len(names) == learned.KEPT_ASIDE


def test_nothing_to_learn_is_told_from_all_learned(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Before anything was learned the sentence says what to make; afterwards that it is in use."""
    monkeypatch.setattr("finetune.commands.learn._check_extra", lambda: None)
    monkeypatch.setattr("finetune.commands.learn._learned", lambda *_: None)
    assert main(["learn"]) == 0
    assert "there is no new skill and no correction to learn; `hark skills new NAME`" in capfd.readouterr().out
    take_up(settings, 1)
    assert main(["learn"]) == 0
    assert "what there is to learn is in use already" in capfd.readouterr().out


def test_a_learning_that_was_undone_says_so(settings: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    """`hark eval history` says undone of the learning whose model that was, and of no other."""
    for number in (1, 2):
        with tracked(settings, kind="learn", name=f"learn-{number}") as tracking:
            tracking.artefact(take_up(settings, number), copy=False)
    assert main(["learn", "--undo"]) == 0
    capfd.readouterr()
    assert main(["eval", "history"]) == 0
    lines = capfd.readouterr().out.splitlines()
    first, second = (next(line for line in lines if f"learn-{number} " in line) for number in (1, 2))
    assert (" undone " in first, " undone " in second) == (False, True)


def test_a_learning_is_repeated_with_the_rows_that_came_along(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was in use then had been learned from rows that nobody named again; the command names all."""
    files = [tmp_path / "old.jsonl", tmp_path / "mine" / "accepted.jsonl"]
    files[1].parent.mkdir()
    for file in files:
        file.touch()
    monkeypatch.setattr(sys, "orig_argv", ["hark", "learn", "--rows=mine", "--json"])
    with tracked(settings, kind="learn", name="learn", inputs={"rows": files}):
        pass
    command = plan_again(find(settings, "last"), settings).command
    named = [word for file in files for word in ("--rows", str(file))]
    assert list(command) == ["hark", "learn", "--json", *named, "--dry-run"]


def test_a_learning_is_repeated_beside_what_was_in_use_then(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command is run dry, and names what had been learned before it: none, or that very file."""
    said = ["hark", "--set", "speech.rate=100", "learn", "--rows", "mine"]
    monkeypatch.setattr(sys, "orig_argv", said)
    found = []
    for number in (1, 2):
        with tracked(settings, kind="learn", name="learn"):
            pass
        found.append(find(settings, "last"))
        take_up(settings, number)
    paths = (models.NOTHING_LEARNED, learned.folder(settings) / "skill-1.gguf")
    for record, beside in zip(found, paths, strict=True):
        command = plan_again(record, settings).command
        assert list(command) == [*said[:3], "--set", f"models.learned={beside}", *said[3:], "--dry-run"]
    for file in learned.folder(settings).glob("skill-1.gguf"):
        file.unlink()
    with pytest.raises(SkillError, match="what had been learned before learn is not there any more"):
        plan_again(found[1], settings)


def test_only_so_many_steps_are_kept(settings: Settings) -> None:
    """The oldest models make room, and the folder holds no file that no step names."""
    for number in range(learned.KEPT + 2):
        take_up(settings, number)
    names = {step.file for step in learned.read(settings).steps}
    assert names == {file.name for file in learned.folder(settings).glob("*.gguf")}
    assert len(names) == learned.KEPT


def test_a_new_shipped_model_retires_what_was_learned_and_says_so_once(
    settings: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Another shipped model puts the learned one out of use, one sentence says so, and the old one brings it back."""
    path = take_up(settings, 1)
    ship(tmp_path / "bundled", doll(False).read_bytes())
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert models.learned_model(settings) is None
    assert [record.message for record in caplog.records if "retired" in record.message] == [
        "the skill model that ships is a new one and has retired what was learned; run hark learn again"
    ]
    assert main(["learn", "--undo"]) == 1
    ship(tmp_path / "bundled", doll().read_bytes())
    assert models.learned_model(settings) == path


@pytest.mark.parametrize("harm", ["cut", "gone"])
def test_a_learned_file_that_is_not_whole_is_not_used(
    settings: Settings, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A learned model that was cut off or deleted leaves the shipped one alone, with a sentence."""
    path = take_up(settings, 1)
    if harm == "cut":
        path.write_bytes(path.read_bytes()[:1000])
    else:
        path.unlink()
    assert models.learned_model(settings) is None
    assert "hark learn makes it anew" in caplog.text


STEP = {"file": "a.gguf", "sha256": "0", "at": "2026-11-22T10:00:00+00:00"}
WRONG = [{"file": 5}, {"file": "../a.gguf"}, {"at": "now"}, {"skills": 5}, {"rows_from": [5]}]
SPOILT = ["", "{", "[]", '{"base": 1}', '{"base": "a", "steps": [{}], "told": ""}']
SPOILT += [json.dumps({"base": "a", "steps": [STEP | wrong], "told": ""}) for wrong in WRONG]


@pytest.mark.parametrize("content", SPOILT)
def test_a_spoilt_state_file_means_that_the_one_that_ships_decides(
    settings: Settings, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever stands in the state file, the model that ships decides, with one sentence, and nothing is changed."""
    path = take_up(settings, 1)
    (learned.folder(settings) / learned.STATE).write_text(content, encoding="utf-8")
    for _ in range(3):
        assert models.learned_model(settings) is None
    (sentence,) = [record.getMessage() for record in caplog.records]
    assert "learned.json is damaged, so what was learned is not in use; put a copy of it back, or run hark" in sentence
    assert ("skill (learned)", sentence) in models.verify(settings)
    assert path.exists() and (learned.folder(settings) / learned.STATE).read_text(encoding="utf-8") == content


@pytest.mark.parametrize("words", [["models", "list"], ["models", "verify"], ["doctor"], ["learn", "--undo"]])
def test_the_commands_say_that_the_state_file_is_damaged(
    settings: Settings, words: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    """Whoever asks what is in use, or goes back, is told the file and what to do; all but a list leave with 1."""
    path = take_up(settings, 1)
    (learned.folder(settings) / learned.STATE).write_text("{", encoding="utf-8")
    assert main(words) == (0 if words[-1] == "list" else 1)
    said = capfd.readouterr()
    assert f"{learned.folder(settings) / learned.STATE} is damaged" in said.out + said.err
    assert "run hark learn" in said.out + said.err
    assert path.exists() and (learned.folder(settings) / learned.STATE).read_text(encoding="utf-8") == "{"


def test_a_spoilt_state_file_and_its_models_are_kept_when_something_new_is_learned(settings: Settings) -> None:
    """All that it may have named lies beside it, more than are kept of what is out of use; put back, it is in use."""
    folder = learned.folder(settings)
    before = [take_up(settings, number) for number in range(learned.KEPT)]
    whole = (folder / learned.STATE).read_text(encoding="utf-8")
    for name in ("damaged", "damaged-2"):
        (folder / learned.STATE).write_text("{", encoding="utf-8")
        new = take_up(settings, 7)
        assert models.learned_model(settings) == new
        assert [step.file for step in learned.read(settings).steps] == [new.name]
        assert (folder / name / learned.STATE).read_text(encoding="utf-8") == "{"
    kept = folder / learned.DAMAGED
    assert {file.name for file in kept.glob("*.gguf")} == {path.name for path in before}
    for file in kept.glob("*.gguf"):
        file.replace(folder / file.name)
    (folder / learned.STATE).write_text(whole, encoding="utf-8")
    assert models.learned_model(settings) == before[-1]


def test_a_model_that_the_settings_name_goes_before_what_was_learned(settings: Settings, tmp_path: Path) -> None:
    """`models.skill` is that very file, and nothing that was learned beside another stands beside it."""
    take_up(settings, 1)
    own = tmp_path / "own.gguf"
    own.write_bytes(doll().read_bytes())
    chosen = load_settings(None, flags=(f"models.skill={own}",))
    assert models.skill_model(chosen) == own
    assert models.learned_model(chosen) is None


def test_the_settings_may_name_what_was_learned_or_none_of_it(settings: Settings, tmp_path: Path) -> None:
    """`models.learned` is that very file, or nothing with "none"."""
    take_up(settings, 1)
    own = tmp_path / "own.gguf"
    own.write_bytes(doll().read_bytes())
    assert models.learned_model(load_settings(None, flags=(f"models.learned={own}",))) == own
    assert models.learned_model(load_settings(None, flags=("models.learned=none",))) is None
    with pytest.raises(ConfigError, match=r"models\.learned: .*none\.gguf"):
        models.learned_model(load_settings(None, flags=(f"models.learned={tmp_path / 'none.gguf'}",)))


def test_models_list_says_what_was_learned(settings: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    """`hark models list` names the learned skills and the way back."""
    take_up(settings, 7)
    assert main(["models", "list"]) == 0
    line = next(line for line in capfd.readouterr().out.splitlines() if line.startswith("learned:"))
    assert "skill-7.gguf" in line and "skill_7" in line and "hark learn --undo" in line


def test_undo_prints_one_object_with_json(settings: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    """`hark learn --undo --json` is one JSON object with the sentence."""
    take_up(settings, 1)
    assert main(["learn", "--undo", "--json"]) == 0
    assert "ships is in use alone again" in json.loads(capfd.readouterr().out)["sentence"]


@pytest.mark.usefixtures("settings")
def test_without_torch_one_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """On a board without torch `hark learn` names the install command and leaves with 1; going back needs none."""

    def without_torch(name: str, *more: str) -> object:
        return None if name == "torch" else REAL_SPEC(name, *more)

    monkeypatch.setattr(command.importlib.util, "find_spec", without_torch)
    assert main(["learn"]) == 1
    said = capfd.readouterr()
    assert "torch" in said.err and "pip install 'hark[train]'" in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert main(["learn", "--undo"]) == 1
    assert "nothing was learned" in capfd.readouterr().err


@pytest.mark.parametrize("damaged", [False, True])
@pytest.mark.parametrize(("late", "says"), [(False, "nothing was changed"), (True, "hark learn --undo goes back")])
def test_ctrl_c_says_what_became_of_it(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    late: bool,
    says: str,
    damaged: bool,
) -> None:
    """A learning that is broken off says in one line whether anything is in use that was not before, and leaves 130."""

    def learn(_settings: Settings, _wish: object) -> None:
        if late:
            take_up(settings, 1)
        raise KeyboardInterrupt

    session = types.ModuleType("finetune.learn.session")
    session.__dict__.update(learn=learn, Wish=lambda **wish: wish)
    monkeypatch.setitem(sys.modules, "finetune.learn.session", session)
    monkeypatch.setattr("finetune.learn.session", session, raising=False)
    monkeypatch.setattr(command, "_check_extra", lambda: None)
    if damaged:
        learned.folder(settings).mkdir(parents=True)
        (learned.folder(settings) / learned.STATE).write_text("{", encoding="utf-8")
    assert main(["learn"]) == 130
    said = capfd.readouterr()
    # One line more says where the damaged state is kept.
    assert (said.out, said.err.count("\n")) == ("", 1 + (late and damaged))
    assert says in said.err


def test_two_cannot_learn_at_once(settings: Settings) -> None:
    """The folder is one session's alone."""
    with learned.locked(settings), pytest.raises(BlockingIOError), learned.locked(settings):
        pass
