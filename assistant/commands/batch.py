"""`hark parse` and `hark transcribe`: many texts or recordings, one JSON line each, with steady memory."""

from __future__ import annotations

import datetime as dt
import json
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from assistant.commands.frame import UsageError, claim_output, frame, progress, written_whole
from assistant.commands.turns import decided_json, sayable
from assistant.skill import SkillError

if TYPE_CHECKING:
    from assistant.core import Decides
    from assistant.transcribe import Transcriber

log = logging.getLogger(__name__)

SOUND = frozenset((".wav", ".flac", ".mp3", ".ogg", ".oga", ".opus", ".m4a", ".aac", ".webm", ".aiff"))


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(parse)
    app.command()(transcribe)


def parse(
    context: typer.Context,
    sentence: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    input: Annotated[
        Path | None, typer.Option(help='Lines of {"text": ...}; needed.', exists=True, dir_okay=False)
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Where the calls go; needed.")] = None,
) -> None:
    """Text to calls; nothing is done."""
    if sentence or input is None or output is None:
        raise UsageError(
            "hark parse reads a file: hark parse --input IN.jsonl --output OUT.jsonl; for one sentence there is "
            'hark ask --no-act "TEXT"'
        )
    from assistant.assemble import open_skills
    from assistant.decide import Decider

    claim_output()
    settings = frame(context).settings
    _check_folder(output)
    with input.open(encoding="utf-8-sig", errors="surrogateescape") as lines:
        total = max((number for number, _ in _rows(lines, input)), default=0)  # a bad line is refused before the work
    with (
        Decider(open_skills(settings), settings) as decider,
        input.open(encoding="utf-8-sig", errors="surrogateescape") as lines,
        progress("parsing", total) as done,
        written_whole(output) as out,
    ):
        for number, row in _rows(lines, input):
            now = dt.datetime.fromisoformat(row["at"]) if "at" in row else settings.now()
            _write(out, _parsed(decider, row["text"], now, settings.household.language))
            done(number)


def _rows(lines: TextIO, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line's number and object. Raises UsageError that names the first bad line."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise UsageError(f"line {number} of {path} is not JSON") from None
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise UsageError(f'line {number} of {path} has no "text"')
        try:
            dt.datetime.fromisoformat(row.get("at", "2000-01-01"))
        except (ValueError, TypeError):
            raise UsageError(f'the "at" of line {number} of {path} is no ISO 8601 time') from None
        yield number, row


def _parsed(decider: Decides, text: str, now: dt.datetime, language: str) -> dict[str, Any]:
    from assistant.prompt import plain
    from assistant.turn import Decision, Transcript
    from assistant.worker import WorkerFailed

    started = time.perf_counter()
    transcript = Transcript(text=sayable(text), language=language)
    decision = Decision(skill="none", tier="decline")
    if plain(transcript.text):
        try:
            decision = decider.decide(transcript, now=now)
        except WorkerFailed as error:
            log.warning("a line could not be decided: %s", error)
    return {**decided_json(transcript, decision), "ms": round((time.perf_counter() - started) * 1000, 2)}


def _write(out: TextIO, row: dict[str, Any]) -> None:
    out.write(json.dumps(row, ensure_ascii=False) + "\n")


def _check_folder(output: Path) -> None:
    if not output.absolute().parent.is_dir():
        raise UsageError(f"the folder {output.absolute().parent} does not exist")


def recordings(paths: list[Path]) -> list[tuple[Path, str]]:
    """Every recording in the paths, folders searched through, with the name it is reported by. Raises UsageError."""
    found: list[tuple[Path, str]] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in SOUND and file.is_file())
            found += [(file, str(file)) for file in inside]
        elif path.exists():
            found.append((path, str(path)))
        else:
            raise UsageError(f"{path} does not exist")
    return found


def transcribe(
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Recordings, or folders of them.")],
    output: Annotated[Path, typer.Option(help="Where the texts go.")],
) -> None:
    """Sound to text."""
    from assistant.assemble import open_transcriber

    claim_output()
    files = recordings(paths)
    if not files:
        raise UsageError("there is no recording in what you named")
    _check_folder(output)
    transcriber = open_transcriber(frame(context).settings)
    unread = 0
    with progress("transcribing", len(files)) as done, written_whole(output) as out:
        for number, (file, name) in enumerate(files, 1):
            row = _transcribed(transcriber, file, name)
            unread += "error" in row
            _write(out, row)
            done(number)
    if unread:
        raise SkillError(f'{unread} of {len(files)} files could not be read; their lines in {output} have an "error"')


def _transcribed(transcriber: Transcriber, file: Path, name: str) -> dict[str, Any]:
    """One output line; a file that is no sound costs its own text."""
    from assistant.audio import AudioError, read_audio

    started = time.perf_counter()
    try:
        heard = transcriber.transcribe(read_audio(file))
    except AudioError as error:
        return {"file": name, "text": "", "language": "", "seconds": 0.0, "ms": 0.0, "error": str(error)}
    ms = round((time.perf_counter() - started) * 1000, 2)
    return {"file": name, "text": heard.text, "language": heard.language, "seconds": heard.seconds, "ms": ms}
