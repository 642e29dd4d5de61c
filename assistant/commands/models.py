"""`hark models`: what there is, what is here, what is in use."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Annotated, Literal

import typer

from assistant.catalogue import CATALOGUE, listed
from assistant.commands.frame import SAID, Frame, frame, progress
from assistant.config import Settings
from assistant.skill import ConfigError, MissingPiece

Role = Literal["skill", "larger", "listening"]


def register(app: typer.Typer) -> None:
    """Add the group."""
    group = typer.Typer(help="Models: what there is, fetch, choose, check.", no_args_is_help=True)
    group.command("list")(show)
    group.command("pull")(pull)
    group.command("use")(use)
    group.command("window")(window)
    group.command("verify")(verify)
    app.add_typer(group, name="models")


def show(context: typer.Context) -> None:
    """What is in use, and what could be."""
    from assistant import models

    settings = frame(context).settings
    for role, sentence in in_use(frame(context)):
        typer.echo(f"{role}: {sentence}")
    for name in models.shortened(settings):
        typer.echo(f"  {name:9} a shorter window, made here; `hark models use {name}`")
    typer.echo("listening models on the hub:")
    for entry in CATALOGUE:
        here = "here" if models.is_pulled(settings, entry.name) else f"{entry.megabytes} MB to pull"
        fit = (
            "fits this board"
            if models.fits(entry.memory_mb)
            else f"large for this board ({entry.memory_mb} MB of memory)"
        )
        typer.echo(f"  {entry.name:9} {entry.languages:12} {here:16} {fit}")


def in_use(asked: Frame) -> Iterator[tuple[str, str]]:
    """Role and a sentence for each model that the settings choose."""
    from assistant import models

    settings = asked.settings
    try:
        yield "listening", models.listening_model(settings).sentence
    except (MissingPiece, ConfigError) as error:
        yield "listening", str(error)
    try:
        path = models.skill_model(settings)
        yield "skill", f"{path.name}{', which ships with Hark' if path.is_relative_to(models.BUNDLED) else ''}"
        if beside := models.learned_model(settings):
            yield "learned", f"{beside.name}{_origin(settings)}"
    except (MissingPiece, ConfigError) as error:
        yield "skill", str(error)
    if settings.models.server_url:
        yield "larger", f"{settings.models.server_model or 'a model'} at {settings.models.server_url}"
        return
    try:
        larger = models.larger_model(settings)
        yield "larger", str(larger) if larger else "none; choose one with `hark models use FILE.gguf`"
    except ConfigError as error:
        yield "larger", str(error)


def _origin(settings: Settings) -> str:
    """What there is to say of what was learned, beside its name."""
    from assistant import learned, models

    step = models.learned_step(settings)
    if step is None:
        return ""
    new = f": {', '.join(step.skills)}" if step.skills else ""
    return f", learned on {learned.day_of(step)} beside the one that ships{new}; `hark learn --undo` goes back"


def pull(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="A name that `hark models list` shows.")] = "tiny.en",
) -> None:
    """Fetch a Whisper from the hub; a broken-off one goes on where it stopped."""
    from assistant import models

    entry = listed(name)
    with _bar(entry.megabytes) as tell_progress:
        folder = models.pull(frame(context).settings, name, tell_progress)
    typer.echo(f"{name} is in {folder}; `hark models use {name}` makes it the one that listens")


@contextlib.contextmanager
def _bar(megabytes: int) -> Iterator[Callable[[str, int, int], None]]:
    """A bar over all files together, in megabytes."""
    done: dict[str, int] = {}
    with progress("pulling (MB)", megabytes) as show_done:

        def tell(file: str, have: int, _total: int) -> None:
            done[file] = have
            show_done(sum(done.values()) // 1_000_000)

        yield tell


def use(
    context: typer.Context,
    what: Annotated[str, typer.Argument(help="A pulled model's name, a GGUF file, a Whisper folder, or 'shipped'.")],
    role: Annotated[
        Role | None, typer.Option("--as", help="What for; a GGUF file is the larger model unless said.")
    ] = None,
) -> None:
    """Write the choice into the settings file."""
    from assistant import models

    asked = frame(context)
    typer.echo(models.use(asked.settings, asked.settings_file(), what, role))


def window(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            help="A pulled model's name, 'shipped', or a Whisper folder (CTranslate2's or Hugging Face's form)."
        ),
    ],
    seconds: Annotated[int, typer.Option(help="How much sound it takes at once.", min=1, max=29)] = 10,
) -> None:
    """Make a variant of a Whisper that takes less sound at once, and so reads less of it for a short sentence."""
    from assistant import window as windows

    name = windows.make(frame(context).settings, what, seconds)
    typer.echo(
        f"{name} is made; `hark eval listening FOLDER {what} {name}` holds it against {what}, on a folder of "
        f"recordings with a .txt of the same name beside each; `hark models use {name}` makes it the one that listens"
    )


def verify(context: typer.Context) -> None:
    """Compare every model that is here with its checksums."""
    from assistant import models

    broken = 0
    for name, complaint in models.verify(frame(context).settings):
        typer.echo(f"{name}: {complaint or 'whole'}")
        broken += bool(complaint)
    raise typer.Exit(SAID if broken else 0)
