"""`hark eval reproduce`: the same again, or what is not the same any more."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from fakes import ScriptedDecider, call

from assistant.cli import main
from assistant.commands.frame import UsageError
from assistant.config import Settings, load_settings
from assistant.models import BUNDLED
from assistant.skill import SkillError
from evals import running, runs
from evals.cases import Case, write_cases
from evals.running import MADE_BY, Order, Parts, measure, run_set
from evals.track import repeat
from evals.track.journal import find

TIMER = Case("set a timer for five minutes", "set_timer", {"duration": "five minutes"})
TIME = Case("what time is it", "tell_time")
DECIDES = {TIMER.text: call("set_timer", duration="five minutes"), TIME.text: call("tell_time")}


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    write_cases(tmp_path / "cases.jsonl", [TIMER, TIME, Case("well well", "none")])
    return tmp_path / "cases.jsonl"


def again(settings: Settings, run: runs.Run, script: dict[str, object]) -> repeat.Compared:
    """The run repeated with another script."""
    repeated = measure(repeat.prepare_again(settings, run), parts=Parts(ScriptedDecider(script)))
    assert repeated.name != run.name
    return repeat.hold_against(run, repeated, 0.001, settings)


def test_the_same_comes_out_the_same(cases: Path) -> None:
    """A run from the same inputs has every case alike, and says so in the history."""
    settings = load_settings(None, {}, ["decide.threshold=0.7", "tracking.to=files"])
    run = run_set(settings, Order(str(cases), limit=2), Parts(ScriptedDecider(DECIDES)))
    compared = again(load_settings(), run, DECIDES)
    assert (compared.n, compared.same, compared.largest) == (2, True, 0.0)
    repeated = find(load_settings(), "last")
    assert repeated.notes() == [f"repeats {run.name}; came out the same"]
    assert repeated.meta["settings"]["decide"]["threshold"] == 0.7


@pytest.mark.parametrize(
    ("after", "same"),
    [
        (call("set_timer", duration="five minutes").model_copy(update={"confidence": 0.9505}), True),
        (call("set_timer", duration="five minutes").model_copy(update={"confidence": 0.9515}), False),
        (call("set_timer", duration="five minutes").model_copy(update={"tier": "ask"}), False),
        (call("set_timer", duration="five minutes").model_copy(update={"args": {"duration": 5}}), False),
        (call("set_timer", duration="minutes"), False),
        (call("set_alarm"), False),
    ],
)
def test_what_came_out_otherwise_is_named(cases: Path, after: object, same: bool) -> None:
    """Another call or value, another way to it or a confidence beyond the tolerance is a difference, by its case."""
    settings = load_settings()
    run = run_set(settings, Order(str(cases)), Parts(ScriptedDecider(DECIDES)))
    compared = again(settings, run, {**DECIDES, TIMER.text: after})
    assert (compared.n, compared.same) == (3, same)
    assert [one.what for one in compared.different] == ([] if same else [TIMER.text])


def test_a_run_that_broke_off_is_compared_as_far_as_it_came(cases: Path) -> None:
    """Only what has evidence is compared; without any there is nothing to repeat."""
    settings = load_settings()
    run = run_set(settings, Order(str(cases)), Parts(ScriptedDecider(DECIDES)))
    lines = (run.folder / runs.EVIDENCE).read_text().splitlines(keepends=True)
    (run.folder / runs.EVIDENCE).write_text(lines[0])
    assert again(settings, run, DECIDES).n == 1
    (run.folder / runs.EVIDENCE).write_text("")
    with pytest.raises(SkillError, match="has no evidence"):
        repeat.prepare_again(settings, run)


def test_a_run_of_another_decider_is_neither_repeated_nor_gone_on_with(cases: Path) -> None:
    """What `hark finetune` scores is decided by one model alone, which no setting names."""
    settings = load_settings()
    order = Order(str(cases), name="alone", variant={MADE_BY: "hark finetune"})
    scored = run_set(settings, order, Parts(ScriptedDecider(DECIDES)))
    with pytest.raises(SkillError, match="alone was made by hark finetune, and is repeated by that command alone"):
        repeat.prepare_again(settings, scored)
    lines = (scored.folder / runs.EVIDENCE).read_text().splitlines(keepends=True)
    (scored.folder / runs.EVIDENCE).write_text(lines[0])
    meta = json.loads((scored.folder / runs.META).read_text())
    (scored.folder / runs.META).write_text(json.dumps({**meta, "status": runs.INTERRUPTED}))
    with pytest.raises(UsageError, match="made by hark finetune alone; use that command"):
        run_set(settings, Order(resume="alone"))
    assert len(runs.load("alone", settings).evidence()) == 1


def test_another_run_of_the_same_name_is_not_repeated_for_it(
    cases: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Its folder was deleted and its name given to a run of another day: that is said, by the identifier."""
    settings = load_settings(None, {"HARK_TRACKING__TO": "files"})
    with monkeypatch.context() as patch:
        patch.setattr(runs, "_now", lambda: "2026-01-01T00:00:00+00:00")
        gone = run_set(settings, Order(str(cases), name="first"), Parts(ScriptedDecider(DECIDES)))
    tracked = find(settings, "first").id
    shutil.rmtree(gone.folder)
    run_set(settings, Order(str(cases), name="first"), Parts(ScriptedDecider(DECIDES)))
    assert main(["eval", "reproduce", tracked]) == 1
    assert f"the evidence of {tracked} is not there any more; first is another run by now" in capfd.readouterr().err


