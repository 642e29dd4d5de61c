"""Turns of the household's diary that a person labelled, as rows. Their words stay on this device."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from assistant.prompt import plain
from assistant.trace import Trace
from evals.cases import Case, stands_in
from evals.sets.kept import group_key

SOURCE = "diary"
LICENCE = "the household's own words; not to be given away"


def diary_rows(trace: Trace, known: Collection[str]) -> Iterator[tuple[str, Case]]:
    """Each labelled turn, the place it stands at first; the last label of a sentence is the one that counts.

    Args:
        known: the skills that are installed; a turn of another one is left out.
    Raises:
        sqlite3.Error: the diary cannot be read.
    """
    last = {plain(plain(turn.transcript.text)): (turn.id, call) for turn, call in trace.labelled()}
    for text, (turn_id, call) in last.items():
        if not text or call.skill not in known:
            continue
        words = {name: plain(said) if stands_in(plain(said), text) else said for name, said in call.words.items()}
        yield f"diary:{turn_id}", Case(text, call.skill, words, source=SOURCE, group=f"{SOURCE}:{group_key(text)}")
