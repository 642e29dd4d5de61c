"""The nightly set is built into a folder: the same one each time, of what training keeps back."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from assistant.audio import RATE_HZ, Audio, write_wav
from assistant.cli import main
from assistant.commands.frame import UsageError
from assistant.skill import Call
from evals.cases import Case, read_cases, write_cases
from evals.sets import on_held_side, open_set, overheard, problems
from evals.sets.nightly import ESPEAK_VOICES, FLITE_VOICES, NOISE_DB, Plan, build_nightly
from evals.sets.opened import closed_arguments
from finetune.listening.voices import HELD_OUT
from finetune.rows import shipped_skills

CLOSED = closed_arguments(shipped_skills())
THINGS = ("walk the dog", "file the papers", "mow the lawn", "water the roses", "wax the skis", "oil the hinge")


def public(data: Path) -> Path:
    """A folder with a small public set, and one clip whose name is what it says."""
    said = [
        [f"remind me to {thing} in room {letter}", "reminder_update"] for thing in THINGS for letter in "abcdefghij"
    ]
    (data / "clinc150").mkdir(parents=True)
    (data / "clinc150/data_dev.json").write_text(json.dumps({"train": said}), encoding="utf-8")
    (data / "audio/speech_to_phrase/en").mkdir(parents=True)
    for name in ("stop now", "mute"):  # training keeps back one in three, by the name
        clip(data / f"audio/speech_to_phrase/en/{name}.wav")
    return data


def clip(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_wav(path, Audio(np.zeros(1600, dtype=np.float32), RATE_HZ))
    return path


def test_same_seed_same_set(tmp_path: Path) -> None:
    """The same seed and data give the same bytes; another seed has other sentences spoken."""
    data = public(tmp_path / "data")
    built = [
        build_nightly(Plan(tmp_path / name, data, spoken=6, seed=seed)).file.read_bytes()
        for name, seed in (("one", 1), ("two", 1), ("three", 2))
    ]
    assert built[0] == built[1] != built[2]


def test_what_it_holds(tmp_path: Path) -> None:
    """Our sets, kept-back sentences only, and a few of both spoken by every voice's turn at every level of noise."""
    built = build_nightly(Plan(tmp_path / "to", public(tmp_path / "data"), spoken=10))
    found = open_set("nightly", tmp_path / "to")
    cases = found.cases
    assert list(problems(built.file, CLOSED)) == []
    assert {case.tier for case in cases} == {"nightly"}
    assert built.counts["ours"] > 800 and built.counts["clinc150"] > 0
    assert all(on_held_side(case.group) for case in cases if case.source == "clinc150")
    spoken = [tag for case in cases for tag in case.tags if tag.startswith("voice:")]
    assert Counter(spoken) == {f"voice:{voice}": 2 * len(NOISE_DB) for voice in ESPEAK_VOICES}
    noise = Counter(tag for case in cases for tag in case.tags if tag.startswith("snr:"))
    assert noise == {"snr:20": 10, "snr:10": 10, "snr:5": 10}
    (recorded,) = (case for case in cases if case.source == "speech_to_phrase")
    assert recorded.sound == "speech-to-phrase/speech_to_phrase/en/mute.wav"
    assert (found.folder / recorded.sound).is_file()


def test_voices_are_those_that_no_training_uses() -> None:
    """Every voice of the set is one that the listening model's training leaves out."""
    kept = {language if not variant else f"{language}+{variant}" for language, variant in HELD_OUT.values()}
    assert {*ESPEAK_VOICES, *(f"flite+{voice}" for voice in FLITE_VOICES)} == kept


def test_it_is_built_without_any_public_set(tmp_path: Path) -> None:
    """Without DATA the set holds our own sentences; with a DATA that holds none, that is one sentence."""
    built = build_nightly(Plan(tmp_path / "to", spoken=0))
    assert built.counts.keys() == {"ours"}
    assert len(list(read_cases(built.file))) > len(overheard()) + 800
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=r"no public set in .*empty; clinc150 needs"):
        build_nightly(Plan(tmp_path / "to", tmp_path / "empty"))