def test_what_has_changed_is_named_and_nothing_is_run(cases: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A changed set, a missing one, other skills and another model are each named, with exit code 1."""
    settings = load_settings()
    run = run_set(settings, Order(str(cases), name="first"), Parts(ScriptedDecider(DECIDES)))
    meta = json.loads((run.folder / runs.META).read_text())
    count = len(runs.all(settings))

    def complaint(**changes: object) -> str:
        (run.folder / runs.META).write_text(json.dumps({**meta, **changes}))
        assert main(["eval", "reproduce", "first"]) == 1
        return capfd.readouterr().err

    cases.write_text(cases.read_text() + cases.read_text().splitlines()[0] + "\n")
    assert complaint() == f"hark: first cannot be repeated: the set {cases} has changed.\n"
    cases.unlink()
    assert f"the set {cases} is not there" in complaint()
    models = {**meta["models"], "skill": "ab" * 32, "larger": "cd" * 32}
    said = complaint(models=models, skills_hash="0", prompt_hash="0")
    now = meta["models"]["skill"][:12]
    assert f"the skill model has changed: it was abababababab and is {now}" in said
    assert "the larger model cdcdcdcdcdcd is not there" in said
    assert "the skills have changed; the prompt has changed" in said
    assert len(runs.all(settings)) == count


def test_a_model_is_found_by_its_checksum(cases: Path, tmp_path: Path) -> None:
    """A run of a model that is no longer in use, and was moved within the house, is repeated with that model."""
    shipped = next((BUNDLED / "skill").glob("*.gguf"))
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(shipped.read_bytes() + b"\0")
    environ = {"HARK_TRACKING__TO": "files"}
    run = run_set(
        load_settings(None, environ, [f"models.skill={mine}"]), Order(str(cases)), Parts(ScriptedDecider(DECIDES))
    )
    settings = load_settings(None, environ)
    assert repeat.settings_of(settings, run.meta).models.skill == str(mine)
    moved = settings.paths.data / "models" / "old.gguf"
    moved.parent.mkdir(parents=True)
    shutil.move(mine, moved)
    assert repeat.settings_of(settings, run.meta).models.skill == str(moved)
    assert repeat.changes(repeat.settings_of(settings, run.meta), run) == []
    moved.unlink()
    found = repeat.changes(repeat.settings_of(settings, run.meta), run)
    assert found == [f"the skill model {run.meta['models']['skill'][:12]} is not there"]


def test_ctrl_c_says_that_nothing_was_compared(
    cases: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A repetition that is broken off ends with 130 and one sentence."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    run_set(load_settings(), Order(str(cases), name="first"), Parts(ScriptedDecider(DECIDES)))
    monkeypatch.setattr(running, "measure", interrupt)
    assert main(["eval", "reproduce", "first"]) == 130
    sentence = "hark: stopped before all was repeated, so nothing was compared; first is as it was.\n"
    assert capfd.readouterr() == ("", sentence)


def test_an_unknown_run_is_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    """Wrong use, code 2."""
    assert main(["eval", "reproduce", "nothing"]) == 2
    assert capfd.readouterr().err == "hark: there is no run nothing; `hark eval history` shows them.\n"


@pytest.mark.model
def test_the_shipped_model_repeats_itself(cases: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """From the command line: a set is run, repeated, and is the same to the last digit of the confidence."""
    assert main(["eval", "run", str(cases), "--name", "first"]) == 0
    capfd.readouterr()
    assert main(["eval", "reproduce", "first", "--tolerance", "0"]) == 0
    assert "the same: all 3 as before, the largest difference 0" in capfd.readouterr().out
