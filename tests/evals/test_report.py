"""The report of a run: what is on the page, that it is whole in one file, and that what people said stays words."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import random
import re
from pathlib import Path

import numpy as np
import pytest
from report_pages import ARGUMENTS, made, page_of, timer

from assistant.audio import RATE_HZ, Audio, write_wav
from assistant.cli import main
from assistant.config import load_settings
from assistant.skill import SkillError
from evals import runs
from evals.cases import Case
from evals.intervals import Share, wilson
from evals.report.build import Beside, report
from evals.report.changes import before
from evals.report.staircase import ladders_folder, last_ladder
from evals.report.text import kind_of
from evals.runs import Evidence
from evals.scoring import headline, score_evidence


def many(n: int = 120, seed: int = 1) -> list[Evidence]:
    """A run of a usual kind: most right, the less confident less often."""
    chance, found = random.Random(seed), []
    for at in range(n):
        sure = min(0.999, chance.betavariate(6, 1))
        right = chance.random() < sure
        ms = {"decide": chance.lognormvariate(2.2, 0.3)}
        if at % 3 == 0:
            case = Case(f"what a day number {at}", "none", tags=("chatter",))
            found.append(Evidence(case, skill="none" if right else "weather", confidence=sure, tier="shipped", ms=ms))
        else:
            words = {"duration": "ten minutes"} if right or at % 2 else {"duration": "ten minutes", "name": "pot"}
            case = Case(f"ten minutes for pot {at}", "set_timer", {"duration": "ten minutes"}, group=f"g{at % 50}")
            skill = "set_timer" if right or at % 2 == 0 else "check_timer"
            found.append(Evidence(case, skill=skill, words=words, confidence=sure, tier="shipped", ms=ms))
    return found


def recording(folder: Path, name: str = "clip.wav", seconds: float = 0.2) -> Evidence:
    """A case with a recording, which was answered wrongly."""
    folder.mkdir(exist_ok=True)
    write_wav(folder / name, Audio(np.zeros(int(seconds * RATE_HZ), dtype=np.float32), RATE_HZ))
    case = Case("pasta timer", "set_timer", sound=name)
    return Evidence(case, kind="sound", heard="past a timer", skill="none", tier="shipped", confidence=0.8)


# --- the words -------------------------------------------------------------------------------------------------------


def test_the_headline_says_the_figure_its_n_and_its_interval(tmp_path: Path) -> None:
    """Three of four right is said as 75 %, with n and an interval around it."""
    evidence = [timer(f"pasta timer ten minutes {at}") for at in range(3)]
    evidence.append(timer("another", skill="none", words={}, tier="decline"))
    _, seen = page_of(made(evidence), tmp_path)
    said = r"made the whole right call for 3 of 4 sentences in little: 75\.0%, .* between ([\d.]+)% and ([\d.]+)%"
    found = re.search(said, seen.text)
    assert found is not None
    assert float(found[1]) < 75 < float(found[2])


def test_a_table_has_the_interval_below_each_share(tmp_path: Path) -> None:
    """Of three timers one has a wrong word and one another skill: a third of calls, two thirds of skills, both with
    Wilson's interval; arguments have no skill of their own to be right in.
    """
    evidence = [timer("one"), timer("two", words={"duration": "ten minutes"}), timer("three", skill="none", words={})]
    text, _ = page_of(made(evidence), tmp_path)
    cells = [
        f"<td>{value}%<small>{100 * low:.1f}% to {100 * high:.1f}%</small></td>"
        for value, (low, high) in (("33.3", wilson(1, 3)), ("66.7", wilson(2, 3)))
    ]
    assert f'<th scope="row">set_timer</th>{cells[0]}<td>3</td>{cells[1]}</tr>' in text
    head = '<th scope="col"></th><th scope="col">right</th><th scope="col">n</th>'
    assert f'{head}<th scope="col">skill right</th></tr>' in text
    assert f"{head}</tr>" in text


def test_what_could_not_be_scored_is_in_no_figure(tmp_path: Path) -> None:
    """A case that failed is named with its reason, and the headline counts the other one alone."""
    evidence = [timer("one"), timer("two", failed="the frobnicator jammed")]
    _, seen = page_of(made(evidence), tmp_path)
    assert "for 1 of 1 sentences" in seen.text
    assert "1 of 2 could not be scored" in seen.text
    assert "the frobnicator jammed" in seen.text


def test_a_run_that_was_broken_off_says_so(tmp_path: Path) -> None:
    """Figures of a part of a set are not passed off as those of the whole."""
    _, seen = page_of(made([timer("one")], whole=False), tmp_path)
    assert "This run is interrupted" in seen.text


def test_a_run_without_evidence_makes_no_page(tmp_path: Path) -> None:
    """There is nothing to show, and the sentence says how to go on."""
    with pytest.raises(SkillError, match="hark eval run --resume made"):
        report(made([]), tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_a_set_that_is_only_written_down_is_headed_by_its_word_error(tmp_path: Path) -> None:
    """Cases without a call have no share right; their figure is one wrong word of four."""
    evidence = [
        Evidence(Case("set a timer please", "", sound="a.wav"), kind="sound", heard=heard)
        for heard in ("set a timer please", "set a time please")
    ]
    _, seen = page_of(made(evidence), tmp_path)
    assert "Of 8 words in 2 recordings of little, 12.5% were heard wrong" in seen.text
    assert "1 of 4 words" in seen.text


def test_what_people_said_stays_words(tmp_path: Path) -> None:
    """A sentence, a transcript and a wrong argument that hold markup are shown, and make no element."""
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    wrong = timer(evil, words={"duration": evil}, heard=evil + "!", runner_ups=[{"call": evil, "probability": 0.1}])
    text, seen = page_of(made([wrong, timer("b", failed=evil)]), tmp_path)
    assert len(seen.every("script")) == 1
    assert not seen.every("img")
    assert seen.text.count("<script>alert(1)</script>") >= 4
    assert "<script>alert" not in text


def test_the_surest_error_comes_first_and_what_is_wrong_in_it_is_marked(tmp_path: Path) -> None:
    """Errors are sorted by confidence; of a wrong call the wrong argument alone is marked."""
    evidence = [
        timer("less sure", words={"duration": "ten minutes", "name": "pot"}, confidence=0.6),
        timer("surest", words={"duration": "two minutes", "name": "pasta"}, confidence=0.97),
    ]
    text, seen = page_of(made(evidence), tmp_path)
    assert seen.text.index("“surest”") < seen.text.index("“less sure”")
    first = text[text.index("“surest”") : text.index("“less sure”")]
    marked = [html.unescape(found) for found in re.findall(r"<mark>(.*?)</mark>", first)]
    assert marked == ['duration="ten minutes"', 'duration="two minutes"']


def test_few_cases_promise_nothing(tmp_path: Path) -> None:
    """None wrong among the six surest of 20 is said with its n and upper limit, and as too few to promise 1 %."""
    evidence = [timer(f"sure {at}", confidence=0.95) for at in range(6)]
    evidence += [timer(f"less {at}", confidence=0.5, words={}) for at in range(14)]
    _, seen = page_of(made(evidence), tmp_path)
    high = f"{wilson(0, 6)[1]:.1%}"
    said = f"the surest 6 of 20 (30.0%), none is wrong: 0%, with 95% confidence between 0% and {high}"
    assert said in seen.text
    assert "too few cases to promise at most 1%" in seen.text


@pytest.mark.parametrize(("n", "wrong", "says"), [
    (600, 0, "Answering all 600, none is wrong: 0%, with 95% confidence between 0% and 0.6%, so at most 1%."),
    (600, 4, "Answering all 600, 4 are wrong: 0.7%, with 95% confidence between 0.3% and 1.7%. That is no promise"),
    (20, 20, "No threshold brings what is wrong down to 1%; answering all 20, 20 are wrong: 100%"),
])  # fmt: skip
def test_a_promise_hangs_on_the_upper_limit(tmp_path: Path, n: int, wrong: int, says: str) -> None:
    """ "At most 1 %" is said only where the whole interval lies below it."""
    right = {"duration": "ten minutes", "name": "pasta"}
    evidence = [timer(f"one {at}", words={} if at < wrong else right) for at in range(n)]
    assert says in page_of(made(evidence), tmp_path)[1].text


def test_there_is_one_calibration_error(tmp_path: Path) -> None:
    """Tile, caption and history say that of bins of equal mass, and the caption names the picture's bins."""
    run = made(many())
    _, seen = page_of(run, tmp_path)
    scored = score_evidence(run.evidence(), ARGUMENTS)
    found = scored["kinds"]["text"]["calibration"]["call"]
    assert found["ece_equal_mass"]["value"] != pytest.approx(found["ece_equal_width"]["value"], abs=0.001)
    figure = f"{found['ece_equal_mass']['value']:.1%}"
    assert re.search(rf"calibration error\s*{figure}", seen.text)
    assert f"the two are {figure}" in seen.text
    assert "10 bins of as many cases each" in seen.text and "dots are of 10 bins of equal width" in seen.text
    assert headline(scored)["text.calibration_error"][0] == found["ece_equal_mass"]["value"]  # type: ignore[index]


