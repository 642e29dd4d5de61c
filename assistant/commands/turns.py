"""`hark ask` and `hark hear`: one turn, from text or from a recording."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from assistant.commands.frame import SAID, claim_output, frame, tell, write_json
from assistant.skill import SkillError

if TYPE_CHECKING:
    from assistant.audio import Audio
    from assistant.core import Announced
    from assistant.turn import Decision, Transcript, Turn

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Yes = Annotated[bool, typer.Option("--yes", help="Answer every 'Shall I?' with yes.")]
NoAct = Annotated[bool, typer.Option("--no-act", help="Only say which call was meant.")]
SpeakTo = Annotated[Path | None, typer.Option(help="Write the spoken answer to this WAV file.", metavar="OUT.wav")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(ask)
    app.command()(hear)


@dataclasses.dataclass(frozen=True)
class _How:
    json: bool
    yes: bool
    act: bool
    speak_to: Path | None = None


def ask(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="What you would say.")],
    json: Json = False,
    yes: Yes = False,
    no_act: NoAct = False,
) -> None:
    """One turn from text."""
    from assistant.assemble import Wanted, assemble
    from assistant.turn import Transcript

    output, how = claim_output(), _How(json, yes, not no_act)
    settings = frame(context).settings
    transcript = Transcript(text=sayable(text), language=settings.household.language)
    with assemble(settings, Wanted()) as assistant:
        if not how.act:
            _show_decision(output, transcript, assistant.decide(transcript), how)
            return
        announced = assistant.announce()
        turn = assistant.respond(transcript, confirmed=yes).turn
        _show_turn(output, turn, announced, how)
    raise typer.Exit(0 if turn.reply.ok else SAID)


def hear(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="A recording: WAV, FLAC, MP3 ...", exists=True, dir_okay=False)],
    json: Json = False,
    yes: Yes = False,
    no_act: NoAct = False,
    speak_to: SpeakTo = None,
) -> None:
    """One turn from a recording."""
    from assistant.assemble import Wanted, assemble

    output, how = claim_output(), _How(json, yes, not no_act, speak_to)
    settings = frame(context).settings
    audio = read_recording(file)
    with assemble(settings, Wanted(hears=True, speaks=speak_to is not None, plays=how.act)) as assistant:
        if not how.act:
            transcript, _ = assistant.transcribe(audio)
            _show_decision(output, transcript, assistant.decide(transcript), how)
            return
        announced = assistant.announce()
        response = assistant.hear(audio, confirmed=yes)
        if speak_to is not None:
            write_answer(speak_to, response.audio)
        _show_turn(output, response.turn, announced, how)
    raise typer.Exit(0 if response.turn.reply.ok else SAID)


def sayable(text: str) -> str:
    """The text without lone surrogates (bytes that were no UTF-8), which can be neither spoken nor written down."""
    return text.encode("utf-8", "replace").decode()


def read_recording(file: Path) -> Audio:
    """The sound of a file. Raises SkillError when it is none."""
    from assistant.audio import AudioError, read_audio

    try:
        return read_audio(file)
    except AudioError as error:
        raise SkillError(str(error)) from None


def write_answer(path: Path, audio: Audio | None) -> None:
    """Write the spoken answer; a file that cannot be written costs itself."""
    from assistant.audio import write_wav

    if audio is None:
        tell(f"hark: {path} was not written, because there was nothing to say.")
        return
    try:
        write_wav(path, audio)
    except OSError as error:  # the thing has been done by now, and its answer is still shown
        tell(f"hark: {path} was not written: {error.strerror or error}.")


def decided_json(transcript: Transcript, decision: Decision) -> dict[str, Any]:
    """A transcript and its call, in the fields that all commands share."""
    return {
        "text": transcript.text,
        "skill": decision.skill,
        "args": decision.args,
        "words": decision.words,
        "confidence": round(decision.confidence, 4),
        "tier": decision.tier,
    }


def turn_json(turn: Turn, announced: list[Announced]) -> dict[str, Any]:
    """A whole turn as `--json` prints it."""
    return {
        **decided_json(turn.transcript, turn.decision),
        "answer": turn.reply.text,
        "ok": turn.reply.ok,
        "question": turn.reply.question,
        "ms": turn.ms,
        "language": turn.transcript.language,
        "seconds": turn.transcript.seconds,
        "id": turn.id,
        "announcements": [each.announcement.text for each in announced],
    }


def _show_decision(output: TextIO, transcript: Transcript, decision: Decision, how: _How) -> None:
    if how.json:
        fields = {**decided_json(transcript, decision), "question": decision.question, "ms": decision.ms}
        write_json(output, {**fields, "language": transcript.language, "seconds": transcript.seconds})
        return
    if transcript.seconds:
        output.write(f"heard: {transcript.text or 'nothing'}\n")
    output.write(f"{decision.call} ({decision.confidence:.0%}, {decision.tier})\n")
    if decision.question:
        output.write(f"would ask: {decision.question}\n")
    output.flush()


def _show_turn(output: TextIO, turn: Turn, announced: list[Announced], how: _How) -> None:
    if how.json:
        write_json(output, turn_json(turn, announced))
        return
    for each in announced:
        output.write(f"{each.announcement.text}\n")
    if turn.transcript.seconds:
        tell(f"heard: {turn.transcript.text or 'nothing'}")
    output.write(f"{turn.reply.text}\n")
    output.flush()
