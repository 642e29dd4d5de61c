"""Sound that is not meant for us: what it is made of, what is counted, and what the command writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fakes import call, make_house

from assistant.audio import RATE_HZ, Audio, write_wav
from assistant.cli import main
from assistant.core import Assistant, Parts
from assistant.ears.echo import OwnVoice
from assistant.ears.senses import Senses
from assistant.ears.size import Size
from assistant.ears.voice import Voice
from assistant.transcribe import Heard
from assistant.turn import Decision
from evals.commands import unmeant
from evals.unmeant import Account, Happening, Passage, listen
from evals.unmeant_sounds import KINDS, NOISES, PIECE_S, Piece, Sources, pieces
from evals.wake_voices import SyntheticVoice

VOICES = (SyntheticVoice("espeak-ng", "en-us", 160), SyntheticVoice("espeak-ng", "en+f3", 150))
LINES = ("so i told him we can't make it on friday", "can you pass the salt please")
SKILLS = '''
"""A skill that must not run."""
from assistant.skill import Context, skill

@skill(examples=["brew coffee", "brew tea"])
def brew(context: Context) -> str:
    """Brew."""
    raise AssertionError("it was run")
'''


def test_each_kind_has_a_third() -> None:
    """Noise, music and talk in turn, none of them silent or louder than full scale, each with a quiet end."""
    found = list(pieces(Sources(0.06, LINES, VOICES)))
    seconds = {kind: sum(len(one.samples) for one in found if one.kind == kind) / RATE_HZ for kind in KINDS}
    assert all(72 <= length < 72 + PIECE_S + 15 for length in seconds.values())
    for one in found:
        assert 0.02 < np.abs(one.samples).max() <= 1.0 and one.samples.dtype == np.float32
        assert np.abs(one.samples[-RATE_HZ:]).max() < 0.01


def test_the_same_seed_is_the_same_noise_and_music() -> None:
    """And another seed is other sound."""

    def made(seed: int) -> list[Piece]:
        return [one for one in pieces(Sources(0.04, LINES, VOICES, seed=seed)) if one.kind != "talk"]

    assert all(np.array_equal(a.samples, b.samples) for a, b in zip(made(1), made(1), strict=True))
    assert not np.array_equal(made(1)[0].samples, made(2)[0].samples)


@pytest.mark.parametrize("make", NOISES, ids=lambda make: make.__name__)
def test_every_noise_is_sound(make: object) -> None:
    """So many finite samples as were asked for, and not silence."""
    samples = make(5 * RATE_HZ, np.random.default_rng(3))  # type: ignore[operator]
    assert samples.shape == (5 * RATE_HZ,) and np.isfinite(samples).all() and samples.std() > 0


def test_recordings_are_among_it() -> None:
    """A recording of noise and one of people are played, each under its name."""
    buzz = np.tile(np.float32([0.1, -0.1]), RATE_HZ)
    recorded = (("noise", "buzz.wav", buzz), ("talk", "people.wav", buzz))
    found = {(one.kind, one.name) for one in pieces(Sources(0.4, LINES, VOICES, recorded))}
    assert {("noise", "buzz.wav"), ("talk", "people.wav"), ("music", "sung")} <= found


def test_rates_are_counted_by_kind() -> None:
    """Per hour of the kind's own sound, and of all; growth is from a tenth of it to its end."""
    account = Account()
    for number in range(100):
        account.take(Passage("talk" if number % 2 else "noise", 36.0, Size(100.0 + number, 100.0, 5, 9)))
    account.take(Happening("call", "talk", "x", 1.0, "brew", "brew", 0.9, 0.9))
    account.take(Happening("text", "talk", "x", 1.0, "brew", "brew", 0.9, 0.9))
    assert (account.rate("call", "talk").value, account.rate("call").value) == pytest.approx((2.0, 1.0))
    assert account.rate("call", "noise").count == account.rate("wake").count == 0
    grown = account.growth
    assert grown is not None and (grown.early.main_mb, grown.late.main_mb) == (105.0, 195.0)
    assert json.loads(json.dumps(account.to_json()))["rates"]["all"]["call"]["count"] == 1


