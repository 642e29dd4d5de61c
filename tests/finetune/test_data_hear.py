"""What the recognizer makes of a row is a row, as long as its argument words are found again."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from fakes import ScriptedTranscriber

from assistant.audio import RATE_HZ, Audio
from assistant.config import load_settings
from assistant.speak import Speaker
from evals.cases import Case, stands_in
from finetune.data.hear import (
    GARBLED,
    LOST,
    RATES,
    SAME,
    SILENT,
    VOICES,
    Booth,
    find_again,
    reheard,
    some,
    sound_of,
)
from finetune.data.remembered import Remembered
from finetune.listening import voices as listening
from finetune.rows import choices, shipped_skills


@pytest.mark.parametrize(
    ("said", "words", "heard", "found"),
    [
        ("set a timer for ten minutes", "ten minutes", "set a time or for ten minutes", "ten minutes"),
        ("play yesterday by the beatles", "yesterday", "play yester day by the beetles", "yester day"),
        ("play yesterday by the beatles", "the beatles", "play yester day by the beetles", "the beetles"),
        ("brew a pot at 9:45 p.m", "9:45 p.m", "bruce a pot at nine forty five pm", "nine forty five pm"),
        ("water it for 25 minutes now", "25 minutes", "what are it for twenty five minutes now", "twenty five minutes"),
        ("make eleven cups", "eleven", "make 11 cups", "11"),
        ("set it to 20 %", "20 %", "set it to twenty percent", "twenty percent"),
        ("coffee for one hundred and fifty", "one hundred and fifty", "coffee for 150", "150"),
        ("fix eight cups of coffee", "eight", "fix a mocha of coffee", None),
        ("play yesterday", "yesterday", "play", None),
    ],
)
def test_words_are_found_again_where_they_stood(said: str, words: str, heard: str, found: str | None) -> None:
    """Misheard words are found by the place they had in the sentence, numbers by how they sound; lost ones are lost."""
    assert find_again(said, words, heard) == found


def test_half_a_number_is_no_number() -> None:
    """When "twenty five" lost its first word's place, the five that is left is not pointed at."""
    assert find_again("wait five minutes", "five minutes", "weight twenty five minutes") is None


def test_numbers_are_compared_as_they_sound() -> None:
    """Digits, times, decimals and percents are spelled as a voice says them."""
    assert sound_of("at 7:30 a.m set 2.5 to 20 %") == "at seven thirty am set two point five to twenty percent"
    assert sound_of("11:05") == "eleven zero five"


CLOSED = choices(shipped_skills())
TIMER = Case("set a timer for ten minutes", "set_timer", {"duration": "ten minutes"}, source="grown", group="g")


@pytest.mark.parametrize(
    ("heard", "reason"),
    [
        ("", SILENT),
        ("Set a timer for 10 minutes.", SAME),
        ("said a timer for pen", LOST),
        ("i have no idea", GARBLED),
        ("Set a timber for ten minutes.", ""),
    ],
)
def test_a_heard_row_is_kept_or_dropped_for_a_reason(heard: str, reason: str) -> None:
    """Silence, nothing new, a lost argument and a garbled sentence are told apart; the rest is a row of its group."""
    row = reheard(TIMER, heard, CLOSED)
    assert (row if isinstance(row, str) else "") == reason
    if isinstance(row, Case):
        assert (row.text, dict(row.words)) == ("set a timber for ten minutes", {"duration": "ten minutes"})
        assert (row.group, row.source) == ("g", "heard-grown")


def test_a_choice_that_was_misheard_is_lost() -> None:
    """When "off" is not heard, the row does not teach that its sentence means off."""
    row = Case("turn off the lamp", "switch", {"state": "off", "device": "lamp"})
    for heard in ("turn on the lamp", "turn of the lamp", "turn oft the lamp"):
        assert reheard(row, heard, CLOSED) == LOST
    kept = reheard(row, "turn off the lamb", CLOSED)
    assert isinstance(kept, Case)
    assert kept.words == {"state": "off", "device": "lamb"}


