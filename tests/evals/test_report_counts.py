"""What a report counts, and of what: no figure and no sentence of cases that it is not of."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from report_pages import made, page_of, timer

from assistant.audio import RATE_HZ, Audio
from assistant.cli import main
from assistant.config import load_settings
from evals import runs
from evals.answers import UNPARSABLE
from evals.cases import Case
from evals.report import hearing, sounds
from evals.report.changes import before
from evals.report.figures import Seen
from evals.report.sounds import Sounds
from evals.report.text import kind_of
from evals.runs import Evidence, Run


def known(text: str, whole: bool = True, **given: object) -> Evidence:
    """Somebody wanted the weather; whether anything but the skill is known of it."""
    case = Case(text, "weather", args_known=whole)
    return Evidence(case, **{"skill": "weather", "tier": "shipped", **given})  # type: ignore[arg-type]


def heard(text: str, said: str, **given: object) -> Evidence:
    """A recording that is only written down."""
    return Evidence(Case(text, "", sound=f"{text}.wav"), kind="sound", heard=said, **given)  # type: ignore[arg-type]


def spoken(text: str, voice: str = "en-us", **given: object) -> Evidence:
    """The weather, asked for by a synthetic voice."""
    fields = {"skill": "weather", "tier": "shipped", "kind": "voice", "voice": voice, "heard": text}
    return Evidence(Case(text, "weather"), **{**fields, **given})  # type: ignore[arg-type]


# --- the headline ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("evidence", "says"),
    [
        ([known("a"), known("b")], "Hark made the whole right call for 2 of 2 sentences"),
        ([known("a", whole=False)], "Hark picked the right skill for 1 of 1 sentences"),
        ([known("a", whole=False), known("b", failed="x")], "Hark picked the right skill for 1 of 1 sentences"),
        ([known("a", whole=False), spoken("b")], "Hark picked the right skill for 1 of 1 sentences"),
        ([known("a", whole=False), known("b", whole=False), known("c")], "Hark was right for 3 of 3 sentences"),
        (
            [known("a", whole=False), known("b", whole=False), known("c")],
            "1 of them are whole calls; of 2 cases the skill alone",
        ),
    ],
)
def test_whole_calls_are_claimed_only_where_all_are(tmp_path: Path, evidence: list[Evidence], says: str) -> None:
    """Where of some cases the skill alone is known, that is said; failed cases and those of other kinds say nothing."""
    assert says in page_of(made(evidence), tmp_path)[1].text


def test_where_nothing_could_be_scored_nothing_is_said_of_intervals(tmp_path: Path) -> None:
    """A run that failed as a whole has no interval to explain, and one of words no recordings that were heard worst."""
    text = page_of(made([timer(f"one {at}", failed="the model did not start") for at in range(3)]), tmp_path)[1].text
    assert "3 of 3 could not be scored" in text
    assert "The interval counts" not in text and "counts single cases" not in text
    assert "Heard worst" not in text


def test_groups_are_those_of_the_figure(tmp_path: Path) -> None:
    """A sentence without a call is in no share, and so none of the groups that its interval counts."""
    mine = [Evidence(Case(f"rain {at}", "weather", group="rain"), skill="weather") for at in range(2)]
    _, seen = page_of(made([*mine, Evidence(Case("and no call", ""))]), tmp_path)
    assert "for 2 of 2 sentences" in seen.text
    assert "The interval counts 1 group of paraphrases" in seen.text


# --- kinds of wrong --------------------------------------------------------------------------------------------------

EITHER = Case("maybe a timer", "none", also=({"skill": "set_timer", "words": {"name": "timer"}},))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Evidence(EITHER, skill="set_timer", words={"name": "a"}, tier="shipped"), "wrong words"),
        (Evidence(EITHER, skill="set_timer", words={"name": "a"}, tier="ask"), "wrong words"),
        (Evidence(EITHER, skill="weather", tier="shipped"), "called though nobody asked"),
        (Evidence(Case("hm", "none"), skill=UNPARSABLE, tier="decline"), "what was written is no call"),
        (timer("a", skill=UNPARSABLE, words={}, tier="decline"), "what was written is no call"),
    ],
)
def test_a_card_and_the_score_call_an_error_the_same(answer: Evidence, kind: str) -> None:
    """A right skill with wrong words is no false call, even where none() is right; what is no call is no refusal."""
    assert kind_of(answer) == kind
    assert answer.false_call == (kind == "called though nobody asked")
    assert not answer.refused


# --- times -----------------------------------------------------------------------------------------------------------


def test_times_are_those_of_the_score(tmp_path: Path) -> None:
    """What failed is in no time, each kind has its own drawing, and 0 ms is a time."""
    evidence = [known(f"a {at}", ms={"decide": float(at)}) for at in range(20)]
    evidence += [known(f"b {at}", failed="broken", ms={"decide": 9000.0}) for at in range(30)]
    evidence += [spoken(f"a {at}", ms={"transcribe": 40.0, "decide": 200.0}) for at in range(5)]
    run = made(evidence)
    drawn = hearing.times(Seen(run, run.evidence()))
    assert [one.name for one in drawn] == ["How long it takes, the words", "How long it takes, synthetic voices"]
    tables = [one.table.rows for one in drawn if one.table]
    assert tables[0] == [("decide", "0 ms", "9 ms", "18 ms", "19 ms", "20")]
    assert tables[1][0][2:] == ("40 ms", "40 ms", "40 ms", "5") and tables[1][2][0] == "together"
    _, seen = page_of(run, tmp_path)
    assert "9 msmedian; 95% within 18 ms" in seen.text.replace("\n", "")
    assert "median 9 ms, 95th percentile 18 ms" in seen.text


def test_clips_are_not_called_sentences(tmp_path: Path) -> None:
    """Two sentences in three voices are six clips."""
    evidence = [known(text) for text in ("rain", "snow")]
    evidence += [spoken(text, voice) for text in ("rain", "snow") for voice in ("en+f1", "en+f2", "en+f3")]
    assert "Of 6 clips decided both ways" in page_of(made(evidence), tmp_path)[1].text


# --- what it is held against -----------------------------------------------------------------------------------------


def test_an_earlier_run_that_is_spoilt_is_passed_over() -> None:
    """Another run's damage keeps nobody from the report of a healthy one: the run before it is taken."""
    made([known("a")], "first")
    spoilt = made([known("a")], "second")
    (spoilt.folder / runs.EVIDENCE).write_text("{\n")
    found = before(made([known("a")], "third"), runs.all(load_settings()))
    assert found is not None and found.name == "first"


