"""`hark demo`: what is heard, called and answered for each recording, and how long it took."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.commands.batch import recordings
from assistant.commands.frame import UsageError, claim_output, frame, tell
from assistant.commands.turns import read_recording
from assistant.skill import SkillError

if TYPE_CHECKING:
    from rich.console import Console

    from assistant.core import Assistant, Response

SAMPLES = Path(__file__).parents[2] / "samples"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def demo(
    context: typer.Context,
    paths: Annotated[list[Path] | None, typer.Argument(help="Recordings, or folders; samples/ unless said.")] = None,
    output: Annotated[Path, typer.Option(help="The folder for the spoken answers.")] = Path("out"),
) -> None:
    """Answer recordings and show every step; timers set here are not kept."""
    from rich.console import Console

    from assistant import models
    from assistant.assemble import Wanted, assemble
    from assistant.config import Diary
    from assistant.trace import Database

    console = Console(file=claim_output(), highlight=False)
    files = recordings(paths or [SAMPLES if SAMPLES.is_dir() else Path("samples")])
    if not files:
        raise UsageError("there is no recording in what you named")
    settings = frame(context).settings
    tell(f"listening model: {models.listening_model(settings).sentence}")
    wanted = Wanted(hears=True, speaks=True, plays=True)
    quiet = settings.model_copy(update={"trace": Diary()})
    failed = 0
    with (
        tempfile.TemporaryDirectory(prefix="hark-demo") as folder,
        assemble(quiet, wanted, Database(Path(folder) / "demo.db")) as assistant,
    ):
        for file, _ in files:
            failed += not _show(console, assistant, file, output)
    if failed:
        raise SkillError(f"{failed} of {len(files)} recordings could not be read")


def _show(console: Console, assistant: Assistant, file: Path, output: Path) -> bool:
    """One recording; False when it is none."""
    try:
        audio = read_recording(file)
    except SkillError as error:
        _print(console, file.name, [("failed", str(error))])
        return False
    response = assistant.hear(audio)
    spoken = _write_spoken(response, output / f"{file.stem}.wav")
    _print(console, file.name, _rows(response, spoken))
    return True


def _rows(response: Response, spoken: str) -> list[tuple[str, str]]:
    turn = response.turn
    sure = f"({turn.decision.confidence:.0%}, {turn.decision.tier})"
    return [
        ("heard", turn.transcript.text or "nothing"),
        ("call", f"{turn.decision.call}  {sure}"),
        ("answer", turn.reply.text),
        ("time", ", ".join(f"{stage} {ms:.0f} ms" for stage, ms in turn.ms.items())),
        ("sound", spoken),
    ]


def _write_spoken(response: Response, path: Path) -> str:
    from assistant.audio import write_wav

    if response.audio is None:
        return "not spoken"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_wav(path, response.audio)
    except OSError as error:
        raise SkillError(f"{path} cannot be written: {error.strerror}") from None
    return str(path)


def _print(console: Console, title: str, rows: list[tuple[str, str]]) -> None:
    """A title and its rows, as wide as the terminal: long values wrap under themselves."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", no_wrap=True, min_width=7)
    table.add_column(overflow="fold")
    for key, value in rows:
        table.add_row(key, Text(value, style="bold" if key == "answer" else ""))
    console.print(Text(title, style="bold cyan"))
    console.print(table)
    console.print()
