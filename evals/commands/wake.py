"""`hark eval wake`: how often the wake word is missed, and how often anything else wakes."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from assistant.commands.frame import UsageError, claim_output, frame, progress, tell, write_json, written_whole
from assistant.config import Settings
from assistant.files import refuse_folder

if TYPE_CHECKING:
    from evals.wake import Passed, Word
    from evals.wake_sounds import Stretch, Surroundings

FOLDER, EVIDENCE, RESULT = "wake", "evidence.jsonl", "wake.json"


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command()(wake)


def wake(
    context: typer.Context,
    word: Annotated[
        list[str] | None, typer.Option(help="A word or a model's file; else all that come with it.")
    ] = None,
    clips: Annotated[
        Path | None, typer.Option(help="Recordings of wake words, a folder for each word.", metavar="FOLDER")
    ] = None,
    talk: Annotated[
        list[Path] | None, typer.Option(help="Recordings in which none of the words is said.", metavar="FOLDER")
    ] = None,
    noise: Annotated[list[Path] | None, typer.Option(help="Recordings of noise.", metavar="FOLDER")] = None,
    set: Annotated[list[str] | None, typer.Option(help="A public set whose sentences synthetic voices say.")] = None,
    data: Annotated[Path | None, typer.Option(help="The folder of the public sets.", metavar="FOLDER")] = None,
    hours: Annotated[float, typer.Option(help="Of synthetic talk.", min=0.0, max=200.0)] = 1.0,
    to: Annotated[Path | None, typer.Option(help="Where evidence, table and curves go.", metavar="FOLDER")] = None,
    again: Annotated[
        Path | None, typer.Option(help="Count this folder's evidence again; nothing is played.", metavar="FOLDER")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object.")] = False,
) -> None:
    """Measure wake words: misses, false wakes per hour, and the sensitivity that half of the sound chooses."""
    output = claim_output()
    from assistant.ears.wake import CARRIED
    from evals import wake as wakes

    settings = frame(context).settings
    if again is not None:
        _report(output, wakes.read_evidence(again / EVIDENCE), again, as_json)
        return
    folder = to or settings.paths.data / FOLDER
    refuse_folder(folder)
    material = _Material(clips, tuple(talk or ()), tuple(noise or ()), tuple(set or ()), data)
    found = _measured(_surroundings(settings, tuple(word or CARRIED), material, hours))
    folder.mkdir(parents=True, exist_ok=True)
    with written_whole(folder / EVIDENCE) as evidence:
        wakes.write_evidence(found, evidence)
    _report(output, found, folder, as_json)


@dataclass(frozen=True)
class _Material:
    """The folders and sets that were named."""

    clips: Path | None
    talk: tuple[Path, ...]
    noise: tuple[Path, ...]
    sets: tuple[str, ...]
    data: Path | None


def _surroundings(settings: Settings, words: tuple[str, ...], material: _Material, hours: float) -> Surroundings:
    from evals.wake_sounds import Surroundings, room_of
    from evals.wake_voices import voices

    for named in (*material.talk, *material.noise, *([material.clips] if material.clips else [])):
        if not named.is_dir():
            raise UsageError(f"the folder {named} does not exist")
    return Surroundings(
        words=words,
        clips=material.clips,
        talk=material.talk,
        noise=material.noise,
        sentences=_sentences(settings, material.sets, material.data) if hours else (),
        voices=voices(),
        hours=hours,
        room=room_of(material.noise),
    )


def _sentences(settings: Settings, sets: Sequence[str], data: Path | None) -> tuple[str, ...]:
    """What people say, each sentence once, in an order of chance that is always the same."""
    from evals.adapters import ADAPTERS, open_adapter

    unknown = [name for name in sets if name not in ADAPTERS]
    if unknown:
        raise UsageError(f"there is no public set {unknown[0]}; choose from {', '.join(ADAPTERS)}")
    texts = {case.text for name in sets for case in open_adapter(name, data).cases if case.text}
    if not sets:
        from assistant.assemble import open_skills
        from assistant.benchmark import sentences

        texts = {*sentences(open_skills(settings), 2000)}
    found = sorted(texts)
    random.Random(1).shuffle(found)
    return tuple(found)


def _measured(around: Surroundings) -> list[Word]:
    from evals import wake as wakes
    from evals.wake_sounds import sayings, stretches

    said = {}
    with progress("saying the words", len(around.words)) as done:
        for number, name in enumerate(around.words):
            said[name] = wakes.listen(name, sayings(name, around.clips, around.voices, around.room))
            done(number + 1)
    passed: dict[str, list[Passed]] = {name: [] for name in around.words}
    with progress("everything else, in seconds", int(around.hours * 3600) or None) as done:
        try:
            for name, one in wakes.overhear(around.words, _counted(stretches(around), done)):
                passed[name].append(one)
        except KeyboardInterrupt:
            tell("hark: stopped; what was heard so far is counted.")
    return [wakes.Word(name, wakes.opened(name).own, said[name], tuple(passed[name])) for name in around.words]


def _counted(stretches: Iterator[Stretch], done: Any) -> Iterator[Stretch]:
    from assistant.audio import RATE_HZ

    seconds = 0.0
    for stretch in stretches:
        yield stretch
        seconds += len(stretch.samples) / RATE_HZ
        done(int(seconds))


def _report(output: TextIO, words: Sequence[Word], folder: Path, as_json: bool) -> None:
    from evals.report import receiver

    found = receiver.figures(words)
    with written_whole(folder / RESULT) as out:
        json.dump(found, out, indent=1)
        out.write("\n")
    with written_whole(folder / "wake.md") as out:
        for word in words:
            out.write(f"{receiver.verdict(word)}\n\n")
            for row in (receiver.head(word), ["---"] * len(receiver.head(word)), *receiver.rows(word)):
                out.write(f"| {' | '.join(row)} |\n")
            out.write("\n")
    for word in words:
        with written_whole(folder / f"{Path(word.name).stem}.svg") as out:
            out.write(receiver.curve(word).alone())
    if as_json:
        write_json(output, {**found, "folder": str(folder)})
        return
    for word in words:
        _show(output, word)
    output.write(f"evidence, table and curves: {folder}\n")


def _show(output: TextIO, word: Word) -> None:
    from rich.table import Table

    from evals.report import receiver
    from evals.scoring_table import console_on

    table = Table(title=f"{word.name}, the held-out half; 95 % intervals", title_justify="left")
    for name in receiver.head(word):
        table.add_column(name, justify="right")
    for row in receiver.rows(word):
        table.add_row(*row)
    console_on(output).print(table)
    output.write(f"{receiver.verdict(word)}\n\n")
