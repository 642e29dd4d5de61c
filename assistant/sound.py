"""The sound card, by sounddevice; the only room that imports it, and only when asked."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from assistant.skill import MissingPiece

if TYPE_CHECKING:
    from assistant.audio import Audio

HOW = (
    "install it with `pip install 'hark[mic]'` and the system package libportaudio2 (`sudo apt install libportaudio2`)"
)


def _sounddevice() -> Any:
    """The library. Raises MissingPiece; without PortAudio its import raises OSError."""
    try:
        import sounddevice
    except (ImportError, OSError):
        raise MissingPiece(f"sound needs sounddevice; {HOW}") from None
    return sounddevice


def has_loudspeaker() -> bool:
    """Whether something could be heard here; False without the library, too."""
    with contextlib.suppress(MissingPiece, OSError, ValueError, RuntimeError):
        sounddevice = _sounddevice()
        try:
            return int(sounddevice.query_devices(kind="output")["max_output_channels"]) > 0
        except sounddevice.PortAudioError:
            return False
    return False


def play(audio: Audio) -> None:
    """Play to the end on the default loudspeaker.

    Raises:
        MissingPiece: the library is missing, or there is no loudspeaker.
    """
    sounddevice = _sounddevice()
    try:
        sounddevice.play(audio.samples, audio.rate_hz, blocking=True)
    except (sounddevice.PortAudioError, ValueError) as error:
        raise MissingPiece(f"the loudspeaker cannot be used: {error}") from None
