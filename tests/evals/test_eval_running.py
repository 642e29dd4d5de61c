"""Running a set: what is decided, what is heard, and what is left to do."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from fakes import ScriptedDecider, ScriptedTranscriber, silence

from assistant.audio import write_wav
from assistant.commands.frame import UsageError
from assistant.config import Settings, load_settings
from assistant.process import WorkerFailed
from assistant.skill import ConfigError
from assistant.turn import Decision, Transcript
from evals import runs
from evals.cases import Case, write_cases
from evals.running import Order, Parts, items_of, measure, order_of, prepare, run_set

TIMER = Case("set a timer for five minutes", "set_timer", {"duration": "five minutes"}, group="t")
FILLER = [Case(f"what time is it {word}", "tell_time", source="s") for word in ("now", "please", "there", "then")]
RIGHT = Decision(skill="set_timer", words={"duration": "five minutes"}, args={"duration": 300}, confidence=0.9,
                 tier="shipped", ms=2.0)  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(None, {}, [f"paths.data={tmp_path / 'data'}", "tracking.to=off"])


def _set(folder: Path, cases: Sequence[Case]) -> str:
    write_cases(folder / "cases.jsonl", cases)
    return str(folder / "cases.jsonl")


@dataclass
class Breaking(ScriptedDecider):
    """Decides by its script until it is interrupted."""

    last: int = 10**9
    error: type[BaseException] = KeyboardInterrupt

    def decide(self, transcript: Transcript, *, now: dt.datetime) -> Decision:
        if len(self.asked) > self.last:
            raise self.error("the model stopped working")
        return super().decide(transcript, now=now)


@dataclass
class Clock(ScriptedDecider):
    """Remembers which time it was told."""

    times: set[dt.datetime] = field(default_factory=set)

    def decide(self, transcript: Transcript, *, now: dt.datetime) -> Decision:
        self.times.add(now)
        return super().decide(transcript, now=now)


def test_a_set_is_run_and_scored(settings: Settings, tmp_path: Path) -> None:
    """Every case has its line with the values that were wanted, and the score counts them."""
    decider = ScriptedDecider({TIMER.text: RIGHT})
    run = run_set(settings, Order(_set(tmp_path, [TIMER, *FILLER]), name="a"), Parts(decider))
    first, *rest = run.evidence()
    assert first.expected == ({"skill": "set_timer", "words": {"duration": "five minutes"}, "args": {"duration": 300}},)
    assert (first.skill, first.args, first.right) == ("set_timer", {"duration": 300}, True)
    assert not any(one.right for one in rest)
    score = run.score()
    assert score is not None
    assert score["kinds"]["text"]["right"]["right"] == 1
    assert score["kinds"]["text"]["missed_calls"]["right"] == 4
    assert run.meta["n"] == 5
    assert json.loads((run.folder / "run.json").read_text(encoding="utf-8"))["status"] == "done"


def test_every_case_is_decided_by_one_clock(settings: Settings, tmp_path: Path) -> None:
    """The wall clock of a run stands still, so that "tomorrow" is the same day in every run."""
    decider = Clock()
    run_set(settings, Order(_set(tmp_path, FILLER)), Parts(decider))
    (only,) = decider.times
    assert only.replace(tzinfo=None) == dt.datetime(2026, 3, 2, 10, 0)
    assert only.tzinfo is not None


def test_an_interrupted_run_goes_on_where_it_was(settings: Settings, tmp_path: Path) -> None:
    """What is done is not done again, and what comes out is what an uninterrupted run gives."""
    cases = _set(tmp_path, [TIMER, *FILLER, TIMER])
    script = {TIMER.text: RIGHT}
    with pytest.raises(KeyboardInterrupt):
        run_set(settings, Order(cases, name="broken"), Parts(Breaking(script, last=2)))
    half = runs.load("broken", settings)
    assert (half.meta["status"], len(half.evidence())) == ("interrupted", 2)
    decider = ScriptedDecider(script)
    mended = run_set(settings, Order(resume="broken"), Parts(decider))
    whole = run_set(settings, Order(cases, name="whole"), Parts(ScriptedDecider(script)))
    assert mended.evidence() == whole.evidence()
    assert len(decider.asked) == 1 + 4
    assert mended.score()["kinds"] == whole.score()["kinds"]  # type: ignore[index]


def test_a_run_that_is_whole_is_only_scored_again(settings: Settings, tmp_path: Path) -> None:
    """Resuming a run that has come to its end decides nothing."""
    run_set(settings, Order(_set(tmp_path, FILLER), name="a"), Parts(ScriptedDecider()))
    decider = ScriptedDecider()
    run_set(settings, Order(resume="a"), Parts(decider))
    assert decider.asked == []


def test_a_set_that_changed_is_not_gone_on_with(settings: Settings, tmp_path: Path) -> None:
    """Another case in the file is another set."""
    cases = _set(tmp_path, [TIMER, *FILLER])
    with pytest.raises(KeyboardInterrupt):
        run_set(settings, Order(cases, name="a"), Parts(Breaking(last=2)))
    _set(tmp_path, [TIMER, *FILLER[:-1], replace(FILLER[-1], text="what time is it over there")])
    with pytest.raises(UsageError, match="the cases of the set changed"):
        run_set(settings, Order(resume="a"), Parts(ScriptedDecider()))


def test_a_model_that_dies_costs_its_case_alone(settings: Settings, tmp_path: Path) -> None:
    """A case that could not be decided is neither right nor a refusal; the others are counted."""
    decider = Breaking({TIMER.text: RIGHT}, last=2, error=WorkerFailed)
    run = run_set(settings, Order(_set(tmp_path, [TIMER, *FILLER])), Parts(decider))
    found = run.score()["kinds"]["text"]  # type: ignore[index]
    assert found["unscored"] == {"n": 3, "of": 5, "why": {"the model stopped working": 3}}
    assert found["right"]["n"] == 2


def test_a_skill_that_is_not_here_cannot_be_scored(settings: Settings, tmp_path: Path) -> None:
    """A case of a skill that this house has left out says nothing about the model."""
    skills = settings.skills.model_copy(update={"disabled": ("weather",)})
    house = settings.model_copy(update={"skills": skills})
    cases = _set(tmp_path, [Case("is it cold", "weather"), *FILLER])
    run = run_set(house, Order(cases), Parts(ScriptedDecider()))
    assert run.evidence()[0].failed == "there is no skill weather in this house"


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (
            Case("what time is it", "tell_tme"),
            r"cases\.jsonl, line 5: there is no skill tell_tme; did you mean tell_time",
        ),
        (Case("brew coffee", "brew_coffee"), r"line 5: there is no skill brew_coffee"),
        (replace(TIMER, also=({"skill": "set_timr"},)), r"line 5: there is no skill set_timr; did you mean set_timer"),
    ],
)
def test_a_skill_that_nobody_has_is_said_at_once(settings: Settings, tmp_path: Path, case: Case, said: str) -> None:
    """A misspelt name would be wrong whatever is decided; so nothing is run, and its line is named."""
    with pytest.raises(UsageError, match=said):
        run_set(settings, Order(_set(tmp_path, [*FILLER, case])), Parts(ScriptedDecider()))
    assert runs.all(settings) == []


def test_a_recording_is_heard_beside_its_words(settings: Settings, tmp_path: Path) -> None:
    """A case with a recording is decided from its words and from what was heard; one without words from that alone."""
    write_wav(tmp_path / "clip.wav", silence())
    cases = [
        replace(TIMER, sound="clip.wav"),
        Case("", "tell_time", sound="clip.wav"),
        replace(TIMER, sound="gone.wav"),
    ]
    parts = Parts(
        ScriptedDecider({TIMER.text: RIGHT, "Set a timer for 5 minutes.": RIGHT}),
        ScriptedTranscriber(["Set a timer for 5 minutes.", "what time"]),
    )
    run = run_set(settings, Order(_set(tmp_path, cases)), parts)
    words, clip, wordless, gone = run.evidence()
    assert [one.kind for one in run.evidence()] == ["text", "sound", "sound", "sound"]
    assert (words.heard, clip.heard, wordless.heard) == (None, "Set a timer for 5 minutes.", "what time")
    assert clip.ms.keys() == {"transcribe", "decide"}
    assert "gone.wav" in gone.failed
    score = run.score()
    assert score is not None
    assert score["kinds"]["sound"]["word_error"]["value"] == 0
    assert (score["loss"]["sound"]["n"], score["loss"]["sound"]["difference"]["value"]) == (1, 0.0)


def test_a_recording_without_a_call_is_only_written_down(settings: Settings, tmp_path: Path) -> None:
    """A case that names no skill has a word error and nothing else."""
    write_wav(tmp_path / "clip.wav", silence())
    parts = Parts(ScriptedDecider(), ScriptedTranscriber(["hello world"]))
    run = run_set(settings, Order(_set(tmp_path, [Case("hello there world", "", sound="clip.wav")])), parts)
    found = run.score()["kinds"]["sound"]  # type: ignore[index]
    assert found["word_error"]["value"] == pytest.approx(1 / 3)
    assert found["right"]["n"] == 0


def test_what_a_set_asks_for() -> None:
    """Words come first and once a sentence; each voice and each level of noise is a clip of its own."""
    soft, hard = (replace(TIMER, tags=("voice:en+f3", level)) for level in ("snr:20", "snr:5"))
    found = [(one.kind, one.voice, one.snr_db) for one in items_of([soft, hard, replace(TIMER, tags=("voice:de",))])]
    assert found == [
        ("text", "", None),
        ("voice", "en+f3", 20.0),
        ("voice", "en+f3", 5.0),
        ("voice", "de", None),
    ]
    assert [one.snr_db for one in items_of([soft], noise=(10, 0))] == [None, 10, 0]
    assert [one.voice for one in items_of([TIMER, replace(TIMER, sound="a.wav")], voices=("de", "fr"))] == [
        "", "de", "fr", ""
    ]  # fmt: skip
    assert len(items_of([TIMER, TIMER])) == 2
    assert len(items_of([TIMER, soft])) == 2
    with pytest.raises(UsageError, match="snr:loud"):
        items_of([replace(soft, tags=("voice:en", "snr:loud"))])


@pytest.mark.parametrize("level", ["nan", "inf", "-4000", "1000"])
def test_a_level_of_which_no_noise_is_made_is_refused(level: str) -> None:
    """Before anything is run."""
    with pytest.raises(UsageError, match="dB over noise is no level; write one from -60 to 100"):
        items_of([replace(TIMER, tags=("voice:en", f"snr:{level}"))])


def test_a_voice_speaks_what_is_heard(settings: Settings, tmp_path: Path) -> None:
    """A spoken case is heard as sound of its own words, under the noise that was asked for; an unknown voice fails."""
    cases = [replace(TIMER, tags=("voice:en+f3",)), replace(FILLER[0], tags=("voice:martian",))]
    heard = ScriptedTranscriber([TIMER.text])
    run = run_set(settings, Order(_set(tmp_path, cases), noise=(12.0,)), Parts(ScriptedDecider(), heard))
    spoken, unknown = run.evidence()[2:]
    assert (spoken.kind, spoken.voice, spoken.snr_db, spoken.heard) == ("voice", "en+f3", 12.0, TIMER.text)
    assert "martian" in unknown.failed
    assert "en+f3, 12 dB" in run.score()["kinds"]["voice"]["by"]["condition"]  # type: ignore[index]


def test_a_voice_that_is_not_there_is_told_before_anything_is_run(settings: Settings, tmp_path: Path) -> None:
    """One that was named for every case leaves no run behind."""
    with pytest.raises(ConfigError, match="martian"):
        prepare(settings, Order(_set(tmp_path, FILLER), voices=("en-us", "martian")))
    assert runs.all(settings) == []


def test_noise_without_a_voice_is_said(settings: Settings, tmp_path: Path) -> None:
    """Noise under cases that nobody speaks would change nothing, so it is refused; a voice can be given to all."""
    cases = _set(tmp_path, FILLER[:2])
    with pytest.raises(UsageError, match="say --voice en-us"):
        prepare(settings, Order(cases, noise=(5.0,)))
    prepared = prepare(settings, Order(cases, noise=(5.0,), voices=("en-us",)))
    assert [(one.kind, one.snr_db) for one in prepared.items] == [("text", None)] * 2 + [("voice", 5.0)] * 2
    assert order_of(prepared.run.meta) == Order(cases, noise=(5.0,), voices=("en-us",))


def test_fewer_cases_are_taken_evenly(settings: Settings, tmp_path: Path) -> None:
    """`--limit` takes cases from the whole set, in its order."""
    cases = [Case(f"what time is it in room {at}", "tell_time") for at in range(100)]
    prepared = prepare(settings, Order(_set(tmp_path, cases), limit=4))
    assert [item.case.text.rpartition(" ")[2] for item in prepared.items] == ["0", "25", "50", "75"]


def test_progress_is_told_after_each_case(settings: Settings, tmp_path: Path) -> None:
    """Whoever shows a bar is told how many lines there are."""
    told: list[int] = []
    measure(prepare(settings, Order(_set(tmp_path, FILLER))), told.append, Parts(ScriptedDecider()))
    assert told == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("order", "said"),
    [(Order(), "name a set"), (Order("nothing-here"), "there is no set"), (Order(resume="x"), "there is no run x")],
)
def test_what_cannot_be_run_is_one_sentence(settings: Settings, order: Order, said: str) -> None:
    """An order that names no set or run leaves nothing behind."""
    with pytest.raises(UsageError, match=said):
        run_set(settings, order)
    assert runs.all(settings) == []


def test_an_empty_set_is_said(settings: Settings, tmp_path: Path) -> None:
    """A file without a case is no run."""
    with pytest.raises(UsageError, match="no case"):
        run_set(settings, Order(_set(tmp_path, [])))
    assert runs.all(settings) == []
