"""Wake words measured: what is counted, how the halves are kept apart, and what the command writes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from assistant.audio import RATE_HZ, Audio, write_wav
from assistant.cli import main
from assistant.commands.frame import UsageError
from evals import wake_voices
from evals.intervals import rate_of
from evals.report import receiver
from evals.wake import Heard, Passed, Word, chosen, counted, false_wakes, listen, read_evidence, write_evidence
from evals.wake_sounds import (
    GAP_S,
    LEAD_S,
    TAIL_S,
    Room,
    Surroundings,
    half_of,
    said_in,
    sayings,
    stretches,
)
from evals.wake_voices import SyntheticVoice

VOICE = SyntheticVoice("espeak-ng", "en-us", 150)


def said(probability: float, half: str, kind: str = "people", group: str = "") -> Heard:
    return Heard(group or f"{probability}{half}", "clean", kind, half, probability)  # type: ignore[arg-type]


def hour(half: str, *probabilities: float) -> Passed:
    """An hour without the word, with so sure a frame every minute."""
    sure = tuple((60.0 * at, probability) for at, probability in enumerate(probabilities))
    return Passed("synthetic", half, 3600.0, sure)  # type: ignore[arg-type]


def test_frames_of_one_moment_are_one_wake() -> None:
    """Frames above the threshold count once in 1.5 s; one that only reaches it does not."""
    passed = Passed("noise", "tuning", 10.0, ((1.0, 0.9), (1.2, 0.95), (2.4, 0.91), (2.6, 0.92), (9.0, 0.8)))
    assert false_wakes(passed, 0.85) == 2
    assert false_wakes(passed, 0.8) == 2 and false_wakes(passed, 0.79) == 3
    assert false_wakes(passed, 0.95) == 0


def test_the_limits_of_a_rate_are_exact() -> None:
    """Garwood's limits, as tables give them: 0 events are at most 3.69, and 10 are 4.80 to 18.39."""
    none, ten = rate_of(0, 1.0), rate_of(10, 2.0)
    assert (none.low, none.high) == pytest.approx((0.0, 3.689), abs=0.001)
    assert (ten.value, ten.low, ten.high) == pytest.approx((5.0, 4.795 / 2, 18.390 / 2), abs=0.001)
    assert rate_of(0, 0.0).high == math.inf and rate_of(0, 0.0).to_json()["per_hour"] is None


def test_a_recording_in_three_noises_is_one_observation() -> None:
    """Three misses of one recording widen the interval; each half counts its own."""
    lost = [said(0.1, "held-out", group="a")] * 3 + [said(0.99, "held-out", group=str(n)) for n in range(27)]
    apart = [said(0.1, "held-out", group=f"m{n}") for n in range(3)] + lost[3:]
    together, single = (
        counted(Word("w", 0.9, (*some, said(0.0, "tuning")), ()), 0.5, "held-out").missed["people"]
        for some in (lost, apart)
    )
    assert together.right == single.right == 3 and together.n == 30
    assert together.high > single.high + 0.05
    assert counted(Word("w", 0.9, tuple(lost), ()), 0.5, "held-out").missed["people, clean"] == together


def test_one_half_chooses_and_people_count() -> None:
    """The least sensitive of the settings that miss fewest people within half a false wake an hour, by the tuning half
    alone."""
    tuning = (said(0.84, "tuning"), said(0.99, "tuning"), said(0.5, "tuning", "synthetic"))
    passed = (hour("tuning", 0.7), hour("tuning"), hour("held-out", 0.95, 0.95))
    word = Word("w", 0.9, (*tuning, said(0.2, "held-out")), passed)
    assert chosen(word) == 0.6
    louder = Word("w", 0.9, tuning, (hour("tuning", 0.7, 0.85, 0.85), hour("tuning")))
    assert chosen(louder) == 0.1
    assert chosen(Word("w", 0.9, tuning, (hour("tuning", *[1.0] * 9),))) == 0.0
    voices = Word("w", 0.9, (said(0.6, "tuning", "synthetic"),), passed)
    assert chosen(voices) == 0.9


