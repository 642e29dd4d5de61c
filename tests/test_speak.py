"""Text to sound: espeak-ng is always there, Piper where the household has it."""

from __future__ import annotations

import json
import stat
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from assistant import speak
from assistant.config import Speech
from assistant.skill import ConfigError, MissingPiece
from assistant.speak import MAX_SENTENCE, Speaker, sentences


def loudness(samples: np.ndarray) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(np.square(samples)))) if samples.size else 0.0


def test_speech_is_sound_of_a_plausible_length() -> None:
    """A sentence of five words takes between one and five seconds, is audible and within range."""
    audio = Speaker(Speech()).speak("Your pasta timer is done.")
    assert 1 < audio.seconds < 5
    assert audio.samples.dtype == np.float32
    assert loudness(audio.samples) > 0.01
    assert float(np.abs(audio.samples).max()) <= 1.0


def test_a_faster_rate_is_shorter() -> None:
    """The rate of the settings reaches the engine."""
    text = "The quick brown fox jumps over the lazy dog."
    slow, fast = (Speaker(Speech(rate=rate)).speak(text).seconds for rate in (100, 300))
    assert fast < slow * 0.6


def test_numbers_are_spoken_as_words() -> None:
    """Digits take about as long as the words they stand for."""
    speaker = Speaker(Speech())
    digits, words = (speaker.speak(text).seconds for text in ("It is 1,250.", "It is one thousand two hundred fifty."))
    assert digits == pytest.approx(words, rel=0.35)


@pytest.mark.parametrize("text", ["", "   ", "\n", "\0"])
def test_empty_text_is_no_sound(text: str) -> None:
    """Nothing to say gives no samples."""
    assert Speaker(Speech()).speak(text).samples.size == 0


@pytest.mark.parametrize(
    "text", ["<speak>&amp; {x} [[nothing]] 'quoted'", "日本語 🙂 مرحبا", "\x07bell\x1b[2J", "a" * 1000]
)
def test_odd_text_is_spoken_or_skipped(text: str) -> None:
    """Markup, other scripts, control characters and endless words do no harm."""
    assert Speaker(Speech()).speak(text).seconds < 200


def test_long_text_is_cut_into_sentences() -> None:
    """No piece is longer than an engine takes, and no word is lost."""
    text = "One two, three four. " * 30 + "word " * 300 + "x" * 1000
    pieces = sentences(text)
    assert max(len(piece) for piece in pieces) <= MAX_SENTENCE
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert sentences("It is 3.5 degrees. Wear a coat!") == ["It is 3.5 degrees.", "Wear a coat!"]


def test_the_language_chooses_the_voice() -> None:
    """German is spoken by a German voice unless the household names another; an unknown language by an English one."""
    text = "Guten Tag, wie geht es Ihnen?"
    german, english, unknown = (Speaker(Speech(), language).speak(text).seconds for language in ("de", "en", "xx"))
    assert abs(german - english) > 0.1  # the samples differ from call to call: the engine's breath is random
    assert unknown == pytest.approx(english, abs=0.02)


@pytest.mark.parametrize("voice", ["en", "en-gb", "en-us", "de", "fr", "fr-fr", "es-es"])
def test_the_usual_names_of_voices_are_known(voice: str) -> None:
    """A voice is found by the name that espeak-ng's own command takes."""
    assert Speaker(Speech(voice=voice)).speak("one").seconds > 0.1


def test_an_unknown_voice_is_a_setting_to_fix() -> None:
    """A voice that espeak-ng does not have is named."""
    with pytest.raises(ConfigError, match=r'speech.voice "no-such-voice"'):
        Speaker(Speech(voice="no-such-voice"))


def test_two_threads_may_speak_at_once() -> None:
    """Each thread gets exactly its own sentence, although the engine has one global state."""
    speakers = [Speaker(Speech()), Speaker(Speech(voice="en-us+f3"))]
    texts = ["This is the first voice.", "And here is the second one, which says more."]
    alone = [speaker.speak(text).samples.size for speaker, text in zip(speakers, texts, strict=True)]
    sizes: list[set[int]] = [set(), set()]

    def talk(which: int) -> None:
        for _ in range(8):
            sizes[which].add(speakers[which].speak(texts[which]).samples.size)

    threads = [threading.Thread(target=talk, args=(which,)) for which in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for which in (0, 1):
        assert all(size == pytest.approx(alone[which], rel=0.05) for size in sizes[which])
        assert sizes[which]


def test_a_deep_folder_is_reached_by_a_short_path(tmp_path: Path) -> None:
    """espeak-ng's buffer for its data path is short; a longer path is given as a link."""
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    (deep / "here").touch()
    with speak._short_path(deep) as short:
        assert len(str(short)) <= speak._MAX_PATH
        assert (short / "here").exists()
    with speak._short_path(tmp_path) as same:
        assert same == tmp_path


# --- Piper -----------------------------------------------------------------------------------------------------------

PIPER = """#!{python}
import array, sys
words = sys.argv[1:]
assert "--output_raw" in words and words[words.index("--model") + 1].endswith(".onnx")
scale = float(words[words.index("--length_scale") + 1])
line = sys.stdin.readline()
if "fail" in line:
    sys.exit("onnx: broken model")
sys.stdout.buffer.write(array.array("h", [8000] * int(len(line.strip()) * 100 * scale)).tobytes())
"""


@pytest.fixture
def piper(tmp_path: Path) -> Speech:
    """Settings for a voice at 22,050 Hz and a program that keeps Piper's command line and output."""
    program = tmp_path / "piper"
    program.write_text(PIPER.format(python=sys.executable))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "amy.onnx").touch()
    (tmp_path / "amy.onnx.json").write_text(json.dumps({"audio": {"sample_rate": 22050}}))
    return Speech(piper=str(tmp_path / "amy.onnx"), piper_program=str(program))


def test_piper_speaks_where_it_is_chosen(piper: Speech) -> None:
    """The program's raw samples come back at the voice's own rate, with a pause between sentences."""
    audio = Speaker(piper).speak("Hello. You.")
    assert audio.rate_hz == 22050
    assert audio.samples.size == 600 + int(speak.PAUSE_S * 22050) + 400
    assert Speaker(piper).name == "Piper, amy"


def test_the_rate_reaches_piper(piper: Speech) -> None:
    """Twice the words per minute is half the length."""
    fast = piper.model_copy(update={"rate": 330})
    assert Speaker(fast).speak("Hello.").samples.size == Speaker(piper).speak("Hello.").samples.size // 2


def test_a_failing_piper_says_why(piper: Speech) -> None:
    """The program's last line is the reason."""
    with pytest.raises(RuntimeError, match="piper failed: onnx: broken model"):
        Speaker(piper).speak("fail")


def test_a_missing_piper_says_what_to_install(piper: Speech, tmp_path: Path) -> None:
    """Program, voice and description are each asked for by name."""
    with pytest.raises(MissingPiece, match="pip install piper-tts"):
        Speaker(piper.model_copy(update={"piper_program": "no-such-piper"}))
    (tmp_path / "amy.onnx.json").write_text("{}")
    with pytest.raises(ConfigError, match="does not describe a Piper voice"):
        Speaker(piper)
    (tmp_path / "amy.onnx.json").unlink()
    with pytest.raises(ConfigError, match=r"amy\.onnx\.json, which does not exist"):
        Speaker(piper)
