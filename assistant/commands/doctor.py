"""`hark doctor`: one line per part, fine or what to do."""

from __future__ import annotations

import itertools
import sqlite3
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from assistant.commands.frame import SAID, UsageError, claim_output, frame, tell
from assistant.config import Settings
from assistant.skill import ConfigError, MissingPiece, SkillError

if TYPE_CHECKING:
    import numpy as np

    from assistant.audio import Audio

Check = Callable[[Settings], str]
OPTIONAL = ("sound card", "microphone", "wake word", "larger model")
"""Parts that Hark does without."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(
    context: typer.Context,
    part: Annotated[str, typer.Argument(help='"mic" records three seconds and says what was heard.')] = "",
) -> None:
    """Look at every part of this installation."""
    output = claim_output()
    settings = frame(context).settings
    if part == "mic":
        _try_microphone(settings, output)
        return
    if part:
        raise UsageError(f'there is no part {part} to try; write "hark doctor mic", or "hark doctor" for all')
    wrong = 0
    for part, fine, sentence in examine(settings):
        optional = part in OPTIONAL
        mark = "fine" if fine else "none" if optional else "FIX"
        output.write(f"{mark:4}  {part}: {sentence}\n")
        output.flush()
        wrong += not fine and not optional
    raise typer.Exit(SAID if wrong else 0)


def examine(settings: Settings) -> Iterator[tuple[str, bool, str]]:
    """Each part, whether it is fine, and a sentence."""
    from assistant.trace import FILE, complaint, is_damaged

    checks: dict[str, Check] = {
        "settings": _settings,
        "diary": _diary,
        "skills": _skills,
        "listening model": _listening,
        "skill model": _deciding,
        "larger model": _larger,
        "voice": _voice,
        "sound card": _sound,
        "microphone": _microphone,
        "wake word": _wake_word,
        "memory": _memory,
    }
    for part, check in checks.items():
        try:
            yield part, True, check(settings)
        except (MissingPiece, ConfigError, SkillError) as error:
            yield part, False, str(error)
        except sqlite3.Error as error:
            path = settings.paths.data / FILE
            free = "; free some space or name another folder under [paths] data"
            yield part, False, f"{complaint(path, error)}{'' if is_damaged(error) else free}"
        except ImportError as error:
            yield part, False, f"the package {error.name} is missing; run `pip install hark` again"
        except (OSError, RuntimeError) as error:
            yield part, False, f"{type(error).__name__}: {error}"


def _settings(settings: Settings) -> str:
    return str(settings.file) if settings.file else "defaults; hark.example.toml shows what can be set"


def _diary(settings: Settings) -> str:
    from assistant.assemble import open_database

    database = open_database(settings)
    with database.open() as db:
        (turns,) = db.execute("SELECT count(*) FROM turns").fetchone()
        # Reserves the write lock and touches the file, as keeping a turn would.
        db.execute("DELETE FROM turns WHERE id = ''")
    return f"{turns} turns in {database.path}"


def _skills(settings: Settings) -> str:
    from assistant.registry import load_skills

    skills = load_skills(settings)
    if skills.faults:
        raise SkillError(f"{len(skills.faults)} faults; `hark skills check` shows them")
    if not skills.skills:
        raise MissingPiece("none is installed; run `pip install hark` again")
    return f"{len(skills.skills)} in {len(skills.modules)} modules"


def _listening(settings: Settings) -> str:
    """Loads it and lets it hear half a second of silence."""
    import numpy as np

    from assistant import models
    from assistant.assemble import open_transcriber
    from assistant.audio import Audio

    chosen = models.listening_model(settings)
    transcriber = open_transcriber(settings)
    transcriber.transcribe(Audio(np.zeros(8000, dtype=np.float32), 16000))
    return chosen.sentence + (f"; {transcriber.listed} words known" if transcriber.listed else "")


def _deciding(settings: Settings) -> str:
    """Loads it and lets it decide once."""
    from assistant import learned, models
    from assistant.decide import Decider
    from assistant.registry import load_skills
    from assistant.turn import Transcript

    if not settings.models.skill and not settings.models.learned:
        learned.read(settings)  # a decision goes on without one that cannot be read, and it is to be mended
    path, beside = models.skill_model(settings), models.learned_model(settings)
    with Decider(load_skills(settings), settings) as decider:
        decision = decider.decide(Transcript(text="what time is it"), now=settings.now())
    names = f"{path.name}{f' and what was learned, {beside.name}' if beside else ''}"
    return f"{names}, one decision in {decision.ms:.0f} ms"


def _larger(settings: Settings) -> str:
    from assistant import models

    if settings.models.server_url:
        return f"{settings.models.server_model or 'a model'} at {settings.models.server_url}"
    path = models.larger_model(settings)
    if path is None:
        raise MissingPiece("none chosen; `hark models use FILE.gguf` chooses one")
    return str(path)


def _voice(settings: Settings) -> str:
    from assistant.assemble import open_speaker

    speaker = open_speaker(settings)
    if not speaker.speak("Hello.").samples.size:
        raise RuntimeError("the voice says nothing")
    return speaker.name


def _sound(_settings: Settings) -> str:
    from assistant import sound

    if not sound.has_loudspeaker():
        raise MissingPiece(f"no loudspeaker is found; if there is one, {sound.HOW}")
    return "there is a loudspeaker"


def _microphone(settings: Settings) -> str:
    from assistant import sound

    return sound.microphone_name(settings.listen.microphone)


def _wake_word(settings: Settings) -> str:
    """Opens it."""
    from assistant.ears.wake import open_wake_word

    if open_wake_word(settings.listen) is None:
        return "the Enter key" if settings.listen.wake_word == "key" else "none; `hark listen` is always on"
    return f"{settings.listen.wake_word}, sensitivity {settings.listen.sensitivity:g}"


def _memory(_settings: Settings) -> str:
    import psutil

    memory = psutil.virtual_memory()
    return f"{memory.available / 1e6:.0f} of {memory.total / 1e6:.0f} MB free"


# --- hark doctor mic -------------------------------------------------------------------------------------------------

TRY_S = 3.0
_FRAME_S = 0.032
_BAR = 40
"""Characters of the level meter, over 60 dB."""


def _try_microphone(settings: Settings, output: TextIO) -> None:
    """Record, with a level meter on a terminal; say how it sounded and what was understood. Raises MissingPiece."""
    import numpy as np

    from assistant.assemble import open_transcriber
    from assistant.audio import RATE_HZ, Audio
    from assistant.sound import Microphone

    transcriber = open_transcriber(settings)
    microphone = Microphone(settings.listen.microphone)
    frames = microphone.frames()
    next(frames)  # opens it
    if not microphone.name:
        raise MissingPiece("no microphone can be heard; plug one in, or name one under [listen] microphone")
    tell(f"{microphone.name}: say something, for {TRY_S:g} seconds")
    heard = [_metered(frame) for frame in itertools.islice(frames, int(TRY_S / _FRAME_S))]
    microphone.close()
    audio = Audio(np.concatenate(heard), RATE_HZ)
    text = transcriber.transcribe(audio).text
    output.write(f"{describe_sound(audio)}\nheard: {text or 'nothing'}\n")


def _metered(frame: np.ndarray) -> np.ndarray:
    if sys.stderr.isatty():
        filled = max(0, min(_BAR, round((_decibel(frame) + 60) / 60 * _BAR)))
        sys.stderr.write(f"\r[{'#' * filled}{' ' * (_BAR - filled)}]")
        sys.stderr.flush()
    return frame


def _decibel(samples: np.ndarray) -> float:
    """Of full scale."""
    import numpy as np

    return float(10 * np.log10(np.mean(samples.astype(np.float64) ** 2) + 1e-12))


def describe_sound(audio: Audio) -> str:
    """How a recording sounds, and what to do about it, in a sentence."""
    import numpy as np

    from assistant.transcribe import speech_spans

    loudest = float(np.abs(audio.samples).max(initial=0))
    if loudest < 1e-4:
        return "There is nothing at all to hear; is the microphone switched on, and is it the right one?"
    spans = speech_spans(audio)
    spoken = [audio.samples[int(a * audio.rate_hz) : int(b * audio.rate_hz)] for a, b in spans]
    level = f"{_decibel(np.concatenate(spoken)) if spoken else _decibel(audio.samples):.0f} dB"
    if float(np.mean(np.abs(audio.samples) > 0.99)) > 0.001:
        return f"It is too loud: the sound is cut off at the top ({level}); turn the microphone down."
    if not spoken:
        return f"There is sound ({level}), but nobody spoke."
    seconds = sum(b - a for a, b in spans)
    if loudest < 0.02:
        return f"There are {seconds:.1f} s of speech, but too soft ({level}); turn the microphone up or come closer."
    return f"There are {seconds:.1f} s of speech at {level}: good."
