"""`hark doctor`: one line per part, fine or what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import typer

from assistant.commands.frame import SAID, claim_output, frame
from assistant.config import Settings
from assistant.skill import ConfigError, MissingPiece, SkillError

Check = Callable[[Settings], str]
OPTIONAL = ("sound card", "larger model")
"""Parts that Hark does without."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(doctor)


def doctor(context: typer.Context) -> None:
    """Look at every part of this installation."""
    output = claim_output()
    settings = frame(context).settings
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
    checks: dict[str, Check] = {
        "settings": _settings,
        "diary": _diary,
        "skills": _skills,
        "listening model": _listening,
        "skill model": _deciding,
        "larger model": _larger,
        "voice": _voice,
        "sound card": _sound,
        "memory": _memory,
    }
    for part, check in checks.items():
        try:
            yield part, True, check(settings)
        except (MissingPiece, ConfigError, SkillError) as error:
            yield part, False, str(error)
        except sqlite3.Error as error:
            yield part, False, f"{error}; free some space or name another folder under [paths] data"
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
    open_transcriber(settings).transcribe(Audio(np.zeros(8000, dtype=np.float32), 16000))
    return chosen.sentence


def _deciding(settings: Settings) -> str:
    """Loads it and lets it decide once."""
    from assistant import models
    from assistant.decide import Decider
    from assistant.registry import load_skills
    from assistant.turn import Transcript

    path = models.skill_model(settings)
    with Decider(load_skills(settings), settings) as decider:
        decision = decider.decide(Transcript(text="what time is it"), now=settings.now())
    return f"{path.name}, one decision in {decision.ms:.0f} ms"


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


def _memory(_settings: Settings) -> str:
    import psutil

    memory = psutil.virtual_memory()
    return f"{memory.available / 1e6:.0f} of {memory.total / 1e6:.0f} MB free"
