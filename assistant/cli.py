"""The `hark` command: puts the groups together, and turns every failure into one sentence and an exit code."""

from __future__ import annotations

import sys

try:
    import contextlib
    import functools
    import importlib.metadata
    import json
    import logging
    import os
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import Annotated, TextIO

    import typer

    import assistant
    from assistant.commands.frame import BROKEN_OFF, SAID, WRONG_USE, Frame, UsageError, tell
    from assistant.skill import ConfigError, MissingPiece, SkillError
except KeyboardInterrupt:  # these take most of the time before `main` can catch it
    sys.exit(130)

GROUP = "hark.commands"
# typer carries a click of its own since 0.26 and used the installed one before: this is the class in either.
_ClickError: type[Exception] = next(c for c in typer.BadParameter.__mro__ if c.__name__ == "ClickException")
log = logging.getLogger(__name__)


def build() -> typer.Typer:
    """The command with every group that is installed; one that cannot be loaded costs itself."""
    app = typer.Typer(
        name="hark",
        help="A voice assistant that lives on the board in front of you.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_before)
    for entry in sorted(importlib.metadata.entry_points(group=GROUP), key=lambda entry: entry.name):
        try:
            entry.load()(app)
        except ImportError as error:
            log.debug("the command group %s is left out: %s", entry.name, error)
    return app


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"hark {assistant.__version__}")
        raise typer.Exit


def _before(
    context: typer.Context,
    config: Annotated[Path | None, typer.Option(help="The settings file.", metavar="FILE")] = None,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="A setting for this run.", metavar="SECTION.KEY=VALUE")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more; shows what was heard.")] = False,
    _version: Annotated[
        bool, typer.Option("--version", help="Say which Hark this is.", is_eager=True, callback=_tell_version)
    ] = False,
) -> None:
    logging.getLogger().setLevel(logging.DEBUG if verbose else logging.WARNING)
    context.obj = Frame(config, tuple(changes or ()))


def _open_standard_streams() -> None:
    """Lead closed standard streams nowhere: the next file opened, the diary for one, would be given their descriptor
    and be written into."""
    while (opened := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(opened, True)
    os.close(opened)
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115


@contextlib.contextmanager
def _own_output() -> Iterator[TextIO]:
    """Keep standard output for answers: native libraries and child programs write to descriptor 1, which becomes 2."""
    before, kept, ours = sys.stdout, os.dup(1), os.dup(1)
    os.dup2(2, 1)
    # Line by line, so that a reader in a pipe sees an answer when it is given.
    sys.stdout = open(ours, "w", encoding="utf-8", errors="replace", buffering=1)  # noqa: SIM115, PTH123 - closed below
    answers = sys.stdout
    try:
        yield answers
    finally:
        sys.stdout = before
        with contextlib.suppress(OSError):  # a closed pipe or a full disk; `_run` has said so
            answers.close()
        os.dup2(kept, 1)
        os.close(kept)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line; returns its exit code. No traceback leaves here but with `--verbose`."""
    try:
        _open_standard_streams()
        logging.basicConfig(level=logging.WARNING, format="hark: %(message)s", stream=sys.stderr, force=True)
        given = list(sys.argv[1:] if arguments is None else arguments)
        with _own_output() as answers:
            return _run(given, answers if "--json" in given else None)
    except KeyboardInterrupt:  # before or after what `_run` covers
        return BROKEN_OFF


def _run(arguments: list[str], objects: TextIO | None) -> int:
    """Run the command; `objects` is where a fault goes as an object, when objects were asked for."""
    say = functools.partial(_tell_fault, objects)
    try:
        code = build()(args=arguments, prog_name="hark", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except typer.Exit as leaving:
        return leaving.exit_code
    except (typer.Abort, KeyboardInterrupt):
        return BROKEN_OFF
    except _ClickError as error:
        message: str = error.format_message()  # type: ignore[attr-defined]
        # Without a message the help has been shown already.
        return say(message, WRONG_USE, _where_to_look(error)) if message else WRONG_USE
    except UsageError as error:
        return say(str(error), WRONG_USE)
    except BrokenPipeError:
        return 0  # whoever read the answers has heard enough
    except SystemExit as leaving:  # typer's way out when it meets the closed pipe first
        return 0 if isinstance(leaving.__context__, BrokenPipeError) else _code(leaving)
    except ConfigError as error:
        return say(str(error), WRONG_USE)
    except (MissingPiece, SkillError) as error:
        return say(str(error), SAID)
    except OSError as error:
        log.debug("the system refused", exc_info=error)
        return say(f"{f'{error.filename}: ' if error.filename else ''}{error.strerror or error}", SAID)
    except Exception as error:  # the top of the command: a traceback is no answer
        log.debug("unexpected", exc_info=error)
        return say(f"something unexpected happened ({type(error).__name__}: {error}); `hark -v` shows where", SAID)


def _where_to_look(error: Exception) -> str:
    """The help of the very command that was used wrongly."""
    path = getattr(getattr(error, "ctx", None), "command_path", "hark")
    return f"`{path} --help` shows {'the commands' if path == 'hark' else 'what it takes'}"


def _code(leaving: SystemExit) -> int:
    return leaving.code if isinstance(leaving.code, int) else SAID


def _tell_fault(objects: TextIO | None, sentence: str, code: int, hint: str = "") -> int:
    whole = " ".join(sentence.split()).rstrip(".")
    if hint:
        whole += f" {hint}" if whole.endswith("?") else f"; {hint}"
    whole += "" if whole.endswith("?") else "."
    with contextlib.suppress(OSError, ValueError):
        tell(f"hark: {whole}")
    with contextlib.suppress(OSError, ValueError):
        if objects is not None:
            objects.write(json.dumps({"error": whole}, ensure_ascii=False) + "\n")
    return code