def test_what_else_was_weighed_has_no_confidence(tmp_path: Path) -> None:
    """A runner-up has a score, which the page explains; a call that was declined has the confidence that it had."""
    weighed = [{"call": "play_music(genre= soul)", "probability": 0.85}, {"call": "stop()", "probability": 0.37}]
    evidence = [
        timer("a", skill="weather", words={}, confidence=0.73, runner_ups=weighed),
        timer("b", skill="none", words={}, tier="decline", runner_ups=weighed),
    ]
    _, seen = page_of(made(evidence), tmp_path)
    first, second = seen.text[seen.text.rindex("The worst errors") :].split("“a”")
    assert 'play_music(genre="soul") 85% sure, declined' in first and "stop() score 0.37" in first
    assert 'play_music(genre="soul") score 0.85' in second
    assert "not calibrated as the confidence is" in seen.text


def test_cases_without_paraphrases_are_not_called_groups(tmp_path: Path) -> None:
    """Where each case is its own group the page says that it counts single cases; one group is no plural."""
    assert "counts single cases" in page_of(made([timer("one"), timer("two")]), tmp_path)[1].text
    same = [Evidence(Case(f"hm {at}", "none", group="hm"), skill="none", tier="shipped") for at in range(2)]
    text = page_of(made(same, "grouped"), tmp_path)[1].text
    assert "The interval counts 1 group of paraphrases" in text
    assert "little, 2 cases" in text