def test_a_choice_in_other_words_stays_the_choice() -> None:
    """What says it is part of the sentence around, misheard or not; it is never what was heard for it."""
    row = Case("kill the lamp", "switch", {"state": "off", "device": "lamp"})
    kept = reheard(row, "kill the lamb", CLOSED)
    assert isinstance(kept, Case)
    assert kept.words == {"state": "off", "device": "lamb"}


def test_every_voice_is_there_and_none_is_kept_for_measuring() -> None:
    """All voices speak; those that the listening model is measured with are not among them."""
    assert not {f"{accent}+{variant}" for accent, variant in listening.HELD_OUT.values()} & set(VOICES)
    settings = load_settings(None, {}, [])
    for voice in VOICES[:: len(VOICES) // 8]:
        Speaker(settings.speech.model_copy(update={"voice": voice}))
    assert RATES[0] < RATES[1]


@dataclass
class Recording:
    """Ears that keep the sounds they are given."""

    sounds: list[Audio] = field(default_factory=list)

    def transcribe(self, audio: Audio) -> object:
        self.sounds.append(audio)
        return ScriptedTranscriber(["set a timer for ten minuets"]).transcribe(audio)


def test_what_was_heard_is_remembered(tmp_path: Path) -> None:
    """A second run over the same rows hears nothing again and makes the same rows; another seed speaks anew."""
    kept, ears = tmp_path / "kept", Recording()
    booth = Booth(ears, Remembered(kept), CLOSED)
    rows = list(booth.heard([TIMER], seed=1))
    assert [row.text for row in rows] == ["set a timer for ten minuets"]
    (sound,) = ears.sounds
    assert sound.rate_hz == RATE_HZ
    assert sound.seconds > 0.8
    assert 0.01 < float(np.abs(sound.samples).max()) <= 1
    again = Booth(deaf := Recording(), Remembered(kept), CLOSED)
    assert list(again.heard([TIMER], seed=1)) == rows
    assert deaf.sounds == []
    list(again.heard([TIMER], seed=2))
    assert len(deaf.sounds) == 1


def test_a_file_of_answers_that_was_cut_off_anywhere_is_read(tmp_path: Path) -> None:
    """In the middle of a letter, too; and an answer may hold what looks like a line's end."""
    kept = tmp_path / "kept"
    for number, answer in enumerate(("caf\u00e9", "one\u2028two", "three\u0085four", "caf\u00e9")):
        Remembered(kept).keep(answer, str(number))
    kept.write_bytes(kept.read_bytes()[: -len('\u00e9"}\n'.encode()) + 1])
    again = Remembered(kept)
    assert [again.get(str(number)) for number in range(4)] == ["caf\u00e9", "one\u2028two", "three\u0085four", None]
    again.keep("caf\u00e9", "3")
    assert Remembered(kept).get("3") == "caf\u00e9"


def test_the_same_rows_are_spoken_for_the_same_seed() -> None:
    """A share of the rows is drawn by the seed alone."""
    rows = [Case(f"brew {n}", "brew") for n in range(400)]
    assert some(rows, 0.3, 1) == some(rows, 0.3, 1) != some(rows, 0.3, 2)
    assert 80 < len(some(rows, 0.3, 1)) < 160


@pytest.mark.model
def test_the_shipped_model_hears_rows_that_keep_their_words(tmp_path: Path) -> None:
    """Spoken and heard for real, most rows come back whole or changed, and each kept one points at its own words."""
    from assistant.assemble import open_transcriber

    texts = ["ten minutes", "an hour", "twenty seconds", "half an hour", "three minutes", "90 seconds"]
    rows = [Case(f"set a timer for {words}", "set_timer", {"duration": words}) for words in texts]
    booth = Booth(open_transcriber(load_settings(None, {}, [])), Remembered(tmp_path / "kept"), CLOSED)
    heard = list(booth.heard(rows, seed=3))
    assert len(heard) + booth.dropped[SAME] >= 3
    for row in heard:
        assert stands_in(row.words["duration"], row.text)
