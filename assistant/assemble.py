"""An assistant from the settings: the one place where the real parts are put together.

Heavy parts are imported only when they are wanted, so that a command that needs none starts in a blink.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.config import Settings
from assistant.core import Assistant, Parts
from assistant.registry import SkillSet, load_skills
from assistant.trace import FILE, Database, Trace

if TYPE_CHECKING:
    from assistant.audio import Audio
    from assistant.core import Speaks, Transcribes
    from assistant.ears.transcriber import HearingProcess
    from assistant.hands import Acts
    from assistant.speak import Speaker
    from assistant.transcribe import Transcriber

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """Which of the parts a command needs."""

    hears: bool = False
    speaks: bool = False
    plays: bool = False
    """Implies `speaks`, where there is a loudspeaker."""
    apart: bool = False
    """The listening model, the skills and the voice in processes of their own, so that what they do ends nothing."""


def open_database(settings: Settings) -> Database:
    """The household's SQLite file."""
    return Database(settings.paths.data / FILE)


def open_skills(settings: Settings) -> SkillSet:
    """Every skill; a plugin that was left out is said once. Raises ConfigError."""
    skills = load_skills(settings)
    for fault in skills.faults:
        log.warning("left out: %s", fault)
    return skills


@contextlib.contextmanager
def assemble(settings: Settings, wanted: Wanted, database: Database | None = None) -> Iterator[Assistant]:
    """The household's assistant, closed at the end.

    Args:
        database: another file than the household's, for a try that must leave nothing behind.
    Raises:
        ConfigError, MissingPiece: a setting is wrong, or a model is not here.
    """
    from assistant import models
    from assistant.decide import Decider
    from assistant.process import bound_heap

    if wanted.apart:
        bound_heap()
    skills = open_skills(settings)
    database = database or open_database(settings)
    trace = Trace(database)
    forget_old(settings, trace)
    play = _loudspeaker() if wanted.plays else None
    with contextlib.ExitStack() as stack:
        decider = stack.enter_context(Decider(skills, settings, taught=trace.taught().get))
        transcriber: Transcribes | None = None
        hands: Acts | None = None
        if wanted.apart:
            from assistant.hands_apart import HandsProcess

            hands = stack.enter_context(contextlib.closing(HandsProcess(settings, skills, database, decider.answer)))
            transcriber = stack.enter_context(contextlib.closing(open_transcriber_apart(settings)))
        elif wanted.hears:
            transcriber = open_transcriber(settings)
        speaker: Speaks | None = None
        if wanted.speaks or play:
            speaker = open_speaker_apart(settings, stack) if wanted.apart else open_speaker(settings)
        parts = Parts(
            decider=decider,
            trace=trace,
            transcriber=transcriber,
            speaker=speaker,
            play=play,
            answer=decider.answer,
            hands=hands,
            models=models.checksums(settings),
        )
        yield Assistant(settings, skills, database, parts)


def open_transcriber(settings: Settings) -> Transcriber:
    """The household's ears. Raises MissingPiece, ConfigError."""
    from assistant import models
    from assistant.transcribe import Transcriber

    chosen = models.listening_model(settings)
    log.info("listening model: %s", chosen.sentence)
    return Transcriber(chosen.path, threads=settings.models.threads, language=settings.household.language)


def open_transcriber_apart(settings: Settings) -> HearingProcess:
    """As `open_transcriber`, in a process of its own; what is missing there is said at the first sound."""
    from assistant import models
    from assistant.ears.transcriber import HearingProcess

    chosen = models.listening_model(settings)
    log.info("listening model: %s", chosen.sentence)
    return HearingProcess(chosen.path, threads=settings.models.threads, language=settings.household.language)


def open_speaker(settings: Settings) -> Speaker:
    """The household's voice. Raises MissingPiece, ConfigError."""
    from assistant.speak import Speaker

    return Speaker(settings.speech, settings.household.language)


def open_speaker_apart(settings: Settings, stack: contextlib.ExitStack) -> Speaks:
    """As `open_speaker`; espeak-ng in a process of its own, which the stack ends. Piper's is one already."""
    from assistant.speak_apart import SpeakingProcess

    if settings.speech.piper:
        return open_speaker(settings)
    speaker = stack.enter_context(contextlib.closing(SpeakingProcess(settings.speech, settings.household.language)))
    speaker.check()
    return speaker


def _loudspeaker() -> Callable[[Audio], None] | None:
    from assistant import sound

    return sound.play if sound.has_loudspeaker() else None


def forget_old(settings: Settings, trace: Trace) -> None:
    """Drop what the household's `[trace] keep_days` no longer covers, recordings included."""
    if not settings.trace.keep_days:
        return
    with contextlib.suppress(sqlite3.Error):
        for name in trace.forget(settings.now() - dt.timedelta(days=settings.trace.keep_days)):
            with contextlib.suppress(OSError):
                Path(name).unlink()
