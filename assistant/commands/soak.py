"""`hark soak`: does the always-on loop grow over many turns, and does it survive what goes wrong?"""

from __future__ import annotations

import contextlib
import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.frame import UsageError, claim_output, frame, progress
from assistant.skill import SkillError

if TYPE_CHECKING:
    import numpy as np

    from assistant.ears.soak import Told

SOUNDS = (".wav", ".flac", ".mp3", ".ogg")
SAMPLES = Path(__file__).parents[2] / "samples"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(soak)


def soak(
    context: typer.Context,
    turns: Annotated[int, typer.Option(help="Turns over which nothing may grow; 0 for none.", min=0)] = 2000,
    hours: Annotated[float, typer.Option(help="Of sound over which nothing may grow, as fast as it goes.", min=0)] = 0,
    sound: Annotated[
        list[Path] | None, typer.Option(help="Recordings for those hours; noise is made, too.", metavar="FOLDER")
    ] = None,
    faults: Annotated[int, typer.Option(help="Faults of each kind; 0 for none.", min=0)] = 100,
    kind: Annotated[
        list[str] | None, typer.Option(help='Faults of this kind only: "disk full", "ears hang" ...; all by default.')
    ] = None,
    seed: Annotated[int, typer.Option(help="Chooses the recordings and the moments of the faults.")] = 1,
) -> None:
    """Speak to the loop, let a day pass, kill its processes, pull its microphone, hang a skill, fill the disk.

    Sound from recordings, as fast as it goes, in a temporary folder. Exit code 1 where something grew or was lost.
    """
    from assistant.assemble import Wanted, assemble
    from assistant.ears.sensing import SensingProcess
    from assistant.ears.soak import CLIPS, STUCK, Plan, Soak, prepared
    from assistant.ears.sources import from_file

    kinds = _kinds(kind or [])
    output = claim_output()
    fine = True

    def tell(found: Told) -> None:
        nonlocal fine
        sentence, good = describe(found)
        fine = fine and good
        output.write(sentence + "\n")
        output.flush()

    recordings = _recordings(sound or [])
    clips = {name: tuple(from_file(SAMPLES / f"{name}.wav")) for name in (*CLIPS, STUCK)}
    if logging.getLogger().level == logging.WARNING:
        logging.getLogger().setLevel(logging.ERROR)  # each fault is warned of, and each is meant
    with tempfile.TemporaryDirectory(prefix="hark-soak-") as folder:
        settings = prepared(frame(context).settings, Path(folder))
        with (
            contextlib.closing(SensingProcess(settings.listen)) as sensing,
            assemble(settings, Wanted(hears=True, speaks=True, apart=True)) as assistant,
            progress("a day, in minutes", int(hours * 60) or None) as done,
        ):
            sensing.check()
            plan = Plan(turns, hours, faults, kinds, recordings, done)
            Soak(assistant, sensing, clips, seed).run(plan, tell)
    if not fine:
        raise typer.Exit(1)


def _kinds(chosen: list[str]) -> tuple[str, ...]:
    """Raises UsageError for a fault that is unknown."""
    from assistant.ears.soak import KINDS

    for one in chosen:
        if one not in KINDS:
            raise UsageError(f"there is no kind of fault {one}; choose from {', '.join(KINDS)}")
    return tuple(chosen) or KINDS


def _recordings(folders: list[Path]) -> list[np.ndarray]:
    """Every recording below the folders. Raises SkillError."""
    from assistant.audio import AudioError, read_audio

    found = []
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in SOUNDS):
        try:
            found.append(read_audio(path).samples)
        except AudioError as error:
            raise SkillError(str(error)) from None
    if folders and not found:
        raise UsageError(f"there is no recording in {', '.join(map(str, folders))}")
    return found


def describe(found: Told) -> tuple[str, bool]:
    """A sentence, and whether all was well."""
    from assistant.ears.soak import Day, Survived, Turns

    if isinstance(found, Survived):
        sentence = (
            f"{found.kind}: survived {found.answered_after} of {found.n} (the next utterance was answered); "
            f"{found.felt} cost the turn they fell into; from a tenth of them to all: {found.growth}"
        )
        return sentence, found.answered_after == found.n and found.growth.is_bounded
    if isinstance(found, Turns):
        sentence = (
            f"{found.n} turns in {found.seconds:.0f} s, {found.lost} lost; from a tenth of them to all: {found.growth}"
        )
        return sentence, found.growth.is_flat and not found.lost
    if isinstance(found, Day):
        sentence = (
            f"{found.hours:.1f} hours of sound in {found.seconds:.0f} s, {found.turns} turns in them, "
            f"{found.lost} lost; from a tenth of them to all: {found.growth}"
        )
        return sentence, found.growth.is_flat and not found.lost
    return f"timers confirmed aloud: {found.n}, of which {found.lost} are not in the database", not found.lost
