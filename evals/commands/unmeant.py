"""`hark eval unmeant`: hours of noise, music and talk that are not for us, through the whole loop."""

from __future__ import annotations

import contextlib
import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from assistant.commands.frame import UsageError, claim_output, frame, progress, tell, write_json, written_whole
from assistant.config import Settings
from assistant.files import refuse_folder

if TYPE_CHECKING:
    from evals.unmeant import Account
    from evals.unmeant_sounds import Piece, Sources

FOLDER, EVIDENCE, RESULT = "unmeant", "evidence.jsonl", "unmeant.json"


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command()(unmeant)


def unmeant(
    context: typer.Context,
    hours: Annotated[float, typer.Option(help="Of sound, a third of each kind.", min=0.01, max=1000.0)] = 2.0,
    noise: Annotated[
        list[Path] | None, typer.Option(help="Recordings of noise; some is made, too.", metavar="FOLDER")
    ] = None,
    talk: Annotated[
        list[Path] | None, typer.Option(help="Recordings of people who do not mean us.", metavar="FOLDER")
    ] = None,
    sentences: Annotated[
        Path | None, typer.Option(help="What synthetic voices say, line by line; else overheard talk.", metavar="FILE")
    ] = None,
    seed: Annotated[int, typer.Option(help="Chooses the sound and its order.")] = 1,
    to: Annotated[Path | None, typer.Option(help="Where evidence and figures go.", metavar="FOLDER")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Play sound that is not meant for us, as fast as it goes: what wakes, is written down, asked and called.

    Noise, music and talk, made here or recorded, through the whole loop; nothing is done. What our processes take is
    told too, because hours of sound show whether anything grows.
    """
    output = claim_output()
    settings = frame(context).settings
    folder = to or settings.paths.data / FOLDER
    refuse_folder(folder)
    sources = _sources(hours, (tuple(noise or ()), tuple(talk or ())), _lines(sentences), seed)
    found = _heard(settings, sources)
    folder.mkdir(parents=True, exist_ok=True)
    with written_whole(folder / EVIDENCE) as evidence:
        evidence.writelines(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in found.happenings)
    figures = {"wake_word": settings.listen.wake_word, "seed": seed, **found.to_json()}
    with written_whole(folder / RESULT) as out:
        json.dump(figures, out, indent=1)
        out.write("\n")
    if as_json:
        write_json(output, {**figures, "folder": str(folder)})
        return
    _show(output, settings.listen.wake_word, found)
    output.write(f"evidence: {folder}\n")


def _lines(file: Path | None) -> tuple[str, ...]:
    """Raises UsageError."""
    if file is None:
        from evals.sets import overheard

        return tuple(case.text for case in overheard())
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read: {error}") from None
    found = tuple(line for line in lines if line and not line.startswith("#"))
    if not found:
        raise UsageError(f"{file} holds no sentence")
    return found


def _sources(
    hours: float, folders: tuple[Sequence[Path], Sequence[Path]], lines: tuple[str, ...], seed: int
) -> Sources:
    """Raises UsageError."""
    from evals.unmeant_sounds import Kind, Sources
    from evals.wake_sounds import read_recording, recordings, room_of
    from evals.wake_voices import voices

    kinds: tuple[Kind, Kind] = ("noise", "talk")
    recorded = []
    for kind, named in zip(kinds, folders, strict=True):
        for folder in named:
            if not folder.is_dir():
                raise UsageError(f"the folder {folder} does not exist")
            recorded += [(kind, path.name, read_recording(path)) for path in recordings(folder)]
    order = list(lines)
    random.Random(seed).shuffle(order)
    return Sources(hours, tuple(order), voices(), tuple(recorded), seed, room_of(folders[0]))


def _heard(settings: Settings, sources: Sources) -> Account:
    """Play it to a loop in a folder of its own. Ctrl-C ends it early; what was heard so far is counted."""
    from assistant.assemble import Wanted, assemble
    from assistant.ears.echo import OwnVoice
    from assistant.ears.senses import Senses
    from assistant.ears.sensing import SensingProcess
    from evals.unmeant import Account, listen
    from evals.unmeant_sounds import pieces

    found = Account()
    with tempfile.TemporaryDirectory(prefix="hark-unmeant-") as folder:
        paths = settings.paths.model_copy(update={"data": Path(folder)})
        with (
            contextlib.closing(SensingProcess(settings.listen)) as sensing,
            assemble(settings.model_copy(update={"paths": paths}), Wanted(hears=True, apart=True)) as assistant,
            progress("playing, in seconds", int(sources.hours * 3600)) as done,
        ):
            sensing.check()
            senses = Senses(sensing, OwnVoice(), sensing if sensing.has_wake_word else None)
            try:
                listen(assistant, senses, _counted(pieces(sources), done), found.take)
            except KeyboardInterrupt:
                tell("hark: stopped; what was heard so far is counted.")
    return found


def _counted(pieces: Iterator[Piece], done: Any) -> Iterator[Piece]:
    from assistant.audio import RATE_HZ

    seconds = 0.0
    for piece in pieces:
        yield piece
        seconds += len(piece.samples) / RATE_HZ
        done(int(seconds))


def _show(output: TextIO, word: str, found: Account) -> None:
    from evals.unmeant import WHATS
    from evals.unmeant_sounds import KINDS

    output.write(f"wake word {word}\n")
    for kind in (*KINDS, None):
        rates = [found.rate(what, kind) for what in WHATS]
        counts = ", ".join(f"{one.count} {what}s" for what, one in zip(WHATS, rates, strict=True))
        output.write(f"{kind or 'all'}, {rates[0].hours:.2f} h: {counts}\n")
    calls = found.rate("call")
    output.write(f"calls an hour: {calls.value:.2f} ({calls.low:.2f} to {calls.high:.2f}; aim: 0)\n")
    for one in found.happenings:
        if one.what != "text" or one.kind != "talk":
            words = f'"{one.text}" {one.skill} {one.confidence:.2f}, heard {one.heard:.2f}' if one.text else ""
            output.write(f"{one.what} at {one.at_s:.0f} s, {one.kind} ({one.piece}) {words}\n")
    grown = found.growth
    output.write(f"from a tenth of it to its end: {grown}\n" if grown else "too short to say whether anything grows\n")