def test_evidence_is_counted_again(tmp_path: Path) -> None:
    """What is written is what is read; a line that is none is named."""
    word = Word("alexa", 0.9, (said(0.5, "tuning"), said(0.97, "held-out")), (hour("held-out", 0.3, 0.95),))
    path = tmp_path / "evidence.jsonl"
    with path.open("w") as out:
        write_evidence([word, Word("okay_nabu", 0.85, (), ())], out)
    assert read_evidence(path) == [word, Word("okay_nabu", 0.85, (), ())]
    for wrong in ('{"said": {"group": 1}}', "[]", '{"passed": {}}', "no"):
        path.write_text(f'{{"word": "alexa", "own": 0.9}}\n{wrong}\n')
        with pytest.raises(UsageError, match="line 2"):
            read_evidence(path)


def test_halves_are_of_the_same_size_and_stay() -> None:
    """A name falls into the same half each time, and of many about half fall into each."""
    names = [f"{number}.flac" for number in range(400)]
    assert [half_of(name) for name in names] == [half_of(name) for name in names]
    assert 160 < sum(half_of(name) == "tuning" for name in names) < 240


def test_a_sentence_with_the_word_is_known() -> None:
    """By the part of the word that is rare, as it is written or as a voice is told to say it."""
    words = ("okay_nabu", "alexa", "hey_jarvis", "models/hey_rhasspy_v0.1.onnx")
    assert said_in("ask alexa's friend", words) == {"alexa"}
    assert said_in("okay naboo hey Jarvis", words) == {"okay_nabu", "hey_jarvis"}
    assert said_in("hey, okay then", words) == frozenset()
    assert said_in("rhasspy", words) == {"models/hey_rhasspy_v0.1.onnx"}


def recordings(folder: Path, **seconds: float) -> Path:
    """Tones as WAV files; `a__b` lies in the folder a."""
    for name, length_s in seconds.items():
        path = folder / (name.replace("__", "/") + ".wav")
        path.parent.mkdir(parents=True, exist_ok=True)
        tone = 0.2 * np.sin(np.arange(int(length_s * RATE_HZ)) * 0.3)
        write_wav(path, Audio(tone.astype(np.float32), RATE_HZ))
    return folder


def test_a_recording_is_said_clean_and_over_noise(tmp_path: Path) -> None:
    """Three times, with room before and after it, over the noise that was recorded, 15 and 10 dB below it."""
    clips = recordings(tmp_path, alexa__one=1.0, computer__two=1.0)
    chance = np.random.default_rng(0)
    hum = (0.01 * chance.standard_normal(9 * RATE_HZ)).astype(np.float32)
    found = list(sayings("alexa", clips, (VOICE,), Room((hum,))))
    people = [one for one in found if one.kind == "people"]
    assert [one.condition for one in people] == ["clean", "15 dB", "10 dB"]
    assert {one.group for one in found} == {"one.wav", "espeak-ng en-us"} and len(found) == 6
    assert all(len(one.samples) == (LEAD_S + 1.0 + TAIL_S) * RATE_HZ for one in people)
    before = [float(np.std(one.samples[: int(LEAD_S * RATE_HZ)])) for one in people]
    tone = 0.2 / math.sqrt(2)
    assert before[0] == 0 and 20 * np.log10(tone / before[1]) == pytest.approx(15, abs=0.5)
    assert 20 * np.log10(before[2] / before[1]) == pytest.approx(5, abs=0.5)


def test_noise_is_no_louder_than_a_microphone_can_hear() -> None:
    """A loud recording over loud noise is turned down as a whole."""
    loud = np.sin(np.arange(RATE_HZ) * 0.3).astype(np.float32)
    assert np.abs(Room().filled(loud, 0.0, "seed")).max() == pytest.approx(0.9)


def test_what_passes_is_everything_once(tmp_path: Path) -> None:
    """Noise, other words' recordings, talk and synthetic sentences; the word's own recordings are marked."""
    recordings(tmp_path, clips__alexa__a=1, clips__computer__b=1, talk__c=1, talk__noise__d=2)
    around = Surroundings(
        words=("alexa",),
        clips=tmp_path / "clips",
        talk=(tmp_path / "talk",),
        noise=(tmp_path / "talk/noise",),
        sentences=("turn on the lamp", "ask alexa"),
        voices=(VOICE,),
        hours=4 / 3600,
    )
    found = list(stretches(around))
    assert [one.kind for one in found[:4]] == ["noise", "people", "people", "people"]
    assert [round(len(one.samples) / RATE_HZ - GAP_S, 2) for one in found[:4]] == [2, 1, 1, 1]
    assert [bool(one.says) for one in found[:4]] == [False, True, False, False]
    assert found[4].kind == "synthetic" and found[4].says == {"alexa"} and len(found) == 5


