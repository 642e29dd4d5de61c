"""What was heard in a case, as something to click on a page: recordings, and synthetic voices spoken once more."""

from __future__ import annotations

import base64
import logging
import os
import tempfile
from pathlib import Path
from urllib.parse import quote

from assistant.audio import write_wav
from assistant.skill import ConfigError, MissingPiece
from evals.runs import Evidence
from evals.spoken import spoken

log = logging.getLogger(__name__)

ONE_SOUND_BYTES, ALL_SOUND_BYTES = 1_500_000, 12_000_000
"""What is put into the page itself: three quarters of a minute in one piece, and what a phone loads in seconds."""
MEDIA = {".wav": "wav", ".mp3": "mpeg", ".flac": "flac", ".ogg": "ogg", ".oga": "ogg", ".opus": "ogg", ".m4a": "mp4",
         ".webm": "webm"}  # fmt: skip


class Sounds:
    """What was heard, as addresses for a page: inside it while there is room, else as links to where it lies.

    Args:
        page: where the page will lie.
        folder: that the paths of recordings start from; nothing outside it is ever read. None: they are not here.
        seed: of the run, by which the noise under synthetic voices is the same again.
    """

    def __init__(self, page: Path, folder: Path | None, seed: int = 0) -> None:
        self._page, self._folder, self._seed = page, folder.resolve() if folder else None, seed
        self._room = ALL_SOUND_BYTES

    def address(self, one: Evidence) -> str:
        """The `src` of what was heard; "" where there is nothing to hear."""
        if one.kind == "voice":
            return self._spoken(one)
        return self._recorded(one.case.sound) if one.kind == "sound" else ""

    def _recorded(self, sound: str) -> str:
        if self._folder is None:
            return ""
        file = (self._folder / sound).resolve()
        kind = MEDIA.get(file.suffix.lower(), "")
        if not kind or not file.is_relative_to(self._folder) or not file.is_file():
            return ""
        if not self._fits(file):
            return quote(Path(os.path.relpath(file, self._page.resolve().parent)).as_posix())
        return self._inside(file.read_bytes(), kind)

    def _spoken(self, one: Evidence) -> str:
        """The synthetic voice once more; it is never kept, so what is too long for the page is left out."""
        if not self._room:
            return ""
        try:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "said.wav"
                write_wav(file, spoken(one.case.text, one.voice, one.snr_db, self._seed))
                return self._inside(file.read_bytes(), "wav") if self._fits(file) else ""
        except (ConfigError, MissingPiece, RuntimeError) as fault:
            log.warning("a synthetic voice is left out of the report: %s", fault)
            self._room = 0
            return ""

    def _fits(self, file: Path) -> bool:
        return file.stat().st_size <= min(ONE_SOUND_BYTES, self._room)

    def _inside(self, content: bytes, kind: str) -> str:
        self._room -= len(content)
        return f"data:audio/{kind};base64,{base64.b64encode(content).decode()}"
