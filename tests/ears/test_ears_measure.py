"""What `hark bench listen` counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil
import pytest
from fakes import make_house

from assistant.audio import RATE_HZ
from assistant.commands.bench import _MEASURES, PARTS
from assistant.config import Listen, load_settings
from assistant.ears import measure
from assistant.ears.measure import GAP_S, WAKE_WORD, Utterance, judged, recording, room_noise, wakings

SKILL = '''
"""Something to do."""
from assistant.skill import Context, skill

@skill(examples=["brew coffee", "brew tea"])
def brew(context: Context) -> str:
    """Brew."""
    return "Brewing."
'''
TWO = [Utterance("one", 1.0, 3.0, 0), Utterance("two", 6.0, 8.0, 300)]


def test_delays_are_counted_from_the_last_sound() -> None:
    """A skill that starts 0.45 s after the last sound counts 450 ms, its end being seen 50 ms earlier."""
    found = judged(TWO, [3.45, 8.6], [3.4, 8.5])
    assert found.started_ms == pytest.approx((450, 600)) and found.endpoint_ms == pytest.approx((400, 500))
    assert (found.cut_short, found.unheard) == (0, 0)


def test_an_end_inside_an_utterance_is_one_cut_short() -> None:
    """Whatever comes of its second half, an utterance that was ended inside counts as cut short and no more."""
    found = judged(TWO, [3.45, 7.1, 8.4], [3.4, 7.0, 8.4])
    assert (len(found.started_ms), found.cut_short, found.unheard) == (1, 1, 0)


def test_an_utterance_without_a_call_is_counted() -> None:
    """Nothing that starts before the next utterance is a call that never came."""
    assert judged(TWO, [3.0 + GAP_S + 0.1], [3.5]).unheard == 2


def test_the_recording_is_what_it_says() -> None:
    """Utterances lie where they are said to, 15 dB above the noise, with pauses of 0.1 to 0.4 s in half of them."""
    samples, found = recording(["set a timer for ten minutes", "turn on the kitchen light"] * 3)
    assert all(0 < one.begins_s < one.ends_s < len(samples) / RATE_HZ for one in found)
    pauses = [one.pause_ms for one in found]
    assert pauses[::2] == [0, 0, 0] and all(100 <= pause <= 400 for pause in pauses[1::2])
    loud = [np.sqrt(np.mean(samples[int(a.begins_s * RATE_HZ) : int(a.ends_s * RATE_HZ)] ** 2)) for a in found]
    quiet = np.sqrt(np.mean(samples[int((found[0].ends_s + 0.2) * RATE_HZ) : int(found[1].begins_s * RATE_HZ)] ** 2))
    assert 10 < 20 * np.log10(np.mean(loud) / quiet) < 20


def test_pauses_are_as_long_as_asked_for() -> None:
    """Half of the utterances of more than three words have one, within the limits given."""
    _, found = recording(["set a timer for ten minutes", "turn on the kitchen light"] * 3, pause_ms=(340, 400))
    assert [340 <= one.pause_ms <= 400 for one in found] == [False, True] * 3


def test_room_noise_is_deep() -> None:
    """Most of its power lies below 1 kHz, and its standard deviation is 1."""
    noise = room_noise(RATE_HZ, np.random.default_rng(0))
    power = np.abs(np.fft.rfft(noise)) ** 2
    assert power[:1000].sum() > 0.6 * power.sum() and noise.std() == pytest.approx(1, rel=0.01)


@pytest.mark.model
def test_the_wake_word_is_counted() -> None:
    """Some of the synthetic voices are heard, and a minute of other speech wakes at most once."""
    found = wakings(load_settings(None, {}), ["turn on the kitchen light", "how is the weather in paris"] * 8)
    assert found.missed < found.said / 2 and found.false <= 1 and found.other_s > 30


def test_listening_is_measured_only_when_asked_for() -> None:
    """It takes many minutes, so it is no part of the whole."""
    assert "listen" in _MEASURES and "listen" not in PARTS and set(PARTS) < set(_MEASURES)
    assert Listen().wake_word in WAKE_WORD


def test_idle_listening_counts_every_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The share of a core is of this process and of the one that hears the wake word."""
    seen: list[int] = []
    whole = measure._cpu_s

    def counted(processes: Sequence[psutil.Process]) -> float:
        seen.append(len(processes))
        return whole(processes)

    monkeypatch.setattr(measure, "_cpu_s", counted)
    house = make_house(tmp_path, SKILL, {}, "nothing")
    assert measure.idle_share(house.assistant, 1.0) > 0
    assert seen == [2, 2]
