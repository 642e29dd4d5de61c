"""Sound files: every kind that a household may have, and every way in which one can be broken."""

from __future__ import annotations

import gc
import io
import random
import resource
import struct
import sys
import wave
from pathlib import Path

import numpy as np
import pytest

from assistant.audio import RATE_HZ, Audio, AudioError, read_audio, write_wav


def tone(rate_hz: int, seconds: float = 0.5, pitch_hz: float = 440.0) -> np.ndarray:
    """Return a sine of amplitude 0.5, shape (n,)."""
    return (0.5 * np.sin(2 * np.pi * pitch_hz * np.arange(int(rate_hz * seconds)) / rate_hz)).astype(np.float32)


def wav_bytes(samples: np.ndarray, rate_hz: int, width: int) -> bytes:
    """Return a WAV file of samples, (n,) or (n, channels), with `width` bytes a sample; 4 means float."""
    channels = 1 if samples.ndim == 1 else samples.shape[1]
    if width == 1:
        data = ((samples * 127) + 128).astype("u1").tobytes()
    elif width == 2:
        data = (samples * 32767).astype("<i2").tobytes()
    elif width == 3:
        wide = (samples * (2**23 - 1)).astype("<i4").reshape(-1)
        data = wide.view("u1").reshape(-1, 4)[:, :3].tobytes()
    else:
        data = samples.astype("<f4").tobytes()
    kind = 3 if width == 4 else 1
    step = channels * width
    head = struct.pack("<HHIIHH", kind, channels, rate_hz, rate_hz * step, step, width * 8)
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def pitch_of(audio: Audio) -> float:
    """Return the strongest frequency in hertz."""
    spectrum = np.abs(np.fft.rfft(audio.samples * np.hanning(len(audio.samples))))
    return float(spectrum.argmax() * audio.rate_hz / len(audio.samples))


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_wav_of_any_rate_and_width(tmp_path: Path, rate_hz: int, width: int) -> None:
    """A WAV file of any rate and width becomes the same sound at 16 kHz."""
    path = tmp_path / "tone.wav"
    path.write_bytes(wav_bytes(tone(rate_hz), rate_hz, width))
    audio = read_audio(path)
    assert audio.rate_hz == RATE_HZ and audio.samples.dtype == np.float32 and audio.samples.ndim == 1
    assert abs(audio.seconds - 0.5) < 0.02
    assert abs(pitch_of(audio) - 440) < 4
    assert abs(float(np.abs(audio.samples[2000:6000]).max()) - 0.5) < 0.03


def test_stereo_is_averaged(tmp_path: Path) -> None:
    """Two channels are averaged: neither louder than one of them, nor is one lost."""
    path = tmp_path / "stereo.wav"
    both = np.stack([tone(44_100), tone(44_100)], axis=1)
    path.write_bytes(wav_bytes(both, 44_100, 2))
    assert abs(float(np.abs(read_audio(path).samples[2000:6000]).max()) - 0.5) < 0.03
    one = np.stack([tone(44_100), 0 * tone(44_100)], axis=1)
    path.write_bytes(wav_bytes(one, 44_100, 2))
    assert abs(float(np.abs(read_audio(path).samples[2000:6000]).max()) - 0.25) < 0.03


@pytest.mark.parametrize(("codec", "container"), [("flac", "flac"), ("libmp3lame", "mp3")])
def test_flac_and_mp3(tmp_path: Path, codec: str, container: str) -> None:
    """FLAC and MP3 are read as WAV is."""
    av = pytest.importorskip("av")
    path = tmp_path / f"tone.{container}"
    with av.open(str(path), "w", format=container) as file:
        stream = file.add_stream(codec, rate=16_000, layout="mono")
        samples = (tone(16_000, 1.0)[None] * 32767).astype("<i2")
        frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
        frame.sample_rate = 16_000
        resampler = av.AudioResampler(stream.format.name, "mono", 16_000, stream.frame_size or 4_096)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    audio = read_audio(path)
    assert abs(audio.seconds - 1.0) < 0.15 and abs(pitch_of(audio) - 440) < 4