def test_the_real_model_is_heard_through() -> None:
    """A synthetic "alexa" is surer than a sentence without it, clean and over noise."""
    spoken = listen("alexa", sayings("alexa", None, (VOICE,), Room()))
    assert all(one.probability > 0.9 for one in spoken if one.condition != "10 dB")


def test_the_curve_shows_every_setting() -> None:
    """A dot for each setting and kind of voice, within the picture, with its figures to point at."""
    word = Word(
        "w", 0.9, (said(0.95, "held-out"), said(0.2, "held-out", "synthetic")), (hour("held-out", *[0.99] * 9),)
    )
    canvas = receiver.curve(word)
    root = ElementTree.fromstring(canvas.alone())  # noqa: S314 - our own
    dots = list(root.iter("{http://www.w3.org/2000/svg}circle"))
    assert len(dots) == 2 * (11 + 1) + 1  # and a dot before each name, and the setting that was chosen
    assert all(0 <= float(dot.get("cx", -1)) <= canvas.width for dot in dots)
    assert all(0 <= float(dot.get("cy", -1)) <= canvas.height for dot in dots)


@pytest.mark.parametrize(
    ("misses", "hours", "wakes", "words"),
    [(0, 20, 0, "met by the whole intervals"), (0, 1, 0, "not yet by their intervals"), (9, 20, 0, "is missed"),
     (0, 2, 9, "is missed")],
)  # fmt: skip
def test_the_verdict_holds_figures_and_intervals_to_the_aim(misses: int, hours: int, wakes: int, words: str) -> None:
    """Too few hours meet the aim by the figures alone."""
    heard = [said(0.1 if n < misses else 0.99, "held-out", group=str(n)) for n in range(60)]
    passed = [hour("held-out", *([0.95] * wakes if n == 0 else [])) for n in range(hours)]
    assert words in receiver.verdict(Word("w", 0.9, (*heard, said(0.85, "tuning")), tuple(passed)))


@pytest.fixture
def few_voices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two of espeak-ng's and none of flite's, whether it is installed or not."""
    monkeypatch.setattr(wake_voices, "ACCENTS", ("en-us",))
    monkeypatch.setattr(wake_voices, "VARIANTS", ("", "f2"))
    monkeypatch.setattr(wake_voices, "RECORDED", ())


@pytest.mark.usefixtures("few_voices")
def test_the_command_measures_and_counts_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Evidence, table, figures and a curve are written; counting the evidence again gives the same object."""
    to = tmp_path / "found"
    line = ["eval", "wake", "--word", "alexa", "--hours", "0.008", "--noise", str(recordings(tmp_path / "n", hum=6))]
    assert main([*line, "--to", str(to), "--json"]) == 0
    first = json.loads(capfd.readouterr().out)
    assert {path.name for path in to.iterdir()} == {"evidence.jsonl", "wake.json", "wake.md", "alexa.svg"}
    held_out = first["words"]["alexa"]["held_out"]
    assert held_out["missed"]["synthetic"]["n"] > 0 and held_out["false"]["all"]["hours"] > 0
    assert main(["eval", "wake", "--again", str(to), "--json"]) == 0
    assert json.loads(capfd.readouterr().out) == first
    assert main(["eval", "wake", "--again", str(to)]) == 0
    assert "alexa: the other half chose sensitivity" in capfd.readouterr().out


@pytest.mark.usefixtures("few_voices")
@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (lambda at: ["--clips", str(at / "gone")], "does not exist"),
        (lambda at: ["--set", "nothing"], "no public set nothing"),
        (lambda at: ["--word", "computer", "--hours", "0"], "listen.wake_word"),
        (lambda at: ["--word", "none", "--hours", "0"], "could be measured"),
        (lambda at: ["--talk", str(at), "--hours", "0", "--word", "alexa"], "not a sound file"),
        (lambda at: ["--again", str(at)], "evidence.jsonl"),
        (lambda at: ["--to", str(at / "broken.wav" / "to")], "is no folder"),
    ],
)
def test_wrong_use_is_one_sentence(
    line: Callable[[Path], list[str]], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder, a set or a word that is not there, and a recording that is none; nothing is written."""
    (tmp_path / "broken.wav").write_text("no sound at all")
    assert main(["eval", "wake", "--to", str(tmp_path / "found"), *line(tmp_path)]) in (1, 2)
    said = capsys.readouterr().err
    assert sentence in said and "Traceback" not in said and len(said.strip().splitlines()) == 1
    assert not (tmp_path / "found").exists()
