"""What the journal keeps of a learning: what it was made from, and what it took into use. Nothing is trained here."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import learning_house as houses
import pytest
from kitchen import doll

from assistant import learned, models
from assistant.assemble import open_database
from assistant.config import Settings
from assistant.skill import Call, ConfigError
from assistant.trace import Label, Trace
from assistant.turn import Decision, Reply, Transcript, Turn
from evals.answers import Answer
from evals.cases import Case
from evals.intervals import Figure
from evals.track.inputs import changed_inputs
from evals.track.journal import find, maker
from finetune.learn import rows, session
from finetune.learn.confidence import Calibrated
from finetune.learn.scoring import Pair, Verdict
from finetune.learn.session import TAKEN, Session, Wish, learn
from finetune.learn.task import Task
from finetune.learn.trial import Draft

pytestmark = pytest.mark.train
HELD = [Case(f"brew a tea, number {at}", "brew", args_known=False, group=str(at)) for at in range(8)]
NOTHING = Pair("quick", (), ())


@dataclass
class Asked:
    """What a session measured with."""

    beside: str = "nothing was asked"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A tracked house whose shipped model is a doll, with a skill that it does not know."""
    bundled = tmp_path / "bundled" / "skill"
    bundled.mkdir(parents=True)
    shutil.copy(doll(), bundled / "doll.gguf")
    monkeypatch.setattr(models, "BUNDLED", tmp_path / "bundled")
    settings = houses.settings_of(tmp_path)
    (tmp_path / "data" / "skills").mkdir(parents=True)
    (tmp_path / "data" / "skills" / "brewing.py").write_text(houses.BREW, encoding="utf-8")
    return settings.model_copy(update={"tracking": settings.tracking.model_copy(update={"to": "files"})})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Rows, training and measuring are left out: every draft is the doll and a byte, better at `brew`."""
    found = Asked()

    def judged(self: Session, *_: object) -> Draft:
        file = self.work / "after.gguf"
        file.write_bytes(self.base.read_bytes() + b"learned")
        pair = Pair("brew", [Answer(case, "none") for case in HELD], [Answer(case, "brew") for case in HELD])
        return Draft(file, Verdict(NOTHING, NOTHING, {"brew": pair}), Calibrated(*2 * [Figure(0.1, 8, 0.05, 0.2)]))

    def answers(self: object, beside: str, name: str, sets: Mapping[str, object], _: int = 0) -> dict[str, tuple[()]]:
        found.beside = beside if "must-pass" in sets else found.beside
        return dict.fromkeys(sets, ())

    monkeypatch.setattr(rows, "rows_of", lambda *_: (rows.Rows((), ()), rows.Rows((), ())))
    monkeypatch.setattr(session, "adapt", lambda loaded, *_: loaded.model)
    monkeypatch.setattr(session.Bench, "answers", answers)
    monkeypatch.setattr(Session, "_judged", judged)
    return found


@pytest.mark.usefixtures("asked")
def test_what_was_learned_from_is_kept_by_checksum(house: Settings, tmp_path: Path) -> None:
    """A label, another example and another accepted row since are named; before, nothing is."""
    accepted = tmp_path / "accepted.jsonl"
    accepted.write_text('{"text": "brew a tea", "skill": "brew", "words": {"drink": "a tea"}}\n', encoding="utf-8")
    assert learn(house, Wish(dry_run=True, rows=(tmp_path,))) is not None
    record = find(house, "learn")
    assert changed_inputs(record, house) == []
    trace = Trace(open_database(house))
    unknown = Decision(skill="none", tier="shipped")
    turn = Turn(id="t", at=house.now(), transcript=Transcript(text="louder"), decision=unknown, reply=Reply(text=""))
    assert trace.keep(turn)
    trace.label("t", Label(Call("tell_joke"), "tell_joke()"))
    file = tmp_path / "data" / "skills" / "brewing.py"
    file.write_text(houses.BREW.replace("a large latte", "a latte"), encoding="utf-8")
    accepted.write_text(accepted.read_text(encoding="utf-8") * 2, encoding="utf-8")
    wanted = (
        f"skill_files.brewing has changed: {file} was ",
        f"rows.1 has changed: {accepted} was ",
        "the turns that were labelled have changed: there were 0 and are 1",
        "the skills have changed",
    )
    for found, beginning in zip(changed_inputs(record, house), wanted, strict=False):
        assert found.startswith(beginning)
    assert len(changed_inputs(record, house)) >= len(wanted)


@pytest.mark.usefixtures("asked")
def test_a_learning_says_that_it_began(house: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first row is grown, which takes long, somebody is told that it learns."""
    seen: list[str] = []

    def rows_of(*_: object) -> tuple[rows.Rows, rows.Rows]:
        seen.append("rows")
        return rows.Rows((), ()), rows.Rows((), ())

    monkeypatch.setattr(rows, "rows_of", rows_of)
    assert learn(house, Wish(dry_run=True, told=lambda stage, done, _total: seen.append(f"{stage} {done}"))) is not None
    assert seen[:2] == ["learning 0", "rows"]


def test_one_of_each_is_said_as_one(house: Settings) -> None:
    """The note of what a learning learns from counts as people do: 1 corrected turn, 1,200 rows."""
    said: list[str] = []
    tracking = SimpleNamespace(note=said.append)
    task = Task(labelled=(HELD[0],), corrected=frozenset({HELD[0].text}))
    asking = Session(house, Wish(), tracking, house.paths.data)  # type: ignore[arg-type]
    asking._tell_rows(task, rows.Rows((*HELD[:2],), (), (*HELD[:1],)), rows.Rows((*HELD[:1],), (*HELD * 150,)))
    assert said == [
        "learning no new skill and 1 corrected turn: 1 row of their own (2 with 1 phrasing held out), 1,200 replay"
    ]


@pytest.mark.usefixtures("asked")
def test_what_was_taken_into_use_is_named_by_its_checksum(house: Settings) -> None:
    """The learning that made the model in use is found by it, and says that it was taken, not that it is in use."""
    outcome = learn(house, Wish())
    assert outcome is not None and outcome.switched
    found = maker(house, learned.read(house).steps[-1].sha256)
    assert found is not None and found.id == find(house, "learn").id
    assert found.notes()[-1] == TAKEN


def test_a_repetition_is_measured_beside_what_was_in_use_then(house: Settings, asked: Asked) -> None:
    """Run dry, a learning that was learned already is learned again, against the model that the settings name."""
    assert learn(house, Wish()) is not None
    assert learn(house, Wish(dry_run=True)) is None  # it has been learned
    chosen = house.models.model_copy(update={"learned": models.NOTHING_LEARNED})
    alone = house.model_copy(update={"models": chosen})
    again = learn(alone, Wish(dry_run=True))
    assert again is not None and not again.switched
    assert asked.beside == models.NOTHING_LEARNED
    assert len(learned.read(house).steps) == 1
    with pytest.raises(ConfigError, match=r"models\.learned"):
        learn(alone, Wish())
