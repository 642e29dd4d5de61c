"""`hark listen`: the always-on loop."""

from __future__ import annotations

import contextlib
import dataclasses
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from assistant.commands.frame import UsageError, claim_output, frame, tell, write_json
from assistant.commands.turns import turn_json
from assistant.config import Listen, Settings

if TYPE_CHECKING:
    import numpy as np

    from assistant.ears.loop import Event
    from assistant.ears.mouth import Mouth

SOURCE_HELP = "A recording instead of the microphone; a FIFO or - for raw 16-bit samples at 16 kHz."


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(listen)


def listen(
    context: typer.Context,
    source: Annotated[str, typer.Option(help=SOURCE_HELP, metavar="FILE")] = "",
    fast: Annotated[bool, typer.Option("--fast", help="Take the source as fast as it goes.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object for each turn.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", help="Write nothing of what is heard and answered, for a log that others read.")
    ] = False,
) -> None:
    """Listen all the time: wake word, end of speech, answer."""
    from assistant.assemble import Wanted, assemble
    from assistant.ears.loop import How, Loop
    from assistant.ears.senses import Senses
    from assistant.ears.sensing import SensingProcess
    from assistant.ears.wake import check_wake_word

    output = claim_output()
    settings = frame(context).settings
    check_wake_word(settings.listen.wake_word)
    if settings.listen.wake_word == "key" and source == "-":
        raise UsageError("standard input cannot be both the sound and the Enter key; choose another listen.wake_word")
    watched = not as_json and not quiet and sys.stderr.isatty()
    shown = _Shown(output, as_json, watched, quiet)
    frames, mouth = _frames(settings.listen, source, fast), _mouth(settings, source)
    with (
        contextlib.closing(SensingProcess(settings.listen)) as sensing,
        assemble(settings, Wanted(hears=True, speaks=True, apart=True)) as assistant,
    ):
        from assistant.ears.echo import OwnVoice

        signal.signal(signal.SIGTERM, _leave)
        sensing.check()
        wake = sensing if sensing.has_wake_word else None
        senses = Senses(sensing, OwnVoice(), wake, _key() if settings.listen.wake_word == "key" else lambda: False)
        tell(f"listening; {_how_to_begin(settings.listen)}")
        Loop(assistant, senses, mouth, How(fast, watched), shown.tell).run(frames)


def _leave(_signal: int, _frame: Any) -> None:
    raise typer.Exit(0)


def _frames(settings: Listen, source: str, fast: bool) -> Iterator[np.ndarray]:
    """Raises SkillError, MissingPiece."""
    if source:
        from assistant.ears.sources import open_source

        return open_source(source, fast)
    from assistant.sound import Microphone

    return Microphone(settings.microphone).frames()


def _mouth(settings: Settings, source: str) -> Mouth:
    """The loudspeaker, where there is one; a recording is answered in silence, so that it does not matter who hears."""
    from assistant import sound
    from assistant.ears.mouth import Mouth

    device = settings.listen.loudspeaker
    return Mouth(None if source or not sound.has_loudspeaker(device) else sound.Loudspeaker(device))


def _how_to_begin(settings: Listen) -> str:
    if settings.wake_word == "none":
        return "say what you want"
    if settings.wake_word == "key":
        return "press Enter and speak"
    return f'say "{settings.wake_word.replace("_", " ")}" and what you want'


def _key() -> Callable[[], bool]:
    """Whether Enter was pressed since this was last asked; never, where standard input is closed."""
    pressed = threading.Event()

    def wait_for_lines() -> None:
        for _ in sys.stdin.buffer:  # whatever bytes come before Enter
            pressed.set()

    if sys.stdin is not None:
        threading.Thread(target=wait_for_lines, name="key", daemon=True).start()

    def was_pressed() -> bool:
        found = pressed.is_set()
        pressed.clear()
        return found

    return was_pressed


@dataclasses.dataclass
class _Shown:
    """What the loop tells, for people or as JSON."""

    output: TextIO
    as_json: bool
    watched: bool
    quiet: bool = False

    def tell(self, event: Event) -> None:
        """Write one event."""
        if self.watched:
            self._watch(event)
        if self.quiet and event.kind != "trouble":
            return
        if event.kind == "turn" and event.response is not None:
            turn = event.response.turn
            if self.as_json:
                write_json(self.output, turn_json(turn, []))
                return
            tell(f"heard: {turn.transcript.text}")
            if event.response.audio is not None or turn.reply.ok:
                self._write(event.text)
        elif event.kind == "announced":
            if self.as_json:
                write_json(self.output, {"announcement": event.text})
            else:
                self._write(event.text)
        elif event.kind == "trouble":
            tell(event.text)

    def _write(self, sentence: str) -> None:
        self.output.write(f"{sentence}\n")
        self.output.flush()

    def _watch(self, event: Event) -> None:
        """The line at the bottom of a terminal: what was heard so far, or what we are doing."""
        doing = {"awake": "(listening)", "asleep": "(waiting)", "held": "(interrupted)", "partial": f"... {event.text}"}
        sys.stderr.write(f"\r\033[K{doing.get(event.kind, '')}")
        sys.stderr.flush()