@pytest.mark.parametrize(
    ("decision", "heard", "whats"),
    [
        (call("brew"), 0.9, ["text", "call"]),
        (call("brew"), 0.3, ["text"]),
        (call("brew").model_copy(update={"confidence": 0.6}), 0.9, ["text"]),
        (Decision(skill="brew", confidence=0.99, tier="ask", question="Did you mean brew?"), 0.9, ["text"]),
        (Decision(skill="none", confidence=0.99, tier="shipped"), 0.9, ["text"]),
    ],
)
def test_what_the_loop_would_do_is_counted_and_not_done(
    tmp_path: Path, decision: Decision, heard: float, whats: list[str]
) -> None:
    """A sure call counts as one; what is unsure, or a question to nobody, is none; no skill runs."""

    class Ears:
        def transcribe(self, audio: Audio) -> Heard:
            return Heard("brew coffee", "en", heard, audio.seconds)

    house = make_house(tmp_path, SKILLS, {"brew coffee": decision}, flags=("listen.wake_word=none",))
    old = house.assistant
    assistant = Assistant(house.settings, old.skills, old.database, Parts(old.parts.decider, transcriber=Ears()))
    quiet = np.zeros(2 * RATE_HZ, np.float32)
    said = np.concatenate([quiet, VOICES[0].say("brew some coffee now"), quiet])
    found: list[Happening | Passage] = []

    def sound() -> Iterator[Piece]:
        yield Piece("talk", "voice", said)

    listen(assistant, Senses(Voice(), OwnVoice()), sound(), found.append)
    assert [one.what for one in found if isinstance(one, Happening)] == whats
    assert isinstance(found[-1], Passage) or isinstance(found[-2], Passage)
    assert house.trace.turns() == []


@pytest.mark.model
def test_the_command_counts_what_came_of_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Half a minute of each through the shipped models: figures on standard output, evidence in the folder."""
    (tmp_path / "noise").mkdir()
    buzz = np.sin(np.arange(6 * RATE_HZ) / 5).astype(np.float32) * 0.2
    write_wav(tmp_path / "noise/buzz.wav", Audio(buzz, RATE_HZ))
    (tmp_path / "lines.txt").write_text("# talk\nhe scored twice in the second half\n", encoding="utf-8")
    flags = ("--set", f"paths.data={tmp_path / 'data'}", "--set", "listen.wake_word=none")
    options = ("--hours", "0.02", "--noise", str(tmp_path / "noise"), "--sentences", str(tmp_path / "lines.txt"))
    assert main([*flags, "eval", "unmeant", *options, "--json", "--to", str(tmp_path / "out")]) == 0
    figures = json.loads(capfd.readouterr().out)
    rates = figures["rates"]
    assert figures["wake_word"] == "none" and set(rates) == {"all", *KINDS}
    assert rates["noise"]["text"]["count"] == rates["music"]["text"]["count"] == 0
    assert rates["talk"]["text"]["count"] > 0 and rates["talk"]["call"]["count"] == 0
    lines = (tmp_path / "out/evidence.jsonl").read_text(encoding="utf-8").splitlines()
    assert sum(json.loads(line)["what"] == "text" for line in lines) == rates["all"]["text"]["count"]
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("option", ["--noise", "--talk", "--sentences"])
def test_what_is_not_there_is_wrong_use(tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder or a file that does not exist is one sentence, before anything is played."""
    assert main(["eval", "unmeant", option, str(tmp_path / "gone")]) == 2
    assert "gone" in capsys.readouterr().err


def test_results_that_could_not_be_kept_are_refused_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the folder for the figures cannot be made, nothing is played for hours to be lost."""
    monkeypatch.setattr(unmeant, "_heard", lambda *_: pytest.fail("it was played"))
    (tmp_path / "file").touch()
    flags = ("--set", f"paths.data={tmp_path / 'data'}")
    assert main([*flags, "eval", "unmeant", "--to", str(tmp_path / "file" / "out")]) == 1
    assert "it is no folder" in capsys.readouterr().err
