"""`hark eval listening`: listening models beside one another, and a Whisper beside itself with a shorter window."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.frame import UsageError, claim_output, frame, progress, write_json

if TYPE_CHECKING:
    from assistant.config import Settings
    from evals.listening import Ear

UNTRAINED_S = 10
"""The shorter window that random weights are timed with."""


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command()(listening)


def listening(
    context: typer.Context,
    where: Annotated[
        str,
        typer.Argument(help="A folder of recordings, NAME.wav with NAME.txt beside; or a set.", metavar="RECORDINGS"),
    ],
    names: Annotated[
        list[str] | None,
        typer.Argument(help="shipped, a model that `hark models` shows, or a folder; the first is compared with."),
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The folder of a public set.", metavar="FOLDER")] = None,
    untrained: Annotated[
        str, typer.Option(help="tiny, base or small: time random weights of that shape, whole and cut to 10 s.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """The same recordings through several listening models: time, memory, word error."""
    from evals import listening as measuring

    output = claim_output()
    settings = frame(context).settings
    clips = measuring.clips_of(where, data)
    with tempfile.TemporaryDirectory(prefix="hark-listening-") as room:
        ears = [_ear(settings, name) for name in names or ()]
        if untrained:
            ears += _untrained(settings, untrained, Path(room))
        if not ears:
            raise UsageError("name the models to compare, as `hark models list` shows them, or say --untrained tiny")
        with progress("hearing", len(clips)) as bar:
            found = measuring.compare(ears, clips, settings.models.threads, bar)
    if as_json:
        write_json(output, found)
    else:
        output.write("\n".join(measuring.sentences(found)) + "\n")


def _ear(settings: Settings, name: str) -> Ear:
    """Raises ConfigError, MissingPiece."""
    from assistant.models import listening_model
    from evals.listening import Ear

    found = listening_model(settings, name)
    return Ear(found.name, found.path)


def _untrained(settings: Settings, shape: str, room: Path) -> list[Ear]:
    """A random Whisper, whole and with the shorter window."""
    from assistant.window import shorten
    from evals.listening import Ear
    from evals.random_whisper import SHAPES, random_whisper

    if shape not in SHAPES:
        raise UsageError(f"there is no shape {shape}; choose from {', '.join(SHAPES)}")
    whole = random_whisper(shape, settings.paths.cache / "listening")
    shorten(whole, room, UNTRAINED_S)
    words = f"random weights of {shape}'s shape"
    return [
        Ear(words, whole, knows_words=False),
        Ear(f"{words}, {UNTRAINED_S} s", room, knows_words=False),
    ]