BROKEN = {
    "empty": (b"", "is empty"),
    "cut-off header": (wav_bytes(tone(16_000), 16_000, 2)[:20], "damaged|no sound"),
    "header alone": (wav_bytes(tone(16_000, 0.0), 16_000, 2), "no sound"),
    "text": (b"this is no sound, whatever its name says\n" * 20, "not a sound file"),
    "random bytes": (random.Random(1).randbytes(5_000), "not a sound file|damaged|no sound"),
    "RIFF and then nothing sensible": (b"RIFF" + random.Random(2).randbytes(3_000), "damaged|no sound"),
    "a playlist": (b"#EXTM3U\n#EXTINF:1,\n/etc/passwd\n", "not a sound file"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + random.Random(3).randbytes(500), "not a sound file"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_say_so_in_one_sentence(tmp_path: Path, name: str) -> None:
    """A file without sound in it is refused in one sentence that names the file."""
    content, reason = BROKEN[name]
    path = tmp_path / "broken.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=reason) as caught:
        read_audio(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    """A missing file and a folder are said to be what they are."""
    with pytest.raises(AudioError, match="no file"):
        read_audio(tmp_path / "none.wav")
    with pytest.raises(AudioError, match="folder"):
        read_audio(tmp_path)


def test_a_recording_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    """Of a file whose second half is missing, the first half is read."""
    whole = wav_bytes(tone(16_000, 2.0), 16_000, 2)
    path = tmp_path / "half.wav"
    path.write_bytes(whole[: len(whole) // 2])
    assert 0.8 < read_audio(path).seconds <= 1.01


def test_samples_that_are_no_numbers_become_silence(tmp_path: Path) -> None:
    """NaN and infinity in a float file do not reach the models, and loud samples are limited."""
    samples = tone(16_000)
    samples[100], samples[200], samples[300] = np.nan, np.inf, 7.0
    path = tmp_path / "float.wav"
    path.write_bytes(wav_bytes(samples, 16_000, 4))
    read = read_audio(path).samples
    assert np.isfinite(read).all() and np.abs(read).max() <= 1.0


def test_random_damage_never_raises_anything_else(tmp_path: Path) -> None:
    """Whatever bytes of a WAV file are damaged, the outcome is sound or an AudioError."""
    r = random.Random(7)
    whole = bytearray(wav_bytes(tone(16_000, 0.1), 16_000, 2))
    for number in range(60):
        damaged = bytearray(whole)
        for _ in range(r.randint(1, 6)):
            damaged[r.randrange(60)] = r.randrange(256)
        path = tmp_path / f"{number}.wav"
        path.write_bytes(damaged[: r.randrange(1, len(damaged))])
        try:
            audio = read_audio(path)
        except AudioError:
            continue
        assert audio.samples.dtype == np.float32


def test_ten_minutes_stay_small_in_memory(tmp_path: Path) -> None:
    """Ten minutes of 48 kHz stereo need some 40 MB at 16 kHz, and no more than a few times that on the way."""
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 48_000, 0, "NONE", ""))
        second = (np.stack([tone(48_000, 1.0)] * 2, axis=1) * 32767).astype("<i2").tobytes()
        for _ in range(600):
            file.writeframes(second)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    audio = read_audio(path)
    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert abs(audio.seconds - 600) < 0.1 and grown_mb < 250


def test_written_wav_reads_back(tmp_path: Path) -> None:
    """What is written is read back, and nothing else is left in the folder."""
    path = tmp_path / "out.wav"
    write_wav(path, Audio(tone(22_050), 22_050))
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (22_050, 1, 2)
    assert abs(read_audio(path).seconds - 0.5) < 0.01
    assert [item.name for item in tmp_path.iterdir()] == ["out.wav"]


def test_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """When writing fails, the file that was there stays whole and no half file remains."""
    path = tmp_path / "out.wav"
    path.write_bytes(b"old")
    with pytest.raises((ValueError, TypeError, struct.error, wave.Error)):
        write_wav(path, Audio(np.array(["no", "sound"]), 16_000))
    assert path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_is_not_there_is_an_error_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The failed writer leaves no complaint of its own behind when it is collected."""
    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    with pytest.raises(FileNotFoundError):
        write_wav(tmp_path / "no" / "out.wav", Audio(tone(16_000), 16_000))
    gc.collect()
    assert complaints == []


def test_a_wav_in_memory_is_what_the_helper_says() -> None:
    """The WAV files of these tests are real ones: the standard library reads them too."""
    with wave.open(io.BytesIO(wav_bytes(tone(8_000), 8_000, 2))) as file:
        assert file.getnframes() == 4_000