def test_a_set_that_is_only_heard_has_a_second_report(tmp_path: Path) -> None:
    """Recordings without a call cannot be compared, so there is nothing that they are held against."""
    made([heard("rain", "reign")], "first")
    again = made([heard("rain", "rain")], "second")
    assert before(again, runs.all(load_settings())) is None
    assert "0% were heard wrong" in page_of(again, tmp_path)[1].text


# --- what is put into the page ---------------------------------------------------------------------------------------


def test_a_long_synthetic_voice_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is held to the same size as a recording, alone and all together, and leaves the room to those that fit."""
    import numpy as np

    seconds = {"short": 2, "minute": 60}
    said = lambda text, *_: Audio(np.zeros(seconds[text] * RATE_HZ, dtype=np.float32), RATE_HZ)  # noqa: E731
    monkeypatch.setattr(sounds, "spoken", said)
    monkeypatch.setattr(sounds, "ALL_SOUND_BYTES", 150_000)
    page = Sounds(tmp_path / "page.html", None)
    found = [page.address(spoken(text)) for text in ("minute", "short", "short", "short")]
    assert [bool(one) for one in found] == [False, True, True, False]
    assert len(base64.b64decode(found[1].partition(",")[2])) < 75_000


def test_half_a_letter_breaks_no_page(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """JSON can hold half of a surrogate pair: a set of such a name has a page, and such evidence is named by line."""
    run = made([known("rain today", skill="none")])
    assert "odd?.jsonl: 0%" in page_of(Run(run.folder, {**run.meta, "set": "odd\udce9.jsonl"}), tmp_path)[1].text
    file = run.folder / runs.EVIDENCE
    file.write_text(file.read_text().replace("rain today", "rain \\ud800 today"))
    assert main(["eval", "report"]) == 1
    assert f"line 1 of {file} is no evidence" in capfd.readouterr().err
