"""The sound card: any rate and channels, pulled out and put back; and what is being said, sample by sample."""

from __future__ import annotations

import itertools
import logging
import sys

import numpy as np
import pytest
from sound_cards import FakeCard

from assistant import sound
from assistant.audio import RATE_HZ, Audio, Resampler, resampled
from assistant.ears import mouth as mouths
from assistant.ears.mouth import Mouth
from assistant.skill import MissingPiece
from assistant.sound import FRAME, Loudspeaker, Microphone


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> FakeCard:
    """A sound card that is plugged in."""
    found = FakeCard()
    monkeypatch.setitem(sys.modules, "sounddevice", found.library())
    monkeypatch.setattr(sound, "RETRY_S", 0.02)
    monkeypatch.setattr(sound, "STALL_S", 0.4)
    monkeypatch.setattr(sound, "HICCUP_S", 0.1)
    monkeypatch.setattr(sound, "_open_streams", set())
    return found


def wave(seconds: float, rate_hz: int, hz: float = 440.0) -> np.ndarray:
    """A tone."""
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def chirp(seconds: float, rate_hz: int) -> np.ndarray:
    """A tone that rises from 200 to 2,000 Hz: no stretch of it is like another."""
    at = np.arange(int(seconds * rate_hz)) / rate_hz
    return (0.5 * np.sin(2 * np.pi * (200 + 900 * at / seconds) * at)).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize(("inputs", "takes_mono"), [(1, True), (2, True), (8, False)])
def test_any_rate_and_channels_become_16_khz_mono(card: FakeCard, rate_hz: int, inputs: int, takes_mono: bool) -> None:
    """A tone that the card records at its own rate, on all of its channels, is the same tone at 16 kHz."""
    card.rate_hz, card.inputs, card.takes_mono = rate_hz, inputs, takes_mono
    microphone = Microphone()
    frames = microphone.frames()
    microphone._try_to_open()
    assert card.streams[-1].channels == (1 if takes_mono else inputs)
    tone = wave(1.0, rate_hz)
    for block in np.array_split(tone, 50):
        card.hear(block)
    heard = np.concatenate(list(itertools.islice(frames, 28)))
    wanted = wave(1.0, RATE_HZ)[: len(heard)]
    assert np.abs(heard[500:] - wanted[500:]).max() < 0.01
    frames.close()
    assert card.streams[-1].closed


def test_a_microphone_that_is_pulled_out_is_silence_until_it_is_back(
    card: FakeCard, caplog: pytest.LogCaptureFixture
) -> None:
    """The frames go on without it, and with it again; each change is said once."""
    microphone = Microphone()
    frames = microphone.frames()
    next_heard = []

    def until(wanted: bool) -> None:
        for _ in range(200):
            if card.streams and not card.streams[-1].closed:
                card.hear(wave(0.064, card.rate_hz))
            next_heard.append(bool(np.abs(next(frames)).max() > 0.1))
            if next_heard[-1] is wanted:
                return
        raise AssertionError(f"no frame was {wanted}")

    with caplog.at_level(logging.WARNING):
        microphone._try_to_open()
        until(True)
        card.plugged = False
        until(False)
        for _ in range(20):
            assert not next(frames).any()
        card.plugged = True
        until(True)
    frames.close()
    assert [record.message.split("(")[0] for record in caplog.records] == [
        "the microphone cannot be heard ",
        "the microphone is back: fake card, 48000 Hz, 1 channel",
    ]
    assert len(card.streams) >= 2 and card.scans >= 2


def test_no_microphone_at_the_start_is_waited_for(card: FakeCard, caplog: pytest.LogCaptureFixture) -> None:
    """A service may start before its sound card does."""
    card.plugged = False
    frames = Microphone().frames()
    with caplog.at_level(logging.WARNING):
        assert all(not next(frames).any() for _ in range(5))
    assert caplog.text.count("waiting for it") == 1


def test_a_main_loop_that_is_behind_loses_the_oldest_sound(card: FakeCard) -> None:
    """The card's thread never waits, and memory stays bounded."""
    microphone = Microphone()
    frames = microphone.frames()
    microphone._try_to_open()
    for number in range(1000):
        card.hear(np.full(1536, number / 1000, np.float32))
    assert microphone._blocks.qsize() <= 512
    assert next(frames).max() > 0.4