def test_missing_parts_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A public set that is not there, or a missing flite, costs its part and is named."""
    monkeypatch.setattr(shutil, "which", lambda _: None)
    built = build_nightly(Plan(tmp_path / "to", public(tmp_path / "data"), spoken=3))
    assert any("xliuhw/NLU-Evaluation-Data" in sentence for sentence in built.missing)
    assert any("flite is not installed" in sentence for sentence in built.missing)
    assert not (tmp_path / "to/flite").exists()


def test_recordings_of_one_s_own(tmp_path: Path) -> None:
    """A set with recordings of one's own comes in with its sounds; one that names a lost recording does not."""
    mine = tmp_path / "mine/mine.jsonl"
    clip(tmp_path / "mine/clips/a.wav")
    write_cases(mine, [Case("stop", "stop", sound="clips/a.wav", source="me")])
    build_nightly(Plan(tmp_path / "to", recordings=mine, spoken=0))
    (case,) = (case for case in open_set("nightly", tmp_path / "to").cases if case.source == "me")
    assert (tmp_path / "to" / case.sound).read_bytes() == (tmp_path / "mine/clips/a.wav").read_bytes()
    for outside in (str(tmp_path / "mine/clips/a.wav"), "../mine/clips/a.wav"):
        write_cases(mine, [Case("stop", "stop", sound=outside)])
        with pytest.raises(UsageError, match=r"a\.wav lies outside of the folder of .*; put it inside"):
            build_nightly(Plan(tmp_path / "to", recordings=mine, spoken=0))
    write_cases(mine, [Case("stop", "stop", sound="clips/a.wav", source="me")])
    (tmp_path / "mine/clips/a.wav").unlink()
    with pytest.raises(UsageError, match=r"no recording .*a\.wav"):
        build_nightly(Plan(tmp_path / "to", recordings=mine, spoken=0))


def test_labelled_turns_of_the_diary(tmp_path: Path) -> None:
    """A labelled turn is a case; where its sound was kept, the sound alone, for its words may have been misheard."""
    sound = clip(tmp_path / "sounds/t1.wav")
    gone = tmp_path / "sounds/gone.wav"
    call = Call("add_to_list", {"item": "oat milk"})
    turns = [("add oat milk", call, sound), ("Note oat milk.", call, None), ("put oat milk on", call, gone)]
    build_nightly(Plan(tmp_path / "to", diary=turns, spoken=0))
    mine = [case for case in open_set("nightly", tmp_path / "to").cases if case.source == "diary"]
    assert [(case.text, case.sound) for case in mine] == [
        ("", "diary/t1.wav"), ("note oat milk", ""), ("put oat milk on", ""),
    ]  # fmt: skip
    assert (tmp_path / "to/diary/t1.wav").is_file()


def test_commands(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """list, show, check and build answer in words; what is wrong is a sentence and an exit code."""
    assert main(["eval", "sets", "list"]) == 0
    assert "GitHub clinc/oos-eval, CC BY 3.0" in capfd.readouterr().out
    assert main(["eval", "sets", "show", "must-pass"]) == 0
    shown = capfd.readouterr().out
    assert "163 cases" in shown and "run_program" in shown and "near-miss" in shown and "set_timer.duration" in shown
    assert main(["eval", "sets", "build", "nightly", "--to", str(tmp_path / "to"), "--spoken", "2"]) == 0
    assert "run it: hark eval run nightly" in capfd.readouterr().out
    file = tmp_path / "to/nightly.jsonl"
    capfd.readouterr()
    assert main(["eval", "sets", "check", str(file)]) == 0
    cases = list(read_cases(file))
    assert (
        f"{file}: {len(cases):,} cases in " in (said := capfd.readouterr().out) and "every case is well formed" in said
    )
    with file.open("a", encoding="utf-8") as out:
        out.write('{"text": "Stop!", "skill": "stop"}\n')
    capfd.readouterr()
    assert main(["eval", "sets", "check", str(file)]) == 1
    assert "not in plain form" in capfd.readouterr().out
    unread = tmp_path / "unread.jsonl"
    unread.write_text('{"text": "set a timer for banana", "skill": "set_timer", "words": {"duration": "banana"}}\n')
    assert main(["eval", "sets", "check", str(unread)]) == 1
    assert f"{unread}, line 1: 'set a timer for banana': set_timer: no reader" in capfd.readouterr().out
    assert main(["eval", "sets", "build", "quick", "--to", str(tmp_path)]) == 2
    assert main(["eval", "sets", "show", "weekly"]) == 2
    assert "the sets are must-pass, quick, nightly" in capfd.readouterr().err