KINDS = {
    "called though nobody asked": Evidence(Case("hm", "none"), skill="weather", tier="shipped"),
    "a question where nobody asked": Evidence(Case("hm", "none"), skill="weather", tier="ask"),
    "not answered": timer("a", skill="none", words={}, tier="shipped"),
    "asked back": timer("a", skill="weather", words={}, tier="ask"),
    "wrong skill": timer("a", skill="weather", words={}),
    "wrong words": timer("a", words={"duration": "ten minutes"}),
    "": timer("a"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_called_what_it_is(kind: str) -> None:
    """False calls, missed calls, questions, wrong skills and wrong words are told apart."""
    assert kind_of(KINDS[kind]) == kind


# --- one file, no network --------------------------------------------------------------------------------------------


def test_the_page_asks_nobody_for_anything(tmp_path: Path) -> None:
    """Its policy forbids every fetch, allows exactly its own style and script, and no address leads outside."""
    text, seen = page_of(made(many()), tmp_path)
    policies = [meta["content"] for meta in seen.every("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policies[0] is not None
    assert policies[0].startswith("default-src 'none'")
    for tag in ("style", "script"):
        inside = text[text.index(f"<{tag}>") + len(tag) + 2 : text.index(f"</{tag}>")]
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policies[0]
    addresses = [value for _, attrs in seen.elements for name, value in attrs.items() if name in ("src", "href")]
    assert addresses
    assert all(value is not None and value.startswith(("#", "data:")) for value in addresses)
    assert "@import" not in text
    assert "url(" not in text


def test_a_recording_is_put_into_the_page(tmp_path: Path) -> None:
    """What can be clicked on is the very file."""
    wrong = recording(tmp_path / "clips")
    _, seen = page_of(made([wrong]), tmp_path, Beside(recordings=tmp_path / "clips"))
    source = seen.every("audio")[0]["src"] or ""
    assert source.startswith("data:audio/wav;base64,")
    assert base64.b64decode(source.partition(",")[2]) == (tmp_path / "clips" / "clip.wav").read_bytes()
    assert "heard as “past a timer”" in seen.text


def test_a_long_recording_is_a_link_from_where_the_page_lies(tmp_path: Path) -> None:
    """A minute of sound stays outside; its address leads from the page to the file, blanks and all."""
    wrong = recording(tmp_path / "clips", "a clip.wav", seconds=60)
    (tmp_path / "pages").mkdir()
    _, seen = page_of(made([wrong]), tmp_path / "pages", Beside(recordings=tmp_path / "clips"))
    source = seen.every("audio")[0]["src"] or ""
    assert source == "../clips/a%20clip.wav"


@pytest.mark.parametrize("sound", ["../secret.wav", "notes.txt", "gone.wav"])
def test_only_recordings_of_the_set_are_read(tmp_path: Path, sound: str) -> None:
    """A file outside the set's folder, one that is no sound, and one that is gone: nothing to click."""
    recording(tmp_path, "secret.wav")
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips" / "notes.txt").write_text("private", encoding="utf-8")
    wrong = Evidence(Case("pasta timer", "set_timer", sound=sound), kind="sound", heard="x", skill="none")
    _, seen = page_of(made([wrong]), tmp_path, Beside(recordings=tmp_path / "clips"))
    assert not seen.every("audio")


def test_a_synthetic_voice_is_heard_again(tmp_path: Path) -> None:
    """A spoken case keeps no sound; the page holds what the same voice says."""
    case = Case("stop", "stop", tags=("voice:en-us",))
    _, seen = page_of(made([Evidence(case, kind="voice", voice="en-us", heard="top", skill="none")]), tmp_path)
    sound = base64.b64decode((seen.every("audio")[0]["src"] or "").partition(",")[2])
    assert sound.startswith(b"RIFF")
    assert len(sound) > RATE_HZ // 2


# --- beside it -------------------------------------------------------------------------------------------------------


def test_what_changed_since_the_last_run_is_shown_case_by_case(tmp_path: Path) -> None:
    """One case was put right and one broken: both are named, with the verdict."""
    broken = {"skill": "none", "words": {}, "tier": "decline"}
    earlier = made([timer("first"), timer("second", **broken)], "earlier")
    later = made([timer("first", **broken), timer("second")], "later")
    found = before(later, runs.all(load_settings()))
    assert found is not None
    assert found.name == earlier.name
    _, seen = page_of(later, tmp_path, Beside(before=found))
    assert "What changed since earlier" in seen.text
    assert "later and earlier cannot be told apart" in seen.text
    after = seen.text[seen.text.index("Broken: 1") :]
    assert after.index("“first”") < after.index("Put right: 1") < after.index("“second”")


def test_only_a_whole_earlier_run_of_the_same_cases_is_held_against(tmp_path: Path) -> None:
    """A run that was broken off, and one without a case in common, are passed over."""
    made([timer("first")], "half", whole=False)
    made([timer("something else")], "other")
    assert before(made([timer("first")], "now"), runs.all(load_settings())) is None


def test_the_staircase_of_a_ladder_is_on_the_page(tmp_path: Path) -> None:
    """The newest whole ladder over the same set is found, and its variants stand on the page with their shares."""
    for name, when in (("old", "2026-01-01"), ("new", "2026-02-01"), ("else", "2026-03-01")):
        steps = [{"name": f"{name} weights", "right": wilson_json(3, 10), "skill_right": wilson_json(5, 10),
                  "false_calls": wilson_json(0, 0),
                  "unparsable": 2, "ms": {"median": 9.0, "p95": 12.0}}]  # fmt: skip
        ladder = {"name": name, "set": "other" if name == "else" else "little", "n": 10, "finished": when}
        folder = ladders_folder(load_settings()) / name
        folder.mkdir(parents=True)
        (folder / "ladder.json").write_text(json.dumps({**ladder, "steps": steps}), encoding="utf-8")
    half = ladders_folder(load_settings()) / "half"
    half.mkdir()
    torn = {"name": "half", "set": "little", "n": 10, "finished": "2026-04-01", "steps": [{"name": "half weights"}]}
    (half / "ladder.json").write_text(json.dumps(torn), encoding="utf-8")
    _, seen = page_of(made([timer("a")]), tmp_path, Beside(ladder=last_ladder(load_settings(), "little")))
    assert "new weights" in seen.text
    assert "old weights" not in seen.text
    assert "30.0%" in seen.text


def wilson_json(right: int, n: int) -> dict[str, object]:
    return Share(right, n, *wilson(right, n)).to_json()


def test_the_command_writes_the_page_and_says_where(capfd: pytest.CaptureFixture[str]) -> None:
    """`hark eval report` takes the last run and puts its page into the run's folder."""
    made(many(30), "first")
    run = made(many(30), "second")
    assert main(["eval", "report"]) == 0
    page = run.folder / "report.html"
    assert capfd.readouterr().out == f"{page}\n"
    assert "What changed since first" in page.read_text(encoding="utf-8")


def test_a_page_for_a_folder_that_is_not_there_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Wrong use is one sentence and exit code 2."""
    made([timer("a")])
    assert main(["eval", "report", "--to", str(tmp_path / "gone" / "page.html")]) == 2
    assert "does not exist" in capfd.readouterr().err