def test_the_card_is_not_looked_for_while_it_speaks(card: FakeCard) -> None:
    """PortAudio closes every stream when it looks for devices, so nobody looks while something is being said."""
    loudspeaker = Loudspeaker()
    assert loudspeaker.open(lambda count: np.zeros(count, np.float32))
    microphone = Microphone()
    microphone._try_to_open()
    assert card.scans == 0 and microphone.name
    microphone.close()
    loudspeaker.close()
    microphone._try_to_open()
    assert card.scans == 1 and microphone.name


def test_without_the_library_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing comes with the command that installs it."""
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(MissingPiece, match=r"pip install 'hark\[mic\]'"):
        Microphone()


def test_blocks_are_resampled_without_a_seam() -> None:
    """A tone in blocks of odd lengths comes out as one tone, and with all of its length."""
    resampler, tone = Resampler(44_100, RATE_HZ), wave(1.0, 44_100)
    parts = [resampler.feed(block) for block in np.array_split(tone, 97)]
    whole = np.concatenate([*parts, resampler.rest()])
    assert len(whole) == RATE_HZ
    assert np.abs(whole[500:-500] - wave(1.0, RATE_HZ)[500:-500]).max() < 0.01
    assert abs(resampled(Audio(tone, 44_100), 48_000).seconds - 1) < 1e-3


def test_what_is_said_can_be_held_resumed_and_cut() -> None:
    """Held, nothing is played and nothing is lost; cut, it is over."""
    mouth, samples = Mouth(), np.arange(1, 4 * FRAME + 1, dtype=np.float32) / 10000
    mouth.say(Audio(samples, RATE_HZ))
    played = [mouth.played()]
    mouth.hold()
    assert not np.any(mouth.played()) and mouth.is_busy
    mouth.resume()
    while mouth.is_busy:
        played.append(mouth.played())
    assert np.array_equal(np.concatenate(played), samples)
    assert mouth.played() is None
    mouth.say(Audio(samples, RATE_HZ))
    mouth.cut()
    assert not mouth.is_busy and mouth.played() is None


def test_ringing_begins_again() -> None:
    """What is to go on goes on until it is cut."""
    mouth = Mouth()
    mouth.say(Audio(np.ones(FRAME, np.float32), RATE_HZ), again=True)
    assert all(np.all(mouth.played()) for _ in range(20))
    mouth.cut()
    assert not mouth.is_busy


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 48_000])
def test_a_card_plays_and_what_it_played_is_known(card: FakeCard, rate_hz: int) -> None:
    """Both channels get the sound at the card's rate, and the frames of the reference are the same sound at 16 kHz."""
    card.rate_hz = rate_hz
    mouth = Mouth(Loudspeaker())
    said = chirp(0.5, RATE_HZ)
    mouth.say(Audio(said, RATE_HZ))
    played, known = [], []
    while mouth.is_busy:
        out = card.ask(rate_hz * FRAME // RATE_HZ)
        assert np.array_equal(out[:, 0], out[:, 1])
        played.append(out[:, 0])
        known.append(mouth.played())
    loud, wanted = np.concatenate(played), chirp(0.5, rate_hz)
    assert np.abs(loud[200 : len(wanted) - 200] - wanted[200:-200]).max() < 0.02
    reference = np.concatenate([frame for frame in known if frame is not None])
    lag = int(np.argmax(np.correlate(reference, said[:4000], "valid")))
    assert lag <= 2 * FRAME
    assert np.abs(reference[lag : lag + 4000] - said[:4000])[100:].max() < 0.05
    for _ in range(40):
        mouth.played()
    assert card.streams[-1].closed


def test_a_loudspeaker_that_dies_ends_the_answer(card: FakeCard, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card that asks for no samples any more does not keep the loop waiting."""
    monkeypatch.setattr(mouths, "DEAD_S", 0.0)
    mouth = Mouth(Loudspeaker())
    mouth.say(Audio(wave(1, RATE_HZ), RATE_HZ))
    mouth.played()
    assert not mouth.is_busy and card.streams[-1].closed


def test_a_loudspeaker_that_cannot_be_opened_costs_the_sound_only(card: FakeCard) -> None:
    """Time passes as if it had been said."""
    mouth = Mouth(Loudspeaker())
    card.plugged = False
    mouth.say(Audio(wave(0.1, RATE_HZ), RATE_HZ))
    frames = 0
    while mouth.is_busy:
        mouth.played()
        frames += 1
    assert frames == 4
